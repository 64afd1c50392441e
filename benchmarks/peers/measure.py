"""The measurements: indexing, starts, single asks with their answers, and several clients at once."""

import re
import statistics
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Literal

import httpx2 as httpx

from benchmarks.peers.material import Question
from benchmarks.peers.systems import Running, System, serving
from benchmarks.service import family
from benchmarks.turns import in_turns, percentile
from rag.evaluating.metrics import exact_match, f1

_WARMING = 5
"""Asks before the first that counts."""

Told = Callable[[str], None]
Outcome = Literal["answered", "error", "lost"]
"""``error`` is an HTTP status that says so, ``lost`` a connection that ended without a response."""


@dataclass
class Asks:
    """What a system did with the questions."""

    seconds: list[float] = field(default_factory=list)
    """Of every ask, also of one that ended in an error: a peer's error comes after its reader has run."""
    overlaps: list[float] = field(default_factory=list)
    """F1 for each question with a known answer; 0 where the system gave none or failed."""
    exact: list[float] = field(default_factory=list)
    declined: list[bool] = field(default_factory=list)
    """For each question without an answer, whether the system gave none."""
    declined_wrongly: int = 0
    failed: dict[str, int] = field(default_factory=dict)
    """Errors (HTTP 500 and the like) by the kind of question; an answer they are not."""

    def take(self, question: Question, answer: str | None, seconds: float, outcome: Outcome) -> None:
        """Count an answer, or an error."""
        failed = outcome != "answered"
        kind = "answerable" if question.answers else "unanswerable"
        self.seconds.append(seconds)
        if failed:
            self.failed[kind] = self.failed.get(kind, 0) + 1
        if question.answers:
            self.overlaps.append(f1(answer, question.answers) if answer else 0.0)
            self.exact.append(exact_match(answer, question.answers) if answer else 0.0)
            self.declined_wrongly += answer is None and not failed
        else:
            self.declined.append(answer is None and not failed)

    def figures(self) -> dict[str, float]:
        """Latency in ms, shares of 100."""
        return {
            "asks": len(self.seconds),
            "failed, answerable": self.failed.get("answerable", 0),
            "failed, unanswerable": self.failed.get("unanswerable", 0),
            "median ms": 1000 * statistics.median(self.seconds),
            "p95 ms": 1000 * percentile(self.seconds, 0.95),
            "F1": 100 * statistics.fmean(self.overlaps) if self.overlaps else float("nan"),
            "EM": 100 * statistics.fmean(self.exact) if self.exact else float("nan"),
            "answerable": len(self.overlaps),
            "answerable, declined": self.declined_wrongly,
            "unanswerable": len(self.declined),
            "unanswerable, declined": sum(self.declined),
        }


def memory(pid: int) -> dict[str, float]:
    """Resident and proportional memory of a process and its children, in MB (Linux)."""
    found = {"Rss": 0.0, "Pss": 0.0}
    for each in family(pid):
        text = Path(f"/proc/{each}/smaps_rollup").read_text(encoding="ascii")
        for name in found:
            found[name] += int(re.findall(rf"^{name}:\s+(\d+) kB", text, re.MULTILINE)[0]) / 1000
    return found


def indexing(systems: Sequence[System], work: Path, rounds: int, told: Told) -> dict[str, list[float]]:
    """Seconds to index what is in ``work``, in alternating turns; the last round's indexes stay."""
    ways = {system.name: partial(system.index, work) for system in systems}
    return in_turns(ways, rounds, warm_up=0, told=told)


def starts(systems: Sequence[System], work: Path, question: str, rounds: int, told: Told) -> dict[str, list[float]]:
    """Seconds from the start of the process to its first answer."""

    def start(system: System) -> float:
        with serving(system, work) as running:
            begin = time.perf_counter()
            _try(running, question)
            return running.ready + time.perf_counter() - begin

    return in_turns({s.name: partial(start, s) for s in systems}, rounds, warm_up=0, told=told)


def asking(
    systems: Sequence[System], work: Path, questions: Sequence[Question], others: Sequence[str], told: Told
) -> dict[str, dict[str, object]]:
    """Single asks, each question to all systems before the next one.

    All systems are up, one is asked at a time. ``others`` are questions to warm up with.
    """
    with ExitStack() as stack:
        running = [stack.enter_context(serving(system, work)) for system in systems]
        ready = {each.system.name: memory(each.process.pid) for each in running}
        for each in running:
            _warm_up(each, others)
        asks = {each.system.name: Asks() for each in running}
        for number, asked in enumerate(questions):
            turn = number % len(running)
            for each in running[turn:] + running[:turn]:
                asks[each.system.name].take(asked, *_try(each, asked.text))
            if (number + 1) % 25 == 0:
                told(f"{number + 1}/{len(questions)} questions")
        after = {each.system.name: memory(each.process.pid) for each in running}
    return {
        name: {
            **own.figures(),
            "memory when ready": ready[name],
            "memory after the asks": after[name],
            "seconds": own.seconds,
        }
        for name, own in asks.items()
    }


def loads(
    systems: Sequence[System], work: Path, questions: Sequence[str], rounds: int, told: Told, clients: int = 4
) -> dict[str, dict[str, list[float]]]:
    """Several clients at once, in alternating turns, each system started for its turn: one may crash under them.

    ``asks/s`` counts errors like answers, ``answered/s`` only answers; ``lost`` are asks that got no response at all.
    """
    found: dict[str, dict[str, list[float]]] = {s.name: {"asks/s": [], "answered/s": [], "lost": []} for s in systems}

    def rate(system: System) -> float:
        with serving(system, work) as running:
            _warm_up(running, questions)
            begin = time.perf_counter()
            with ThreadPoolExecutor(clients) as pool:
                outcomes = [outcome for _, _, outcome in pool.map(partial(_try, running), questions)]
            seconds = time.perf_counter() - begin
        lost, answered = outcomes.count("lost"), outcomes.count("answered")
        own = found[system.name]
        own["asks/s"].append((len(outcomes) - lost) / seconds)
        own["answered/s"].append(answered / seconds)
        own["lost"].append(lost)
        return own["asks/s"][-1]

    in_turns({system.name: partial(rate, system) for system in systems}, rounds, warm_up=0, told=told)
    return found


def _warm_up(running: Running, questions: Sequence[str]) -> None:
    for question in questions[:_WARMING]:
        _try(running, question)


def _try(running: Running, question: str) -> tuple[str | None, float, Outcome]:
    """The answer, the seconds, and how the ask ended."""
    begin = time.perf_counter()
    answer: str | None = None
    outcome: Outcome = "answered"
    try:
        answer = running.ask(question)
    except httpx.HTTPStatusError:
        outcome = "error"
    except httpx.TransportError:
        outcome = "lost"
    return answer, time.perf_counter() - begin, outcome
