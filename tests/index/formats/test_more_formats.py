"""Spreadsheets, presentations, OpenDocument, RTF, notebooks, subtitles, e-mail, JSON and archives."""

import json
from datetime import UTC, date, datetime

import pytest

from index.article import Article
from index.formats.registry import load
from index.parsing.types import LoadError, Note, Origin
from tests.support.compound_file import message_storage, old_workbook, outlook_message
from tests.support.documents import archive
from tests.support.tables import office, workbook


def read(data: bytes, name: str) -> Article:
    article, *rest = load(data, Origin(name, name))
    assert isinstance(article, Article)
    assert not [error for error in rest if not isinstance(error, Note)]
    return article


def told(article: Article) -> list[tuple[str, str]]:
    return [(block.kind, article.text[block.start : block.end]) for block in article.blocks]


def cell(place: str, text: str) -> str:
    return f'<c r="{place}" t="inlineStr"><is><t>{text}</t></is></c>'


def test_a_sheet_is_a_table_whose_cells_keep_their_places() -> None:
    styles = (
        '<numFmts><numFmt numFmtId="170" formatCode="d/m/yyyy"/></numFmts>'
        '<cellXfs><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="10"/><xf numFmtId="170"/></cellXfs>'
    )
    rows = (
        f"<row r='1'>{cell('A1', 'Sacks of the mills')}</row>"
        f"<row r='3'>{cell('A3', 'Mill')}{cell('B3', 'Built')}{cell('C3', 'Share')}{cell('D3', 'Sails')}</row>"
        f"<row r='4'>{cell('A4', 'North')}<c r='B4' s='1'><v>45356</v></c><c r='C4' s='2'><v>0.125</v></c></row>"
        f"<row r='5'>{cell('A5', 'South')}<c r='B5' s='3'><v>45357</v></c><c r='D5'><v>4.1000000000000005</v></c></row>"
    )
    article = read(workbook({"Mills": rows}, styles), "a.xlsx")
    assert told(article) == [
        ("heading", "Mills"),
        ("paragraph", "Sacks of the mills"),
        ("columns", "Mill | Built | Share | Sails"),
        ("row", "North | 2024-03-05 | 12.50% |"),
        ("row", "South | 2024-03-06 | | 4.1"),
    ]


def test_a_cell_that_spans_rows_stands_in_each_of_them() -> None:
    rows = (
        f"<row r='1'>{cell('A1', 'Mill')}{cell('B1', 'Year')}{cell('C1', 'Sails')}</row>"
        f"<row r='2'>{cell('A2', 'North')}{cell('B2', '1901')}<c r='C2'><v>4</v></c></row>"
        f"<row r='3'><c r='A3'/>{cell('B3', '1902')}<c r='C3'><v>5</v></c></row>"
        f"<row r='4'>{cell('B4', '1903')}<c r='C4'><v>6</v></c></row>"
    )
    merged = "</sheetData><mergeCells><mergeCell ref='A2:A3'/></mergeCells><sheetData>"
    found = [text for _, text in told(read(workbook({"Mills": rows + merged}), "a.xlsx"))]
    assert found[-3:] == ["North | 1901 | 4", "North | 1902 | 5", "| 1903 | 6"]


def test_an_old_workbook_shows_what_a_new_one_does() -> None:
    rows = [
        ["Mill", "Built", "Share"],
        ["North", (45356, 14), (0.125, 10)],
        ["South", (7.25, 46), (4.1000000000000005, 0)],
    ]
    article, note = load(old_workbook({"Mills": rows, "Secret": [["x"]]}, hidden=["Secret"]), Origin("a.xls"))
    assert isinstance(article, Article)
    assert told(article) == [
        ("heading", "Mills"),
        ("columns", "Mill | Built | Share"),
        ("row", "North | 2024-03-05 | 12.50%"),
        ("row", "South | 174:00 | 4.1"),
    ]
    assert str(note) == "hidden sheets are left out (1 of 2)"


