"""Corpora that are grown around real passages."""

import gzip
import json
from itertools import islice
from pathlib import Path

import numpy as np
import pytest

from benchmarks.grown import Grown, GrownEmbedder
from benchmarks.scale import asking, making, showing
from index.building.integrity import store_problems
from index.storage.versions import Versions


@pytest.fixture(scope="module")
def place(tmp_path_factory) -> Path:
    folder: Path = tmp_path_factory.mktemp("grown")
    with (folder / "corpus.jsonl").open("w") as corpus, (folder / "queries.jsonl").open("w") as queries:
        for number in range(20):
            text = f"Harbour {number} was built of stone in the year {1800 + number}. Its tower has a bell."
            corpus.write(json.dumps({"_id": f"c{number}", "title": f"Harbour {number}", "text": text}) + "\n")
            queries.write(json.dumps({"_id": f"q{number}", "text": f"When was harbour {number} built?"}) + "\n")
    lines = ["query-id\tcorpus-id\tscore", *(f"q{number}\tc{number}\t1" for number in range(20))]
    (folder / "qrels.tsv").write_text("\n".join(lines) + "\n")
    with gzip.open(folder / "paragraphs.jsonl.gz", "wt") as file:
        for number in range(40):
            context = f"Town {number} lies by the river. It has {number + 3} mills and a market on Mondays."
            file.write(json.dumps({"title": f"Town_{number}", "context": context}) + "\n")
    return folder


@pytest.fixture(scope="module")
def grown(place) -> Grown:
    return Grown(place, place / "paragraphs.jsonl.gz")


def test_more_articles_begin_with_the_same_as_fewer_and_the_real_ones_come_first(grown):
    many = list(grown.records(60))
    assert len(many) == 60
    assert many[:30] == list(grown.records(30))
    assert [record["text"] for record in many[:20]] == [article.text for article in grown.real.articles]
    assert len({record["id"] for record in many}) == len({record["text"] for record in many}) == 60


def test_grown_text_is_made_of_real_sentences(grown):
    [first] = islice(grown.records(21), 20, None)
    *paragraphs, named = first["text"].rpartition(" So it is in ")[0].split("\n\n"), first["title"].split()[-1]
    for paragraph in paragraphs[0]:
        assert all(sentence.rstrip(".") + "." in " ".join(grown.contexts) for sentence in paragraph.split(". "))
    assert first["text"].endswith(f"in {named}.")


def test_a_corpus_is_written_once_as_files_of_json_lines(grown, tmp_path):
    grown.write(tmp_path / "sources", 25)
    [file] = (tmp_path / "sources").iterdir()
    assert [json.loads(line) for line in file.read_text().splitlines()] == list(grown.records(25))
    file.write_text("kept")
    grown.write(tmp_path / "sources", 25)
    assert file.read_text() == "kept"


def test_questions_are_from_all_over_the_data_set(grown):
    assert grown.questions(2) == ["When was harbour 0 built?", "When was harbour 10 built?"]


def test_a_real_passage_has_its_own_vector_and_a_grown_one_that_of_its_text(grown, tmp_path):
    embedder = GrownEmbedder(grown, tmp_path)
    first, second = (record["text"] for record in islice(grown.records(22), 20, None))
    real = grown.real.articles[3]
    vectors = embedder.embed_passages([f"{real.title}\n{real.text}", f"a\n{first}", f"a\n{second}", f"a\n{first}"])
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    assert vectors[0] @ embedder.embed_question("When was harbour 3 built?") > 0.5
    assert np.array_equal(vectors[1], vectors[3])
    assert not np.allclose(vectors[1], vectors[2])
    assert np.array_equal(GrownEmbedder(grown, tmp_path).embed_passages([f"a\n{first}"])[0], vectors[1])


def test_a_version_that_is_written_straight_is_asked_like_one_that_is_built(place: Path, tmp_path: Path) -> None:
    corpus = place, place / "paragraphs.jsonl.gz"
    making.sources(corpus, tmp_path / "40", 40)
    making.written(corpus, tmp_path / "40")
    passages = showing.first(making.size(tmp_path / "40")["passages"])
    with Versions(tmp_path / "40" / "index").open() as straight:
        assert list(store_problems(straight.store)) == straight.count_problems() == []
        assert len(straight.vectors) == passages > 40
        many = [article for article in straight.articles() if len(article.blocks) > 1]
        passages = straight.store.article_passages(many[0].id)
        assert [many[0].text[each.start : each.end] for each in passages] == many[0].text.split("\n\n")[1:]
    found = asking.searched(corpus, tmp_path / "40", 5, 2, "small")
    assert {"both, half, CPU ms", "which pass: three months, CPU ms", "an ask, CPU ms"} <= found.keys()
