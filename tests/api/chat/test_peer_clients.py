"""Clients of other projects, in environments of their own, against a running service."""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests.support.chat import ANSWER, QUESTION, UNANSWERED, messages
from tests.support.clients.environments import PYTHON, NotInstalledError, node, python
from tests.support.paths import NO_NETWORK, ROOT
from tests.support.running_server import running_server

pytestmark = pytest.mark.peers

CLIENTS = ROOT / "tests" / "support" / "clients"
FOLLOW_UP = "What did she say?"
_PATIENCE = 120


@pytest.fixture(scope="module")
def address(seed_data: Path) -> Iterator[str]:
    with running_server(seed_data) as (found, _):
        yield found


def run(name: str, address: str, scratch: Path) -> dict[str, Any]:
    """What the script of a client prints, or a skip with the reason."""
    try:
        if name in PYTHON:
            command = [str(python(name)), str(CLIENTS / f"use_{name}.py")]
        else:
            (scratch / "node_modules").symlink_to(node(name) / "node_modules")
            command = ["node", shutil.copy(CLIENTS / f"use_{name}.mjs", scratch)]
    except NotInstalledError as error:
        pytest.skip(str(error))
    done = subprocess.run(
        [*command, address, QUESTION, FOLLOW_UP, UNANSWERED],
        capture_output=True,
        text=True,
        timeout=_PATIENCE,
        env={**os.environ, "PYTHONPATH": str(NO_NETWORK)},
    )
    assert done.returncode == 0, done.stderr
    shown: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return shown


@pytest.fixture(params=sorted(path.stem.removeprefix("use_") for path in CLIENTS.glob("use_*")))
def shown(request: pytest.FixtureRequest, address: str, tmp_path: Path) -> dict[str, Any]:
    return run(request.param, address, tmp_path)


def completion(address: str, *contents: str) -> str:
    body = {"messages": messages(*contents)}
    answered = httpx2.post(f"{address}/v1/chat/completions", json=body, timeout=_PATIENCE).json()
    return str(answered["choices"][0]["message"]["content"])


def test_answer_citation_follow_up_no_answer_and_error(shown: dict[str, Any], address: str) -> None:
    answer = completion(address, QUESTION)
    assert shown["answer"] == answer
    assert shown.get("streamed", answer) == answer
    assert shown["follow_up"] == completion(address, QUESTION, answer, FOLLOW_UP)
    assert shown["no_answer"] == completion(address, UNANSWERED)
    assert shown["no_answer"].startswith("No article answers that.")
    assert shown["no_answer_citations"] == []
    assert "may have 2000: shorten it" in shown["error"]
    for name in ("citations", "streamed_citations", "response_citations", "response_streamed_citations"):
        for title, url, mark, *quote in shown.get(name, shown["citations"]):
            assert title == "U.S. Officials Confirm North Korea Sent Troops to Russia"
            assert httpx2.get(url, timeout=60).status_code == 200
            assert mark == "[1]"
            assert all(ANSWER in each for each in quote)
        assert len(shown.get(name, shown["citations"])) == 1, name


def test_ai_sdk_shows_sources_over_every_dialect(address: str, tmp_path: Path) -> None:
    shown = run("ai-sdk", address, tmp_path)
    assert shown["standalone_question"]
    assert shown["documents"] == [
        ["U.S. Officials Confirm North Korea Sent Troops to Russia", "text/plain", "000_c02cb47a3876a1ac.txt"]
    ]
    (_, url, *_rest) = shown["citations"][0]
    for name, seen in shown["others"].items():
        assert seen["answer"] == seen["streamed"] == shown["answer"], name
        assert url in seen["sources"] or name == "compatible", name
        assert url in seen["streamed_sources"] or name == "compatible", name