@pytest.mark.parametrize(
    "data",
    [
        b"<table><tr><th>Mill<th>Sails<th>Year<tr><td>North<td>4<td>1904</table>",
        b"Mill\tSails\tYear\nNorth\t4\t1904\n",
        workbook({"Sheet1": f"<row>{cell('A1', 'Mill')}{cell('B1', 'Sails')}{cell('C1', 'Year')}</row>"
                            f"<row>{cell('A2', 'North')}{cell('B2', '4')}{cell('C2', '1904')}</row>"}),
    ],
    ids=["page", "text", "new"],
)  # fmt: skip
def test_what_is_called_a_workbook_is_read_as_what_it_is(data: bytes) -> None:
    assert [text for _, text in told(read(data, "mills.xls"))][-2:] == ["Mill | Sails | Year", "North | 4 | 1904"]


def test_a_sheet_of_two_cells_far_apart_costs_nothing() -> None:
    rows = f"<row r='1'>{cell('A1', 'a')}</row><row r='1048576'>{cell('XFD1048576', 'b')}</row>"
    assert [text for _, text in told(read(workbook({"Sheet1": rows}), "a.xlsx"))] == ["a"]


def test_a_text_document_is_read_with_its_tables_and_notes() -> None:
    content = (
        '<o:document-content xmlns:o="urn:o" xmlns:t="urn:t" xmlns:b="urn:b">'
        "<o:body><o:text><t:h>Mills</t:h><t:p>They<t:s/>grind<t:note><t:note-citation>1</t:note-citation>"
        "<t:note-body><t:p>Slowly.</t:p></t:note-body></t:note> oats.</t:p>"
        "<b:table><b:table-header-rows><b:table-row><b:table-cell><t:p>Mill</t:p></b:table-cell>"
        "<b:table-cell><t:p>Sails</t:p></b:table-cell></b:table-row></b:table-header-rows>"
        "<b:table-row><b:table-cell><t:p>North</t:p></b:table-cell><b:table-cell/></b:table-row>"
        "<b:table-row><b:table-cell><t:p>South</t:p></b:table-cell><b:table-cell><t:p>4</t:p></b:table-cell>"
        "</b:table-row></b:table></o:text></o:body></o:document-content>"
    )
    assert told(read(archive({"content.xml": content}), "mills.odt")) == [
        ("heading", "Mills"),
        ("paragraph", "They grind oats."),
        ("paragraph", "Slowly."),
        ("columns", "Mill | Sails"),
        ("row", "North |"),
        ("row", "South | 4"),
    ]


def test_lists_of_a_text_document_have_the_signs_of_their_style() -> None:
    content = (
        '<o:document-content xmlns:o="urn:o" xmlns:t="urn:t" xmlns:s="urn:s"><o:automatic-styles>'
        '<t:list-style s:name="L1"><t:list-level-style-number t:level="1" s:num-format="1" s:num-suffix="."/>'
        '<t:list-level-style-bullet t:level="2"/></t:list-style></o:automatic-styles>'
        '<o:body><o:text><t:list t:style-name="L1"><t:list-item><t:p>Grind</t:p></t:list-item>'
        "<t:list-item><t:p>Bake</t:p><t:list><t:list-item><t:p>hot</t:p></t:list-item></t:list></t:list-item></t:list>"
        "<t:p>Eat.</t:p></o:text></o:body></o:document-content>"
    )
    article = read(archive({"content.xml": content}), "mills.odt")
    assert [(block.sign, block.level) for block in article.blocks] == [("1.", 1), ("2.", 1), ("•", 2), ("", 0)]


