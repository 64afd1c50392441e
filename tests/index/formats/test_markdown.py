"""Markdown articles: front matter, headings, and offsets that hold in the file (their property is with plain text)."""

from datetime import date

import pytest

from index.article import Article
from index.formats.registry import load
from index.parsing.types import LoadError, Origin

FULL = """---
title: Storm hits coast
authors: [Jane Doe, John Roe]
date: 2024-10-05
publisher: The Bay News
canonical: https://example.org/storm
lang: en
tags: [weather, coast]
---

# Storm hits coast

*By Somebody Else*

A storm hit **the [coast](https://example.org)** on
Friday.

## What *happened*

> It was strong,
> he said.

- First item
  goes on
- Second item

1. One

```python
print("no prose")
```

    indented code

| Place | Wind |
|-------|------|
| Key West | 90 |

![a wave](wave.png)

<div>no prose</div>

Setext heading
--------------

The end is here.
"""


def read(text: str, key: str = "news/0a1.md") -> Article:
    (article,) = load(text.encode(), Origin(key, path=key.partition("/")[2]))
    assert isinstance(article, Article)
    return article


def blocks(article: Article) -> list[tuple[str, str]]:
    return [(block.kind, article.text[block.start : block.end]) for block in article.blocks]


def test_front_matter_is_metadata() -> None:
    article = read(FULL)
    assert article.title == "Storm hits coast"
    assert article.authors == ("Jane Doe", "John Roe")
    assert article.published == date(2024, 10, 5)
    assert (article.source, article.url) == ("The Bay News", "https://example.org/storm")
    assert (article.language, article.tags) == ("en", ("weather", "coast"))
    assert (article.media_type, article.path) == ("text/markdown", "0a1.md")


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_prose_and_headings_are_blocks_and_the_rest_is_not(newline: str) -> None:
    source = FULL.replace("\n", newline)
    article = read(source)
    assert len(article.text) == len(source)
    assert [(kind, " ".join(text.split())) for kind, text in blocks(article)] == [
        ("paragraph", "A storm hit **the [coast](https://example.org)** on Friday."),
        ("heading", "What *happened*"),
        ("paragraph", "It was strong, he said."),
        ("paragraph", "First item goes on"),
        ("paragraph", "Second item"),
        ("paragraph", "One"),
        ("paragraph", "| Place | Wind |"),
        ("paragraph", "| Key West | 90 |"),
        ("heading", "Setext heading"),
        ("paragraph", "The end is here."),
    ]


def test_a_first_heading_is_the_title_and_a_byline_under_it_is_metadata() -> None:
    article = read(
        "# Storm hits coast #\n\n**By Jane Doe, Reuters**\n\nOctober 5, 2024\n\n_Photo: AP_\n\nIt was strong.\n"
    )
    assert (article.title, article.authors, article.source) == ("Storm hits coast", ("Jane Doe",), "Reuters")
    assert article.published == date(2024, 10, 5)
    assert blocks(article) == [("paragraph", "It was strong.")]


def test_a_first_heading_that_is_not_the_title_stays() -> None:
    article = read("---\ntitle: Storm\n---\n# Overview\n\nIt was strong.")
    assert article.title == "Storm"
    assert blocks(article) == [("heading", "Overview"), ("paragraph", "It was strong.")]


def test_without_a_title_the_file_name_or_the_first_words_are_it() -> None:
    assert read("It was **strong**.\n").title == "It was **strong**."
    assert read("It was strong.\n", "news/storm-hits-coast.md").title == "Storm hits coast"


def test_a_rule_at_the_start_is_no_front_matter() -> None:
    assert blocks(read("---\nIt was strong.\n\nIt went on.")) == [
        ("paragraph", "It was strong."),
        ("paragraph", "It went on."),
    ]


def test_empty_front_matter_is_no_text() -> None:
    assert blocks(read("---\n---\nIt was strong.")) == [("paragraph", "It was strong.")]


@pytest.mark.parametrize(
    "front",
    [
        "title: [open",
        "title: a: b",
        "date: 2024-13-45",
        "a: &a [*b]",
        "\ttitle: x",
        "draft: !!bool maybe",
        "date: !!timestamp yesterday",
        'x: !!int ""',
    ],
)
def test_bad_front_matter_is_refused_in_one_line(front: str) -> None:
    with pytest.raises(LoadError, match="front matter is not valid YAML") as refusal:
        read(f"---\n{front}\n---\nIt was strong.")
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("> It was strong,\n> he said.", "It was strong,   he said."),
        ("> It was strong,\r\n>he said.", "It was strong,   he said."),
        ("> > It was strong,\n> > he said.", "It was strong,     he said."),
        ("> It was strong,\nhe said.", "It was strong, he said."),
        ("- > It was strong,\n  > he said.", "It was strong,     he said."),
        ("It was > 5,\n    > 6, he said.", "It was > 5,     > 6, he said."),
        ("> It was > 5,\n> he said.", "It was > 5,   he said."),
    ],
)
def test_the_marks_that_continue_a_quotation_become_spaces(source: str, text: str) -> None:
    article = read(source)
    assert len(article.text) == len(source)
    assert blocks(article) == [("paragraph", text)]


def test_a_heading_alone_is_kept_as_the_title() -> None:
    article = read("# Storm hits coast")
    assert article.text == "# Storm hits coast"
    assert blocks(article) == [("heading", "Storm hits coast")]
