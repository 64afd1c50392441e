"""The models that a program answers with."""

import threading
from pathlib import Path
from typing import Literal

from index.models.embedder import DEFAULT_EMBEDDER, Embedder
from rag.reading.passage_reader import PassageReader, open_reader, reader_beside

Precision = Literal["int8", "float32"]


class Models:
    """An embedding model and a reading model, each loaded when it is first needed and kept as long as this object.

    Share one among as many indexes and threads as you like.
    """

    def __init__(
        self,
        embedder: str = DEFAULT_EMBEDDER,
        reader: str | None = None,
        *,
        embedder_precision: Precision = "int8",
        reader_precision: Precision = "int8",
        reader_again: str | None = None,
        threads: int | None = None,
        cache: str | Path = "var/models",
    ) -> None:
        """Say which models, without loading them.

        :param embedder: a sentence-transformers model: its name on the model hub, or a folder; or ``"multilingual"``,
            with whose reader it then answers, from the extra of that name.
        :param reader: a question-answering model, likewise; None for the two that Pullquote brings, of which
            the large one reads the most promising passages again, ``"small"`` for the small one alone.
        :param reader_again: another large one; None for the one that Pullquote brings, or none beside a ``reader``.
        :param threads: processor threads for each; None for as many as there are processors.
        :param cache: the folder of models that are compiled when they are first used.
        """
        self._embedder_name, self._embedder_precision = embedder, embedder_precision
        self._reader_name, self._reader_precision = reader, reader_precision
        self._reader_again = reader_again
        self._threads, self._cache = threads, Path(cache)
        self._lock = threading.Lock()
        self._embedder: Embedder | None = None
        self._reader: PassageReader | None = None

    def embedder(self) -> Embedder:
        """The embedding model.

        :raises ModelError: when it can't be used.
        """
        with self._lock:
            if self._embedder is None:
                self._embedder = Embedder.load(
                    self._embedder_name, self._cache, self._embedder_precision, self._threads
                )
            return self._embedder

    def reader(self) -> PassageReader:
        """The reading model.

        :raises ModelError: when it can't be used.
        """
        with self._lock:
            if self._reader is None:
                name = reader_beside(self._embedder_name, self._reader_name)
                self._reader = open_reader(name, self._cache, self._reader_precision, self._threads, self._reader_again)
            return self._reader


DEFAULT_MODELS = Models()
"""What is used where none are named, loaded once a process."""
