"""The models that weigh the signs of a checked sentence."""

import pytest

from rag.checking.checker import STATUSES, Status
from training.checking import Row, judged, models


def row(status: Status, sign: float = 0.0) -> Row:
    return Row("A sentence.", "an article", status, {"sign": sign})


def test_signs_that_say_nothing_make_every_status_as_likely_however_many_there_are() -> None:
    some = [row(status) for status, many in zip(STATUSES, (60, 20, 5), strict=True) for _ in range(many)]
    chances = judged(some[0], models(some))
    assert list(chances.values()) == pytest.approx([1 / 3] * 3, abs=0.01)


def test_a_sign_counts_as_far_as_it_parts_them() -> None:
    some = [row("supported", 1.0), row("contradicted", -1.0), row("not_found", 0.0)] * 20
    fitted = models(some)
    right, wrong = judged(some[0], fitted), judged(some[1], fitted)
    assert right["supported"] > 0.6 > right["contradicted"]
    assert wrong["contradicted"] > 0.6 > wrong["supported"]


def test_what_was_not_found_has_no_other_chance() -> None:
    nothing = Row("A sentence.", "an article", "supported", None)
    assert judged(nothing, models([row("supported"), row("contradicted"), row("not_found")]))["not_found"] == 1
