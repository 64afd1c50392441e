"""One text under several names is indexed once and cited by all; reprints are recognised and count as one witness."""

import json
import random
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.article import Article, Block
from index.building.builder import build
from index.building.near_copies import LEAST_WORDS, are_near_copies, candidates, fingerprint, groups
from index.models.embedder import Embedder
from index.storage.filters import Filters
from index.storage.versions import Versions
from rag.answerer import Answerer
from rag.question import Question
from rag.reading.reader import Reader

STORY = (
    "The harbour of Callory froze on Tuesday night for the first time in eleven years. The harbour master, Ann Lee, "
    "said that fourteen boats lie locked in the ice and that two tugs, the Ida and the Lotte, will break a way to the "
    "open sea on Thursday. The ferry to Brennick stays in port until then. Nobody was hurt, and the fish market opens "
    "as always, with what was caught before the frost came down from the hills."
)


def test_one_text_is_indexed_once_and_cited_with_every_source(
    tmp_path: Path, embedder: Embedder, reader: Reader
) -> None:
    news = tmp_path / "news"
    news.mkdir()
    for name, source in (("a", "Coast News"), ("b", "Hill Post")):
        (news / f"{name}.md").write_text(f"---\nsource: {source}\ntitle: Frost\n---\n{STORY}\n")
        (news / f"{name}.jsonl").write_text(f'{{"id": "{name}", "source": "{source}", "text": "{STORY}"}}\n')
    versions = Versions(tmp_path / "index")
    report = build([news / "*.jsonl"], versions, embedder)
    with versions.open() as snapshot:
        assert (report.articles, report.passages) == (2, len(snapshot.store.article_passages("a")))
        answerer = Answerer(snapshot, embedder, reader)
        question = "Who is the harbour master of Callory?"
        asked = Question(question, limit=1, min_confidence=0)
        [citations] = {answer.citations for answer in answerer.ask(asked).answers}
        assert [citation.source for citation in citations] == ["Coast News", "Hill Post"]
        assert {citation.article_id: STORY[citation.start : citation.end] for citation in citations} == {
            "a": "Ann Lee",
            "b": "Ann Lee",
        }
        only = Filters(sources=("hill post",))
        [answer] = answerer.ask(Question(question, limit=1, min_confidence=0, filters=only)).answers
        assert [citation.source for citation in answer.citations] == ["Hill Post"]
        assert [found.article.id for found in answerer.search(question, filters=only)] == ["b"]
        assert len(set(snapshot.store.witnesses(["a", "b"]).values())) == 1
        assert snapshot.count_problems() == []
    (news / "a.jsonl").unlink()
    report = build([news / "*.jsonl"], versions, embedder)
    assert (report.unchanged, report.removed, report.embedded) == (1, 1, 0)
    fresh = Versions(tmp_path / "fresh")
    build([news / "*.jsonl"], fresh, embedder)
    assert fresh.open().manifest.files == versions.open().manifest.files


@pytest.mark.parametrize(("count", "copies"), [(LEAST_WORDS, True), (LEAST_WORDS - 1, False)])
def test_a_text_of_few_words_is_no_copy_of_another(count: int, copies: bool) -> None:
    text = " ".join(f"word{number}" for number in range(count))
    assert are_near_copies(text, text) == copies
    assert candidates(_bands([text, text])) == ([(0, 1)] if copies else [])


def _bands(texts: list[str]) -> np.ndarray[tuple[int, int], np.dtype[np.uint32]]:
    articles = [Article(f"a{at}", "", text, (Block(0, len(text)),)) for at, text in enumerate(texts)]
    bands: np.ndarray[tuple[int, int], np.dtype[np.uint32]] = np.concatenate(list(map(fingerprint, articles)))["bands"]
    return bands


def _words(chance: random.Random, count: int) -> list[str]:
    return [f"w{chance.randrange(4000)}" for _ in range(count)]


def _reprint(chance: random.Random, words: list[str]) -> list[str]:
    """Another head, perhaps a cut tail or two more paragraphs, and a word changed here and there."""
    kept = [word if chance.random() > 0.01 else "other" for word in words[chance.randrange(12) :]]
    if chance.random() < 0.4:
        kept = kept[: max(60, int(len(kept) * chance.uniform(0.5, 0.9)))]
    elif chance.random() < 0.5:
        kept += _words(chance, chance.randrange(10, 80))
    return _words(chance, chance.randrange(5, 10)) + kept


