"""Statements with passages that bear them out, or don't: what a reader learns to check a text by.

A statement is read as a question is. Where the passage bears it out, the words that do are to be found; elsewhere
it has no answer. Statements are made of questions with their answers, with other answers of the passage, and of
questions that people wrote to have none, with the answer of the question most like them; of yes/no questions; and of
sentences, as they stand, shortened, or with one thing changed.
"""

from __future__ import annotations

import json
import random
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

from rag.english.calendar_names import MONTH_NAME
from rag.english.mentions import mentions
from training.data import Example, TextSpan
from training.declarative import affirmed, declarative
from training.negatives import words
from training.unanswerable import names
from training.verdict import VERDICTS
from training.vocabulary import OPPOSITES
from training.windows import sentences

_YEAR = re.compile(r"1[0-9]{3}|20[0-2][0-9]")
_NUMBER = re.compile(r"(?<![\w.,])\d{1,3}(?:,\d{3})*(?:\.\d+)?(?![\w]|[.,]\d)|\b(?:1[0-9]{3}|20[0-2][0-9])\b")
_MONTH = re.compile(rf"\b{MONTH_NAME}\b")
_NEGATED = re.compile(r"\b(?:not|never)\s")
_NEGATABLE = re.compile(r"\b(?:is|are|was|were|has|have|had|could|would|should)\b(?! not)")
_WORD = re.compile(r"\b[a-z]{3,}\b")

#: Words of an answer that still makes a statement, and of the statements themselves.
_LONGEST_ANSWER, _SHORTEST, _LONGEST = 8, 3, 45

#: How alike a question without an answer and the one that lends it its own must be: shared words of all.
_ALIKE = 0.3


class Stated(NamedTuple):
    """A statement with its context, and the place in it that it is about."""

    example: Example
    about: TextSpan


class Statements:
    """Makes statements of questions and of sentences.

    :param examples: All questions, from which answers and names are borrowed.
    """

    def __init__(self, examples: Sequence[Example]) -> None:
        self._beside: dict[str, list[Example]] = defaultdict(list)
        for example in examples:
            if example.answers:
                self._beside[example.context].append(example)
        self._verdicts: dict[str, str] = json.loads(VERDICTS.read_text(encoding="utf-8"))

    def of_question(self, example: Example, rng: random.Random) -> Iterator[Stated]:
        """One or two statements of a question; none where its words or its answers don't allow it."""
        if example.id in self._verdicts:
            yield from _stated(example, affirmed(example.question), self._verdicts[example.id] == "yes")
            return
        answer = example.answer()
        if answer is None:
            yield from self._of_unanswered(example, rng)
            return
        other = self._other(example, answer.text, rng) if rng.random() < 0.5 else None
        yield from _stated(example, _with(example, example, other), other is None)

    def of_sentence(self, example: Example, rng: random.Random) -> Iterator[Stated]:
        """A sentence of the example's context, borne out or not; none where it has no sentence of a fit length."""
        fit = [(start, end) for start, end in sentences(example.context) if _is_fit(example.context[start:end])]
        if not fit:
            return
        start, end = rng.choice(fit)
        text = example.context[start:end]
        said = _shortened(text, rng) if rng.random() < 0.5 else text
        there = [each.words for each in mentions(said) if each.words in text]
        if not there:
            return
        target = TextSpan(there[-1], start + text.rfind(there[-1]))
        found = replace(example, answers=(target,))
        if rng.random() < 0.5:
            yield from _stated(found, said, True)
        else:
            yield from _stated(found, _changed(said, example.context, rng), False)

    def _of_unanswered(self, example: Example, rng: random.Random) -> Iterator[Stated]:
        """The question with the answer of the one most like it, and that one with its own."""
        asked = set(words(example.question))

        def likeness(other: Example) -> float:
            there = set(words(other.question))
            return len(asked & there) / max(1, len(asked | there))

        twin = max(self._beside.get(example.context, ()), key=likeness, default=None)
        if twin is None or likeness(twin) < _ALIKE:
            return
        yield from _stated(twin, _with(example, twin), False)
        if rng.random() < 0.6:
            yield from _stated(twin, _with(twin, twin), True)

    def _other(self, example: Example, answer: str, rng: random.Random) -> str | None:
        """Something of the passage that is of the answer's kind and not the answer."""
        kind, context = _kind(answer), example.context
        pool = {span.text for other in self._beside[context] for span in other.answers if _kind(span.text) == kind}
        if kind == "name":
            pool.update(names(context))
        elif kind in ("number", "year"):
            pool.update(each for each in _NUMBER.findall(context) if _kind(each) == kind)
        right = set(words(answer))
        others = sorted(each for each in pool if each and not right & set(words(each)))
        return rng.choice(others) if others else None


