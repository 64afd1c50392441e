"""Books: what stands above a line or beside it is no part of the line, and nothing else is lost."""

from datetime import date

import pytest

from index.article import Article
from index.formats.registry import load
from index.parsing.types import LoadError, Origin
from tests.support.documents import archive, epub, epub_members

EPUB = 'xmlns:epub="http://www.idpf.org/2007/ops"'


def read(chapter: str) -> list[str]:
    (article,) = load(epub([chapter], "Mills", "Prado, Ana", "Press", date(2024, 1, 2)), Origin("a.epub"))
    assert isinstance(article, Article)
    assert article.authors == ("Prado, Ana",)
    return [article.text[block.start : block.end] for block in article.blocks]


@pytest.mark.parametrize(
    ("written", "wanted"),
    [
        (f'<p>Built in 1790<sup><a {EPUB} epub:type="noteref" href="#n1">12</a></sup> by us.</p>',
         ["Built in 1790 by us."]),
        (f'<p>Built in 1790<a {EPUB} epub:type="noteref" href="#n1">12</a> by us.</p>', ["Built in 1790 by us."]),
        (f'<p>It turns.<span {EPUB} epub:type="pagebreak" title="7">7</span> Still.</p>', ["It turns. Still."]),
        ('<p>It turns.</p><p role="doc-pagebreak">8</p>', ["It turns."]),
        ("<p>It holds 10<sup>6</sup> grains.</p>", ["It holds 10^6 grains."]),
        ("<p><ruby>港<rt>みなと</rt></ruby>の<ruby>壁<rt>かべ</rt></ruby></p>", ["港の壁"]),
        (
            '<p>A load of <math xmlns="http://www.w3.org/1998/Math/MathML"><mn>450</mn><mi>kN</mi></math> here.</p>',
            ["A load of 450 kN here."],
        ),
        ("<pre>The sails\nturn.\n\nThe stones\ngrind.</pre>", ["The sails turn.", "The stones grind."]),
        ("<table><tr><td>East</td><td/><td>7 m</td></tr></table>", ["East | | 7 m"]),
        ('<table><tr><td colspan="2">East</td><td>7 m</td></tr></table>', ["East | | 7 m"]),
        ("<p>The mil&#173;ler</p>", ["The miller"]),
    ],
)  # fmt: skip
def test_exact_characters(written: str, wanted: list[str]) -> None:
    assert read(written) == wanted


CHAPTERS = ["<h1>Sails</h1><p>They turn.</p>", "<h1>Stones</h1><p>They grind.</p>", "<h1>Sacks</h1><p>They fill.</p>"]


def test_chapters_stand_in_the_order_of_the_spine_without_the_table_of_contents() -> None:
    members = epub_members(CHAPTERS, "Mills", "Prado, Ana", "Press", date(2024, 1, 2))
    package = str(members["OEBPS/book.opf"])
    swapped = package.replace('idref="c0"', 'idref="x"').replace('idref="c2"', 'idref="c0"')
    data = archive(members | {"OEBPS/book.opf": swapped.replace('idref="x"', 'idref="c2"')})
    (article,) = load(data, Origin("a.epub"))
    assert isinstance(article, Article)
    blocks = [article.text[block.start : block.end] for block in article.blocks]
    assert blocks == ["Sacks", "They fill.", "Stones", "They grind.", "Sails", "They turn."]


def test_a_damaged_chapter_is_named_and_costs_no_other_one() -> None:
    data = epub(CHAPTERS, "Mills", "Prado, Ana", "Press", date(2024, 1, 2))
    name = b"chapter 2.xhtml"
    at = data.index(name) + len(name) + 20  # among its packed bytes
    damaged = data[:at] + bytes([data[at] ^ 0x55]) + data[at + 1 :]
    read = load(damaged, Origin("a.epub"))
    (article,) = [each for each in read if isinstance(each, Article)]
    (error,) = [each for each in read if isinstance(each, LoadError)]
    assert "chapter 2.xhtml" in str(error)
    assert [word in article.text for word in ("turn", "grind", "fill")] == [True, False, True]
