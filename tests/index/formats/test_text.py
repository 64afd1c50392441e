"""Plain-text articles: their head, their paragraphs, and offsets that hold in the file."""

import codecs
from datetime import date
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from index.article import Article, storable
from index.formats.registry import load
from index.parsing import byline
from index.parsing.decoding import decode
from index.parsing.types import LoadError, Origin
from tests.support.paths import SEED_ARTICLE

BODY = "\n\nA storm hit the coast on Friday and left thousands of people without power, officials said.\n"


def read(text: str | bytes, key: str = "news/0a1.txt") -> Article:
    (article,) = load(text.encode() if isinstance(text, str) else text, Origin(key, path=key.partition("/")[2]))
    assert isinstance(article, Article)
    return article


def blocks(article: Article) -> list[tuple[str, str]]:
    return [(block.kind, article.text[block.start : block.end]) for block in article.blocks]


def paragraphs(article: Article) -> list[str]:
    return [text for kind, text in blocks(article) if kind == "paragraph"]


class TestSeed:
    article = read(SEED_ARTICLE.read_bytes(), f"seeds/{SEED_ARTICLE.name}")

    def test_its_head_is_metadata(self) -> None:
        assert self.article.title == "U.S. Officials Confirm North Korea Sent Troops to Russia"
        assert self.article.authors == ("AFP",)
        assert self.article.published == date(2024, 10, 23)
        assert self.article.media_type == "text/plain"
        assert self.article.id.startswith("000-c02cb47a3876a1ac-")

    def test_its_head_is_in_no_block(self) -> None:
        assert paragraphs(self.article)[0].startswith("A senior U.S. official confirmed Wednesday")
        assert "Uwe Brodrecht" in self.article.text
        assert not any("Brodrecht" in text or "AFP" in text for _, text in blocks(self.article))

    def test_a_paragraph_begins_where_an_indented_line_follows_a_sentence(self) -> None:
        found = paragraphs(self.article)
        assert len(found) == 10
        assert found[4].endswith('very, very serious issue."')
        assert found[5].startswith("Meanwhile, NATO spokeswoman")

    def test_an_indented_line_within_a_sentence_goes_on_with_it(self) -> None:
        assert paragraphs(self.article)[3].endswith(
            "He also said it was not yet  clear why the troops were sent there."
        )

    def test_its_text_differs_from_the_file_by_line_breaks_only(self) -> None:
        source = SEED_ARTICLE.read_bytes().decode()
        assert self.article.text.split() == source.split()
        assert self.article.text != source
        assert len(self.article.text) == len(source)


@pytest.mark.parametrize(
    ("head", "authors", "source"),
    [
        ("By Jane Doe and John Roe", ("Jane Doe", "John Roe"), None),
        ("BY JANE DOE", ("JANE DOE",), None),
        ("By Jane Doe, John Roe & Ana de la Cruz", ("Jane Doe", "John Roe", "Ana de la Cruz"), None),
        ("By Jane Doe, Reuters", ("Jane Doe",), "Reuters"),
        ("Jane Doe, Reuters", ("Jane Doe",), "Reuters"),
        ("Jane O’Neill | BBC News", ("Jane O’Neill",), "BBC News"),
        ("By Reuters", ("Reuters",), None),
        ("Written by J. K. Smith", ("J. K. Smith",), None),
        ("By Jane Doe, staff writer", ("Jane Doe",), None),
    ],
)
@pytest.mark.parametrize("gap", ["\n", "\n\n", "\r\n\r\n"])
def test_bylines(head: str, authors: tuple[str, ...], source: str | None, gap: str) -> None:
    article = read(f"Storm Hits Coast{gap}{head}{BODY}")
    assert (article.title, article.authors, article.source) == ("Storm Hits Coast", authors, source)
    assert paragraphs(article) == [BODY.strip()]


