"""The form in which two answers are the same, that of SQuAD (Rajpurkar et al. 2016)."""

import re
import string

from index.article import searchable, single_spaced

_PUNCTUATION = frozenset(string.punctuation + "“”‘’„«»–—…")
_ARTICLES = re.compile(r"\b(a|an|the)\b")


def normalise(text: str) -> str:
    """The form in which two answers are compared: also without the marks of Markdown, which are not seen."""
    bare = "".join(character for character in searchable(text.lower()) if character not in _PUNCTUATION)
    return single_spaced(_ARTICLES.sub(" ", bare))
