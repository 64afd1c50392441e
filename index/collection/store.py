"""What an index is made of: the sources of the last build, and what was written and deleted since, durably.

A service takes articles while it runs. They are kept in one SQLite file beside the index, each as the document it came
in, so that a build reads them as it reads files; an article that was deleted is remembered by its id, so that a source
that still holds it does not bring it back. A write and the build it asks for (:mod:`index.collection.jobs`) are one
transaction, so that a write that was acknowledged gets into the index even if the process dies right after.
"""

import hashlib
import json
import sqlite3
import threading
import time
import weakref
from collections.abc import Callable, Iterator, Mapping, Sequence
from collections.abc import Collection as Names
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from index.article import Article
from index.collection.locked import locked
from index.collection.network_disk import network_disk
from index.errors import PullquoteError
from index.owner_only import make_file, make_folder
from index.parsing.metadata import override, read_metadata
from index.parsing.types import LoadError, Origin
from index.sources.documents import DocumentReader
from index.sources.intake import Edits, LoadedParts
from index.sources.reading import Reading

FILE = "collection.sqlite"
_PATIENCE_SECONDS = 30

_SCHEMA = """
CREATE TABLE IF NOT EXISTS documents (
    id INTEGER PRIMARY KEY AUTOINCREMENT, key TEXT NOT NULL UNIQUE, sha256 TEXT NOT NULL, body BLOB NOT NULL,
    path TEXT, url TEXT, media_type TEXT, article_id TEXT, metadata TEXT NOT NULL, changed REAL);
CREATE TABLE IF NOT EXISTS written (
    article_id TEXT PRIMARY KEY, document INTEGER NOT NULL REFERENCES documents ON DELETE CASCADE);
CREATE INDEX IF NOT EXISTS written_document ON written(document);
CREATE TABLE IF NOT EXISTS deleted (article_id TEXT PRIMARY KEY);
CREATE TABLE IF NOT EXISTS erasures (
    article_id TEXT PRIMARY KEY, deleted REAL NOT NULL, due REAL NOT NULL, version TEXT, shared TEXT);
CREATE TABLE IF NOT EXISTS sources (place INTEGER PRIMARY KEY, source TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS jobs (
    id INTEGER PRIMARY KEY AUTOINCREMENT, state TEXT NOT NULL, changes INTEGER NOT NULL, attempts INTEGER NOT NULL,
    created REAL NOT NULL, due REAL NOT NULL, started REAL, finished REAL, stage TEXT, done INTEGER NOT NULL,
    total INTEGER NOT NULL, version TEXT, report TEXT, error TEXT);
CREATE TABLE IF NOT EXISTS looks (
    source TEXT PRIMARY KEY, interval REAL, looked REAL, due REAL, failures INTEGER NOT NULL DEFAULT 0, error TEXT,
    articles INTEGER NOT NULL DEFAULT 0, added INTEGER NOT NULL DEFAULT 0, changed INTEGER NOT NULL DEFAULT 0,
    removed INTEGER NOT NULL DEFAULT 0, wanted INTEGER NOT NULL DEFAULT 0);
CREATE UNIQUE INDEX IF NOT EXISTS one_queued_job ON jobs(state) WHERE state = 'queued';
"""


class CollectionError(PullquoteError, OSError):
    """The file of the written documents can't be used."""

    code = "collection_unusable"


class TakenError(PullquoteError, ValueError):
    """An article or document of this name is there already."""

    code = "taken"


@dataclass(frozen=True, slots=True)
class Erasure:
    """A deletion whose words may still be on the disk. ``deleted`` and ``due``, the time until which they are kept, are
    seconds since 1970; ``version`` is the first one that was built without them, None before that. ``shared`` is the
    key of a written document that holds other articles, too, and so is kept with the words in it.
    """

    article_id: str
    deleted: float
    due: float
    version: str | None
    shared: str | None = None

    @property
    def built_without(self) -> int:
        """The number of that version."""
        return int((self.version or "0").partition("-")[0])


