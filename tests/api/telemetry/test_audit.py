"""Every change is recorded before it is made, and a change that can't be recorded is not made."""

import json
import shutil
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.settings import load_settings
from api.telemetry import audit
from tests.conftest import HERE

TOKEN = "correct-horse-battery-staple"


@pytest.fixture
def data(seed_data: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(seed_data, tmp_path / "data"))


@pytest.fixture
def writer(data: Path) -> Iterator[TestClient]:
    settings = load_settings(data_dir=data, threads=1, write_token=TOKEN, build_delay=60, build_delay_most=60)
    with TestClient(create_app(settings), base_url=HERE, headers={"authorization": f"Bearer {TOKEN}"}) as client:
        yield client


def recorded(data: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (data / audit.FILE).read_text().splitlines()]


def test_each_kind_of_change_is_recorded_with_who_and_what(writer: TestClient, data: Path) -> None:
    text = {"title": "Otters", "text": "Otters hold hands while they sleep."}
    given = {"x-request-id": "request-1"}
    assert writer.put("/v1/articles/otters", json=text, headers=given).status_code == 202
    assert writer.delete("/v1/articles/otters").status_code == 202
    assert writer.post("/v1/index/prune", json={"keep": 2}).status_code == 200
    assert writer.post("/v1/index/rebuild").status_code == 202
    writer.post("/v1/index/rollback", json={"version": "000009-00000000"})
    lines = recorded(data)
    actions = ["article.put", "article.delete", "index.prune", "index.rebuild", "index.rollback"]
    assert [line["action"] for line in lines] == actions
    assert lines[0]["articles"] == ["otters"]
    assert lines[0]["request_id"] == "request-1"
    assert {line["by"] for line in lines} == {"write token"}
    assert stat.S_IMODE((data / audit.FILE).stat().st_mode) == 0o600
    everything = (data / audit.FILE).read_text()
    assert TOKEN not in everything
    assert "hold hands" not in everything


def test_what_is_refused_is_no_change(writer: TestClient, data: Path) -> None:
    assert writer.put("/v1/articles/a", json={"text": "x"}, headers={"authorization": "no"}).status_code == 401
    assert writer.delete("/v1/articles/never-there").status_code == 404
    assert not (data / audit.FILE).exists()


def test_a_change_that_cannot_be_recorded_is_not_made(writer: TestClient, data: Path) -> None:
    (data / audit.FILE).mkdir()
    response = writer.put("/v1/articles/otters", json={"title": "Otters", "text": "Otters hold hands."})
    assert response.status_code == 503
    assert response.json()["error"]["code"] == "no_audit_log"
    assert writer.get("/v1/jobs").json()["jobs"] == []
    (data / audit.FILE).rmdir()
    assert writer.delete("/v1/articles/otters").status_code == 404


def test_lines_of_several_writers_stay_whole(tmp_path: Path) -> None:
    for number in range(20):
        audit.record(tmp_path, "key.create", "command line", key=f"k{number}\n", note=None, name="n", keep=0)
    lines = recorded(tmp_path)
    assert [line["key"] for line in lines] == [f"k{number}\n" for number in range(20)]
    assert "note" not in lines[0]
    assert (lines[0]["name"], lines[0]["keep"]) == ("n", 0)
