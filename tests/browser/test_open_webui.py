"""Open WebUI, in an environment of its own and driven by a headless Chromium, against a running service."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from benchmarks.service import free_port
from tests.support.chat import ANSWER, QUESTION, UNANSWERED
from tests.support.clients.environments import EXAMPLES, NotInstalledError, open_webui
from tests.support.clients.pages import running_page
from tests.support.running_server import running_server

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.peers

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
    command = [interpreter, EXAMPLES / "open-webui" / "app.py", str(port)]
    with (
        running_server(seed_data) as (address, _),
        running_page(command, port, folder, ENDPOINT=address, DATA_DIR=str(folder)) as page,
    ):
        yield page
    shutil.rmtree(folder, ignore_errors=True)


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
