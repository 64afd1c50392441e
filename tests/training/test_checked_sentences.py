"""The project's own sentences to be checked, and the sentences of articles that are taken as they stand."""

import json
from collections import Counter
from pathlib import Path

import pytest

from rag.checking.checker import STATUSES
from training import checked_sentences, sources
from training.checked_sentences import SENTENCES, copies
from training.sources import OWN_ARTICLES

OWN = {row["id"]: row for row in map(json.loads, OWN_ARTICLES.read_text(encoding="utf-8").splitlines())}
PLACES = {"evidence", "headline"}
LINES = [json.loads(line) for line in SENTENCES.read_text(encoding="utf-8").splitlines()]


def test_every_sentence_has_a_status_and_only_what_decides_has_a_place() -> None:
    assert {line["status"] for line in LINES} == {*STATUSES}
    assert all(PLACES.isdisjoint(line) == (line["status"] == "not_found") for line in LINES)
    assert max(Counter((line["article"], line["text"]) for line in LINES).values()) == 1


def test_every_article_has_a_sentence_that_it_does_not_tell_so_some_passage_is_read_for_each() -> None:
    assert {line["article"] for line in LINES} == {line["article"] for line in LINES if line["status"] == "not_found"}


def test_what_decides_stands_in_the_article() -> None:
    of_own = [line for line in LINES if line["article"] in OWN]
    assert {line["article"] for line in of_own} == {*OWN}
    for line in of_own:
        decisive = []
        for name, text in (("evidence", OWN[line["article"]]["text"]), ("headline", OWN[line["article"]]["title"])):
            start, end = line.get(name, (0, 0))
            decisive.append(text[start:end])
        assert all(words == words.strip() and "\n" not in words for words in decisive)
        assert any(decisive) == (line["status"] != "not_found")


def words(text: str) -> set[str]:
    return {word.strip(",.") for word in text.lower().split()}


@pytest.fixture
def one_article(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder without texts, for the first of the own articles."""
    first = next(iter(OWN))
    file = tmp_path / "sentences.jsonl"
    file.write_text("".join(json.dumps(line) + "\n" for line in LINES if line["article"] == first), encoding="utf-8")
    monkeypatch.setattr(checked_sentences, "SENTENCES", file)
    for module in (checked_sentences, sources):
        monkeypatch.setattr(module, "read_rows", lambda path: iter(()))
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