@pytest.mark.parametrize("line", ["Jane Doe\nOctober 5, 2024", "October 5, 2024\nJane Doe", "Jane Doe\n\nOct. 5, 2024"])
def test_a_name_next_to_a_date_line_is_a_byline(line: str) -> None:
    article = read(f"Storm Hits Coast\n\n{line}{BODY}")
    assert (article.authors, article.published) == (("Jane Doe",), date(2024, 10, 5))


def test_a_title_after_a_date_line_is_not_a_name() -> None:
    article = read(f"October 5, 2024\n\nStorm Hits Coast{BODY}")
    assert (article.title, article.authors, article.published) == ("Storm Hits Coast", (), date(2024, 10, 5))


@pytest.mark.parametrize(
    "lines",
    [
        "By JANE DOE\nAssociated Press Writer\nUpdated 5:00 PM\nOctober 5, 2024",
        "October 5, 2024 | By Jane Doe\nAssociated Press",
        "Words: Jane Doe, 5 October 2024\nAssociated Press",
        "By Jane Doe, October 5, 2024\nAssociated Press",
        "Published 5 October 2024\nJane Doe\nAssociated Press\n3 min read",
    ],
)
def test_a_byline_of_several_lines(lines: str) -> None:
    article = read(f"Storm Hits Coast\n{lines}{BODY}")
    assert [author.title() for author in article.authors] == ["Jane Doe"]
    assert (article.source, article.published) == ("Associated Press", date(2024, 10, 5))
    assert paragraphs(article) == [BODY.strip()]


def test_a_deck_between_title_and_byline_is_body() -> None:
    article = read(f"Storm Hits Coast\n\nThousands are without power\n\nBy Jane Doe\nOctober 5, 2024{BODY}")
    assert (article.authors, article.published) == (("Jane Doe",), date(2024, 10, 5))
    assert [text for _, text in blocks(article)] == ["Thousands are without power", BODY.strip()]


def test_a_title_wrapped_before_a_date_line_is_not_cut_for_a_name() -> None:
    article = read(f"Leaders Meet In\nSouth Korea\nOctober 5, 2024{BODY}")
    assert (article.title, article.authors) == ("Leaders Meet In South Korea", ())


@pytest.mark.parametrize(
    "credit",
    [
        "Photo: Coast Guard",
        "Image credit: Jane Doe/Getty Images",
        "Photo by Jane Doe",
        "Soldiers at the border. Jane Doe / AFP",
        "Soldiers march. Uwe Brodrecht (CC BY-SA 2.0)",
        "A wave at Key West. (AP Photo/Jane Doe)",
        "© Jane Doe 2024",
        "The harbour at dawn. Jane Doe (The Bay News)",
        "A wave at the pier. Photo: University of the Bay",
        "Une vague. Crédit photo : Mairie",
    ],
)
def test_a_picture_credit_in_the_head_is_in_no_block(credit: str) -> None:
    article = read(f"Storm Hits Coast\nBy AFP\n\n{credit}{BODY}")
    assert credit in article.text
    assert paragraphs(article) == [BODY.strip()]


def test_a_dateline_of_an_agency_is_body() -> None:
    body = "MIAMI, Oct 5 (Reuters) - A storm hit the coast on Friday, officials said."
    assert paragraphs(read(f"Storm Hits Coast\n\n{body}\n")) == [body]


def test_labels_are_metadata() -> None:
    article = read(
        "Title: Storm Hits Coast\nAuthor: Jane Doe\nDate: 2024-10-05\nSource: The Bay News\n"
        f"URL: https://example.org/storm\nLanguage: en\nTags: weather, storms{BODY}"
    )
    assert article.title == "Storm Hits Coast"
    assert article.authors == ("Jane Doe",)
    assert article.published == date(2024, 10, 5)
    assert (article.source, article.url, article.language) == ("The Bay News", "https://example.org/storm", "en")
    assert article.tags == ("weather", "storms")
    assert paragraphs(article) == [BODY.strip()]


