"""Plain text: news articles as they are pasted or exported, wrapped or not.

The text of the article has the code points of the decoded file, except that line breaks inside a paragraph are spaces
and what can't be stored is U+FFFD: every offset is valid in the file, too. So the text is not normalised to NFC.
"""

from collections.abc import Iterator

from index.article import Article, article_id, storable
from index.parsing.byline import is_lone_credit, read_header
from index.parsing.dates import day_in_name
from index.parsing.decoding import damage, decode
from index.parsing.metadata import web_address
from index.parsing.text_layout import Stanza, body_blocks, stanzas, unwrap
from index.parsing.titles import fallback_title
from index.parsing.types import LoadError, Origin

SUFFIXES = (".txt",)
MEDIA_TYPES = ("text/plain",)


def load(data: bytes, origin: Origin) -> Iterator[Article | LoadError]:
    """Read one article, with the metadata that its first lines give.

    :raises LoadError: if the bytes are not text.
    """
    decoded = decode(data, origin.charset)
    source = storable(decoded)
    header = read_header(stanzas(source))
    blocks = tuple(body_blocks([stanza for stanza in header.body if not _is_credit_line(stanza)]))
    text = unwrap(source, blocks)
    labels = header.labels
    yield Article(
        id=article_id(origin.key),
        title=header.title or fallback_title(origin, text[blocks[0].start :] if blocks else text),
        text=text,
        blocks=blocks,
        url=origin.url or web_address(labels.get("url") or labels.get("link")),
        source=header.source,
        authors=header.authors,
        published=header.published or day_in_name(origin.path or origin.key),
        language=labels.get("language"),
        media_type=MEDIA_TYPES[0],
        path=origin.path,
        tags=tuple(tag.strip() for tag in labels.get("tags", labels.get("keywords", "")).split(",") if tag.strip()),
    )
    yield from damage(data, decoded)


def _is_credit_line(stanza: Stanza) -> bool:
    return len(stanza) == 1 and is_lone_credit(stanza[0].text)
