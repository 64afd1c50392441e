"""Tables with questions that a cell answers, written in each format."""

import csv
import io
from collections.abc import Callable, Sequence
from xml.sax.saxutils import escape

from tests.support.documents import archive, docx_members, drawn, pdf

Table = Sequence[Sequence[str]]

_MUSEUMS = [
    ["Museum", "2019", "2021", "2023"],
    ["Clockmakers' Hall", "41,200", "9,870", "38,450"],
    ["Museum of Salt", "18,930", "", "21,015"],
    ["Ropewalk Gallery", "7,604", "3,118", "8,992"],
    ["House of Maps", "63,377", "22,506", "71,240"],
    ["Tram Depot", "12,085", "6,743", ""],
    ["Glass Museum", "29,461", "11,230", "30,877"],
]
_STAFF_NAMES = [
    *("Abel Lind", "Britta Moor", "Carl Nash", "Dina Oakes", "Edda Pike", "Femi Quist", "Greta Rowe", "Hugo Stern"),
    *("Ines Toft", "Jonas Ude", "Kaja Vance", "Levi West", "Mona Yates", "Nils Zorn", "Olga Arden", "Piet Brook"),
    *("Quin Carver", "Rosa Dale", "Sami Eck", "Tilda Frost", "Uma Grant", "Vito Hale", "Wanda Irons", "Xenia Jarl"),
    *("Yann Krug", "Zora Lowe", "Arno Maas", "Bela North", "Cora Orr", "Dario Penn", "Esme Quill", "Finn Rask"),
    *("Gita Shaw", "Hans Thorn", "Ida Ulm", "Jan Voss", "Kira Wolff", "Leo Young", "Maja Zell", "Noel Ash"),
]
_STAFF = [
    ["Name", "Office", "Telephone", "Department"],
    *(
        [name, f"{'ABC'[at % 3]} {101 + 7 * at}", f"555 0{(137 * at) % 900 + 100}", _DEPARTMENT]
        for at, name in enumerate(_STAFF_NAMES)
        for _DEPARTMENT in [("Parks", "Harbour", "Schools", "Roads", "Water")[at * 3 % 5]]
    ),
]
_FARES = [
    ["Ticket", "Adult", "Child", "Valid for"],
    ["Single", "€2.40", "€1.10", "90 minutes"],
    ["Day ticket", "€6.80", "€3.20", "24 hours"],
    ["Weekend ticket", "€11.50", "€5.00", "Saturday and Sunday"],
    ["Ten-trip card", "€19.00", "€9.00", "one year"],
    ["Monthly pass", "€64.00", "€28.00", "one calendar month"],
    ["Bicycle", "€1.90", "free", "one trip"],
]
_TREES = [
    ["Tree", "Height in metres", "Planted", "Trunk girth", "Condition"],
    ["Copper beech", "31", "1874", "4.85 m", "good"],
    ["Giant sequoia", "47", "1861", "8.10 m", "good"],
    ["Ginkgo", "22", "1902", "2.95 m", "fair"],
    ["Handkerchief tree", "14", "1936", "1.60 m", "poor"],
    ["Tulip tree", "28", "1889", "3.70 m", "fair"],
    ["Swamp cypress", "33", "1868", "5.25 m", "good"],
]
TABLES: dict[str, tuple[str, str, Table]] = {
    "museums": (
        "Visitors to the museums of Carrowby",
        "The city counts the visitors to its museums every second year.",
        _MUSEUMS,
    ),
    "staff": ("Staff of the town hall of Carrowby", "Whom to call is in the list below.", _STAFF),
    "fares": ("Fares of the Carrowby trams", "Tickets are sold on every tram and at kiosks.", _FARES),
    "trees": ("Old trees in the Queen's Garden", "The head gardener measures the trees each spring.", _TREES),
}
"""By the name of its file: title, a paragraph before it, and the rows."""


def _cell(table: str, row: str, column: str) -> str:
    rows = TABLES[table][2]
    return next(cells for cells in rows if cells[0] == row)[rows[0].index(column)]


QUESTIONS = [
    ("How many people visited the House of Maps in 2021?", _cell("museums", "House of Maps", "2021")),
    ("How many visitors did the Museum of Salt have in 2023?", _cell("museums", "Museum of Salt", "2023")),
    ("How many visitors came to the Tram Depot in 2019?", _cell("museums", "Tram Depot", "2019")),
    ("What is the telephone number of Hugo Stern?", _cell("staff", "Hugo Stern", "Telephone")),
    ("In which department does Tilda Frost work?", _cell("staff", "Tilda Frost", "Department")),
    ("Where is the office of Cora Orr?", _cell("staff", "Cora Orr", "Office")),
    ("What does a day ticket cost for a child?", _cell("fares", "Day ticket", "Child")),
    ("How much is the monthly pass for adults?", _cell("fares", "Monthly pass", "Adult")),
    ("How long is a ten-trip card valid?", _cell("fares", "Ten-trip card", "Valid for")),
    ("How tall is the giant sequoia?", _cell("trees", "Giant sequoia", "Height in metres")),
    ("When was the ginkgo planted?", _cell("trees", "Ginkgo", "Planted")),
    ("What is the girth of the trunk of the swamp cypress?", _cell("trees", "Swamp cypress", "Trunk girth")),
]
"""Each with the cell that answers it."""


