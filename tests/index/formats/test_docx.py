"""Word documents: nothing that a reader sees is lost, and what the file says of itself is taken with care."""

from datetime import date

import pytest

from index.article import Article
from index.formats.registry import load
from index.parsing.types import LoadError, Note, Origin
from tests.support.documents import archive, docx_members

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
M = "http://schemas.openxmlformats.org/officeDocument/2006/math"
MC = "http://schemas.openxmlformats.org/markup-compatibility/2006"
RELATION = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
NAMES = f'xmlns:w="{W}" xmlns:m="{M}" xmlns:mc="{MC}" xmlns:v="urn:schemas-microsoft-com:vml"'


def members(body: str, core: str = "", parts: dict[str, str] | None = None, styles: str = "") -> dict[str, str]:
    """A document whose body is given as XML, with more parts that it refers to by their kind."""
    made = docx_members([])
    made["word/document.xml"] = f"<w:document {NAMES}><w:body>{body}</w:body></w:document>"
    if styles:
        made["word/styles.xml"] = f"<w:styles {NAMES}>{styles}</w:styles>"
    made["docProps/core.xml"] = (
        '<cp:coreProperties xmlns:cp="urn:c" xmlns:dc="urn:d" xmlns:dcterms="urn:t">' + core + "</cp:coreProperties>"
    )
    for kind, xml in (parts or {}).items():
        made[f"word/{kind}.xml"] = xml
        link = f'<Relationship Id="x{kind}" Type="{RELATION}/{kind}" Target="{kind}.xml"/></Relationships>'
        relations = "word/_rels/document.xml.rels"
        made[relations] = made[relations].replace("</Relationships>", link)
    return made


def p(words: str, properties: str = "") -> str:
    return f"<w:p><w:pPr>{properties}</w:pPr><w:r><w:t>{words}</w:t></w:r></w:p>"


def table(*rows: str) -> str:
    return f"<w:tbl><w:tblPr/>{''.join(rows)}</w:tbl>"


def row(*cells: str) -> str:
    return f"<w:tr>{''.join(f'<w:tc>{p(cell)}</w:tc>' for cell in cells)}</w:tr>"


def control(content: str) -> str:
    return f"<w:sdt><w:sdtPr><w:alias w:val='Name'/></w:sdtPr><w:sdtContent>{content}</w:sdtContent></w:sdt>"


def read(body: str, **others: object) -> Article:
    (article,) = load(archive(members(body, **others)), Origin("a.docx"))  # type: ignore[arg-type]
    assert isinstance(article, Article)
    return article


def told(article: Article) -> list[str]:
    return [article.text[block.start : block.end] for block in article.blocks]


BOX = f"<w:txbxContent>{p('The mill has four sails.')}</w:txbxContent>"


@pytest.mark.parametrize(
    ("body", "wanted"),
    [
        (control(p("The mill grinds oats.")), ["The mill grinds oats."]),
        (control(control(p("Oats.")) + p("Rye.")), ["Oats.", "Rye."]),
        (control(table(row("Sail", "Length"))), ["Sail | Length"]),
        (table(row("Sail", "Length"), control(row("North", "9 m"))), ["Sail | Length", "North | 9 m"]),
        (table("<w:tr>" + control(f"<w:tc>{p('North')}</w:tc>") + f"<w:tc>{p('9 m')}</w:tc></w:tr>"), ["North | 9 m"]),
        (table(f"<w:tr><w:tc>{control(p('North'))}</w:tc></w:tr>"), ["North"]),
        (f"<w:p>{control('<w:r><w:t>Oats</w:t></w:r>')}<w:r><w:t> grow.</w:t></w:r></w:p>", ["Oats grow."]),
        (f"<w:customXml>{p('Oats grow.')}</w:customXml>", ["Oats grow."]),
        (
            f"<w:p><w:r><mc:AlternateContent><mc:Choice>{BOX}</mc:Choice><mc:Fallback><v:textbox>{BOX}</v:textbox>"
            "</mc:Fallback></mc:AlternateContent></w:r></w:p>",
            ["The mill has four sails."],
        ),
        (
            f"<w:p><w:r><w:t>Oats.</w:t><mc:AlternateContent><mc:Choice/><mc:Fallback>{BOX}</mc:Fallback>"
            "</mc:AlternateContent></w:r></w:p>",
            ["Oats.", "The mill has four sails."],
        ),
        (f"<w:p><w:r><w:pict><v:shape><v:textbox>{BOX}</v:textbox></v:shape></w:pict></w:r></w:p>",
         ["The mill has four sails."]),
        (table(f"<w:tr><w:tc>{table(row('in', 'side'))}{p('out')}</w:tc></w:tr>"), ["in | side out"]),
    ],
)  # fmt: skip
def test_nothing_is_lost_and_nothing_is_read_twice(body: str, wanted: list[str]) -> None:
    assert told(read(body)) == wanted


