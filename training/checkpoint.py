"""Checkpoints from which a run goes on exactly as if it had not been stopped."""

from __future__ import annotations

import pickle
import random
from pathlib import Path
from typing import Any

import torch

#: The newest checkpoint and the one before it, in case writing the newest was cut short by more than a process's end.
NEWEST, BEFORE, BEST = "newest.pt", "before.pt", "best.pt"


def save(path: Path, state: dict[str, Any]) -> None:
    """Write a state with the random generators' beside it; the file appears whole or not at all."""
    part = path.with_name(path.name + ".part")
    torch.save({**state, "torch_rng": torch.get_rng_state(), "python_rng": random.getstate()}, part)
    part.replace(path)


def save_newest(folder: Path, state: dict[str, Any]) -> None:
    """Write the newest checkpoint and keep the one before it."""
    newest = folder / NEWEST
    if newest.exists():
        newest.replace(folder / BEFORE)
    save(newest, state)


def load(path: Path) -> dict[str, Any]:
    """Read a state and set the random generators as they were."""
    state: dict[str, Any] = torch.load(path, weights_only=False)
    torch.set_rng_state(state["torch_rng"])
    random.setstate(state["python_rng"])
    return state


def load_newest(folder: Path) -> dict[str, Any] | None:
    """The newest state that can be read, ``None`` when there is none."""
    for name in (NEWEST, BEFORE):
        if (folder / name).exists():
            try:
                return load(folder / name)
            except (RuntimeError, EOFError, OSError, pickle.UnpicklingError):
                continue
    return None
