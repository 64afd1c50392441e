"""How alike two words are in kind, and two sentences in meaning."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from tokenizers import Tokenizer

Vectors = npt.NDArray[np.float32]


class Kinship:
    """Cosine between the mean word-piece embeddings of two texts.

    Input embeddings put words of one kind near each other (cities, years, verbs in the past), and a swap needs that.

    :param tokenizer: A word-piece tokenizer.
    :param embeddings: float32[vocabulary, width], a row a word piece.
    """

    def __init__(self, tokenizer: Tokenizer, embeddings: Vectors) -> None:
        self._tokenizer = tokenizer
        centred = embeddings - embeddings.mean(axis=0)
        self._embeddings: Vectors = (centred / np.linalg.norm(centred, axis=1, keepdims=True).clip(1e-6)).astype(
            np.float32
        )
        self._cache: dict[str, Vectors] = {}

    def vector(self, text: str) -> Vectors:
        """float32[width], the unit mean of the text's word pieces; zeros for a text without any."""
        known = self._cache.get(text)
        if known is None:
            ids = self._tokenizer.encode(text, add_special_tokens=False).ids
            mean = self._embeddings[ids].mean(axis=0) if ids else np.zeros(self._embeddings.shape[1], np.float32)
            known = (mean / max(float(np.linalg.norm(mean)), 1e-6)).astype(np.float32)
            self._cache[text] = known
        return known

    def __call__(self, one: str, others: list[str]) -> list[float]:
        """Cosines of ``one`` with each of ``others``, in [-1, 1]."""
        if not others:
            return []
        matrix = np.stack([self.vector(other) for other in others])
        return [float(value) for value in matrix @ self.vector(one)]


class Meaning:
    """Cosine between the sentence vectors of two texts.

    :param model_name: A sentence-transformers model, by hub name or local folder.
    """

    def __init__(self, model_name: str) -> None:
        from sentence_transformers import SentenceTransformer

        self._model = SentenceTransformer(model_name, device="cpu")

    def __call__(self, one: str, others: list[str]) -> list[float]:
        """Cosines of ``one`` with each of ``others``, in [-1, 1]."""
        vectors = self._model.encode([one, *others], normalize_embeddings=True, show_progress_bar=False)
        return [float(value) for value in vectors[1:] @ vectors[0]]