def test_lists_are_numbered_by_the_styles_of_the_whole_document_and_of_paragraphs() -> None:
    names = 'xmlns:o="urn:o" xmlns:t="urn:t" xmlns:s="urn:s"'
    styles = (
        f'<o:document-styles {names}><o:styles><t:list-style s:name="Numbering_20_1">'
        '<t:list-level-style-number t:level="1" s:num-format="i" s:num-prefix="(" s:num-suffix=")" t:start-value="3"/>'
        '<t:list-level-style-number t:level="2" s:num-format="1" s:num-suffix="." t:display-levels="2"/>'
        '</t:list-style><s:style s:name="Steps" s:list-style-name="Numbering_20_1"/></o:styles></o:document-styles>'
    )
    content = (
        f'<o:document-content {names}><o:automatic-styles><s:style s:name="P1" s:parent-style-name="Steps"/>'
        '</o:automatic-styles><o:body><o:text><t:list><t:list-item><t:p t:style-name="P1">Sow</t:p></t:list-item>'
        "<t:list-item><t:p>Reap</t:p><t:list><t:list-item><t:p>dry</t:p></t:list-item></t:list></t:list-item></t:list>"
        '<t:p>Then:</t:p><t:list t:style-name="Numbering_20_1" t:continue-numbering="true"><t:list-item><t:p>Grind'
        '</t:p></t:list-item><t:list-item t:start-value="9"><t:p>Bake</t:p></t:list-item></t:list>'
        "</o:text></o:body></o:document-content>"
    )
    article = read(archive({"content.xml": content, "styles.xml": styles}), "mills.odt")
    expected = [("(iii)", 1), ("(iv)", 1), ("iv.1.", 2), ("", 0), ("(v)", 1), ("(ix)", 1)]
    assert [(block.sign, block.level) for block in article.blocks] == expected


@pytest.mark.slow
def test_cells_of_a_sheet_that_are_repeated_without_end_are_not() -> None:
    content = (
        '<o:document-content xmlns:o="urn:o" xmlns:t="urn:t" xmlns:b="urn:b"><o:body>'
        '<o:spreadsheet><b:table b:name="S">'
        '<b:table-row b:number-rows-repeated="99999999"><b:table-cell b:number-columns-repeated="99999999">'
        "<t:p>x</t:p></b:table-cell></b:table-row></b:table></o:spreadsheet></o:body></o:document-content>"
    )
    (article,) = load(archive({"content.xml": content}), Origin("a.ods"))
    assert isinstance(article, Article)
    assert len(article.blocks) <= 20_001


def test_slides_are_pages_with_their_titles_first() -> None:
    spaces = 'xmlns:p="urn:p" xmlns:a="urn:a" xmlns:r="http://r"'
    slide = (
        f"<p:sld {spaces}><p:cSld><p:spTree><p:sp><p:txBody><a:p><a:r><a:t>They grind.</a:t>"
        f"</a:r></a:p></p:txBody></p:sp>"
        '<p:sp><p:nvSpPr><p:nvPr><p:ph type="title"/></p:nvPr></p:nvSpPr><p:txBody><a:p><a:r>'
        "<a:t>Mills</a:t></a:r></a:p>"
        "</p:txBody></p:sp><p:graphicFrame><a:tbl><a:tr><a:tc><a:p><a:r><a:t>North</a:t></a:r></a:p></a:tc>"
        "<a:tc><a:p><a:r><a:t>4 sails</a:t></a:r></a:p></a:tc></a:tr></a:tbl></p:graphicFrame>"
        "</p:spTree></p:cSld></p:sld>"
    )
    main = f'<p:presentation {spaces}><p:sldIdLst><p:sldId id="1" r:id="r1"/></p:sldIdLst></p:presentation>'
    data = office("ppt/p.xml", "presentation", {"ppt/p.xml": main, "ppt/s.xml": slide}, {"s.xml": "slide"})
    article = read(data, "mills.pptx")
    assert article.title == "Mills"
    assert [(block.page, text) for block, (_, text) in zip(article.blocks, told(article), strict=True)] == [
        (1, "They grind."),
        (1, "North | 4 sails"),
    ]


