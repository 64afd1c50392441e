"""Web pages of kinds that went wrong: text in the wrong element, titles of the site, raised characters, code, ruby."""

import json
from datetime import date

import pytest

from index.article import Article
from index.formats.registry import load
from index.parsing.headlines import headline
from index.parsing.types import LoadError, Note, Origin

OATS = (
    "The mill of Aske grinds oats from the first of October until the snow is gone from the hills.",
    "Its four sails were made in 1790 by two brothers from the valley, who were paid in flour for it.",
    "The miller says that the wind was better when he was young, and his daughter says that it was not.",
)
PROSE = "".join(f"<p>{words}</p>" for words in OATS)


def page(body: str, head: str = "<title>The mill of Aske</title>") -> str:
    return f'<!DOCTYPE html><html lang="en"><head><meta charset="utf-8">{head}</head><body>{body}</body></html>'


def read(text: str, url: str | None = None) -> Article:
    article, *rest = load(text.encode(), Origin("a.html", path="a.html", url=url))
    assert isinstance(article, Article)
    assert all(isinstance(item, Note) for item in rest)
    return article


def told(article: Article) -> list[str]:
    return [article.text[block.start : block.end] for block in article.blocks]


@pytest.mark.parametrize(
    "body",
    [
        "<form id='aspnet'><div>" + "".join(f"<div>{words}</div>" for words in OATS) + "</div></form>",
        f"<header><div class='logo'>Mills</div><div><h1>The mill of Aske</h1>{PROSE}</div></header>",
        f"<nav><a href='/'>Home</a><div><h1>The mill of Aske</h1>{PROSE}</div>",
        f"<form><header><h1>The mill of Aske</h1>{PROSE}</header></form>",
        f"<select><option>Menu<div><h1>The mill of Aske</h1>{PROSE}</div>",
        f"<div id='root'></div><noscript><h1>The mill of Aske</h1>{PROSE}</noscript>",
    ],
)
def test_an_article_in_the_wrong_element_is_read(body: str) -> None:
    article = read(page(body))
    assert article.title == "The mill of Aske"
    assert [words for words in told(article) if words in OATS] == list(OATS)


def test_a_menu_is_still_no_article() -> None:
    links = "".join(f"<a href='/{at}'>A story about mills and millers number {at}</a>" for at in range(20))
    for around in ("nav", "header", "form"):
        with pytest.raises(LoadError, match="no article text"):
            read(page(f"<{around}>{links}</{around}>"))


@pytest.mark.parametrize("line_break", ["\n\n", "</p><p>"])
def test_an_article_in_the_metadata_alone_is_read(line_break: str) -> None:
    body = line_break.join(OATS)
    described = {"@type": "NewsArticle", "headline": "The mill", "datePublished": "2024-03-05", "articleBody": body}
    head = f'<title>The mill</title><script type="application/ld+json">{json.dumps(described)}</script>'
    article = read(page('<div id="root"></div>', head))
    assert (article.title, article.published, told(article)) == ("The mill", date(2024, 3, 5), list(OATS))


def test_code_and_text_that_keeps_its_lines_are_blocks() -> None:
    code = "<p>Run this command as the miller:</p><pre><code>pip install\nsails==2.4</code></pre>"
    assert "pip install sails==2.4" in told(read(page(f"<article><h1>Sails</h1>{PROSE}{code}</article>")))
    lines = f"<h1>Minutes</h1><pre>{OATS[0]}\n{OATS[1]}\n\n{OATS[2]}</pre>"
    assert told(read(page(lines, "<title>Minutes</title>"))) == [f"{OATS[0]} {OATS[1]}", OATS[2]]


