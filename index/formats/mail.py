"""E-mail: messages and mailboxes, with what is attached."""

import re
from collections.abc import Iterator
from dataclasses import replace
from email.message import EmailMessage
from email.utils import getaddresses, parsedate_to_datetime

from index.article import article_id
from index.formats.registry import find_format
from index.parsing.markup import parse_html, parts
from index.parsing.metadata import Metadata
from index.parsing.mime import parse_message
from index.parsing.parts import Part, document_article, one_line
from index.parsing.text_layout import body_blocks, stanzas
from index.parsing.types import Loaded, LoadError, Note, Origin

SUFFIXES = (".eml", ".mbox")
MEDIA_TYPES = ("message/rfc822", "application/mbox")

_FROM_LINE = re.compile(rb"^From [^\r\n]*\r?\n", re.MULTILINE)
_QUOTED = re.compile(r"(?:> ?)*")
_WITHIN = "!/"
_DEEPEST = 3
"""Messages in messages that are read."""
_MOST_MESSAGES = 50_000
_MOST_ATTACHMENTS = 200


def load(data: bytes, origin: Origin) -> Iterator[Loaded]:
    """Read an article for each message, and those of what is attached to it; a subject is a title.

    :raises LoadError: if there is no message in it.
    """
    if data.startswith(b"From "):
        starts = [match.end() for match in _FROM_LINE.finditer(data)][:_MOST_MESSAGES]
        ends = [match.start() for match in _FROM_LINE.finditer(data)][1 : _MOST_MESSAGES + 1]
        for number, start in enumerate(starts):
            end = ends[number] if number < len(ends) else len(data)
            message = parse_message(data[start:end])
            key = message.get("message-id", "").strip(" <>") or str(number + 1)
            inner = replace(origin, key=f"{origin.key}{_WITHIN}{one_line(key)}")
            for found in read_message(message, inner):
                plain = isinstance(found, LoadError) and not isinstance(found, Note)
                yield LoadError(f"message {number + 1}: {found}") if plain else found
        return
    message = parse_message(data)
    if not message.keys():
        raise LoadError("the file is no e-mail: give it the ending of what it is")
    yield from read_message(message, origin)


def read_message(message: EmailMessage, origin: Origin) -> Iterator[Loaded]:
    """Read the article of a message, and those of what is attached to it.

    :raises LoadError: if it is damaged.
    """
    try:
        title = one_line(str(message.get("subject", ""))) or None
        metadata = _metadata(message)
        body = list(_body(message))
        attached = list(message.iter_attachments())[:_MOST_ATTACHMENTS]
    except Exception as error:  # messages are hostile: whatever breaks must not stop the other ones
        raise LoadError(f"the message is damaged ({type(error).__name__}): save it anew") from error
    article = document_article(body, title, metadata, origin, MEDIA_TYPES[0])
    if article:
        yield replace(article, id=article_id(origin.key))
    elif not attached:
        yield LoadError("the message has no text")
    for number, part in enumerate(attached, start=1):
        yield from _attachment(part, number, origin)


def _metadata(message: EmailMessage) -> Metadata:
    names = [name or address for name, address in getaddresses([str(message.get("from", ""))])]
    try:
        published = parsedate_to_datetime(str(message.get("date", ""))).date()
    except (ValueError, TypeError, IndexError, OverflowError):
        published = None
    return Metadata(authors=tuple(filter(None, map(one_line, names)))[:1], published=published)


def _body(message: EmailMessage) -> Iterator[Part]:
    part = message.get_body(("plain", "html"))
    if part is None:
        return
    text = part.get_content()
    if part.get_content_subtype() == "html":
        tree = parse_html(text)
        yield from parts(tree) if tree is not None else ()
        return
    text = _unquoted(text)
    for block in body_blocks(stanzas(text)):
        if words := one_line(text[block.start : block.end]):
            yield Part(words, "heading" if block.kind == "heading" else "paragraph")


def _unquoted(text: str) -> str:
    """The text without the marks of quotation; where one begins or ends, and a signature begins, a paragraph ends."""
    lines: list[str] = []
    level = 0
    for line in text.splitlines():
        mark = _QUOTED.match(line)
        words = line[mark.end() :] if mark else line
        depth = line.count(">", 0, len(line) - len(words))
        if depth != level or words.rstrip() == "--":
            lines.append("")
        lines += [words] if words.rstrip() != "--" else []
        level = depth
    return "\n".join(lines)


def _attachment(part: EmailMessage, number: int, origin: Origin) -> Iterator[Loaded]:
    name = one_line(part.get_filename()) or f"attachment {number}"
    inner = Origin(f"{origin.key}{_WITHIN}{name}", origin.path and f"{origin.path}{_WITHIN}{name}")
    if inner.key.count(_WITHIN) > _DEEPEST:
        yield Note(f"{name} is left out: it lies too deep")
        return
    kind = part.get_content_type()
    try:
        if kind == "message/rfc822":
            yield from read_message(part.get_content(), inner)
            return
        form = find_format(inner, kind)
        data = part.get_payload(decode=True)
        yield from form.load(data if isinstance(data, bytes) else b"", inner)
    except LoadError as error:
        yield Note(f"{name} is left out: {error}")
