"""The examples that serve a page, driven by a headless Chromium against a running service."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from benchmarks.service import free_port
from tests.support.clients.environments import EXAMPLES, NotInstalledError, node, python
from tests.support.clients.pages import running_page
from tests.support.running_server import running_server

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

    Open = Callable[[str], Page]

pytestmark = pytest.mark.peers

_QUESTION = "How many special forces soldiers did Pyongyang send to Vladivostok?"
_QUOTE = "Pyongyang deployed an initial contingent of 1,500 special forces soldiers"
_TITLE = "[1] U.S. Officials Confirm North Korea Sent Troops to Russia"
_FOLLOW_UP = "Who said that?"
_INSTALLED = shutil.ignore_patterns("node_modules")
_AGENCY = "South Korea's intelligence agency"


@pytest.fixture
def open_example(seed_data: Path, tmp_path: Path, browser: "Browser") -> Iterator["Open"]:
    """Starts an example beside a service and opens its page, which may load nothing from elsewhere."""
    outside = []

    def opened(name: str) -> "Page":
        port = free_port()
        settings = {"PORT": str(port), "CHAINLIT_PORT": str(port), "GRADIO_SERVER_PORT": str(port)}
        page_address = f"http://127.0.0.1:{port}"
        try:
            if name == "use-chat":
                shutil.copytree(EXAMPLES / name, tmp_path, dirs_exist_ok=True, ignore=_INSTALLED)
                (tmp_path / "node_modules").symlink_to(node(name) / "node_modules")
                command: list[str | Path] = ["node", "serve.mjs"]
            else:
                command = [python(name), EXAMPLES / name / "app.py"]
        except NotInstalledError as error:
            pytest.skip(str(error))
        address, _ = stack.enter_context(running_server(seed_data, PULLQUOTE_CORS_ORIGINS=page_address))
        stack.enter_context(running_page(command, port, tmp_path, ENDPOINT=address, **settings))
        page = stack.enter_context(browser.new_context()).new_page()
        page.set_default_timeout(60_000)
        page.on("request", lambda asked: _is_local(asked.url) or outside.append(asked))
        page.goto(page_address)
        return page

    with ExitStack() as stack:
        yield opened
        assert [asked.url for asked in outside if asked.failure != "csp"] == []


def _is_local(url: str) -> bool:
    return url.startswith(("http://127.0.0.1:", "data:", "blob:"))


def test_use_chat(open_example: "Open") -> None:
    page = open_example("use-chat")
    first, second = (page.locator(".assistant").nth(place) for place in range(2))
    for question, answer in ((_QUESTION, first), (_FOLLOW_UP, second)):
        page.get_by_label("Question", exact=True).fill(question)
        page.keyboard.press("Enter")
        answer.get_by_text(_TITLE, exact=True).wait_for()
    assert first.locator("strong").first.inner_text() == "1,500"
    assert second.locator("strong").first.inner_text() == _AGENCY
    first.get_by_text(_TITLE, exact=True).click()
    assert _QUOTE in first.locator("details blockquote").inner_text()
    first.get_by_role("link", name="Read it in the article").click()
    page.locator("#quote").first.wait_for()


def test_gradio(open_example: "Open") -> None:
    page = open_example("gradio")
    box = page.get_by_role("textbox")
    box.fill(_QUESTION)
    box.press("Enter")
    page.locator("strong", has_text="1,500").first.wait_for()
    assert page.get_by_text(_QUOTE).count() == 1
    page.get_by_role("button", name=_TITLE).click()
    page.get_by_role("link", name="Read it in the article").wait_for()
    assert page.get_by_text(_QUOTE).count() == 2
    box.fill(_FOLLOW_UP)
    box.press("Enter")
    page.locator("strong", has_text=_AGENCY).first.wait_for()


def test_chainlit(open_example: "Open") -> None:
    page = open_example("chainlit")
    box = page.locator("#chat-input")
    send = page.locator("#chat-submit:enabled")
    box.click()
    page.keyboard.insert_text(_QUESTION)
    send.click()
    page.get_by_role("link", name="[1]").first.click()
    panel = page.get_by_role("complementary")
    panel.get_by_text(_QUOTE).wait_for()
    assert panel.get_by_role("link").get_attribute("href")
    box.click()
    page.keyboard.insert_text(_FOLLOW_UP)
    send.click()
    page.get_by_text(_AGENCY, exact=True).first.wait_for()
