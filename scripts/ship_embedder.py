"""Make the embedder that is shipped: ``python scripts/ship_embedder.py``, or ``make embedder``.

The default model is compiled and compared with sentence-transformers; its int8 graph, tokenizer and manifest are kept.
The same versions of what compiles, which the manifest tells, make the same bytes.
"""

import json
import shutil
import tempfile
from pathlib import Path

from index.models.compile_embedder import compile_embedder
from index.models.compiled import MANIFEST
from index.models.embedder import DEFAULT_EMBEDDER, SHIPPED

KEPT = ("int8.onnx", "tokenizer.json")


def ship(folder: Path) -> None:
    """Compile the default model and put what is shipped of it into ``folder``.

    :raises ModelError: when the weights are not the published ones, or the compiled model strays from the reference.
    """
    with tempfile.TemporaryDirectory() as work:
        compile_embedder(DEFAULT_EMBEDDER, Path(work))
        manifest = json.loads((Path(work) / MANIFEST).read_text(encoding="utf-8"))
        manifest["cosine_to_reference"] = {"int8": manifest["cosine_to_reference"]["int8"]}
        manifest["files"] = {name: manifest["files"][name] for name in KEPT}
        folder.mkdir(exist_ok=True)
        for name in KEPT:
            shutil.copyfile(Path(work) / name, folder / name)
        (folder / MANIFEST).write_text(json.dumps(manifest, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    ship(SHIPPED)
    print(f"{SHIPPED / MANIFEST} tells what was made, of what, and with which versions")
