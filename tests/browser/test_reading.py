"""The article page in a real browser: the quote is marked and in view, with and without a text fragment."""

from typing import TYPE_CHECKING, Any

import httpx2
import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def citation(address: str) -> dict[str, Any]:
    asked = httpx2.post(f"{address}/v1/ask", json={"question": "Who led the study of the lichens?"}, timeout=60).json()
    found: dict[str, Any] = asked["answers"][0]["citations"][0]
    return found


def wait_until_scrolled(page: "Page") -> None:
    """The policy of the pages forbids the eval that playwright's own waiting needs."""
    for _ in range(1200):
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
    page.goto(citation["long_link"])
    assert page.locator("#quote").text_content() == citation["quote"]
    wait_until_scrolled(page)
    assert in_view(page)


def test_the_quote_is_marked_and_in_view(page: "Page", citation: dict[str, Any]) -> None:
    page.goto(citation["link"])
    assert page.locator("#quote").text_content() == citation["quote"]
    wait_until_scrolled(page)
    assert in_view(page)


def test_the_text_fragment_alone_finds_the_quote(page: "Page", citation: dict[str, Any]) -> None:
    bare, _, fragment = citation["long_link"].partition("#")
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
