"""Tables: a stray mark costs a row at most, and a value may be HTML."""

from datetime import date

import pytest

from index.article import Article
from index.formats.registry import load
from index.parsing.types import LoadError, Note, Origin


def texts(data: str | bytes, name: str = "a.csv") -> list[str]:
    found = load(data.encode() if isinstance(data, str) else data, Origin(name))
    return [item.text if isinstance(item, Article) else f"! {item}" for item in found]


@pytest.mark.parametrize(
    ("row", "wanted"),
    [
        ('"The mill" is old', 'The mill" is old'),
        ('"He said "yes" to it"', 'He said yes" to it"'),
        ('He said "yes" to it', 'He said "yes" to it'),
    ],
)
def test_a_stray_mark_in_a_value_is_read_as_others_read_it(row: str, wanted: str) -> None:
    _, found, after = texts(f"title,text\na,Oats.\nb,{row}\nc,Rye.\n")
    assert found.replace('"', "") == wanted.replace('"', "")
    assert after == "Rye."


def test_marks_in_a_value_stay_and_values_that_are_left_out_are_empty() -> None:
    assert texts('title,text,url\na,"She said "never" and left.",\nb,Rye.\n') == ['She said "never" and left.', "Rye."]


def test_a_mark_that_opens_and_never_ends_costs_its_row() -> None:
    first, lost, *rest = texts('title,text\na,Oats.\nb,"Rye and\nc,Barley.\nd,Wheat.\n')
    assert (first, rest) == ("Oats.", ["Barley.", "Wheat."])
    assert lost.startswith("! line 3: ")
    first, lost, *rest = texts('title,text\na,Oats.\nb,"Rye and\nc,"Barley, too."\nd,Wheat.\n')
    assert (first, rest) == ("Oats.", ["Barley, too.", "Wheat."])


def test_values_between_tabs_need_no_marks() -> None:
    table = 'title\ttext\na\t"Oats" he said\nb\t"Rye and\nc\tBarley, "too"\nd\t"Wheat."\n'
    assert texts(table, "a.tsv") == ['"Oats" he said', '"Rye and', 'Barley, "too"', "Wheat."]


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_a_first_line_may_tell_the_separator(separator: str) -> None:
    data = f'\ufeffsep={separator}\r\ntitle{separator}text\r\n"a{separator}b"{separator}Oats.\r\nc{separator}\r\n'
    oats, error = texts(data)
    assert oats == "Oats."
    assert error.startswith("! line 4: no text")


def test_an_error_names_the_columns_there_are() -> None:
    with pytest.raises(LoadError, match=r"no column is called .* \(found: Title, Story, Day\): name one of them so"):
        load(b"Title,Story,Day\na,Oats.,2024-03-05\n", Origin("a.csv"))
    (error,) = load(b'{"title": "a", "story": "Oats."}', Origin("a.jsonl"))
    assert isinstance(error, LoadError)
    assert error.code == "no_text_column"
    assert "(found: title, story)" in str(error)


NAMED = (("text", "main"), ("text", "Story"), ("title", "text"), ("published", "day"))


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.csv", b"Text,STORY,day\nOn mills,The mill grinds oats.,2024-03-05\n"),
        ("a.jsonl", b'{"text": "On mills", "story": "The mill grinds oats.", "day": "2024-03-05"}'),
        ("a.json", b'[{"text": "On mills", "story": "The mill grinds oats.", "day": "2024-03-05"}]'),
    ],
)
def test_columns_may_be_said_to_be_fields(name: str, data: bytes) -> None:
    (article,) = load(data, Origin(name, columns=NAMED))
    assert isinstance(article, Article)
    assert (article.text, article.title) == ("The mill grinds oats.", "On mills")
    assert article.published == date(2024, 3, 5)


def test_names_of_columns_that_a_table_lacks_change_nothing() -> None:
    (article,) = load(b"title,text\na,Oats.\n", Origin("a.csv", columns=(("text", "story"), ("title", "name"))))
    assert isinstance(article, Article)
    assert (article.title, article.text) == ("a", "Oats.")


HTML = "<p>Oats &amp; rye,&nbsp;says <b>Ann</b>.</p><p>And <a href='/x'>barley</a>.</p>"


def test_html_in_a_value_is_parsed() -> None:
    (article,) = load(f'title,text\n<i>Mills</i> &amp; men,"{HTML}"\n'.encode(), Origin("a.csv"))
    assert isinstance(article, Article)
    assert (article.title, article.text) == ("Mills & men", "Oats & rye, says Ann.\n\nAnd barley.")
    assert [block.kind for block in article.blocks] == ["paragraph", "paragraph"]


@pytest.mark.parametrize("text", ["If a < b and c > d, then.", "The <name> of it & more.", "x<y>z", "2 &lt; 3"])
def test_text_with_angle_brackets_is_no_html(text: str) -> None:
    assert texts(f'text\n"{text}"\n') == [text.replace("&lt;", "<")]


def test_html_that_was_escaped_once_more_is_parsed() -> None:
    assert texts('text\n"&lt;p&gt;Oats.&lt;/p&gt;&lt;p&gt;Rye.&lt;/p&gt;"\n') == ["Oats.\n\nRye."]


def test_a_damaged_byte_costs_one_character() -> None:
    *rows, note = load("title,text\nÄhre,Hafer für Öl.\n".encode() + b"M\xfcller,Roggen.\n", Origin("a.csv"))
    assert [row.title for row in rows if isinstance(row, Article)] == ["Ähre", "M\N{REPLACEMENT CHARACTER}ller"]
    assert isinstance(note, Note)


def test_many_open_marks_are_read_to_the_end() -> None:
    found = texts("title,text\n" + 'a,"b\nc,d""e\n' * 5000 + "d,Oats.\n")
    assert found[-1] == "Oats."


def test_records_of_one_text_are_told_apart_by_their_titles() -> None:
    first, second, error = load(
        b"title,text\nOats,Closed today.\nRye,Closed today.\nRye,Closed today.\n", Origin("a.csv")
    )
    assert isinstance(first, Article)
    assert isinstance(second, Article)
    assert (first.title, second.title) == ("Oats", "Rye")
    assert first.id != second.id
    assert "is taken by line 3" in str(error)
    (alone,) = load(b"title,text\nOats,Closed today.\n", Origin("a.csv"))
    assert isinstance(alone, Article)
    assert alone.id == first.id
