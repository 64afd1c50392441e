from pathlib import Path

import pytest

from index.models.onnx_model import ModelError
from rag.english.logistic import Logistic


def test_a_model_that_is_written_is_read_and_weighs(tmp_path: Path) -> None:
    model = Logistic({"a": 2.0}, -1.0, "own sums")
    model.write(tmp_path / "model.json")
    read = Logistic.read(tmp_path / "model.json")
    assert read == model
    assert read.probability({"a": 0.5}) == 0.5
    assert read.probability({"a": 1e9}) == pytest.approx(1)


@pytest.mark.parametrize("content", ["", "[]", '{"weights": {"a": "x"}, "bias": 0, "fitted_on": ""}', '{"bias": 0}'])
def test_a_damaged_file_is_named(tmp_path: Path, content: str) -> None:
    (tmp_path / "model.json").write_text(content)
    with pytest.raises(ModelError, match=r"model\.json is missing or damaged"):
        Logistic.read(tmp_path / "model.json")
    with pytest.raises(ModelError, match="is missing or damaged"):
        Logistic.read(tmp_path / "none.json")
