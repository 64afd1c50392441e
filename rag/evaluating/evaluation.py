"""How well an index answers questions whose answers are known."""

import statistics
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from index.article import single_spaced
from rag.answerer import Answerer
from rag.evaluating.metrics import (
    area_under_risk_coverage,
    area_under_roc,
    coverage_at,
    exact_match,
    expected_calibration_error,
    f1,
)
from rag.evaluating.questions import GoldQuestion
from rag.question import Question
from rag.ranking.normalise import normalise
from rag.retrieval.retriever import RetrievedPassage

RIGHT_F1 = 0.5
"""An answer counts as right from this word F1 with a gold answer on."""

RANKED = 20
"""Passages among which the one that answers is looked for."""

RECALL_AT = (1, 5, 20)
PRECISIONS = (0.9, 0.95)

Outcome = Literal["right", "wrong", "held back", "made up", "silent"]
"""What came of a question. With gold answers: ``right`` or ``wrong`` when one was given, else ``held back``. Without:
``made up`` when one was given, else ``silent``."""

WELL: frozenset[Outcome] = frozenset({"right", "silent"})


@dataclass(frozen=True, slots=True)
class Judged:
    """What was answered to a question, and how good it is.

    ``answer`` is the best one, also when it was held back (``given`` is false then); it is the slice from ``start`` to
    ``end`` of ``quote``. ``f1_of_3`` is the best of the first three. On a question without an answer, ``exact`` and
    ``f1`` are 1 when the answer was held back, else 0. ``rank`` is that of the first passage that holds a gold answer,
    in the article that the question names if it names one: from 1, 0 when it is not among the first :data:`RANKED`,
    None for a question without an answer. ``was_read`` says whether any such passage was read.
    """

    id: str
    question: str
    golds: tuple[str, ...]
    kind: str
    answer: str
    title: str
    quote: str
    start: int
    end: int
    confidence: float
    given: bool
    exact: float
    f1: float
    f1_of_3: float
    rank: int | None
    was_read: bool
    milliseconds: float

    @property
    def right(self) -> bool:
        """Whether the answer is right, be it given or not."""
        return bool(self.golds) and self.f1 >= RIGHT_F1

    @property
    def outcome(self) -> Outcome:
        """What came of the question."""
        if not self.golds:
            return "made up" if self.given else "silent"
        if not self.given:
            return "held back"
        return "right" if self.right else "wrong"

    @property
    def cause(self) -> str:
        """The first step that went wrong, empty when all went well."""
        if self.outcome in WELL:
            return ""
        if not self.golds:
            return "answered what no article answers"
        if self.right:
            return "right, but held back"
        if not self.rank:
            return f"not among the {RANKED} passages found"
        return "read, but something else was taken" if self.was_read else "found, but not read"


def evaluate(
    answerer: Answerer, questions: Sequence[GoldQuestion], progress: Callable[[int], None] | None = None
) -> list[Judged]:
    """Ask every question and judge the best answer, given or held back."""
    judged = []
    for count, question in enumerate(questions, 1):
        judged.append(_judge(answerer, question))
        if progress:
            progress(count)
    return judged


def _judge(answerer: Answerer, question: GoldQuestion) -> Judged:
    result = answerer.ask(Question(question.question, min_confidence=0.0))
    found = answerer.search(question.question, limit=RANKED) if question.answers else []
    best = result.answers[0] if result.answers else None
    citation = best.citations[0] if best else None
    text, confidence = (best.text, best.confidence) if best else ("", 0.0)
    given = bool(best) and confidence >= answerer.calibrator.threshold
    golds = question.answers
    silent = float(not given)
    return Judged(
        id=question.id,
        question=question.question,
        golds=golds,
        kind=question.kind,
        answer=text,
        title=citation.title if citation else "",
        quote=citation.quote if citation else "",
        start=citation.start - citation.quote_start if citation else 0,
        end=citation.end - citation.quote_start if citation else 0,
        confidence=confidence,
        given=given,
        exact=exact_match(text, golds) if golds else silent,
        f1=f1(text, golds) if golds else silent,
        f1_of_3=max((f1(answer.text, golds) for answer in result.answers), default=0.0) if golds else silent,
        rank=_rank(question, found) if golds else None,
        was_read=bool(golds) and _rank(question, result.passages) > 0,
        milliseconds=result.timings_ms["total"],
    )


