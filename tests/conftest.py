"""Real models, real indexes and real clients for the tests; and no network for any of them.

Property tests try other examples in every run. Where ``CI`` is set they try the same ones each time, by the profile
``ci`` that comes with Hypothesis. No example has a time limit: machines are busy.
"""

import os
import runpy
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.support.paths import NO_NETWORK, ROOT, SEED_ARTICLE

runpy.run_path(str(NO_NETWORK / "sitecustomize.py"))
os.environ["PYTHONPATH"] = os.pathsep.join([str(NO_NETWORK), str(ROOT)])
for _name in [name for name in os.environ if name.startswith("PULLQUOTE_") and name != "PULLQUOTE_CHROMIUM"]:
    del os.environ[_name]
os.environ["PULLQUOTE_READER"] = "small"  # a fifth of the time; tests/rag/test_default_reader.py asks what ships

from fastapi.testclient import TestClient  # noqa: E402

from api.app import create_app  # noqa: E402
from api.settings import Settings, load_settings  # noqa: E402
from index.building.builder import build  # noqa: E402
from index.models.embedder import SHIPPED, Embedder  # noqa: E402
from index.storage.snapshot import Snapshot  # noqa: E402
from index.storage.versions import Versions  # noqa: E402
from rag.answerer import Answerer  # noqa: E402
from rag.example_questions import example_questions  # noqa: E402
from rag.reading.passage_reader import PassageReader, open_reader  # noqa: E402
from rag.reading.reader import Reader  # noqa: E402

HERE = "http://127.0.0.1:8000"

DataDir = Callable[..., Path]

settings.register_profile("exploring", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("brief", settings.get_profile("ci"), max_examples=20)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE") or ("ci" if os.environ.get("CI") else "exploring"))


@pytest.fixture(scope="session")
def model_cache() -> Path:
    """What is not shipped and compiled for tests, kept in the checkout so that it is compiled once."""
    return ROOT / "var" / "models"


@pytest.fixture(scope="session")
def embedder() -> Embedder:
    return Embedder(SHIPPED, threads=2)


@pytest.fixture(scope="session")
def reader(model_cache: Path) -> Reader:
    """The small reader, which reads five times as fast as what is the default."""
    return Reader.shipped(threads=2)


@pytest.fixture(scope="session")
def both_readers(model_cache: Path) -> PassageReader:
    """The small reader and the large one as one, which is the default."""
    return open_reader(None, model_cache, threads=2)


@pytest.fixture(scope="session")
def make_data_dir(tmp_path_factory: pytest.TempPathFactory, embedder: Embedder, reader: Reader) -> DataDir:
    """Makes a data folder with an index of the given sources."""

    def suggest(snapshot: Snapshot) -> list[str]:
        return example_questions(Answerer(snapshot, embedder, reader))

    def make(*sources: str | Path) -> Path:
        folder = tmp_path_factory.mktemp("data")
        build(sources, Versions(folder / "index"), embedder, suggest=suggest)
        return folder

    return make


@pytest.fixture(scope="session")
def seed_data(make_data_dir: DataDir) -> Path:
    """A data folder with the index of the seed article. Do not change it: take a copy."""
    return make_data_dir(SEED_ARTICLE)


@pytest.fixture(scope="session")
def articles_data(make_data_dir: DataDir) -> Path:
    """A data folder with the index of ``tests/articles``. Do not change it: take a copy."""
    return make_data_dir(ROOT / "tests" / "articles")


@pytest.fixture(scope="session")
def seed_snapshot(seed_data: Path) -> Snapshot:
    return Versions(seed_data / "index").open()


@pytest.fixture(scope="session")
def articles_snapshot(articles_data: Path) -> Snapshot:
    return Versions(articles_data / "index").open()


@pytest.fixture(scope="session")
def seed_answerer(seed_snapshot: Snapshot, embedder: Embedder, reader: Reader) -> Answerer:
    return Answerer(seed_snapshot, embedder, reader)


@pytest.fixture(scope="session")
def articles_answerer(articles_snapshot: Snapshot, embedder: Embedder, reader: Reader) -> Answerer:
    return Answerer(articles_snapshot, embedder, reader)


def _in_use(data: Path, folder: Path) -> Settings:
    """Settings of a service that stays open, over a copy that no test copies again.

    Whoever reads and closes a file of SQLite's takes the locks that this process has on it; another process then cuts
    the memory that both share, and this one dies of a bus error.
    """
    return load_settings(data_dir=shutil.copytree(data, folder / "data", symlinks=True), threads=2)


@pytest.fixture(scope="session")
def seed_settings(seed_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return _in_use(seed_data, tmp_path_factory.mktemp("seed"))


@pytest.fixture(scope="session")
def articles_settings(articles_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return _in_use(articles_data, tmp_path_factory.mktemp("articles"))


@pytest.fixture(scope="session")
def client(seed_settings: Settings) -> Iterator[TestClient]:
    """A client of the service over the seed article."""
    with TestClient(create_app(seed_settings), base_url=HERE, raise_server_exceptions=False) as seed_client:
        yield seed_client


@pytest.fixture(scope="session")
def articles_client(articles_settings: Settings) -> Iterator[TestClient]:
    """A client of the service over ``tests/articles``."""
    with TestClient(create_app(articles_settings), base_url=HERE, raise_server_exceptions=False) as some_client:
        yield some_client
