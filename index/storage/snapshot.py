"""One immutable version of the index on disk: vectors, text and a manifest with the checksum of each file."""

import fcntl
import hashlib
import json
import os
import weakref
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, Self

import numpy as np

from index.article import Article, Passage
from index.errors import PullquoteError
from index.models.compiled import sha256_file
from index.models.embedder import Embedder
from index.models.onnx_model import FloatArray, available_threads
from index.storage.candidates import Candidates
from index.storage.catalogue import Listing, Order, listing
from index.storage.filter_columns import Mask
from index.storage.filters import EVERYTHING, Filters
from index.storage.known_sums import Sums
from index.storage.store import FileRecord, Store, StoreError
from index.storage.vectors import Vectors, VectorsError
from index.storage.words import Scores, Terms, best_of

FORMAT = 9
READABLE = (8, FORMAT)
"""Formats that are read: in the one before, no version shared its vectors."""
MANIFEST = "manifest.json"
VECTORS = "vectors.faiss"
CHANGED = "vectors.changed"
"""Vectors that take the place of those in the other file, which a version then shares with those before it; one whose
vectors were all written at once has no such file.
"""
STORE = "text.sqlite"
QUESTIONS = "questions.json"
"""Example questions as a list of strings; versions without any have no such file."""
EMBEDDER_FIELDS = ("name", "precision", "dimension", "weights_sha256", "fingerprint")

_DIGITS = 6
"""Decimals of a cosine: equals are equal."""

_TIES = 32
"""Passages beyond a pool that are looked at for being as good as its last."""


class SnapshotError(PullquoteError, RuntimeError):
    """A snapshot is missing, incomplete or altered."""

    code = "index_damaged"


@dataclass(frozen=True, slots=True)
class FileSum:
    """The size in bytes and the SHA-256 of a file."""

    bytes: int
    sha256: str

    @classmethod
    def of(cls, path: Path) -> Self:
        """Measure a file."""
        return cls(path.stat().st_size, sha256_file(path))


