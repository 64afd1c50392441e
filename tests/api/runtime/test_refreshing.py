"""A service looks at sources elsewhere by itself, and tells what came of it."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from typer.testing import CliRunner

from api.app import create_app
from api.cli.main import app as commands
from api.settings import load_settings
from tests.support.stories import STORIES, html_page
from tests.support.web_server import respond, serve

pytestmark = pytest.mark.slow

_PATIENCE = 240.0
OATS = "The mill of Aske grinds oats from the first of October until the snow is gone from the hills. "
RYE = "The rye of the valley is sown in September and cut in July, says the miller, if the rain lets it. "


def feed(**texts: str) -> tuple[str, bytes]:
    items = "".join(
        f"<item><title>{name}</title><guid isPermaLink='false'>{name}</guid>"
        f"<description>{text * 9}</description></item>"
        for name, text in texts.items()
    )
    return "application/rss+xml", f"<rss version='2.0'><channel><title>Mills</title>{items}</channel></rss>".encode()


def waited(found: Callable[[], Any]) -> Any:
    deadline = time.monotonic() + _PATIENCE
    while not (value := found()):
        assert time.monotonic() < deadline
        time.sleep(0.2)
    return value


def test_a_service_looks_again_by_itself_and_when_it_is_asked(tmp_path: Path, model_cache: Path) -> None:
    data_dir = tmp_path / "data"
    data_dir.mkdir()
    (data_dir / "models").symlink_to(model_cache)
    with serve() as web:
        source, page = web.url("/feed"), web.url("/page")
        web.pages["/feed"] = feed(oats=OATS)
        web.pages["/page"] = ("text/html; charset=utf-8", html_page(STORIES[2]).encode())
        settings = load_settings(
            data_dir=data_dir, sources=[source, page], refresh=["1d", f"{source} 2s"], fetch_private=True
        )
        with TestClient(create_app(settings), base_url="http://127.0.0.1") as client:

            def sources() -> dict[str, dict[str, Any]]:
                return {each["source"]: each for each in client.get("/v1/sources").json()["sources"]}

            waited(lambda: sources()[source]["articles"] == 1)
            assert (sources()[page]["articles"], sources()[page]["refresh_seconds"]) == (1, 86_400)
            asked = web.asked.count("/page")
            web.pages["/feed"] = feed(oats=OATS, rye=RYE)
            waited(lambda: sources()[source]["articles"] == 2)

            def added() -> list[str]:
                jobs = client.get("/v1/jobs", params={"limit": 200}).json()["jobs"]
                changes = [each for job in jobs for each in (job["report"] or {}).get("changes", ())]
                return [each["source"] for each in changes if each["what"] == "added"]

            waited(lambda: added().count(source) == 2)
            assert web.asked.count("/page") == asked, "its time has not come"
            web.pages["/feed"] = lambda request: respond(request, 503, {"retry-after": "3600"})
            waited(lambda: sources()[source]["failures"] == 1)
            assert (sources()[source]["articles"], "503" in sources()[source]["error"]) == (2, True)
            assert client.post("/v1/index/rebuild", json={"source": page}).status_code == 202
            waited(lambda: web.asked.count("/page") > asked)
            refused = client.post("/v1/index/rebuild", json={"source": "https://mills.example/"})
            assert (refused.status_code, refused.json()["error"]["code"]) == (404, "source_not_found")
        runner = CliRunner()
        listed = runner.invoke(commands, ["sources", "--data-dir", str(data_dir)]).output
        assert f"{source}  looked at" in listed
        assert "failed 1 time" in listed
        assert runner.invoke(commands, ["refresh", page, "--data-dir", str(data_dir)]).exit_code == 0
        assert (
            runner.invoke(commands, ["refresh", "https://mills.example/", "--data-dir", str(data_dir)]).exit_code == 2
        )
