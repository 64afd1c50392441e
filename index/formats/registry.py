"""From the bytes of a document to articles: one module a format.

Every other module of this package is a format: it has ``SUFFIXES`` (lower case, with the dot), ``MEDIA_TYPES`` (the
first is the one its articles get) and ``load(data, origin)``, which yields articles, a :class:`LoadError` for each part
of the document that can't be read, and a :class:`Link` for each document elsewhere that it lists. Adding a format is
adding such a module: nothing else names it.
"""

import importlib
import pkgutil
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path, PurePosixPath
from typing import Protocol, cast
from urllib.parse import urlsplit

from index.parsing.types import Loaded, LoadError, Origin

_VAGUE_TYPES = {
    "",
    "application/octet-stream",
    "application/vnd.ms-excel",
    "application/x-gzip",
    "application/gzip",
    "application/xml",
    "application/zip",
    "binary/octet-stream",
    "text/plain",
    "text/xml",
}
"""Media types that servers and browsers give to many formats: the ending of the name tells more."""


_PAGE = re.compile(
    rb"(?:\xef\xbb\xbf)?\s*(?:<!--.{0,300}?-->\s*)?<(?:!doctype\s+html|html)[\s>]", re.IGNORECASE | re.DOTALL
)
"""How web pages begin: a comment may tell where they were saved from."""


class Format(Protocol):
    """What a module must have to be a format."""

    SUFFIXES: tuple[str, ...]
    MEDIA_TYPES: tuple[str, ...]

    def load(self, data: bytes, origin: Origin) -> Iterator[Loaded]:
        """Read the articles of a document."""
        ...


@cache
def _formats() -> tuple[Format, ...]:
    package = __name__.rpartition(".")[0]
    names = sorted(module.name for module in pkgutil.iter_modules([str(Path(__file__).parent)], f"{package}."))
    return tuple(cast(Format, importlib.import_module(name)) for name in names if name != __name__)


@cache
def suffixes() -> frozenset[str]:
    """The file name endings that can be read, lower case and with the dot."""
    return frozenset(suffix for form in _formats() for suffix in form.SUFFIXES)


def load(data: bytes, origin: Origin, media_type: str | None = None) -> list[Loaded]:
    """Read the articles of a document, with a :class:`LoadError` in the place of each part that can't be read.

    :raises LoadError: if the format is not supported or nothing of the document can be read.
    """
    return list(find_format(origin, media_type).load(data, origin))


def ending(name: str) -> str:
    """The ending of a file name that tells the format: lower case, with the dot, without ``.gz`` and without the query
    of the address that the file was saved from.
    """
    name = name.lower()
    path, mark, _ = name.partition("?")
    if mark and (suffix := PurePosixPath(path).suffix) in suffixes():
        return suffix
    return PurePosixPath(name.removesuffix(".gz")).suffix


def looks_like_page(head: bytes) -> bool:
    """Whether bytes begin as a web page does, whatever its file is called."""
    return _PAGE.match(head) is not None


def find_format(origin: Origin, media_type: str | None = None) -> Format:
    """Tell the format of a document without its bytes.

    What counts is ``media_type`` (parameters such as ``; charset=`` are ignored), unless it is given to many formats,
    as ``text/plain`` is; then the ending of ``origin.path``, ``origin.key`` or the path of ``origin.url``, without
    ``.gz``.

    :raises LoadError: if the format is not supported.
    """
    plain_type = (media_type or "").partition(";")[0].strip().lower()
    names = [name for name in (origin.path, origin.key, origin.url and urlsplit(origin.url).path) if name]
    endings = [ending(name) for name in names]
    if plain_type in _VAGUE_TYPES:
        for suffix in endings:
            for form in _formats():
                if suffix in form.SUFFIXES:
                    return form
    for form in _formats():
        if plain_type in form.MEDIA_TYPES:
            return form
    what = (plain_type not in _VAGUE_TYPES and plain_type) or next(filter(None, endings), plain_type) or "no suffix"
    raise LoadError(
        f"this kind of file ({what}) is not supported: convert it to one of {', '.join(sorted(suffixes()))}"
    )
