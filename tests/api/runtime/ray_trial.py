"""A service whose shards run on a Ray cluster of two nodes, while replicas and a node are lost: what it answers.

``python -m tests.api.runtime.ray_trial FOLDER``, in a network namespace that has nothing but loopback. It writes what
it saw to ``FOLDER/seen.json``.
"""

import fcntl
import json
import os
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

import httpx2
import ray
from fastapi.testclient import TestClient
from ray import serve
from ray.cluster_utils import Cluster

from api.app import create_app
from api.settings import load_settings
from index.building.builder import build
from index.models.embedder import SHIPPED, Embedder
from index.sharding.layout import shard_folder
from index.sharding.split import split
from index.storage.snapshot import STORE
from index.storage.versions import Versions
from tests.support.asking import Answers, Asking, plain
from tests.support.paths import ROOT
from tests.support.ray_alone import SHARD_SECONDS
from tests.support.running_server import running_server

SHARDS = REPLICAS = 2
PATIENCE = 300
STARTS = 3
PUBLIC = "http://answers.example.org"
NODE = {"num_cpus": 2, "object_store_memory": 80_000_000}
LEAN = {"include_dashboard": False, "include_log_monitor": False, "no_monitor": True}
_SET_FLAGS, _UP = 0x8914, 1
"""SIOCSIFFLAGS and IFF_UP of Linux."""


def questions() -> list[str]:
    lines = (ROOT / "tests" / "data" / "seed_questions.jsonl").read_text(encoding="utf-8").splitlines()
    return [*(json.loads(line)["question"] for line in lines[::3]), "When was the ferry founded?", "?!"]


class Indexes:
    """One index and the same in shards, in several versions."""

    def __init__(self, folder: Path) -> None:
        self._whole, self.sharded, self._elsewhere = folder / "whole", folder / "shards", folder / "elsewhere"
        self._news = folder / "news"
        self._news.mkdir()
        self._embedder = Embedder(SHIPPED, threads=1)
        self.sources = [ROOT / "seeds", ROOT / "tests" / "articles", self._news]
        self.questions = questions()

    def build(self, year: int) -> tuple[str, Answers]:
        """Build the whole with another article; the version, and what it answers."""
        (self._news / "ferry.txt").write_text(f"The ferry of Karrow was founded in {year} by two fishermen.")
        version = build(self.sources, self._of(self._whole), self._embedder).version
        settings = load_settings(data_dir=self._whole, threads=1, public_url=PUBLIC)
        with TestClient(create_app(settings), base_url="http://127.0.0.1") as client:
            asked = {text: client.post("/v1/ask", json={"question": text}).json() for text in self.questions}
        return version, {text: plain(answer) for text, answer in asked.items()}

    def publish(self) -> None:
        """Put the whole into shards."""
        with self._of(self._whole).open() as whole:
            split(whole, self._of(self.sharded), SHARDS)

    def publish_damaged(self) -> None:
        """The same, with a shard that lacks its end."""
        versions, elsewhere = self._of(self.sharded), Versions(self._elsewhere)
        with self._of(self._whole).open() as whole:
            name = split(whole, elsewhere, SHARDS)
        store = shard_folder(elsewhere.path(name), 1) / STORE
        store.write_bytes(store.read_bytes()[:-10])
        shutil.copytree(elsewhere.path(name), versions.path(name))
        versions.point_to(name)

    @staticmethod
    def _of(data_dir: Path) -> Versions:
        return Versions(load_settings(data_dir=data_dir).index_dir)


