"""``python -m benchmarks.training_step``: examples a second that the reader trains on, by attention and precision."""

import time
from collections.abc import Callable
from dataclasses import replace
from statistics import median
from typing import Literal

import torch

from training.__main__ import default_base
from training.features import Batch
from training.model import build
from training.recipe import Training
from training.train import loss_of, optimizer_for

Precision = Literal["bf16", "float32"]

BATCH, LENGTHS, ROUNDS = 24, (176, 192, 208), 5
PRECISIONS: tuple[Precision, ...] = ("bf16", "float32")
WAYS = [
    (attention, precision, dropout)
    for precision in PRECISIONS
    for attention in ("sdpa", "eager")
    for dropout in (0.0, 0.1)
]


def batch_of(length: int, generator: torch.Generator) -> Batch:
    """Word pieces, starts and ends drawn at random."""
    ids = torch.randint(1000, 20000, (BATCH, length), generator=generator)
    starts, ends = torch.randint(1, length, (2, BATCH), generator=generator)
    return Batch(ids, torch.ones_like(ids), torch.zeros_like(ids), starts, ends, ())


def stepper(attention: str, recipe: Training) -> Callable[[Batch], None]:
    """A training step of a reader of its own."""
    model = build(default_base(), dropout=recipe.dropout)
    model.set_attn_implementation(attention)  # type: ignore[operator]
    model.train()
    optimizer = optimizer_for(model, recipe)

    def step(batch: Batch) -> None:
        loss_of(model, batch, recipe).backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)

    return step


def main() -> None:
    """All ways in turns, a round more to warm up; the median of the rounds."""
    torch.set_num_threads(2)
    generator = torch.Generator().manual_seed(1)
    recipe = Training(batch_size=BATCH)
    steps = {way: stepper(way[0], replace(recipe, precision=way[1], dropout=way[2])) for way in WAYS}
    rates: dict[tuple[str, Precision, float], list[float]] = {way: [] for way in WAYS}
    for turn in range(ROUNDS + 1):
        batches = [batch_of(length, generator) for length in LENGTHS]
        for way, step in steps.items():
            began = time.perf_counter()
            for batch in batches:
                step(batch)
            if turn:
                rates[way].append(BATCH * len(batches) / (time.perf_counter() - began))
    first = median(rates[WAYS[0]])
    print("| attention | precision | dropout | examples/s, median | least | most | times the first |")
    print("|---|---|---|---|---|---|---|")
    for (attention, precision, dropout), values in rates.items():
        figures = f"{median(values):.1f} | {min(values):.1f} | {max(values):.1f} | {median(values) / first:.2f}"
        print(f"| {attention} | {precision} | {dropout} | {figures} |")


if __name__ == "__main__":
    main()
