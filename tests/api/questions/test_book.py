"""The questions that are kept: what of them, how long, and that they can be erased."""

import sqlite3
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from api.questions.book import FILE, Opinion, Pin, QuestionBook, QuestionBookError, Shown, key_of
from api.questions.export import gold_lines
from api.questions.groups import grouped
from rag.evaluating.questions import read_questions
from tests.support.killed import leave_half_written

ADA = Shown("Ada Finch", 0.9, "a1", 15, 24, "Harbour master Ada Finch said so.")


@pytest.fixture
def book(tmp_path: Path) -> QuestionBook:
    return QuestionBook(tmp_path, is_on=True)


def age(book_folder: Path, days: float) -> None:
    with sqlite3.connect(book_folder / FILE) as connection:
        for table in ("asked", "opinions"):
            connection.execute(f"UPDATE {table} SET at = at - ?", [days * 86_400])
    connection.close()


@pytest.mark.parametrize(
    ("one", "other"),
    [("Who is Ada?", "who is  ada"), ("Wer ist das?", "WER IST DAS"), ("Ｗｈｏ？", "who"), ("من هي؟", "من هي")],
)
def test_case_signs_and_spaces_make_no_difference(one: str, other: str) -> None:
    assert key_of(one) == key_of(other)


def test_nothing_is_kept_before_it_is_turned_on(tmp_path: Path) -> None:
    book = QuestionBook(tmp_path)
    book.note("Who?", False, None)
    assert not book.is_on
    assert list(tmp_path.iterdir()) == []
    book.switch(True)
    book.note("Who?", False, None)
    assert [each.question for each in QuestionBook(tmp_path).asked(9)] == ["Who?"]
    book.switch(False)
    book.note("And who else?", False, None)
    assert len(book.asked(9)) == 1
    assert not QuestionBook(tmp_path, is_on=False).is_on


def test_another_process_learns_of_the_switch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    one, other = QuestionBook(tmp_path), QuestionBook(tmp_path)
    assert not other.is_on
    one.switch(True)
    monkeypatch.setattr("api.questions.book._SECONDS_BETWEEN_LOOKS", 0)
    assert other.is_on


def test_what_is_open_is_what_had_no_answer_or_did_not_help_and_is_not_pinned(book: QuestionBook) -> None:
    book.note("Who is the master?", True, ADA)
    book.note("who is the master", True, ADA)
    book.note("What is the toll?", False, Shown("3 crowns", 0.2, "a2", 0, 8))
    book.note("Who lit the lamp?", True, ADA)
    assert [(each.question, each.times) for each in book.asked(9)] == [
        ("Who lit the lamp?", 1),
        ("What is the toll?", 1),
        ("who is the master", 2),
    ]
    book.add_opinion(Opinion("Who lit the lamp?", False, "wrong", "It was Clara.", ADA))
    opened = book.asked(9, only_open=True)
    assert [each.question for each in opened] == ["Who lit the lamp?", "What is the toll?"]
    assert opened[0].is_disputed
    assert opened[0].opinions[0].comment == "It was Clara."
    assert opened[1].shown is not None
    assert (opened[1].shown.text, opened[1].is_answered) == ("3 crowns", False)
    book.pin(Pin("What is the TOLL", "a2", 0, 8, "3 crowns", "0" * 64))
    assert [each.question for each in book.asked(9, only_open=True)] == ["Who lit the lamp?"]
    assert book.answered_like("who", 9) == []
    book.note("Who is the MASTER?", True, ADA)
    assert book.answered_like("who", 9) == ["Who is the MASTER?"]


def test_what_is_erased_is_not_in_the_file_any_more(book: QuestionBook, tmp_path: Path) -> None:
    book.note("Where is the xylophone kept?", False, None)
    book.note("Who?", False, None)
    book.add_opinion(Opinion("Where is the xylophone kept?", False, "other", "zeppelins", None))
    assert b"xylophone" in (tmp_path / FILE).read_bytes()
    book.forget(key_of("where is the xylophone kept"))
    assert [each.question for each in book.asked(9)] == ["Who?"]
    assert not any(word in (tmp_path / FILE).read_bytes() for word in (b"xylophone", b"zeppelins"))
    book.forget()
    assert book.asked(9) == []


