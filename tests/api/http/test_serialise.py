"""What the HTTP contract says of numbers, whatever they are."""

import math

from hypothesis import given
from hypothesis import strategies as st

from api.http.serialise import rounded_chances
from rag.checking.checker import STATUSES

CHANCE = st.floats(0, 1)


@given(CHANCE, CHANCE)
def test_rounded_chances_sum_to_one_and_stay_near(covered: float, borne_out: float) -> None:
    exact = dict(zip(STATUSES, (covered * borne_out, covered * (1 - borne_out), 1 - covered), strict=True))
    found = rounded_chances(exact)
    assert math.isclose(sum(found.values()), 1, abs_tol=1e-12)
    assert all(found[status] == round(found[status], 4) for status in STATUSES)
    assert all(abs(found[status] - exact[status]) <= 1.5e-4 for status in STATUSES)
    highest = max(STATUSES, key=lambda status: exact[status])
    assert found[highest] >= max(found.values()) - 1.5e-4
