"""The form in which two answers are the same, that of SQuAD (Rajpurkar et al. 2016)."""

import re
import string

_PUNCTUATION = frozenset(string.punctuation + "“”‘’„«»–—…")
_ARTICLES = re.compile(r"\b(a|an|the)\b")


def normalise(text: str) -> str:
    """The form in which two answers are compared."""
    bare = "".join(character for character in text.lower() if character not in _PUNCTUATION)
    return " ".join(_ARTICLES.sub(" ", bare).split())