def _form(chance: random.Random) -> list[str]:
    """A text of which every third word is filled in."""
    return [f"form{at}" if at % 3 else f"n{chance.randrange(10_000)}" for at in range(90)]


def test_reprints_are_recognised_and_others_are_not() -> None:
    chance = random.Random(5)
    texts: list[str] = []
    truth: set[tuple[int, int]] = set()
    for _ in range(150):
        words = _words(chance, chance.randrange(90, 500))
        texts += [" ".join(words), " ".join(_reprint(chance, words))]
        truth.add((len(texts) - 2, len(texts) - 1))
    texts += [" ".join(_words(chance, 200)) for _ in range(100)]
    texts += [" ".join(_form(chance)) for _ in range(100)]
    pairs = candidates(_bands(texts))
    for some in ({1, 7}, {*range(80)}):
        assert candidates(_bands(texts), some) == [pair for pair in pairs if some & {*pair}]
    found = {(one, other) for one, other in pairs if are_near_copies(texts[one], texts[other])}
    recall, precision = len(found & truth) / len(truth), len(found & truth) / len(found)
    assert precision == 1
    assert recall > 0.8, recall


def test_short_texts_are_no_near_copies() -> None:
    assert not are_near_copies("Qtly div 10 cts vs 10 cts prior", "Qtly div 10 cts vs 10 cts prior")
    assert are_near_copies(STORY, f"By our reporter. {STORY}")


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9))))
def test_groups_are_those_of_their_first_member(pairs: list[tuple[int, int]]) -> None:
    found = groups(10, pairs)
    assert all(found[one] == found[other] for one, other in pairs)
    assert all(found[first] == first and first <= number for number, first in enumerate(found))
    assert len(set(found)) >= 10 - len(pairs)


@pytest.mark.parametrize("order", [1, -1])
def test_witnesses_do_not_depend_on_what_was_indexed_before(tmp_path: Path, embedder: Embedder, order: int) -> None:
    news = tmp_path / "news"
    news.mkdir()
    versions = Versions(tmp_path / "index")
    for name, text in list({"a": STORY, "b": f"Frost in the north. {STORY}", "c": STORY[:200]}.items())[::order]:
        (news / f"{name}.jsonl").write_text(f'{{"id": "{name}", "text": "{text}"}}\n')
        build([news], versions, embedder)
    assert versions.open().store.witnesses(["a", "b", "c"]) == {"a": 0, "b": 0, "c": 2}


def test_a_reprint_is_cited_and_is_no_second_witness(tmp_path: Path, embedder: Embedder, reader: Reader) -> None:
    news = tmp_path / "news"
    news.mkdir()
    mill = "It moved into the old mill last year, and opens on Mondays and Fridays."
    other = f"Ann Lee has been the harbour master since 1998, the town hall says. {mill}"
    for name, text in {"a": STORY, "b": f"Frost in the north. {STORY}", "c": other}.items():
        (news / f"{name}.jsonl").write_text(f'{{"id": "{name}", "text": "{text}"}}\n')
    build([news], versions := Versions(tmp_path / "index"), embedder)
    with versions.open() as snapshot:
        question = Question("Who is the harbour master of Callory?", min_confidence=0)
        result = Answerer(snapshot, embedder, reader).ask(question)
        answer = next(answer for answer in result.answers if answer.text == "Ann Lee")
    assert {citation.article_id for citation in answer.citations} == {"a", "b", "c"}
    assert answer.witnesses == 2


def test_a_story_under_another_headline_is_no_second_witness(tmp_path: Path, embedder: Embedder) -> None:
    short = "The ferry stays in port."
    titled = {"a": ("Frost", STORY), "b": ("Callory frozen in", STORY), "c": ("Ferry", short), "d": ("Port", short)}
    lines = [json.dumps({"id": name, "title": title, "text": text}) for name, (title, text) in titled.items()]
    (tmp_path / "news.jsonl").write_text("\n".join(lines))
    build([tmp_path / "news.jsonl"], versions := Versions(tmp_path / "index"), embedder)
    with versions.open() as snapshot:
        assert snapshot.store.witnesses([*titled]) == {"a": 0, "b": 0, "c": 2, "d": 2}
        headed = snapshot.store.article("b")
        assert headed
        assert headed.text == f"Callory frozen in\n\n{STORY}"
        assert snapshot.store.article_passages("b")[-1].end == len(headed.text)
