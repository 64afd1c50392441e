"""Hot switches under load: ``python -m benchmarks.switches``.

Builds two versions of an index of made-up towns whose mayors, and the places where they stand, differ. Then a service
answers questions all the time while the pointer goes from one version to the other and back. Every answer is checked
against the text of the version it names. Memory is that of each serving process before and after, under the same load.
"""

import argparse
import asyncio
import json
import random
import re
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import httpx2 as httpx

from benchmarks.own_time import OwnTime
from benchmarks.service import command_of, family, resident_megabytes, start, stop
from index.building.builder import build
from index.models.embedder import DEFAULT_EMBEDDER, Embedder
from index.storage.versions import Versions

_FIRST = ("Ada", "Bela", "Cleo", "Dora", "Enzo", "Faye", "Gino", "Hera", "Ivor", "Jana", "Kuno", "Lale", "Milo", "Nora")
_LAST = ("Finch", "Quill", "Marsh", "Thorne", "Vale", "Wren", "Yarrow", "Birch", "Crane", "Dale", "Esk", "Fenn", "Gale")
_SYLLABLES = ("bar", "cal", "dun", "fel", "gar", "hol", "kel", "lorn", "mar", "nor", "pel", "rad", "sel", "tor", "wen")

Texts = dict[str, dict[str, str]]
"""The text of each article, by version and id."""


@dataclass(slots=True)
class Tally:
    """What came back."""

    answers: Counter[str] = field(default_factory=Counter)
    troubles: list[str] = field(default_factory=list)
    lag: float = 0.0
    own_lag: float = 0.0


@dataclass(slots=True)
class Switch:
    """The version that is current, and since when: on the clock, and in seconds of the service's own."""

    version: str
    at: float
    own: float


def write_towns(folder: Path, towns: int, seed: int) -> list[str]:
    """Write an article a town, with mayors chosen by ``seed``; the names of the towns."""
    names = [
        f"{_SYLLABLES[number // 15 % 15]}{_SYLLABLES[number % 15]}{_SYLLABLES[number // 225]}".title()
        for number in range(towns)
    ]
    chance = random.Random(seed)
    folder.mkdir(exist_ok=True)
    for name in names:
        mayor = f"{chance.choice(_FIRST)} {chance.choice(_LAST)}"
        padding = " ".join(chance.choice(_SYLLABLES).title() for _ in range(chance.randrange(40)))
        text = f"News from {name}\n\nThe market of {name} sells {padding}.\n\nThe mayor of {name} is {mayor}.\n"
        (folder / f"{name.lower()}.txt").write_text(text, encoding="utf-8")
    return names


def make(folder: Path, models: Path, towns: int) -> tuple[list[str], Texts]:
    """Build the two versions in ``folder``; the names of the towns and the texts."""
    (folder / "models").symlink_to(models.resolve())
    versions, embedder = Versions(folder / "index"), Embedder.load(DEFAULT_EMBEDDER, models, threads=1)
    texts: Texts = {}
    names: list[str] = []
    for seed in (1, 2):
        names = write_towns(folder / "towns", towns, seed)
        build([folder / "towns"], versions, embedder)
        with versions.open() as snapshot:
            texts[snapshot.version] = {a.id: a.text for a in snapshot.store.articles(limit=towns)}
    return names, texts


def trouble_of(body: dict[str, object], texts: Texts) -> str | None:
    """What is wrong with an answer: it must be words of the version it names."""
    version = str(body["index_version"])
    known = texts.get(version)
    if known is None:
        return f"there is no version {version}"
    answers = body["answers"] or ([body["best_guess"]] if body["best_guess"] else [])
    assert isinstance(answers, list)
    for answer in answers:
        for citation in answer["citations"]:
            text = known[citation["article_id"]]
            if citation["index_version"] != version:
                return f"an answer of {version} cites {citation['index_version']}"
            if text[citation["start"] : citation["end"]] != answer["text"]:
                return f"{answer['text']!r} does not stand where it is cited in {version}"
            if text[citation["quote_start"] : citation["quote_end"]] != citation["quote"]:
                return f"a quote does not stand where it is cited in {version}"
    return None


