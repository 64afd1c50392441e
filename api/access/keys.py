"""Keys: who may ask, write or administer, and what an asker sees. They are kept in one SQLite file, by hash.

A key is shown once, when it is made. What is kept of it is its id, which is a part of it and no secret, and a SHA-256:
a key has 256 random bits, so a hash that is slow to compute would protect nothing more.
"""

import hashlib
import hmac
import json
import re
import secrets
import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args

from index.errors import PullquoteError
from index.owner_only import has_content, make_file, make_folder
from index.storage.filters import Filters

FILE = "keys.sqlite"
Role = Literal["ask", "write", "admin"]
ROLES: tuple[Role, ...] = get_args(Role)
"""Each may do what those before it may."""

_KEY = re.compile(r"pq_([0-9a-f]{8})_[A-Za-z0-9_-]{43}")
_BEGINNING = "pq_"
_PATIENCE_SECONDS = 5
_USE_IS_NOTED_EVERY = 60.0
_SCHEMA = """
CREATE TABLE IF NOT EXISTS keys (
    id TEXT PRIMARY KEY, name TEXT NOT NULL, role TEXT NOT NULL, sha256 BLOB NOT NULL, tags TEXT NOT NULL,
    sources TEXT NOT NULL, origins TEXT NOT NULL, created REAL NOT NULL, expires REAL, revoked REAL, used REAL,
    collections TEXT NOT NULL DEFAULT '[]')
"""
_ADDED = "ALTER TABLE keys ADD COLUMN collections TEXT NOT NULL DEFAULT '[]'"
"""What files from before there were collections lack."""


class KeyStoreError(PullquoteError, OSError):
    """The file of the keys can't be used."""

    code = "keys_unusable"


class KeyNotFoundError(PullquoteError, LookupError):
    """There is no key with this id."""

    code = "key_not_found"


@dataclass(frozen=True, slots=True)
class Key:
    """What is known of a key. Times are seconds since 1970; ``used`` is when it was used last, to the minute.

    With ``tags`` or ``sources`` it sees only articles that have one of each; with ``origins`` it is taken only from
    pages of these; with ``collections`` no others are there for it.
    """

    id: str
    name: str
    role: Role
    tags: tuple[str, ...]
    sources: tuple[str, ...]
    origins: tuple[str, ...]
    created: float
    expires: float | None
    revoked: float | None
    used: float | None
    collections: tuple[str, ...] = ()

    @property
    def scope(self) -> Filters:
        """The articles that it sees."""
        return Filters(sources=self.sources, tags=self.tags)

    @property
    def trouble(self) -> str | None:
        """Why it is not taken any more, None when it is."""
        if self.revoked:
            return "was revoked"
        return "has expired" if self.expires is not None and self.expires <= time.time() else None


def looks_like_a_key(text: str) -> bool:
    """Whether ``text`` was meant as a key of this service, right or wrong."""
    return text.startswith(_BEGINNING)


