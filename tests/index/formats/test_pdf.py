"""PDF of kinds that went wrong: titles, running titles, columns, raised characters, pages that are pictures."""

import re
from textwrap import wrap

import pytest

from index.article import Article
from index.formats.registry import load
from index.parsing.recognition import languages
from index.parsing.types import LoadError, Note, Origin
from tests.support.documents import Text, drawn, pdf

OATS = (
    "The mill of Aske grinds oats from the first of October until the snow is gone from the hills around it.",
    "Its four sails were made in 1790 by two brothers from the valley, who were paid in flour for their work.",
    "The miller says that the wind was better when he was young, and his daughter says that it never was so.",
)
PROSE = [Text(words + " " + words) for words in OATS]


def read(data: bytes) -> Article:
    article, *notes = load(data, Origin("a.pdf"))
    assert isinstance(article, Article)
    assert all("running titles are left out" in str(note) for note in notes)
    return article


def told(article: Article) -> list[str]:
    return [article.text[block.start : block.end] for block in article.blocks]


def test_a_title_of_two_lines() -> None:
    title = "On the mills of the northern valleys and on those who grind in them"
    article = read(pdf([[Text(title, 20, True), Text("Summary", 13, True), *PROSE]]))
    assert article.title == title
    assert told(article)[0] == "Summary"


def test_a_title_that_is_the_running_title_of_later_pages_stays() -> None:
    def page(number: int) -> bytes:
        lines = [drawn("On mills", 9, False, 770), drawn(str(number), 9, False, 30)]
        return b"\n".join(
            lines + [drawn(f"{number}. {words[:60]}", 11, False, 700 - 14 * at) for at, words in enumerate(OATS)]
        )

    article = read(pdf([[Text("On mills", 20, True), Text("1 Oats", 14, True), *PROSE], page(2), page(3), page(4)]))
    assert article.title == "On mills"
    assert article.text.count("On mills") == 1


@pytest.mark.parametrize(
    "info",
    [
        {"Title": "(anonymous)", "Author": "anonymous"},
        {"Title": "PowerPoint Presentation", "Author": "admin"},
        {"Title": "mill_2024.odp", "Author": "Toshiba"},
        {"Title": "Layout 1", "Author": "user"},
        {"Title": "10.1000/mill.2024.01"},
        {"Title": "mill_report_v2"},
        {"Title": "https://example.org/mill", "Author": "HP-User"},
        {"Title": r"C:\texts\mill.txt", "Author": "Administrator"},
        {"Title": "Microsoft Word - mill", "CreationDate": "D:20000101000000+00'00'"},
    ],
)
def test_what_programs_write_is_no_metadata(info: dict[str, str]) -> None:
    article = read(pdf([[Text("On mills", 20, True), *PROSE]], info))
    assert (article.title, article.authors, article.published) == ("On mills", (), None)


