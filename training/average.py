"""The mean of several readers' weights: of one run, or of runs that began alike, it often errs less than each of them.

Izmailov et al. 2018 (stochastic weight averaging), Wortsman et al. 2022 (model soups).
"""

from __future__ import annotations

from collections.abc import Sequence

import torch

Weights = dict[str, torch.Tensor]


def average(readers: Sequence[Weights], shares: Sequence[float]) -> Weights:
    """The weights of ``readers``, each counted with its share of the sum of ``shares``.

    :raises ValueError: When the readers have not the same tensors, or there is not a share for each.
    """
    first = readers[0]
    if len(readers) != len(shares) or any(
        reader.keys() != first.keys() or any(reader[name].shape != first[name].shape for name in first)
        for reader in readers
    ):
        raise ValueError("only readers of one form can be averaged, with a share for each")
    total = sum(shares)
    return {
        name: sum(
            (reader[name].float() * (share / total) for reader, share in zip(readers, shares, strict=True)),
            torch.zeros(first[name].shape),
        )
        for name in first
    }
