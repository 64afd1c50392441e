"""Use and mistreat a service for a long time: ``python -m benchmarks.soak --minutes 30``.

Round after round, questions are asked and articles written, replaced and deleted over HTTP, while builds follow and
versions are rolled back; a key is made, used and revoked; a collection is made, changed and deleted. In the first half
of the time every second round ends with the kill of a process. After each round what ``benchmarks.crashes`` checks must
hold: every acknowledged change is in the index, and ``doctor`` finds nothing wrong.

In the second half nothing is killed. When all is quiet after a round, the memory and the open files of each process of
the service are noted: from the second round of that half to its last they must not grow, memory by no more than a
tenth, open files by no more than ten.
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
from functools import partial
from pathlib import Path

import httpx2 as httpx

from api.access.keys import KeyStore
from benchmarks.crashes import PATIENCE, BrokenError, Known, Load, Service, check, left_alone, prepare, with_log
from benchmarks.service import family

_ROUND_SECONDS = 8.0
_KILL_EVERY = 2
_MOST_GROWTH, _MOST_FILES = 0.1, 10

Figures = tuple[float, int]
"""The resident memory of a process in MB, and the number of its open files."""


def of_processes(service: Service) -> dict[int, Figures]:
    """The figures of each process, by its id."""
    assert service.process
    found = {}
    for pid in family(service.process.pid):
        try:
            pages = int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1])
            found[pid] = pages * os.sysconf("SC_PAGE_SIZE") / 1e6, len(os.listdir(f"/proc/{pid}/fd"))
        except FileNotFoundError:
            continue
    return found


def go_back(client: httpx.Client) -> str:
    """Go back a version, and ask for what was written since to be in the index again; how it went."""
    status = client.post("/v1/index/rollback", json={}).status_code
    client.post("/v1/index/rebuild")
    return f"rollback {status}"


def change_keys(folder: Path, client: httpx.Client) -> str:
    """Make a key, ask with it, revoke it, and ask again; how it went."""
    keys = KeyStore(folder)
    made, words = keys.create("soak")
    key = {"authorization": f"Bearer {words}"}
    taken = client.get("/v1/index", headers=key).status_code
    keys.revoke(made.id)
    return f"key {taken}, revoked {client.get('/v1/index', headers=key).status_code}"


def change_collections(client: httpx.Client) -> str:
    """Make a collection, write to it, change its settings and delete it; how it went."""
    statuses = [
        client.post("/v1/collections", json={"name": "soak", "settings": {"build_delay": 0.1}}).status_code,
        client.put("/v1/collections/soak/articles/one", json={"text": "The mayor is Ada Finch."}).status_code,
        client.patch("/v1/collections/soak", json={"settings": {"keep_versions": 1}}).status_code,
        client.delete("/v1/collections/soak").status_code,
    ]
    return "collection " + ", ".join(map(str, statuses))


def work(service: Service, known: Known, chance: random.Random, seconds: float, folder: Path) -> list[str]:
    """Ask and write for so long, and do the rest in the middle of it; how that went.

    :raises BrokenError: when the service failed.
    """
    load = Load(service.address, known, chance)
    time.sleep(seconds / 2)
    with httpx.Client(base_url=service.address, timeout=PATIENCE) as client:
        went = []
        for change in (go_back, partial(change_keys, folder), change_collections):
            try:
                went.append(change(client))
            except httpx.HTTPError:
                went.append("broken connection")  # something was killed just now
    time.sleep(seconds / 2)
    load.end()
    if any("500" in each for each in went):
        raise BrokenError(f"the service failed: {went}")
    return went


def soak(
    folder: Path, models: Path, seconds: float, seed: int, round_seconds: float = _ROUND_SECONDS
) -> dict[str, object]:
    """Do it for so many seconds; what happened.

    :raises BrokenError: when something does not hold; the message says what.
    """
    chance = random.Random(seed)
    known = prepare(folder, models)
    service, went, killed = Service(folder, chance), Counter[str](), Counter[str]()
    seen: dict[int, list[Figures]] = {}
    rounds, half, end = 0, time.monotonic() + seconds / 2, time.monotonic() + seconds
    with with_log(folder):
        try:
            while not rounds or time.monotonic() < end:
                rounds += 1
                if not service.is_up():
                    service.start()
                went.update(work(service, known, chance, round_seconds, folder))
                check(folder, service, known)
                now, is_calm = of_processes(service), time.monotonic() >= half
                for pid, figures in now.items() if is_calm else ():
                    seen.setdefault(pid, []).append(figures)
                memory, files = sum(one for one, _ in now.values()), sum(one for _, one in now.values())
                print(f"round {rounds}: {memory:.0f} MB, {files} open files", file=sys.stderr, flush=True)
                if not is_calm and rounds % _KILL_EVERY == 0:
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
    for (memory, files), *_, (last_memory, last_files) in long_lived:
        if last_memory > memory * (1 + _MOST_GROWTH) or last_files > files + _MOST_FILES:
            raise BrokenError(f"a process grew: {long_lived}")
    return {
        "rounds": rounds,
        "seed": seed,
        "killed": dict(killed),
        "in the middle of the rounds": dict(went),
        "acknowledged changes": known.acknowledged,
        "answers": known.answers,
        "refused requests": dict(known.refused),
        "rounds without a kill": max(map(len, seen.values()), default=0),
        "memory of each process that was measured more than twice, MB": [
            [round(memory, 1) for memory, _ in each] for each in long_lived
        ],
        "open files of each": [[files for _, files in each] for each in long_lived],
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
