"""What lies where in the folder of a version that is in shards.

``manifest.json`` is that of the whole version, ``shards.json`` lists the shards, ``words.sqlite`` has the frequency of
every word, and ``shards/00000``, ``shards/00001``… are the snapshots.
"""

import json
import sqlite3
from collections.abc import Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from index.models.compiled import sha256_file
from index.storage.question_terms import question_words
from index.storage.snapshot import MANIFEST, STORE, VECTORS, Manifest, SnapshotError
from index.storage.words import Terms

LIST = "shards.json"
WORDS = "words.sqlite"


@dataclass(frozen=True, slots=True)
class Part:
    """The name of a shard's snapshot, and how many passages it has."""

    version: str
    passages: int


@dataclass(frozen=True, slots=True)
class Layout:
    """A version in shards. ``words_sha256`` is the checksum of the frequencies."""

    manifest: Manifest
    parts: tuple[Part, ...]
    questions: tuple[str, ...]
    words_sha256: str

    def write(self, folder: Path) -> None:
        """Write what tells of the whole into ``folder``."""
        self.manifest.write(folder)
        content = {
            "shards": [[part.version, part.passages] for part in self.parts],
            "questions": self.questions,
            "words_sha256": self.words_sha256,
        }
        (folder / LIST).write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")

    @classmethod
    def read(cls, folder: Path) -> Self:
        """Read what tells of the whole.

        :raises SnapshotError: when it is missing or damaged.
        """
        manifest = Manifest.read(folder)
        try:
            content = json.loads((folder / LIST).read_text(encoding="utf-8"))
            parts = tuple(Part(str(version), int(passages)) for version, passages in content["shards"])
            return cls(manifest, parts, tuple(map(str, content["questions"])), str(content["words_sha256"]))
        except FileNotFoundError:
            raise SnapshotError(f"{folder} is in no shards: split it with 'pullquote split'", "no_shards") from None
        except (OSError, ValueError, TypeError, KeyError) as error:
            raise SnapshotError(f"{folder / LIST} can't be read ({type(error).__name__}: {error})") from error


def is_sharded(folder: Path) -> bool:
    """Whether the version in ``folder`` is in shards."""
    return (folder / LIST).exists()


def shard_folder(folder: Path, number: int) -> Path:
    """Where a shard of the version in ``folder`` lies."""
    return folder / "shards" / f"{number:05d}"


def are_elsewhere(folder: Path) -> bool:
    """Whether the version in ``folder`` has the manifests of its shards alone, because these run on other machines."""
    manifests = list((folder / "shards").rglob(MANIFEST))
    return bool(manifests) and not any((path.parent / name).exists() for path in manifests for name in (STORE, VECTORS))


def write_frequencies(folder: Path, parts: Iterable[Iterable[tuple[str, int]]], words: int) -> str:
    """Write how many passages of all parts have each word, and how many words there are; the checksum of the file."""
    path = folder / WORDS
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode=OFF")
        connection.execute("BEGIN")
        connection.execute("CREATE TABLE words (word TEXT PRIMARY KEY, passages INTEGER NOT NULL) WITHOUT ROWID")
        connection.execute("CREATE TABLE total (words INTEGER NOT NULL)")
        connection.execute("INSERT INTO total VALUES (?)", [words])
        for part in parts:
            connection.executemany(
                "INSERT INTO words VALUES (?, ?) ON CONFLICT DO UPDATE SET passages = passages + excluded.passages",
                part,
            )
        connection.execute("COMMIT")
    return sha256_file(path)


class Frequencies:
    """How many passages of a version have each word. Safe to share between threads."""

    def __init__(self, folder: Path, layout: Layout, verify: bool = True) -> None:
        """Open the file in the folder of a version.

        :raises SnapshotError: when it is missing, or with ``verify``, altered.
        """
        path = folder / WORDS
        if not path.is_file():
            raise SnapshotError(f"index file missing: {path}")
        if verify and sha256_file(path) != layout.words_sha256:
            raise SnapshotError(f"index file altered: {path} differs from the checksum in {LIST}")
        self._uri = f"{path.resolve().as_uri()}?mode=ro&immutable=1"
        self._passages = layout.manifest.passages
        try:
            [(words,)] = self._rows("SELECT words FROM total", [])
        except sqlite3.Error as error:
            raise SnapshotError(f"{path} can't be read ({error})") from error
        self._mean_length = words / max(1, self._passages)

    def terms(self, question: str) -> Terms:
        """The words of a question with their frequencies; those that no passage has are left out."""
        words = question_words(question)
        marks = ",".join("?" * len(words))
        known: Mapping[str, int] = dict(self._rows(f"SELECT word, passages FROM words WHERE word IN ({marks})", words))
        found = tuple((word, known[word]) for word in words if word in known)
        return Terms(found, self._passages, self._mean_length)

    def _rows(self, query: str, parameters: list[str]) -> list[tuple[Any, ...]]:
        with closing(sqlite3.connect(self._uri, uri=True)) as connection:
            return connection.execute(query, parameters).fetchall()
