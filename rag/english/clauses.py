"""The clause that some words of a sentence stand in. English only."""

import re

from index.article import Span
from rag.english.verbs import is_finite

_BREAK = re.compile(
    r"[;:–—]\s|\s[–—]\s|,?\s+(?=(?:but|while|whereas|although|though|even as|even though)\s)|"
    r",\s+(?=(?:and|or|so|yet)\s+(?:he|she|it|they|we|I|you|the|a|an|that|this|these|there|[A-Z]\w+)\s)|"
    r",\s+(?=(?:who|which|whose|where|after|before|when|as|since|because|despite|following|according)\s)"
)
_EDGE = " \t\r\n,;:–—.\"'“”‘’"
_LEAD = re.compile(r"[\s,;:–—.\"'“”‘’-]+|(?:but|and|while|whereas|although|though|even though)\s", re.IGNORECASE)
_AUXILIARY = re.compile(
    r"\b(?:am|is|are|was|were|be|been|has|have|had|will|would|can|could|may|might|must|should|do|does|did)\b|n['’]t\b",
    re.IGNORECASE,
)
_WORD = re.compile(r"[a-z]+")


def lacks_a_verb(words: str) -> bool:
    """Whether some words are probably no clause: nothing in them looks like a verb."""
    return not _AUXILIARY.search(words) and not any(is_finite(word) for word in _WORD.findall(words))


def clauses(sentence: str) -> list[str]:
    """The clauses of a sentence, in order."""
    cuts = [0, *(at for match in _BREAK.finditer(sentence) for at in match.span()), len(sentence)]
    return [sentence[low:high] for low, high in zip(cuts[::2], cuts[1::2], strict=True)]


def clause_around(text: str, low: int, high: int, start: int, end: int) -> Span:
    """The clause of the sentence ``text[low:high]`` that ``start:end`` stands in, without marks at its edges.

    It never becomes shorter than ``start:end``; what breaks there do not cut it.
    """
    breaks = [match.span() for match in _BREAK.finditer(text, low, high)]
    first = max((after for _, after in breaks if after <= start), default=low)
    last = min((before for before, _ in breaks if before >= end), default=high)
    while first < start and (lead := _LEAD.match(text, first, start)):
        first = lead.end()
    while last > end and text[last - 1] in _EDGE:
        last -= 1
    return first, last