def content_digest(files: Mapping[str, FileSum]) -> str:
    """A hash over the checksums of text and vectors: example questions follow from these and the models."""
    content = (files[name].sha256 for name in (STORE, VECTORS, CHANGED) if name in files)
    return hashlib.sha256("".join(content).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a snapshot holds and what it was made with.

    ``recipe`` is the :func:`index.building.recipe.recipe` that its articles were read and cut by.
    """

    version: str
    created: str
    articles: int
    passages: int
    embedder: dict[str, Any]
    settings: dict[str, Any]
    recipe: str
    files: dict[str, FileSum]
    format: int = FORMAT

    @property
    def digest(self) -> str:
        """A hash of the content of the files; the version's name ends with its first eight digits."""
        return content_digest(self.files)

    def is_embedded_by(self, embedder: Embedder) -> bool:
        """Whether vectors of this model can be compared with those of the snapshot; the precision may differ."""
        fields = ("name", "weights_sha256", "dimension")
        return all(self.embedder[name] == getattr(embedder, name) for name in fields)

    def write(self, folder: Path) -> None:
        """Write the manifest into ``folder`` and onto the disk."""
        with (folder / MANIFEST).open("w", encoding="utf-8") as file:
            json.dump(asdict(self), file, indent=1, ensure_ascii=False)
            file.flush()
            os.fsync(file.fileno())

    @classmethod
    def read(cls, folder: Path) -> Self:
        """Read the manifest of a snapshot.

        :raises SnapshotError: when it is missing, no manifest, or of another format.
        """
        path = folder / MANIFEST
        try:
            content = json.loads(path.read_text(encoding="utf-8"))
            found = content["format"]
            if found in READABLE:
                sums = content["files"]
                names = (STORE, VECTORS, *(name for name in (CHANGED, QUESTIONS) if name in sums))
                content["files"] = {name: FileSum(**sums[name]) for name in names}
                content["embedder"] = {name: content["embedder"][name] for name in EMBEDDER_FIELDS}
                manifest = cls(**content)
                if not manifest.version.endswith(f"-{manifest.digest[:8]}"):
                    raise ValueError("the checksums are not those of this version")
                return manifest
        except FileNotFoundError:
            raise SnapshotError(f"index file missing: {path}") from None
        except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
            raise SnapshotError(f"{path} can't be read as a manifest ({type(error).__name__}: {error})") from error
        raise SnapshotError(f"{folder} is an index of format {found}, this version reads {FORMAT}")


class Snapshot:
    """An open snapshot: a :class:`index.storage.corpus.Corpus` in one folder.

    While it is open, its folder is not removed: processes that have it open share a lock on its manifest.
    """

    def __init__(
        self, manifest: Manifest, store: Store, vectors: Vectors, example_questions: Sequence[str] = ()
    ) -> None:
        self.manifest = manifest
        self.example_questions = tuple(example_questions)
        """Questions that its articles answer; none if the build that made it was given nothing to find them by."""
        self.store = store
        self.vectors = vectors
        self._threads = ThreadPoolExecutor(available_threads(), thread_name_prefix="full-text")
        self._unlock: Callable[[], object] = lambda: None

    def close(self) -> None:
        """Let go of the files. Nothing must be searching it any more."""
        self._threads.shutdown()
        self.store.close()
        self.vectors.close()
        self._unlock()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @classmethod
    def open(cls, folder: Path, verify: bool = True, sums: Sums = sha256_file) -> Self:
        """Open the snapshot in ``folder``; with ``verify``, every checksum is computed first by ``sums``, else only
        sizes are looked at.

        :raises SnapshotError: when a file is missing, cut or altered, or the counts differ.
        """
        with ExitStack() as opened:
            lock = share(folder / MANIFEST)
            opened.callback(os.close, lock)
            manifest = Manifest.read(folder)
            for problem in file_problems(folder, manifest, verify, sums):
                raise SnapshotError(f"{problem}")
            try:
                store = Store(folder / STORE)
                opened.callback(store.close)
                vectors = Vectors(folder / VECTORS, folder / CHANGED if CHANGED in manifest.files else None)
                questions = _read_questions(folder) if QUESTIONS in manifest.files else []
                snapshot = cls(manifest, store, vectors, questions)
            except (StoreError, VectorsError) as error:
                raise SnapshotError(f"{error}") from error
            for problem in snapshot.count_problems():
                raise SnapshotError(f"{folder}: {problem}")
            opened.pop_all()
        snapshot._unlock = weakref.finalize(snapshot, os.close, lock)
        return snapshot

    @property
    def version(self) -> str:
        """The name of this version."""
        return self.manifest.version

    def candidates(self, question: str, vector: FloatArray, filters: Filters, pool: int) -> Candidates:
        """See :meth:`index.storage.corpus.Corpus.candidates`."""
        return self._candidates(partial(self.store.scores, question), vector, filters, pool)

    def candidates_of(self, terms: Terms, vector: FloatArray, filters: Filters, pool: int) -> Candidates:
        """The same for words of which the frequencies in a larger whole are given."""
        words = [word for word, _ in terms.words]
        return self._candidates(partial(self.store.words.scores, words, terms), vector, filters, pool)

    def _candidates(
        self, by_words: Callable[[], Scores], vector: FloatArray, filters: Filters, pool: int
    ) -> Candidates:
        """Both searches run at the same time."""
        allowed = self.store.passing(filters)
        words = self._threads.submit(_with_best, by_words, pool + _TIES, allowed)
        found = self._cosines([row for row, _ in self.vectors.search(vector, pool + _TIES, allowed)], vector)
        nearest = sorted(found.items(), key=lambda each: -each[1])
        scores, matching = words.result()
        dense, lexical = self._best(nearest, pool), self._best(matching, pool)
        lexical |= {row: float(scores[row]) for row in dense if row not in lexical and scores[row]}
        dense |= self._cosines([row for row in lexical if row not in dense], vector)
        dense = {row: dense[row] for row in self.store.in_order(dense)}
        return Candidates(dense, lexical, len(self.vectors), self.manifest.passages)

    def _cosines(self, rows: Sequence[int], vector: FloatArray) -> dict[int, float]:
        """In double precision: in single precision, the last digits depend on where in a file a vector lies."""
        found = self.vectors.take(np.array(rows, np.int64)).astype(np.float64) @ vector.astype(np.float64)
        return {row: round(float(cosine), _DIGITS) for row, cosine in zip(rows, found, strict=True)}

    def _best(self, found: list[tuple[int, float]], pool: int) -> dict[int, float]:
        """The best ``pool``; of those that are as good as the last, the first in the order of sources."""
        if len(found) <= pool:
            return dict(found)
        last = found[pool - 1][1]
        best = {row: score for row, score in found if score > last}
        tied = self.store.in_order(row for row, score in found if score == last)
        return best | dict.fromkeys(tied[: pool - len(best)], last)

    def passages(self, rows: Sequence[int], filters: Filters = EVERYTHING) -> list[tuple[Passage, Article]]:
        """See :meth:`index.storage.store.Store.passages`."""
        return self.store.passages(rows, filters)

    def article(self, article_id: str, filters: Filters = EVERYTHING) -> Article | None:
        """See :meth:`index.storage.store.Store.article`."""
        return self.store.article(article_id, filters)

    def articles(self, filters: Filters = EVERYTHING, after: str = "", limit: int = 50) -> list[Article]:
        """See :meth:`index.storage.store.Store.articles`."""
        return self.store.articles(filters, after, limit)

    def listing(self, filters: Filters, words: str, order: Order, skip: int, most: int) -> Listing:
        """A page of the list of articles that pass ``filters`` and have all of ``words``, the last of which may be a
        beginning.
        """
        return listing(self.store, filters, words, order, skip, most)

    def failed_files(self, most: int) -> list[FileRecord]:
        """Source files of which something could not be indexed, ``most`` at the most."""
        return self.store.failed_files(most)

    def neighbours(self, article_id: str, filters: Filters = EVERYTHING) -> tuple[Article | None, Article | None]:
        """See :meth:`index.storage.store.Store.neighbours`."""
        return self.store.neighbours(article_id, filters)

    def copies(self, article_id: str, filters: Filters = EVERYTHING) -> list[Article]:
        """See :meth:`index.storage.store.Store.copies`."""
        return self.store.copies(article_id, filters)

    def witnesses(self, article_ids: Sequence[str]) -> dict[str, int]:
        """See :meth:`index.storage.store.Store.witnesses`."""
        return self.store.witnesses(article_ids)

    def articles_of_bytes(self, sha256: str) -> list[Article]:
        """See :meth:`index.storage.store.Store.articles_of_bytes`."""
        return self.store.articles_of_bytes(sha256)

    def file_of(self, article_id: str) -> tuple[str, str | None] | None:
        """See :meth:`index.storage.store.Store.file_of`."""
        return self.store.file_of(article_id)

    def facets(self, filters: Filters = EVERYTHING) -> dict[str, list[str]]:
        """See :meth:`index.storage.store.Store.facets`."""
        return self.store.facets(filters)

    def counts(self, filters: Filters = EVERYTHING) -> tuple[int, int]:
        """See :meth:`index.storage.store.Store.counts_within`."""
        return self.store.counts_within(filters)

    def count_problems(self) -> list[str]:
        """Where the numbers of vectors, passages, their lengths, and the manifest differ; empty when all agree."""
        counts = {**self.store.counts(), "vectors": len(self.vectors)}
        expected = {
            "articles": self.manifest.articles,
            **dict.fromkeys(("passages", "lengths", "vectors"), self.manifest.passages),
        }
        return [
            f"the manifest lists {number} {name} and there are {counts[name]}"
            for name, number in expected.items()
            if counts[name] != number
        ]


def _with_best(
    by_words: Callable[[], Scores], limit: int, allowed: Mask | None
) -> tuple[Scores, list[tuple[int, float]]]:
    scores = by_words()
    return scores, best_of(scores, limit, allowed)


def write_questions(folder: Path, manifest: Manifest, questions: Sequence[str]) -> Manifest:
    """Write example questions into ``folder``; the manifest that lists them, too. Without any, nothing changes."""
    if not questions:
        return manifest
    path = folder / QUESTIONS
    path.write_text(json.dumps(list(questions), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return replace(manifest, files={**manifest.files, QUESTIONS: FileSum.of(path)})


def _read_questions(folder: Path) -> list[str]:
    path = folder / QUESTIONS
    try:
        questions = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise SnapshotError(f"{path} can't be read ({error})") from None
    if not (isinstance(questions, list) and all(isinstance(question, str) for question in questions)):
        raise SnapshotError(f"{path} is no list of questions")
    return questions


def share(manifest: Path) -> int:
    """The descriptor of a manifest: as long as it is open, the version is in use, and stays.

    :raises SnapshotError: when there is none.
    """
    try:
        lock = os.open(manifest, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        raise SnapshotError(f"index file missing: {manifest}") from None
    except OSError as error:
        raise SnapshotError(f"{manifest} can't be opened ({error.strerror})") from None
    fcntl.flock(lock, fcntl.LOCK_SH)
    return lock


@contextmanager
def unused(folder: Path) -> Iterator[bool]:
    """Whether no process has the snapshot in ``folder`` open; none can open it within the ``with`` block."""
    try:
        lock = (folder / MANIFEST).open("rb")
    except OSError:
        yield True
        return
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True


def file_problems(folder: Path, manifest: Manifest, checksums: bool = True, sums_of: Sums = sha256_file) -> list[str]:
    """What is missing, cut or altered in ``folder``, a line each."""
    problems = []
    for name, sums in manifest.files.items():
        path = folder / name
        if not path.is_file():
            problems.append(f"index file missing: {path}")
        elif path.stat().st_size != sums.bytes:
            problems.append(f"index file cut: {path} has {path.stat().st_size} bytes, the manifest lists {sums.bytes}")
        elif checksums and sums_of(path) != sums.sha256:
            problems.append(f"index file altered: {path} differs from the checksum in the manifest")
    return problems