def main(folder: Path) -> None:
    """Try everything, in an order in which one event does not disturb the next."""
    began = time.monotonic()
    seen: dict[str, Any] = {}

    def note(name: str, value: Any) -> None:
        seen[name] = value
        print(f"{time.monotonic() - began:6.1f} {name}: {value}", flush=True)

    indexes = Indexes(folder)
    asked = indexes.questions
    old, expected_of_old = indexes.build(1871)
    indexes.publish()
    new, expected_of_new = indexes.build(1872)
    note("versions", [old, new])
    with cluster() as (address, lose_node):
        note("built", build_on(address, indexes.sources, folder))
        with service(indexes.sharded, address, PULLQUOTE_SHARD_SECONDS=str(SHARD_SECONDS)) as base:
            asking = Asking(base, {old: expected_of_old, new: expected_of_new})
            given = asking.answers(asked)
            note("same", [given[text] == expected_of_old[text] for text in asked])
            with asking.load(asked) as load:
                indexes.publish()
                until(lambda: version_at(base) == new, "the new version answers")
            note("switch", asdict(load))
            with asking.load(asked) as load:
                send(signal.SIGKILL, replicas(new, 0)[:1])
                until(lambda: is_up(new), "the replica is back")
            note("replica", asdict(load))
            with asking.load(asked) as load:
                lose_node()
                until(lambda: is_up(new), "the replicas are back")
            note("node", asdict(load))
            note("hanging", hang(asking, asked, new))
            note("old", until(lambda: not any(old in name for name in applications()), "the old version is gone"))
            until(lambda: is_up(new), "the replicas are back")
            running = [replicas(new, shard) for shard in range(SHARDS)]
            with service(indexes.sharded, address, PULLQUOTE_SHARD_SECONDS=str(SHARD_SECONDS)) as second:
                given = Asking(second, {}).answers(asked[:3])
                note("second", [given[text] == expected_of_new[text] for text in given])
            note("shared", running == [replicas(new, shard) for shard in range(SHARDS)])
            indexes.build(1873)
            indexes.publish_damaged()
            until(
                lambda: "can't be started" in (refused_at(base) or {}).get("reason", ""),
                "the damaged version is refused",
            )
            note("refused", [refused_at(base), version_at(base) == new])
    (folder / "seen.json").write_text(json.dumps(seen, indent=1))


@contextmanager
def cluster(
    first: dict[str, str] | None = None, second: dict[str, str] | None = None
) -> Iterator[tuple[str, Callable[[], None]]]:
    """A cluster of two nodes: its address, and what loses the second. Each has the given variables. A node whose agents
    take longer than 15 seconds to start ends itself, which happens on a busy machine.
    """
    for _ in range(STARTS):
        folder = tempfile.mkdtemp(prefix="ray", dir="/tmp")  # names of sockets must be short
        Path(folder, "ray").mkdir()  # where the address of the cluster is kept, for whoever asks for any
        os.environ["RAY_TMPDIR"] = folder
        try:
            started = Cluster(
                initialize_head=True, head_node_args={**NODE, **LEAN, "temp_dir": folder, "env_vars": first}
            )
            node = started.add_node(**NODE, env_vars=second)
            break
        except Exception as error:
            print(f"the cluster did not start: {error}", flush=True)
            shutil.rmtree(folder, ignore_errors=True)
    else:
        raise AssertionError(f"the cluster did not start in {STARTS} tries")

    def lose_node() -> None:
        [raylet] = [info[0].process.pid for name, info in node.all_processes.items() if name == "raylet"]
        processes = [int(each) for each in Path(f"/proc/{raylet}/task/{raylet}/children").read_text().split()]
        started.remove_node(node, allow_graceful=False)
        send(signal.SIGKILL, processes)

    ray.init(started.address, log_to_driver=False, configure_logging=False)
    try:
        yield started.address, lose_node
    finally:
        ray.shutdown()
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def service(data_dir: Path, address: str, **environment: str) -> Iterator[str]:
    """A service that is ready; gives its address."""
    with running_server(
        data_dir,
        folder=None,
        trust=True,
        **environment,
        PULLQUOTE_RAY=address,
        PULLQUOTE_ANSWER_CACHE="0",
        PULLQUOTE_THREADS="1",
        PULLQUOTE_READER="small",
        PULLQUOTE_PUBLIC_URL=PUBLIC,
    ) as (base, _):
        until(lambda: httpx2.get(f"{base}/readyz", timeout=60).status_code == 200, "the service is ready")
        yield base


