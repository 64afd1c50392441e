"""Where the files of the pages are."""

from pathlib import Path

FOLDER = Path(__file__).parent