def _rank(question: GoldQuestion, found: Sequence[RetrievedPassage]) -> int:
    """The rank, from 1, of the first passage that answers the question, 0 when there is none."""
    golds = [f" {normalise(gold)} " for gold in question.answers]
    article = _name(question.article)
    for rank, passage in enumerate(found, 1):
        names = {_name(name or "") for name in _names(passage)}
        words = f" {normalise(passage.text)} "
        if (not article or article in names) and any(gold in words for gold in golds):
            return rank
    return 0


def _names(passage: RetrievedPassage) -> tuple[str | None, ...]:
    article = passage.article
    return article.id, article.title, article.url, article.path


def _name(text: str) -> str:
    """The form in which names of articles are compared: SQuAD writes titles with underscores."""
    return single_spaced(text.replace("_", " ").casefold())


def summary(judged: Sequence[Judged]) -> dict[str, float]:
    """The figures over all questions; those that need questions of a kind are left out when there are none."""
    answerable = [item for item in judged if item.golds]
    unanswerable = [item for item in judged if not item.golds]
    given = [item for item in judged if item.given]
    confidences, rights = [item.confidence for item in judged], [item.right for item in judged]
    figures: dict[str, float] = {"questions": len(judged), "answerable": len(answerable)}
    if answerable:
        figures["exact match, best answer"] = _mean(item.exact for item in answerable)
        figures["F1, best answer"] = _mean(item.f1 for item in answerable)
        figures["F1, best of three"] = _mean(item.f1_of_3 for item in answerable)
        for limit in RECALL_AT:
            figures[f"recall@{limit}"] = _mean(1 <= (item.rank or 0) <= limit for item in answerable)
        figures["MRR@10"] = _mean(1 / item.rank if item.rank and item.rank <= 10 else 0.0 for item in answerable)
        figures["answered, of the answerable"] = _mean(item.given for item in answerable)
    if unanswerable:
        figures["held back, of the unanswerable"] = _mean(not item.given for item in unanswerable)
    if given:
        figures["right, of those given"] = _mean(item.right for item in given)
    for precision in PRECISIONS:
        figures[f"coverage at {precision:.0%} precision"] = coverage_at(precision, confidences, rights)
    figures["area under risk-coverage"] = area_under_risk_coverage(confidences, rights)
    if answerable and unanswerable:
        figures["AUROC, answerable against not"] = area_under_roc(confidences, [bool(item.golds) for item in judged])
    figures["expected calibration error"] = expected_calibration_error(confidences, rights)
    times = sorted(item.milliseconds for item in judged)
    for name, share in (("median", 0.5), ("95th percentile", 0.95), ("99th percentile", 0.99)):
        figures[f"milliseconds, {name}"] = percentile(times, share)
    return figures


def percentile(ascending: Sequence[float], share: float) -> float:
    """The value below which ``share`` of them lie; the median of an even number is the mean of the middle two."""
    if share == 0.5:
        return statistics.median(ascending)
    return ascending[min(len(ascending) - 1, int(share * len(ascending)))]


def as_json(judged: Sequence[Judged]) -> dict[str, Any]:
    """The figures and every question, for machines and for :mod:`rag.evaluating.comparison`."""
    return {
        "summary": summary(judged),
        "questions": [asdict(item) | {"outcome": item.outcome, "cause": item.cause} for item in judged],
    }


def _mean(values: Iterable[float]) -> float:
    return statistics.fmean(values)
