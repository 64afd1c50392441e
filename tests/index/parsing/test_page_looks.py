"""How words of a page look is kept beside its text, in offsets of it."""

from collections.abc import Callable
from html import escape

import lxml.html
import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.article import Article, Block, single_spaced
from index.formats import html
from index.parsing.page_looks import looks_of, placed
from index.parsing.types import Origin

PARAGRAPH = (
    "<p>The <b>baker</b>, who <em>never\n  sleeps</em>, wrote <a href='/x'>a <i>long</i> letter</a><br>with "
    "<code>x = 1</code> in it, which the whole town read in one day.</p>"
)


def read(body: str) -> Article:
    page = f"<html><head><title>On bread</title></head><body><article><h1>On bread</h1>{body}</article></body></html>"
    article = next(html.load(page.encode(), Origin(key="bread.html", url="https://bread.example/on")))
    assert isinstance(article, Article)
    return article


def told(article: Article) -> list[tuple[str, str]]:
    return [(style.look, article.text[style.start : style.end]) for style in article.styles]


def test_bold_emphasis_code_and_links_are_known_by_their_places() -> None:
    article = read(PARAGRAPH)
    assert told(article) == [
        ("strong", "baker"),
        ("emphasis", "never sleeps"),
        ("link", "a long letter"),
        ("emphasis", "long"),
        ("code", "x = 1"),
    ]
    assert article.styles[2].value == "/x"


def test_the_text_is_what_it_is_without_them() -> None:
    plain = PARAGRAPH
    for tag in ("b", "em", "i", "code"):
        plain = plain.replace(f"<{tag}>", "<span>").replace(f"</{tag}>", "</span>")
    with_looks, without = read(PARAGRAPH), read(plain)
    assert with_looks.text == without.text
    assert with_looks.blocks == without.blocks


@pytest.mark.parametrize(
    ("body", "looks"),
    [
        (f"{PARAGRAPH}<ul><li>A <b>first</b> item of some length<ul><li>An <i>inner</i> one</li></ul></li></ul>",
         [("strong", "first"), ("emphasis", "inner")]),
        (f"{PARAGRAPH}<table><tr><th>Name</th><th>Age</th></tr><tr><td><b>Ada</b> Finch</td><td>41</td></tr></table>",
         [("strong", "Ada")]),
        (f"{PARAGRAPH}<p><b></b> Nothing <i> </i> is <a>seen</a> of <b>  </b> these, as it should be.</p>", []),
        (f"{PARAGRAPH}<b><p>All of this paragraph is bold.</p></b>", []),
    ],
)  # fmt: skip
def test_lists_and_tables_have_them_too(body: str, looks: list[tuple[str, str]]) -> None:
    assert told(read(body))[5:] == looks


_TAGS = {"b": "strong", "strong": "strong", "em": "emphasis", "i": "emphasis", "code": "code", "span": None}
_WORDS = st.text(alphabet="ab é\n\u00a0𝔘<&.", max_size=8)
_RUNS: st.SearchStrategy[list[object]] = st.recursive(
    st.lists(_WORDS, max_size=3),
    lambda inner: st.lists(_WORDS | st.tuples(st.sampled_from(sorted(_TAGS)), inner), max_size=4),
    max_leaves=12,
)


def _markup(runs: object, say: Callable[[str, str], None]) -> tuple[str, str]:
    """The markup of some runs, and their text; each element is told with its words."""
    markup = text = ""
    for run in runs if isinstance(runs, list) else []:
        if isinstance(run, str):
            markup, text = markup + escape(run), text + run
        else:
            inner, words = _markup(run[1], say)
            markup, text = f"{markup}<{run[0]}>{inner}</{run[0]}>", text + words
            say(run[0], single_spaced(words))
    return markup, text


@given(_RUNS)
def test_any_markup_on_a_line_is_placed_by_its_words(runs: list[object]) -> None:
    said: list[tuple[str, str]] = []
    markup, written = _markup(runs, lambda tag, words: said.append((tag, words)))
    text = single_spaced(written)
    tree = lxml.html.document_fromstring(f"<html><body><p>x{markup}</p></body></html>")
    text = single_spaced(f"x{written}")
    styles = list(placed(looks_of(tree), text, [Block(0, len(text))]))
    found = sorted((style.look, text[style.start : style.end]) for style in styles)
    assert found == sorted((look, words) for tag, words in said if (look := _TAGS[tag]) and words)
