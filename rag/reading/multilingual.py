"""The multilingual reader: where its adapter is, and how it is opened."""

from pathlib import Path

from index.models.compiled import Compiler, describe, ensure, sha256_file
from index.models.multilingual import EXTRA, MODULES, MULTILINGUAL
from index.models.onnx_model import ModelError
from rag.reading.reader import Reader

ADAPTER = Path(__file__).parent.parent / "models" / "reader-multilingual" / "adapter.npz"
COMPILER = Compiler("rag.reading.compile_multilingual", label="multilingual-reader", extra=EXTRA, needs=MODULES)


def open_multilingual(cache: Path, precision: str = "int8", threads: int | None = None) -> Reader:
    """Open the multilingual reader, made in ``cache`` if need be. It is known by its adapter.

    :raises ModelError: when it can't be made or trusted.
    """
    if precision != "int8":
        raise ModelError("the multilingual reader runs in int8 only: set that precision")
    adapter = sha256_file(ADAPTER)
    folder = ensure(COMPILER, f"{MULTILINGUAL}-{adapter[:8]}", cache)
    describe(folder, ("model.int8.onnx", "tokenizer.json", "config.json"))
    reader = Reader(folder, precision, threads)
    reader.name, reader.sha256 = f"pullquote-reader-{MULTILINGUAL}-{adapter[:8]}", adapter
    return reader
