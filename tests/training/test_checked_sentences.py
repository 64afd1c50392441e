"""The project's own sentences to be checked, and the sentences of articles that are taken as they stand."""

import gzip
import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from rag.checking.checker import STATUSES
from training import checked_sentences
from training.checked_sentences import SENTENCES, copies
from training.sources import OWN_ARTICLES, OWN_CONVERSATIONS, OWN_QUESTIONS, TEXTS


def read(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]


OWN = {row["id"]: row for row in read(OWN_ARTICLES)}
PLACES = {"evidence", "headline"}
LINES = read(SENTENCES)


def test_every_sentence_has_a_status_and_only_what_decides_has_a_place() -> None:
    assert {line["status"] for line in LINES} == {*STATUSES}
    assert all(PLACES.isdisjoint(line) == (line["status"] == "not_found") for line in LINES)
    assert max(Counter((line["article"], line["text"]) for line in LINES).values()) == 1


def test_every_article_has_a_sentence_that_it_does_not_tell_so_some_passage_is_read_for_each() -> None:
    assert {line["article"] for line in LINES} == {line["article"] for line in LINES if line["status"] == "not_found"}


def test_what_decides_stands_in_the_article() -> None:
    for line in (line for line in LINES if line["article"] in OWN):
        decisive = []
        for name, text in (("evidence", OWN[line["article"]]["text"]), ("headline", OWN[line["article"]]["title"])):
            start, end = line.get(name, (0, 0))
            decisive.append(text[start:end])
        assert all(words == words.strip() and "\n" not in words for words in decisive)
        assert any(decisive) == (line["status"] != "not_found")


def test_every_invented_article_is_written_about_and_answers_stand_in_it() -> None:
    questions = read(OWN_QUESTIONS)
    records = [record for file in OWN_CONVERSATIONS for record in read(file)]
    turns = [(record["article"], turn) for record in records for turn in record["turns"]]
    assert {*OWN} <= {line["article"] for line in (*LINES, *questions)}
    places = [(line["article"], line["answer"]) for line in questions if "answer" in line]
    places += [(article, place) for article, turn in turns for place in turn["answers"]]
    of_own = [OWN[article]["text"][slice(*place)] for article, place in places if article in OWN]
    assert len(of_own) > 3000
    assert all(words and words == words.strip() for words in of_own)


def words(text: str) -> set[str]:
    return {word.strip(",.") for word in text.lower().split()}


@pytest.fixture
def one_article(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder without texts, for the first of the own articles."""
    first = next(iter(OWN))
    file = tmp_path / "sentences.jsonl"
    file.write_text("".join(json.dumps(line) + "\n" for line in LINES if line["article"] == first), encoding="utf-8")
    monkeypatch.setattr(checked_sentences, "SENTENCES", file)
    for name in (*TEXTS, "reader/documents_written.jsonl.gz"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(gzip.compress(b""))
    return tmp_path


def test_copies_are_supported_as_they_stand_and_contradicted_where_something_changed(
    one_article: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checked_sentences, "_COPIES", 40)
    made = copies(one_article)
    text = next(iter(OWN.values()))["text"]
    assert {each.status for each in made} == {"supported", "contradicted"}
    for each in made:
        assert each.evidence in text
        if each.status == "contradicted":
            assert each.text not in text
        else:
            assert words(each.text) <= words(each.evidence)
    assert copies(one_article) == made
