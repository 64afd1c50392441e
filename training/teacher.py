"""Learning from a larger reader by its start and end distributions (Hinton et al. 2015), read from a cache.

A teacher with the same word pieces scores every window once; its logits lie beside the mixture in one ``.npz`` file, so
that the student's run costs no more than without a teacher. The cache is a folder of parts and can be filled in pieces.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from torch.nn import functional

from training.evaluate import Scorer
from training.features import Feature, collate

#: Logits of at most this many windows lie in one part of the cache.
PART = 2048


def divergence(student: torch.Tensor, teacher: torch.Tensor, mask: torch.Tensor, temperature: float) -> torch.Tensor:
    """float32[batch]: T^2 times the KL divergence of the student's softened distribution from the teacher's.

    :param student: float32[batch, length] logits.
    :param teacher: float32[batch, length] logits.
    :param mask: int64[batch, length], 1 for word pieces and 0 for padding.
    """
    hidden = mask == 0
    log_q = functional.log_softmax(student.masked_fill(hidden, -1e4) / temperature, dim=-1)
    log_p = functional.log_softmax(teacher.masked_fill(hidden, -1e4) / temperature, dim=-1)
    return (log_p.exp() * (log_p - log_q)).sum(dim=-1) * temperature**2


class TeacherCache:
    """Start and end logits of a teacher, a row a feature in the order of the mixture.

    :param folder: Holds ``part-00000.npz`` and so on, each with ``start`` and ``end`` float16[rows, longest] and
        ``length`` int64[rows].
    """

    def __init__(self, folder: Path) -> None:
        self._parts = [np.load(path) for path in sorted(folder.glob("part-*.npz"))]
        self._rows = [
            (start[: int(size)], end[: int(size)])
            for part in self._parts
            for start, end, size in zip(part["start"], part["end"], part["length"], strict=True)
        ]

    def __len__(self) -> int:
        return len(self._rows)

    def batch(self, rows: Sequence[int], length: int) -> tuple[torch.Tensor, torch.Tensor]:
        """float32[batch, length] start and end logits, zeros where padded."""
        both = torch.zeros((2, len(rows), length))
        for at, row in enumerate(rows):
            for side in (0, 1):
                values = torch.from_numpy(self._rows[row][side].astype(np.float32))
                both[side, at, : len(values)] = values
        return both[0], both[1]


def fill_cache(scorer: Scorer, features: Sequence[Feature], folder: Path, batch_size: int = 16) -> int:
    """Score all features and write the parts that are not there yet; returns how many were written.

    Stopping at any time loses at most one part.
    """
    folder.mkdir(parents=True, exist_ok=True)
    written = 0
    for number, low in enumerate(range(0, len(features), PART)):
        path = folder / f"part-{number:05d}.npz"
        if path.exists():
            continue
        part = features[low : low + PART]
        longest = max(len(feature) for feature in part)
        logits = np.zeros((2, len(part), longest), np.float16)
        order = sorted(range(len(part)), key=lambda place: len(part[place]))
        places = [order[at : at + batch_size] for at in range(0, len(order), batch_size)]
        for rows in places:
            for side, values in enumerate(scorer(collate([part[place] for place in rows]))):
                logits[side, rows, : values.shape[1]] = values.astype(np.float16)
        unfinished = path.with_suffix(".part")
        with unfinished.open("wb") as file:
            np.savez(file, start=logits[0], end=logits[1], length=np.array([len(feature) for feature in part]))
        unfinished.replace(path)
        written += 1
    return written
