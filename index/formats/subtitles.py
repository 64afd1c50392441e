"""Subtitles: SubRip and WebVTT, whose lines become running text."""

import html
import re
from collections.abc import Iterator

from index.article import Article
from index.parsing.decoding import damage, decode
from index.parsing.metadata import Metadata
from index.parsing.parts import Part, document_article, one_line
from index.parsing.titles import fallback_title
from index.parsing.types import LoadError, Origin

SUFFIXES = (".srt", ".vtt")
MEDIA_TYPES = ("application/x-subrip", "text/vtt")

_TIMES = re.compile(r"(?:(\d{1,3}):)?(\d{1,2}):(\d{2})[,.]\d{1,3}[ \t]*-->")
_BLANK = re.compile(r"\n[^\S\n]*\n")
_TAG = re.compile(r"<[^<>\n]{0,200}>|\{\\[^{}\n]{0,80}\}")
_SPEAKER = re.compile(r"<v(?:\.[\w.]*)?[ \t]+([^<>\n]{1,80})>")
_DASHES = ("-", "–", "—")
_TURN = re.compile(r"\n(?=[-–—])")
_ANOTHER = "-"
"""Somebody else than before, who is not named: a dash says so."""
_PARAGRAPH = 600
"""Code points after which a paragraph ends with its sentence."""


def load(data: bytes, origin: Origin) -> Iterator[Article | LoadError]:
    """Read one article: what is said, in paragraphs of some sentences; a new speaker begins a new one.

    :raises LoadError: if the bytes are not text or there is nothing in them that is said.
    """
    text = decode(data, origin.charset)
    parts = [Part(paragraph) for paragraph in _paragraphs(_cues(text.replace("\r\n", "\n").replace("\r", "\n")))]
    title = fallback_title(origin, "")
    article = document_article(parts, title, Metadata(), origin, MEDIA_TYPES[0])
    if article is None:
        raise LoadError("the file has no subtitles: give it the ending of what it is")
    yield article
    yield from damage(data, text)


def _cues(text: str) -> Iterator[tuple[str, str]]:
    """Who says a line, if it is told, and what."""
    before = ""
    for block in _BLANK.split(text):
        lines = block.strip("\n").split("\n")
        at = next((at for at, line in enumerate(lines[:2]) if _TIMES.search(line)), None)
        if at is None:
            continue
        said = "\n".join(lines[at + 1 :])
        speaker = _SPEAKER.search(said)
        words = html.unescape(_TAG.sub("", said))
        if one_line(words) and words != before:  # captions that roll repeat the line before
            for turn in _TURN.split(words):
                name = speaker[1].strip() if speaker else _ANOTHER if turn.lstrip().startswith(_DASHES) else ""
                yield name, one_line(turn.lstrip("-–— \n") if name is _ANOTHER else turn)
        before = words


def _paragraphs(cues: Iterator[tuple[str, str]]) -> Iterator[str]:
    words: list[str] = []
    length, last = 0, ""
    for speaker, said in cues:
        is_new = speaker and speaker != last
        is_full = length > _PARAGRAPH and words and words[-1].endswith((".", "!", "?", "…"))
        if words and (is_new or is_full):
            yield " ".join(words)
            words, length = [], 0
        if is_new and speaker != _ANOTHER:
            said = f"{speaker}: {said}"
        last = "" if speaker == _ANOTHER else speaker or last
        words.append(said)
        length += len(said)
    if words:
        yield " ".join(words)
