"""Follow-up questions with what they lean on, so that they stand alone.

“Who won the prize?” – “Nadim Sarraf-Hale” – “And when?” becomes “And when? (won the prize, Nadim Sarraf-Hale)”. What
was typed stays as it is; behind it stand slices of what was said before. Two small fitted models
(:mod:`rag.english.leaning`) tell whether a question leans on the conversation, and on which of its words. Behind one
that is only a time (“And in 2023?”) stands the whole question before, which is then asked of that time. English only.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from index.article import single_spaced
from rag.english.content_words import content_words
from rag.english.leaning import COMPARES, Exchange, leans, signs_of_leaning, signs_of_terms, terms
from rag.english.mentions import Mention, joined
from rag.english.times import at_another_time

LOOK_BACK = 6
"""Questions of the user that are looked at, the last ones."""

LEAST_LEANING = 0.6
"""Probability of leaning from which a question takes from the conversation; chosen on training conversations."""

LEAST_TERM = 0.35
"""Probability of being leaned on from which a mention is taken; the likeliest always is."""

LEAST_ANSWER = 0.2
"""The same for a name in the last answer, where that was given and no guess."""

_TOPIC = 3
"""Exchanges that tell what a conversation is on, the last ones."""

_MOST_TERMS = 6
_SHORT = 8
_LONGEST = 400
"""Characters of a question or a short answer that are looked at; and of what becomes of them."""

_MARKUP = re.compile(r"\\(?=\W)|\*\*|__|`|\s*\[\d+\](?:\([^)]*\))?")
_NEAREST = re.compile(rf"^> [^*\n]{{0,{_LONGEST}}}\*\*([^*\n]{{1,{_LONGEST}}})\*\*", re.MULTILINE)
_NO_ANSWER = re.compile(r"(?i)^(?:no|none|nothing|sorry|i|unfortunately|there is no)\b.*[.!]$")


@dataclass(frozen=True, slots=True)
class Turn:
    """One message of a conversation.

    An assistant's message is read for its short answer, which is the first line. Where that says that there is no
    answer, it is the bold words of the passage quoted below: what the assistant shows as nearest.
    """

    role: Literal["user", "assistant", "system"]
    content: str


def guessed(text: str) -> Turn:
    """What the assistant said where no article answered and ``text`` was shown as the nearest."""
    return Turn("assistant", f"No answer.\n> **{single_spaced(text)}**")


@dataclass(frozen=True, slots=True)
class Asked:
    """A question in its conversation: as it was typed, and with what it leans on (``standalone``).

    ``meant`` is what is read for: the standalone one, or the question before where another time is asked for. ``topic``
    is what was asked and answered last, as one text, ``said`` the stems of the words with a meaning of all that was
    looked at. Both are empty for a question that stands alone: the conversation is nothing to it.
    """

    typed: str
    standalone: str
    meant: str
    topic: str = ""
    said: frozenset[str] = frozenset()

    @property
    def is_followup(self) -> bool:
        """Whether it takes something from the conversation."""
        return self.typed != self.standalone


def in_conversation(question: str, history: Sequence[Turn]) -> Asked:
    """The question with what it leans on of the conversation before it (the oldest turn first).

    A question that stands alone stays as it is, and so does one after a conversation that holds nothing to lean on.
    """
    past: list[Exchange] = []
    for asked_before, answer, is_guess in _exchanges(history):
        again = _at_another_time(asked_before, past)
        past.append(Exchange(again or _with_terms(asked_before, tuple(past)), answer, is_guess))
    again = _at_another_time(question, past)
    whole = f"{single_spaced(question)} ({past[-1].question})" if again else _with_terms(question, tuple(past))
    if whole == question:
        return Asked(question, whole, whole)
    topic = " ".join(f"{exchange.question} {exchange.answer}" for exchange in past[-_TOPIC:])
    said = frozenset(content_words(whole)).union(*(exchange.stems for exchange in past))
    return Asked(question, whole, again or whole, topic, said)


def _at_another_time(question: str, past: Sequence[Exchange]) -> str | None:
    """The last question of another time, where nothing else is asked for."""
    if not past or len(question) + len(past[-1].question) > _LONGEST:
        return None
    return at_another_time(question, past[-1].question)


def standalone(question: str, history: Sequence[Turn]) -> str:
    """The question with what it leans on: that of :func:`in_conversation`."""
    return in_conversation(question, history).standalone


@lru_cache(maxsize=512)
def _with_terms(question: str, past: tuple[Exchange, ...]) -> str:
    """The question with what it leans on. Kept, because each turn of a conversation looks at those before it again."""
    if not past or len(question) > _LONGEST or not any(char.isalpha() for char in question):
        return question
    is_compared = len(question.split()) <= _SHORT and COMPARES.match(question) is not None
    if not is_compared and leans().probability(signs_of_leaning(question, past)) < LEAST_LEANING:
        return question
    chosen = joined(_chosen(question, _on_topic(question, past)))
    whole = f"{single_spaced(question)} ({', '.join(chosen)})"
    return whole if chosen and len(whole) <= _LONGEST else question


def _on_topic(question: str, past: Sequence[Exchange]) -> list[Exchange]:
    """The exchanges since a question began another topic, and those before that the question shares a word with.

    A question begins a topic when it stands alone and has nothing in common with what was said before.
    """
    asked = set(content_words(question))
    begins = 0
    known: frozenset[str] = frozenset()
    for at, exchange in enumerate(past):
        if at and " (" not in exchange.question and not exchange.stems & known:
            begins = at
        known |= exchange.stems
    return [exchange for at, exchange in enumerate(past) if at >= begins or exchange.stems & asked]


def _chosen(question: str, past: Sequence[Exchange]) -> list[Mention]:
    """The mentions that the question leans on, in the order in which they were said, each once."""
    model = terms()
    rated = [(model.probability(signs), mention) for mention, signs in signs_of_terms(question, past)]
    best = sorted(rated, key=lambda pair: -pair[0])
    kept: list[Mention] = []
    for chance, mention in best:
        if len(kept) == _MOST_TERMS:
            break
        is_answer = mention.text == past[-1].answer and mention.is_name and not past[-1].is_guess
        least = LEAST_ANSWER if is_answer else LEAST_TERM
        if kept and chance < least:
            continue
        if not any(mention.stems <= other.stems for other in kept):
            kept = [*(other for other in kept if not other.stems < mention.stems), mention]
    order = [mention for _, mention in rated]
    return sorted(kept, key=order.index)


def _exchanges(history: Sequence[Turn]) -> list[tuple[str, str, bool]]:
    """The last questions of the user, each with the short answer after it and whether that was only a guess."""
    found: list[tuple[str, str, bool]] = []
    for turn in history[-4 * LOOK_BACK :]:
        if turn.role == "user":
            found.append((turn.content.strip()[:_LONGEST], "", False))
        elif turn.role == "assistant" and found and not found[-1][1]:
            found[-1] = (found[-1][0], *_short_answer(turn.content))
    return [exchange for exchange in found if exchange[0]][-LOOK_BACK:]


def _short_answer(message: str) -> tuple[str, bool]:
    """The first line of a message without its marks; of one that answers nothing the bold words of what it quotes.

    Empty when there are none, or too many for a short answer. The second says whether it is such a guess.
    """
    line = _MARKUP.sub("", single_spaced(message.lstrip()[: 2 * _LONGEST].partition("\n")[0])).strip()
    is_guess = _NO_ANSWER.match(line) is not None
    if is_guess:
        nearest = _NEAREST.search(message[: 4 * _LONGEST])
        line = _MARKUP.sub("", nearest[1]) if nearest else ""
    bare = line.strip(' "“”«».,;:*_')
    if len(bare) > _LONGEST or not any(mark.isalnum() for mark in bare):
        return "", False
    return bare, is_guess
