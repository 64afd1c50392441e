"""The models of the checkout, as a program names them."""

from pathlib import Path

import pytest

from pullquote import Models


@pytest.fixture(scope="session")
def models(model_cache: Path) -> Models:
    return Models(reader="small", cache=model_cache, threads=2)