def test_charts_of_slides_are_read_and_notes_of_speakers_told() -> None:
    spaces = 'xmlns:p="urn:p" xmlns:a="urn:a" xmlns:r="http://r" xmlns:c="urn:c"'
    frame = (
        '<p:graphicFrame><a:graphic><a:graphicData><c:chart r:id="r1"/></a:graphicData></a:graphic></p:graphicFrame>'
    )
    slide = f"<p:sld {spaces}><p:cSld><p:spTree>{frame}</p:spTree></p:cSld></p:sld>"
    pairs = "".join(f'<c:pt idx="{at}"><c:v>{2022 + at}</c:v></c:pt>' for at in range(2))
    chart = f"<c:chartSpace {spaces}><c:ser><c:tx><c:v>Sacks</c:v></c:tx><c:cat>{pairs}</c:cat><c:val>{pairs}</c:val>"
    words = (
        '<p:nvSpPr><p:nvPr><p:ph type="body"/></p:nvPr></p:nvSpPr><p:txBody><a:p><a:t>Say oats</a:t></a:p></p:txBody>'
    )
    notes = f"<p:notes {spaces}><p:sp>{words}</p:sp></p:notes>"
    links = '<Relationships xmlns="urn:r"><Relationship Id="r1" Type="x/chart" Target="c.xml"/>'
    links += '<Relationship Id="r2" Type="x/notesSlide" Target="n.xml"/></Relationships>'
    main = f'<p:presentation {spaces}><p:sldIdLst><p:sldId id="1" r:id="r1"/></p:sldIdLst></p:presentation>'
    members = {
        "p.xml": main,
        "s.xml": slide,
        "c.xml": f"{chart}</c:ser></c:chartSpace>",
        "n.xml": notes,
        "_rels/s.xml.rels": links,
    }
    data = office(
        "ppt/p.xml", "presentation", {f"ppt/{name}": text for name, text in members.items()}, {"s.xml": "slide"}
    )
    article, note = load(data, Origin("mills.pptx"))
    assert isinstance(article, Article)
    assert [text for _, text in told(article)] == ["| Sacks", "2022 | 2022", "2023 | 2023"]
    assert str(note) == "its notes of speakers are left out (7 characters)"


def test_raised_characters_comments_and_pictures_of_open_document() -> None:
    names = ("office", "text", "draw", "style")
    urn = "urn:oasis:names:tc:opendocument:xmlns"
    spaces = (
        " ".join(f'xmlns:{name}="{urn}:{name}:1.0"' for name in names) + f' xmlns:svg="{urn}:svg:1.0" xmlns:dc="urn:dc"'
    )
    style = '<style:style style:name="S"><style:text-properties style:text-position="super 58%"/></style:style>'
    sup = '<text:span text:style-name="S">{}</text:span>'
    body = (
        f"<text:p>It bears 10{sup.format(6)} N since 1904{sup.format(12)} on "
        f"4 <text:span>Km</text:span>{sup.format(2)}."
        "<office:annotation><dc:creator>Ann</dc:creator><text:p>By whom?</text:p></office:annotation></text:p>"
        "<text:p><draw:frame><svg:desc>A mill in snow</svg:desc></draw:frame></text:p>"
    )
    text = f"{style}<office:body><office:text>{body}</office:text></office:body>"
    content = f"<office:document-content {spaces}>{text}</office:document-content>"
    assert told(read(archive({"content.xml": content}), "a.odt")) == [
        ("paragraph", "It bears 10^6 N since 1904 on 4 Km²."),
        ("paragraph", "[Picture: A mill in snow]"),
        ("heading", "Comments"),
        ("paragraph", "Ann: By whom?"),
    ]


def test_quotations_and_signatures_of_mail_are_paragraphs_of_their_own() -> None:
    body = "They grind oats.\n> Do they\n> grind rye?\n>> Or barley?\nThey do.\n-- \nAnn"
    data = f"From: Ann <a@b.c>\nSubject: Mills\nContent-Type: text/plain\n\n{body}\n".encode()
    assert [text for _, text in told(read(data, "a.eml"))] == [
        *("They grind oats.", "Do they grind rye?", "Or barley?", "They do.", "Ann"),
    ]


