"""Fit what tells how follow-up questions lean on a conversation: ``python -m training.followups DATA_FOLDER``.

Fitted on ``conversations/train.jsonl`` of the folder, on the project's own conversations about other news texts of the
folder (``training/conversations.jsonl``, whose answers are places in these texts), and on the development half of
``tests/data/followups.jsonl``; what tells whether a question leans also on ``training/conversations_more.jsonl``.
Every conversation counts twice, with its answers and, at half weight, without any. Questions that stand alone, those on
the written news and documents among them, are also put after other conversations, some of them typed without capitals
or begun with an "and". A question leans on a mention
when most of its words are in what a person wrote for the follow-up, or named for it. What is printed is five-fold
cross-validation over conversations.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from benchmarks.followups import read_conversations
from rag.english.content_words import content_words
from rag.english.followup import LEAST_LEANING, LEAST_TERM
from rag.english.leaning import LEANS, TERMS, Exchange, signs_of_leaning, signs_of_terms
from rag.english.logistic import Logistic
from rag.english.mentions import Mention, joined
from rag.evaluating.metrics import area_under_roc
from training.data import read_rows
from training.logistic import fit
from training.sources import OWN_CONVERSATIONS, OWN_QUESTIONS, texts

FITTED_ON = "conversations on news (train and the project's own), the development half of the project's own follow-ups"
_FOLDS = 5
_SEED = 0
_STRANGERS = 2
_QUESTIONS = 8
"""Further questions that stand alone and are put after each conversation."""
_WRITTEN = ("news_written.jsonl.gz", "documents_written.jsonl.gz")
_LOWERED = 0.3
_LED = 0.2
_LEADS = ("And", "So", "Ok,", "Thanks, that helps.", "But")


class Said(NamedTuple):
    """A turn: the question, what it is without the conversation (None when it stands alone), its answer, its terms."""

    question: str
    standalone: str | None
    answer: str
    terms: tuple[str, ...]


class Row(NamedTuple):
    """The signs of a question or a mention, whether it leans or is leaned on, and how much it counts.

    ``kind`` is ``turn``, ``without answers``, ``stranger``, ``led``, ``lowered`` or ``question``.
    """

    conversation: int
    signs: dict[str, float]
    target: bool
    weight: float
    kind: str


Conversation = Sequence[Said]


def conversations(data: Path) -> list[Conversation]:
    """The training conversations of the folder, the project's own on its texts, and the development half of those on
    the project's own articles.
    """
    found: list[Conversation] = [
        [
            Said(
                turn["question"],
                turn["standalone"] if turn["follow_up"] else None,
                next(iter(turn["answers"]), ""),
                tuple(turn["terms"]),
            )
            for turn in row["turns"]
        ]
        for row in read_rows(data / "conversations" / "train.jsonl")
    ]
    own = read_conversations()[::2]
    return [
        *found,
        *on_texts(data, OWN_CONVERSATIONS[0]),
        *([Said(it.question, it.standalone, next(iter(it.answers), ""), ()) for it in turns] for turns in own),
    ]


def on_texts(data: Path, file: Path) -> Iterator[Conversation]:
    """The project's own conversations of a file, on the news texts of the folder and on invented articles."""
    articles = {row["id"]: row["text"] for row in texts(data)}
    for record in read_rows(file):
        text = articles[record["article"]]
        yield [
            Said(
                turn["question"],
                turn.get("standalone"),
                next((text[start:end] for start, end in turn["answers"]), ""),
                tuple(turn.get("terms", ())),
            )
            for turn in record["turns"]
        ]


def standing_alone(data: Path) -> list[str]:
    """The questions on the written news and documents that are for training, and the project's own on news: each stands
    alone.
    """
    written = [row for name in _WRITTEN for row in read_rows(data / "reader" / name) if row["split"] == "train"]
    return [row["question"] for row in (*written, *read_rows(OWN_QUESTIONS))]


