"""Questions that were asked and judged: one of each outcome."""

from rag.evaluating.evaluation import Judged


def judged(identifier: str, golds: tuple[str, ...], confidence: float, f1: float, rank: int = 1) -> Judged:
    given = confidence >= 0.5
    score = f1 if golds else float(not given)
    return Judged(
        id=identifier,
        question="?",
        golds=golds,
        kind="",
        answer="words",
        title="Title",
        quote="Some words.",
        start=5,
        end=10,
        confidence=confidence,
        given=given,
        exact=float(score == 1),
        f1=score,
        f1_of_3=score,
        rank=rank if golds else None,
        was_read=rank in range(1, 8),
        milliseconds=10.0,
    )


SOME = [
    judged("right", ("words",), 0.9, 1.0),
    judged("half right", ("other words",), 0.8, 2 / 3, rank=4),
    judged("held back", ("words",), 0.1, 1.0, rank=12),
    judged("wrong", ("nothing",), 0.7, 0.0, rank=0),
    judged("silent", (), 0.2, 0.0),
    judged("invented", (), 0.6, 0.0),
]