def test_a_title_directly_over_its_body_is_seen() -> None:
    article = read(
        "Storm Hits Coast\nA storm hit the coast on Friday and left thousands without power.\nHe spoke at noon.\n"
    )
    assert article.title == "Storm Hits Coast"
    assert paragraphs(article)[1] == "He spoke at noon."


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("A storm hit the coast.", "A storm hit the coast."),
        ("A storm hit the coast.\n\nIt was strong.", "A storm hit the coast."),
        ("the storm\n\nwas strong", "the storm was strong"),
        ("- one\n- two\n- three", "- one - two - three"),
        ("Dear reader,\n\nthis is a letter.", "Dear reader, this is a letter."),
    ],
)
def test_without_a_title_all_is_body_and_its_first_words_are_the_title(text: str, title: str) -> None:
    article = read(text)
    assert article.title == title
    assert " ".join(" ".join(paragraphs(article)).split()) == " ".join(text.split())


@pytest.mark.parametrize("line", ["and the storm went on along the coast to the north", "By Jane Doe", "Photo: AP"])
def test_the_head_of_a_long_text_without_blank_lines_is_a_few_lines(monkeypatch: pytest.MonkeyPatch, line: str) -> None:
    work: list[int] = []

    def count(name: str) -> None:
        plain = getattr(byline, name)

        def counted(*given: Any) -> object:
            work.append(len(given[-1]))
            return plain(*given)

        monkeypatch.setattr(byline, name, counted)

    count("_joined")
    count("read_line")
    assert len(read("Storm hits coast\n" + f"{line}\n" * 4000).text) == 17 + 4000 * (len(line) + 1)
    assert 0 < sum(work) < 10_000


def test_without_a_title_a_file_name_of_words_is_the_title() -> None:
    assert read("A storm hit the coast.", "news/storm_hits-coast.txt").title == "Storm hits coast"


def test_a_long_first_sentence_is_cut_for_the_title() -> None:
    title = read("A storm " + "of wind " * 30 + "came.").title
    assert len(title) <= 80
    assert title.endswith("wind…") or title.endswith("of…")


def test_hard_wrapped_paragraphs_are_joined_and_early_ends_end_them() -> None:
    article = read(
        "A storm hit the coast on Friday and left thousands of people without\n"
        "power, officials said. The governor declared an emergency in five of\n"
        "the counties.\n"
        "The shelters were full by the evening, according to the county that\n"
        "had opened ten of them.\n"
    )
    first, second = paragraphs(article)
    assert first.startswith(
        "A storm hit the coast on Friday and left thousands of people without power, officials said."
    )
    assert first.endswith("in five of the counties.")
    assert second == "The shelters were full by the evening, according to the county that had opened ten of them."


def test_paragraphs_that_are_marked_by_an_indented_first_line() -> None:
    article = read(
        "    The storm hit the coast on Friday and it was strong, very strong.\n"
        "    Thousands of people were without power for days, officials said, and\n"
        "many had to leave.\n"
        "    It went on.\n"
    )
    assert [text.split()[0] for text in paragraphs(article)] == ["The", "Thousands", "It"]


def test_a_body_in_lower_case_after_a_byline_is_body() -> None:
    article = read("Storm Hits U.S. Corn/Oats Growers\nBy Jane Doe\n\niPhone users were without power.\n\nThey left.")
    assert (article.title, article.authors) == ("Storm Hits U.S. Corn/Oats Growers", ("Jane Doe",))
    assert paragraphs(article) == ["iPhone users were without power.", "They left."]


def test_one_paragraph_a_line() -> None:
    lines = ["A storm hit the coast on Friday, and it was strong.", "He said so.", "People left for the hills at noon."]
    assert paragraphs(read("\n".join(lines))) == lines


def test_a_line_break_is_replaced_code_point_for_code_point() -> None:
    article = read("The storm hit the\r\ncoast and it was\rstrong and loud and\nlong.")
    assert article.text == "The storm hit the  coast and it was strong and loud and long."