@pytest.mark.parametrize(
    ("written", "wanted"),
    [
        ("3 x 10<sup>6</sup> sacks", "3 x 10^6 sacks"),
        ("10<sup>&minus;3</sup> of it", "10^-3 of it"),
        ("dug in 1904<sup>2</sup>.", "dug in 1904."),
        ("5,200<sup>3</sup> sacks", "5,200 sacks"),
        ("its sails<sup>4</sup> turn", "its sails turn"),
        ("dug in 1801<sup>a</sup> and", "dug in 1801 and"),
        ("412<sup>b</sup> sacks", "412 sacks"),
        ("le 2<sup>e</sup> moulin du XIX<sup>e</sup> si&egrave;cle", "le 2e moulin du XIXe siècle"),
        ("the N<sup>o</sup> 7 mill", "the No 7 mill"),
        ("dated by <sup>14</sup>C in it", "dated by 14C in it"),
        ("40 m<sup>2</sup> of cloth", "40 m² of cloth"),
        ("r<sup>2</sup> is", "r^2 is"),
        ("the 21<sup>st</sup> mill", "the 21st mill"),
        ("Mill<sup>TM</sup> and", "MillTM and"),
        ("sails<sup>[12]</sup> and", "sails and"),
        ('sails<sup class="reference"><a href="#cite_note-1">[1]</a></sup> and', "sails and"),
        ('in 10<a href="#fn1"><sup>1</sup></a> mills', "in 10 mills"),
        ("Ca<sup>2+</sup> ions", "Ca2+ ions"),
        ("2 <sup>1</sup>/<sub>2</sub> sacks", "2 1/2 sacks"),
        ("<ruby>港<rp>(</rp><rt>みなと</rt><rp>)</rp></ruby>の<ruby>壁<rt>かべ</rt></ruby>", "港の壁"),
        ("a load of <math alttext='450 kN'><mn>450</mn><mi>kN</mi></math> here", "a load of 450 kN here"),
        ("it is <math><mfrac><mi>a</mi><mrow><mi>b</mi><mo>+</mo><mn>1</mn></mrow></mfrac></math>.", "it is a/(b+1) ."),
        ("the mil&shy;ler&#8203;s and &#65279;oats", "the millers and oats"),
    ],
)
def test_exact_characters(written: str, wanted: str) -> None:
    assert told(read(page(f"<article><h1>Mills</h1><p>Here {written}</p>{PROSE}</article>")))[0] == f"Here {wanted}"


def test_a_table_that_arranges_the_page_is_no_table() -> None:
    body = (
        '<table><tr><td><a href="/">Home</a></td><td><h1>Oats</h1><p>The mill grinds oats from October until the snow'
        " is gone from the hills.<p>Its sails are <b>4</b>, and <i>n</i>/2 of them turn when the wind is low.</td></tr>"
        "</table>"
    )
    told = read(f"<html><head><title>Oats</title></head><body>{body}</body></html>")
    assert [told.text[block.start : block.end] for block in told.blocks] == [
        "The mill grinds oats from October until the snow is gone from the hills.",
        "Its sails are 4, and n/2 of them turn when the wind is low.",
    ]


@pytest.mark.parametrize(
    ("figure", "wanted"),
    [
        ("<figure><img src=a.jpg><figcaption>The mill, <i>1902</i>.</figcaption></figure>", ["The mill, 1902."]),
        (
            "<div class=wp-caption><img src=a.jpg><p class=wp-caption-text>The mill, 1902.</p></div>",
            ["The mill, 1902."],
        ),
        (
            "<figure><blockquote>We had no oats.</blockquote><figcaption>Ann</figcaption></figure>",
            ["We had no oats.", "Ann"],
        ),
        (
            "<figure><pre>grind oats</pre><figcaption><p>Listing 1</p></figcaption></figure>",
            ["grind oats", "Listing 1"],
        ),
    ],
)
def test_what_stands_in_a_figure_and_its_caption_is_read(figure: str, wanted: list[str]) -> None:
    found = told(read(page(f"<article><h1>Mills</h1>{PROSE}{figure}{PROSE}</article>")))
    assert found[len(OATS) : len(OATS) + len(wanted)] == wanted


def test_a_caption_is_no_row_of_its_table() -> None:
    table = (
        "<table><caption>Sacks of oats</caption><thead><tr><th>Mill</th><th>In 2023</th></tr></thead><tbody>"
        "<tr><td>North</td><td>12</td></tr><tr><td>South</td><td>14</td></tr></tbody></table>"
    )
    article = read(page(f"<article><h1>The mill of Aske</h1>{PROSE}{table}</article>"))
    found = [(block.kind, article.text[block.start : block.end]) for block in article.blocks]
    assert found[-4:] == [
        ("paragraph", "Sacks of oats"),
        ("columns", "Mill | In 2023"),
        ("row", "North | 12"),
        ("row", "South | 14"),
    ]


def test_empty_cells_keep_their_place() -> None:
    rows = "<tr><th>Place</th><th>2022</th><th>2023</th></tr><tr><td>East</td><td></td><td>7 sacks</td></tr>"
    found = told(read(page(f"<article><h1>Mills</h1>{PROSE}<table>{rows}</table></article>")))
    assert found[-2:] == ["Place | 2022 | 2023", "East | | 7 sacks"]


def described(**fields: object) -> str:
    return f'<script type="application/ld+json">{json.dumps({"@type": "Article", **fields})}</script>'