def hang(asking: Asking, asked: list[str], version: str) -> dict[str, Any]:
    """Every replica of a shard hangs, then dies."""
    stopped = replicas(version, 0)
    send(signal.SIGSTOP, stopped)
    begun = time.monotonic()
    first = asking.ask(asked[0]).json()
    found: dict[str, Any] = {"replicas": len(stopped), "first": time.monotonic() - begun, "later": []}
    found["said"] = [first["complete"], first["coverage"], [warning["code"] for warning in first["warnings"]]]
    for _ in range(5):
        begun = time.monotonic()
        answer = asking.ask(asked[0]).json()
        found["later"].append([time.monotonic() - begun, answer["complete"], answer["coverage"]])
    refused = asking.ask(asked[0], require_complete=True)
    found["required"] = [refused.status_code, refused.json()["error"]["code"], refused.headers["retry-after"]]
    with asking.load(asked) as load:
        send(signal.SIGKILL, stopped)
        until(lambda: asking.ask(asked[0]).json()["complete"], "the shard is back")
    return {**found, "back": asdict(load)}


def build_on(address: str, sources: list[Path], folder: Path) -> str:
    """Build on the cluster; what is said of it."""
    command = [sys.executable, "-P", "-m", "api", "build", *map(str, sources), "--on-ray", "2"]
    command += ["--parts", str(folder / "parts"), "--data-dir", str(folder / "joined")]
    done = subprocess.run(command, capture_output=True, text=True, env={**os.environ, "PULLQUOTE_RAY": address})
    assert done.returncode == 0, done.stderr
    return done.stdout


def until(holds: Callable[[], bool], what: str) -> float:
    """Wait until something holds; the seconds that it took."""
    begun = time.monotonic()
    while not holds():
        if time.monotonic() - begun > PATIENCE:
            raise AssertionError(f"after {PATIENCE} seconds still not: {what}; {serve.status()}")
        time.sleep(0.1)
    return time.monotonic() - begun


def version_at(base: str) -> str:
    return str(httpx2.get(f"{base}/v1/index", timeout=60).json()["version"])


def refused_at(base: str) -> dict[str, Any] | None:
    refused: dict[str, Any] | None = httpx2.get(f"{base}/v1/index", timeout=60).json()["refused"]
    return refused


def applications() -> dict[str, Any]:
    return dict(serve.status().applications)


def is_up(version: str) -> bool:
    """Whether Ray runs every replica of a version, and each has a process."""
    found = [each for name, each in applications().items() if version in name]
    states = [deployment.replica_states for each in found for deployment in each.deployments.values()]
    alive = [len(replicas(version, shard)) for shard in range(SHARDS)]
    return states == [{"RUNNING": REPLICAS}] * SHARDS and alive == [REPLICAS] * SHARDS


def replicas(version: str, shard: int) -> list[int]:
    """The processes that answer for a shard."""
    found = []
    for path in Path("/proc").iterdir():
        with suppress(OSError):
            title = (path / "cmdline").read_text() if path.name.isdecimal() else ""
            if title.startswith("ray::ServeReplica:") and version in title and f"-{shard:05d}:" in title:
                found.append(int(path.name))
    return sorted(found)


def send(number: int, processes: list[int]) -> None:
    for process in processes:
        with suppress(ProcessLookupError):
            os.kill(process, number)


def raise_loopback() -> None:
    """Turn on the only interface of a new network namespace."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        fcntl.ioctl(any_socket, _SET_FLAGS, struct.pack("16sh14x", b"lo", _UP))


if __name__ == "__main__":
    raise_loopback()
    main(Path(sys.argv[1]))
