"""A version is open as long as somebody leases it, and closed at the moment when nobody does any more."""

import asyncio
import shutil
import sqlite3
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from starlette.requests import Request
from starlette.types import Message

from api.http.errors import Problem
from api.runtime.current_index import CurrentIndex
from api.runtime.service import Service, open_book
from api.runtime.state import Runtime
from api.runtime.workers import ClientGoneError, Workers
from api.settings import Settings, load_settings
from index.storage.filters import Filters
from index.storage.snapshot import unused
from index.storage.versions import Versions
from rag.question import Question

_PATIENCE = 60.0
QUESTION = Question("Who is the NATO spokeswoman?")


@pytest.fixture
def settings(seed_data: Path, articles_data: Path, tmp_path: Path) -> Settings:
    """A data folder with two versions; the seed article's is current."""
    data = tmp_path / "data"
    shutil.copytree(seed_data, data, symlinks=True)
    other = Versions(articles_data / "index").current()
    assert other is not None
    shutil.copytree(other, data / "index" / "versions" / other.name)
    return load_settings(data_dir=data, threads=1)


@pytest.fixture
def index(settings: Settings) -> Iterator[CurrentIndex]:
    with CurrentIndex(settings) as current:
        current.refresh()
        yield current


def switch(settings: Settings, index: CurrentIndex) -> str:
    """Let the other version be current; the name of the one before."""
    versions = Versions(settings.index_dir)
    now = versions.current()
    assert now is not None
    versions.point_to(next(name for name in versions.names() if name != now.name))
    index.refresh()
    return now.name


def is_open(settings: Settings, version: str) -> bool:
    """Whether any process has a version open."""
    with unused(settings.index_dir / "versions" / version) as is_unused:
        return not is_unused


def test_a_version_is_closed_when_its_last_lease_ends(settings: Settings, index: CurrentIndex) -> None:
    first, second = index.lease(), index.lease()
    before = switch(settings, index)
    assert (first.service.version, second.service.version) == (before, before)
    first.release()
    first.release()
    assert is_open(settings, before), "one lease may be ended twice and counts once"
    assert second.service.articles(Filters(), "", 1)
    second.release()
    assert not is_open(settings, before)
    with pytest.raises(sqlite3.Error):
        second.service.articles(Filters(), "", 1)


def test_what_is_current_stays_open_without_a_lease(settings: Settings, index: CurrentIndex) -> None:
    with index.lease() as service:
        version = service.version
    assert is_open(settings, version)
    before = switch(settings, index)
    assert before == version
    assert not is_open(settings, before)


def test_an_error_that_is_kept_keeps_no_version_open(settings: Settings, index: CurrentIndex) -> None:
    def fails(service: Service) -> None:
        raise RuntimeError(service.version)

    with pytest.raises(RuntimeError) as kept, index.lease() as service:
        fails(service)
    before = switch(settings, index)
    assert kept.traceback[-1].frame.f_locals["service"].version == before
    assert not is_open(settings, before)


def test_switches_under_load_close_each_version_behind_its_last_user(settings: Settings, index: CurrentIndex) -> None:
    seen: set[tuple[str, str]] = set()
    end, turn, turns = threading.Event(), threading.Condition(), 0

    def use() -> None:
        nonlocal turns
        while not end.is_set():
            with index.lease() as service:
                found = service.ask(QUESTION)
                assert found.index_version == service.version
                titles = tuple(article.title for article in service.articles(Filters(), "", 3))
                seen.add((service.version, str(titles)))
            with turn:
                turns += 1
                turn.notify()

    with ThreadPoolExecutor(4) as pool:
        users = [pool.submit(use) for _ in range(4)]
        try:
            for _ in range(12):
                before = switch(settings, index)
                with turn:
                    goal = turns + len(users) + 1
                    assert turn.wait_for(lambda goal=goal: turns >= goal, _PATIENCE), (
                        "one of them began after the switch"
                    )
        finally:
            end.set()
        for user in users:
            user.result()
    assert len(seen) == len({version for version, _ in seen}) == 2, "a lease has one version, with its own articles"
    with index.lease() as service:
        assert service.version != before
    assert not is_open(settings, before)


def test_nothing_can_be_leased_from_a_closed_index(settings: Settings) -> None:
    current = CurrentIndex(settings)
    with pytest.raises(Problem, match="starting"):
        current.lease()
    current.refresh()
    lease = current.lease()
    current.close()
    with pytest.raises(Problem, match="stopping"):
        current.lease()
    assert is_open(settings, lease.service.version)
    lease.release()
    assert not is_open(settings, lease.service.version)


def test_work_goes_on_with_its_version_when_its_client_has_left(settings: Settings, index: CurrentIndex) -> None:
    begun, go_on, ended = threading.Event(), threading.Event(), threading.Event()

    async def receive() -> Message:
        await asyncio.to_thread(begun.wait)
        return {"type": "http.disconnect"}

    def work(service: Service) -> None:
        begun.set()
        go_on.wait()
        service.articles(Filters(), "", 1)
        ended.set()

    async def scenario() -> None:
        workers = Workers(1, 1)
        runtime = Runtime(settings, index, workers, None, asyncio.Semaphore(1), open_book(settings))
        with pytest.raises(ClientGoneError):
            await runtime.run(Request({"type": "http"}, receive), work)
        before = switch(settings, index)
        assert is_open(settings, before)
        go_on.set()
        await asyncio.to_thread(workers.close)
        assert ended.is_set()
        assert not is_open(settings, before)

    asyncio.run(scenario())


def test_a_full_queue_keeps_no_lease(settings: Settings, index: CurrentIndex) -> None:
    workers, release = Workers(1, 0), threading.Event()
    runtime = Runtime(settings, index, workers, None, asyncio.Semaphore(1), open_book(settings))
    running = runtime.submit(lambda _: release.wait())
    with pytest.raises(Problem, match="try again"):
        runtime.submit(lambda _: None)
    before = switch(settings, index)
    assert is_open(settings, before)
    release.set()
    assert running.result()
    workers.close()
    assert not is_open(settings, before)
