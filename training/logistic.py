"""Fit a logistic model over named features."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize

from rag.english.logistic import Logistic

_PENALTY = 1.0


def fit(
    rows: Sequence[Mapping[str, float]],
    targets: Sequence[bool],
    fitted_on: str,
    weights: Sequence[float] | None = None,
    *,
    penalty: float = _PENALTY,
) -> Logistic:
    """The model with the highest penalised likelihood; ``weights`` says how much each row counts, 1 by default.

    :param penalty: the weight of the square of each coefficient, of features as they are.
    """
    names = list(rows[0])
    inputs = np.array([[*(row[name] for name in names), 1.0] for row in rows])
    wanted, counts = np.array(targets, dtype=float), np.array(weights or [1.0] * len(rows))
    penalties = np.array([penalty] * len(names) + [0.0])

    def loss(point: npt.NDArray[np.float64]) -> tuple[float, npt.NDArray[np.float64]]:
        logits = inputs @ point
        errors = counts * (1 / (1 + np.exp(-logits)) - wanted)
        value = counts @ (np.logaddexp(0, logits) - wanted * logits) + 0.5 * penalties @ point**2
        return float(value), inputs.T @ errors + penalties * point

    best = minimize(loss, np.zeros(len(names) + 1), jac=True, method="L-BFGS-B").x
    found = {name: round(float(value), 4) for name, value in zip(names, best, strict=False)}
    return Logistic(found, round(float(best[-1]), 4), fitted_on)
