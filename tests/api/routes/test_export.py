"""A backup over HTTP is what ``pullquote export`` writes, for those who may change the index."""

import shutil
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.settings import load_settings
from index.collection.export import export_folder, import_version
from index.collection.store import Collection
from index.storage.versions import Versions

TOKEN = "correct-horse-battery-staple"


def test_a_copy_restores_the_index_and_what_was_written(seed_data: Path, tmp_path: Path) -> None:
    data = shutil.copytree(seed_data, tmp_path / "data")
    settings = load_settings(data_dir=data, threads=1, build_delay=60, build_delay_most=60, write_token=TOKEN)
    bearer = {"authorization": f"Bearer {TOKEN}"}
    with TestClient(create_app(settings), base_url="http://127.0.0.1:8000") as client:
        assert client.get("/v1/index/export").status_code == 401
        text = {"title": "Otters", "text": "Otters hold hands while they sleep."}
        assert client.put("/v1/articles/otters", json=text, headers=bearer).status_code == 202
        response = client.get("/v1/index/export", headers=bearer)
        version = client.get("/v1/index").json()["version"]
    assert response.status_code == 200
    assert response.headers["content-type"] == "application/zip"
    assert version in response.headers["content-disposition"]
    assert not list(data.glob(".export-*"))
    (tmp_path / "copy.zip").write_bytes(response.content)
    versions, collection = Versions(tmp_path / "new" / "index"), Collection(tmp_path / "new")
    _, taken = import_version(versions, collection, tmp_path / "copy.zip")
    assert taken == 1
    with versions.open() as snapshot:
        assert snapshot.manifest.articles == 1


def test_without_room_for_it_there_is_a_clear_answer_and_nothing_is_left(
    seed_data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = shutil.copytree(seed_data, tmp_path / "data")
    (data / "audit.jsonl").touch()
    settings = load_settings(data_dir=data, threads=1, write_token=TOKEN)

    def full(*_: object) -> str:
        raise OSError(28, "No space left on device")

    with TestClient(
        create_app(settings), base_url="http://127.0.0.1:8000", headers={"authorization": f"Bearer {TOKEN}"}
    ) as client:
        monkeypatch.setattr("api.routes.versions.export_version", full)
        response = client.get("/v1/index/export")
    assert (response.status_code, response.json()["error"]["code"]) == (507, "disk_full")
    assert not list(data.glob(".export-*"))


def test_what_an_export_left_whose_process_died_is_removed_at_the_start_and_one_under_way_is_not(
    seed_data: Path, tmp_path: Path
) -> None:
    data = shutil.copytree(seed_data, tmp_path / "data")
    left = data / ".export-dead"
    left.mkdir()
    (left / "index.zip").write_text("secret")
    with export_folder(data) as under_way:
        (under_way / "index.zip").write_text("half")
        with TestClient(create_app(load_settings(data_dir=data, threads=1)), base_url="http://127.0.0.1:8000"):
            assert not left.exists()
            assert (under_way / "index.zip").exists()
    assert not under_way.exists()
