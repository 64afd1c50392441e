"""A service whose shards are pulled out of a bucket by the machines of a Ray cluster that they run on.

``python -m tests.api.runtime.ray_bucket_trial FOLDER``, run as :mod:`tests.api.runtime.ray_trial` is. The two nodes
have caches of their own, empty at first, and the folder that was published is out of reach while questions are asked.
"""

import json
import shutil
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

from ray import serve

from api.runtime.shards import CACHE_VARIABLE
from api.settings import load_settings
from index.replication.bucket import Bucket
from index.replication.publisher import Publisher
from index.storage.snapshot import STORE
from index.storage.versions import Versions
from tests.api.runtime.ray_trial import (
    SHARDS,
    Indexes,
    applications,
    cluster,
    is_up,
    raise_loopback,
    replicas,
    send,
    service,
    until,
    version_at,
)
from tests.support.asking import Asking

DELAY = 5.0
SECONDS = "20"
"""That a shard may take: on a busy machine, processes that start slow down those that answer."""


class Published:
    """Versions of an index that are published in shards."""

    def __init__(self, folder: Path) -> None:
        self.indexes, self.bucket = Indexes(folder), folder / "bucket"
        self._hidden = folder / "hidden"

    def publish(self, delay: float) -> None:
        """Publish the version that was built last."""
        if self._hidden.exists():
            self._hidden.rename(self.indexes.sharded)
        self.indexes.publish()
        versions = Versions(load_settings(data_dir=self.indexes.sharded).index_dir)
        assert Publisher(Bucket(str(self.bucket)), versions, delay=delay).publish()
        self.indexes.sharded.rename(self._hidden)

    @contextmanager
    def without_files(self) -> Iterator[None]:
        """Nothing can be pulled."""
        files, away = self.bucket / "files", self.bucket / "away"
        files.rename(away)
        try:
            yield
        finally:
            away.rename(files)


def main(folder: Path) -> None:
    """Try everything, in an order in which one event does not disturb the next."""
    began = time.monotonic()
    seen: dict[str, Any] = {}

    def note(name: str, value: Any) -> None:
        seen[name] = value
        print(f"{time.monotonic() - began:6.1f} {name}: {value}", flush=True)

    published = Published(folder)
    indexes = published.indexes
    asked = indexes.questions = indexes.questions[::3]
    old, expected_of_old = indexes.build(1871)
    published.publish(0)
    caches = [folder / "first", folder / "second"]
    follow = {
        "PULLQUOTE_FOLLOW": str(published.bucket),
        "PULLQUOTE_SHARD_SECONDS": SECONDS,
        CACHE_VARIABLE: str(folder / "nowhere"),
    }
    nodes = [{CACHE_VARIABLE: str(cache)} for cache in caches]
    with cluster(*nodes) as (address, _), service(folder / "router", address, **follow) as base:
        until(lambda: is_up(old), "the replicas are there")
        note("pulled", [shards_in(cache) for cache in caches])
        note("router", [str(path) for path in (folder / "router").rglob(STORE)])
        new, expected_of_new = indexes.build(1872)
        asking = Asking(base, {old: expected_of_old, new: expected_of_new})
        given = asking.answers(asked)
        note("same", [given[text] == expected_of_old[text] for text in asked])
        with asking.load(asked, at_once=1) as load:
            published.publish(DELAY)
            until(lambda: version_at(base) == new, "the new version answers")
        note("switch", asdict(load))
        until(lambda: not any(old in name for name in applications()), "the old version is gone")
        note("lost", lose(published, asking, asked, new, caches))
        note("again", [shards_in(cache) for cache in caches])
        running = [replicas(new, shard) for shard in range(SHARDS)]
        with service(folder / "router-2", address, **follow) as second:
            given = Asking(second, {}).answers(asked[:3])
            note("second", [given[text] == expected_of_new[text] for text in given])
        note("shared", running == [replicas(new, shard) for shard in range(SHARDS)])
    (folder / "seen.json").write_text(json.dumps(seen, indent=1))


def lose(published: Published, asking: Asking, asked: list[str], version: str, caches: list[Path]) -> dict[str, Any]:
    """Both processes of a shard are lost with all that was pulled of it, while nothing can be pulled."""
    with asking.load(asked, at_once=1) as load:
        with published.without_files():
            send(signal.SIGKILL, replicas(version, 0))
            for cache in caches:
                for pulled in cache.glob("*/00000"):
                    shutil.rmtree(pulled)
            until(lambda: "is not in" in said(), "it is said why the replicas do not come back")
            why = said()
            until(lambda: asking.ask(asked[0]).json().get("complete") is False, "answers say that a shard is missing")
        until(lambda: is_up(version), "the replicas are back")
        until(lambda: asking.ask(asked[0]).json().get("complete") is True, "the shard is back")
    return {"why": why, "load": asdict(load)}


def said() -> str:
    """What Ray Serve tells of all shards."""
    return "\n".join(
        each.message for found in serve.status().applications.values() for each in found.deployments.values()
    )


def shards_in(cache: Path) -> list[str]:
    """The shards of which a machine has a version."""
    return sorted({path.parents[2].name for path in cache.rglob(STORE)})


if __name__ == "__main__":
    raise_loopback()
    main(Path(sys.argv[1]))
