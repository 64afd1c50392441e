"""JSON Lines: one article a line, and a bad line does not stop the others."""

import json
from datetime import date

import pytest

from index.article import Article, article_id
from index.formats.registry import load
from index.parsing.types import LoadError, Origin

ORIGIN = Origin("news/x.jsonl", path="x.jsonl")


def read(*records: object) -> list[Article | LoadError]:
    return load("\n".join(json.dumps(record) for record in records).encode(), ORIGIN)


def one(**record: object) -> Article:
    (article,) = read(record)
    assert isinstance(article, Article), article
    return article


def test_every_field() -> None:
    assert one(
        id="storm-1",
        title=" Storm  hits coast ",
        text="A storm hit\nthe coast.\n\nIt was strong.",
        url="https://example.org/storm",
        source="The Bay News",
        authors=["Jane Doe", "John Roe"],
        published="2024-10-05",
        language="en",
        tags=["weather", "weather", "coast"],
    ) == Article(
        id="storm-1",
        title="Storm hits coast",
        text="A storm hit the coast.\n\nIt was strong.",
        blocks=one(text="A storm hit\nthe coast.\n\nIt was strong.").blocks,
        url="https://example.org/storm",
        source="The Bay News",
        authors=("Jane Doe", "John Roe"),
        published=date(2024, 10, 5),
        language="en",
        media_type="application/jsonl",
        path="x.jsonl",
        tags=("weather", "coast"),
    )


@pytest.mark.parametrize("name", ["text", "body", "content"])
def test_the_text_has_three_names(name: str) -> None:
    article = one(**{name: "It was strong."})
    assert article.text == "It was strong."
    assert article.title == "It was strong."


@pytest.mark.parametrize(
    ("record", "authors"),
    [
        ({"author": "Jane Doe"}, ("Jane Doe",)),
        ({"author": "By Jane Doe and John Roe"}, ("Jane Doe", "John Roe")),
        ({"author": {"name": "Jane Doe"}}, ("Jane Doe",)),
        ({"authors": [{"name": "Jane Doe"}, "John Roe"]}, ("Jane Doe", "John Roe")),
        ({"byline": "the newsroom"}, ("the newsroom",)),
        ({"authors": []}, ()),
        ({"authors": None}, ()),
    ],
)
def test_authors_in_all_forms(record: dict[str, object], authors: tuple[str, ...]) -> None:
    assert one(text="It was strong.", **record).authors == authors


@pytest.mark.parametrize("value", ["2024-10-05", "October 5, 2024", "2024-10-05T10:00:00Z"])
@pytest.mark.parametrize("name", ["date", "published", "date_published", "datePublished"])
def test_dates_under_all_names(name: str, value: str) -> None:
    assert one(**{"text": "It was strong.", name: value}).published == date(2024, 10, 5)


def test_a_field_that_makes_no_sense_is_empty() -> None:
    article = one(
        text="It was strong.", date="soon", tags=7, url=["https://example.org"], title=True, publisher={"name": "B"}
    )
    assert (article.published, article.tags, article.title) == (None, ("7",), "It was strong.")
    assert (article.url, article.source) == ("https://example.org", "B")


def test_ids_come_from_the_record_its_url_or_its_text() -> None:
    assert one(text="One.", id=17).id == "17"
    assert one(text="One.", id="a/b", url="https://example.org/x").id == article_id("https://example.org/x")
    assert one(text="One.").id == one(text="One.", title="Other").id != one(text="Two.").id
    assert one(text="One.", id="a/b").id != one(text="One.").id


def test_text_is_in_canonical_form() -> None:
    assert one(text="Cafe\u0301 \ud800\0").text == "Café \ufffd\ufffd"


def test_a_bad_line_is_named_and_the_others_are_read() -> None:
    lines = [
        '{"text": "One."}',
        "",
        "{not json}",
        "[1]",
        '{"title": "x"}',
        '{"text": 5}',
        '{"text": " "}',
        '{"text": "Two."}',
    ]
    found = load("\r\n".join(lines).encode(), ORIGIN)
    assert [item.text if isinstance(item, Article) else str(item).partition(":")[0] for item in found] == [
        "One.",
        "line 3",
        "line 4",
        "line 5",
        "line 6",
        "line 7",
        "Two.",
    ]


def test_a_line_separator_within_a_string_is_no_line_break() -> None:
    assert load('{"text": "One\u2028two."}'.encode(), ORIGIN)[0].text == "One\u2028two."  # type: ignore[union-attr]
