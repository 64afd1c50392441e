"""A data folder whose keys may be changed."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from api.access.keys import FILE, KeyStore


@pytest.fixture(scope="module")
def data_dir(seed_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("access") / "data"
    shutil.copytree(seed_data, folder, symlinks=True)
    return folder


@pytest.fixture
def store(data_dir: Path) -> Iterator[KeyStore]:
    """The keys; none of them is there at the end."""
    yield KeyStore(data_dir)
    (data_dir / FILE).unlink(missing_ok=True)