def test_a_large_first_letter_is_one_word_with_the_rest() -> None:
    assert (
        told(read(p("T", "<w:framePr w:dropCap='drop'/>") + p("he mill grinds.") + p("Oats.")))[0] == "The mill grinds."
    )


def test_merged_cells_keep_their_columns_and_no_grid_is_asked_for() -> None:
    wide = f"<w:tc><w:tcPr><w:gridSpan w:val='2'/></w:tcPr>{p('Sails')}</w:tc>"
    merged = "<w:tc><w:tcPr><w:vMerge/></w:tcPr><w:p/></w:tc>"
    rows = [f"<w:tr><w:tc>{p('Mill')}</w:tc>{wide}</w:tr>", f"<w:tr>{merged}<w:tc>{p('four')}</w:tc>{merged}</w:tr>"]
    assert told(read(table(*rows))) == ["Mill | Sails |", "Mill | four |"]


def test_an_empty_cell_keeps_its_place() -> None:
    assert told(read(table(row("Year", "Oats", "Rye"), row("1790", "", "7 sacks")))) == [
        "Year | Oats | Rye",
        "1790 | | 7 sacks",
    ]


def test_notes_stand_after_their_paragraph() -> None:
    def notes(kind: str, words: str) -> str:
        line = f"<w:{kind} w:type='separator' w:id='0'>{p('----')}</w:{kind}>"
        return f"<w:{kind}s {NAMES}>{line}<w:{kind} w:id='1'>{p(words)}</w:{kind}></w:{kind}s>"

    body = (
        "<w:p><w:r><w:t>The miller paid no rent.</w:t></w:r><w:r><w:footnoteReference w:id='1'/></w:r></w:p>"
        "<w:p><w:r><w:t>His son did.</w:t></w:r><w:r><w:endnoteReference w:id='1'/></w:r></w:p>"
    )
    parts = {"footnotes": notes("footnote", "Deed of 1790."), "endnotes": notes("endnote", "Deed of 1820.")}
    assert told(read(body, parts=parts)) == [
        "The miller paid no rent.",
        "Deed of 1790.",
        "His son did.",
        "Deed of 1820.",
    ]


def _math(inner: str) -> str:
    return f"<w:p><w:r><w:t>It is </w:t></w:r><m:oMath>{inner}</m:oMath><w:r><w:t> here.</w:t></w:r></w:p>"


def _e(words: str, tag: str = "e") -> str:
    return f"<m:{tag}><m:r><m:t>{words}</m:t></m:r></m:{tag}>"


@pytest.mark.parametrize(
    ("inner", "wanted"),
    [
        ("<m:r><m:t>12 kN</m:t></m:r>", "12 kN"),
        (f"<m:f><m:fPr/>{_e('a+b', 'num')}{_e('c', 'den')}</m:f>", "(a+b)/c"),
        (f"<m:sSup>{_e('10')}{_e('6', 'sup')}</m:sSup>", "10^6"),
        (f"<m:sSub>{_e('x')}{_e('1', 'sub')}</m:sSub>", "x_1"),
        (f"<m:rad><m:radPr/><m:deg/>{_e('2x')}</m:rad>", "√(2x)"),
        (f"<m:rad>{_e('3', 'deg')}{_e('2x')}</m:rad>", "3√(2x)"),
        (f"<m:d><m:dPr><m:begChr m:val='['/><m:endChr m:val=']'/></m:dPr>{_e('a')}{_e('b')}</m:d>", "[a, b]"),
    ],
)
def test_equations_are_words_of_their_sentence(inner: str, wanted: str) -> None:
    assert told(read(_math(inner))) == [f"It is {wanted} here."]


@pytest.mark.parametrize(
    ("before", "mark", "wanted"), [("3 x 10", "6", "3 x 10^6"), ("in 1790", "12", "in 1790"), ("40 m", "2", "40 m²")]
)
def test_raised_characters(before: str, mark: str, wanted: str) -> None:
    raised = '<w:rPr><w:vertAlign w:val="superscript"/></w:rPr>'
    runs = "".join(f"<w:r>{raised}<w:t>{sign}</w:t></w:r>" for sign in mark)
    body = f"<w:p><w:r><w:t>It was {before}</w:t></w:r>{runs}<w:r><w:t> of it.</w:t></w:r></w:p>"
    assert told(read(body)) == [f"It was {wanted} of it."]


