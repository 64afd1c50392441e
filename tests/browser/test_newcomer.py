"""The way of somebody who is new here, from the first question to an evaluation by what people said."""

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.support.command_line import run
from tests.support.running_server import running_server

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.browser.conftest import Open

pytestmark = pytest.mark.browser

PATIENCE_MS = 240_000
FILES = {
    "well.txt": "The well of Brackby\n\nBy Ona Tell\n\nThe well of Brackby is 41 metres deep. It was dug in 1702.\n",
    "mill.md": "# The mill of Brackby\n\nThe mill of Brackby was sold to the miller Odo Venn for 900 crowns.\n",
    "fair.jsonl": '{"title": "The fair of Brackby", "text": "The fair of Brackby opens on 4 May."}\n',
}
DROP = """files => {
  const dropped = new DataTransfer();
  for (const [name, text] of Object.entries(files)) dropped.items.add(new File([text], name));
  return dropped;
}"""
DEEP = "How deep is the well of Brackby?"
MERCURY = "What is the boiling point of mercury?"


@pytest.fixture(scope="module")
def data(articles_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return shutil.copytree(articles_data, tmp_path_factory.mktemp("newcomer") / "data", symlinks=True)


@pytest.fixture(scope="module")
def address(data: Path) -> Iterator[str]:
    """A service of its own, which keeps questions and takes articles."""
    with running_server(data, PULLQUOTE_QUESTION_LOG="true", PULLQUOTE_BUILD_DELAY="3") as (address, _):
        yield address


def test_from_the_first_question_to_an_evaluation(
    open_page: "Open", address: str, data: Path, tmp_path: Path, violations: Callable[["Page"], list[str]]
) -> None:
    page = open_page()
    page.set_default_timeout(PATIENCE_MS)
    page.goto(address)
    page.locator(".examples a").first.click()
    page.locator(".answer .meta a").first.click()
    page.locator("#quote").first.wait_for()
    page.go_back()
    page.get_by_label("And then?").fill("And when?")
    page.get_by_role("button", name="Ask on").click()
    page.get_by_role("list", name="Asked before").wait_for()

    page.goto(f"{address}/?q={MERCURY}")
    page.get_by_text("No article here answers that.").first.wait_for()
    page.locator(".cards .title a").first.click()
    page.locator("#quote").first.wait_for()

    page.get_by_role("link", name="Articles", exact=True).click()
    page.get_by_text("Add articles").click()
    dropped = page.evaluate_handle(DROP, FILES)
    page.locator("[data-upload]").dispatch_event("drop", {"dataTransfer": dropped})
    for name in FILES:
        page.locator(".uploads li.done", has_text=name).wait_for()
    assert violations(page) == []
    page.goto(f"{address}/articles?q=Brackby")
    assert page.locator(".rows > li").count() == len(FILES)

    page.goto(f"{address}/?q={DEEP}")
    page.locator(".answer h2", has_text="41 metres").wait_for()
    page.locator(".thumbs summary").first.click()
    page.get_by_label("Why not?").first.select_option("Something is missing")
    assert violations(page) == []
    page.get_by_role("button", name="Send").first.click()
    page.get_by_text("Thank you, it was noted.").wait_for()

    page.get_by_role("link", name="Manage").click()
    page.get_by_role("link", name="What people ask").click()
    page.get_by_role("heading", name=DEEP).wait_for()
    page.get_by_role("heading", name=MERCURY).wait_for()
    assert page.get_by_text("Something is missing").is_visible()
    assert violations(page) == []
    page.locator(".group", has_text=DEEP).get_by_role("link", name="Choose the answer").click()
    page.get_by_label("The words that answer").first.fill("41 metres")
    page.get_by_role("button", name="Let these words answer").first.click()
    page.get_by_role("link", name="41 metres").wait_for()

    file = tmp_path / "questions.jsonl"
    file.write_bytes(page.request.get(f"{address}/admin/questions.jsonl").body())
    ran = run("eval", file, "--json", tmp_path / "judged.json", "--data-dir", data)
    assert ran.exit_code == 0, ran.output
    [judged] = json.loads((tmp_path / "judged.json").read_text())["questions"]
    assert (judged["question"], judged["outcome"]) == (DEEP, "right")


def test_files_may_be_dropped_anywhere_and_each_says_what_became_of_it(open_page: "Open", address: str) -> None:
    page = open_page(expected="the server responded with a status of 422")
    page.set_default_timeout(PATIENCE_MS)
    page.goto(f"{address}/articles")
    files = {
        "lock.md": "# The lock of Brackby\n\nThe lock of Brackby has 6 gates.\n",
        "cut.pdf": "%PDF-1.7",
        "none.txt": "",
    }
    dropped = page.evaluate_handle(DROP, files)
    for name in ("dragover", "drop"):
        page.locator("footer.site").dispatch_event(name, {"dataTransfer": dropped})
    leaves = "dispatchEvent(new Event('beforeunload', { cancelable: true }))"
    assert not page.evaluate(leaves), "nobody is asked before leaving, and files that wait would be lost"
    for name, why in {"cut.pdf": "its end is missing", "none.txt": "the file is empty"}.items():
        page.locator(".uploads li.failed", has_text=name).get_by_text(why).wait_for()
    assert page.evaluate(leaves)
    page.locator(".uploads li.done").get_by_role("link", name="can be asked now").click()
    page.get_by_role("heading", name="The lock of Brackby").wait_for()
