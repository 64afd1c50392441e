"""The adapter of the multilingual reader: what training changed of the encoder's weights, in a small file.

Of a matrix the change is the product of two narrow ones (Hu et al. 2021), of everything else a difference; the output
layer and what smooths the way into int8 consist of changes alone. Each row is kept as whole numbers of at most
:data:`MOST`, and the step that they are multiples of.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from zipfile import BadZipFile

import numpy as np

from index.models.onnx_model import FloatArray, ModelError

MOST = 31
"""So few levels that the file packs well; finer ones answer no better."""

Weights = dict[str, FloatArray]


def write_adapter(path: Path, changes: Mapping[str, FloatArray]) -> None:
    """Write changes, each ``float32[rows, columns]`` or ``float32[columns]``."""
    shapes = {name: list(change.shape) for name, change in changes.items()}
    rows = [np.atleast_2d(change) for change in changes.values()]
    steps = [(np.abs(part).max(axis=1) / MOST).astype(np.float16) for part in rows]
    levels = [
        np.rint(part / np.maximum(step.astype(np.float32), 1e-8)[:, None]).clip(-MOST, MOST).astype(np.int8)
        for part, step in zip(rows, steps, strict=True)
    ]
    with path.open("wb") as file:
        np.savez_compressed(
            file,
            shapes=np.frombuffer(json.dumps(shapes).encode(), np.uint8),
            steps=np.concatenate(steps),
            levels=np.concatenate([part.ravel() for part in levels]),
        )


def read_adapter(path: Path) -> Weights:
    """Read what :func:`write_adapter` wrote.

    :raises ModelError: when the file is missing or damaged.
    """
    try:
        with path.open("rb") as opened, np.load(opened) as file:
            shapes: dict[str, list[int]] = json.loads(file["shapes"].tobytes())
            steps, levels = file["steps"].astype(np.float32), file["levels"].astype(np.float32)
    except (OSError, ValueError, KeyError, BadZipFile) as error:
        raise ModelError(f"{path} is missing or damaged ({error}): install pullquote again") from error
    changes: Weights = {}
    row = at = 0
    for name, shape in shapes.items():
        count, size = (shape[0] if len(shape) == 2 else 1), int(np.prod(shape))
        values = levels[at : at + size].reshape(count, -1) * steps[row : row + count, None]
        changes[name] = values.reshape(shape)
        row, at = row + count, at + size
    return changes


def adapted(weights: Mapping[str, FloatArray], changes: Mapping[str, FloatArray]) -> Weights:
    """The encoder's weights with the changes, and what consists of changes alone.

    Of a matrix ``name`` the change is ``name.up`` transposed times ``name.down``.
    """
    changed = dict(weights)
    for name, change in changes.items():
        if name.endswith(".down"):
            matrix = name.removesuffix(".down")
            changed[matrix] = weights[matrix] + changes[f"{matrix}.up"].T @ change
        elif not name.endswith(".up"):
            changed[name] = weights[name] + change if name in weights else change
    return changed