def test_headings_by_the_style_they_are_based_on_and_by_outline_level() -> None:
    styles = (
        "<w:style w:type='paragraph' w:styleId='H1'><w:name w:val='heading 1'/></w:style>"
        "<w:style w:type='paragraph' w:styleId='Own'><w:name w:val='House style'/><w:basedOn w:val='H1'/></w:style>"
        "<w:style w:type='paragraph' w:styleId='Level'><w:name w:val='Big'/><w:pPr><w:outlineLvl w:val='1'/></w:pPr>"
        "</w:style>"
        "<w:style w:type='paragraph' w:styleId='Ring'><w:name w:val='Ring'/><w:basedOn w:val='Ring'/></w:style>"
    )
    body = "".join(
        [
            p("The mill", "<w:pStyle w:val='Own'/>"),
            p("It grinds oats."),
            p("The miller", "<w:pStyle w:val='Level'/>"),
            p("He is old.", "<w:pStyle w:val='Ring'/>"),
            p("The son", "<w:outlineLvl w:val='2'/>"),
            p("He is young.", "<w:pStyle w:val='Own'/><w:outlineLvl w:val='9'/>"),
        ]
    )
    article = read(body, styles=styles)
    kinds = {article.text[block.start : block.end]: block.kind for block in article.blocks}
    assert [text for text, kind in kinds.items() if kind == "heading"] == ["The mill", "The miller", "The son"]
    assert article.title == "The mill"


def test_without_properties_the_first_heading_is_the_title_and_there_is_no_date() -> None:
    body = p("The mill of Aske", "<w:pStyle w:val='Heading1'/>") + p("It grinds oats.")
    made = {name: data for name, data in members(body).items() if name != "docProps/core.xml"}
    (article,) = load(archive(made), Origin("a.docx"))
    assert isinstance(article, Article)
    assert (article.title, article.published, article.authors) == ("The mill of Aske", None, ())


@pytest.mark.parametrize(
    ("core", "title", "authors", "published"),
    [
        ("<dc:title>Word Document</dc:title><dc:creator>python-docx</dc:creator>", "It grinds oats.", (), None),
        ("<dcterms:created>2013-12-23T23:15:00Z</dcterms:created>", "It grinds oats.", (), None),
        ("<dcterms:created>2024-03-05T23:30:00-08:00</dcterms:created>", "It grinds oats.", (), date(2024, 3, 5)),
        ("<dc:creator>Okafor, Ngozi</dc:creator>", "It grinds oats.", ("Okafor, Ngozi",), None),
        (
            "<dc:creator>Okafor, Ngozi; Prado, Ana</dc:creator>",
            "It grinds oats.",
            ("Okafor, Ngozi", "Prado, Ana"),
            None,
        ),
        ("<dc:creator>Ngozi Okafor, Ana Prado</dc:creator>", "It grinds oats.", ("Ngozi Okafor", "Ana Prado"), None),
        ("<dc:title>draft_2.docx</dc:title><dc:creator>admin</dc:creator>", "It grinds oats.", (), None),
        ("<dc:title>On mills</dc:title>", "On mills", (), None),
    ],
)
def test_what_programs_write_is_no_metadata(
    core: str, title: str, authors: tuple[str, ...], published: date | None
) -> None:
    article = read(p("It grinds oats."), core=core)
    assert (article.title, article.authors, article.published) == (title, authors, published)


def test_a_document_of_the_strict_standard_is_read() -> None:
    strict = "http://purl.oclc.org/ooxml"
    made = {
        name: data.replace(W, f"{strict}/wordprocessingml/main").replace(RELATION, f"{strict}/officeDocument/relations")
        for name, data in members(p("It grinds oats.")).items()
    }
    (article,) = load(archive(made), Origin("a.docx"))
    assert isinstance(article, Article)
    assert told(article) == ["It grinds oats."]


def test_descriptions_of_pictures_stand_after_their_paragraph() -> None:
    def drawing(description: str) -> str:
        return f"<w:r><w:drawing><wp:docPr xmlns:wp='urn:p' descr='{description}'/></w:drawing></w:r>"

    body = f"<w:p><w:r><w:t>The sails turn.</w:t></w:r>{drawing('A mill with four sails')}{drawing('mill.png')}</w:p>"
    body += "<w:p><w:pict><v:shape alt='A sack of oats'/></w:pict></w:p>" + p("It grinds oats.")
    found = told(read(body))
    assert found == [
        "The sails turn.",
        "[Picture: A mill with four sails]",
        "[Picture: A sack of oats]",
        "It grinds oats.",
    ]


def test_signs_of_the_font_symbol_are_read_and_hidden_words_are_not() -> None:
    sign = "<w:r><w:sym w:font='Symbol' w:char='F0B0'/></w:r>"
    hidden = "<w:r><w:rPr><w:vanish/></w:rPr><w:t> Not shown.</w:t></w:r>"
    body = f"<w:p><w:r><w:t>It is 7 </w:t></w:r>{sign}<w:r><w:t>C.</w:t></w:r>{hidden}</w:p>"
    assert told(read(body)) == ["It is 7 °C."]


