"""Text that is given as one string and may be plain or HTML: in fields of records, in feeds, in metadata."""

import html
import re
from collections.abc import Iterator

from index.parsing.markup import parse_html, parts
from index.parsing.parts import Part, one_line

_TAGS = (
    "p|br|div|span|b|i|u|em|strong|a|ul|ol|li|h[1-6]|blockquote|img|figure|figcaption|table|tr|td|th|tbody|thead|sup|sub|"
    "pre|code|hr|section|article|small|center|font|iframe|dl|dt|dd|q|s|del|ins|mark|cite|abbr"
)
_TAG = re.compile(rf"<(?:/(?:{_TAGS})\s*|(?:{_TAGS})(?:\s[^<>]*|\s*/)?)>", re.IGNORECASE)
_ENTITY = re.compile(
    r"&(?:nbsp|amp|quot|apos|lt|gt|[lr][sd]quo|[mn]dash|hellip|#\d{2,6}|#x[0-9a-f]{2,5});", re.IGNORECASE
)
_BLANK_LINE = re.compile(r"(?:\r\n|\r|\n)[^\S\r\n]*(?:\r\n|\r|\n)\s*|(?:\r\n|\r|\n)")


def is_markup(text: str) -> bool:
    """Tell HTML from plain text in which an angle bracket may stand: it begins and ends elements that HTML has."""
    tags = [match[0] for match in _TAG.finditer(text)]
    return bool(tags) and (
        any(tag.startswith("</") or tag.lower().startswith(("<br", "<img", "<hr", "<p")) for tag in tags)
    )


def unescaped(text: str) -> str:
    """Text that was escaped twice, escaped once: ``&lt;p&gt;`` is a paragraph where no other markup is."""
    if is_markup(text) or "&lt;" not in text:
        return text
    once = html.unescape(text)
    return once if is_markup(once) else text


def plain(text: str) -> str:
    """Text in which entities of HTML stand although there are no tags, without them."""
    return html.unescape(text) if _ENTITY.search(text) else text


def prose_parts(text: str) -> Iterator[Part]:
    """The parts of a text that is HTML, or plain with a line break after each paragraph."""
    text = unescaped(text)
    if is_markup(text):
        root = parse_html(text)
        yield from parts(root) if root is not None else ()
        return
    for line in _BLANK_LINE.split(plain(text)):
        if words := one_line(line):
            yield Part(words)
