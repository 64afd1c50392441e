"""Kill the service at random moments, again and again: ``python -m benchmarks.crashes --kills 200``.

While questions are asked and articles are written, replaced and deleted over HTTP, and builds and switches follow, a
process is killed with SIGKILL: the whole service, one of its processes, the one that watches over them, or the builder.
The moment is any, or one in the middle of a build, a switch, an upload, another write or a delete, all equally often.
Then it must hold, each time:

- the current version opens and all its checksums agree;
- after a start, and the builds that were asked for, every change that was acknowledged is in the index;
- ``doctor`` finds nothing wrong, and no folder of a dead builder and no half-written file is left.

The seed of all that is random is printed. A change that was under way when the service died may be there or not. What
others do on the machine has no say: deadlines are in time that the service had (:mod:`benchmarks.own_time`).
"""

import argparse
import os
import random
import signal
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from subprocess import Popen

import httpx2 as httpx

from api.cli.doctor import diagnose
from api.settings import load_settings
from benchmarks.own_time import OwnTime
from benchmarks.service import command_of, family, start
from index.building.builder import build
from index.models.embedder import DEFAULT_EMBEDDER, Embedder
from index.storage.versions import Versions

PATIENCE = 600.0
"""Seconds in which a request is answered and a process ends, however busy the machine."""

_OWN_SECONDS = 60.0
"""Seconds of its own in which a service builds what was written and answers from it."""

_LONGEST_ROUND = 4.0
_LONGEST_WAIT = 15.0
_SWITCH_SECONDS = 0.4
"""From the moment at which the pointer names a new version until every process answers from it, about."""

_WANTED = ("any", "build", "switch", "file", "put", "delete")
_NAMES = ("Ada Finch", "Bela Quill", "Cleo Marsh", "Dora Thorne", "Enzo Vale", "Faye Wren")


class BrokenError(AssertionError):
    """Something does not hold that must."""


@dataclass(slots=True)
class Known:
    """The articles that must be there (a text) or must not (None); of those under way, all that may be."""

    sure: dict[str, str | None] = field(default_factory=dict)
    open: dict[str, list[str | None]] = field(default_factory=dict)
    acknowledged: int = 0
    answers: int = 0
    refused: Counter[str] = field(default_factory=Counter)

    def may_be(self, article_id: str) -> list[str | None]:
        """The texts that an article may have."""
        return [self.sure[article_id], *self.open.get(article_id, [])]


class Load:
    """Writes and asks until it is ended; connections that break are part of the game."""

    def __init__(self, address: str, known: Known, chance: random.Random) -> None:
        self._address, self._known, self._chance = address, known, chance
        self.doing = "nothing"
        self._end = threading.Event()
        self._threads = [threading.Thread(target=work, daemon=True) for work in (self._write, self._ask)]
        for thread in self._threads:
            thread.start()

    def end(self) -> None:
        """Stop after what is under way."""
        self._end.set()
        for thread in self._threads:
            thread.join()

    def _ask(self) -> None:
        with httpx.Client(base_url=self._address, timeout=PATIENCE) as client:
            while not self._end.is_set():
                try:
                    answer = client.post("/v1/ask", json={"question": "Who is the mayor of Town 3?"})
                except httpx.HTTPError:
                    self._end.wait(0.05)
                    continue
                self._known.answers += answer.status_code == 200
                if answer.status_code not in {200, 503}:
                    self._known.refused[f"ask {answer.status_code}"] += 1

    def _write(self) -> None:
        with httpx.Client(base_url=self._address, timeout=PATIENCE) as client:
            while not self._end.is_set():
                self._change(client)
                self._end.wait(self._chance.uniform(0, 0.2))

    def _change(self, client: httpx.Client) -> None:
        number = self._chance.randrange(40)
        article_id = f"town-{number}" if number >= 10 else f"source-{number}"
        text = (
            f"The mayor of Town {number} is {self._chance.choice(_NAMES)}, since {self._chance.randrange(1900, 2020)}."
        )
        kind = self._chance.choice((*["put"] * 4, *["delete"] * 4, *["file"] * 2))
        wanted = None if kind == "delete" else text
        self._known.open.setdefault(article_id, []).append(wanted)
        self.doing = kind
        try:
            if kind == "put":
                answer = client.put(f"/v1/articles/{article_id}", json={"title": f"Town {number}", "text": text})
            elif kind == "file":
                answer = client.put(f"/v1/articles/{article_id}", files={"file": ("town.md", f"# Town\n\n{text}\n")})
            else:
                answer = client.delete(f"/v1/articles/{article_id}")
        except httpx.HTTPError:
            return
        finally:
            self.doing = "nothing"
        if answer.status_code == 202:
            self._known.sure[article_id] = wanted
            del self._known.open[article_id]
            self._known.acknowledged += 1
        elif (kind, answer.status_code) in {("delete", 404), ("file", 503)}:  # not there; its reader was killed
            self._known.open[article_id].pop()
        else:
            self._known.refused[f"{kind} {answer.status_code}: {answer.text[:300]}"] += 1


