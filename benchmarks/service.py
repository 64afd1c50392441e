"""The service as a process: start, memory, load. ``python -m benchmarks.service`` (after ``make index``).

Starts ``pullquote serve`` on a free port of 127.0.0.1, several times, each time next to a Python that only imports the
web framework: how long either takes on this machine, and their ratio. Then many asks at once, with health checks in
between.
"""

import argparse
import asyncio
import contextlib
import json
import os
import re
import socket
import statistics
import subprocess
import sys
import time
from pathlib import Path

import httpx2 as httpx

QUESTIONS = (
    "Who is the NATO spokeswoman?",
    "How many troops were sent to Russia?",
    "What did Lloyd Austin say?",
    "When was the deployment confirmed?",
)


def free_port() -> int:
    """A port that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def start(data_dir: Path, *options: str, **environment: str) -> tuple[subprocess.Popen[bytes], str, float]:
    """Start the service; the process, its address, and the seconds until it was ready.

    :param options: further ones of ``pullquote serve``; ``environment`` are variables for it. No answers are kept,
        unless one of them says so.

    :raises RuntimeError: when it is not ready within ten minutes.
    """
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-m", "api", "serve", "--port", str(port), "--data-dir", str(data_dir), *options]
    begin = time.perf_counter()
    with (data_dir / "service.log").open("ab") as log:
        process = subprocess.Popen(
            command, stdout=log, stderr=log, env={**os.environ, "PULLQUOTE_ANSWER_CACHE": "0", **environment}
        )
    with httpx.Client(base_url=address, timeout=10, trust_env=False) as client:
        while time.perf_counter() - begin < 600 and process.poll() is None:
            with contextlib.suppress(httpx.TransportError):
                if client.get("/readyz").status_code == 200:
                    return process, address, time.perf_counter() - begin
            time.sleep(0.01)
    process.kill()
    raise RuntimeError("the service did not become ready: run 'make index' first")


def family(pid: int) -> list[int]:
    """A process and all that come from it, the children first (Linux)."""
    found = []
    for task in threads_of(pid):
        with contextlib.suppress(OSError):
            children = (task / "children").read_text(encoding="ascii").split()
            found += [each for child in children for each in family(int(child))]
    return [*found, pid]


def threads_of(pid: int) -> list[Path]:
    """The folders of a process's threads, each named by its number; none when the process has ended (Linux)."""
    try:
        return list(Path(f"/proc/{pid}/task").iterdir())
    except OSError:
        return []


def command_of(pid: int) -> str:
    """The command line of a process, empty when it is gone (Linux)."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_text(encoding="utf-8").replace("\0", " ")
    except OSError:
        return ""


def stop(process: subprocess.Popen[bytes]) -> None:
    """End the service and wait for it."""
    process.terminate()
    process.wait(240)


def resident_megabytes(pid: int) -> float:
    """The memory of a process that is in RAM, in MB (Linux)."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    return int(re.findall(r"VmRSS:\s+(\d+) kB", status)[0]) / 1000


def loads_torch(pid: int) -> bool:
    """Whether a library of torch is mapped into a process (Linux)."""
    return "libtorch" in Path(f"/proc/{pid}/maps").read_text(encoding="utf-8")


def framework_seconds() -> float:
    """How long a Python takes that imports the web framework and ends."""
    begin = time.perf_counter()
    subprocess.run([sys.executable, "-c", "import fastapi, uvicorn"], check=True)
    return time.perf_counter() - begin


async def load(address: str, asks: int) -> dict[str, float]:
    """Send ``asks`` questions at once and health checks meanwhile; times in ms."""
    limits = httpx.Limits(max_connections=asks + 10)
    health: list[float] = []
    async with httpx.AsyncClient(base_url=address, limits=limits, timeout=300) as client:

        async def ask(number: int) -> tuple[int, float]:
            begin = time.perf_counter()
            question = {"question": QUESTIONS[number % len(QUESTIONS)]}
            answer = await client.post("/v1/ask", json=question)
            return answer.status_code, 1000 * (time.perf_counter() - begin)

        async def check_health() -> None:
            while True:
                begin = time.perf_counter()
                (await client.get("/healthz")).raise_for_status()
                health.append(1000 * (time.perf_counter() - begin))
                await asyncio.sleep(0.05)

        checking = asyncio.create_task(check_health())
        begin = time.perf_counter()
        answers = await asyncio.gather(*(ask(number) for number in range(asks)))
        seconds = time.perf_counter() - begin
        checking.cancel()
    times = sorted(milliseconds for _, milliseconds in answers)
    return {
        "asks": asks,
        "lost": sum(status != 200 for status, _ in answers),
        "asks a second": asks / seconds,
        "slowest ask, ms": times[-1],
        "health checks meanwhile": len(health),
        "slowest health check, ms": max(health, default=0.0),
    }


def single(address: str, count: int) -> dict[str, float]:
    """Ask one question after the other; times in ms."""
    times = []
    with httpx.Client(base_url=address, timeout=60) as client:
        for number in range(count):
            begin = time.perf_counter()
            client.post("/v1/ask", json={"question": QUESTIONS[number % len(QUESTIONS)]}).raise_for_status()
            times.append(1000 * (time.perf_counter() - begin))
    times.sort()
    return {"median ask, ms": statistics.median(times), "95th percentile, ms": times[int(0.95 * len(times))]}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data-dir", type=Path, default=Path(os.environ.get("PULLQUOTE_DATA_DIR", "var")))
    parser.add_argument("--starts", type=int, default=5)
    parser.add_argument("--asks", type=int, default=200)
    parser.add_argument("--json", type=Path, help="also write the figures here")
    arguments = parser.parse_args()
    ready, framework = [], []
    for _ in range(arguments.starts):
        framework.append(framework_seconds())
        process, _, seconds = start(arguments.data_dir)
        ready.append(seconds)
        stop(process)
    process, address, _ = start(arguments.data_dir)
    try:
        figures: dict[str, float] = {
            "ready after, s, median": statistics.median(ready),
            "ready after, s, slowest": max(ready),
            "of that, importing the web framework alone, s, median": statistics.median(framework),
            "ratio": statistics.median(ready) / statistics.median(framework),
            "resident memory when ready, MB": resident_megabytes(process.pid),
            **single(address, 40),
            **asyncio.run(load(address, arguments.asks)),
            "resident memory after the load, MB": resident_megabytes(process.pid),
            "torch loaded": float(loads_torch(process.pid)),
        }
    finally:
        stop(process)
    for name, value in figures.items():
        print(f"{name:<55} {value:10.2f}")
    if arguments.json:
        arguments.json.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