def test_comments_stand_at_the_end_with_their_authors() -> None:
    comment = f"<w:comment w:id='1' w:author='Ann Lund'>{p('Since 1790?')}{p('Or later.')}</w:comment>"
    article = read(p("It grinds oats."), parts={"comments": f"<w:comments {NAMES}>{comment}</w:comments>"})
    assert told(article) == ["It grinds oats.", "Comments", "Ann Lund: Since 1790?", "Or later."]
    assert article.blocks[1].kind == "heading"


def test_xml_that_is_damaged_is_read_as_far_as_it_makes_sense() -> None:
    made = members(p("It grinds oats.") + "<w:p a:b= ><w:r><w:t>It grinds rye.</w:t></w:r></w:p>")
    article, note = load(archive(made), Origin("a.docx"))
    assert isinstance(article, Article)
    assert told(article) == ["It grinds oats.", "It grinds rye."]
    assert "its XML is damaged" in str(note)


def test_what_is_left_out_is_told() -> None:
    header = f"<w:hdr {NAMES}>{p('Mills of the north')}</w:hdr>"
    article, note = load(archive(members(p("It grinds oats."), parts={"header": header})), Origin("a.docx"))
    assert isinstance(article, Article)
    assert isinstance(note, Note)
    assert str(note) == "its headers are left out (18 characters)"


def test_a_small_share_is_a_warning() -> None:
    lost = "<w:r><w:foreign><w:pPr><w:t>" + "The mill grinds oats and rye. " * 20 + "</w:t></w:pPr></w:foreign></w:r>"
    article, warning = load(archive(members(p("It grinds oats.") + f"<w:p>{lost}</w:p>")), Origin("a.docx"))
    assert isinstance(article, Article)
    assert isinstance(warning, LoadError)
    assert not isinstance(warning, Note)
    assert str(warning).startswith("only 13 of 493 characters are read: ")


def test_deep_nesting_is_no_crash() -> None:
    deep = "<w:sdt><w:sdtContent>" * 240 + p("Deep.") + "</w:sdtContent></w:sdt>" * 240
    with pytest.raises(LoadError):
        list(load(archive(members(deep)), Origin("a.docx")))


def test_a_workbook_with_the_ending_of_a_document_is_told() -> None:
    made = members("")
    made["word/document.xml"] = "<workbook/>"
    with pytest.raises(LoadError, match=r"is no Word document but one of another kind \(workbook\)"):
        load(archive(made), Origin("a.docx"))


def item(words: str, list_id: int, level: int = 0) -> str:
    return p(words, f'<w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="{list_id}"/></w:numPr>')


def test_items_have_the_signs_that_the_document_draws() -> None:
    def level(number: int, form: str, sign: str, start: int = 1) -> str:
        return (
            f'<w:lvl w:ilvl="{number}"><w:start w:val="{start}"/><w:numFmt w:val="{form}"/>'
            f'<w:lvlText w:val="{sign}"/></w:lvl>'
        )

    numbering = (
        f"<w:numbering {NAMES}>"
        f'<w:abstractNum w:abstractNumId="7">{level(0, "decimal", "%1.", 3)}{level(1, "lowerLetter", "%1%2)")}'
        f"{level(2, 'lowerRoman', '(%3)')}</w:abstractNum>"
        f'<w:abstractNum w:abstractNumId="8">{level(0, "bullet", "")}</w:abstractNum>'
        '<w:num w:numId="1"><w:abstractNumId w:val="7"/></w:num><w:num w:numId="2"><w:abstractNumId w:val="8"/></w:num>'
        "</w:numbering>"
    )
    styles = (
        '<w:style w:styleId="Points"><w:name w:val="Points"/><w:pPr><w:numPr><w:numId w:val="2"/></w:numPr></w:pPr>'
        '</w:style><w:style w:styleId="More"><w:basedOn w:val="Points"/></w:style>'
    )
    body = "".join(
        [
            *(p("Plain."), item("a", 1), item("b", 1, 1), item("c", 1, 1), item("d", 1, 2), item("e", 1)),
            *(item("f", 1, 1), p("g", '<w:pStyle w:val="More"/>'), item("none", 0), item("unknown", 9)),
        ]
    )
    (article,) = load(
        archive(members(body, parts={"numbering": numbering}, styles=styles)), Origin("a.docx", path="a.docx")
    )
    assert isinstance(article, Article)
    assert [(block.sign, block.level) for block in article.blocks] == [
        *(("", 0), ("3.", 1), ("3a)", 2), ("3b)", 2), ("(i)", 3), ("4.", 1)),
        *(("4a)", 2), ("•", 1), ("", 0), ("•", 1)),
    ]
