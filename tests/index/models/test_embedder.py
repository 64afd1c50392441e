import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.models import compile_embedder
from index.models.compiled import MANIFEST, ensure
from index.models.embedder import DEFAULT_EMBEDDER, DEFAULT_WEIGHTS_SHA256, Embedder
from index.models.onnx_model import ModelError


@pytest.fixture(scope="session")
def folder(embedder: Embedder, model_cache: Path) -> Path:
    return ensure("index.models.compile_embedder", DEFAULT_EMBEDDER, model_cache)


def test_both_precisions_agree_with_sentence_transformers(folder: Path) -> None:
    described = json.loads((folder / MANIFEST).read_text())
    assert described["weights_sha256"] == DEFAULT_WEIGHTS_SHA256
    assert described["cosine_to_reference"]["float32"]["least"] > 0.9999
    assert described["cosine_to_reference"]["int8"]["least"] > 0.97


def test_vectors_have_length_one_and_near_texts_are_near(embedder: Embedder) -> None:
    vectors = embedder.embed_passages(["The harbour froze.", "The port was iced over.", "Shares fell by a tenth."])
    assert vectors.shape == (3, 384)
    assert vectors.dtype == np.float32
    assert np.linalg.norm(vectors, axis=1) == pytest.approx([1, 1, 1], abs=1e-5)
    assert vectors[0] @ vectors[1] > vectors[0] @ vectors[2] + 0.2


def test_a_vector_does_not_depend_on_the_texts_beside_it(embedder: Embedder) -> None:
    texts = ["Short.", "A rather longer text about a harbour, its ferries and the ice. " * 5, "Middle sized text."]
    together = embedder.embed_passages(texts)
    assert np.array_equal(together, np.stack([embedder.embed_passages([text])[0] for text in texts]))


@settings(max_examples=25)
@given(st.text(st.characters(codec="utf-8"), max_size=300))
def test_any_text_can_be_embedded(embedder: Embedder, text: str) -> None:
    assert np.isfinite(embedder.embed_question(text)).all()
    [count] = embedder.count_tokens([text])
    assert count >= 0


def test_no_texts_give_no_vectors(embedder: Embedder) -> None:
    assert embedder.embed_passages([]).shape == (0, 384)


def test_an_unknown_precision_is_named(folder: Path) -> None:
    with pytest.raises(ModelError, match="no precision 'int4'"):
        Embedder(folder, "int4")


@pytest.mark.parametrize("name", ["int8.onnx", "tokenizer.json", MANIFEST])
def test_a_compiled_folder_that_lacks_a_file_is_named(folder: Path, tmp_path: Path, name: str) -> None:
    copy = Path(shutil.copytree(folder, tmp_path / "copy"))
    (copy / name).unlink()
    with pytest.raises(ModelError, match=r"copy.*(missing|incomplete).*to have it made again"):
        Embedder(copy)


def test_a_compiled_graph_that_was_altered_is_named(folder: Path, tmp_path: Path) -> None:
    copy = Path(shutil.copytree(folder, tmp_path / "copy"))
    graph = bytearray((copy / "int8.onnx").read_bytes())
    graph[len(graph) // 2] ^= 1
    (copy / "int8.onnx").write_bytes(graph)
    with pytest.raises(ModelError, match=r"int8\.onnx is missing or altered"):
        Embedder(copy)


def test_a_model_that_is_not_there_is_named_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"the model '.*nowhere' can't be used: there is no model folder") as caught:
        Embedder.load(str(tmp_path / "nowhere"), tmp_path / "cache")
    assert "\n" not in str(caught.value)
    assert list((tmp_path / "cache").glob(".compiling-*")) == []


def test_what_a_killed_compiler_left_is_removed_by_the_next(tmp_path: Path) -> None:
    (tmp_path / ".compiling-dead").mkdir()
    (tmp_path / ".compiling-dead" / "float32.onnx").touch()
    with pytest.raises(ModelError):
        ensure("index.models.compile_embedder", str(tmp_path / "no-model"), tmp_path)
    assert list(tmp_path.glob(".compiling-*")) == []


def test_a_model_folder_that_lacks_its_weights_is_named_in_one_line(tmp_path: Path) -> None:
    source = Path(compile_embedder.locate(DEFAULT_EMBEDDER))
    model = Path(shutil.copytree(source, tmp_path / "model", ignore=shutil.ignore_patterns("*.safetensors")))
    with pytest.raises(
        ModelError, match=r"the model '.*model' can't be used: sentence-transformers can't load it"
    ) as caught:
        Embedder.load(str(model), tmp_path / "cache")
    assert "\n" not in str(caught.value)


def test_weights_that_are_not_the_published_ones_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compile_embedder, "DEFAULT_WEIGHTS_SHA256", "0" * 64)
    with pytest.raises(ModelError, match="not the published model"):
        compile_embedder.locate(DEFAULT_EMBEDDER)


def test_a_compiled_model_that_strays_from_the_reference_is_refused(folder: Path) -> None:
    reference = -Embedder(folder).embed_passages(compile_embedder.CHECK_TEXTS)
    with pytest.raises(ModelError, match=r"strays from the reference \(cosine -"):
        compile_embedder.agreement(folder, "int8", reference)


@pytest.mark.slow
def test_another_sentence_transformers_model_can_be_set(tmp_path: Path) -> None:
    source = Path(compile_embedder.locate(DEFAULT_EMBEDDER))
    model = Path(shutil.copytree(source, tmp_path / "mine"))
    embedder = Embedder.load(str(model), tmp_path / "cache", "float32")
    assert embedder.name == str(model)
    assert embedder.embed_passages(["text"]).shape == (1, 384)
    before = set((tmp_path / "cache").iterdir())
    Embedder.load(str(model), tmp_path / "cache", "float32")
    assert set((tmp_path / "cache").iterdir()) == before
