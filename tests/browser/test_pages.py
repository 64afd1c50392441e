"""The front page and the chat page in a real browser."""

from collections.abc import Callable
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.browser.conftest import Open

pytestmark = pytest.mark.browser

MASTER = "Who is the harbour master?"
MERCURY = "What is the boiling point of mercury?"
CAN_SCROLL = "document.documentElement.scrollWidth > innerWidth"


def test_a_question_leads_to_the_marked_quote(page: "Page", address: str) -> None:
    page.goto(address)
    page.get_by_label("Question", exact=True).fill(MASTER)
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Ilse Marchetti").wait_for()
    assert not page.evaluate(CAN_SCROLL)
    page.locator(".answer .meta a").first.click()
    page.locator("#quote").first.wait_for()
    assert "Ilse Marchetti" in page.locator("#quote").inner_text()


def test_an_example_is_answered(page: "Page", address: str) -> None:
    page.goto(address)
    example = page.locator(".examples a").first
    question = example.inner_text()
    example.click()
    page.locator(".answer h2").first.wait_for()
    assert page.get_by_label("Question", exact=True).input_value() == question
    assert page.locator("pullquote-chat").count() == 0


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/?q=Who+is+the+harbour+master%3F&published_from=2024-01-01",
        f"/?q={MERCURY}",
        "/chat",
        "/check",
        "/docs",
        "/articles",
        "/articles?q=harbour&tags=Port+Callory&sort=newest",
        "/admin",
    ],
)
def test_nothing_makes_a_page_hard_to_use(
    page: "Page", address: str, path: str, violations: Callable[["Page"], list[str]]
) -> None:
    page.goto(address + path)
    if summary := page.locator("details:not([open]) summary").all():
        summary[0].click()
    assert violations(page) == []
    assert not page.evaluate(CAN_SCROLL)


@pytest.mark.parametrize("path", ["/?q=who&published_from=soon", "/articles/none", "/nothing"])
def test_nothing_makes_an_error_hard_to_read(
    open_page: "Open", address: str, path: str, violations: Callable[["Page"], list[str]]
) -> None:
    page = open_page(expected="the server responded with a status of")
    page.goto(address + path)
    assert violations(page) == []


def test_all_of_an_article_is_easy_to_use(
    page: "Page", address: str, violations: Callable[["Page"], list[str]]
) -> None:
    page.goto(f"{address}/?q=Who+led+the+study+of+the+lichens%3F")
    page.locator(".answer .meta a").first.click()
    page.locator("#quote").first.wait_for()
    assert violations(page) == []


def test_every_link_of_every_page_opens_a_page(open_page: "Open", address: str) -> None:
    page = open_page(expected="the server responded with a status of 404")
    waiting, seen = ["/", f"/?q={MASTER}", f"/?q={MERCURY}", "/nothing-here"], set()
    while waiting:
        path = waiting.pop()
        page.goto(address + path)
        links = page.locator("a[href]").evaluate_all("all => all.map(a => [a.href, a.type, a.getAttribute('href')])")
        for at, (href, kind, written) in enumerate(links):
            place = urlsplit(href)
            key = place.path if place.path.startswith("/articles/") else href
            if not href.startswith(address) or key in seen:
                continue
            seen.add(key)
            if kind:
                assert page.request.get(href).headers["content-type"] == kind, href
            elif written.startswith("#"):
                assert page.locator(f"[id='{written[1:]}']").count() == 1, href
            else:
                with page.expect_navigation():
                    page.locator("a[href]").nth(at).click()
                page.locator("main h1").first.wait_for(state="attached")
                assert page.get_by_text("There is no such page").count() == 0, f"{path} leads to {href}"
                if not place.query and not place.path.startswith("/articles/"):
                    waiting.append(place.path)
                page.goto(address + path)
    assert {f"{address}{path}" for path in ("/chat", "/check", "/docs", "/articles", "/admin")} <= seen
    assert any(each.startswith("/articles/") for each in seen)


def test_a_follow_up_is_asked_on_the_front_page(page: "Page", address: str) -> None:
    page.goto(f"{address}/?q=Who+was+elected+mayor+of+Port+Callory%3F")
    page.get_by_label("And then?").fill("When was she elected?")
    page.keyboard.press("Enter")
    page.get_by_text("Understood as").wait_for()
    assert page.get_by_role("list", name="Asked before").inner_text().startswith("Who was elected mayor")
    assert not page.evaluate(CAN_SCROLL)


def test_what_could_be_asked_next_is_offered(open_page: "Open", address: str) -> None:
    page = open_page()
    page.goto(f"{address}/?q=How+much+does+map+lichen+widen+in+a+year%3F")
    offered = page.locator("#next a").first
    question = offered.inner_text()
    assert offered.get_attribute("dir") == "auto"  # on a page that is read from right to left, too
    offered.click()
    page.locator(".earlier").wait_for()
    assert page.get_by_label("Question", exact=True).input_value() == question


@pytest.mark.parametrize("keys", ["/", "Control+k"])
def test_a_key_leads_to_the_question(open_page: "Open", address: str, keys: str) -> None:
    page = open_page()
    page.goto(f"{address}/?q={MASTER}")
    page.keyboard.press(keys)
    assert page.evaluate("document.activeElement.id") == "q"
    page.keyboard.type("a/b")
    assert page.get_by_label("Question", exact=True).input_value() == "a/b"


def test_an_answer_is_printed_with_its_question(open_page: "Open", address: str) -> None:
    page = open_page(color_scheme="dark")
    page.goto(f"{address}/?q={MASTER}")
    page.emulate_media(media="print")
    box = page.locator("h1").bounding_box()
    assert page.locator("h1").inner_text() == MASTER
    assert box is not None
    assert box["height"] > 10
    assert not any(each.is_visible() for each in page.locator("header, footer, form, nav").all())


