"""Questions that look answerable and are not, made from answerable ones.

SQuAD 2.0 (Rajpurkar et al. 2018, table 1) names the ways people make them: another name or number, a negation, an
antonym, a condition that excludes the answer. Each way here changes one thing in the question, or takes the answer out
of the passage.
"""

from __future__ import annotations

import random
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from typing import Final

from rag.english.calendar_names import MONTH_NAME
from training.data import Example, TextSpan
from training.negatives import holds, words
from training.vocabulary import ENDINGS, OPPOSITES, PLAIN, QUESTION_WORDS
from training.windows import sentences

#: A text and others -> how alike in kind each is, in [-1, 1].
Likeness = Callable[[str, list[str]], list[float]]

_NAME = re.compile(r"\b[A-Z][\w’'-]*(?:\s+(?:(?:of|the|de|von|van)\s+)?[A-Z][\w’'-]*)*")
_YEAR = re.compile(r"\b(?:1[0-9]{3}|20[0-2][0-9])\b")
_NUMBER = re.compile(r"(?<![\w.,])\d{1,3}(?:,\d{3})*(?:\.\d+)?(?![\w]|[.,]\d)")
_NEGATABLE = re.compile(
    r"\b(is|are|was|were|did|does|do|has|have|had|can|could|will|would|should)\b(?!n't| not)", re.IGNORECASE
)
_NEGATED = re.compile(r"n't\b|\b(?:not|never|no|none|without|nor|cannot)\b", re.IGNORECASE)
_DATE = re.compile(rf"{MONTH_NAME}\W+\d+|\d+(?:st|nd|rd|th)?\W+(?:of\W+)?{MONTH_NAME}")
_WORD = re.compile(r"\b[a-z]{4,}\b")
_LOW_KIN: Final = 0.15
_HIGH_KIN: Final = 0.62

#: Above this likeness in meaning a made question is taken for a paraphrase, and the passage may still answer it.
_PARAPHRASE: Final = {"word": 0.9, "name": 0.93, "near_name": 0.93}

#: In how many contexts a word must stand to be swapped in: rarer ones are often misspelt.
_SEEN: Final = 4


def names(text: str) -> list[str]:
    """Capitalised names of a text, without those that are only capital because a sentence starts there."""
    starts = {start for start, _ in sentences(text)}
    return [m.group() for m in _NAME.finditer(text) if m.start() not in starts or " " in m.group()]


def _ending(word: str) -> str:
    return next((ending for ending in ENDINGS if word.endswith(ending)), "")