class Service:
    """A service that is killed now and then."""

    def __init__(self, folder: Path, chance: random.Random) -> None:
        self._folder, self._chance = folder, chance
        self.process: Popen[bytes] | None = None
        self.address = ""

    def start(self) -> None:
        """Start it, with one process or two."""
        options = ("--processes", str(self._chance.choice((1, 2))))
        environment = {
            "SOURCES": str(self._folder / "towns"),
            "BUILD_DELAY": "0.1",
            "BUILD_DELAY_MOST": "0.5",
            "THREADS": "1",
        }
        self.process, self.address, _ = start(
            self._folder, *options, **{f"PULLQUOTE_{name}": value for name, value in environment.items()}
        )

    def kill(self) -> str:
        """Kill something of it; what."""
        assert self.process
        members = {pid: _kind(command_of(pid)) for pid in family(self.process.pid)}
        kind = self._chance.choice(("everything", *sorted(set(members.values()))))
        for pid, what in sorted(members.items(), reverse=True):
            if kind in {"everything", what}:
                try:
                    os.kill(pid, signal.SIGKILL)
                except ProcessLookupError:
                    continue
                if kind != "everything":
                    break
        return kind

    def is_up(self) -> bool:
        """Whether the process that was started is there."""
        return self.process is not None and self.process.poll() is None

    def stop(self) -> None:
        """End it in the usual way."""
        if self.process and self.process.poll() is None:
            self.process.terminate()
            self.process.wait(PATIENCE)


class Moments:
    """What a service is doing, seen from outside."""

    def __init__(self, folder: Path, load: Load) -> None:
        self._index, self._load = folder / "index", load

    def now(self) -> set[str]:
        """The kind of change that is under way, and ``build``, ``switch``, or both."""
        doing = {self._load.doing} - {"nothing"}
        if list(self._index.glob(".building-*")):
            doing.add("build")
        if time.time() - (self._index / "CURRENT").stat().st_mtime < _SWITCH_SECONDS:
            doing.add("switch")
        return doing

    def wait_for(self, wanted: str, chance: random.Random) -> None:
        """Wait until the service does what is wanted, and then for a part of the time that it takes."""
        time.sleep(chance.uniform(0, _LONGEST_ROUND if wanted == "any" else 1))
        deadline = time.monotonic() + _LONGEST_WAIT
        while wanted != "any" and wanted not in self.now() and time.monotonic() < deadline:
            time.sleep(0.001)
        longest = {"any": 0.0, "build": 0.3, "switch": _SWITCH_SECONDS, "file": 0.3}
        time.sleep(chance.uniform(0, longest.get(wanted, 0.005)))


def _kind(command: str) -> str:
    if "api.runtime.build_job" in command:
        return "builder"
    if "spawn_main" in command:
        return "worker"
    return "service" if " serve " in command else "helper"


def check(folder: Path, service: Service, known: Known) -> None:
    """Wait for the builds, and look whether everything holds.

    :raises BrokenError: when something does not.
    """
    with httpx.Client(base_url=service.address, timeout=PATIENCE) as client:
        _until(service, lambda: _is_quiet(client), "the builds did not end")
        current = Versions(folder / "index").current()
        assert current
        _until(
            service,
            lambda: client.get("/v1/index").json()["version"] == current.name,
            f"{current.name} does not answer",
        )
        for article_id in sorted(known.sure):
            answer = client.get(f"/v1/articles/{article_id}")
            text = answer.json()["text"].strip().rsplit("\n", 1)[-1] if answer.status_code == 200 else None
            if text not in known.may_be(article_id):
                raise BrokenError(f"{article_id} has the text {text!r}, expected one of {known.may_be(article_id)}")
            known.sure[article_id] = text
    known.open.clear()
    settings = load_settings(data_dir=folder, threads=1)
    troubles = [finding.message for finding in diagnose(settings) if not finding.is_fine]
    left = [path.name for place in (folder, folder / "index") for path in place.iterdir() if path.name.startswith(".")]
    if troubles or left:
        raise BrokenError(f"doctor: {troubles}; left over: {left}")


