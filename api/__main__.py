"""``python -m api`` is the command ``pullquote``."""

from api.cli import main

if __name__ == "__main__":
    main()
