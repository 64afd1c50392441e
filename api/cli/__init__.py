"""The command ``pullquote``, its commands by what they are for. Each imports what it needs when it is called."""

try:
    import index  # noqa: F401
except ImportError as error:  # the system lacks what the index needs
    raise SystemExit(f"pullquote: {error}") from None
