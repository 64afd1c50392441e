"""The words of a text that carry its meaning, in a form in which inflections of one word are equal."""

import re

from rag.english.question_words import words_of
from rag.english.verbs import base

_WORD = re.compile(r"[^\W_]+(?:[.,]\d+)*")
_FUNCTION = words_of(
    "a an the this that these those it its he she they we you i him her them us his their our my your who whom whose "
    "which what when where why how is are was were be been being am do does did done has have had having will would "
    "can could shall should may might must to of in on at by for with from into about over under than as if and or but "
    "so not no any some all both there here also too yet still just only ever"
)
_ENDINGS = ("ing", "ion", "ed", "ly", "es", "er", "s", "e")
_SHORTEST = 3
_LONG = 5
"""Letters from which a word in *-ian* is the people or language of a country: Russian, Korean."""


def content_words(text: str) -> list[str]:
    """The words that carry meaning, in order, lower case and without their endings: ``sent`` and ``sends`` are one."""
    return [stem(word) for word in _WORD.findall(text.lower()) if word not in _FUNCTION and word not in {"s", "t"}]


def by_stem(text: str) -> dict[str, str]:
    """The words that carry meaning by their stems, each as it first stands there, in lower case."""
    found: dict[str, str] = {}
    for word in _WORD.findall(text.lower()):
        if word not in _FUNCTION and word not in {"s", "t"}:
            found.setdefault(stem(word), word)
    return found


def stem(word: str) -> str:
    """A word in lower case without its ending: no dictionary form, the same for most forms of one word."""
    known = base(word)
    if known != word:
        word = known
    if len(word) > _LONG and word.endswith(("ean", "ian")):
        word = word[:-1]
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= _SHORTEST:
            return word[: -len(ending)]
    return word
