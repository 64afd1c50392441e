"""What another reader reads ill is kept, and a share of the rest."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.decode import Logits
from training.features import Batch, Feature
from training.selection import hardest, losses


def window(start: int, end: int) -> Feature:
    return Feature(0, [1, 2, 3, 4], 2, [(0, 3), (4, 7)], start, end)


def sure_of_the_third(batch: Batch) -> tuple[Logits, Logits]:
    logits = np.zeros(batch.input_ids.shape, np.float32)
    logits[:, 2] = math.log(7)
    return logits, logits


def test_a_window_costs_what_its_answer_was_given() -> None:
    found = list(losses([window(2, 2), window(2, 3), window(0, 0)], sure_of_the_third))
    assert found == pytest.approx([math.log(10 / 7), (math.log(10 / 7) + math.log(10)) / 2, math.log(10)])


@given(st.lists(st.floats(0, 20), unique=True, max_size=60), st.floats(0, 1), st.floats(0, 1))
def test_the_hardest_are_kept_and_some_of_the_others(found: list[float], share: float, others: float) -> None:
    kept = hardest(found, share, others, seed=1)
    by_loss = sorted(range(len(found)), key=lambda place: -found[place])
    hard = by_loss[: round(share * len(found))]
    assert set(hard) <= set(kept)
    assert kept == sorted(set(kept)) == hardest(found, share, others, seed=1)
    assert len(kept) - len(hard) == round(others * (len(found) - len(hard)))