@dataclass(frozen=True, slots=True)
class WrittenDocument:
    """The bytes of one or more articles, and what is known about them.

    ``key`` names the document among all that were written. The format follows from ``path``, ``url`` and
    ``media_type``, as :func:`index.formats.registry.find_format` takes them. ``article_id``, when given, is the id of
    its only article, and ``metadata`` wins over what the document says itself.
    """

    key: str
    body: bytes
    path: str | None = None
    url: str | None = None
    media_type: str | None = None
    article_id: str | None = None
    metadata: Mapping[str, object] = field(default_factory=dict)

    @property
    def metadata_json(self) -> str:
        """The metadata as JSON."""
        return json.dumps(dict(self.metadata), default=str, sort_keys=True)

    @property
    def sha256(self) -> str:
        """A hash of all that the articles depend on."""
        about = json.dumps([self.key, self.path, self.url, self.media_type, self.article_id, self.metadata_json])
        return hashlib.sha256(about.encode() + b"\0" + self.body).hexdigest()

    @property
    def origin(self) -> Origin:
        """What a format is told of it."""
        return Origin(self.key, self.path, self.url)

    def load(self, reading: Reading | None = None) -> Iterator[Article | LoadError]:
        """Read the articles, with a :class:`LoadError` for what can't be read.

        :param reading: reads the bytes; None: here, without limits.
        """
        found = list(DocumentReader(reading=reading).read(self.body, self.origin, self.media_type))
        if self.article_id and sum(isinstance(item, Article) for item in found) > 1:
            found = [LoadError("it holds several articles and one id is given", "several_articles")]
        given = read_metadata(self.metadata)
        for item in found:
            yield override(item, given, self.article_id) if isinstance(item, Article) else item


