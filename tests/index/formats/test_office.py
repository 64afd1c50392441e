"""PDF and Word documents, books and tables: what the stories of all formats do not show."""

import sys
from collections.abc import Iterator
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pypdfium2 import PdfDocument

from index.article import Article
from index.formats.registry import load
from index.parsing.parts import Part, assemble, one_line, read_head
from index.parsing.types import LoadError, Origin
from tests.support.documents import Text, archive, docx_members, epub_members, pdf
from tests.support.documents import docx as make_docx


def read(data: bytes, name: str) -> Article:
    article, *notes = load(data, Origin(name))
    assert all("running titles are left out" in str(note) for note in notes)
    assert isinstance(article, Article)
    return article


def told(article: Article) -> list[tuple[str, str, int | None]]:
    return [(block.kind, article.text[block.start : block.end], block.page) for block in article.blocks]


PAGES = [
    [Text("A long report", 20), Text("Rain fell on the coast all day. " * 8)],
    [Text("The sea rose by a metre and took two boats with it. " * 4)],
    [Text("Nobody was hurt, and the boats were found on the beach. " * 4)],
]


def test_running_titles_stand_once_and_are_not_searched() -> None:
    article = read(pdf(PAGES, footer="Report of the harbour office"), "a.pdf")
    assert [page for _, _, page in told(article)] == [1, 2, 3]
    assert article.title == "A long report"
    assert article.text.count("office") == 1
    assert not any("office" in text for _, text, _ in told(article))
    _, note = load(pdf(PAGES, footer="Report of the harbour office"), Origin("a.pdf"))
    assert str(note) == "running titles are left out but once: “Report of the harbour office 1”"


def test_a_table_of_contents_is_kept_and_not_searched() -> None:
    contents = Text("Rain . . . . . . . . . . . . . . . . . . . . 7")
    article = read(pdf([[contents, *PAGES[0]], *PAGES[1:]]), "a.pdf")
    assert "Rain . . ." in article.text
    assert not any(". . ." in text for _, text, _ in told(article))


def test_words_divided_at_line_ends_are_joined() -> None:
    start = "The weather service of the northern coast expects more rain up to the week-end, "
    words = start + "and where the sea is well-known to be rough in the same weeks of October and a well-known cape"
    assert "week\ufffeend" in PdfDocument(pdf([[Text(words)]]))[0].get_textpage().get_text_range()
    text = read(pdf([[Text(words)]]), "a.pdf").text
    assert text == words.replace("week-end", "weekend")


def test_a_hyphen_that_the_document_has_elsewhere_is_kept() -> None:
    start = "The weather service of the northern coast expects more rain up to the week-end, "
    text = read(pdf([[Text(start + "a week-end that was dry before and may be dry again")]]), "a.pdf").text
    assert text.count("week-end") == 2


def test_a_paragraph_ends_where_there_is_room() -> None:
    page = [Text("The first paragraph is here. " * 9), Text("The second one is there. " * 9)]
    assert [text[:10] for _, text, _ in told(read(pdf([page]), "a.pdf"))] == ["The first ", "The second"]


@pytest.mark.parametrize("title", ["Microsoft Word - draft.docx", "untitled", "report.indd", ""])
def test_a_title_that_a_program_made_up_is_not_taken(title: str) -> None:
    assert read(pdf(PAGES, {"Title": title, "Author": "Jane Doe; John Roe"}), "a.pdf").title == "A long report"


def test_what_a_pdf_tells() -> None:
    info = {
        "Title": "Rain",
        "Author": "Jane Doe and John Roe",
        "CreationDate": "D:20240305101112+01'00'",
        "Keywords": "a;b",
    }
    article = read(pdf(PAGES, info), "a.pdf")
    assert (article.title, article.authors, article.published) == ("Rain", ("Jane Doe", "John Roe"), date(2024, 3, 5))
    assert (article.tags, article.language, article.media_type) == (("a", "b"), "en", "application/pdf")


W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


def test_a_word_document_is_read_as_if_its_changes_were_accepted() -> None:
    extra = (
        "<w:p><w:r><w:t>Rain </w:t></w:r><w:ins><w:r><w:t>never</w:t></w:r></w:ins>"
        "<w:del><w:r><w:delText>always</w:delText></w:r></w:del><w:hyperlink><w:r><w:t> fell</w:t></w:r></w:hyperlink>"
        "<w:r><w:br/><w:t>here.</w:t></w:r></w:p>"
        "<w:tbl><w:tr><w:tc><w:p><w:r><w:t>Place</w:t></w:r></w:p></w:tc>"
        "<w:tc><w:p><w:r><w:t>Key West</w:t></w:r></w:p></w:tc></w:tr></w:tbl>"
    )
    article = read(archive(docx_members([("Heading1", "Weather")], extra=extra)), "a.docx")
    assert [(kind, text) for kind, text, _ in told(article)] == [
        ("heading", "Weather"),
        ("paragraph", "Rain never fell here."),
        ("row", "Place | Key West"),
    ]