async def ask_on_and_on(
    client: httpx.AsyncClient, names: list[str], texts: Texts, tally: Tally, last: Switch, clock: OwnTime
) -> None:
    """Ask one question after the other. ``last`` is always the last switch."""
    while True:
        name = random.choice(names)
        begin, own = time.monotonic(), clock.seconds()
        try:
            answer = await client.post("/v1/ask", json={"question": f"Who is the mayor of {name}?"})
        except httpx.HTTPError as error:
            tally.troubles.append(f"{type(error).__name__}: {error}")
            continue
        if answer.status_code != 200:
            tally.troubles.append(f"status {answer.status_code}: {answer.text[:200]}")
            continue
        body = answer.json()
        tally.answers[body["index_version"]] += 1
        if trouble := trouble_of(body, texts):
            tally.troubles.append(trouble)
        if body["index_version"] != last.version and begin > last.at:
            tally.lag = max(tally.lag, begin - last.at)
            tally.own_lag = max(tally.own_lag, own - last.own)


async def run(
    folder: Path, address: str, pids: list[int], names: list[str], texts: Texts, switches: int, clock: OwnTime
) -> dict[str, object]:
    """Switch under load, and measure."""
    versions, tally = Versions(folder / "index"), Tally()
    last = Switch(sorted(texts)[-1], 0.0, 0.0)
    async with httpx.AsyncClient(base_url=address, timeout=120) as client:
        askers = [asyncio.create_task(ask_on_and_on(client, names, texts, tally, last, clock)) for _ in range(6)]
        await _warm(tally, 150)
        before = [resident_megabytes(pid) for pid in pids]
        for number in range(switches):
            goal = sorted(texts)[number % 2]
            versions.point_to(goal)
            last.version, last.at, last.own = goal, time.monotonic(), clock.seconds()
            seen = tally.answers[goal]
            while tally.answers[goal] < seen + 4:
                await asyncio.sleep(0.05)
            await asyncio.sleep(random.uniform(0.5, 1.0))
        await _warm(tally, sum(tally.answers.values()) + 150)
        for asker in askers:
            asker.cancel()
        await asyncio.gather(*askers, return_exceptions=True)
        await asyncio.sleep(1)
        after = [resident_megabytes(pid) for pid in pids]
    return {
        "switches": switches,
        "answers": sum(tally.answers.values()),
        "failed or mixed": len(tally.troubles),
        "troubles": tally.troubles[:5],
        "longest a question asked after a switch got the old version, s": round(tally.lag, 2),
        "the same in seconds of the service's own": round(tally.own_lag, 2),
        "memory of each process before, MB": before,
        "memory of each process after, MB": after,
        "largest growth": round(max(late / early for early, late in zip(before, after, strict=True)) - 1, 4),
        "versions held open at the end, by process": [sorted(open_versions(pid)) for pid in pids],
    }


async def _warm(tally: Tally, answers: int) -> None:
    while sum(tally.answers.values()) < answers and not tally.troubles:
        await asyncio.sleep(0.1)


def open_versions(pid: int) -> set[str]:
    """The versions whose files a process has open or mapped (Linux)."""
    opened = Path(f"/proc/{pid}/maps").read_text(encoding="utf-8")
    for descriptor in Path(f"/proc/{pid}/fd").iterdir():
        try:
            opened += f"{descriptor.readlink()}\n"
        except OSError:
            continue
    return set(re.findall(r"/versions/(\d+-\w+)/", opened))


def measure(folder: Path, models: Path, towns: int, switches: int, processes: int) -> dict[str, object]:
    """Make two versions in ``folder``, serve them, and switch."""
    names, texts = make(folder, models, towns)
    process, address, _ = start(folder, "--processes", str(processes), PULLQUOTE_THREADS="1")
    try:
        pids = [pid for pid in family(process.pid) if processes == 1 or "spawn_main" in command_of(pid)]
        time.sleep(5 if processes > 1 else 0)
        return asyncio.run(run(folder, address, pids, names, texts, switches, OwnTime(process.pid)))
    finally:
        stop(process)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--models", type=Path, default=Path("var/models"))
    parser.add_argument("--towns", type=int, default=600)
    parser.add_argument("--switches", type=int, default=100)
    parser.add_argument("--processes", type=int, default=2)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        figures = measure(Path(folder), arguments.models, arguments.towns, arguments.switches, arguments.processes)
    print(json.dumps(figures, indent=1))


if __name__ == "__main__":
    main()