def _book_page(number: int) -> bytes:
    chapter = ("Oats", "Rye", "Barley")[(number - 1) // 4]
    head = f"{chapter} {number}" if number % 2 else f"{number} The book of mills"
    lines = [drawn(head, 9, False, 770)]
    body = [f"On page {number} the miller tells of the year {1790 + number} and of what", *OATS, "of it, he says, and"]
    return b"\n".join(lines + [drawn(words[:70], 11, False, 720 - 14 * at) for at, words in enumerate(body)])


def test_running_titles_of_left_and_right_pages_and_of_short_chapters_stand_once_and_are_not_searched() -> None:
    article = read(pdf([_book_page(number) for number in range(1, 13)]))
    text, searched = article.text, " ".join(told(article))
    assert "The book of mills" not in searched
    assert text.count("The book of mills") == 1
    for chapter in ("Oats", "Rye", "Barley"):
        assert chapter not in searched
        assert len(re.findall(rf"{chapter} \d", text)) == 1
    assert text.count("the miller tells of the year") == 12
    assert text.count("of it, he says, and") == 12


def test_a_bill_in_duplicate_is_read_twice() -> None:
    bill = [drawn("Bill for oats", 14, True, 770), drawn("Due: 2 May 2021", 11, False, 735)]
    bill += [drawn(words[:70], 11, False, 600 - 14 * at) for at, words in enumerate(OATS)]
    bill += [drawn("Name of the person who may receive it", 7, False, 70)]
    text = read(pdf([b"\n".join(bill)] * 2)).text
    assert text.count("Due: 2 May 2021") == text.count("who may receive it") == 2


def test_numbers_at_the_edge_of_a_page_that_are_large_or_in_a_column_are_text() -> None:
    column = [drawn(str(number), 11, False, 700 - 14 * at) for at, number in enumerate((12, 16, 13, 28))]
    scale = [drawn(words[:70], 11, False, 700 - 14 * at) for at, words in enumerate(OATS)] + [
        drawn("72", 60, False, 90)
    ]
    numbered = [*scale[:-1], drawn("3", 11, False, 30)]
    text = read(pdf([b"\n".join(column), b"\n".join(scale), b"\n".join(numbered)])).text
    assert all(re.search(rf"\b{number}\b", text) for number in (12, 16, 13, 28, 72))
    assert not re.search(r"\b3\b", text)


def test_a_number_alone_at_the_edge_is_text_unless_it_counts_pages() -> None:
    lines = [drawn(words[:70], 11, False, 700 - 14 * at) for at, words in enumerate(OATS)]
    weight = b"\n".join([*lines, drawn("412", 11, False, 60)])
    assert told(read(pdf([weight])))[-1] == "412"
    row = [drawn("1", 11, False, 60, 72), drawn("27", 11, False, 60, 500)]
    assert "27" in " ".join(told(read(pdf([b"\n".join([*lines, *row])]))))
    later = [
        b"\n".join([drawn(f"{at}. On oats.", 11, False, 714), *lines, drawn(str(at), 11, False, 60)]) for at in (8, 9)
    ]
    assert not re.search(r"^\d$", read(pdf(later)).text, re.MULTILINE)


def _half(words: str, at: float) -> list[bytes]:
    return [drawn(line, 11, False, at - 14 * number) for number, line in enumerate(wrap(words, 80))]


def test_a_sentence_that_goes_over_a_page_is_whole_on_the_page_where_it_begins() -> None:
    whole = "The mill was built in 1790 by the brothers Lund, who came from the valley."
    first, second = f"{OATS[0]} {whole[:33]}", f"{whole[34:]} {OATS[2]}"
    note = drawn("1 See the deed of that year.", 8, False, 60)
    pages = [b"\n".join([*_half(first, 700), note]), b"\n".join(_half(second, 740))]
    article = read(pdf(pages))
    assert [(article.text[block.start : block.end], block.page) for block in article.blocks] == [
        (f"{OATS[0]} {whole}", 1),
        ("1 See the deed of that year.", 1),
        (OATS[2], 2),
    ]


@pytest.mark.parametrize(
    ("end", "beginning", "wanted"),
    [
        ("They grind in the two har-", "bours. " + OATS[2], "They grind in the two harbours."),
        ("They grind oats.", "they say. " + OATS[2], "They grind oats."),
        ("Of oats and rye", "Barley. " + OATS[2], "Of oats and rye"),
        ("They grind oats and", "rye " * 200 + ".", "They grind oats and"),
    ],
)
def test_what_begins_a_page_ends_a_sentence_of_the_one_before(end: str, beginning: str, wanted: str) -> None:
    article = read(pdf([b"\n".join(_half(end, 700)), b"\n".join(_half(beginning, 700))]))
    assert told(article)[0] == wanted


def test_titles_alone_are_the_text() -> None:
    article = read(
        pdf([b"\n".join([drawn("Mills", 9, False, 770), drawn(f"Part {at}", 9, False, 30)]) for at in (1, 2, 3)])
    )
    assert "Mills" in told(article)


def test_first_and_last_lines_that_differ_by_a_number_are_text() -> None:
    pages = [
        [
            Text(f"Opening hours, part {at}", 15, True),
            *[Text(f"The mill opens at {at} and then {words}") for words in OATS],
        ]
        for at in range(1, 5)
    ]
    article = read(pdf(pages, footer="Mill office"))
    assert article.text.count("Mill office") == 1
    assert "Mill office" not in " ".join(told(article))
    for at in range(1, 5):
        assert f"Opening hours, part {at}" in article.text or article.title == f"Opening hours, part {at}"
        assert article.text.count(f"The mill opens at {at} and then The mill of Aske") == 1


def test_a_paragraph_that_ends_in_dots_is_searched_and_an_entry_of_a_table_of_contents_is_not() -> None:
    page = [
        Text(OATS[0][:-1] + " . . . ."),
        Text("The wheel has stood still since the storm of 1911...."),
        Text("The wheel . . . . . . . . . . 17"),
        *PROSE,
    ]
    found = told(read(pdf([page])))
    assert found[0].endswith("hills around it . . . .")
    assert "The wheel has stood still since the storm of 1911...." in found
    assert not any("17" in text and "wheel" in text for text in found)


PICTURE = b"q 612 0 0 792 0 0 cm BI /W 1 /H 1 /BPC 8 /CS /G ID x EI Q"


def test_pages_that_are_pictures_are_told() -> None:
    article, note = load(pdf([PROSE, PROSE, PICTURE]), Origin("a.pdf"))
    assert isinstance(article, Article)
    assert isinstance(note, Note)
    assert "(3 of 3)" in str(note)
    _, warning = load(pdf([PROSE, PICTURE, PICTURE, b"", PICTURE]), Origin("a.pdf"))
    assert isinstance(warning, LoadError)
    assert not isinstance(warning, Note)
    assert "(2-3, 5 of 5)" in str(warning)


def test_the_mark_of_a_trial_version_is_no_text_of_the_page() -> None:
    stamp = drawn("Evaluation copy", 9, False, 30)
    article, warning = load(pdf([PICTURE + b"\n" + stamp] * 2), Origin("a.pdf"))
    assert isinstance(article, Article)
    assert "pages that are pictures are not read (1-2 of 2)" in str(warning)


def _scanned(page: list[Text]) -> bytes:
    """What draws a picture of a page."""
    import pypdfium2

    with pypdfium2.PdfDocument(pdf([page])) as document:
        bitmap = document[0].render(scale=200 / 72, grayscale=True)
        rows = memoryview(bitmap.buffer).cast("B")
        grey = b"".join(bytes(rows[at * bitmap.stride :][: bitmap.width]) for at in range(bitmap.height))
    head = b"q 612 0 0 792 0 0 cm BI /W %d /H %d /BPC 8 /CS /G /F /AHx ID " % (bitmap.width, bitmap.height)
    return head + grey.hex().encode() + b"> EI Q"


@pytest.mark.slow
@pytest.mark.skipif(not languages(), reason="tesseract is not installed")
def test_pages_that_are_pictures_are_recognised_where_that_is_wanted() -> None:
    data = pdf([PROSE, _scanned([Text("Flour", 20, True), Text(OATS[1], 12), Text(OATS[2], 12)]), PICTURE])
    article, left_out, note = load(data, Origin("a.pdf", recognised="eng"))
    assert isinstance(article, Article)
    found = {(block.page, block.kind): article.text[block.start : block.end] for block in article.blocks}
    assert found[2, "heading"] == "Flour"
    assert "two brothers from the valley, who were paid in flour" in " ".join(told(article))
    assert "[Page 2: recognised from a picture]" in article.text
    assert not any("recognised" in text for text in told(article))
    assert article.recognised == (2,)
    assert "(3 of 3)" in str(left_out)
    assert "(2 of 3)" in str(note)


def _c_map(*pairs: tuple[str, str]) -> str:
    rows = "\n".join(f"<{ord(code):02x}> <{target.encode('utf-16-be').hex()}>" for code, target in pairs)
    return (
        "/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /M def /CMapType 2 def\n"
        f"1 begincodespacerange <00> <ff> endcodespacerange\n{len(pairs)} beginbfchar\n{rows}\nendbfchar\n"
        "endcmap CMapName currentdict /CMap defineresource pop end end"
    )


def test_alef_stands_behind_lam_where_both_are_one_sign() -> None:
    letters = _c_map(("a", "س"), ("b", "لا"), ("c", "م"), ("d", "لإ"))
    data = pdf([drawn("cba cdc", 14, False, 700)], to_unicode=letters)
    assert told(read(data)) == ["مإلم سلام".replace("إل", "لإ")]


def test_a_pdf_whose_fonts_do_not_tell_their_characters_is_refused() -> None:
    letters = _c_map(*((chr(code), chr(0xE000 + code)) for code in range(33, 127)))
    with pytest.raises(LoadError, match="fonts of the PDF do not tell its characters"):
        load(pdf([PROSE], to_unicode=letters), Origin("a.pdf"))
    letters = _c_map(
        ("q", "\ue001"), ("e", "\ue002"), *((chr(code), chr(code)) for code in range(33, 127) if code not in b"qe")
    )
    _, note = load(pdf([PROSE], to_unicode=letters), Origin("a.pdf"))
    assert isinstance(note, Note)
    assert "characters: look at what is missing" in str(note)


def test_no_space_is_put_between_signs_that_have_none() -> None:
    letters = _c_map(("a", "港"), ("b", "の"), ("c", "壁"))
    page = b"\n".join(drawn("abc" * 15, 14, False, 700 - 18 * at) for at in range(3))
    assert told(read(pdf([page], to_unicode=letters))) == ["港の壁" * 45]


def test_two_columns_that_are_written_row_by_row() -> None:
    left = [words[at : at + 34] for words in OATS for at in (0, 34, 68)]
    right = [f"Right {at} of the column goes on here" for at in range(9)]
    rows = [
        drawn(words, 11, False, 700 - 14 * at, column)
        for at, pair in enumerate(zip(left, right, strict=True))
        for column, words in zip((60, 320), pair, strict=True)
    ]
    text = " ".join(told(read(pdf([b"\n".join(rows)]))))
    assert text.index("Right 0") > text.index("it never was so")
    assert [f"Right {at}" in text for at in range(9)] == [True] * 9


@pytest.mark.parametrize("matrix", [b"0 1 -1 0 612 0", b"0 -1 1 0 0 792", b"-1 0 0 -1 612 792"])
def test_lines_that_stand_upright_when_the_page_is_turned_are_paragraphs(matrix: bytes) -> None:
    words = " ".join(OATS)
    lines = [words[at : at + 90] for at in range(0, len(words), 90)]
    page = b"\n".join(drawn(line, 11, False, 600 - 14 * at) for at, line in enumerate(lines))
    article = read(pdf([b"q " + matrix + b" cm\n" + page + b"\nQ"]))
    assert [block.kind for block in article.blocks] == ["paragraph"]


def test_a_table_with_short_cells_is_no_page_of_columns() -> None:
    rows = [
        drawn(words, 11, False, 700 - 14 * at, column)
        for at in range(9)
        for column, words in ((60, f"Mill {at}"), (320, f"{at} sacks of oats and rye in each of the years"))
    ]
    assert "Mill 3 | 3 sacks" in " ".join(told(read(pdf([b"\n".join(rows)]))))


def test_raised_characters() -> None:
    page = b"\n".join(
        [
            b"BT /F1 11 Tf 72 700 Td (It was built in 1790) Tj /F1 7 Tf 5 Ts (12) Tj"
            b" /F1 11 Tf 0 Ts ( and holds 3 x 10) Tj"
            b" /F1 7 Tf 5 Ts (6) Tj /F1 11 Tf 0 Ts ( grains.) Tj ET",
            drawn(OATS[0][:70], 11, False, 650),
            b"BT /F1 11 Tf 72 600 Td (It was begun in 1801) Tj /F1 7 Tf 5 Ts (a) Tj"
            b" /F1 11 Tf 0 Ts ( by two millers) Tj /F1 7 Tf 5 Ts (b) Tj /F1 11 Tf 0 Ts (, on the 19) Tj"
            b" /F1 7 Tf 5 Ts (th) Tj /F1 11 Tf 0 Ts ( of May.) Tj ET",
        ]
    )
    found = told(read(pdf([page])))
    assert found[0] == "It was built in 1790 and holds 3 x 10^6 grains."
    assert found[-1] == "It was begun in 1801 by two millers, on the 19th of May."


def test_a_dimension_at_the_beginning_of_a_line_is_no_mark_of_a_note() -> None:
    raised = [b"BT /F1 7 Tf 72 704 Td (27) Tj ET", drawn("mm of bare wire at the end of the cable", 11, False, 700, 84)]
    article = read(pdf([b"\n".join([*raised, *_half(OATS[0], 660)])]))
    assert "27 mm of bare wire" in article.text


def test_letters_that_are_moved_apart_or_together_stay_words() -> None:
    page = b"\n".join([
        b"BT /F1 12 Tf 72 700 Td [(T) 140 (ower 2 of the Compan) -30 (y has subscriptio) 20 (n rights)] TJ ET",
        b"BT /F1 12 Tf 0.9 Tc 72 684 Td (The letters of this line are spaced a little) Tj 0 Tc ET",
        b"BT /F1 12 Tf 72 668 Td (and near-surface) Tj ET BT /F2 12 Tf 166.7 668 Td (flows) Tj ET",
    ])  # fmt: skip
    text = " ".join(told(read(pdf([page]))))
    assert "Tower 2 of the Company has subscription rights" in text
    assert "The letters of this line are spaced a little" in text
    assert "near-surface flows" in text
