"""How well an index answers questions whose answers are known."""

import statistics
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from rag.answerer import Answerer
from rag.calibration import expected_calibration_error
from rag.metrics import area_under_roc, exact_match, f1
from rag.questions import Question

RIGHT_F1 = 0.5
"""An answer counts as right from this word F1 with a gold answer on."""


@dataclass(frozen=True, slots=True)
class Judged:
    """What was answered to a question, and how good it is.

    ``answer`` is the best one, also when it was held back (``given`` is false then). ``f1_of_3`` is the best of the
    first three. On a question without an answer, ``exact`` and ``f1`` are 1 when the answer was held back, else 0.
    """

    id: str
    question: str
    golds: tuple[str, ...]
    kind: str
    answer: str
    quote: str
    confidence: float
    given: bool
    exact: float
    f1: float
    f1_of_3: float
    milliseconds: float

    @property
    def right(self) -> bool:
        """Whether the answer is right, be it given or not."""
        return bool(self.golds) and self.f1 >= RIGHT_F1


def evaluate(
    answerer: Answerer, questions: Sequence[Question], progress: Callable[[int], None] | None = None
) -> list[Judged]:
    """Ask every question and judge the best answer, given or held back."""
    judged = []
    for count, question in enumerate(questions, 1):
        judged.append(_judge(answerer, question))
        if progress:
            progress(count)
    return judged


def _judge(answerer: Answerer, question: Question) -> Judged:
    result = answerer.ask(question.question, min_confidence=0.0)
    best = result.answers[0] if result.answers else None
    text, confidence = (best.text, best.confidence) if best else ("", 0.0)
    given = confidence >= answerer.calibrator.threshold
    golds = question.answers
    silent = float(not given)
    return Judged(
        id=question.id,
        question=question.question,
        golds=golds,
        kind=question.kind,
        answer=text,
        quote=best.citations[0].quote if best else "",
        confidence=confidence,
        given=given,
        exact=exact_match(text, golds) if golds else silent,
        f1=f1(text, golds) if golds else silent,
        f1_of_3=max((f1(answer.text, golds) for answer in result.answers), default=0.0) if golds else silent,
        milliseconds=result.timings_ms["total"],
    )


def summary(judged: Sequence[Judged]) -> dict[str, float]:
    """The figures over all questions; those that need questions of a kind are left out when there are none."""
    answerable = [item for item in judged if item.golds]
    unanswerable = [item for item in judged if not item.golds]
    given = [item for item in judged if item.given]
    figures: dict[str, float] = {"questions": len(judged), "answerable": len(answerable)}
    if answerable:
        figures["exact match, best answer"] = _mean(item.exact for item in answerable)
        figures["F1, best answer"] = _mean(item.f1 for item in answerable)
        figures["F1, best of three"] = _mean(item.f1_of_3 for item in answerable)
        figures["answered, of the answerable"] = _mean(item.given for item in answerable)
    if unanswerable:
        figures["held back, of the unanswerable"] = _mean(not item.given for item in unanswerable)
    if given:
        figures["right, of those given"] = _mean(item.right for item in given)
    if answerable and unanswerable:
        scores = [item.confidence for item in judged]
        figures["AUROC, answerable against not"] = area_under_roc(scores, [bool(item.golds) for item in judged])
    confidences, rights = [item.confidence for item in judged], [item.right for item in judged]
    figures["expected calibration error"] = expected_calibration_error(confidences, rights)
    times = sorted(item.milliseconds for item in judged)
    figures["milliseconds, median"] = statistics.median(times)
    figures["milliseconds, 95th percentile"] = times[min(len(times) - 1, int(0.95 * len(times)))]
    return figures


def as_json(judged: Sequence[Judged]) -> dict[str, Any]:
    """The figures and every question, for machines."""
    return {"summary": summary(judged), "questions": [asdict(item) for item in judged]}


def _mean(values: Iterable[float]) -> float:
    return statistics.fmean(values)
