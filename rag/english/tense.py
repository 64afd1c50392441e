"""Whether a question is about the present, whose answer may change. English only."""

import re

from rag.english.question_words import words_of
from rag.english.verbs import is_finite

_WORD = re.compile(r"[a-z]+")
_PAST = words_of("was were did had wasn weren didn hadn")
_PRESENT = words_of("is are am do does has have can will isn aren don doesn hasn haven")


def is_about_now(question: str) -> bool:
    """Whether a question asks what is, has become or will be so: “Who is mayor?”, and not “Who was elected?”."""
    words = _WORD.findall(question.lower())
    if _PAST & set(words):
        return False
    return bool(_PRESENT & set(words)) or not any(is_finite(word) and not word.endswith("s") for word in words)
