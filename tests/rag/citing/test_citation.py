from dataclasses import replace
from datetime import date
from urllib.parse import unquote

from hypothesis import given
from hypothesis import strategies as st

from index.article import Article, Block, Passage
from rag.citing.citation import CONTEXT, LONGEST_CONTEXT, Citation, cite

TEXT = (
    "The harbour froze on Tuesday. “It came overnight,” said Ann Lee, the harbour master. “We had no warning at all.”"
    "\n\n"
    "Ferries stayed in port. Two tugs – the Ida and the Lotte – broke the ice."
)
MIDDLE = TEXT.index("\n\n")
ARTICLE = Article(
    "harbour",
    "Harbour freezes",
    TEXT,
    (Block(0, MIDDLE), Block(MIDDLE + 2, len(TEXT))),
    url="https://news.example/harbour?id=1",
    source="Coast News",
    authors=("Bo Falk",),
    published=date(2024, 1, 9),
)
PASSAGE = Passage("harbour:0-9", "harbour", 0, len(TEXT), page=4)


def cited(words: str) -> Citation:
    start = TEXT.index(words)
    return cite(ARTICLE, PASSAGE, start, start + len(words), "000001-abcdef01")


def test_the_quote_is_the_whole_sentence_around_the_answer() -> None:
    citation = cited("Ann Lee")
    assert citation.quote == "“It came overnight,” said Ann Lee, the harbour master."
    assert TEXT[citation.start : citation.end] == "Ann Lee"
    assert TEXT[citation.quote_start : citation.quote_end] == citation.quote
    assert citation.prefix == TEXT[: citation.quote_start][-CONTEXT:]
    assert citation.suffix == TEXT[citation.quote_end :][:CONTEXT]


def test_an_answer_over_two_sentences_is_quoted_with_both() -> None:
    assert cited("in port. Two tugs").quote == TEXT[MIDDLE + 2 :]


def test_a_citation_carries_what_a_reference_needs() -> None:
    citation = cited("Tuesday")
    assert (citation.title, citation.source, citation.authors) == ("Harbour freezes", "Coast News", ("Bo Falk",))
    assert (citation.published, citation.page, citation.url) == (date(2024, 1, 9), 4, ARTICLE.url)
    assert (citation.sha256, citation.index_version) == (ARTICLE.sha256, "000001-abcdef01")


def test_a_citation_says_that_its_page_was_recognised_from_a_picture() -> None:
    assert not cited("Tuesday").recognised
    scanned = replace(ARTICLE, recognised=(2, 4))
    assert cite(scanned, PASSAGE, 0, 3, "v").recognised
    assert not cite(scanned, replace(PASSAGE, page=3), 0, 3, "v").recognised


def test_an_answer_of_the_title_is_quoted_with_the_whole_title() -> None:
    text = "Fire at the\nmill\nBy AFP\nThe mill burned."
    article = Article("m", "Fire at the mill", text, (Block(text.index("The mill b"), len(text)),))
    citation = cite(article, PASSAGE, text.index("mill"), text.index("mill") + 4, "v")
    assert (citation.quote, citation.quote_start) == ("Fire at the\nmill", 0)
    assert cite(replace(article, title="Another"), PASSAGE, 12, 16, "v").quote == "mill"


def test_a_sentence_without_end_is_quoted_in_part() -> None:
    text = "word and " * 2000 + "the answer " + "word and " * 2000
    article = Article("long", "Long", text, (Block(0, len(text.rstrip())),))
    start = text.index("the answer")
    citation = cite(article, PASSAGE, start, start + 10, "v")
    assert "the answer" in citation.quote
    assert len(citation.quote) <= 2 * LONGEST_CONTEXT + 10
    assert not citation.quote[0].isspace()
    assert text[citation.quote_start - 1].isspace()
    assert text[citation.quote_end].isspace()


def quoting(text: str) -> Citation:
    """A citation whose quote is ``text``."""
    return replace(cited("Tuesday"), quote=text, quote_start=0, quote_end=len(text))


def test_the_source_is_linked_at_the_quote() -> None:
    assert cited("Tuesday").source_link == (
        "https://news.example/harbour?id=1#page=4:~:text=The%20harbour%20froze%20on%20Tuesday."
    )
    assert replace(cited("Tuesday"), page=None).source_link == (
        "https://news.example/harbour?id=1#:~:text=The%20harbour%20froze%20on%20Tuesday."
    )
    assert replace(cited("Tuesday"), url="https://news.example/#today").source_link == (
        "https://news.example/#today:~:text=The%20harbour%20froze%20on%20Tuesday."
    )
    assert replace(cited("Tuesday"), url=None).source_link is None


def test_a_quote_over_paragraphs_is_found_by_its_first_and_last_words() -> None:
    first, last = map(unquote, quoting(TEXT).text_directive.split(","))
    assert TEXT.startswith(first)
    assert TEXT.endswith(last)
    assert "\n" not in first + last


@given(st.text(st.characters(codec="utf-8"), min_size=1, max_size=300))
def test_a_text_directive_has_no_character_with_a_meaning_of_its_own(text: str) -> None:
    directive = quoting(text).text_directive
    assert directive.count(",") <= 1
    assert not set(directive) & set("-&# \n")
