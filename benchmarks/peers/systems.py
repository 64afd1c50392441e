"""The systems: how each is indexed, started and asked."""

import contextlib
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import httpx2 as httpx
import yaml

from benchmarks.incremental import timed_build
from benchmarks.peers.environments import OFFLINE, embedder, interpreter, reader
from benchmarks.service import free_port, stop
from rag.retrieval.depth import DEPTH

_APART = {"PYTHONPATH": ""}
"""A peer imports nothing of this project."""

_HERE = Path(__file__).parent
_PATIENCE = 300.0


class NotStartedError(RuntimeError):
    """A system did not start, or failed at an ask."""


class System(Protocol):
    """One of those compared; ``ask`` gives the best answer, or nothing when the system says that there is none."""

    @property
    def name(self) -> str:
        """What tables call it."""
        ...

    def index(self, work: Path) -> float:
        """Index ``articles.jsonl`` or ``passages.jsonl`` of ``work`` and save the index there; the seconds it took."""
        ...

    def command(self, work: Path, port: int) -> tuple[list[str], dict[str, str]]:
        """The command that serves the saved index, and its variables."""
        ...

    def is_ready(self, client: httpx.Client) -> bool:
        """Whether it says that it can be asked."""
        ...

    def ask(self, client: httpx.Client, question: str) -> str | None:
        """:raises httpx.HTTPStatusError: when the system fails at this question."""
        ...


@dataclass
class Pullquote:
    """``pullquote build`` and ``pullquote serve``; an ask is answered with one answer.

    By its defaults a small and a large reader read. The peers read with the weights of the ``small`` one.
    """

    models: Path
    small: bool = False

    @property
    def name(self) -> str:
        """What tables call it."""
        return "Pullquote, small reader" if self.small else "Pullquote"

    def index(self, work: Path) -> float:
        """The whole command, with starting and with cutting articles into passages."""
        data = work / "pullquote"
        shutil.rmtree(data, ignore_errors=True)
        data.mkdir()
        (data / "models").symlink_to(self.models.resolve())
        return float(timed_build(work / "articles.jsonl", data)["seconds"])

    def command(self, work: Path, port: int) -> tuple[list[str], dict[str, str]]:
        """The command that serves the saved index, and its variables."""
        data = str(work / "pullquote")
        variables = {"PULLQUOTE_ANSWER_CACHE": "0"} | ({"PULLQUOTE_READER": "small"} if self.small else {})
        return [sys.executable, "-m", "api", "serve", "--port", str(port), "--data-dir", data], variables

    def is_ready(self, client: httpx.Client) -> bool:
        """Whether it says that it can be asked."""
        return client.get("/readyz").status_code == 200

    def ask(self, client: httpx.Client, question: str) -> str | None:
        """:raises httpx.HTTPStatusError: when the system fails at this question."""
        response = client.post("/v1/ask", json={"question": question, "limit": 1}).raise_for_status()
        answers = response.json()["answers"]
        return answers[0]["text"] if answers else None


@dataclass
class Txtai:
    """``uvicorn txtai.api:app`` with an index and an extractor; ``quantize`` is its own setting for int8 weights."""

    quantize: bool = False

    @property
    def name(self) -> str:
        """What tables call it."""
        return "txtai, quantize" if self.quantize else "txtai"

    def index(self, work: Path) -> float:
        """``/add`` in batches and ``/index``, once the service is up."""
        shutil.rmtree(work / "txtai", ignore_errors=True)
        lines = (work / "passages.jsonl").read_text(encoding="utf-8").splitlines()
        passages = [{"id": record["id"], "text": record["text"]} for record in map(json.loads, lines)]
        with serving(self, work) as running:
            begin = time.perf_counter()
            for at in range(0, len(passages), 500):
                running.client.post("/add", json=passages[at : at + 500]).raise_for_status()
            running.client.get("/index").raise_for_status()
            return time.perf_counter() - begin

    def command(self, work: Path, port: int) -> tuple[list[str], dict[str, str]]:
        """The command that serves the saved index, and its variables."""
        config = work / f"{self.name.replace(', ', '-')}.yml"
        settings: dict[str, Any] = {
            "path": str(work / "txtai"),
            "writable": True,
            "embeddings": {"path": str(embedder()), "content": True},
            "extractor": {
                "path": str(reader()),
                "task": "question-answering",
                "context": DEPTH.most,
                "quantize": self.quantize,
            },
        }
        config.write_text(yaml.safe_dump(settings), encoding="utf-8")
        python = str(interpreter("txtai"))
        command = [python, "-m", "uvicorn", "txtai.api:app", "--host", "127.0.0.1", "--port", str(port)]
        return command, {**_APART, "CONFIG": str(config)}

    def is_ready(self, client: httpx.Client) -> bool:
        """Whether it says that it can be asked."""
        return client.get("/openapi.json").status_code == 200

    def ask(self, client: httpx.Client, question: str) -> str | None:
        """:raises httpx.HTTPStatusError: when the system fails at this question."""
        queue = [{"name": "answer", "query": question, "question": question}]
        response = client.post("/extract", json={"queue": queue}).raise_for_status()
        answer = response.json()[0]["answer"]
        return answer or None


