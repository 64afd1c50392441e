"""Markdown articles: front matter, headings, and offsets that hold in the file (their property is with plain text)."""

from datetime import date

import pytest

from index.article import Article, searchable
from index.formats.registry import load
from index.parsing.types import Note, Origin

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

<div>HTML is read.</div>

Setext heading
--------------

The end is here.
"""


def read(text: str, key: str = "news/0a1.md") -> Article:
    (article,) = load(text.encode(), Origin(key, path=key.partition("/")[2]))
    assert isinstance(article, Article)
    return article


def blocks(article: Article) -> list[tuple[str, str]]:
    """Kind and text of each block, without the characters that stand for marks and are not seen."""
    return [(block.kind, article.text[block.start : block.end].replace("\u2060", "")) for block in article.blocks]


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
        ("paragraph", "A storm hit the coast on Friday."),
        ("heading", "What happened"),
        ("paragraph", "It was strong, he said."),
        ("paragraph", "First item goes on"),
        ("paragraph", "Second item"),
        ("paragraph", "One"),
        ("paragraph", 'print("no prose")'),
        ("paragraph", "indented code"),
        ("columns", "Place | Wind"),
        ("row", "Key West | 90"),
        ("paragraph", "HTML is read."),
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
    assert read("It was **strong**.\n").title == "It was strong."
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
        "x: {",
        "date: 2024-13-45",
        "a: &a [*b]",
        "draft: !!bool maybe",
        "date: !!timestamp yesterday",
        'x: !!int ""',
    ],
)
def test_bad_front_matter_costs_its_fields_and_not_the_text(front: str) -> None:
    article, note = load(f"---\n{front}\nauthor: Jane Doe\n---\nIt was strong.".encode(), Origin("a.md"))
    assert isinstance(article, Article)
    assert blocks(article) == [("paragraph", "It was strong.")]
    assert article.authors == ("Jane Doe",)
    assert isinstance(note, Note)
    assert "front matter is not valid YAML" in str(note)
    assert "\n" not in str(note)


def test_a_title_with_a_colon_is_read_though_it_is_no_yaml() -> None:
    article, note = load(b"---\ntitle: Storm: the facts\ntags: [coast]\n---\nIt was strong.", Origin("a.md"))
    assert isinstance(article, Article)
    assert (article.title, article.tags) == ("Storm: the facts", ("coast",))
    assert "of its fields title, tags are read" in str(note)


@pytest.mark.parametrize(
    ("front", "reason"),
    [("a: &a {b: 1}\nc: {<<: *a}", "refers to another value with"), ("title: " + "a" * 100_001, "more than 100000")],
)
def test_front_matter_that_grows_without_end_is_not_read(front: str, reason: str) -> None:
    article, note = load(f"---\n{front}\n---\n\nIt rained.".encode(), Origin("a.md"))
    assert isinstance(article, Article)
    assert blocks(article) == [("paragraph", "It rained.")]
    assert reason in str(note)


def test_text_between_two_rules_is_text() -> None:
    found = blocks(read("---\nA storm (@ noon: 12:00) hit: the coast.\n\n---\n\nIt was strong."))
    assert found == [("paragraph", "A storm (@ noon: 12:00) hit: the coast."), ("paragraph", "It was strong.")]


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


@pytest.mark.parametrize(
    ("source", "wanted"),
    [
        ("It was **very *strong***, he said.", "It was very strong, he said."),
        ("__Rain__ and _wind_ and ~~snow~~.", "Rain and wind and snow."),
        ('The [coast](https://x.org/a_(b) "the [coast] there") is long.', "The coast is long."),
        ("The [coast][1] is [long][].\n\n[1]: http://x.org\n[long]: http://x.org", "The coast is long."),
        ("The [**bold** coast](<a b>) is long.", "The bold coast is long."),
        ("See <https://x.org> there.", "See https://x.org there."),
        ("A picture ![of [a] wave](w.png 'a') here.", "A picture  here."),
        ("[![badge](b.png)](http://x.org) It rains.", "It rains."),
        ("The `wind --fast` blows, ``a ` b`` too.", "The wind --fast blows, a ` b too."),
        ("4.2&nbsp;million &amp; more &lt;3 \\*", "4.2 million & more <3 *"),
        ("A line\\\nand <b>more</b> of\n  it.", "A line and more of   it."),
        ("> A **bold\n> word** here.", "A bold   word here."),
        ("A [[Wiki Page|label]] and [[Other]].", "A label and Other."),
        ("A claim[^1] here.", "A claim here."),
        ("A snake_case and 2 * 3 * 4 stay.", "A snake_case and 2 * 3 * 4 stay."),
        ("A {value} stays.", "A {value} stays."),
        ("| **Place** | [Wind](http://x.org) |\n|---|---|\n| `Key` | 90 |", "Place | Wind"),
        ("<p align='center'>It <b>rains</b> &amp; blows.</p>", "It rains & blows."),
        ("<table><tr><td>Key</td><td>90</td></tr></table>", "Key | 90"),
        ("- [x] It is done.", "It is done."),
        ("> [!NOTE]\n> It is noted.", "It is noted."),
        ("::: warning\nMind it.\n:::", "Mind it."),
        ("{% include a.html %} It rains on ==them==. {.wide}", "It rains on them."),
        ("A == b and C::d stay.", "A == b and C::d stay."),
        ("<!-- not this --><div>But this.</div>", "But this."),
        ("<details>\n<summary>Who pays?</summary>\nThe state.\n</details>", "Who pays?"),
    ],
)
def test_marks_are_no_words_and_every_offset_holds(source: str, wanted: str) -> None:
    article = read(source + "\n\nThe end is here.")
    assert blocks(article)[0][1] == wanted
    assert len(article.text) == len(source + "\n\nThe end is here.")
    for block in article.blocks:
        for at in range(block.start, block.end):
            assert (
                article.text[at] in (source[at : at + 1] or article.text[at], " ", "|", "\u2060") or source[at] == "&"
            )


@pytest.mark.parametrize("heading", ["Costs {#costs}", "Costs {/*costs*/}", "Costs {#costs} ##", "*Costs*"])
def test_ids_of_headings_are_no_words(heading: str) -> None:
    article = read(f"# Title\n\nIt rains.\n\n## {heading}\n\nMuch money.")
    assert ("heading", "Costs") in [(kind, text.strip()) for kind, text in blocks(article)]


TOML = """+++
title = "Storm"
date = 2024-10-05
[taxonomies]
tags = ["coast"]
[extra]
authors = ["Jane Doe"]
+++
It was strong."""
JSON = '{"title": "Storm",\n "date": "2024-10-05", "authors": ["Jane Doe"], "tags": ["coast"]}\n\nIt was strong.'


@pytest.mark.parametrize("source", [TOML, TOML.replace("\n", "\r\n"), JSON])
def test_front_matter_of_other_kinds(source: str) -> None:
    article = read(source)
    assert (article.title, article.published) == ("Storm", date(2024, 10, 5))
    assert (article.authors, article.tags) == (("Jane Doe",), ("coast",))
    assert blocks(article) == [("paragraph", "It was strong.")]


def test_of_bad_toml_the_good_lines_are_read_and_braces_are_text() -> None:
    source = b'+++\ntitle = \nauthor = "Jane Doe"\n[extra]\n+++\nIt was strong.'
    article, note = load(source, Origin("a.md"))
    assert isinstance(article, Article)
    assert (article.authors, blocks(article)) == (("Jane Doe",), [("paragraph", "It was strong.")])
    assert "front matter is not valid TOML" in str(note)
    assert blocks(read('{"open": it was strong.')) == [("paragraph", '{"open": it was strong.')]


def test_a_day_in_the_name_of_the_file() -> None:
    article = read("It was strong.", "news/2024-03-05-storm-hits-coast.md")
    assert (article.published, article.title) == (date(2024, 3, 5), "Storm hits coast")
    assert read("---\ndate: 2024-01-02\n---\nx", "news/2024-03-05-a.md").published == date(2024, 1, 2)
    assert read("---\ndate: 20240102\n---\nx", "a.md").published == date(2024, 1, 2)
    for name in ("minutes_20240305_final.md", "minutes-2024-03-05.md", "2024.03.05 minutes.md"):
        assert read("x", name).published == date(2024, 3, 5)
    for name in ("minutes-20240355.md", "order-1202403051.md", "v1.2024.03.05.md"):
        assert read("x", name).published is None


def test_marks_in_blocks_of_mdx_and_expressions_in_expressions_are_not_seen() -> None:
    source = "<Note>\n  It holds **450 kN** of [rope](./rope).\n</Note>\n\nBuilt by {people.map(p => <b>{p}</b>)} men."
    found = [searchable(text) for _, text in blocks(read(source, "news/page.mdx"))]
    assert found == ["It holds 450 kN of rope.", "Built by  men."]


def test_mdx_is_read_without_its_code() -> None:
    source = 'import Map from "./map.js"\n\nexport const year = 2024\n\n<Map at="a" />\n\nIt {verb} in <B>Lund</B>.'
    article = read(source, "news/page.mdx")
    assert blocks(article) == [("paragraph", "It  in Lund.")]
    assert len(article.text) == len(source)


def test_code_is_read_in_paragraphs_without_its_fences() -> None:
    article = read(
        "# Mill\n\nTo grind:\n\n```sh\nmill --all\nmill --fine\n\nmill --off\n```\n\n> ~~~\n> a\n> ~~~\n\nThe end."
    )
    assert [text for _, text in blocks(article)] == [
        "To grind:",
        "mill --all mill --fine",
        "mill --off",
        "a",
        "The end.",
    ]


def looks(article: Article) -> list[tuple[str, str, str]]:
    return [
        (style.look, style.value, article.text[style.start : style.end].replace("\u2060", ""))
        for style in article.styles
    ]


def test_what_marks_mean_is_told_beside_the_text() -> None:
    article = read("# T\n\nA **b *c*** [d](https://e.example/f_(g) 'h') <https://i.example> `j` ![k](l.png) end.\n")
    assert looks(article) == [
        ("strong", "", "b c"),
        ("emphasis", "", "c"),
        ("link", "https://e.example/f_(g)", "d"),
        ("link", "https://i.example", "https://i.example"),
        ("code", "", "j"),
        ("image", "k", ""),
    ]


def test_what_is_struck_out_and_what_tags_mean_is_told_beside_the_text() -> None:
    article = read(
        "# T\n\n~~ten~~ <b>nine <I>mills</I></b> run <code>mill --all</code>, <del>all</del>. <i>Not ended, ~one~.\n\n"
        "<div>\n<p>The <strong>North</strong> <kbd>Mill</kbd></b> stands.</p>\n</div>\n"
    )
    assert looks(article) == [
        ("strike", "", "ten"),
        ("strong", "", "nine mills"),
        ("emphasis", "", "mills"),
        ("code", "", "mill --all"),
        ("strike", "", "all"),
        ("strong", "", "North"),
        ("code", "", "Mill"),
    ]
    assert article.text.replace("\u2060", "").split("\n\n")[1] == (
        "ten nine mills run mill --all, all. Not ended, ~one~."
    )


def test_lines_of_code_keep_their_indentation_and_the_fence_is_not_seen() -> None:
    article = read(
        "Intro.\n\n- Run this:\n\n  ```python\n  if a:\n      b()\n\n  c()\n  ```\n\n![A map](m.png)\n\nEnd.\n"
    )
    assert looks(article) == [
        ("line", "", "if a:"),
        ("line", "", "    b()"),
        ("line", "", "c()"),
        ("image", "A map", ""),
    ]
    assert "python" not in article.text
    assert "map" not in article.text


def test_items_have_their_sign_and_depth_and_headings_their_level() -> None:
    article = read("# T\n\n- a\n  1. b\n  2. c\n\n     more of c\n- d\n\n### E\n\n3) f\n\ng\n")
    assert [(block.sign, block.level) for block in article.blocks] == [
        *(("•", 1), ("1.", 2), ("2.", 2), ("", 2), ("•", 1)),
        *(("", 3), ("3)", 1), ("", 0)),
    ]


def test_a_table_of_html_has_rows_cells_and_names() -> None:
    head = "<tr><th>Year</th><th>Aske</th></tr>"
    rows = f"{head}<tr><td>2021</td><td></td></tr><tr><td>2022<td>7 <i>m</i></tr>"
    article = read(f"Words.\n\n<table>{rows}</table>\n\nThe end is here.")
    found = [block for block in article.blocks if block.cells]
    assert [(block.kind, block.header) for block in found] == [("columns", None), ("row", 1), ("row", 1)]
    cells = [[searchable(article.text[start:end]) for start, end in block.cells] for block in found]
    assert cells == [["Year", "Aske"], ["2021", ""], ["2022", "7 m"]]


def test_javascript_over_several_lines_is_no_text() -> None:
    modules = "import {\n  A,\n} from 'a'\nexport const b = {\n  c: 1\n}"
    source = f"{modules}\n\nIt rains.\n\n{{d.map(e => <li>{{e}}</li>)}}\n\nThe end.\n"
    (article,) = load(source.encode(), Origin("a.mdx"))
    assert isinstance(article, Article)
    assert [article.text[block.start : block.end] for block in article.blocks] == ["It rains.", "The end."]