def rows(found: Sequence[Conversation], alone: Sequence[str] = ()) -> tuple[list[Row], list[Row]]:
    """What the two models are fitted on: questions that lean or don't, mentions that are leaned on or aren't.

    :param alone: further questions that lean on nothing; some are put after each conversation.
    """
    chosen = random.Random(_SEED)
    asked: list[Row] = []
    spoken: list[Row] = []
    for number, turns in enumerate(found):
        for has_answers in (True, False):
            _held(number, turns, has_answers, asked, spoken)
        for turn in turns:
            whole = turn.standalone or turn.question
            for _ in range(_STRANGERS):
                other = found[chosen.randrange(len(found))]
                past = [Exchange(it.standalone or it.question, it.answer) for it in other[: chosen.randrange(1, 5)]]
                if other is turns:
                    continue
                asked.append(Row(number, signs_of_leaning(whole, past), False, 0.5, "stranger"))
                if chosen.random() < _LED:
                    led = f"{chosen.choice(_LEADS)} {whole}"
                    asked.append(Row(number, signs_of_leaning(led, past), False, 0.4, "led"))
                if chosen.random() < _LOWERED:
                    lowered = whole.lower().rstrip("?")
                    asked.append(Row(number, signs_of_leaning(lowered, past), False, 0.4, "lowered"))
        for question in chosen.sample(alone, min(_QUESTIONS, len(alone))):
            past = [Exchange(it.standalone or it.question, it.answer) for it in turns[: chosen.randrange(1, 5)]]
            asked.append(Row(number, signs_of_leaning(question, past), False, 0.5, "question"))
    return asked, spoken


def _held(number: int, turns: Conversation, has_answers: bool, asked: list[Row], spoken: list[Row]) -> None:
    kind, weight = ("turn", 1.0) if has_answers else ("without answers", 0.5)
    past: list[Exchange] = []
    for turn in turns:
        question = turn.question
        if past:
            leans = turn.standalone is not None
            asked.append(Row(number, signs_of_leaning(question, past), leans, weight, kind))
        if past and turn.standalone:
            wanted = {*content_words(turn.standalone), *content_words(" ".join(turn.terms))}
            missing = wanted.difference(content_words(question))
            taken: list[Mention] = []
            for mention, signs in signs_of_terms(question, past):
                is_needed = bool(mention.stems) and 2 * len(mention.stems & missing) >= len(mention.stems)
                spoken.append(Row(number, signs, is_needed, weight, kind))
                if is_needed and not any(mention.stems <= other.stems for other in taken):
                    taken.append(mention)
            question = f"{question} ({', '.join(joined(taken))})" if taken else question
        past.append(Exchange(question, turn.answer if has_answers else ""))


def cross_validated(found: Sequence[Row]) -> list[float]:
    """The probability of each row by a model that was fitted without its conversation."""
    models = [_fitted([row for row in found if row.conversation % _FOLDS != fold]) for fold in range(_FOLDS)]
    return [models[row.conversation % _FOLDS].probability(row.signs) for row in found]


def _fitted(found: Sequence[Row]) -> Logistic:
    return fit([row.signs for row in found], [row.target for row in found], FITTED_ON, [row.weight for row in found])


def _taken(found: Sequence[Row], chances: Sequence[float], target: bool, kinds: Collection[str], least: float) -> str:
    """How many of the rows of a target and these kinds reach the least probability."""
    pairs = zip(found, chances, strict=True)
    hits = [chance >= least for row, chance in pairs if row.target == target and row.kind in kinds]
    return f"{sum(hits)} of {len(hits)}"


def main() -> None:
    """Fit, report, and write both models."""
    data = Path(sys.argv[1])
    found = conversations(data)
    asked, spoken = rows([*found, *on_texts(data, OWN_CONVERSATIONS[1])], standing_alone(data))
    spoken = [row for row in spoken if row.conversation < len(found)]
    chances = cross_validated(asked)
    print(f"follow-ups taken for follow-ups: {_taken(asked, chances, True, {'turn'}, LEAST_LEANING)}")
    for kind in ("turn", "stranger", "led", "lowered", "question"):
        wrong = _taken(asked, chances, False, {kind}, LEAST_LEANING)
        print(f"standing alone ({kind}), taken for follow-ups: {wrong}")
    chances = cross_validated(spoken)
    kinds = {"turn", "without answers"}
    print(f"needed mentions taken: {_taken(spoken, chances, True, kinds, LEAST_TERM)}")
    print(f"others taken: {_taken(spoken, chances, False, kinds, LEAST_TERM)}")
    print(f"AUROC of mentions: {area_under_roc(chances, [row.target for row in spoken]):.3f}")
    _fitted(asked).write(LEANS)
    _fitted(spoken).write(TERMS)


if __name__ == "__main__":
    main()