def test_what_is_too_old_goes(tmp_path: Path) -> None:
    book = QuestionBook(tmp_path, is_on=True, days=30)
    book.note("Old?", False, None)
    age(tmp_path, 31)
    QuestionBook(tmp_path, is_on=True, days=30).note("New?", False, None)
    assert [each.question for each in book.asked(9)] == ["New?"]


def test_no_more_than_so_many_are_kept(book: QuestionBook, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("api.questions.book.MOST", 3)
    for number in range(6):
        QuestionBook(tmp_path, is_on=True).note(f"Question {number}?", False, None)
    assert [each.question for each in book.asked(9)] == [f"Question {number}?" for number in (5, 4, 3)]


def test_a_file_that_can_not_be_used_is_told_and_stops_no_answer(tmp_path: Path) -> None:
    (tmp_path / FILE).write_bytes(b"no database" * 100)
    book = QuestionBook(tmp_path, is_on=True)
    book.note("Who?", False, None)
    with pytest.raises(QuestionBookError, match=FILE):
        book.asked(9)


def test_only_its_owner_reads_the_file(book: QuestionBook, tmp_path: Path) -> None:
    book.note("Who?", False, None)
    assert (tmp_path / FILE).stat().st_mode & 0o077 == 0


def test_questions_that_are_alike_are_one_group(book: QuestionBook) -> None:
    for question in ("Toll?", "Toll?", "Price of the bridge?", "Lamp?"):
        book.note(question, False, None)
    asked = book.asked(9)
    directions = {"Toll?": (1.0, 0.0), "Price of the bridge?": (0.8, 0.6), "Lamp?": (0.0, 1.0)}
    groups = grouped(asked, np.array([directions[each.question] for each in asked], np.float32))
    assert [[each.question for each in group.questions] for group in groups] == [
        ["Toll?", "Price of the bridge?"],
        ["Lamp?"],
    ]
    assert [group.times for group in groups] == [3, 1]
    assert grouped([], np.zeros((0, 2), np.float32)) == []


def test_the_export_is_what_evaluations_read(book: QuestionBook, tmp_path: Path) -> None:
    for opinion in (
        Opinion("Who is the master?", True, None, None, ADA),
        Opinion("Who lit the lamp?", False, "wrong", None, ADA),
        Opinion("Who lit the lamp?", True, None, None, Shown("Clara", None, "a2", 0, 5)),
        Opinion("What is the toll?", False, "not_in_articles", None, ADA),
        Opinion("Who was fined?", False, "wrong", None, ADA),
        Opinion("Is it open?", True, None, None, None),
    ):
        book.add_opinion(opinion)
    book.pin(Pin("Who was elected?", "a3", 4, 8, "Ilse", "0" * 64))
    file = tmp_path / "questions.jsonl"
    file.write_text("".join(f"{line}\n" for line in gold_lines(book)))
    found = {each.question: (each.answers, each.article, each.kind) for each in read_questions(file)}
    assert found == {
        "Who was elected?": (("Ilse",), "a3", "pinned"),
        "Who is the master?": (("Ada Finch",), "a1", "helped"),
        "Who lit the lamp?": (("Clara",), "a2", "helped"),
        "What is the toll?": ((), "", "no answer"),
        "Is it open?": ((), "", "no answer"),
    }


def test_a_book_that_another_process_is_just_making_is_empty_and_no_error(tmp_path: Path) -> None:
    end, errors = threading.Event(), []

    def look() -> None:
        while not end.is_set():
            for folder in folders:
                try:
                    book = QuestionBook(folder)
                    _ = book.is_on, book.asked(1), book.pins()
                except QuestionBookError as error:
                    errors.append(error)

    folders = [tmp_path / str(number) for number in range(20)]
    with ThreadPoolExecutor(1) as thread:
        looking = thread.submit(look)
        for folder in folders:
            QuestionBook(folder, is_on=True).note("Who?", False, None)
        end.set()
        looking.result()
    assert errors == []


def test_what_a_killed_process_left_half_written_is_undone(book: QuestionBook, tmp_path: Path) -> None:
    book.note("Who?", False, None)
    leave_half_written(tmp_path / FILE, "UPDATE asked SET question = 'Half'")
    assert [each.question for each in book.asked(9)] == ["Who?"]


def test_times_are_told(book: QuestionBook) -> None:
    book.note("Who?", False, None)
    assert 0 <= time.time() - book.asked(1)[0].last < 600
