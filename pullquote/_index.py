"""An open index: what can be asked of it."""

import shutil
import threading
import weakref
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any, Self, Unpack

from index.article import Article, storable
from index.sharding.sharded import open_corpus
from index.storage.corpus import IncompleteError
from index.storage.filters import Filters
from index.storage.snapshot import SnapshotError
from index.storage.versions import Versions
from pullquote._citations import cited
from pullquote._models import DEFAULT_MODELS, Models
from pullquote._question import Conditions, a_limit, a_question, a_text, filters
from rag.answerer import Answerer, Result
from rag.checking.checker import CheckedText, Checker
from rag.citing.citation import Citation
from rag.citing.verification import Cited, Verification, verify
from rag.english.followup import Turn
from rag.english.times import Preference
from rag.question import DEFAULT_LIMIT, Question
from rag.ranking.calibration import calibrator_for
from rag.retrieval.retriever import RetrievedPassage

_PAGE = 100


def open(data_dir: str | Path = "var", *, models: Models = DEFAULT_MODELS, check: bool = True) -> "Index":  # noqa: A001
    """Open the current version of the index in ``data_dir``, which ``pullquote build`` or :func:`pullquote.build` made.

    It stays open, and the same, whatever is built or removed meanwhile; see :attr:`Index.is_current`.

    :param models: those that it was built with, and the reader; loaded once a process where none are given.
    :param check: compute the checksum of every file of the index first, else look at sizes only.
    :raises SnapshotError: when there is no index, it is damaged, or was built with another embedding model.
    :raises ModelError: when a model can't be used.
    """
    versions = Versions(Path(data_dir) / "index")
    snapshot = open_corpus(versions, check)
    try:
        embedder, reader = models.embedder(), models.reader()
        if not snapshot.manifest.is_embedded_by(embedder):
            raise SnapshotError(
                f"the index was built with the embedding model {snapshot.manifest.embedder['name']}, and "
                f"{embedder.name} is to search it, or the weights differ: open it with "
                "models=pullquote.Models(embedder=…), or build it again",
                "other_embedder",
            )
        answerer = Answerer(snapshot, embedder, reader, calibrator_for(versions.folder, reader.sha256))
    except BaseException:
        snapshot.close()
        raise
    return Index(answerer, versions)


class Index:
    """Articles that can be asked: one version of an index, which never changes. Safe to share between threads.

    Get one from :func:`pullquote.open` or :func:`pullquote.over`, and close it, or use it in a ``with`` block.
    """

    def __init__(self, answerer: Answerer, versions: Versions, temporary: Path | None = None) -> None:
        """:param temporary: a folder that is removed with it."""
        self._answerer = answerer
        self._versions = versions
        self._quiet = threading.Condition()
        self._running = 0
        self._release: Callable[[], object] = weakref.finalize(self, _release, answerer, temporary)
        self._is_closed = False

    def ask(
        self,
        question: str | Question,
        *,
        limit: int = DEFAULT_LIMIT,
        min_confidence: float | None = None,
        history: Iterable[Turn | Mapping[str, str]] = (),
        asked_at: date | str | None = None,
        prefer: Preference | None = None,
        require_complete: bool = False,
        **conditions: Unpack[Conditions],
    ) -> Result:
        """The answers to a question, best first, or none and the ``best_guess`` that was held back.

        :param question: its words, or a :class:`pullquote.Question`, which has all else in itself.
        :param limit: answers wanted, 1 or more.
        :param min_confidence: answers below this probability of being right are held back; None for the calibrated
            default.
        :param history: the conversation before the question, the oldest message first.
        :param asked_at: the day from which "last year" and the like count, today if not given.
        :param prefer: puts the "newest" or the "oldest" articles first where several answer; None as the question says.
        :param require_complete: refuse to answer while a part of the index is missing.
        :param conditions: which articles may answer: ``sources``, ``authors``, ``tags``, ``article_ids``,
            ``published_from``, ``published_to``.
        :raises ValueError: when an argument makes no sense, or the index is closed.
        :raises TypeError: when more is given beside a ``Question``.
        :raises IncompleteError: when a part of the index is missing, and ``require_complete``.
        """
        asked = a_question(question, limit, min_confidence, history, conditions, asked_at, prefer)
        with self._open() as answerer:
            result = answerer.ask(asked)
        if require_complete and not result.complete:
            raise IncompleteError(result.warnings[0].message)
        return result

    def search(self, question: str, *, limit: int = 10, **conditions: Unpack[Conditions]) -> list[RetrievedPassage]:
        """The passages that match a question best, best first, without reading them for an answer.

        :raises ValueError: as :meth:`ask`.
        """
        asked, limit, chosen = a_text(question), a_limit(limit), filters(**conditions)
        with self._open() as answerer:
            return answerer.search(asked, limit=limit, filters=chosen)

    def check(self, text: str, **conditions: Unpack[Conditions]) -> CheckedText:
        """Of each sentence of a text whether the articles support it, contradict it or do not tell.

        :raises ValueError: when the text is empty, a condition makes no sense, or the index is closed.
        """
        chosen = filters(**conditions)
        if not text.strip():
            raise ValueError("the text is empty")
        with self._open() as answerer:
            return Checker(answerer.corpus, answerer.embedder, answerer.reader).check(storable(text), chosen)

    def articles(self, **conditions: Unpack[Conditions]) -> Iterator[Article]:
        """All articles, in the order of their ids, some at a time.

        :raises ValueError: as :meth:`ask`.
        """
        return self._pages(filters(**conditions))

    def _pages(self, chosen: Filters) -> Iterator[Article]:
        after = ""
        while True:
            with self._open() as answerer:
                page = answerer.corpus.articles(chosen, after, _PAGE)
            yield from page
            if len(page) < _PAGE:
                return
            after = page[-1].id

    def article(self, article_id: str) -> Article | None:
        """An article by its id, as a citation names it; None when there is none.

        :raises ValueError: when the index is closed.
        """
        with self._open() as answerer:
            return answerer.corpus.article(article_id)

    def verify(self, citation: Citation | Cited | Mapping[str, Any]) -> Verification:
        """Whether the quote of a citation still stands in its article, and where. JSON's form of a citation will do.

        :raises ValueError: when it is no citation, or the index is closed.
        """
        wanted = cited(citation)
        with self._open() as answerer:
            return verify(answerer.corpus, wanted)

    @property
    def version(self) -> str:
        """The name of the version that is open."""
        return self._answerer.corpus.manifest.version

    @property
    def is_current(self) -> bool:
        """Whether no other version was published since: open anew to ask that one.

        :raises SnapshotError: when it can't be told.
        """
        current = self._versions.current()
        return current is not None and current.name == self.version

    def close(self) -> None:
        """Let go of the files, once the questions that other threads ask now are answered. The models stay."""
        with self._quiet:
            self._is_closed = True
            self._quiet.wait_for(lambda: self._running == 0)
        self._release()

    def __repr__(self) -> str:
        manifest = self._answerer.corpus.manifest
        closed = ", closed" if self._is_closed else ""
        return f"<pullquote.Index {self.version}: {manifest.articles} articles, {manifest.passages} passages{closed}>"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @contextmanager
    def _open(self) -> Iterator[Answerer]:
        with self._quiet:
            if self._is_closed:
                raise ValueError("this index is closed: open it again")
            self._running += 1
        try:
            yield self._answerer
        finally:
            with self._quiet:
                self._running -= 1
                self._quiet.notify_all()


def _release(answerer: Answerer, temporary: Path | None) -> None:
    answerer.corpus.close()
    if temporary:
        shutil.rmtree(temporary, ignore_errors=True)
