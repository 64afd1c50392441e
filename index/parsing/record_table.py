"""Records without a text: a table of figures and names is an article, texts under unknown names are none."""

import re
from collections.abc import Sequence
from itertools import zip_longest

from index.article import Article
from index.parsing.metadata import Metadata
from index.parsing.parts import document_article
from index.parsing.record import columns_found
from index.parsing.tables import Row, has_no_figures, table_parts
from index.parsing.titles import fallback_title
from index.parsing.types import LoadError, Origin

_LONGEST_CELL = 200
"""Code points of a value in a table of figures and names; longer ones are texts."""
_SENTENCE_END = re.compile(r"[^\W\d_]{3}[.!?…][\"'”’»)]?\Z")


def table_article(header: Sequence[str], rows: Sequence[Sequence[str]], origin: Origin, media_type: str) -> Article:
    """The article that a table without a column of text is.

    :raises LoadError: if it has texts, or nothing.
    """
    if _has_prose(rows):
        reason = f'no column is called "text", "body" or "content" {columns_found(header)}'
        raise LoadError(reason, "no_text_column")
    table = [Row(header, has_no_figures(header) or None), *map(Row, rows)]
    article = document_article(list(table_parts(table)), fallback_title(origin, ""), Metadata(), origin, media_type)
    if article is None:
        raise LoadError("the table is empty")
    return article


def _has_prose(rows: Sequence[Sequence[str]]) -> bool:
    """Tell texts of articles from a table of names and figures: one is long, or most of a column are sentences."""
    for column in zip_longest(*rows, fillvalue=""):
        values = [value.strip() for value in column if value.strip()]
        sentences = sum(_SENTENCE_END.search(value) is not None for value in values)
        if 2 * sentences > len(values) or max(map(len, values), default=0) > _LONGEST_CELL:
            return True
    return False
