"""What the languages of a question and of the articles mean for an answer."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from index.languages import SURE, chances, language_of

Code = Literal["other_language", "english_only"]

_POSSIBLE = 0.05
"""A language of this probability may be that of a question."""

_MISSED = {False: "the right one may be missed", True: "it was searched by its meaning, not by its words"}

_LEAST_WORDS = 3
_LEAST_LETTERS = 6
"""In scripts that do not part words."""

_ENGLISH = "en"


@dataclass(frozen=True, slots=True)
class LanguageWarning:
    """What a user should know about an answer, in words, and as a ``code`` that stays the same."""

    code: Code
    message: str


def warnings_for(
    question: str, articles: Iterable[str], *, multilingual: bool = False, is_checked: bool = False
) -> tuple[LanguageWarning, ...]:
    """What the languages of a question and of the articles that were found for it mean for the answer.

    A question is judged only when its language is sure; a few names and numbers are in none.

    :param multilingual: whether the models know other languages than English.
    :param is_checked: whether what is judged is no question but a text that is checked against the articles.
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
                f"The {'text' if is_checked else 'question'} seems to be in another language ({language}) than the "
                f"articles ({', '.join(sorted(found))}), so {_MISSED[multilingual]}: "
                f"{'write' if is_checked else 'ask'} in the language of the articles.",
            )
        )
    if (is_sure and asked.get(_ENGLISH, 0.0) < _POSSIBLE) or (found and _ENGLISH not in found):
        notes.append(
            LanguageWarning(
                "english_only",
                "Sentences are compared in English only."
                if is_checked
                else "Follow-ups, times, yes or no, lists and who said it are understood in English only.",
            )
        )
    return tuple(notes)


def _is_long_enough(text: str) -> bool:
    letters = sum(character.isalpha() for character in text)
    return len(text.split()) >= _LEAST_WORDS or (not text.isascii() and letters >= _LEAST_LETTERS)
