"""AsciiDoc: what is searched of it, and that every offset holds in the file."""

from datetime import date

import pytest

from index.article import Article, searchable
from index.formats.registry import load
from index.parsing.types import LoadError, Origin
from tests.support.cost import seconds


def read(text: str) -> tuple[Article, list[tuple[str, str]]]:
    """The article, and the kind and words of each block."""
    article, *_ = load(text.encode(), Origin("mill.adoc"))
    assert isinstance(article, Article)
    words = [(block.kind, article.text[block.start : block.end]) for block in article.blocks]
    return article, [(kind, " ".join(searchable(text).replace("\u2060", "").split())) for kind, text in words]


def test_the_header_tells_title_authors_and_day() -> None:
    article, words = read(
        "// hidden\n= The *Mill* of {town}\nAnn Lund <ann@mill.example>; Bo_Q Marsh\nv1.2, 2024-03-05: second\n"
        ":town: Carrow\n:keywords: oats, rye\n\nIt grinds.\n"
    )
    assert (article.title, article.authors) == ("The Mill of Carrow", ("Ann Lund", "Bo Q Marsh"))
    assert (article.published, article.tags) == (date(2024, 3, 5), ("oats", "rye"))
    assert words == [("paragraph", "It grinds.")]


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("*It* _grinds_ `oats` and #rye#, **s**low__ly__.", "It grinds oats and rye, slowly."),
        ("2 * 3 * 4 and a_b_c and C++ stay.", "2 * 3 * 4 and a_b_c and C++ stay."),
        ("At https://mill.example/a[the gate,window=_blank] or link:b.html[here^].", "At the gate or here."),
        ("See https://mill.example[] and <<hours,the hours>> and <<sacks>>.",
         "See https://mill.example and the hours and sacks."),
        ("Built in 1904.footnote:[Some say 1905.]", "Built in 1904. (Some say 1905.)"),
        ("10^6^ grains of H~2~O, the 2^nd^ day.", "10^6 grains of H2O, the 2^nd day."),
        ('"`Slowly`" and \'`well`\' it grinds +\nat night.', "“Slowly” and ‘well’ it grinds at night."),
        ("Old ((sacks)) here.(((sack, old)))", "Old sacks here."),
        ("Press kbd:[Ctrl] and image:a.png[A mill] stop.", "Press Ctrl and stop."),
        ("A +*literal*+ star and \\*another*.", "A *literal* star and *another*."),
    ],
)  # fmt: skip
def test_marks_are_not_words(written: str, shown: str) -> None:
    article, words = read(written + "\n")
    assert words == [("paragraph", shown)]
    assert len(article.text) == len(written) + 1


def test_blocks_are_read_without_their_delimiters() -> None:
    _, words = read(
        "== Hours [[hours]]\n\n[quote, Ann Lund]\n____\nNobody grinds at night.\n____\n\n* First\n  goes on\n"
        "** Second\n. Third\n+\nContinued.\n\nSacks:: Of jute.\nFlour::\n  Ground\n  twice.\n\nNOTE: Bring cash.\n\n"
        "[source,python]\n----\ngrind(4) # <1>\n\nstop()\n----\n<1> Grinds.\n\n"
        "////\nhidden\n////\ninclude::a.adoc[]\n\nClosing\n-------\n\nThe end.\n"
    )
    assert words == [
        ("heading", "Hours"),
        ("paragraph", "Ann Lund"),
        ("paragraph", "Nobody grinds at night."),
        ("paragraph", "First goes on"),
        ("paragraph", "Second"),
        ("paragraph", "Third"),
        ("paragraph", "Continued."),
        ("paragraph", "Sacks: Of jute."),
        ("paragraph", "Flour: Ground twice."),
        ("paragraph", "NOTE: Bring cash."),
        ("paragraph", "grind(4)"),
        ("paragraph", "stop()"),
        ("paragraph", "Grinds."),
        ("heading", "Closing"),
        ("paragraph", "The end."),
    ]


def test_cells_of_tables_stand_in_their_columns() -> None:
    article, _ = read(
        '[cols="1,1,2",options="header"]\n|===\n|Day |Open |Remark\n\n|Monday\n|9:00\n|*quiet*\n\n'
        ".2+|Tuesday\n|10:00 | a \\| b\n|14:00\n|\n\n2+|Wednesday and Thursday |closed\n|===\n"
    )
    rows = [[searchable(article.text[low:high]).replace("\u2060", "") for low, high in b.cells] for b in article.blocks]
    assert rows == [
        ["Day", "Open", "Remark"],
        ["Monday", "9:00", "quiet"],
        ["Tuesday", "10:00", "a | b"],
        ["", "14:00", ""],
        ["Wednesday and Thursday", "", "closed"],
    ]
    assert [block.header for block in article.blocks] == [None, 0, 0, 0, 0]


def test_offsets_hold_in_the_file() -> None:
    source = "= Mill\n\nIt *grinds*\nhttps://mill.example[slowly]. {nbsp}Ä 👍\n\n|===\n|a |b\n\n|1 |2\n|===\n"
    article, _ = read(source)
    assert len(article.text) == len(source)
    assert all(sign in {source[at], "\u2060", " "} for at, sign in enumerate(article.text)), (
        "a mark is replaced by what is not seen, everything else stays"
    )


def test_a_document_of_nothing_but_a_comment_is_an_error() -> None:
    with pytest.raises(LoadError, match="no text"):
        load(b"// nothing\n:a: b\n", Origin("a.adoc"))


@pytest.mark.slow
@pytest.mark.parametrize("sign", ["*", "_", "[", "<<", "((", "^", "|", "+", "footnote:[", "https://", "::", "=", "\\"])
def test_any_number_of_signs_is_read_in_time(sign: str) -> None:
    assert seconds(lambda: load(("a " + sign * 3000 + f" {sign}a" * 1500).encode(), Origin("a.adoc"))) < 3


def test_items_have_their_sign_and_depth_and_lines_of_code_are_known() -> None:
    article, _ = read(
        "= T\n\nIt grinds.\n\n* oats\n** rolled\n- rye\n\n. First\n.. inner\n. Second\n+\nMore of it.\n\n. Third\n\n"
        "Between.\n\n. Anew\n3. three\n<1> one\n\n----\nif a:\n    b()\n----\n"
    )
    assert [(block.sign, block.level) for block in article.blocks] == [
        *(("", 0), ("•", 1), ("•", 2), ("•", 1), ("1.", 1), ("1.", 2), ("2.", 1), ("", 0), ("3.", 1), ("", 0)),
        *(("1.", 1), ("3.", 1), ("1.", 1), ("", 0)),
    ]
    assert [article.text[style.start : style.end] for style in article.styles] == ["if a:", "    b()"]
