"""The statements of a text: its sentences without marks of Markdown, pronouns at their beginning replaced.

Questions state nothing and are left out, and so are code, lines of a table's head, and footnotes at the end.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate, pairwise

from index.article import Span, single_spaced
from index.sentences import sentences
from rag.english.question_words import AUXILIARIES, PREPOSITIONS, words_of
from rag.english.verbs import is_finite

_BEGINS = re.compile(r"[^\S\n]*(?:[-*+•>]|#{1,6}|\d{1,3}[.)])[^\S\n]|[^\S\n]*\|")
"""How the line of an item, a heading, a quotation or a table begins."""
_WHOLE = re.compile(r"[^\S\n]*(?:#{1,6}[^\S\n]|\|)")
"""A line that does not go on in the next one."""
_ROW = re.compile(r"[^\S\n]*\|")
_UNDER_HEAD = re.compile(r"[^\S\n]*\|?[^\S\n]*:?-{2,}[-:| \t]*$", re.MULTILINE)
_RULE = re.compile(r"[-=*_~:| \t]*+\s*+")
"""A line that is empty, or a rule of marks alone."""
_FENCE = re.compile(r"[^\S\n]*(?:```|~~~)")
_NOTE = re.compile(r"[^\S\n]*\[\^?[\w-]{1,20}\]:")
_MARK = re.compile(r"^\s*(?:[-*+•>]|#{1,6}|\d{1,3}[.)])\s+")
_LINK = re.compile(r"!?\[([^\[\]\n]{1,300})\]\([^()\s]{1,500}\)")
_TORN = re.compile(r"^\^?[\w-]{1,20}\](?=\s)|\[$")
"""What is left of a note's mark behind a full stop, where two sentences part."""
_MARKUP = re.compile(r"\*+|__|`|(?<!\w)_(?=\w)|(?<=\w)_(?!\w)|(?<!\s)\s*+\[(?:\^[\w-]{1,20}|\d{1,3}(?:, ?\d{1,3})*)\]")
_WORD = re.compile(r"[^\W\d_]")
_LONGEST = 1_000
"""Code points of a sentence that are compared."""

MOST_STATEMENTS = 60
"""Sentences of a text that is checked at once: each is read several times."""

_DETERMINERS = words_of("the a an this that these those its his her their our my your some any no")
"""Words behind which what looks like a verb is a noun: “the works”."""

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
        if said.endswith("?"):
            continue
        pronoun = _PRONOUN.match(said)
        if pronoun and subject:
            said = f"{subject}{'’s' if pronoun['whose'] else ''}{said[pronoun.end() :]}"
        elif not said.startswith(("It ", "There ")):
            subject = _subject(said)
        found.append(Statement(text[start:end], start, end, said))
    return found


def _subject(said: str) -> str:
    """The words before the verb of a sentence, where they are few."""
    words = said.split()
    if not words or not words[0][:1].isupper() or _PRONOUN.match(said) or words[0] in {"It", "There"}:
        return ""
    if words[0].lower() in PREPOSITIONS:
        return ""
    for number, word in enumerate(words[: _LONGEST_SUBJECT + 1]):
        if word.lower() in AUXILIARIES or (word.islower() and is_finite(word)):
            is_noun = number and words[number - 1].lower() in _DETERMINERS
            return "" if is_noun else " ".join(words[:number])
    return ""


def _sentences(text: str) -> Iterator[Span]:
    for low, high in _blocks(text):
        if mark := _MARK.match(text[low:high]):
            low += mark.end()
        for start, end in sentences(text[low:high]):
            if _WORD.search(text, low + start, low + end):
                yield low + start, low + end


def _blocks(text: str) -> Iterator[Span]:
    """Paragraphs, items, headings and rows: what a sentence does not go beyond."""
    start: int | None = None
    is_code = False
    ends = list(accumulate(map(len, text.splitlines(keepends=True))))
    lines = list(pairwise([0, *ends]))
    for number, (low, high) in enumerate(lines):
        is_fence = _FENCE.match(text, low, high) is not None
        is_code ^= is_fence
        is_row = _ROW.match(text, low, high) is not None
        is_head = is_row and number + 1 < len(lines) and _UNDER_HEAD.match(text, *lines[number + 1]) is not None
        is_left_out = is_code or is_fence or is_head or _is_rule(text, low, high) or _NOTE.match(text, low, high)
        if start is not None and (is_left_out or _BEGINS.match(text, low, high)):
            yield start, low
            start = None
        if is_left_out:
            continue
        if _WHOLE.match(text, low, high):
            yield low, high
        elif start is None:
            start = low
    if start is not None:
        yield start, len(text)


def _is_rule(text: str, low: int, high: int) -> bool:
    return _RULE.fullmatch(text, low, high) is not None


def _plain(said: str) -> str:
    return single_spaced(_TORN.sub("", _MARKUP.sub("", _LINK.sub(r"\1", said[:_LONGEST]))))
