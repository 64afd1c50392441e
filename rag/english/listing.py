"""Answers that are several items: where each stands in the words of the answer. English only."""

import re
from collections.abc import Iterator

from index.article import Span
from rag.english.calendar_names import MONTH_NAME
from rag.english.question_words import AUXILIARIES, core, words_of
from rag.english.verbs import is_base

_SEVERAL = re.compile(
    r"\bwho\s+(?:are|were|all|else)\b|\b(?:names? (?:of|the)|list|name (?:the|all|some))\b|\bwhat\s+(?:are|were)\b",
    re.IGNORECASE,
)
_CHOSEN_FROM = re.compile(r"\b(?:which|what|whose)((?:\s+[\w’'-]+){1,4})", re.IGNORECASE)
_NUMBERS = words_of("two three four five six seven eight nine ten people men women children")
_SINGULAR = words_of(
    "its his this news series across process business loss class virus crisis basis status means access"
)
_JOINT = re.compile(
    r"(?<!\s)(?:\s*(?P<comma>[,;])\s*(?:(?:and|or|as well as)\s+)?|\s+(?P<and>and|or|&|as well as)\s+)", re.IGNORECASE
)
_INSIDE = re.compile(r"[(\[“\"«][^)\]”\"»]*[)\]”\"»]")
_APPOSITION = re.compile(r"(?:an?|the|his|her|its|their|former|now|once|also)\s+[a-z]", re.ASCII)
"""What follows a name behind a comma and says who that is: “Ola Fenn, a former trader”."""
_FINITE = re.compile(
    r"\b(?:is|are|was|were|has|have|had|will|would|can|could|may|might|must|should|does|did|said|says|that|which|who)\b",
    re.I,
)
_DATE = re.compile(rf"{MONTH_NAME}\s+\d{{1,2}}\Z")
_ONE_THING = re.compile(
    r"(?:(?:is|are|was|were|do|does|did|has|have|had|will|would|can|could|should|may|might|must)\b|who\s+(?:is|was)\b|"
    r"when\b|why\b)",
    re.IGNORECASE,
)
"""Questions whose answer is one thing, however many commas are in it."""

_LONGEST = 12
"""Words of an item: what is longer is a clause."""


def asks_for_several(question: str) -> bool:
    """Whether a question names or implies more than one thing as its answer."""
    words = core(question)
    return bool(_SEVERAL.search(words)) or any(_is_plural(noun[1]) for noun in _CHOSEN_FROM.finditer(words))


def items(question: str, answer: str) -> list[Span]:
    """The items of an answer, in code points of it; none when it is one thing.

    Three are told by their commas and an *and* or *or* before the last; of two, joined by *and*, only when the question
    asks for several.
    """
    if _ONE_THING.match(core(question)):
        return []
    found = [_trimmed(answer, start, end) for start, end in _pieces(answer)]
    several = asks_for_several(question)
    if not several and not re.search(r"\b(?:and|or)\b|&", answer):
        return []
    least = 2 if several else 3
    words = [answer[start:end] for start, end in found]
    if len(found) < least or not all(map(_is_item, words)) or len(set(words)) < len(words):
        return []
    if len(found) == least and words[0][:1].isupper() and any(map(_APPOSITION.match, words[1:])):
        return []
    return found


def _is_plural(noun: str) -> bool:
    """Whether the words after *which* name several things before their verb begins."""
    for word in noun.lower().split():
        if word in AUXILIARIES:
            return False
        if word in _NUMBERS or word.isdigit():
            return True
        if word.endswith("s") and not word.endswith(("ss", "us", "'s", "’s")) and word not in _SINGULAR:
            return not (is_base(word[:-1]) or (word.endswith("es") and is_base(word[:-2])))
    return False


def _pieces(answer: str) -> Iterator[Span]:
    """The stretches between the joints that stand outside of brackets and quotation marks."""
    closed = [match.span() for match in _INSIDE.finditer(answer)]
    start = 0
    joints = [match for match in _JOINT.finditer(answer) if not any(a <= match.start() < b for a, b in closed)]
    has_commas = sum(match["comma"] is not None for match in joints) > 1
    for match in joints:
        is_last = not any(other["comma"] for other in joints if other.start() > match.start())
        is_inner_and = match["and"] is not None and has_commas and not is_last
        is_number = answer[: match.start()][-1:].isdigit() and answer[match.end() : match.end() + 1].isdigit()
        if is_inner_and or _DATE.search(answer[: match.start()]) or (match["comma"] and is_number):
            continue
        yield start, match.start()
        start = match.end()
    yield start, len(answer)


def _is_item(text: str) -> bool:
    words = text.split()
    is_closed = all(text.count(opening) == text.count(closing) for opening, closing in ("“”", "()", "[]", "«»"))
    is_said = any(character.isalnum() for character in text) and not _FINITE.search(text)
    return 0 < len(words) <= _LONGEST and is_said and is_closed and text.count('"') % 2 == 0


def _trimmed(answer: str, start: int, end: int) -> Span:
    words = answer[start:end]
    start += len(words) - len(words.lstrip())
    lead = re.match(r"(?:both|either)\s+", answer[start:end], re.IGNORECASE)
    end = start + len(answer[start:end].rstrip(" ,;."))
    return (start + lead.end() if lead else start), end
