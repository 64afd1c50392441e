"""The answer as a message: what it says, where the numbers stand, and that articles can't write Markdown in it."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from api.chat.markdown import escaped, linked, one_line, strong
from api.chat.message import Message, compose
from api.http.links import Links
from api.http.remarks import NO_ANSWER
from rag.answerer import Answer, Answerer, Part, Result
from rag.citing.citation import Citation
from rag.citing.quotes import Quote
from rag.question import Question

LINKS = Links("http://127.0.0.1:8000")
PARSER = MarkdownIt("commonmark").enable(["strikethrough", "table"])


def citation(
    quote: str, answer: str, article_id: str = "a", title: str = "A title", place: int = 0, page: int | None = None
) -> Citation:
    start = place + quote.index(answer)
    return Citation(
        article_id=article_id,
        title=title,
        url=None,
        source="The Wire",
        authors=("AFP",),
        published=date(2024, 10, 3),
        heading=None,
        page=page,
        start=start,
        end=start + len(answer),
        quote=quote,
        quote_start=place,
        quote_end=place + len(quote),
        prefix="",
        suffix="",
        sha256="0" * 64,
        index_version="000001-00000000",
    )


def result(*answers: Answer, guess: Answer | None = None) -> Result:
    return Result("Who?", "Who?", answers, guess, (), "000001-00000000", {}, {})


def shown(markdown: str) -> str:
    """The characters that a reader sees."""
    return "".join(_visible(PARSER.parse(markdown)))


def _visible(tokens: list[Token]) -> list[str]:
    texts = []
    for token in tokens:
        if token.children:
            texts += _visible(token.children)
        elif token.type in {"softbreak", "hardbreak", "paragraph_close"}:
            texts.append("\n")
        else:
            assert token.type not in {"html_block", "html_inline", "image"}
            texts.append(token.content)
    return texts


def kinds(markdown: str) -> set[str]:
    return {child.type for token in PARSER.parse(markdown) for child in token.children or []}


def test_the_short_answer_is_first_and_the_quote_says_who_where_and_when() -> None:
    said = Answer("1,500", 0.9, (citation("The agency counted 1,500 troops.", "1,500"),), "the agency")
    message = compose(result(said), LINKS)
    link = LINKS.citation(said.citations[0])
    assert message.text == (
        "**1,500** [1]\n\n> The agency counted **1,500** troops.\n\n"
        f"[1] the agency, in [A title]({link}) · AFP, The Wire · 3 October 2024"
    )


def test_the_page_of_a_printed_article_is_told() -> None:
    message = compose(result(Answer("1,500", 0.9, (citation("They counted 1,500.", "1,500", page=3),))), LINKS)
    assert message.text.endswith("· 3 October 2024 · page 3")
    scanned = replace(citation("They counted 1,500.", "1,500", page=3), recognised=True)
    message = compose(result(Answer("1,500", 0.9, (scanned,))), LINKS)
    assert message.text.endswith("· 3 October 2024 · recognised from a scan, page 3")


def test_every_source_has_one_mark_and_the_marks_say_its_number() -> None:
    first = Answer(
        "1,500",
        0.9,
        (
            citation("They sent 1,500 men.", "1,500"),
            citation("Others say 1,500.", "1,500", "b", place=40),
            citation("They  sent 1,500\nmen.", "1,500", "c"),
        ),
    )
    second = Answer("3,000", 0.5, (citation("Maybe 3,000.", "3,000", "d"),))
    third = Answer("1,500 men", 0.4, (citation("They sent 1,500 men.", "1,500 men"),))
    message = compose(result(first, second, third), LINKS)
    assert [mark.source.number for mark in message.marks] == [1, 2, 3, 4]
    assert [message.text[mark.start : mark.end] for mark in message.marks] == ["[1]", "[2]", "[3]", "[4]"]
    assert [mark.source for mark in message.marks] == list(message.sources)
    assert message.text.startswith("**1,500** [1][3][2]\n\nAlso found: **3,000** [4]; **1,500 men** [1]\n\n")
    assert [source.citation.article_id for source in message.sources] == ["a", "c", "b", "d"]
    assert shown(message.text).count("They sent 1,500 men.") == 1


def test_without_an_answer_the_nearest_passage_is_offered_and_nothing_is_cited() -> None:
    guess = Answer("Nobody", 0.1, (citation("Nobody came.", "Nobody"),))
    message = compose(result(guess=guess), LINKS)
    assert message.text.startswith(
        f"{NO_ANSWER}\n\nThe nearest passage, which may not answer it:\n\n> **Nobody** came.\n\n[A title]("
    )
    assert (message.sources, message.marks) == ((), ())
    assert compose(result(), LINKS).text == NO_ANSWER


def test_pieces_make_up_the_text(seed_answerer: Answerer) -> None:
    message = compose(seed_answerer.ask(Question("Who is the NATO spokeswoman?")), LINKS)
    assert len(message.pieces) == 2
    assert "".join(message.pieces) == message.text
    assert message.sources[0].media_type == "text/plain"
    assert message.sources[0].path == "000_c02cb47a3876a1ac.txt"


_SIGNS = [*"\\`*_[]()<>#~$&!|-+=.:'\"\n\t ab1é😀「」", "](http://x)", "<b>", "&amp;", "**", "[1]", "https://x.y"]
NASTY = st.lists(st.sampled_from(_SIGNS), min_size=1, max_size=30).map("".join)
WORDS = st.text(st.characters(exclude_categories=("C", "Z"))) | NASTY


@given(WORDS)
def test_words_of_an_article_are_shown_as_they_are(words: str) -> None:
    markdown = f"x {escaped(words)} y"
    assert shown(markdown) == f"x {one_line(words)} y\n"
    assert kinds(markdown) <= {"text", "text_special"}


@given(WORDS, WORDS, WORDS)
@example("![", "a", "b")
@example("x ![y", "a", "![b](http://x)")
@example("[", "a", "b]")
@example("\\[", "a", "![b")
@example("__a__", "b", "_c_ __")
@example("x", "&", "ap; &amp;")
@example("x", "&am", "p; ")
def test_a_message_shows_the_quote_and_links_only_articles(before: str, answer: str, after: str) -> None:
    answer = answer.strip()
    if not answer:
        return
    quote = before + answer + after
    cited = citation("x" + quote, answer, title=f"{after} {before}")
    cited_at = Answer(answer, 0.9, (cited,), before or None)
    markdown = compose(result(cited_at), LINKS).text
    lines = shown(markdown).splitlines()
    assert one_line("x" + quote).strip() in lines
    assert one_line(cited.title) in lines[-1]
    tokens = [child for token in PARSER.parse(markdown) for child in token.children or []]
    assert [token.attrs["href"] for token in tokens if token.type == "link_open"] == [LINKS.citation(cited)]


@pytest.mark.parametrize(
    ("words", "before", "after", "written"),
    [
        ("1,500", "of ", " men", "**1,500**"),
        ("$5", "paid ", ".", "**\\$5**"),
        ("「東京」", "は", "です", "「東京」"),
        ("東京", "は", "です", "**東京**"),
        ("U.S.", "the ", "-led", "**U.S.**"),
        ("", "", "", ""),
    ],
)
def test_the_answer_is_bold_where_markdown_can(words: str, before: str, after: str, written: str) -> None:
    assert strong(words, before, after) == written


@pytest.mark.parametrize(
    "start", ["# Borsk", "#1", "> a", "- item", "+ item", "1. Rain", "12) Rain", "---", "- - -", "===", "2024. Then"]
)
def test_a_quote_does_not_begin_another_kind_of_block(start: str) -> None:
    quote = f"{start} is the national dish."
    for answer in (quote, "national dish"):
        said = Answer(answer, 0.9, (citation(quote, answer),))
        blocks = [token.type for token in PARSER.parse(compose(result(said), LINKS).text) if token.nesting == 1]
        assert blocks == ["paragraph_open", "blockquote_open", "paragraph_open", "paragraph_open"]
        guessed = compose(result(guess=said), LINKS).text
        assert start in shown(guessed)
        blocks = [token.type for token in PARSER.parse(guessed) if token.nesting == 1]
        assert blocks == ["paragraph_open", "paragraph_open", "blockquote_open", "paragraph_open", "paragraph_open"]


@pytest.mark.parametrize(
    "words",
    [
        "[Evil Town](http://evil.example/login) has 3,000 people",
        "![pix](http://evil.example/p.png?c=1)",
        "<img src=x onerror=alert(4)>",
        "</p><script>alert(1)</script>",
        "[a]( http://evil.example)",
    ],
)
def test_renderers_that_know_no_backslash_make_neither_links_nor_markup(words: str) -> None:
    """Showdown knows none before ``<``; others look for ``](`` by a pattern of their own."""
    written = escaped(words)
    assert "<" not in written
    assert "](" not in written.replace("\\", "")
    assert shown(written) == f"{words}\n"


@pytest.mark.parametrize(
    ("words", "written"),
    [
        ("\x1b[31mRed\x1b[0m\x07 \x9b31m", "\ufffd[31mRed\ufffd[0m\ufffd \ufffd31m"),
        ("\u202eeliforP nhoJ\u202c said", "\ufffdeliforP nhoJ said"),
        ("\u202dgnp.exe", "\ufffdgnp.exe"),
        ("\u2067abc", "\u2067abc\u2069"),
        ("\u202babc\u202c d", "\u202babc\u202c d"),
        ("\u2066a\u202bb", "\u2066a\u202bb\u202c\u2069"),
        ("a\u2069b\u202c", "ab"),
        ("\u200fשלום", "\u200fשלום"),
        ("\u001d a\u0085b", " a b"),
    ],
)
def test_nothing_in_an_article_changes_how_the_rest_of_a_message_is_shown(words: str, written: str) -> None:
    assert one_line(words) == written


def test_only_addresses_of_the_web_are_linked() -> None:
    assert linked("A [title]", "https://x.y/(a b)") == "[A &#91;title\\]](https://x.y/%28a%20b%29)"
    assert linked("A title", "javascript:alert(1)") == "A title"
    assert linked("A title", "/articles/a") == "A title"


def test_a_message_of_one_piece_has_no_sources() -> None:
    assert Message(("Hello",)).text == "Hello"
    assert Message(("Hello",)).marks == ()


def test_a_verdict_stands_before_the_clause_that_says_so() -> None:
    said = Answer("The mill was sold", 0.9, (citation("The mill was sold.", "The mill was sold"),), verdict="yes")
    assert compose(result(said), LINKS).text.startswith("Yes: **The mill was sold** [1]\n\n")


def test_several_items_are_a_list_each_with_its_source() -> None:
    places = [citation(f"It hit {name}.", name, name) for name in ("Brennick", "Ostrevik")]
    first = Answer("Brennick", 0.6, (places[0],), parts=tuple(Part(place.article_id, place) for place in places))
    second = Answer("Ostrevik", 0.5, (places[1],))
    message = compose(result(first, second), LINKS)
    assert message.text.startswith(
        "**Brennick** [1]\n\nAlso found: **Ostrevik** [2]\n\n- Brennick [1]\n- Ostrevik [2]\n\n> "
    )
    assert [message.text[mark.start : mark.end] for mark in message.marks] == ["[1]", "[2]"]


def test_two_items_in_one_place_are_no_list() -> None:
    place = citation("It hit Brennick and Ostrevik.", "Brennick and Ostrevik")
    parts = (Part("Brennick", place), Part("Ostrevik", place))
    message = compose(result(Answer("Brennick and Ostrevik", 0.6, (place,), parts=parts)), LINKS)
    assert message.text.startswith("**Brennick and Ostrevik** [1]\n\n> ")


def test_a_sentence_that_helps_stands_before_the_quote() -> None:
    cited = citation("She was 41.", "41", place=20)
    quotes = (Quote("She was 41.", 20, 31, 0.9), Quote("Ann Lee\nwon * it.", 0, 17, 0.3))
    message = compose(result(Answer("41", 0.9, (cited,), quotes=quotes)), LINKS)
    assert "\n\n> Ann Lee won \\* it. She was **41**.\n\n" in message.text
