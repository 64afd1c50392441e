"""Use and mistreat a service for a long time: ``python -m benchmarks.soak --minutes 30``.

Round after round, questions are asked and articles written, replaced and deleted over HTTP while builds follow and
versions are rolled back; in every third round a process is killed. After each round what ``benchmarks.crashes`` checks
must hold: every acknowledged change is in the index, and ``doctor`` finds nothing wrong. When all is quiet, the memory
and the open files of all processes of the service are noted.

A process that was not killed must not grow: the figures have the largest growth from the second round of a process to
its last one.
"""

import argparse
import json
import os
import random
import signal
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import httpx2 as httpx

from benchmarks.crashes import PATIENCE, Known, Load, Service, check, left_alone, prepare, with_log
from benchmarks.service import family

_ROUND_SECONDS = 8.0
_KILL_EVERY = 3


def of_processes(service: Service) -> dict[int, tuple[float, int]]:
    """The resident memory in MB and the number of open files of each process, by its id."""
    assert service.process
    found = {}
    for pid in family(service.process.pid):
        try:
            pages = int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1])
            found[pid] = pages * os.sysconf("SC_PAGE_SIZE") / 1e6, len(os.listdir(f"/proc/{pid}/fd"))
        except FileNotFoundError:
            continue
    return found


def work(service: Service, known: Known, chance: random.Random, seconds: float, rolled_back: Counter[str]) -> None:
    """Ask and write for so long, and go back a version in the middle of it."""
    load = Load(service.address, known, chance)
    time.sleep(seconds / 2)
    with httpx.Client(base_url=service.address, timeout=PATIENCE) as client:
        try:
            rolled_back[str(client.post("/v1/index/rollback", json={}).status_code)] += 1
            client.post("/v1/index/rebuild")  # what was written since is in the index again
        except httpx.HTTPError:
            rolled_back["broken"] += 1
    time.sleep(seconds / 2)
    load.end()


def soak(
    folder: Path, models: Path, seconds: float, seed: int, round_seconds: float = _ROUND_SECONDS
) -> dict[str, object]:
    """Do it for so many seconds; what happened.

    :raises BrokenError: when something does not hold; the message says what.
    """
    chance = random.Random(seed)
    known = prepare(folder, models)
    service, rolled_back, killed = Service(folder, chance), Counter[str](), Counter[str]()
    seen: dict[int, list[tuple[float, int]]] = {}
    rounds, end = 0, time.monotonic() + seconds
    with with_log(folder):
        try:
            while not rounds or time.monotonic() < end:
                rounds += 1
                if not service.is_up():
                    service.start()
                work(service, known, chance, round_seconds, rolled_back)
                check(folder, service.address, known)
                now = of_processes(service)
                for pid, figures in now.items():
                    seen.setdefault(pid, []).append(figures)
                memory, files = sum(one for one, _ in now.values()), sum(one for _, one in now.values())
                print(f"round {rounds}: {memory:.0f} MB, {files} open files", file=sys.stderr, flush=True)
                if rounds % _KILL_EVERY == 0:
                    kind = service.kill()
                    killed[kind] += 1
                    if kind in {"everything", "service"}:
                        assert service.process
                        service.process.wait(PATIENCE)
        finally:
            service.stop()
            for pid in list(map(int, left_alone(folder))):
                os.kill(pid, signal.SIGKILL)
    long_lived = [figures[1:] for figures in seen.values() if len(figures) > 2]
    return {
        "rounds": rounds,
        "seed": seed,
        "killed": dict(killed),
        "rollbacks by status": dict(rolled_back),
        "acknowledged changes": known.acknowledged,
        "answers": known.answers,
        "refused requests": dict(known.refused),
        "processes measured more than twice": len(long_lived),
        "largest growth of memory, MB": round(max((one[-1][0] - one[0][0] for one in long_lived), default=0.0), 1),
        "largest growth of open files": max((one[-1][1] - one[0][1] for one in long_lived), default=0),
    }


def main() -> None:
    """Do it and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=30.0)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    parser.add_argument("--models", type=Path, default=Path("var/models"), help="folder of compiled models")
    given = parser.parse_args()
    print(f"seed {given.seed}", file=sys.stderr)
    with tempfile.TemporaryDirectory() as folder:
        print(json.dumps(soak(Path(folder), given.models, given.minutes * 60, given.seed), indent=2))


if __name__ == "__main__":
    main()
