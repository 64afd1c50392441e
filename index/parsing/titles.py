"""A title for an article that has none."""

import re
from pathlib import PurePosixPath

from index.article import canonical
from index.parsing.types import Origin

_LONGEST = 80
"""Code points."""


def fallback_title(origin: Origin, text: str) -> str:
    """The words of the file name if it has at least two, else the first words of the text."""
    stem = PurePosixPath(origin.path or origin.key).stem
    words = re.split(r"[\s_.\-]+", stem.strip("_-. "))
    if len(words) > 1 and all(word.isalpha() for word in words):
        title = " ".join(words)
        return canonical(title[0].upper() + title[1:])
    return canonical(first_words(text)) or stem or origin.key


def first_words(text: str) -> str:
    """The first sentence of a text or, if that is long, its first words and an ellipsis: 80 code points at most."""
    start = " ".join(text[: 8 * _LONGEST].split())
    sentence = re.split(r"(?<=\w\w[.!?])\s|(?<=[。！？])", start, maxsplit=1)[0]
    if len(sentence) <= _LONGEST:
        return sentence
    return sentence[: _LONGEST - 1].rsplit(" ", 1)[0].rstrip(" ,;:–—-") + "…"