@pytest.mark.parametrize(
    ("head", "h1", "url", "wanted"),
    [
        ("<title>Mill burns | CNN</title>", "", "https://edition.cnn.com/a", "Mill burns"),
        ("<title>Mill burns - USA TODAY</title>", "", "https://www.usatoday.com/a", "Mill burns"),
        ("<title>Mill burns – The Valley Gazette</title>", "Mill burns", None, "Mill burns"),
        ('<title>Gazette | Mill burns</title><meta property="og:site_name" content="Gazette">', "", None, "Mill burns"),
        ("<title>The mill burns » Valley » News » The Gazette</title>", "", None, "The mill burns"),
        ("<title>阿斯克的磨坊昨夜起火-山谷新闻</title>", "阿斯克的磨坊昨夜起火", None, "阿斯克的磨坊昨夜起火"),
        ("<title>Mill burns - again</title>", "Mill burns - again", "https://example.org/a", "Mill burns - again"),
        ("<title>Oats: a history</title>", "Oats: a history", None, "Oats: a history"),
        (
            '<title>Mill of Aske - Wikipedia</title><meta property="og:title" content="Mill of Aske - Wikipedia">'
            + described(headline="windmill in the north", name="Mill of Aske"),
            "Mill of Aske",
            None,
            "Mill of Aske",
        ),
        (
            "<title>Mill burns | Gazette</title>"
            + described(headline="Mill burns | Gazette", publisher={"name": "Gazette"}),
            "The mill of Aske burns down",
            None,
            "Mill burns",
        ),
        ("<title>Fire</title>" + described(headline="Mill of Aske burns"), "Aske's mill", None, "Mill of Aske burns"),
    ],
)
def test_the_title_is_that_of_the_article(head: str, h1: str, url: str | None, wanted: str) -> None:
    heading = f"<h1>{h1}</h1>" if h1 else ""
    assert read(page(f"<article>{heading}{PROSE}</article>", head), url).title == wanted


def test_links_to_edit_a_section_are_no_part_of_its_heading() -> None:
    link = '<span class="mw-editsection">[<a href="/edit">edit</a>]</span>'
    assert "Its sails" in told(read(page(f"<article><h1>Mills</h1>{PROSE}<h2>Its sails{link}</h2>{PROSE}</article>")))


def test_what_stands_behind_the_divider_of_a_longer_title_is_the_site() -> None:
    whole = "The mill of Aske burns down in the night | The Gazette"
    assert headline(["The Gazette", whole], [], [], None) == "The mill of Aske burns down in the night"
    assert headline(["Mills", "A walk | Mills"], ["Mills"], [], None) == "Mills"


@pytest.mark.parametrize(
    "beside",
    [
        "<div id='reader_comment_list'><div><p>{}</p></div></div>",
        "<section class='post comments'><p>{}</p></section>",
        "<div role='dialog' class='x'><p>{}</p></div>",
    ],
)
def test_what_readers_say_and_dialogs_are_no_part_of_the_article_unless_they_are_most_of_the_page(beside: str) -> None:
    said = "I have never seen such a mill in all my life, and I have seen many of them in the valley."
    text = read(page(f"<article><h1>Mills</h1>{PROSE}{beside.format(said)}</article>")).text
    assert "never seen" not in text
    assert "grinds oats" in text
    alone = read(page(f"<main>{beside.format(f'{said}</p>{PROSE}<p>')}</main>")).text
    assert "grinds oats" in alone


@pytest.mark.parametrize(
    "body",
    [
        "<div><header><h1>Mills</h1><div>{0}</div></header><section><div>{1}</div><div>{2}</div></section></div>",
        "<form><header><h1>Mills</h1><div>{0}</div></header><section><div>{1}</div><div>{2}</div></section></form>",
        "<header><a href='/'>Home</a></header><div><h1>Mills</h1><p>{0}</p><p>{1}</p><p>{2}</p></div>",
    ],
)
def test_what_stands_in_a_header_of_the_article_is_read(body: str) -> None:
    assert told(read(page(body.format(*OATS)))) == list(OATS)
    short = [words.partition(" ")[0] + " is ground." for words in OATS]
    assert told(read(page(body.format(*short))))[-3:] == short


def test_a_family_name_before_a_given_name_in_the_byline_is_one_author() -> None:
    byline = "<p>By Okafor, Ngozi</p>"
    assert read(page(f"<article><h1>Mills</h1>{byline}{PROSE}</article>")).authors == ("Okafor, Ngozi",)


def test_a_time_as_a_script_writes_it() -> None:
    stamp = '<time datetime="Sat Nov 18 2017 09:30:00 GMT+0100 (Central European Standard Time)">on Saturday</time>'
    assert read(page(f"<article><h1>Mills</h1>{stamp}{PROSE}</article>")).published == date(2017, 11, 18)


