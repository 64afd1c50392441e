"""What changed between two evaluations of the same questions."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rag.evaluating.evaluation import WELL, Judged, summary
from rag.evaluating.questions import QuestionsError


@dataclass(frozen=True, slots=True)
class Change:
    """A question with another answer or another outcome than before; ``before`` is its old record."""

    before: Mapping[str, Any]
    after: Judged

    @property
    def effect(self) -> int:
        """1 when the question goes well now and did not, -1 when it did and does not any more, else 0."""
        return (self.after.outcome in WELL) - (self.before["outcome"] in WELL)


@dataclass(frozen=True, slots=True)
class Comparison:
    """Old and new figures by name (None where one side has none), what changed, and ids that one side lacks."""

    figures: dict[str, tuple[float | None, float | None]]
    changes: tuple[Change, ...]
    added: tuple[str, ...]
    dropped: tuple[str, ...]

    def of(self, effect: int) -> list[Change]:
        """The changes with this effect."""
        return [change for change in self.changes if change.effect == effect]


def compare(old: Mapping[str, Any], judged: Sequence[Judged]) -> Comparison:
    """Compare with an evaluation of :func:`read_evaluation`. Questions are the same when id and words are."""
    before = {(record["id"], record["question"]): record for record in old["questions"]}
    after = {(item.id, item.question): item for item in judged}
    changes = [
        Change(before[key], item)
        for key, item in after.items()
        if key in before and (before[key]["outcome"], before[key]["answer"]) != (item.outcome, item.answer)
    ]
    figures = summary(judged)
    names = dict.fromkeys([*figures, *old["summary"]])
    return Comparison(
        {name: (old["summary"].get(name), figures.get(name)) for name in names},
        tuple(changes),
        tuple(item.id for key, item in after.items() if key not in before),
        tuple(record["id"] for key, record in before.items() if key not in after),
    )


def read_evaluation(path: Path) -> dict[str, Any]:
    """Read an evaluation that was written as JSON (:func:`rag.evaluating.evaluation.as_json`).

    :raises QuestionsError: when the file is missing or something else.
    """
    try:
        content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        if not all(isinstance(value, int | float) for value in content["summary"].values()):
            raise TypeError("a figure is no number")
        for record in content["questions"]:
            for name in ("id", "question", "answer", "outcome", "confidence"):
                record[name]
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise QuestionsError(f"{path} is no evaluation ({type(error).__name__} {error})", "no_evaluation") from error
    return content