def test_rich_text_is_read_with_its_tables() -> None:
    data = rb"{\rtf1\ansi{\info{\title Mills of the coast}{\author Ann Lund}}They grind \b oats\b0  at \'e9.\par "
    data += rb"\trowd A\cell B\cell C\cell\row\trowd North\cell 4\cell 7\cell\row It rained.\par}"
    article = read(data, "mills.rtf")
    assert (article.title, article.authors) == ("Mills of the coast", ("Ann Lund",))
    assert [text for _, text in told(article)] == ["They grind oats at é.", "A | B | C", "North | 4 | 7", "It rained."]


def test_headings_notes_and_raised_characters_of_rich_text() -> None:
    data = rb"{\rtf1\ansi\ansicpg1252{\info{\title M\'fchlen}{\creatim\yr2024\mo3\dy5\hr1}}"
    data += rb"{\pard\outlinelevel0 Rent\par}{\pard The miller paid 1904{\super\chftn}"
    data += rb"{\*\footnote\pard{\super\chftn} Deed of 1790.}"
    data += rb" in flour, 3 x 10{\super 6} grains on 450 m{\super 2}{\v not shown}.{\pict\pngblip\bin 89504e47}\par}"
    data += rb"\trowd Year\cell Ships{\footnote Of the line.}\cell Crew\cell\row\trowd 1904\cell 4\cell 80\cell\row}"
    article = read(data, "mills.rtf")
    assert (article.title, article.published) == ("Mühlen", date(2024, 3, 5))
    assert told(article) == [
        ("heading", "Rent"),
        ("paragraph", "The miller paid 1904 in flour, 3 x 10^6 grains on 450 m²."),
        ("paragraph", "Deed of 1790."),
        ("columns", "Year | Ships Of the line. | Crew"),
        ("row", "1904 | 4 | 80"),
    ]


def test_rich_text_without_its_beginning_is_read_and_of_pictures_alone_nothing() -> None:
    piece = rb"{\pard They grind oats at the mill of Aske.\par}{\pard Its four sails were made in 1790.\par}"
    article, note = load(piece, Origin("a.rtf"))
    assert isinstance(article, Article)
    assert told(article) == [
        ("paragraph", "They grind oats at the mill of Aske."),
        ("paragraph", "Its four sails were made in 1790."),
    ]
    assert "its beginning is missing" in str(note)
    with pytest.raises(LoadError, match="has no text"):
        load(rb"{\rtf1{\pict\jpegblip\bin ffd8ffe0}\par}", Origin("a.rtf"))


@pytest.mark.parametrize(
    ("source", "wanted"),
    [
        (r"It bears 10\super 6\nosupersub  N.\super 3\nosupersub  So.", ["It bears 10^6 N. So."]),
        (r"It has 450 m\super 2\par\nosupersub of floor.", ["It has 450 m²", "of floor."]),
        (r"A rent of 1904\up6 12\up0  sacks, {\super{\b 4}} paid.", ["A rent of 1904 sacks, paid."]),
        (r"The \v secret\v0 mill \plain of {\v hidden }Aske.", ["The mill of Aske."]),
        (r"Grind \deleted rye\deleted0 oats.", ["Grind oats."]),
        (r"Half {of \super it", ["Half of it"]),
    ],
)
def test_raised_and_hidden_words_of_rich_text_without_braces(source: str, wanted: list[str]) -> None:
    assert read(rf"{{\rtf1 {source}}}".encode(), "a.rtf").text == "\n\n".join(wanted)