@pytest.mark.parametrize(
    ("author", "wanted"),
    [
        ("Okafor, Ngozi", ("Okafor, Ngozi",)),
        ("Jane Doe Updated March 5, 2024", ("Jane Doe",)),
        ("Ana Maria Prado March", ("Ana Maria Prado",)),
        ("Theresa May", ("Theresa May",)),
        ("Prado, Ana; Berg, Jan", ("Prado, Ana", "Berg, Jan")),
        ("By Ruby Doe, Senior Reporter", ("Ruby Doe",)),
        ("https://example.org/jane", ()),
    ],
)
def test_authors(author: str, wanted: tuple[str, ...]) -> None:
    head = f'<title>Mills</title><meta name="author" content="{author}">'
    assert read(page(f"<article><h1>Mills</h1>{PROSE}</article>", head)).authors == wanted


@pytest.mark.parametrize(
    ("inside", "wanted"),
    [
        (
            "<ul><li>Stones<ul><li>The upper one weighs 900 kg.</li></ul></li></ul>",
            ["Stones", "The upper one weighs 900 kg."],
        ),
        ("<dl><dt>Built</dt><dd>In 1790.</dd></dl>", ["Built", "In 1790."]),
        ("<div>It is 31 metres tall.</div>", ["It is 31 metres tall."]),
        ("<div>Of oak.<br><br>Thatched<br>in 1801.</div>", ["Of oak.", "Thatched in 1801."]),
        ("<xmp>mill --stop</xmp>", ["mill --stop"]),
        ("<div><span>1790</span><span>Built by brothers.</span></div>", ["1790 Built by brothers."]),
        (
            "<p>She said <q>we never closed</q>, for <del>9</del> 10 years.</p>",
            ["She said “we never closed”, for 10 years."],
        ),
        (
            "<p>In 1790<span style='vertical-align: super'>12</span> and 1801<a href='#fn2'>2</a>.</p>",
            ["In 1790 and 1801."],
        ),
        ("<table><tr><td class='lineno'>1 2</td><td><pre>mill</pre></td></tr></table>", ["mill"]),
        ("<div role='table'><div role='row'><div role='cell'>a</div></div></div>", ["a"]),
    ],
)
def test_a_page_that_does_not_say_where_its_article_stands_is_read_whole(inside: str, wanted: list[str]) -> None:
    article = read(
        page(f"<div id='top'><a href='/'>Home</a></div><div><h1>The mill of Aske</h1>{PROSE}{inside}{PROSE}</div>")
    )
    assert [words for words in told(article) if words not in OATS] == wanted


def test_the_day_of_publication_counts_more_than_that_of_a_change() -> None:
    lines = "<p>Updated: 6 March 2024</p><p>Published: 5 March 2024</p>"
    assert read(page(f"<article><h1>Mills</h1>{lines}{PROSE}</article>")).published == date(2024, 3, 5)
    assert read(page(f"<article><h1>Mills</h1><p>Publié le 5 mars 2024</p>{PROSE}</article>")).published == date(
        2024, 3, 5
    )


def test_a_row_over_all_columns_names_no_column() -> None:
    rows = (
        "<tr><th colspan='2'>The mill</th></tr><tr><th>Built</th><td>1790</td></tr><tr><th>Tall</th><td>31 m</td></tr>"
    )
    article = read(page(f"<article><h1>Mills</h1>{PROSE}<table>{rows}</table>{PROSE}</article>"))
    assert [article.text[block.start : block.end] for block in article.blocks if block.cells] == [
        "Built | 1790",
        "Tall | 31 m",
    ]


def test_pages_made_to_be_slow_are_read() -> None:
    nested = "<nav>" * 200 + PROSE + "</nav>" * 200
    raised = "10<sup>6</sup>" * 3000 + "<sup>1</sup>" * 3000
    broken = f"<div>{'<br>' * 3000}</div>" + "<div><span>ab</span>" + "<span>Cd</span>" * 3000 + "</div>"
    for body in (nested, f"<article><p>{raised}</p>{PROSE}</article>", PROSE + broken):
        assert OATS[0] in read(page(body)).text


def test_items_of_lists_have_their_sign_and_depth_and_headings_their_level() -> None:
    listed = "<h3>Parts</h3><ul><li>Four sails</li><li>A stone:<ol><li>The runner</li><li>The bed</li></ol></li></ul>"
    article = read(page(f"<article><h1>The mill of Aske</h1>{PROSE}{listed}</article>"))
    assert [(block.sign, block.level) for block in article.blocks][-5:] == [
        *(("", 3), ("•", 1), ("•", 1), ("1.", 2), ("2.", 2)),
    ]
