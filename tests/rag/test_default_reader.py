"""What ships and is asked by default: the small reader and the large one, as one."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.settings import load_settings
from index.building.builder import build
from index.models.embedder import Embedder
from index.storage.versions import Versions
from rag.answerer import Answerer
from rag.checking.checker import Checker
from rag.checking.signs import BY_ATTENTION, signs
from rag.question import Question
from rag.ranking.calibration import Calibrator, shipped_for
from rag.reading.passage_reader import PassageReader, open_reader
from rag.reading.reader import LARGE, SHIPPED, Reader
from rag.reading.rereading import RereadingReader
from tests.conftest import HERE
from tests.support.paths import ROOT


@pytest.fixture(scope="module")
def client(seed_data: Path) -> Iterator[TestClient]:
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("PULLQUOTE_READER")
        settings = load_settings(data_dir=seed_data, threads=2)
    with TestClient(create_app(settings), base_url=HERE) as found:
        yield found


def test_every_shipped_reader_has_its_calibration() -> None:
    small, both = open_reader("small", Path()), open_reader(None, Path())
    assert isinstance(small, Reader)
    assert isinstance(both, RereadingReader)
    assert shipped_for(small.sha256).reader == small.sha256
    assert Calibrator.read().reader == shipped_for(both.sha256).reader == both.sha256
    assert shipped_for("of another reader") == Calibrator.read()


def test_both_read_titles_and_no_file_is_too_large_for_a_repository() -> None:
    assert all(Reader(folder, threads=1).reads_titles for folder in (SHIPPED, LARGE))
    assert all(file.stat().st_size < 95_000_000 for folder in (SHIPPED, LARGE) for file in folder.iterdir())


def test_an_answer_is_given_with_its_citation(client: TestClient) -> None:
    body = client.post("/v1/ask", json={"question": "Who is the NATO spokeswoman?"}).json()
    assert body["answers"][0]["text"] == "Farah Dakhlallah"
    assert "+" in body["models"]["reader"]
    citation = body["answers"][0]["citations"][0]
    assert client.post("/v1/citations/verify", json={"citation": citation}).json()["status"] == "found"


def test_the_headline_answers(client: TestClient) -> None:
    body = client.post("/v1/ask", json={"question": "Which country sent troops to Russia?", "min_confidence": 0}).json()
    texts = [answer["text"] for answer in body["answers"]]
    assert texts[0] in ("North Korea", "DPRK")
    assert "North Korea" in texts


def test_who_denies_is_not_answered_with_where_others_tell_what_happened(client: TestClient) -> None:
    body = client.post("/v1/ask", json={"question": "Did North Korea send troops?", "min_confidence": 0}).json()
    assert "North Korea Sent\nTroops to Russia" in body["answers"][0]["text"]


def test_an_older_price_stands_beside_the_newer_one(tmp_path: Path, embedder: Embedder) -> None:
    build([ROOT / "seeds" / "invented"], Versions(tmp_path), embedder)
    answerer = Answerer(Versions(tmp_path).open(), embedder, open_reader(None, tmp_path, threads=2))
    found = answerer.ask(Question("How much will the bridge cost?")).agreement
    assert found
    assert {(each.relation, each.text) for each in found.positions} == {
        ("same", "55 million crowns"),
        ("contradicting", "40 million crowns"),
    }


def test_what_no_article_answers_is_not_answered(client: TestClient) -> None:
    body = client.post("/v1/ask", json={"question": "Who won the football world cup in 1998?"}).json()
    assert not body["answerable"]


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("Lloyd Austin is the U.S. Defense Secretary.", "Park Sun-won is the U.S. Defense Secretary."),
        ("About 10,000 troops are to be deployed in total.", "About 50,000 troops are to be deployed in total."),
        (
            "The deployment is expected by December.",
            "The deployment is expected by March.",
        ),
        ("Moscow has not confirmed the deployment.", "Moscow has confirmed the deployment."),
    ],
)
def test_a_true_sentence_is_likelier_supported_than_a_false_one(client: TestClient, right: str, wrong: str) -> None:
    checked = client.post("/v1/check", json={"text": f"{right}\n\n{wrong}"}).json()["sentences"]
    first, second = (each["chances"]["supported"] for each in checked)
    assert first > second
    assert all(sum(each["chances"].values()) == pytest.approx(1) for each in checked)


def test_only_a_large_reader_gives_the_signs_of_the_attention(
    articles_answerer: Answerer, both_readers: PassageReader
) -> None:
    for reader, is_there in ((open_reader("small", Path()), False), (both_readers, True)):
        checker = Checker(articles_answerer.corpus, articles_answerer.embedder, reader)
        found = checker.findings("The ferry can carry 420 passengers.")
        assert found
        assert ({*BY_ATTENTION} <= signs(found).keys()) == is_there
