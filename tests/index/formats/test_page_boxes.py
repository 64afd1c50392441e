"""What stands beside the article on its page: hidden elements, forms, boxes of links, the rest of the page."""

import pytest

from index.article import Article
from index.formats.registry import load
from index.parsing.types import LoadError, Note, Origin
from tests.index.formats.test_html_kinds import OATS, PROSE, page, told

TEXT = f"<article><h1>The mill of Aske</h1><div class='text'>{PROSE}</div>{{}}</article>"
ASKED = "Letters from Aske come on Fridays to those who wait."
LINKS = "".join(f"<li>The <a href='/{at}'>{name} and its four millers</a></li>" for at, name in enumerate("ABCDEFGH"))


def read(body: str) -> tuple[list[str], list[LoadError]]:
    """The paragraphs of the article of a page, and what is reported of it."""
    article, *rest = load(page(body).encode(), Origin("a.html", path="a.html"))
    assert isinstance(article, Article)
    assert all(isinstance(item, LoadError) for item in rest)
    return told(article), [item for item in rest if isinstance(item, LoadError)]


@pytest.mark.parametrize(
    "beside",
    [
        f"<div hidden><p>{ASKED}</p></div>",
        f"<div style='color:red; display: none'><p>{ASKED}</p></div>",
        f"<section aria-hidden='true'><p>{ASKED}</p></section>",
        f"<div><h3>Post</h3><p>{ASKED}</p><form><input name='address'><button>Send</button></form></div>",
        f"<div><p>{ASKED}</p><div><form><textarea></textarea></form></div><p>All letters may be cut.</p></div>",
        f"<div><h2>{ASKED}</h2><ul>{LINKS}</ul></div>",
        f"<div role='dialog'><p>{ASKED}</p></div>",
    ],
)
def test_a_box_in_the_article_is_no_part_of_it(beside: str) -> None:
    found, _ = read(TEXT.format(beside))
    assert found == list(OATS)


@pytest.mark.parametrize(
    "beside",
    [
        f"<a href='#more'>More</a><div id='more' style='display:none'><p>{ASKED}</p></div>",
        f"<button aria-controls='other more'>More</button><div id='more' hidden><p>{ASKED}</p></div>",
        f"<div hidden='until-found'><p>{ASKED}</p></div>",
        "".join(f"<h3>{ask}?</h3><div style='display:none'><p>{ask} {ASKED} {ASKED}</p></div>" for ask in "ABC"),
        f"<div style='display:none'><p>{ASKED}</p>{PROSE}</div>",
        f"<div><p>{ASKED}</p><p>Ask the <a href='/miller'>miller of Aske</a>.</p></div>",
        f"<table><tr><th>Day</th><th>Post</th></tr><tr><td><a href='/f'>Friday</a></td><td>{ASKED}</td></tr></table>",
    ],
)
def test_what_readers_open_and_what_goes_on_with_the_article_is_part_of_it(beside: str) -> None:
    found, _ = read(TEXT.format(beside))
    assert any(ASKED in words for words in found)
    assert [words for words in found if words in OATS][:3] == list(OATS)


def test_an_article_within_a_form_is_no_box_of_that_form() -> None:
    found, _ = read(f"<form><input name='q'><div><h1>The mill of Aske</h1>{PROSE}</div></form>")
    assert found == list(OATS)


def test_a_small_article_with_a_form_on_a_page_of_many_is_kept() -> None:
    post = f"<div class='post'>{{}}<div><p>{ASKED}</p><form><input></form></div></div>"
    found, _ = read(
        f"<main>{''.join(post.format(PROSE.replace('mill', name)) for name in ('mill', 'yard', 'inn'))}</main>"
    )
    assert ASKED not in found
    assert [words for words in OATS if any(words.replace("mill", "inn") == other for other in found)] == list(OATS)


def test_what_introduces_an_article_is_read_where_its_text_is_marked_without_it() -> None:
    lead = f"The wind has turned the sails of Aske for two centuries, and nobody thanked it. {ASKED}"
    written = "<div><h1>The mill of Aske</h1><div>{}</div><div>3 May</div></div><div class='article-body'>{}</div>"
    assert read(written.format(lead, PROSE))[0] == [lead, *OATS]


def test_what_is_left_out_of_a_page_is_reported_with_its_share() -> None:
    _, (note,) = read(TEXT.format(f"<div hidden><p>{ASKED}</p></div>"))
    assert isinstance(note, Note)
    whole = sum(map(len, [*OATS, ASKED])) + 2 * len("The mill of Aske")
    assert str(note).startswith(f"{len(ASKED)} of ")
    assert abs(int(str(note).split()[2]) - whole) < 20
    assert read(TEXT.format("")) == (list(OATS), [])


def test_what_stands_beside_an_element_with_most_of_the_text_is_reported() -> None:
    beside = f"<div><p>{ASKED}</p></div>"
    found, (note,) = read(f"<div><div><h1>The mill of Aske</h1>{PROSE * 2}</div>{beside}</div>")
    assert ASKED not in found
    assert str(note).startswith(f"{len(ASKED)} of ")
    assert str(note).endswith("characters stand beside the article and are left out")