def _is_quiet(client: httpx.Client) -> bool:
    jobs = client.get("/v1/jobs").json()["jobs"]
    return all(job["state"] in {"succeeded", "failed"} for job in jobs) and (
        not jobs or jobs[0]["state"] == "succeeded"
    )


def _until(service: Service, holds: Callable[[], bool], complaint: str) -> None:
    assert service.process
    clock = OwnTime(service.process.pid)
    while clock.seconds() < _OWN_SECONDS:
        try:
            if holds():
                return
        except httpx.HTTPError:
            pass
        time.sleep(0.1)
    raise BrokenError(f"{complaint} in {_OWN_SECONDS:g} s of the service's own time")


def prepare(folder: Path, models: Path) -> Known:
    """A folder of sources, and the first index."""
    (folder / "models").symlink_to(models.resolve())
    (folder / "towns").mkdir()
    known = Known()
    for number in range(40):
        text = f"The mayor of Town {number} is nobody yet."
        if number < 10:
            record = f'{{"id": "source-{number}", "title": "Town {number}", "text": "{text}"}}\n'
            (folder / "towns" / f"source-{number}.jsonl").write_text(record, encoding="utf-8")
        known.sure[f"source-{number}" if number < 10 else f"town-{number}"] = text if number < 10 else None
    build([folder / "towns"], Versions(folder / "index"), Embedder.load(DEFAULT_EMBEDDER, models, threads=1))
    return known


@contextmanager
def with_log(folder: Path) -> Iterator[None]:
    try:
        yield
    except BaseException:
        log = (folder / "service.log").read_text(encoding="utf-8", errors="replace")
        print(f"--- the end of the log of the service\n{log[-4000:]}", file=sys.stderr)
        raise


def crash(folder: Path, models: Path, kills: int, seed: int) -> dict[str, object]:
    """Kill ``kills`` times, and check each time; what happened.

    :raises BrokenError: when something does not hold; the message says what.
    """
    chance = random.Random(seed)
    known = prepare(folder, models)
    service, killed, moments = Service(folder, chance), Counter[str](), Counter[str]()
    with with_log(folder):
        try:
            for number in range(kills):
                if not service.is_up():
                    service.start()
                load = Load(service.address, known, chance)
                seen = Moments(folder, load)
                seen.wait_for(_WANTED[number % len(_WANTED)], chance)
                doing = seen.now()
                kind = service.kill()
                if kind in {"everything", "service"}:
                    assert service.process
                    service.process.wait(PATIENCE)
                load.end()
                killed[kind] += 1
                moments.update(doing or {"none of these"})
                Versions(folder / "index").open(verify=True).close()
                if not service.is_up():
                    service.start()
                check(folder, service, known)
                print(
                    f"{number + 1} of {kills}: {kind} killed during {sorted(doing)}; all is well",
                    file=sys.stderr,
                    flush=True,
                )
        finally:
            service.stop()
            for pid in list(map(int, left_alone(folder))):
                os.kill(pid, signal.SIGKILL)
    return {
        "kills": kills,
        "seed": seed,
        "killed": dict(killed),
        "killed in the middle of": dict(moments),
        "acknowledged changes": known.acknowledged,
        "answers": known.answers,
        "versions on the disk": len(Versions(folder / "index").names()),
        "refused requests": dict(known.refused),
    }


def left_alone(folder: Path) -> Iterator[str]:
    """Processes of this service that have lost their parent."""
    for path in Path("/proc").iterdir():
        if path.name.isdecimal() and "api serve" in (line := command_of(int(path.name))) and str(folder) in line:
            yield path.name


def main() -> None:
    """Crash and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--models", type=Path, default=Path("var/models"))
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    arguments = parser.parse_args()
    print(f"seed {arguments.seed}", file=sys.stderr)
    with tempfile.TemporaryDirectory() as folder:
        for name, value in crash(Path(folder), arguments.models, arguments.kills, arguments.seed).items():
            print(f"{name}: {value}")


if __name__ == "__main__":
    main()
