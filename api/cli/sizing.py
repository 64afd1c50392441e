"""What a service of a size costs: lines through what ``python -m benchmarks.scale`` measured, and what they come to."""

import json
import math
import tomllib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from functools import cache
from pathlib import Path
from typing import Any, Self

from api.settings import ConfigurationError
from index.storage.vectors import EXACT_UP_TO

FITTED = Path(__file__).with_name("sizing.json")

BUSY = 0.7
"""Of the time of a processor, what asks may take: above that, they begin to wait for one another."""


@dataclass(frozen=True, slots=True)
class Fit:
    """A line: what is there without any passage, or character, and what each one adds."""

    fixed: float
    each: float

    def at(self, count: float) -> float:
        """The figure for so many of them."""
        return self.fixed + self.each * count


def fit(one: tuple[float, float], other: tuple[float, float]) -> Fit:
    """The line through two measurements ``(passages, figure)`` or ``(characters, figure)``, which begins at zero at the
    least and never falls: a figure that is lower for more of them counts as the higher one for any number.
    """
    (low, at_low), (high, at_high) = sorted((one, other))
    if at_high < at_low:
        return Fit(at_low, 0.0)
    each = (at_high - at_low) / (high - low)
    fixed = at_low - each * low
    return Fit(fixed, each) if fixed >= 0 else Fit(0.0, at_high / high)


@cache
def fits() -> Mapping[str, Fit]:
    """The lines that were measured: figures over passages, and ``bytes_a_passage`` over the characters of one."""
    content = _measured()
    corpora = sorted(content["bytes_a_passage"].values())
    lines = {name: Fit(*line) for name, line in content["fits"].items()}
    return {**lines, "bytes_a_passage": fit(corpora[0], corpora[-1])}


def measured_up_to() -> int:
    """The passages of the largest index whose build was measured."""
    return int(max(_measured()["measured_at"]))


def _measured() -> dict[str, Any]:
    content: dict[str, Any] = json.loads(FITTED.read_text(encoding="utf-8"))
    return content


@dataclass(frozen=True, slots=True)
class Load:
    """What a service holds and is asked, and what one passage and one ask take of its models."""

    articles: int
    passages_an_article: float = 2.0
    characters_a_passage: float = 500.0
    asks_per_second: float = 1.0
    machines: int = 2
    embedded_per_second: float = 81.0
    reading_ms: float = 240.0

    @property
    def passages(self) -> float:
        """In all."""
        return self.articles * self.passages_an_article


@dataclass(frozen=True, slots=True)
class Prices:
    """What a month, or an hour, of things costs. The defaults are round numbers that nobody asks for: examples."""

    currency: str = "units"
    processor_month: float = 20.0
    gigabyte_of_memory_month: float = 3.0
    gigabyte_of_disk_month: float = 0.1
    gigabyte_in_bucket_month: float = 0.02
    processor_hour: float = 0.04

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read a price sheet in TOML.

        :raises ConfigurationError: when it can't be read, or names or values are none.
        """
        try:
            content = tomllib.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise ConfigurationError(f"the prices in {path} can't be read ({error})") from None
        known = {field.name: field.default for field in fields(cls)}
        if unknown := sorted(content.keys() - known.keys()):
            raise ConfigurationError(f"{path} names {', '.join(unknown)}: prices are {', '.join(known)}")
        for name, value in content.items():
            is_number = isinstance(value, int | float) and not isinstance(value, bool) and value >= 0
            if not (isinstance(value, str) if name == "currency" else is_number):
                raise ConfigurationError(
                    f"{path}: {name} = {value!r} is no {'text' if name == 'currency' else 'price'}"
                )
        return cls(**content)


@dataclass(frozen=True, slots=True)
class Sizing:
    """What a load comes to. Memory, processors and disk are of each machine that answers."""

    passages: int
    disk_gb: float
    memory_gb: float
    ask_cpu_ms: float
    processors: int
    build_memory_gb: float
    build_cpu_hours: float
    month: float
    first_build: float

    def as_dict(self) -> dict[str, float]:
        """For JSON."""
        return asdict(self)


def size(load: Load, prices: Prices, lines: Mapping[str, Fit]) -> Sizing:
    """What ``load`` comes to at ``prices``."""
    passages = load.passages
    figures = {name: line.at(passages) for name, line in lines.items() if name != "bytes_a_passage"}
    compared = lines["vectors_cpu_ms"].at(min(passages, EXACT_UP_TO))
    ask_ms = compared + figures["words_cpu_ms"] + load.reading_ms
    a_machine = load.asks_per_second / load.machines
    processors = max(math.ceil(a_machine * ask_ms / 1000 / BUSY), 1)
    disk = passages * lines["bytes_a_passage"].at(load.characters_a_passage) / 1e9
    memory = figures["serve_mb"] / 1e3 + disk
    hours = (figures["build_cpu_s"] + passages / load.embedded_per_second) / 3600
    machine = (
        processors * prices.processor_month
        + memory * prices.gigabyte_of_memory_month
        + 2 * disk * prices.gigabyte_of_disk_month
    )
    return Sizing(
        passages=round(passages),
        disk_gb=disk,
        memory_gb=memory,
        ask_cpu_ms=ask_ms,
        processors=processors,
        build_memory_gb=figures["build_mb"] / 1e3,
        build_cpu_hours=hours,
        month=load.machines * machine + disk * prices.gigabyte_in_bucket_month,
        first_build=hours * prices.processor_hour,
    )