def test_the_answer_is_marked_where_the_system_chooses_the_colours(open_page: "Open", address: str) -> None:
    page = open_page(forced_colors="active")
    page.goto(f"{address}/?q={MASTER}")
    mark, around = (page.locator(each).first for each in ("blockquote mark", "blockquote"))
    colour = "each => getComputedStyle(each).backgroundColor"
    assert mark.evaluate(colour) not in {around.evaluate(colour), "rgba(0, 0, 0, 0)"}


def test_the_keyboard_is_enough(open_page: "Open", address: str) -> None:
    page = open_page()
    page.goto(address)
    page.wait_for_function("document.activeElement.name === 'q'")
    page.keyboard.type(MASTER)
    assert page.get_by_label("Question", exact=True).input_value() == MASTER
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.name") == "sources"
    page.get_by_label("Question", exact=True).focus()
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Ilse Marchetti").wait_for()
    asked = page.url
    for key in ("Tab", "Enter", "Tab"):
        page.keyboard.press(key)
    assert page.evaluate("document.activeElement.matches('.answers a')"), "one step leads past what is on every page"
    page.locator(".answer .meta a").first.focus()
    page.keyboard.press("Enter")
    page.locator("#quote").first.wait_for()
    page.go_back()
    page.get_by_role("heading", name="Ilse Marchetti").wait_for()
    assert page.url.partition("#")[0] == asked


def test_filters_narrow_the_search_and_stay(open_page: "Open", address: str) -> None:
    page = open_page()
    page.goto(address)
    page.get_by_text("Narrow the search").click()
    page.get_by_label("Author").select_option("Petra Sandoval")
    page.get_by_label("Published from").fill("2024-02-01")
    page.get_by_label("Question", exact=True).fill(MASTER)
    page.keyboard.press("Enter")
    page.locator(".answers").wait_for()
    page.get_by_text("Narrowed: Petra Sandoval, from 2024-02-01").click()
    assert page.get_by_label("Author").input_value() == "Petra Sandoval"
    assert page.get_by_label("Published from").input_value() == "2024-02-01"
    assert {line.inner_text() for line in page.locator(".answer .meta .author").all()} <= {"Petra Sandoval"}


def test_everything_works_without_javascript(open_page: "Open", address: str) -> None:
    page = open_page(java_script_enabled=False)
    page.goto(address)
    page.locator(".examples a").first.wait_for()
    page.get_by_label("Question", exact=True).fill(MASTER)
    page.get_by_role("button", name="Ask").click()
    page.get_by_role("heading", name="Ilse Marchetti").wait_for()
    page.locator(".answer .meta a").first.click()
    assert "Ilse Marchetti" in page.locator("#quote").inner_text()
    page.goto(f"{address}/chat")
    assert page.get_by_text("The chat needs JavaScript").is_visible()
    box = page.locator("pullquote-chat").bounding_box()
    assert box is not None
    assert box["height"] < 200, "nothing but the note stands where the chat would be"


def test_a_text_is_checked_without_javascript(open_page: "Open", address: str) -> None:
    page = open_page(java_script_enabled=False)
    page.goto(address)
    page.get_by_role("link", name="Check", exact=True).click()
    page.get_by_label("The text").fill("The ferry can carry 240 passengers. Oslo has an opera.")
    page.get_by_role("button", name="Check").click()
    page.get_by_text("Contradicted", exact=True).wait_for()
    assert "420 passengers" in page.locator(".contradicted blockquote").inner_text()
    assert page.locator(".not_found").count() == 1
    assert not page.evaluate(CAN_SCROLL)


def test_a_new_index_is_told_on_the_open_page(open_page: "Open", address: str) -> None:
    page = open_page()
    page.clock.install()
    page.goto(address)
    assert "16 articles" in page.locator("#state").inner_text()
    newer = {"version": "000002-abc", "articles": 1, "passages": 99, "created": "2026-12-24T18:05:00+00:00"}
    page.route("**/v1/index", lambda route: route.fulfill(json=newer))
    page.clock.fast_forward(20_000)
    page.get_by_text("The index has just been renewed").wait_for()
    told = page.locator("#state").inner_text()
    assert [words in told for words in ("1 article", "99 passages", "24 December 2026, 18:05 UTC", "000002-abc")] == [
        True
    ] * 4
    assert "1 articles" not in told


def test_an_article_prints_without_what_stands_around_it(open_page: "Open", address: str) -> None:
    page = open_page(color_scheme="dark")
    page.goto(f"{address}/?q=Who+led+the+study+of+the+lichens%3F")
    page.locator(".answer .meta a").first.click()
    page.locator("#quote").first.wait_for()
    page.emulate_media(media="print")
    assert not any(each.is_visible() for each in page.locator("header, footer, form, nav").all())
    assert page.locator("article").is_visible()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"


def test_neighbours_lead_through_the_articles(open_page: "Open", address: str) -> None:
    page = open_page()
    page.goto(f"{address}/?q=Who+led+the+study+of+the+lichens%3F")
    page.locator(".answer .meta a").first.click()
    page.locator("#quote").first.wait_for()
    title = page.locator("h1").inner_text()
    page.locator("a[rel=next]").click()
    page.wait_for_url(lambda url: "sha256" not in url)
    assert page.locator("h1").inner_text() != title
    page.locator("a[rel=prev]").click()
    page.get_by_role("heading", name=title).wait_for()
