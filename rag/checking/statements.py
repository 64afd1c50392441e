"""The statements of a text: its sentences without marks of Markdown, pronouns at their beginning replaced."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from index.article import Span, single_spaced
from index.sentences import sentences
from rag.english.question_words import AUXILIARIES
from rag.english.verbs import is_finite

_PARAGRAPH = re.compile(r"\n[^\S\n]*\n|\n(?=[^\S\n]*(?:[-*+•#>|]|\d{1,3}[.)])\s)")
_MARK = re.compile(r"^\s*(?:[-*+•>]|#{1,6}|\d{1,3}[.)])\s+")
_MARKUP = re.compile(r"\*\*|__|`|(?<!\s)\s*+\[\d{1,3}(?:, ?\d{1,3})*\](?:\([^()\s]*\))?")
_WORD = re.compile(r"[^\W\d_]")
_LONGEST = 1_000
"""Code points of a sentence that are compared."""

MOST_STATEMENTS = 60
"""Sentences of a text that is checked at once: each is read several times."""

_LONGEST_SUBJECT = 5
"""Words of a subject that stands for a pronoun after it."""

_PRONOUN = re.compile(
    r"(?:(?P<who>He|She|They)|It(?!\s+(?:is|was|will be|has been|seems)\b)|(?P<whose>His|Her|Their|Its))\b(?=\s+[a-z])"
)


@dataclass(frozen=True, slots=True)
class Statement:
    """A sentence at ``start:end`` of a text. ``meant`` is what it says when it stands alone."""

    text: str
    start: int
    end: int
    meant: str


def statements(text: str) -> list[Statement]:
    """The sentences of ``text`` in order, in code points; lines without a letter are none."""
    found: list[Statement] = []
    subject = ""
    for start, end in _sentences(text):
        said = _plain(text[start:end])
        pronoun = _PRONOUN.match(said)
        if pronoun and subject:
            said = f"{subject}{'’s' if pronoun['whose'] else ''}{said[pronoun.end() :]}"
        else:
            subject = _subject(said) or subject
        found.append(Statement(text[start:end], start, end, said))
    return found


def _subject(said: str) -> str:
    """The words before the verb of a sentence, where they are few."""
    words = said.split()
    if not words or not words[0][:1].isupper() or _PRONOUN.match(said) or words[0] == "It":
        return ""
    for number, word in enumerate(words[: _LONGEST_SUBJECT + 1]):
        if word.lower() in AUXILIARIES or (word.islower() and is_finite(word)):
            return " ".join(words[:number])
    return ""


def _sentences(text: str) -> Iterator[Span]:
    at = 0
    for cut in [*_PARAGRAPH.finditer(text), None]:
        low, high = at, cut.start() if cut else len(text)
        if mark := _MARK.match(text[low:high]):
            low += mark.end()
        for start, end in sentences(text[low:high]):
            if _WORD.search(text, low + start, low + end):
                yield low + start, low + end
        at = cut.end() if cut else high


def _plain(said: str) -> str:
    return single_spaced(_MARKUP.sub("", said[:_LONGEST]))