def test_notes_of_latex_stand_behind_their_paragraphs() -> None:
    source = r"""\begin{document}\section{Rent\footnote{In flour.}}
The miller paid\footnote{See the {deed} of 1790.} in flour. Then he left.

\begin{tabular}{ll}Year & Sacks\footnote{Of oats.} \\ 1904 & 12 \\ 1905 & 14\end{tabular}\end{document}"""
    assert [text for _, text in told(read(source.encode(), "a.tex"))] == [
        *("Rent", "In flour.", "The miller paid in flour. Then he left.", "See the deed of 1790."),
        *("Year | Sacks", "1904 | 12", "1905 | 14", "Of oats."),
    ]


def test_a_notebook_is_read_by_its_cells() -> None:
    cells = [{"cell_type": "markdown", "source": ["# Mills\n", "\n", "They *grind*."]}]
    cells.append({"cell_type": "code", "source": ["grind(4)"]})
    article = read(json.dumps({"cells": cells}).encode(), "mills.ipynb")
    assert article.title == "Mills"
    assert "They \u2060grind\u2060." in article.text
    assert article.media_type == "application/x-ipynb+json"


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.srt", b"1\n00:00:01,000 --> 00:00:03,000\nThe mill\n\n"
        b"2\n00:00:03,000 --> 00:00:04,500\n<i>grinds</i> oats.\n"),
        ("a.vtt", b"WEBVTT\n\nNOTE by Ann\n\n00:01.000 --> 00:03.000 align:left\nThe mill\n\n"
        b"00:03.000 --> 00:04.500\ngrinds oats.\n"),
    ],
)  # fmt: skip
def test_subtitles_become_running_text(name: str, data: bytes) -> None:
    assert told(read(data, name)) == [("paragraph", "The mill grinds oats.")]


MAIL = (
    b"From: Ann Lund <ann@mill.example>\r\nSubject: =?utf-8?q?The_mill_at_=C3=89?=\r\n"
    b"Date: Tue, 5 Mar 2024 23:30:00 -0800\r\nMIME-Version: 1.0\r\n"
    b"Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\nContent-Type: text/html\r\n\r\n"
    b"<p>It <b>grinds</b>.</p>\r\n"
    b"--x\r\nContent-Type: text/plain\r\nContent-Disposition: attachment; filename=note.txt\r\n"
    b"\r\nOats came on Monday.\r\n"
    b"--x\r\nContent-Type: image/png\r\nContent-Disposition: attachment; filename=a.png\r\n\r\nx\r\n--x--\r\n"
)


def test_a_dash_in_subtitles_is_another_speaker() -> None:
    data = (
        b"WEBVTT\n\n00:01.000 --> 00:03.000\n<v Ann>Does it turn?\n\n00:03.000 --> 00:05.000\n- It does.\n- At night."
    )
    assert [text for _, text in told(read(data, "a.vtt"))] == ["Ann: Does it turn?", "It does.", "At night."]


def test_a_message_is_an_article_and_so_is_what_is_attached() -> None:
    message, note, left_out = load(MAIL, Origin("mill.eml"))
    assert isinstance(message, Article)
    assert (message.title, message.authors, message.published) == ("The mill at É", ("Ann Lund",), date(2024, 3, 5))
    assert told(message) == [("paragraph", "It grinds.")]
    assert isinstance(note, Article)
    assert note.text.strip() == "Oats came on Monday."
    assert isinstance(left_out, Note)


def test_a_message_of_outlook_is_read_as_other_messages_are() -> None:
    sent = datetime(2024, 3, 5, 8, tzinfo=UTC)
    inner = message_storage("Rye", "Bo Marsh", sent, "Rye came on Tuesday.")
    data = outlook_message("The mill", "Ann Lund", sent, "It grinds.", {"note.txt": b"Oats.", "a.png": b"x"}, [inner])
    message, note, left_out, within = load(data, Origin("mill.msg"))
    assert isinstance(message, Article)
    assert (message.title, message.authors, message.published) == ("The mill", ("Ann Lund",), date(2024, 3, 5))
    assert told(message) == [("paragraph", "It grinds.")]
    assert isinstance(note, Article)
    assert note.text.strip() == "Oats."
    assert isinstance(left_out, Note)
    assert isinstance(within, Article)
    assert (within.title, told(within)) == ("Rye", [("paragraph", "Rye came on Tuesday.")])