@dataclass
class Haystack:
    """Hayhooks serving a pipeline over a saved in-memory store."""

    name: str = "Haystack"

    def index(self, work: Path) -> float:
        """An indexing pipeline in a script, its model loaded and warm before the clock starts."""
        source, target = str(work / "passages.jsonl"), str(work / "haystack.json")
        command = [str(interpreter("haystack")), str(_HERE / "haystack_index.py"), source, target, str(embedder())]
        done = subprocess.run(command, check=True, capture_output=True, text=True, env=_environment(_APART))
        return float(done.stdout.split()[-1])

    def command(self, work: Path, port: int) -> tuple[list[str], dict[str, str]]:
        """The command that serves the saved index, and its variables."""
        hayhooks = str(interpreter("haystack").parent / "hayhooks")
        pipelines = str(_HERE / "hayhooks_pipelines")
        variables = {
            **_APART,
            "PEER_STORE": str(work / "haystack.json"),
            "PEER_EMBEDDER": str(embedder()),
            "PEER_READER": str(reader()),
            "PEER_READ": str(DEPTH.most),
        }
        return [hayhooks, "run", "--host", "127.0.0.1", "--port", str(port), "--pipelines-dir", pipelines], variables

    def is_ready(self, client: httpx.Client) -> bool:
        """Whether it says that it can be asked."""
        response = client.get("/status")
        return response.status_code == 200 and "ask" in response.json()["pipelines"]

    def ask(self, client: httpx.Client, question: str) -> str | None:
        """:raises httpx.HTTPStatusError: when the system fails at this question."""
        response = client.post("/ask/run", json={"question": question}).raise_for_status()
        best = max(response.json()["result"], key=lambda answer: float(answer["score"]))
        return best["text"] or None


@dataclass(frozen=True, slots=True)
class Running:
    """A started system."""

    system: System
    process: subprocess.Popen[bytes]
    client: httpx.Client
    ready: float
    """Seconds from the start of the process until it said that it was ready."""

    def ask(self, question: str) -> str | None:
        """:raises httpx.HTTPStatusError: when the system fails at this question."""
        return self.system.ask(self.client, question)


@contextmanager
def serving(system: System, work: Path) -> Iterator[Running]:
    """The system, ready, until the end of the block.

    :raises NotStartedError: when it is not ready within five minutes.
    """
    port = free_port()
    command, variables = system.command(work.absolute(), port)
    log = work / f"{system.name}.log"
    begin = time.perf_counter()
    with log.open("wb") as sink:
        process = subprocess.Popen(command, stdout=sink, stderr=sink, env=_environment(variables))
    try:
        each_its_own = httpx.Limits(max_keepalive_connections=0)  # a server closes those that are idle or had an error
        address = f"http://127.0.0.1:{port}"
        with httpx.Client(base_url=address, timeout=_PATIENCE, trust_env=False, limits=each_its_own) as client:
            while not _answers(system, client):
                if process.poll() is not None or time.perf_counter() - begin > _PATIENCE:
                    tail = log.read_text(encoding="utf-8", errors="replace")[-500:]
                    raise NotStartedError(f"{system.name} did not start: {tail}")
                time.sleep(0.01)
            yield Running(system, process, client, time.perf_counter() - begin)
    finally:
        stop(process)


def _answers(system: System, client: httpx.Client) -> bool:
    with contextlib.suppress(httpx.TransportError):
        return system.is_ready(client)
    return False


def _environment(variables: dict[str, str]) -> dict[str, str]:
    return {**os.environ, **OFFLINE, **variables}


def all_systems(models: Path) -> list[System]:
    """Those that are compared, ours first; the settings of one system share its index."""
    return [Pullquote(models), Pullquote(models, small=True), Txtai(), Txtai(quantize=True), Haystack()]
