"""What can be asked of a statement: its numbers, its names and what it says in words of its own. English only.

The question is the statement with a question word in the place of what it asks for, as a reader that was trained on
questions in any order takes it: “The ferry can carry how many passengers?”
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from index.article import Span
from rag.english.calendar_names import MONTH_NAME
from rag.english.content_words import content_words
from rag.english.figures import Figure, figures
from rag.english.mentions import Mention, mentions
from rag.english.verbs import is_base, is_finite, is_participle

Kind = Literal["number", "name", "words"]

MOST = 3
"""Gaps of a statement that are asked for."""

_MONTH = rf"(?:{MONTH_NAME}|(?:Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)\b\.?)"
_DATE = re.compile(
    rf"\b(?:\d{{1,2}}(?:st|nd|rd|th)?\s+{_MONTH}|{_MONTH}\s+\d{{1,2}})(?:,?\s+\d{{4}}\b)?|\b{_MONTH}(?:\s+\d{{4}}\b)?(?![a-z])"
)
_YEAR = re.compile(r"(?:1[5-9]|20)\d\d")
_PLACE = re.compile(r"\b(?:in|at|near|from|to|into|off)\s+(?:the\s+)?$")
_AGENT = re.compile(r"\b(?:by|of|is|was|called|named)\s+$")
_SHARE = re.compile(r"(?:%|per\s?cent)")


@dataclass(frozen=True, slots=True)
class Gap:
    """A stretch ``start:end`` of a statement, and the question that asks for it."""

    start: int
    end: int
    kind: Kind
    question: str


def gaps(statement: str, said: str) -> list[Gap]:
    """What to ask of ``statement``, at most :data:`MOST`: first what ``said``, which may bear it out, does not have."""
    known = set(content_words(said))
    there = figures(said)
    found = list(_numbers(statement))
    taken = [(start, end) for start, end, _ in found]
    rest = [
        each for each in mentions(statement) if not any(each.start < end and start < each.end for start, end in taken)
    ]
    names = [each for each in rest if each.is_name and (each.start or " " in each.words)]
    ranked: list[tuple[int, int, int, Kind]] = []
    for start, end, figure in found:
        is_new = not any(figure.agrees(other) for other in there) if figure else statement[start:end] not in said
        ranked.append((0 if is_new else 3, start, end, "number"))
    ranked += [(1 if not name.stems <= known else 4, name.start, name.end, "name") for name in names]
    new = [each for each in rest if each not in names and each.stems and not each.stems & known]
    ranked += [(2, start, end, "words") for start, end in _runs(statement, new)]
    return [_gap(statement, start, end, kind) for _, start, end, kind in sorted(ranked)[:MOST]]


def _numbers(statement: str) -> Iterator[tuple[int, int, Figure | None]]:
    dates = [match.span() for match in _DATE.finditer(statement)]
    for start, end in dates:
        yield start, end, None
    for figure in figures(statement):
        if not figure.is_ordinal and not any(start <= figure.start < end for start, end in dates):
            yield figure.start, figure.end, figure


def _runs(statement: str, words: list[Mention]) -> Iterator[Span]:
    """The words that stand side by side as one; verbs can't be asked for."""
    nouns = [each for each in words if not _is_verb(each.words)]
    start = end = -1
    for each in nouns:
        if end >= 0 and statement[end : each.start].strip() == "":
            end = each.end
            continue
        if end >= 0:
            yield start, end
        start, end = each.start, each.end
    if end >= 0:
        yield start, end


def _is_verb(word: str) -> bool:
    return is_base(word.lower()) or is_finite(word.lower()) or is_participle(word.lower())


def _gap(statement: str, start: int, end: int, kind: Kind) -> Gap:
    words, before, behind = statement[start:end], statement[:start], statement[end:]
    if kind == "number" and _DATE.fullmatch(words):
        asked = "what date"
    elif kind == "number" and _YEAR.fullmatch(words):
        asked = "what year"
    elif kind == "number":
        asked = "what share" if _SHARE.search(words) else "how many"
    elif kind == "name":
        asked = (
            "what place"
            if _PLACE.search(before)
            else "who"
            if not before.strip() or _AGENT.search(before)
            else "who or what"
        )
    else:
        asked = "what"
    question = f"{before}{asked}{behind}".strip().rstrip(".!") + "?"
    return Gap(start, end, kind, question[:1].upper() + question[1:])
