"""Open WebUI, in an environment of its own and driven by a headless Chromium, against a running service."""

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import httpx2
import pytest

from benchmarks.service import free_port
from tests.chat import ANSWER, QUESTION, UNANSWERED
from tests.clients.environments import NotInstalledError, open_webui
from tests.running_server import running_server

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.peers

_PATIENCE = 300
_TITLE = "U.S. Officials Confirm North Korea Sent Troops to Russia"


@pytest.fixture(scope="module")
def frontend(seed_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Open WebUI without accounts, connected to a service."""
    try:
        interpreter = open_webui()
    except NotInstalledError as error:
        pytest.skip(str(error))
    folder = tmp_path_factory.mktemp("open-webui")
    port = free_port()
    with running_server(seed_data) as (address, _), (folder / "log").open("w") as log:
        settings = {
            "DATA_DIR": str(folder),
            "WEBUI_AUTH": "False",
            "WEBUI_SECRET_KEY": "none",
            "OPENAI_API_BASE_URL": f"{address}/v1",
            "OPENAI_API_KEY": "none",
            "ENABLE_OLLAMA_API": "False",
            "OFFLINE_MODE": "True",
            "HF_HUB_OFFLINE": "1",
            "RAG_EMBEDDING_MODEL": "",
        }
        process = subprocess.Popen(
            [str(interpreter.parent / "open-webui"), "serve", "--host", "127.0.0.1", "--port", str(port)],
            env={**{name: value for name, value in os.environ.items() if name != "PYTHONPATH"}, **settings},
            stdout=log,
            stderr=log,
        )
        try:
            _wait_for(f"http://127.0.0.1:{port}/health", process)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(_PATIENCE)
            shutil.rmtree(folder, ignore_errors=True)


def _wait_for(url: str, process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + _PATIENCE
    while time.monotonic() < deadline and process.poll() is None:
        try:
            if httpx2.get(url, timeout=5).status_code == 200:
                return
        except httpx2.TransportError:
            pass
        time.sleep(0.5)
    raise AssertionError("Open WebUI did not start")


def show(page: "Page", address: str) -> None:
    """Open an address and close the news that Open WebUI begins with."""
    page.goto(address)
    page.locator("#chat-input").wait_for()
    news = page.get_by_role("dialog")
    news.wait_for()
    while news.count():
        page.keyboard.press("Escape")
        page.wait_for_timeout(500)


def ask(page: "Page", question: str) -> None:
    page.locator("#chat-input").click()
    page.keyboard.insert_text(question)
    page.keyboard.press("Enter")


def test_answer_citation_reload_follow_up_no_answer_and_error(frontend: str, browser: "Browser") -> None:
    page = browser.new_context(viewport={"width": 1280, "height": 850}).new_page()
    page.set_default_timeout(60_000)
    show(page, frontend)
    ask(page, QUESTION)
    page.locator("strong", has_text=ANSWER).first.wait_for()
    page.get_by_role("button", name="1 Source").wait_for()
    page.wait_for_url("**/c/*")
    page.wait_for_timeout(3000)

    for _ in range(2):
        page.get_by_label(f"View source: {_TITLE}").first.click()
        source = page.get_by_role("dialog").inner_text()
        assert f"Meanwhile, NATO spokeswoman {ANSWER} said" in source
        page.keyboard.press("Escape")
        show(page, page.url)

    ask(page, "What did she say?")
    page.get_by_text("Asked as:").first.wait_for()
    ask(page, UNANSWERED)
    page.get_by_text("No article answers that.").first.wait_for()
    ask(page, "Why? " * 500)
    page.get_by_text("may have 2000: shorten it").first.wait_for()
