"""The pages in a real browser: the quote is marked and in view, with and without a text fragment."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx2
import pytest

from tests.running_server import running_server

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser

_NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "chrome")
_SIZES = {"phone": {"width": 390, "height": 700}, "desktop": {"width": 1280, "height": 800}}


@pytest.fixture(scope="module")
def browser() -> Iterator["Browser"]:
    api = pytest.importorskip(
        "playwright.sync_api", reason="playwright is not installed: pip install 'pullquote[browser]'"
    )
    path = os.environ.get("PULLQUOTE_CHROMIUM") or next(filter(None, map(shutil.which, _NAMES)), None)
    if path is None:
        pytest.skip("no Chromium found: install chromium-headless-shell, or set PULLQUOTE_CHROMIUM to its path")
    with api.sync_playwright() as driver:
        opened = driver.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu"])
        yield opened
        opened.close()


@pytest.fixture(scope="module")
def address(seed_data: Path) -> Iterator[str]:
    with running_server(seed_data) as (address, _):
        yield address


@pytest.fixture(scope="module")
def citation(address: str) -> dict[str, Any]:
    asked = httpx2.post(f"{address}/v1/ask", json={"question": "Who is the NATO spokeswoman?"}).json()
    found: dict[str, Any] = asked["answers"][0]["citations"][0]
    return found


@pytest.fixture(params=[(size, scheme) for size in _SIZES for scheme in ("light", "dark")], ids="-".join)
def page(request: pytest.FixtureRequest, browser: "Browser", address: str) -> Iterator["Page"]:
    """A page that fails the test when it writes to the console or asks another host for anything."""
    size, scheme = request.param
    context = browser.new_context(viewport=_SIZES[size], color_scheme=scheme)
    opened = context.new_page()
    told: list[str] = []
    opened.on("console", lambda message: told.append(message.text))
    opened.on("pageerror", lambda error: told.append(str(error)))
    opened.on("request", lambda asked: asked.url.startswith(address) or told.append(asked.url))
    yield opened
    context.close()
    assert told == []


def wait_until_scrolled(page: "Page") -> None:
    """The policy of the pages forbids the eval that playwright's own waiting needs."""
    for _ in range(100):
        if page.evaluate("scrollY > 0"):
            return
        page.wait_for_timeout(50)
    raise AssertionError("the page did not scroll to the quote")


def in_view(page: "Page") -> bool:
    """Whether the whole quote is inside the window."""
    box = page.locator("#quote").bounding_box()
    height = page.evaluate("innerHeight")
    return box is not None and box["y"] >= 0 and box["y"] + box["height"] <= height


def test_the_quote_is_marked_and_in_view_with_a_text_fragment(page: "Page", citation: dict[str, Any]) -> None:
    page.goto(citation["link"])
    assert page.locator("#quote").inner_text() == citation["quote"]
    wait_until_scrolled(page)
    assert in_view(page)


def test_the_quote_is_in_view_without_a_text_fragment(page: "Page", citation: dict[str, Any]) -> None:
    page.goto(citation["link"].partition("#")[0])
    wait_until_scrolled(page)
    assert in_view(page)


def test_the_text_fragment_alone_finds_the_quote(page: "Page", citation: dict[str, Any]) -> None:
    bare, _, fragment = citation["link"].partition("#")
    page.goto(f"{bare.partition('?')[0]}#{fragment}")
    wait_until_scrolled(page)
    shown = page.evaluate(
        "words => [...document.querySelectorAll('article p')].find(p => p.textContent.includes(words))"
        ".getBoundingClientRect().top",
        citation["quote"],
    )
    assert 0 <= shown <= page.evaluate("innerHeight")
    assert page.locator("mark").count() == 0


def test_nothing_is_wider_than_the_window_and_the_mark_can_be_told(page: "Page", citation: dict[str, Any]) -> None:
    page.goto(citation["link"])
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    colours = page.evaluate(
        "['mark', 'body'].map(name => getComputedStyle(document.querySelector(name)).backgroundColor)"
    )
    assert colours[0] != colours[1]
    assert "rgba(0, 0, 0, 0)" not in colours


def test_a_question_leads_to_the_marked_quote(page: "Page", address: str) -> None:
    page.goto(address)
    page.get_by_label("Question").fill("Who is the NATO spokeswoman?")
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Farah Dakhlallah").wait_for()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.get_by_role("link", name="U.S. Officials Confirm").first.click()
    page.locator("#quote").wait_for()
    wait_until_scrolled(page)
    assert in_view(page)
    assert "Farah Dakhlallah" in page.locator("#quote").inner_text()