def _stated(example: Example, statement: str | None, borne_out: bool) -> Iterator[Stated]:
    about = example.answer()
    if about and statement and _SHORTEST <= len(statement.split()) <= _LONGEST:
        made = replace(example, id=f"{example.id}#stated", question=statement, kind="stated", headline_answers=())
        yield Stated(made if borne_out else made.unanswered(kind="misstated"), about)


def _with(question: Example, answered: Example, other: str | None = None) -> str | None:
    """The question of one example with the answer of another, or with another answer, as a statement."""
    answer = answered.answer()
    if answer is None or len((other or answer.text).split()) > _LONGEST_ANSWER:
        return None
    before = answered.context[max(0, answer.start - 12) : answer.start]
    return declarative(question.question, other or answer.text, before)


def _kind(answer: str) -> str:
    if _YEAR.fullmatch(answer):
        return "year"
    if _MONTH.search(answer):
        return "date"
    if any(letter.isdigit() for letter in answer):
        return "number"
    return (
        "name" if all(word[:1].isupper() or word in ("of", "the", "and", "de") for word in answer.split()) else "words"
    )


def _is_fit(sentence: str) -> bool:
    return 6 <= len(sentence.split()) <= 40


def _shortened(sentence: str, rng: random.Random) -> str:
    """A sentence without what stands between two of its commas, before the first or behind the last."""
    parts = sentence.split(", ")
    if len(parts) > 2 and rng.random() < 0.6:
        del parts[rng.randrange(1, len(parts) - 1)]
    elif len(parts) > 1:
        parts = parts[1:] if rng.random() < 0.5 else parts[:-1]
    kept = ", ".join(parts).rstrip(".,;") + "."
    return kept[:1].upper() + kept[1:] if len(kept.split()) >= 5 else sentence


def _changed(sentence: str, context: str, rng: random.Random) -> str | None:
    """The sentence with a *not*, a word of opposite meaning, another number or another name; None where none goes."""
    ways = [_negated, _reversed, _recounted, _renamed]
    rng.shuffle(ways)
    return next((changed for way in ways if (changed := way(sentence, context, rng))), None)


def _negated(sentence: str, _context: str, rng: random.Random) -> str | None:
    found = _NEGATED.search(sentence)
    if found:
        return sentence[: found.start()] + sentence[found.end() :]
    found = _NEGATABLE.search(sentence)
    return sentence[: found.end()] + rng.choice((" not", "n't", " never")) + sentence[found.end() :] if found else None


def _reversed(sentence: str, _context: str, rng: random.Random) -> str | None:
    found = [match for match in _WORD.finditer(sentence) if match[0] in OPPOSITES]
    if not found:
        return None
    match = rng.choice(found)
    return sentence[: match.start()] + OPPOSITES[match[0]] + sentence[match.end() :]


def _recounted(sentence: str, context: str, rng: random.Random) -> str | None:
    found = list(_NUMBER.finditer(sentence))
    if not found:
        return None
    match = rng.choice(found)
    others = [each for each in _NUMBER.findall(context) if each != match[0] and _kind(each) == _kind(match[0])]
    if others and rng.random() < 0.5:
        new = rng.choice(others)
    elif _kind(match[0]) == "year":
        new = str(int(match[0]) + rng.choice((-10, -3, -2, -1, 1, 2, 3, 10)))
    else:
        new = f"{float(match[0].replace(',', '')) * rng.choice((0.5, 0.8, 1.2, 1.5, 2, 3)) + 1:,.0f}"
    return sentence[: match.start()] + new + sentence[match.end() :] if new != match[0] else None


def _renamed(sentence: str, context: str, rng: random.Random) -> str | None:
    found = [name for name in names(sentence) if len(name) > 2]
    if not found:
        return None
    name = rng.choice(found)
    others = sorted(
        {other for other in names(context) if other not in sentence and (" " in other) == (" " in name)} - {name}
    )
    return sentence.replace(name, rng.choice(others), 1) if others else None
