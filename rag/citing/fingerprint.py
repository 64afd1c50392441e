"""A quote known by a fingerprint of its words alone, for addresses that are too short to hold them."""

import re
from hashlib import sha256

DIGITS = 10
"""Hexadecimal digits of a fingerprint: in a text of a million words, others have the same once in a million times."""

LONGEST = 5000
"""Code points of a quote that is looked for."""

_BEGINNING = re.compile(r"(?<!\w)\S")


def fingerprint(words: str) -> str:
    """The first digits of the SHA-256 of ``words`` (UTF-8)."""
    return sha256(words.encode("utf-8", "surrogatepass")).hexdigest()[:DIGITS]


def find_fingerprint(text: str, wanted: str, length: int, near: int = 0) -> int | None:
    """Where the ``length`` code points with the fingerprint ``wanted`` begin, the nearest to ``near``; None if nowhere.

    Quotes begin and end where words do, so only such stretches are looked at.
    """
    if not 0 < length <= LONGEST:
        return None
    starts = [match.start() for match in _BEGINNING.finditer(text, 0, max(0, len(text) - length + 1))]
    for start in sorted(starts, key=lambda start: abs(start - near)):
        end = start + length
        cuts_a_word = text[end - 1].isalnum() and text[end : end + 1].isalnum()
        if not cuts_a_word and fingerprint(text[start:end]) == wanted:
            return start
    return None