def test_a_byline_in_a_word_document_is_metadata() -> None:
    body = [("Title", "Rain"), ("Normal", "By Jane Doe"), ("Normal", "5 October 2024"), ("Normal", "Rain fell here.")]
    article = read(make_docx(body), "a.docx")
    assert (article.title, article.authors, article.published) == ("Rain", ("Jane Doe",), date(2024, 10, 5))
    assert told(article) == [("paragraph", "Rain fell here.", None)]


def test_a_chapter_that_is_ill_formed_or_uses_names_of_html_is_read() -> None:
    chapters = [
        "<p>Rain&nbsp;fell &mdash; caf&eacute;s closed.</p>",
        "<p>The sea <b>rose</b>.<div>It <br>fell.",
        "<p/>",
    ]
    article = read(archive(epub_members(chapters, "Rain", "Jane Doe", "Press", date(2024, 1, 2))), "a.epub")
    assert [text for _, text, _ in told(article)] == ["Rain fell — cafés closed.", "The sea rose.", "It fell."]
    assert (article.source, article.language) == ("Press", "en")


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_separators_of_a_table(separator: str) -> None:
    rows = [["title", "text", "author"], ["Rain", '"Rain fell, and; it\n was ""wet""."', "Jane Doe"]]
    article = read("\r\n".join(separator.join(row) for row in rows).encode(), "a.csv")
    assert (article.title, article.text, article.authors) == ("Rain", 'Rain fell, and; it  was "wet".', ("Jane Doe",))


def test_rows_that_can_not_be_read_are_named_by_their_line() -> None:
    data = b'id,text\nx,"Rain\nfell."\ny,\nz\nx,Snow fell.\nv,"open'
    first, *errors = load(data, Origin("a.csv"))
    assert isinstance(first, Article)
    starts = ["line 4: no text", "line 5: 1 values for 2", "line 6: article id 'x' is taken by line 2", "line 7: "]
    assert len(errors) == len(starts)
    for error, start in zip(errors, starts, strict=True):
        assert isinstance(error, LoadError)
        assert str(error).startswith(start)


def test_a_missing_package_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    for package, name, data in (
        ("pypdfium2", "a.pdf", pdf(PAGES)),
        ("feedparser", "a.rss", b"<rss/>"),
        ("striprtf", "a.rtf", b"{\\rtf1 x}"),
    ):
        monkeypatch.setitem(sys.modules, package, None)
        with pytest.raises(LoadError, match=r"a package is missing .* pip install 'pullquote\[formats\]'"):
            load(data, Origin(name))


def _parts() -> st.SearchStrategy[list[Part]]:
    lines = st.text(min_size=1).map(one_line).filter(bool)
    kinds = st.sampled_from(["heading", "paragraph", "aside"])
    return st.lists(st.builds(Part, lines, kinds, st.none() | st.integers(1, 9)))  # type: ignore[arg-type]


@given(_parts())
def test_every_part_stands_where_its_block_says(parts: list[Part]) -> None:
    text, blocks = assemble(parts)
    searched: Iterator[Part] = (part for part in parts if part.kind != "aside")
    for block, part in zip(blocks, searched, strict=True):
        assert (text[block.start : block.end], block.kind, block.page) == (part.text, part.kind, part.page)
    Article("a", "T", text, blocks)


@given(_parts())
def test_a_head_is_never_all(parts: list[Part]) -> None:
    _, read_parts = read_head(parts)
    assert [part.text for part in read_parts] == [part.text for part in parts]
    assert read_parts[-1:] == parts[-1:]


def test_an_entry_with_markup_of_an_office_program_is_read() -> None:
    body = "<o:p>Rain fell.</o:p><p>The sea rose.<st1:place>Here</st1:place></p>"
    items = f"<item><title>Rain</title><description><![CDATA[{body}]]></description></item><item><title/></item>"
    first, second = load(f"<rss version='2.0'><channel>{items}</channel></rss>".encode(), Origin("a.rss"))
    assert isinstance(first, Article)
    assert first.text == "Rain fell.\n\nThe sea rose.Here"
    assert isinstance(second, LoadError)
    assert str(second) == "entry 2 has no text and no link"
