"""Documents, spreadsheets and presentations of LibreOffice and others: OpenDocument."""

from collections.abc import Iterator

from index.article import Article
from index.parsing.open_document import read_open_document
from index.parsing.types import LoadError, Origin

SUFFIXES = (".odt", ".ods", ".odp", ".ott", ".ots", ".otp")
MEDIA_TYPES = (
    "application/vnd.oasis.opendocument.text",
    "application/vnd.oasis.opendocument.spreadsheet",
    "application/vnd.oasis.opendocument.presentation",
)
_TYPES = dict(zip((".odt", ".ods", ".odp", ".ott", ".ots", ".otp"), MEDIA_TYPES * 2, strict=True))


def load(data: bytes, origin: Origin) -> Iterator[Article | LoadError]:
    """Read one article: notes stand after their paragraphs, a sheet is a table, notes of speakers are left out.

    :raises LoadError: if the file is no OpenDocument, is damaged or encrypted, unpacks to too much, or has no text.
    """
    ending = "." + (origin.path or origin.key).lower().removesuffix(".gz").rpartition(".")[2]
    yield read_open_document(data, origin, "OpenDocument file", _TYPES.get(ending, MEDIA_TYPES[0]))
