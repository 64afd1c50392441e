"""The pages say what contradicts an answer, which day is meant, and that it is old; cards look as their articles do."""

import html
import re
from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.settings import load_settings
from index.article import searchable
from tests.conftest import HERE, DataDir
from tests.support.dated_articles import JURY, MUSEUM, STORM, write_dated_articles

_LINKS = re.compile(r'<a href="([^"]+)" data-short')
_CARD = re.compile(r'<p class="sentence" dir="auto">(.*?)</p>', re.DOTALL)


@pytest.fixture(scope="module")
def dated(make_data_dir: DataDir, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    data = make_data_dir(write_dated_articles(tmp_path_factory.mktemp("dated")))
    with TestClient(create_app(load_settings(data_dir=data, threads=2)), base_url=HERE) as client:
        yield client


def asked(client: TestClient, question: str, **given: str) -> str:
    return client.get("/", params={"q": question, **given}).text


def opened(client: TestClient, answers: str) -> str:
    """The article page that the first source of a page of answers leads to."""
    return client.get(html.unescape(_LINKS.findall(answers)[0]).partition("#")[0]).text


def test_who_contradicts_an_answer_is_told_beside_it_and_in_the_article(dated: TestClient) -> None:
    answers = asked(dated, MUSEUM)
    article = opened(dated, answers)
    for text in (answers, article):
        note = text[text.index("disputed") :].partition("</div>")[0]
        assert "55,000" in note
        assert "40,000" in note
        assert "2023" in note
        assert "2024" in note
    assert html.escape(MUSEUM, quote=False) in article
    assert f'<a href="/?q={MUSEUM.replace(" ", "+").replace("?", "%3F")}">All answers</a>' in article


def test_a_card_of_an_article_that_contradicts_says_so(dated: TestClient) -> None:
    text = asked(dated, MUSEUM, limit="1")
    first = re.findall(r'<h2 dir="auto">([\d,]+)', text)
    said = {searchable(found) for found in re.findall(r"It says otherwise: <bdi>([^<]+)</bdi>", text)}
    assert len(first) == len(said) == 1
    assert {*first, *said} == {"40,000", "55,000"}


def test_the_day_that_is_meant_stands_beside_the_answer_and_in_the_article(dated: TestClient) -> None:
    answers = asked(dated, STORM)
    assert '<span class="resolved">22 October 2024</span>' in answers
    assert "“Tuesday” means 22 October 2024 here." in opened(dated, answers)


@pytest.mark.parametrize("language", ["en", "de"])
def test_an_old_answer_says_on_which_day_it_was_so(dated: TestClient, language: str) -> None:
    told = {"en": "That was so on 5 May 2024 and", "de": "Das war am 5. Mai 2024 so und"}[language]
    dated.headers["accept-language"] = language
    answers = asked(dated, JURY)
    assert told in answers
    assert told in opened(dated, answers)
    dated.headers["accept-language"] = "en"


def test_a_young_answer_does_not(dated: TestClient) -> None:
    assert "That was so on" not in asked(dated, JURY, asked_at="2024-06-01")


def test_a_link_without_the_question_or_with_another_tells_nothing(dated: TestClient) -> None:
    link = html.unescape(_LINKS.findall(asked(dated, MUSEUM))[0])
    bare = link.partition("?q=")[0]
    assert bare != link
    for other in (bare, f"{bare}?q=Who+is+the+chair%3F", f"{bare}?q=%00"):
        response = dated.get(other)
        assert response.status_code == 200 or "Which place?" in response.text
        assert "disputed" not in response.text


def test_cards_look_as_the_article_does_and_copies_have_no_unseen_signs(dated: TestClient) -> None:
    cards = _CARD.findall(asked(dated, MUSEUM, limit="1", prefer="oldest"))
    found = next(card for card in cards if "more than" in card)
    assert "<strong>55,000</strong>" in found
    assert re.search(r"<em>.*</em>", found)
    assert "<s>ever</s>" in found
    assert re.search(r"<code>(<b>)?Brae(</b>)?</code>|<b><code>Brae</code></b>", found)
    assert "\u2060" not in found
    assert not re.search(r'data-copy="[^"]*\u2060', asked(dated, MUSEUM))
