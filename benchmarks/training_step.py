"""``python -m benchmarks.training_step``: examples a second that the reader trains on, by attention and precision."""

import time
from collections.abc import Callable
from dataclasses import dataclass

import torch

from benchmarks import report, turns
from training.__main__ import default_base
from training.data import NO_STATEMENT
from training.features import Batch
from training.model import build
from training.recipe import Precision, Training
from training.train import loss_of, optimizer_for

BATCH, LENGTH, ROUNDS = 24, 192, 5


@dataclass(frozen=True, slots=True)
class Way:
    """One way of training."""

    attention: str = "eager"
    precision: Precision = "float32"
    dropout: float = 0.0

    @property
    def name(self) -> str:
        """The settings that it has."""
        return f"{self.attention}, {self.precision}, dropout {self.dropout:g}"


WAYS = (Way(), Way("sdpa"), Way(precision="bf16"), Way("sdpa", "bf16"), Way(dropout=0.1))


def rate(way: Way) -> Callable[[], float]:
    """A function that makes one step of a reader of its own, on word pieces drawn at random; examples a second."""
    recipe = Training(batch_size=BATCH, precision=way.precision, dropout=way.dropout)
    model = build(default_base(), dropout=recipe.dropout)
    model.set_attn_implementation(way.attention)  # type: ignore[operator]
    model.train()
    optimizer = optimizer_for(model, recipe)
    ids = torch.randint(1000, 20000, (BATCH, LENGTH), generator=torch.Generator().manual_seed(1))
    places = torch.arange(BATCH)
    statuses = torch.full_like(places, NO_STATEMENT)
    batch = Batch(ids, torch.ones_like(ids), torch.zeros_like(ids), places, places, statuses, ())

    def step() -> float:
        began = time.perf_counter()
        loss_of(model, batch, recipe).backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        return BATCH / (time.perf_counter() - began)

    return step


def main() -> None:
    """All ways in turns, a round more to warm up."""
    torch.set_num_threads(2)
    rates = turns.in_turns({way.name: rate(way) for way in WAYS}, ROUNDS)
    rows = []
    for name, values in rates.items():
        spread, times = turns.Spread.of(values), turns.ratio(values, rates[WAYS[0].name])
        rows.append([name, spread.median, spread.least, spread.most, times.median])
    print(report.table(["way", "examples/s, median", "least", "most", "times the first"], rows))


if __name__ == "__main__":
    main()
