"""What is trained and what serves compute the same; what was read is kept."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from index.building.builder import build
from index.models.embedder import Embedder
from index.storage.versions import Versions
from rag.checking.entailment import Entailment
from rag.question import NO_FILTERS
from rag.reading.reader import States
from rag.retrieval.retriever import Retriever
from training import entailment
from training.checked_sentences import Sentence
from training.entailment import Pair, batch, parts_of, train
from training.judging import Attention

WIDTH = 12


def pair(tokens: int, said: int, status: int = 0) -> Pair:
    chosen = np.random.default_rng(tokens * 100 + said)
    parts = np.array([2] + [0] * said + [2, 2] + [1] * (tokens - said - 4) + [2])
    return Pair(chosen.normal(size=(tokens, WIDTH)).astype(np.float16), parts, status, False)


@pytest.mark.parametrize("at", [0, 1, 2])
def test_serving_computes_what_was_trained(at: int) -> None:
    torch.manual_seed(3)
    model = Attention(WIDTH).eval()
    some = [pair(20, 4), pair(31, 9), pair(9, 1)]
    with torch.no_grad():
        supported, contradicted, neither = model(*batch(some, 0.5))[at].tolist()
    judged = Entailment(parts_of(model, 0.5)).judge(States(some[at].values.astype(np.float32), some[at].parts))
    assert judged.borne_out == pytest.approx(supported - contradicted, abs=0.05)
    assert judged.covered == pytest.approx(np.logaddexp(supported, contradicted) - neither, abs=0.05)


def test_pairs_are_kept_as_they_were_read(tmp_path: Path) -> None:
    some = [pair(20, 4, 1), pair(9, 1, 2)]
    entailment._write(tmp_path / "pairs.npz", some)
    kept = list(entailment._kept(tmp_path / "pairs.npz"))
    for before, after in zip(some, kept, strict=True):
        assert np.array_equal(before.values, after.values)
        assert np.array_equal(before.parts, after.parts)
        assert (before.status, before.is_held) == (after.status, after.is_held)
    assert [path.name for path in tmp_path.iterdir()] == ["pairs.npz"]


def test_training_learns_what_can_be_learnt(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(entailment, "_WARMUP", 1)
    chosen = np.random.default_rng(0)
    known = []
    for number in range(192):
        made = pair(12 + number % 5, 3, number % 3)
        values = chosen.normal(size=made.values.shape)
        values[1:4] += 3 * np.eye(WIDTH)[made.status]
        known.append(made._replace(values=values.astype(np.float16)))
    model, scale = train(known)
    with torch.no_grad():
        found = model.eval()(*batch(known, scale)).argmax(1).tolist()
    assert np.mean([status == each.status for status, each in zip(found, known, strict=True)]) > 0.9


def test_sentences_that_changed_are_read_again_and_all_by_another_reader(tmp_path: Path) -> None:
    one = Sentence("The ferry is new.", "a", "supported", "a new ferry")
    first = entailment._file(tmp_path, [one], "reader")
    assert entailment._file(tmp_path, [replace(one)], "reader") == first
    others = [[replace(one, status="contradicted")], [replace(one, headline="ferry")], [one, one], []]
    assert len({first, *(entailment._file(tmp_path, some, "reader") for some in others)}) == 5
    assert entailment._file(tmp_path, [one], "another") != first


def test_what_decides_stands_in_a_passage_or_in_the_title_of_its_article(tmp_path: Path, embedder: Embedder) -> None:
    (tmp_path / "ferry.md").write_text("# Ferry runs again\n\nIt left the harbour at nine.\n", encoding="utf-8")
    build([tmp_path / "ferry.md"], Versions(tmp_path / "data"), embedder)
    with Versions(tmp_path / "data").open() as snapshot:
        retriever = Retriever(snapshot, embedder)
        [found] = retriever.find(retriever.begin("Does the ferry run?", NO_FILTERS), 1).passages
    told = Sentence("The ferry left.", "ferry", "supported", "left the harbour")
    assert entailment._decides(told, found)
    assert entailment._decides(replace(told, evidence="", headline="Ferry runs"), found)
    assert not entailment._decides(replace(told, evidence="sank"), found)
    assert not entailment._decides(replace(told, status="not_found", evidence=""), found)