class Collection:
    """The written documents, deletions, sources and builds of one index. Share it between threads and processes."""

    def __init__(self, folder: Path) -> None:
        """Open or make the file in ``folder``.

        :raises OSError: when the folder can't be made.
        :raises CollectionError: when the file can't be used, or the folder is on a network file system.
        """
        make_folder(folder)
        self.path = folder / FILE
        kind = network_disk(folder)
        if kind:
            raise CollectionError(
                f"{folder} is on a network file system ({kind}), where what several machines write is lost: give the "
                "data folder of each machine a disk of its own, and share versions through a bucket",
                "network_disk",
            )
        self._lock = threading.RLock()
        try:
            with locked(folder):  # SQLite doesn't wait for another process that makes the same file at this moment
                make_file(self.path)
                self._connection = self._connect()
                weakref.finalize(self, self._connection.close)
                self._connection.executescript(_SCHEMA)
                self._add_columns()
            self._inode = self.path.stat().st_ino
        except (OSError, sqlite3.Error) as error:
            raise CollectionError(
                f"{self.path} can't be written to ({error}). Make sure that the disk has space, that the folder "
                "may be written and that the file is no other program's"
            ) from error

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(
            self.path, timeout=_PATIENCE_SECONDS, isolation_level=None, check_same_thread=False
        )
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "secure_delete=ON"):
            connection.execute(f"PRAGMA {pragma}")
        return connection

    def _add_columns(self) -> None:
        """Bring a file of an earlier version up to date."""
        self._connection.execute("BEGIN IMMEDIATE")
        if "changed" not in [name for _, name, *_ in self._connection.execute("PRAGMA table_info(documents)")]:
            self._connection.execute("ALTER TABLE documents ADD COLUMN changed REAL")
        self._connection.execute("COMMIT")

    def _check_file(self) -> None:
        """Make sure that what is written goes into the file that the next process opens.

        :raises CollectionError: when it was removed or replaced.
        """
        try:
            is_the_same = self.path.stat().st_ino == self._inode
        except OSError:
            is_the_same = False
        if not is_the_same:
            raise CollectionError(
                f"{self.path} was removed or replaced while it was in use: put it back, or start the service anew"
            )

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """A connection in a transaction that is on the disk when the block ends, and undone when it raises."""
        with self._lock:
            self._check_file()
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
                self._check_file()
                self._connection.execute("COMMIT")
            except BaseException:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                raise

    def rows(self, query: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """The result of a query."""
        with self._lock:
            return self._connection.execute(query, parameters).fetchall()

    def put(
        self, connection: sqlite3.Connection, document: WrittenDocument, article_ids: Names[str], over: bool
    ) -> None:
        """Keep a document with the articles ``article_ids``, inside of a :meth:`transaction`.

        They take the place of articles with the same ids, wherever those come from, if ``over``.

        :raises TakenError: when one of them, or the document, was written before and not ``over``.
        """
        if not over:
            for article_id in article_ids:
                if article_id not in self.deleted_ids([article_id]) and self.written_ids([article_id]):
                    raise TakenError(article_id)
        connection.execute("DELETE FROM documents WHERE key = ?", [document.key])
        row = connection.execute(
            "INSERT INTO documents(key, sha256, body, path, url, media_type, article_id, metadata, changed) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                document.key,
                document.sha256,
                document.body,
                document.path,
                document.url,
                document.media_type,
                document.article_id,
                document.metadata_json,
                time.time(),
            ),
        ).lastrowid
        pairs = [(article_id, row) for article_id in article_ids]
        connection.executemany("INSERT OR REPLACE INTO written VALUES (?, ?)", pairs)
        connection.executemany("DELETE FROM deleted WHERE article_id = ?", [pair[:1] for pair in pairs])
        self._drop_empty(connection)

    def delete(self, connection: sqlite3.Connection, article_id: str, keep_seconds: float = 0) -> None:
        """Leave an article out from now on, inside of a :meth:`transaction`.

        :param keep_seconds: how long versions may still hold its words (:mod:`index.collection.erasing`).
        """
        now = time.time()
        connection.execute(
            "INSERT INTO erasures VALUES (?, ?, ?, NULL, (SELECT sha256 FROM documents JOIN written AS own ON "
            "own.document = documents.id WHERE own.article_id = ?1 AND EXISTS (SELECT 1 FROM written AS other WHERE "
            "other.document = documents.id AND other.article_id != ?1))) ON CONFLICT DO UPDATE SET deleted = "
            "excluded.deleted, due = min(due, excluded.due), version = NULL, "
            "shared = coalesce(excluded.shared, shared)",
            (article_id, now, now + keep_seconds),
        )
        connection.execute("DELETE FROM written WHERE article_id = ?", [article_id])
        connection.execute("INSERT OR IGNORE INTO deleted VALUES (?)", [article_id])
        self._drop_empty(connection)

    def _drop_empty(self, connection: sqlite3.Connection) -> None:
        connection.execute("DELETE FROM documents WHERE id NOT IN (SELECT document FROM written)")

    def erasures(self) -> list[Erasure]:
        """The deletions whose words may still be on the disk."""
        query = (
            "SELECT erasures.article_id, deleted, due, version, key FROM erasures "
            "LEFT JOIN documents ON sha256 = shared ORDER BY erasures.article_id"
        )
        return [Erasure(*row) for row in self.rows(query)]

    def built_without(self, erasures: Sequence[Erasure], version: str) -> None:
        """Note that a version was built without what was deleted before its build began."""
        with self.transaction() as connection:
            connection.executemany(
                "UPDATE erasures SET version = ? WHERE article_id = ? AND deleted = ? AND version IS NULL",
                [(version, erasure.article_id, erasure.deleted) for erasure in erasures],
            )

    def erased(self, article_ids: Sequence[str]) -> None:
        """Forget deletions whose words are nowhere any more."""
        with self.transaction() as connection:
            connection.executemany("DELETE FROM erasures WHERE article_id = ?", [[name] for name in article_ids])

    def empty_log(self) -> bool:
        """Write what SQLite's log holds into the file and cut the log to nothing; whether nobody was in the way.

        What is deleted in the file itself is overwritten with zeros (``secure_delete``).
        """
        [(busy, _, _)] = self.rows("PRAGMA wal_checkpoint(TRUNCATE)")
        return not busy

    def written_ids(self, among: Sequence[str]) -> set[str]:
        """Which articles of ``among`` are written."""
        return self._ids("written", among)

    def deleted_ids(self, among: Sequence[str]) -> set[str]:
        """Which articles of ``among`` are deleted."""
        return self._ids("deleted", among)

    def _ids(self, table: str, among: Sequence[str]) -> set[str]:
        query = f"SELECT article_id FROM {table} WHERE article_id IN (SELECT value FROM json_each(?))"
        return {row[0] for row in self.rows(query, [json.dumps(list(among))])}

    def written_as(self, article_id: str) -> tuple[str, str] | None:
        """The key of the document that holds a written article, as builds name it, and the hash of that document."""
        found = self.rows(
            "SELECT key, sha256, documents.id FROM documents JOIN written ON document = documents.id "
            "WHERE written.article_id = ?",
            [article_id],
        )
        if not found:
            return None
        key, sha256, row = found[0]
        owned = self.rows("SELECT article_id FROM written WHERE document = ? ORDER BY article_id", [row])
        written = Written(self, key, _joint_hash(sha256, [name for (name,) in owned]))
        return written.key, written.hash

    def document_with(self, article_id: str) -> WrittenDocument | None:
        """The document that holds a written article, None where it was not written."""
        query = "SELECT key FROM documents JOIN written ON document = documents.id WHERE written.article_id = ?"
        found = self.rows(query, [article_id])
        document = self._document(found[0][0]) if found else None
        return document[1] if document else None

    def changed(self, among: Sequence[str]) -> dict[str, float]:
        """When the written articles of ``among`` were written last, in seconds since 1970, where that is known."""
        query = (
            "SELECT written.article_id, changed FROM written JOIN documents ON document = documents.id "
            "WHERE changed IS NOT NULL AND written.article_id IN (SELECT value FROM json_each(?))"
        )
        return dict(self.rows(query, [json.dumps(list(among))]))

    def unbuilt(self, known: Callable[[Sequence[str]], set[str]], most: int) -> list[str]:
        """Written articles that are not in the index yet, ``most`` at the most.

        :param known: which of some ids are in the index.
        """
        ids = [name for (name,) in self.rows("SELECT article_id FROM written ORDER BY document DESC LIMIT 1000")]
        present = known(ids)
        return [name for name in ids if name not in present][:most]

    def problems(self) -> list[str]:
        """What is damaged in the file, a line each."""
        found = [row[0] for row in self.rows("PRAGMA integrity_check(3)")]
        return [] if found == ["ok"] else found

    def sources(self) -> list[str] | None:
        """The sources of the last build, as absolute paths and patterns; None before the first one."""
        return [row[0] for row in self.rows("SELECT source FROM sources ORDER BY place")] or None

    def remember_sources(self, sources: Sequence[str]) -> None:
        """Let later builds of a service read the same sources."""
        with self.transaction() as connection:
            connection.execute("DELETE FROM sources")
            connection.executemany("INSERT INTO sources(source) VALUES (?)", [[source] for source in sources])

    def edits(self) -> Edits:
        """The documents, by key, and the ids of the articles that were deleted, for a build."""
        with self.transaction():
            rows = self.rows("SELECT id, key, sha256 FROM documents ORDER BY key")
            deleted = {name for (name,) in self.rows("SELECT article_id FROM deleted")}
            owned: dict[int, list[str]] = {}
            for name, row in self.rows("SELECT article_id, document FROM written ORDER BY article_id"):
                owned.setdefault(row, []).append(name)
        return Edits([Written(self, name, _joint_hash(sha256, owned[row])) for row, name, sha256 in rows], deleted)

    def begin(self, key: str, reading: Reading) -> None:
        """Let a document be read while others are worked on."""
        if found := self._document(key):
            _, document = found
            reading.begin(document.body, document.origin, document.media_type)

    def load(self, key: str, reading: Reading | None = None) -> LoadedParts:
        """The articles of a document, without those that another document replaced, and a hash of all they depend on.

        A document that was deleted meanwhile has none; the deletion has asked for a build of its own.
        """
        with self._lock:
            found = self._document(key)
            if found is None:
                return None, []
            row, document = found
            query = "SELECT article_id FROM written WHERE document = ? ORDER BY article_id"
            owned = [name for (name,) in self.rows(query, [row])]
        items = [item for item in document.load(reading) if isinstance(item, LoadError) or item.id in owned]
        return _joint_hash(document.sha256, owned), items

    def _document(self, key: str) -> tuple[int, WrittenDocument] | None:
        """A document with the row it has."""
        query = "SELECT id, key, body, path, url, media_type, article_id, metadata FROM documents WHERE key = ?"
        found = self.rows(query, [key])
        if not found:
            return None
        [(row, name, body, path, url, media_type, article_id, metadata)] = found
        return row, WrittenDocument(name, body, path, url, media_type, article_id, json.loads(metadata))


@dataclass(frozen=True, slots=True)
class Written:
    """A written document, to be read by a build."""

    collection: Collection
    name: str
    hash: str

    @property
    def key(self) -> str:
        """The key of the document; no source has one like it."""
        return f"written:{self.name}"

    def sha256(self) -> str:
        """A hash of all that its articles depend on."""
        return self.hash

    def begin(self, reading: Reading, /) -> None:
        """Let it be read while others are worked on."""
        self.collection.begin(self.name, reading)

    def load(self, reading: Reading | None = None, /) -> LoadedParts:
        """Its articles, and the hash they belong to."""
        return self.collection.load(self.name, reading)


def _joint_hash(sha256: str, owned: Sequence[str]) -> str:
    return hashlib.sha256(" ".join([sha256, *owned]).encode()).hexdigest()