def test_a_mailbox_is_read_message_by_message() -> None:
    box = b"From a@b.c Tue Mar 5\n" + MAIL.replace(b"\r\n", b"\n") + b"\nFrom a@b.c Wed\nSubject: Rain\n\nIt rained.\n"
    articles = [part for part in load(box, Origin("mill.mbox")) if isinstance(part, Article)]
    assert [article.title for article in articles][::2] == ["The mill at É", "Rain"]
    assert len({article.id for article in articles}) == 3


def test_json_is_a_list_of_articles_a_feed_or_a_table() -> None:
    assert told(read(b'[{"title": "Mill", "text": "It grinds."}]', "a.json")) == [("paragraph", "It grinds.")]
    item = {"id": "1", "url": "https://mill.example/1", "title": "Mill", "content_html": "<p>It <b>grinds</b>.</p>",
            "date_published": "2024-03-05T08:00:00Z", "authors": [{"name": "Ann Lund"}]}  # fmt: skip
    feed = {"version": "https://jsonfeed.org/version/1.1", "title": "Mills", "items": [item]}
    article = read(json.dumps(feed).encode(), "feed.json")
    assert (article.url, article.authors, article.source) == ("https://mill.example/1", ("Ann Lund",), "Mills")
    assert told(article) == [("paragraph", "It grinds.")]
    table = read(b'[{"mill": "North", "sails": 4}, {"mill": "South", "sails": null}]', "mills.json")
    assert [text for _, text in told(table)] == ["mill | sails", "North | 4", "South |"]


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"[1, 2]", "no list of objects"),
        (b"{", "not valid JSON"),
        (b'[{"story": "The mill grinds oats."}]', r"\(found: story\)"),
        (b'{"a": {"b": 1}}', r"\(found: a\)"),
    ],
)
def test_json_without_articles_says_what_there_is(data: bytes, reason: str) -> None:
    with pytest.raises(LoadError, match=reason):
        load(data, Origin("a.json"))


def test_an_archive_is_read_file_by_file() -> None:
    inner = archive({"c.txt": "Rye came on Tuesday."})
    data = archive(
        {"a.txt": "Oats came on Monday.", "b.exe": b"x", "d.pdf": b"x", "e.zip": inner, "__MACOSX/a.txt": "x"}
    )
    loaded = load(data, Origin("box.zip", "box.zip"))
    articles = [part for part in loaded if isinstance(part, Article)]
    assert [article.path for article in articles] == ["box.zip!/a.txt", "box.zip!/e.zip!/c.txt"]
    assert next(str(part) for part in loaded if isinstance(part, LoadError)).startswith("d.pdf: the file is no PDF")
    assert "b.exe" in str(loaded[-1])
    assert isinstance(loaded[-1], Note)


def test_archives_in_archives_end() -> None:
    data = archive({"a.txt": "x"})
    for _ in range(6):
        data = archive({"in.zip": data})
    (error,) = load(data, Origin("a.zip"))
    assert "unpack them" in str(error)


@pytest.mark.parametrize(
    "name", ["a.xlsx", "a.pptx", "a.odt", "a.rtf", "a.ipynb", "a.srt", "a.json", "a.zip", "a.docm", "a.xls", "a.msg"]
)
@pytest.mark.parametrize("data", [b"", b"\0" * 100, b"PK\x03\x04" + b"x" * 50, b"{}", b"[]"])
def test_what_is_broken_is_an_error_of_one_line(name: str, data: bytes) -> None:
    with pytest.raises(LoadError) as error:
        load(data, Origin(name))
    assert "\n" not in str(error.value)
