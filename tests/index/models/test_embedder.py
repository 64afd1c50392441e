import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sentence_transformers import SentenceTransformer

from index.models import compile_embedder
from index.models.compile_embedder import CHECK_TEXTS, LEAST_COSINE, agreement
from index.models.compiled import MANIFEST, Compiler, ensure, place, sha256_file
from index.models.embedder import COMPILER, DEFAULT_EMBEDDER, DEFAULT_WEIGHTS_SHA256, SHIPPED, Embedder
from index.models.onnx_model import ModelError
from scripts import ship_embedder
from tests.support import integer_products


@pytest.fixture(scope="session")
def manifest() -> dict[str, Any]:
    described: dict[str, Any] = json.loads((SHIPPED / MANIFEST).read_text(encoding="utf-8"))
    return described


def test_the_shipped_embedder_is_what_its_manifest_tells(manifest: dict[str, Any]) -> None:
    assert manifest["weights_sha256"] == DEFAULT_WEIGHTS_SHA256
    assert manifest["cosine_to_reference"]["int8"]["least"] >= LEAST_COSINE["int8"]
    assert manifest["files"] == {name: sha256_file(SHIPPED / name) for name in ("int8.onnx", "tokenizer.json")}


@pytest.mark.slow
def test_the_shipped_embedder_agrees_with_sentence_transformers(manifest: dict[str, Any]) -> None:
    model = SentenceTransformer(compile_embedder.locate(DEFAULT_EMBEDDER), device="cpu")
    reference = np.asarray(model.encode(list(CHECK_TEXTS), normalize_embeddings=True))
    cosines = agreement(SHIPPED, "int8", reference)
    apart = 2e-3 if integer_products.are_exact() else 8e-3
    assert cosines == pytest.approx(manifest["cosine_to_reference"]["int8"], abs=apart)


@pytest.mark.slow
def test_the_shipped_embedder_is_made_again_byte_for_byte(tmp_path: Path, manifest: dict[str, Any]) -> None:
    ship_embedder.ship(tmp_path)
    made = json.loads((tmp_path / MANIFEST).read_text(encoding="utf-8"))
    if made["made_with"] != manifest["made_with"]:
        pytest.skip("made with other versions")
    assert made == manifest


@pytest.mark.slow
def test_the_default_model_in_float32_is_compiled_and_nearer(model_cache: Path) -> None:
    embedder = Embedder.load(DEFAULT_EMBEDDER, model_cache, "float32")
    described = json.loads((place(COMPILER, DEFAULT_EMBEDDER, model_cache) / MANIFEST).read_text(encoding="utf-8"))
    assert described["cosine_to_reference"]["float32"]["least"] >= LEAST_COSINE["float32"]
    assert np.sum(embedder.embed_question("How high?") * Embedder(SHIPPED).embed_question("How high?")) > 0.97


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


def test_an_unknown_precision_is_named() -> None:
    with pytest.raises(ModelError, match="no precision 'int4'"):
        Embedder(SHIPPED, "int4")


def test_a_precision_that_is_not_shipped_is_named() -> None:
    with pytest.raises(ModelError, match=r"float32\.onnx is missing"):
        Embedder(SHIPPED, "float32")


@pytest.mark.parametrize("name", ["int8.onnx", "tokenizer.json", MANIFEST])
def test_a_compiled_folder_that_lacks_a_file_is_named(tmp_path: Path, name: str) -> None:
    copy = Path(shutil.copytree(SHIPPED, tmp_path / "copy"))
    (copy / name).unlink()
    with pytest.raises(ModelError, match=r"copy.*(missing|incomplete).*to have it made again"):
        Embedder(copy)


def test_a_compiled_graph_that_was_altered_is_named(tmp_path: Path) -> None:
    copy = Path(shutil.copytree(SHIPPED, tmp_path / "copy"))
    graph = bytearray((copy / "int8.onnx").read_bytes())
    graph[len(graph) // 2] ^= 1
    (copy / "int8.onnx").write_bytes(graph)
    with pytest.raises(ModelError, match=r"int8\.onnx is missing or altered"):
        Embedder(copy)


@pytest.mark.slow
def test_a_model_that_is_not_there_is_named_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"the model '.*nowhere' can't be used: there is no model folder") as caught:
        Embedder.load(str(tmp_path / "nowhere"), tmp_path / "cache")
    assert "\n" not in str(caught.value)
    assert list((tmp_path / "cache").glob(".compiling-*")) == []


@pytest.mark.slow
def test_what_a_killed_compiler_left_is_removed_by_the_next(tmp_path: Path) -> None:
    (tmp_path / ".compiling-dead").mkdir()
    (tmp_path / ".compiling-dead" / "float32.onnx").touch()
    with pytest.raises(ModelError):
        ensure(COMPILER, str(tmp_path / "no-model"), tmp_path)
    assert list(tmp_path.glob(".compiling-*")) == []


@pytest.mark.slow
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


def test_a_compiled_model_that_strays_from_the_reference_is_refused() -> None:
    reference = -Embedder(SHIPPED).embed_passages(CHECK_TEXTS)
    with pytest.raises(ModelError, match=r"strays from the reference \(cosine -"):
        agreement(SHIPPED, "int8", reference)


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


def test_a_compiler_that_moves_compiles_nothing_again(tmp_path: Path) -> None:
    moved = Compiler("elsewhere.compile", COMPILER.label)
    assert place(moved, DEFAULT_EMBEDDER, tmp_path) == place(COMPILER, DEFAULT_EMBEDDER, tmp_path)
    assert place(COMPILER, DEFAULT_EMBEDDER, tmp_path).name == "all-minilm-l6-v2-fa1afcac6e"
    assert place(Compiler(COMPILER.module, "other"), DEFAULT_EMBEDDER, tmp_path) != place(
        moved, DEFAULT_EMBEDDER, tmp_path
    )


@pytest.mark.slow
def test_a_package_in_the_working_directory_is_not_taken_for_ours(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "index.py").write_text("raise SystemExit('the wrong index')")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ModelError, match="there is no model folder"):
        ensure(COMPILER, str(tmp_path / "no-model"), tmp_path / "cache")
