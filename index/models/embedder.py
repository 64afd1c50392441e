"""Texts to unit vectors, with a compiled sentence-transformers model."""

import hashlib
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Self

import numpy as np
from tokenizers import Encoding

from index.models import multilingual
from index.models.compiled import REMAKE, Compiler, describe, ensure, place
from index.models.multilingual import MULTILINGUAL
from index.models.onnx_model import FloatArray, ModelError, OnnxModel, open_tokenizer

DEFAULT_EMBEDDER = "sentence-transformers/all-MiniLM-L6-v2"
DEFAULT_WEIGHTS_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
PRECISIONS = ("int8", "float32")
SHIPPED = Path(__file__).parent / "all-minilm-l6-v2"
"""The default model compiled to int8. ``make embedder`` makes it."""
COMPILER = Compiler("index.models.compile_embedder", label="index.compile_embedder")
_STRIDE = 256
"""Texts tokenised at a time, so that embedding a large index holds few encodings."""


class Embedder:
    """A compiled embedding model. Safe to share between threads."""

    def __init__(self, folder: Path, precision: str = "int8", threads: int | None = None) -> None:
        """Open a folder that the compiler made, such as :data:`SHIPPED`.

        :raises ModelError: when the folder is incomplete or the precision unknown.
        """
        if precision not in PRECISIONS:
            raise ModelError(f"there is no precision {precision!r}: take one of {', '.join(PRECISIONS)}")
        mend = "Install pullquote again." if folder == SHIPPED else REMAKE
        manifest = describe(folder, (f"{precision}.onnx", "tokenizer.json"), mend)
        self.name: str = manifest["name"]
        self.precision = precision
        self.weights_sha256: str | None = manifest["weights_sha256"]
        self.dimension: int = manifest["dimension"]
        self.max_tokens: int = manifest["max_tokens"]
        self.fingerprint = _fingerprint(manifest, precision)
        """A hash of all that a vector depends on but the text: graph, tokenizer, prompt and length."""
        self.by_language: bool = manifest.get("by_language", False)
        """Whether the words of a text are spelled by its language to be searched (:mod:`index.storage.spelling`)."""
        self.least_cosine: float = manifest.get("least_cosine", 0.0)
        """The cosine of texts that have nothing to do with each other."""
        self._prompts: dict[str, str] = manifest["prompts"]
        self.tokenizer_file = folder / "tokenizer.json"
        self._tokenizer = open_tokenizer(self.tokenizer_file)
        self._tokenizer.enable_truncation(self.max_tokens)
        self._counter = open_tokenizer(self.tokenizer_file)
        self._model = OnnxModel(folder / f"{precision}.onnx", threads)

    @classmethod
    def load(cls, name: str, cache: Path, precision: str = "int8", threads: int | None = None) -> Self:
        """Open the model ``name`` (a folder, or a name on the model hub), compiling it into ``cache`` if need be.

        The default model in int8 is shipped and needs no ``cache``. ``multilingual`` is the one of the extra.
        :raises ModelError: when it can't be loaded, compiled, or trusted.
        """
        if name == MULTILINGUAL:
            multilingual.require_extra()
            if precision != "int8":
                raise ModelError("the multilingual embedder runs in int8 only: set that precision")
        folder = SHIPPED if _is_shipped(name, precision) else ensure(_compiler(name), name, cache)
        return cls(folder, precision, threads)

    @classmethod
    def is_compiled(cls, name: str, cache: Path, precision: str = "int8") -> bool:
        """Whether :meth:`load` would find the model, shipped or compiled in ``cache``."""
        return _is_shipped(name, precision) or place(_compiler(name), name, cache).is_dir()

    def embed_passages(self, texts: Sequence[str]) -> FloatArray:
        """Unit vectors ``float32[n, dimension]`` of texts that are searched for."""
        return np.concatenate([np.zeros((0, self.dimension), np.float32), *self.stream_passages(texts)])

    def stream_passages(self, texts: Sequence[str]) -> Iterator[FloatArray]:
        """The rows of :meth:`embed_passages`, some hundred at a time, for progress and little memory."""
        for first in range(0, len(texts), _STRIDE):
            yield self._embed(self._prompts["document"], texts[first : first + _STRIDE])

    def embed_question(self, question: str) -> FloatArray:
        """The unit vector ``float32[dimension]`` of a question."""
        vector: FloatArray = self._embed(self._prompts["query"], [question])[0]
        return vector

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """The length of each text in tokens of this model, special tokens left out."""
        return [len(encoding.ids) for encoding in self._counter.encode_batch(list(texts), add_special_tokens=False)]

    def _embed(self, prompt: str, texts: Sequence[str]) -> FloatArray:
        encodings: list[Encoding] = self._tokenizer.encode_batch([prompt + text for text in texts])
        return np.stack([outputs[0] for outputs in self._model.run(encodings)])


def _compiler(name: str) -> Compiler:
    return multilingual.COMPILER if name == MULTILINGUAL else COMPILER


def _is_shipped(name: str, precision: str) -> bool:
    return name == DEFAULT_EMBEDDER and precision == "int8"


def _fingerprint(manifest: dict[str, Any], precision: str) -> str:
    files = [manifest["files"][name] for name in (f"{precision}.onnx", "tokenizer.json")]
    content = json.dumps([*files, manifest["prompts"]["document"], manifest["max_tokens"]])
    return hashlib.sha256(content.encode()).hexdigest()
