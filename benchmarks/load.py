"""Open-loop load at rising rates: ``python -m benchmarks.load --data-dir DATA``.

Questions are sent at moments drawn beforehand (a Poisson process), whether or not earlier ones were answered, and a
latency counts from the moment a question was due: a service that is slow can't slow its own load down. Health checks
come twenty times a second in the same way; what they take beyond the first rate's is what the event loop is late. After
each rate everything is waited for. Sender and service share the processors. Answers are not kept.
"""

import argparse
import asyncio
import random
import time
from collections import Counter
from pathlib import Path
from typing import Any

import httpx2 as httpx

from benchmarks import plots, report, service
from benchmarks.asking import questions
from benchmarks.turns import percentile

RATES = (2, 5, 10, 15, 20, 30, 100)
_CHECKS_A_SECOND = 20

Sent = tuple[int, float, str | None]
"""Status (0: no answer), milliseconds since it was due, ``Retry-After``."""


def moments(rate: float, seconds: float, seed: int) -> list[float]:
    """When questions are due: a Poisson process of ``rate`` a second."""
    source, at, found = random.Random(seed), 0.0, []
    while (at := at + source.expovariate(rate)) < seconds:
        found.append(at)
    return found


async def send(client: httpx.AsyncClient, due: float, method: str, path: str, body: object = None) -> Sent:
    """Send one request when it is due, by ``time.perf_counter``."""
    await asyncio.sleep(max(0.0, due - time.perf_counter()))
    try:
        answer = await client.request(method, path, json=body)
    except httpx.TransportError:
        return 0, 1000 * (time.perf_counter() - due), None
    return answer.status_code, 1000 * (time.perf_counter() - due), answer.headers.get("retry-after")


async def at_rate(address: str, rate: float, seconds: float, asked: list[str]) -> dict[str, Any]:
    """Send questions at ``rate`` a second for ``seconds``, and wait for all answers."""
    limits = httpx.Limits(max_connections=None)
    async with httpx.AsyncClient(base_url=address, limits=limits, timeout=120, trust_env=False) as client:
        await client.get("/healthz")
        begin = time.perf_counter() + 0.1
        due = moments(rate, seconds, seed=int(rate))
        asks = [
            send(client, begin + at, "POST", "/v1/ask", {"question": asked[number % len(asked)]})
            for number, at in enumerate(due)
        ]
        checks = [
            send(client, begin + number / _CHECKS_A_SECOND, "GET", "/healthz")
            for number in range(int(seconds * _CHECKS_A_SECOND))
        ]
        done: list[Sent] = await asyncio.gather(*asks, *checks)
        passed = time.perf_counter() - begin
    return figures(rate, seconds, passed, done[: len(asks)], [each[1] for each in done[len(asks) :]])


def figures(rate: float, seconds: float, passed: float, asks: list[Sent], checks: list[float]) -> dict[str, Any]:
    """What one rate came to.

    :param seconds: in which questions were sent, ``passed`` those until the last was answered.
    """
    statuses = Counter(status for status, _, _ in asks)
    times = [milliseconds for status, milliseconds, _ in asks if status == 200]
    waits = [int(wait) for status, _, wait in asks if status == 503 and wait]
    return {
        "due a second": len(asks) / seconds,
        "answered a second": statuses[200] / max(seconds, passed),
        "refused": statuses[503],
        "refused, with Retry-After": len(waits),
        "failed": sum(count for status, count in statuses.items() if status not in (200, 503)),
        **{f"p{share}, ms": percentile(times, share / 100) if times else 0.0 for share in (50, 95, 99)},
        "health check, p50, ms": percentile(checks, 0.5),
        "health check, p99, ms": percentile(checks, 0.99),
        "rate": rate,
    }


def measure(
    data_dir: Path, processes: int, rates: list[float], seconds: float, asked: list[str]
) -> list[dict[str, Any]]:
    """One service, every rate."""
    process, address, _ = service.start(data_dir, "--processes", str(processes))
    found = []
    try:
        time.sleep(3 * (processes - 1))  # the others become ready
        for rate in rates:
            found.append({"processes": processes, **asyncio.run(at_rate(address, rate, seconds, asked))})
            print({name: round(value, 1) for name, value in found[-1].items()}, flush=True)
    finally:
        service.stop(process)
    return found


def section(found: list[dict[str, Any]], seconds: float) -> str:
    """The section of the document."""
    head = [name for name in found[0] if name != "rate"]
    rows = [[each[name] for name in head] for each in found]
    series = {
        f"{count} process{'es' if count > 1 else ''}, {name}": [
            (each["due a second"], each[name]) for each in found if each["processes"] == count and each[name]
        ]
        for count in sorted({each["processes"] for each in found})
        for name in ("p50, ms", "p99, ms")
    }
    plot = plots.lines("load", "questions due a second", "ms since the question was due", series, "xy")
    return f"{seconds:.0f} seconds a rate.\n\n{report.table(head, rows)}\n\n{plot}"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data-dir", type=Path, default=Path("var"))
    parser.add_argument("--processes", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--rates", type=float, nargs="+", default=list(RATES))
    parser.add_argument("--seconds", type=float, default=8)
    report.add_options(parser)
    arguments = parser.parse_args()
    asked = questions(arguments.data_dir, 400)
    found = [
        each
        for count in arguments.processes
        for each in measure(arguments.data_dir, count, arguments.rates, arguments.seconds, asked)
    ]
    content = section(found, arguments.seconds)
    print(content)
    if arguments.json:
        report.write_json(arguments.json, "load", {"rates": found, "seconds": arguments.seconds})
    if arguments.write:
        report.write_section("load", content)


if __name__ == "__main__":
    main()
