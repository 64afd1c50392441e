"""What the words of documents are, to which readers are compared."""

import pytest

from benchmarks.format_words import agreed_words, native_words, page_headings, words
from benchmarks.formats import _figures


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("The dis-\n abled m²", ["the", "disabled", "m2"]),
        ("Hydro-network, e-mail, y-z", ["hydronetwork", "e", "mail", "y", "z"]),
        ("pre- and post-war", ["pre", "and", "postwar"]),
        ("磨坊 mill", ["磨", "坊", "mill"]),
    ],
)
def test_words_are_those_of_lines_that_were_never_divided(text: str, wanted: list[str]) -> None:
    assert words(text) == wanted


def test_what_is_shown_beside_the_text_is_optional() -> None:
    native = (
        'Pandoc (Meta {unMeta = fromList [("title",MetaInlines [Str "Mills"])]}) '
        '[Para [Str "They",Space,Strikeout [Str "never"],Space,Str "grind",Space,'
        'Image ("",[],[]) [Str "A",Space,Str "mill"] ("a.png",""),Math InlineMath "\\\\begin{matrix}x\\\\end{matrix}"]]'
    )
    reference = native_words(native)
    assert words(reference.words) == ["they", "grind", "x"]
    assert sorted(words(reference.optional)) == ["a", "mill", "mills", "never"]


def test_running_titles_count_once_and_page_numbers_not() -> None:
    pages = [f"The book of mills\nOn day {at} they ground {name}.\n{at}" for at, name in ((1, "oats"), (2, "rye"))]
    reference = agreed_words(["\n".join(pages)] * 3, pages)
    assert reference.words == "the book of mills on day 1 they ground oats on day 2 they ground rye"
    assert sorted(reference.optional.split()) == ["1", "2", "book", "mills", "of", "the"]


def test_optional_words_change_neither_recall_nor_precision() -> None:
    for text in ("they grind", "they grind mills"):
        assert _figures(["they", "grind"], ["mills"], {"text": text})[:2] == (1.0, 1.0)
    assert _figures(["they", "grind"], ["mills"], {"text": "they mills mills"})[:2] == (0.5, 2 / 3)


def test_a_heading_of_a_page_is_a_title_of_it_where_they_are_alike() -> None:
    page = b"<h1>Gazette</h1><h1>The mill of <i>Aske</i> burns</h1>"
    assert page_headings(page, "Mill burns at Aske") == ["The mill of Aske burns"]
