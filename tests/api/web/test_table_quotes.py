"""A quote that is a row of a table is shown as its cells, each with the name of its column."""

import re
from collections.abc import Iterator
from itertools import pairwise

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.settings import load_settings
from tests.conftest import HERE, DataDir

MILLS = (
    "# Mills of the Tarn\n\nThey grind oats.\n\n| Mill | Sacks a day | **Miller** |\n|---|---|---|\n"
    "| North Mill | 41 | Ada Finch |\n| South Mill |  | Olu *Grey* |\n"
)
QUESTION = "How many sacks a day does the North Mill grind?"


@pytest.fixture(scope="module")
def client(make_data_dir: DataDir, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    folder = tmp_path_factory.mktemp("mills")
    (folder / "mills.md").write_text(MILLS, encoding="utf-8")
    settings = load_settings(data_dir=make_data_dir(folder), threads=1)
    with TestClient(create_app(settings), base_url=HERE) as opened:
        yield opened


def seen(markup: str) -> str:
    return " ".join(re.sub(r"<[^>]*>", "", markup).replace("&nbsp;", " ").split())


def test_the_front_page_shows_cells_with_their_columns_and_the_answer_marked(client: TestClient) -> None:
    shown = client.get("/", params={"q": QUESTION, "min_confidence": "0"}).text
    quote = re.search(r"<blockquote[^>]*>(.*?)</blockquote>", shown, re.DOTALL)
    assert quote is not None
    assert seen(quote[1]) == "Mill: North Mill·Sacks a day: 41·Miller: Ada Finch"
    assert "<mark>41</mark>" in quote[1]
    cards = [seen(each) for each in re.findall(r'<p class="sentence"[^>]*>(.*?)</p>', shown, re.DOTALL)]
    assert "Mill: South Mill·Miller: Olu Grey" in cards
    assert not any("|" in each for each in cards)


def test_programs_get_cells_and_what_stands_between_them(client: TestClient) -> None:
    asked = {"question": QUESTION, "include_passages": True}
    for passage in client.post("/v1/ask", json=asked).json()["passages"]:
        text = client.get(f"/v1/articles/{passage['article_id']}").json()["text"]
        cells = [each for each in passage["styles"] if each["look"] in {"cell", "gap"}]
        if "North Mill" in passage["text"]:
            told = [(text[each["start"] : each["end"]], each["value"]) for each in cells if each["look"] == "cell"]
            assert told == [("North Mill", "Mill"), ("41", "Sacks a day"), ("Ada Finch", "Miller")]
            ends = [(each["start"], each["end"]) for each in cells]
            assert all(end == start for (_, end), (start, _) in pairwise(ends))
        if "They grind" in passage["text"]:
            assert cells == []


def test_a_checked_text_shows_them_too(client: TestClient) -> None:
    shown = client.post("/check", data={"text": "The North Mill grinds 41 sacks a day."}).text
    quotes = [seen(each) for each in re.findall(r"<blockquote[^>]*>(.*?)</blockquote>", shown, re.DOTALL)]
    assert not any("|" in each for each in quotes)


@pytest.mark.parametrize("question", [QUESTION, "How many sails does the South Mill have?"])
def test_a_chat_tells_them_with_the_answer_in_bold(client: TestClient, question: str) -> None:
    asked = {"model": "pullquote", "messages": [{"role": "user", "content": question}]}
    text = client.post("/v1/chat/completions", json=asked).json()["choices"][0]["message"]["content"]
    assert question != QUESTION or "> Mill: North Mill; Sacks a day: **41**; Miller: Ada Finch" in text
    assert "|" not in text
