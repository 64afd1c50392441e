"""How words are spelled where an index has many languages."""

import sqlite3
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
import regex
from hypothesis import example, given
from hypothesis import strategies as st

from index.article import Article, Block, Passage
from index.storage.schema import TOKENIZER
from index.storage.spelling import spelled, spelled_question
from index.storage.store import Store
from index.storage.store_editor import StoreEditor
from index.storage.store_writer import StoreWriter

pytest.importorskip("Stemmer", reason="needs the extra: pip install 'pullquote[multilingual]'")

TEXTS = {
    "de": "Die Verhandlungen über den Wiederaufbau der Brücken haben am Dienstag im Rathaus begonnen.",
    "zh": "台北的新图书馆将于五月开放，市长在仪式上宣布了这一消息。",
    "th": "ห้องสมุดแห่งใหม่ในกรุงเทพมหานครจะเปิดในเดือนพฤษภาคม นายกเทศมนตรีประกาศข่าวนี้",
    "hi": "नया पुस्तकालय मई में खुलेगा। महापौर ने समारोह में यह घोषणा की और लोगों को धन्यवाद दिया।",
    "ru": "Переговоры о восстановлении мостов начались во вторник в городской ратуше, сообщил мэр города.",
    "en": "The negotiations about rebuilding the bridges began on Tuesday in the town hall, said the mayor.",
}


@pytest.mark.parametrize(
    ("text", "language", "words"),
    [
        ("Die Häuser der Bürgermeister", "de", "die haus der burgermeist"),
        ("The councils voted", "en", "the councils voted"),
        ("The councils voted", None, "the councils voted"),
        ("東京の人口は1400万人", "ja", "東京 京の の人 人口 口は 1400 万人"),
        ("水", "zh", "水"),
        ("मोबाइलों में", "hi", "मबइल म"),
        ("ปลา", "th", "ปล ลา"),
        ("", "de", ""),
        ("Words", "xx", "words"),
    ],
)
def test_words_are_stems_and_writing_without_spaces_is_pairs(text: str, language: str | None, words: str) -> None:
    assert spelled(text, language) == words


@given(st.text(), st.sampled_from([None, "en", "de", "hi", "zh", "xx"]))
@example("㋐ アイ⺀漢", None)
def test_of_any_text_nothing_is_left_that_the_search_would_part(text: str, language: str | None) -> None:
    for word in spelled(text, language).split(" "):
        assert regex.fullmatch(r"[\p{L}\p{N}]*", word)


@given(st.text(st.characters(max_codepoint=0x17F)))
def test_english_is_searched_as_it_was(text: str) -> None:
    assert terms(spelled(text, "en")) == terms(text)


def terms(text: str) -> list[str]:
    with closing(sqlite3.connect(":memory:")) as database:
        database.execute(f"CREATE VIRTUAL TABLE texts USING fts5(text, tokenize='{TOKENIZER}')")
        database.execute("CREATE VIRTUAL TABLE parts USING fts5vocab(texts, instance)")
        database.execute("INSERT INTO texts VALUES (?)", [text])
        return [term for (term,) in database.execute("SELECT term FROM parts ORDER BY offset")]


def article(language: str) -> Article:
    return Article(language, "", TEXTS[language], (Block(0, len(TEXTS[language])),))


def write(path: Path, *, by_language: bool) -> Store:
    with StoreWriter(path, by_language=by_language) as writer:
        for language in TEXTS:
            of = article(language)
            writer.add(of, [Passage(f"{language}:0", language, 0, len(of.text))])
    return Store(path)


QUESTIONS = [
    ("Worüber wurde verhandelt, und um welche Brücke geht es?", "de"),
    ("图书馆什么时候开放？", "zh"),
    ("ห้องสมุดเปิดเดือนไหน", "th"),
    ("पुस्तकालय कब खुलेगा?", "hi"),
    ("О чём переговоры, о каком мосте?", "ru"),
    ("What did they negotiate about, which bridge?", "en"),
]


@pytest.mark.parametrize(("question", "language"), QUESTIONS)
def test_a_question_finds_other_forms_of_its_words(question: str, language: str, tmp_path: Path) -> None:
    store = write(tmp_path / "text.sqlite", by_language=True)
    [(row, _), *_] = store.bm25(question, 3)
    assert list(TEXTS)[row] == language


def test_without_it_nothing_is_spelled(tmp_path: Path) -> None:
    store = write(tmp_path / "text.sqlite", by_language=False)
    assert not store.is_spelled
    assert store.bm25("图书馆什么时候开放？", 3) == []


def test_what_is_taken_out_of_a_copy_leaves_no_word(tmp_path: Path) -> None:
    store = write(tmp_path / "text.sqlite", by_language=True)
    copy = tmp_path / "copy.sqlite"
    copy.write_bytes(store.path.read_bytes())
    with StoreEditor(copy, store) as editor:
        articles = store.stored(store.rows_in_order())
        for stored in articles:
            if stored.id in {"de", "zh"}:
                editor.remove(stored)
        editor.set_order(np.array([stored.row for stored in articles if stored.id not in {"de", "zh"}]))
    changed = Store(copy)
    assert changed.is_spelled
    assert changed.bm25("图书馆 Verhandlung Rathaus", 3) == []
    assert len(changed.bm25("पुस्तकालय", 3)) == 1


def test_a_question_is_spelled_in_the_language_that_it_seems_to_have() -> None:
    assert "haus" in spelled_question("Wo stehen die alten Häuser der Stadt?").split()