class KeyStore:
    """The keys in a data folder, for all processes. The file is made with the first key."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._path = folder / FILE

    def create(
        self,
        name: str,
        role: Role = "ask",
        *,
        tags: Sequence[str] = (),
        sources: Sequence[str] = (),
        origins: Sequence[str] = (),
        collections: Sequence[str] = (),
        expires: float | None = None,
    ) -> tuple[Key, str]:
        """A new key, and the words that are the key itself: they are kept nowhere.

        :param collections: to which it is bound; none: to none.
        :raises ValueError: when a key that may change the index is bound to articles or pages.
        :raises KeyStoreError: when it can't be kept.
        """
        if role != "ask" and (tags or sources or origins):
            raise ValueError("only a key that asks can be bound to tags, sources or origins: others see everything")
        identifier = secrets.token_hex(4)
        text = f"{_BEGINNING}{identifier}_{secrets.token_urlsafe(32)}"
        bound = tuple(tags), tuple(sources), tuple(origins)
        key = Key(identifier, name, role, *bound, time.time(), expires, None, None, tuple(collections))
        row = (identifier, name, role, _hash(text), *map(json.dumps, (*bound, key.collections)))
        make_folder(self._folder)
        with self._changing() as connection:
            connection.execute(
                "INSERT INTO keys(id, name, role, sha256, tags, sources, origins, collections, created, expires) "
                "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (*row, key.created, expires),
            )
        return key, text

    def all(self) -> list[Key]:
        """Every key that was made, the oldest first.

        :raises KeyStoreError: when they can't be read.
        """
        return [_key(row) for row in self._rows("SELECT * FROM keys ORDER BY created, id")]

    def find(self, text: str) -> Key | None:
        """The key that ``text`` is, also one that is not taken any more; None when it is none.

        :raises KeyStoreError: when they can't be read.
        """
        form = _KEY.fullmatch(text)
        kept = self.kept(form[1]) if form else None
        return kept[0] if kept and hmac.compare_digest(kept[1], _hash(text)) else None

    def kept(self, key_id: str) -> tuple[Key, bytes] | None:
        """A key by its id, with the hash that is kept of it.

        :raises KeyStoreError: when they can't be read.
        """
        found = self._rows("SELECT * FROM keys WHERE id = ?", [key_id])
        return (_key(found[0]), found[0]["sha256"]) if found else None

    def revoke(self, key_id: str) -> Key:
        """Take a key back, from the next request on. Revoking it again changes nothing.

        :raises KeyNotFoundError: when there is no such key.
        :raises KeyStoreError: when it can't be written down.
        """
        if any(key.id == key_id for key in self.all()):
            with self._changing() as connection:
                connection.execute(
                    "UPDATE keys SET revoked = ? WHERE id = ? AND revoked IS NULL", (time.time(), key_id)
                )
            return next(key for key in self.all() if key.id == key_id)
        raise KeyNotFoundError(f"there is no key {key_id!r}: 'pullquote keys list' names them")

    def forget_collection(self, collection: str) -> list[Key]:
        """Let no key be bound to a collection that is gone; those that were bound to no other are revoked and given.

        :raises KeyStoreError: when it can't be written down.
        """
        bound = [key for key in self.all() if collection in key.collections]
        alone = [key for key in bound if key.collections == (collection,)]
        for key in alone:
            self.revoke(key.id)
        if others := [key for key in bound if key not in alone]:
            with self._changing() as connection:
                for key in others:
                    kept = [name for name in key.collections if name != collection]
                    connection.execute("UPDATE keys SET collections = ? WHERE id = ?", (json.dumps(kept), key.id))
        return alone

    def note_use(self, key: Key) -> None:
        """Remember that a key was used now. Where that can't be written, it is not."""
        now = time.time()
        if key.used is None or not 0 <= now - key.used < _USE_IS_NOTED_EVERY:
            with suppress(KeyStoreError), self._changing() as connection:
                connection.execute("UPDATE keys SET used = ? WHERE id = ?", (now, key.id))

    def allows_changes(self) -> bool:
        """Whether a key was ever made that may write: then writing is not for whoever has none.

        :raises KeyStoreError: when they can't be read.
        """
        return bool(self._rows("SELECT 1 FROM keys WHERE role <> 'ask' LIMIT 1"))

    def _rows(self, query: str, parameters: Sequence[Any] = ()) -> list[sqlite3.Row]:
        if not has_content(self._path):
            return []
        try:
            uri = f"{self._path.resolve().as_uri()}?mode=rw"  # what a killed process left half-written is undone
            with closing(sqlite3.connect(uri, _PATIENCE_SECONDS, uri=True)) as connection:
                connection.row_factory = sqlite3.Row
                return connection.execute(query, parameters).fetchall()
        except sqlite3.Error as error:
            raise self._unusable(error) from error

    @contextmanager
    def _changing(self) -> Iterator[sqlite3.Connection]:
        try:
            make_file(self._path)
            with closing(sqlite3.connect(self._path, _PATIENCE_SECONDS)) as connection, connection:
                connection.execute("PRAGMA synchronous=FULL")
                connection.execute("BEGIN IMMEDIATE")
                connection.execute(_SCHEMA)
                if not connection.execute(
                    "SELECT 1 FROM pragma_table_info('keys') WHERE name = 'collections'"
                ).fetchone():
                    connection.execute(_ADDED)
                yield connection
        except (OSError, sqlite3.Error) as error:
            raise self._unusable(error) from error

    def _unusable(self, error: Exception) -> KeyStoreError:
        return KeyStoreError(f"{self._path} can't be used ({error})")


def _hash(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()


def _key(row: sqlite3.Row) -> Key:
    values = {name: row[name] for name in row.keys() if name != "sha256"}  # noqa: SIM118 (it iterates over values)
    lists = {name: tuple(json.loads(values.get(name, "[]"))) for name in ("tags", "sources", "origins", "collections")}
    return Key(**{**values, **lists})