def html(title: str, words: str, table: Table) -> bytes:
    """A page with the table."""
    rows = "".join(
        "<tr>" + "".join(f"<{tag}>{escape(cell)}</{tag}>" for cell in cells) + "</tr>"
        for cells, tag in zip(table, ["th"] + ["td"] * len(table), strict=False)
    )
    return (
        f"<html><head><title>{escape(title)}</title></head><body><article><h1>{escape(title)}</h1>"
        f"<p>{escape(words)}</p><table>{rows}</table></article></body></html>"
    ).encode()


def markdown(title: str, words: str, table: Table) -> bytes:
    """A Markdown file with the table."""
    lines = [f"| {' | '.join(cells)} |" for cells in table]
    lines.insert(1, "|" + "---|" * len(table[0]))
    return f"# {title}\n\n{words}\n\n{chr(10).join(lines)}\n".encode()


def comma_separated(title: str, words: str, table: Table) -> bytes:
    """The table as comma-separated values: the file has neither title nor words."""
    written = io.StringIO()
    csv.writer(written).writerows(table)
    return written.getvalue().encode()


def word(title: str, words: str, table: Table) -> bytes:
    """A Word document with the table."""
    rows = "".join(
        f"<w:tr>{''.join(f'<w:tc><w:p><w:r><w:t>{escape(cell)}</w:t></w:r></w:p></w:tc>' for cell in cells)}</w:tr>"
        for cells in table
    )
    return archive(docx_members([("Title", title), ("Normal", words)], extra=f"<w:tbl>{rows}</w:tbl>"))


def printed(title: str, words: str, table: Table) -> bytes:
    """A PDF with the table on as many pages as it takes."""
    pages, height = [[drawn(title, 18, True, 740), drawn(words, 11, False, 710)]], 680.0
    for number, cells in enumerate(table):
        if height < 80:
            pages.append([])
            height = 740.0
        for column, cell in enumerate(cells):
            if cell:
                pages[-1].append(drawn(cell, 10, number == 0, height, 72 + column * 110))
        height -= 15
    return pdf([b"\n".join(lines) for lines in pages], {"Title": title})


_REL = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def office(main: str, kind: str, parts: dict[str, str], links: dict[str, str]) -> bytes:
    """An office document: its main part, and the parts that it refers to by the ids ``r1``, ``r2`` and so on.

    :param links: the kind of each relation by its target.
    """
    space = "http://schemas.openxmlformats.org/package/2006/relationships"
    folder, name = main.split("/")
    relations = "".join(
        f'<Relationship Id="r{number}" Type="{_REL}/{kind_of_part}" Target="{target}"/>'
        for number, (target, kind_of_part) in enumerate(links.items(), start=1)
    )
    return archive(
        {
            "_rels/.rels": f'<Relationships xmlns="{space}"><Relationship Id="r1" Type="{_REL}/officeDocument" '
            f'Target="{main}"/></Relationships>',
            f"{folder}/_rels/{name}.rels": f'<Relationships xmlns="{space}">{relations}</Relationships>',
            **parts,
        }
    )


def workbook(sheets: dict[str, str], styles: str = "") -> bytes:
    """An Excel workbook of sheets whose rows are given as XML."""
    entries = "".join(
        f'<sheet name="{escape(name)}" sheetId="{number}" r:id="r{number}"/>'
        for number, name in enumerate(sheets, start=1)
    )
    parts = {
        f"xl/s{number}.xml": f'<worksheet xmlns="{_MAIN}"><sheetData>{rows}</sheetData></worksheet>'
        for number, rows in enumerate(sheets.values(), start=1)
    }
    links = {f"s{number}.xml": "worksheet" for number in range(1, len(sheets) + 1)}
    parts["xl/workbook.xml"] = f'<workbook xmlns="{_MAIN}" xmlns:r="{_REL}"><sheets>{entries}</sheets></workbook>'
    parts["xl/styles.xml"] = f'<styleSheet xmlns="{_MAIN}">{styles}</styleSheet>'
    return office("xl/workbook.xml", "workbook", parts, {**links, "styles.xml": "styles"})


def excel(title: str, words: str, table: Table) -> bytes:
    """An Excel workbook with the table on one sheet."""
    rows = [[title], [words], *table]
    return workbook(
        {
            "Sheet1": "".join(
                f'<row r="{number}">'
                + "".join(
                    f'<c r="{chr(65 + column)}{number}" t="inlineStr"><is><t>{escape(cell)}</t></is></c>'
                    for column, cell in enumerate(cells)
                    if cell
                )
                + "</row>"
                for number, cells in enumerate(rows, start=1)
            )
        }
    )


WRITERS: dict[str, Callable[[str, str, Table], bytes]] = {
    "html": html,
    "md": markdown,
    "csv": comma_separated,
    "docx": word,
    "pdf": printed,
    "xlsx": excel,
}
"""By the ending of the file."""
