"""The API page: what is sent from it, and copied as a command that does the same."""

import json
import shlex
import subprocess
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

    from tests.browser.conftest import Open

pytestmark = pytest.mark.browser


def operation(page: "Page", anchor: str) -> "Locator":
    found = page.locator(".operation").filter(has=page.locator(f"[id='{anchor}']"))
    found.get_by_text("Try it").click()
    return found


def test_parameters_and_bodies_are_sent_and_the_answer_is_shown(open_page: "Open", address: str) -> None:
    page = open_page()
    page.goto(f"{address}/docs")
    asking = operation(page, "get-v1-ask")
    asking.get_by_label("q", exact=True).fill("Who was elected mayor of Port Callory?")
    asking.get_by_label("tags").fill("Port Callory\nelection")
    with page.expect_request(lambda sent: "/v1/ask?" in sent.url) as sent:
        asking.get_by_role("button", name="Send").click()
    assert "tags=Port+Callory&tags=election" in sent.value.url
    asking.get_by_text("200 OK · application/json").wait_for()
    article = page.request.get(f"{address}/v1/articles?limit=1").json()["articles"][0]
    reading = operation(page, "get-v1-articles-article_id")
    reading.get_by_label("article_id").fill(article["id"])
    reading.get_by_role("button", name="Send").click()
    reading.get_by_text(json.dumps(article["title"], ensure_ascii=False)).wait_for()


def test_what_is_copied_asks_the_same_with_curl(open_page: "Open", address: str) -> None:
    page = open_page(permissions=["clipboard-read", "clipboard-write"])
    page.goto(f"{address}/docs")
    searching = operation(page, "post-v1-search")
    body = {"question": "Who's the mayor?", "limit": 1}
    searching.get_by_label("The body").fill(json.dumps(body))
    page.get_by_label("A key").fill("secret")
    searching.get_by_role("button", name="Copy as curl").click()
    searching.get_by_text("Copied:").wait_for()
    command = page.evaluate("navigator.clipboard.readText()")
    assert "secret" not in command
    words = shlex.split(command.replace("\\\n", ""))
    assert words[:2] == ["curl", f"{address}/v1/search"]
    assert json.loads(words[words.index("-d") + 1]) == body
    told = subprocess.run(
        ["bash", "-c", command.replace("curl", "curl -s", 1)], capture_output=True, text=True, check=True
    )
    assert json.loads(told.stdout)["question"] == body["question"]
