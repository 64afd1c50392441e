"""How alike two words or names are in kind, from the input embeddings of the model that is trained."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from tokenizers import Tokenizer

Vectors = npt.NDArray[np.float32]


class Kinship:
    """Cosine between the mean word-piece embeddings of two texts.

    Input embeddings put words of one kind near each other (cities, years, verbs in the past), which is what a swap needs.

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