def test_headings_stand_between_sentences_and_before_longer_text() -> None:
    article = read(
        "Storm Hits Coast\n\nIt was strong.\n\nWhat happens next\n\nThe storm moves north to the hills.\n\n"
        "THE END\n\nNothing more is known of the storm.\n\nJane Doe\n"
    )
    assert [text for kind, text in blocks(article) if kind == "heading"] == ["What happens next", "THE END"]
    assert paragraphs(article)[-1] == "Jane Doe"


def test_figures_are_no_heading_but_a_numbered_heading_is() -> None:
    article = read("It was strong.\n\nNet 17 cts against 25 cts\n\nThe firm sold more of it than ever before.\n")
    assert len(paragraphs(article)) == 3
    article = read("It was strong.\n\n2. What happens next\n\nThe storm moves north to the hills.\n")
    assert blocks(article)[1] == ("heading", "2. What happens next")


def test_list_items_are_paragraphs() -> None:
    article = read("They want:\n- more food for all\n- more water\n2. and shelter\n")
    assert paragraphs(article) == ["They want:", "- more food for all", "- more water", "2. and shelter"]


def test_a_rule_is_in_no_block() -> None:
    assert paragraphs(read("It was strong.\n-----\nIt went on.")) == ["It was strong.", "It went on."]


def test_same_in_same_out() -> None:
    assert read(SEED_ARTICLE.read_bytes()) == read(SEED_ARTICLE.read_bytes())


@pytest.mark.parametrize("data", [b"", b"\n\n", b"\x89PNG\0"])
def test_what_is_no_text_is_refused(data: bytes) -> None:
    with pytest.raises(LoadError):
        load(data, Origin("a.txt"))


alphabet = st.one_of(
    st.sampled_from(
        list("\r\n\r\n \t>.,-Aab\0\u2028\u2029\u0085\u0301\u200b\u200d\u05d0\u0661😀\ufeffé\u0065\x1c\x0c")
    ),
    st.sampled_from(
        ["\n\n", "\r\n", "By AFP\n", "Photo: X\n", "October 5, 2024\n", "- x\n", "# H\n", "---\n", "He left.\n "]
    ),
    st.sampled_from(
        [
            "**a**",
            "*",
            "_b_",
            "[a](b)",
            "[a",
            "](b",
            "<b>",
            "</b>",
            "&amp;",
            "`",
            "\\*",
            "![a](b)",
            "{#a}",
            "[[a|b]]",
            "~~",
        ]
    ),
    st.characters(exclude_categories=["Cs"]),
)
any_text = st.lists(alphabet, max_size=60).map("".join).filter(lambda text: text.strip())


@given(any_text, st.sampled_from([".txt", ".md"]))
@example("e\u0301\r\nA\0b\u2028c\rd\n\n😀", ".txt")
@example("\ufeff\r\r>", ".txt")
@example("---\n![a](b)\n---\n", ".md")
@example("# e\u0301\r\n\r\nA\0b\u2028c\rd\n> x\n> y\n😀", ".md")
def test_offsets_in_the_text_are_offsets_in_the_file(source: str, suffix: str) -> None:
    data = codecs.BOM_UTF8 + source.encode()
    assert decode(data) == source
    try:
        article = read(data, f"a/b{suffix}")
    except LoadError as error:  # what looks like front matter and is none is the only text that is refused
        if suffix != ".md" or "front matter" not in str(error):
            raise
        return
    assert len(article.text) == len(source)
    spaced = "\r\n>" if suffix == ".md" else "\r\n"
    for before, after in zip(source, article.text, strict=True):
        is_mark = suffix == ".md" and (after == "\u2060" or before == "&")
        is_space = after in " \u200b" and before in spaced
        assert before == after or is_mark or is_space or after == storable(before) == "\ufffd"
    for block in article.blocks:
        text = article.text[block.start : block.end]
        assert text == text.strip() != ""
        assert not set(text) & set("\r\n")
    assert article == read(data, f"a/b{suffix}")