class UnanswerableMaker:
    """Makes unanswerable questions, drawing what it swaps in from the other passages of the same article.

    :param examples: The answerable examples whose contexts are the material.
    :param likeness: Tells which names and words are of one kind.
    :param meaning: Tells how alike two questions are in meaning; without it paraphrases are not found out.
    """

    WAYS: Final = ("name", "near_name", "year", "number", "opposite", "negation", "word", "removed")

    def __init__(self, examples: Iterable[Example], likeness: Likeness, meaning: Likeness | None = None) -> None:
        contexts: dict[str, set[str]] = defaultdict(set)
        for example in examples:
            contexts[example.title].add(example.context)
        counts = Counter(w for texts in contexts.values() for text in texts for w in set(_WORD.findall(text)))
        self._names: dict[str, list[str]] = {}
        self._words: dict[str, list[str]] = {}
        for title, texts in contexts.items():
            self._names[title] = sorted({name for text in texts for name in names(text) if len(name) > 2})
            found = {w for text in texts for w in _WORD.findall(text)} - PLAIN
            self._words[title] = sorted(word for word in found if counts[word] >= _SEEN)
        self._likeness = likeness
        self._meaning = meaning

    def make(self, example: Example, way: str, rng: random.Random) -> Example | None:
        """An unanswerable example made in one of :attr:`WAYS`, or ``None`` when the question gives no hold for it.

        The question differs from the source's, or the context no longer holds an answer.

        :raises KeyError: For a way that is not in :attr:`WAYS`.
        """
        answer = example.answer()
        if answer is None:
            return None
        made: Example | None
        if way == "removed":
            made = self._removed(example)
        else:
            build = {
                "name": self._name, "near_name": self._near_name, "year": self._year, "number": self._number,
                "opposite": self._opposite, "negation": self._negation, "word": self._word,
            }[way]  # fmt: skip
            question = build(example, answer, rng)
            made = example.unanswered(question=question) if question else None
        if made is None or (made.question == example.question and made.context == example.context):
            return None
        limit = _PARAPHRASE.get(way)
        if limit and self._meaning and self._meaning(example.question, [made.question])[0] > limit:
            return None
        return made.unanswered(id=f"{example.id}#{way}", kind=f"made:{way}")

    def _near(self, example: Example, answer: TextSpan) -> str:
        """The sentences of the answer with one on either side: what the question is about."""
        spans = sentences(example.context)
        inside = [i for i, (start, end) in enumerate(spans) if start < answer.end and answer.start < end] or [0]
        first, last = max(0, inside[0] - 1), min(len(spans) - 1, inside[-1] + 1)
        return example.context[spans[first][0] : spans[last][1]] if spans else example.context

    def _swap(self, example: Example, old: str, candidates: list[str], rng: random.Random) -> str | None:
        """The question with ``old`` replaced by one of the five likest candidates of the right likeness."""
        alike = self._likeness(old, candidates)
        fit = sorted(
            ((kin, new) for kin, new in zip(alike, candidates, strict=True) if _LOW_KIN < kin < _HIGH_KIN), reverse=True
        )
        if not fit:
            return None
        new = rng.choice(fit[:5])[1]
        return re.sub(rf"\b{re.escape(old)}\b", lambda _: new, example.question)

    def _question_names(self, example: Example) -> list[str]:
        trimmed = []
        for name in _NAME.findall(example.question):
            head, _, rest = name.partition(" ")
            name = rest if head.lower() in QUESTION_WORDS else name
            if len(name) > 2 and name.lower() not in QUESTION_WORDS:
                trimmed.append(name)
        return trimmed

    def _name(self, example: Example, answer: TextSpan, rng: random.Random) -> str | None:
        near = self._near(example, answer)
        olds = [name for name in self._question_names(example) if holds(near, [name])]
        if not olds:
            return None
        old = rng.choice(olds)
        used = set(words(example.context)) | set(words(example.question))
        candidates = [
            name
            for name in self._names[example.title]
            if not set(words(name)) & used and abs(len(name.split()) - len(old.split())) <= 1
        ]
        return self._swap(example, old, candidates, rng)

    def _near_name(self, example: Example, answer: TextSpan, rng: random.Random) -> str | None:
        near = self._near(example, answer)
        olds = [name for name in self._question_names(example) if holds(near, [name])]
        if not olds:
            return None
        old = rng.choice(olds)
        used = set(words(near)) | set(words(example.question))
        candidates = [
            name
            for name in names(example.context)
            if not set(words(name)) & used and abs(len(name.split()) - len(old.split())) <= 1
        ]
        return self._swap(example, old, sorted(set(candidates)), rng)

    def _year(self, example: Example, answer: TextSpan, rng: random.Random) -> str | None:
        years = [year for year in _YEAR.findall(example.question) if holds(example.context, [year])]
        if not years or _YEAR.search(answer.text):
            return None
        old = rng.choice(years)
        there = {int(year) for year in _YEAR.findall(example.context)}
        low, high = min(there), max(there)
        if high - low > 3 and rng.random() < 0.5:
            pool = [year for year in there if abs(year - int(old)) > 2]
            pool = [year for year in pool if str(year) not in self._near(example, answer)]
        else:
            pool = [int(old) + step for step in range(-30, 31) if abs(step) > 1 and int(old) + step not in there]
        pool = sorted(year for year in pool if 1000 <= year < 2027)
        return example.question.replace(old, str(rng.choice(pool))) if pool else None

    def _number(self, example: Example, answer: TextSpan, rng: random.Random) -> str | None:
        found = [n for n in _NUMBER.findall(example.question) if not _YEAR.fullmatch(n) and holds(example.context, [n])]
        found = [n for n in found if not holds(answer.text, [n])]
        if not found:
            return None
        old = rng.choice(found)
        value = float(old.replace(",", ""))
        if any(old in date for date in _DATE.findall(example.question)) and value <= 31:
            new = str(rng.choice([day for day in range(1, 29) if day != value]))
        elif "." in old:
            new = f"{value * rng.choice((0.5, 0.8, 1.3, 2)):.{len(old.split('.')[1])}f}"
        else:
            scaled = max(1, round(value * rng.choice((0.5, 0.7, 1.4, 2, 3)))) + rng.randrange(3)
            new = f"{scaled:,d}" if "," in old else str(scaled)
        if new == old or holds(example.context, [new]):
            return None
        return re.sub(rf"(?<![\w.,]){re.escape(old)}(?!\w)", new, example.question, count=1)

    def _opposite(self, example: Example, answer: TextSpan, rng: random.Random) -> str | None:
        context = set(words(example.context))
        asked = [
            word
            for word in words(example.question)
            if word in OPPOSITES
            and OPPOSITES[word] not in context
            and OPPOSITES[word] not in words(example.question)
            and not re.search(rf"\b{word.title()}\b", example.question[1:])
        ]
        near = set(words(self._near(example, answer)))
        asked = [word for word in asked if word in near] or [
            w for w in asked if w.endswith("est") or w in ("first", "last")
        ]
        if not asked:
            return None
        old = rng.choice(asked)
        return re.sub(rf"\b{old}\b", OPPOSITES[old], example.question, flags=re.IGNORECASE)

    def _negation(self, example: Example, answer: TextSpan, rng: random.Random) -> str | None:
        if _NEGATED.search(example.question) or _NEGATED.search(self._near(example, answer)):
            return None
        spots = list(_NEGATABLE.finditer(example.question))
        if not spots:
            return None
        spot = spots[0]
        word = spot.group()
        negated = {"can": "can't", "will": "won't"}.get(word.lower(), f"{word}n't")
        if rng.random() < 0.3:
            negated = f"{word} never" if word.lower() in ("has", "have", "had", "was", "were") else negated
        return example.question[: spot.start()] + negated + example.question[spot.end() :]

    def _word(self, example: Example, answer: TextSpan, rng: random.Random) -> str | None:
        near = set(_WORD.findall(self._near(example, answer)))
        olds = [
            word
            for word in _WORD.findall(example.question)
            if word in near and word not in PLAIN and word not in OPPOSITES
        ]
        if not olds:
            return None
        old = rng.choice(olds)
        used = set(words(example.context)) | set(words(example.question)) | set(words(answer.text))
        stems = {word[:5] for word in used}
        candidates = [
            word
            for word in self._words[example.title]
            if word not in used and word[:5] not in stems and _ending(word) == _ending(old)
        ]
        return self._swap(example, old, candidates, rng)

    def _removed(self, example: Example) -> Example | None:
        """The passage without the sentences that hold an answer, when what is left is a passage and holds none."""
        golds = [span.text for span in example.answers]
        kept = [
            example.context[start:end]
            for start, end in sentences(example.context)
            if not any(start < span.end and span.start < end for span in example.answers)
        ]
        context = " ".join(kept)
        if len(kept) < 2 or len(context) < 200 or holds(context, golds):
            return None
        return example.unanswered(context=context)
