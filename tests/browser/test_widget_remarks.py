"""The widget says what contradicts an answer, which day is meant, and that it is old; quotes look as in the article."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import httpx2
import pytest

from tests.api.web.test_table_quotes import MILLS, QUESTION
from tests.browser.conftest import SIZES
from tests.browser.test_widget import ask
from tests.conftest import DataDir
from tests.support.dated_articles import JURY, MUSEUM, STORM, write_dated_articles
from tests.support.host import Host
from tests.support.running_server import running_server

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

    from tests.browser.conftest import Open

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def address(make_data_dir: DataDir, tmp_path_factory: pytest.TempPathFactory, host: Host) -> Iterator[str]:
    """A service over articles of different days that lets the other origin ask."""
    data = make_data_dir(write_dated_articles(tmp_path_factory.mktemp("dated")))
    with running_server(data, PULLQUOTE_CORS_ORIGINS=host.address) as (address, _):
        yield address


def test_who_contradicts_an_answer_is_told_with_the_days(
    page: "Page", address: str, violations: Callable[["Page"], list[str]]
) -> None:
    page.goto(f"{address}/chat")
    turn = ask(page, MUSEUM)
    note = turn.get_by_role("note").first
    told = note.inner_text()
    assert re.search(r"40,000\s+3 February 2023", told)
    assert re.search(r"55,000\s+11 February 2024 – 1 March 2024", told)
    assert note.get_by_role("link").count() == 3
    assert violations(page) == []
    assert not page.evaluate("document.documentElement.scrollWidth > innerWidth")


def test_days_that_are_meant_and_old_answers_are_told(open_page: "Open", address: str) -> None:
    page = open_page()
    page.goto(f"{address}/chat")
    assert "Tuesday 22 October 2024" in ask(page, STORM).locator(".answer").first.inner_text()
    page.evaluate("document.querySelector('pullquote-chat').lang = 'de'")
    ask(page, JURY)
    page.get_by_text("Das war am 5. Mai 2024 so und kann sich seitdem geändert haben.").wait_for()


def test_a_quote_looks_as_in_the_article_under_a_strict_policy(open_page: "Open", address: str, host: Host) -> None:
    page = open_page()
    page.goto(host.hold(address))
    page.evaluate(
        """ids => { document.querySelector("pullquote-chat").filters = { article_ids: ids }; }""",
        [_wing(page, address)],
    )
    turn = ask(page, MUSEUM)
    assert turn.locator(".quote b").inner_text() == "55,000"
    turn.get_by_role("button", name="Source 1").click()
    mark = turn.locator("mark")
    mark.wait_for()
    looks = {name: mark.locator(name).inner_text() for name in ("b", "em", "s", "code")}
    assert looks == {"b": "55,000", "em": "more than", "s": "ever", "code": "Brae"}
    assert "\u2060" not in (turn.locator("blockquote").text_content() or "")


def _wing(page: "Page", address: str) -> str:
    articles = page.request.get(f"{address}/v1/articles").json()["articles"]
    return next(str(each["id"]) for each in articles if each["title"] == "Museum grows")


@pytest.mark.parametrize("question", ["What is the boiling point of mercury?", JURY])
def test_where_a_part_was_not_searched_it_does_not_say_that_no_article_answers(
    open_page: "Open", address: str, violations: Callable[["Page"], list[str]], question: str
) -> None:
    body = httpx2.post(f"{address}/v1/ask", json={"question": question, "include_passages": True}, timeout=60).json()
    page = open_page()
    page.route("**/v1/ask", lambda route: route.fulfill(json={**body, "complete": False, "coverage": 0.5}))
    page.goto(f"{address}/chat")
    turn = ask(page, question)
    shown = turn.inner_text()
    assert "Not all articles could be searched." in shown
    assert ("No answer was found in the articles that could be searched." in shown) is not body["answerable"]
    assert "No article here answers that." not in shown
    assert violations(page) == []


def test_nothing_is_wholly_sure_and_a_long_title_leaves_room(open_page: "Open", address: str) -> None:
    body = httpx2.post(f"{address}/v1/ask", json={"question": JURY, "include_passages": True}, timeout=60).json()
    body["answers"][0]["confidence"] = 0.9999
    body["answers"][0]["citations"][0]["title"] = "A title that never comes to an end " * 20
    page = open_page(viewport=SIZES["phone"])
    page.route("**/v1/ask", lambda route: route.fulfill(json=body))
    page.goto(f"{address}/chat")
    source = ask(page, JURY).locator(".by").first
    assert "99% sure" in source.inner_text()
    box = source.bounding_box()
    assert box is not None
    assert box["height"] < 100


def test_a_row_of_a_table_is_shown_as_its_cells(
    make_data_dir: DataDir, tmp_path: Path, browser: "Browser", violations: Callable[["Page"], list[str]]
) -> None:
    (tmp_path / "mills.md").write_text(MILLS, encoding="utf-8")
    with running_server(make_data_dir(tmp_path)) as (address, _):
        page = browser.new_page(color_scheme="dark")
        page.goto(f"{address}/chat")
        turn = ask(page, QUESTION)
        assert turn.locator(".quote").inner_text().startswith("Mill: North Mill · Sacks a day: 41 · Miller: Ada Finch")
        turn.locator("button.note").first.click()
        assert turn.locator("mark").inner_text() == "Mill: North Mill · Sacks a day: 41 · Miller: Ada Finch"
        assert violations(page) == []
        page.context.close()
