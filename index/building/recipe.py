"""What tells whether the articles of a file, read again, could come out differently: the code and its libraries."""

import hashlib
import re
import sys
import unicodedata
from functools import cache
from importlib import metadata
from pathlib import Path

_DISTRIBUTION = "pullquote"


@cache
def recipe() -> str:
    """A hash of the source code of this package, the versions of the project's libraries, and that of Unicode.

    Code that did not change the outcome changes the hash too: reading again is cheap, and vectors are kept by text.
    """
    digest = hashlib.sha256(f"{sys.version_info[:2]} {unicodedata.unidata_version}".encode())
    folder = Path(__file__).parent.parent
    for path in sorted(folder.rglob("*.py")):
        digest.update(f"\0{path.relative_to(folder).as_posix()}\0".encode() + path.read_bytes())
    for name in sorted(_libraries()):
        digest.update(f"\0{name} {_version(name)}".encode())
    return digest.hexdigest()


def _libraries() -> set[str]:
    try:
        required = metadata.requires(_DISTRIBUTION) or []
    except metadata.PackageNotFoundError:
        return set()
    return {match.group().lower() for line in required if (match := re.match(r"[A-Za-z0-9._-]+", line))}


def _version(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return "missing"
