"""Changing the text side of a version that is being made: a copy of the one before."""

import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from heapq import heappop, heappush
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from index.article import Article, Passage
from index.storage.postings import PostingsWriter
from index.storage.schema import FILE_PLACES, FINGERPRINTS, PLACES
from index.storage.store import LISTED, FileRecord, Rows, Store, StoredArticle
from index.storage.store_writer import insert_article, insert_file, insert_passage, searched, text_behind_head


class StoreEditor:
    """Changes a copy of the file of ``before``, in a ``with`` block, which has to end without an error.

    What comes takes the rows of what went. In the end passages have the rows 0, 1, 2… again, and nothing of what was
    removed is left in the file.
    """

    def __init__(self, path: Path, before: Store) -> None:
        self._before = before
        self._connection = sqlite3.connect(path, isolation_level=None)
        [(articles, files, self._passages)] = self._query(
            "SELECT (SELECT count(*) FROM articles), (SELECT count(*) FROM files), (SELECT count(*) FROM passages)"
        )
        self._free_articles, self._articles = before.free_rows(PLACES, articles)
        self._free_files, self._files = before.free_rows(FILE_PLACES, files)
        self._free_passages: list[int] = []
        self._postings: PostingsWriter
        self.keys: dict[int, bytes] = {}
        """The embedding keys of the passages that were added, by row."""
        self.moved: dict[int, int] = {}
        """For each passage that got another row the one that it had before."""

    def __enter__(self) -> Self:
        for pragma in ("journal_mode=OFF", "synchronous=OFF", "secure_delete=ON"):
            self._connection.execute(f"PRAGMA {pragma}")
        self._connection.execute("BEGIN")
        self._postings = PostingsWriter(self._connection)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if kind is None:
                self._close_gaps()
                self._postings.finish(self._passages)
                self._connection.execute("COMMIT")
        finally:
            self._connection.close()

    @property
    def passages(self) -> int:
        """How many there are."""
        return int(self._passages) - len(self._free_passages)

    def remove(self, article: StoredArticle) -> None:
        """Remove an article of the version before, with its passages."""
        whole = self._before.article(article.id)
        assert whole
        for row, passage in self._passages_of(article.row, whole.id):
            self._postings.drop(row, self._searched(whole, passage))
            heappush(self._free_passages, row)
        for table in ("passages", "authors", "tags"):
            self._connection.execute(f"DELETE FROM {table} WHERE article = ?", [article.row])
        self._connection.execute("DELETE FROM articles WHERE row = ?", [article.row])
        heappush(self._free_articles, article.row)

    def add(self, article: Article, passages: Sequence[Passage], file: int | None, copy_of: int | None) -> int:
        """Add an article; see :meth:`index.storage.store_writer.StoreWriter.add`. Its row."""
        row = heappop(self._free_articles) if self._free_articles else self._articles
        self._articles = max(self._articles, row + 1)
        insert_article(self._connection, row, article, file, copy_of)
        for passage in passages:
            at = heappop(self._free_passages) if self._free_passages else self._passages
            self._passages = max(self._passages, at + 1)
            self.keys[at] = insert_passage(self._connection, at, row, article, passage)
            self._postings.put(at, self._searched(article, passage))
        return row

    def set_files(self, records: Sequence[FileRecord]) -> dict[str, int]:
        """Let these be the source files, in this order; their rows by their keys."""
        old = {record.key: record for record in self._before.files()}
        rows = self._before.file_rows()
        for key in rows.keys() - {record.key for record in records}:
            heappush(self._free_files, rows.pop(key))
            self._connection.execute("DELETE FROM files WHERE key = ?", [key])
        for record in records:
            if record == old.get(record.key):
                continue
            if record.key in rows:
                self._connection.execute("DELETE FROM files WHERE key = ?", [record.key])
            else:
                rows[record.key] = heappop(self._free_files) if self._free_files else self._files
                self._files = max(self._files, rows[record.key] + 1)
            insert_file(self._connection, rows[record.key], record)
        order = np.array([rows[record.key] for record in records], np.int64)
        self._keep(FILE_PLACES, _places(order, self._files).tobytes())
        return rows

    def set_file(self, article: int, file: int) -> None:
        """Note that an article that stays now comes from another file."""
        self._connection.execute("UPDATE articles SET file = ? WHERE row = ?", [file, article])

    def set_order(self, articles: Rows) -> None:
        """Note the order of all articles, by their rows."""
        self._keep(PLACES, _places(articles, self._articles).tobytes())

    def set_fingerprint(self, article: int, fingerprint: bytes, room: int) -> None:
        """Keep what the next build compares an article by, of which the array has room for so many: it is written in
        place.
        """
        [(row, size)] = self._query("SELECT rowid, length(data) FROM arrays WHERE name = ?", [FINGERPRINTS])
        if missing := room * len(fingerprint) - size:
            self._connection.execute(
                "UPDATE arrays SET data = CAST(data || zeroblob(?) AS BLOB) WHERE rowid = ?", [missing, row]
            )
        with self._connection.blobopen("arrays", "data", row) as kept:
            kept.seek(article * len(fingerprint))
            kept.write(fingerprint)

    def body(self, row: int) -> str:
        """The :func:`index.article.body` of an article."""
        return text_behind_head(self._connection, row)

    def witnesses(self, articles: Iterable[int]) -> dict[int, int]:
        """The number that each article shares with those that say the same."""
        return dict(self._query(f"SELECT row, witness FROM articles WHERE row IN {LISTED}", [json.dumps([*articles])]))

    def saying_the_same(self, witnesses: Iterable[int]) -> list[int]:
        """The articles that have one of these numbers."""
        query = f"SELECT row FROM articles WHERE witness IN {LISTED}"
        return [row for (row,) in self._query(query, [json.dumps([*witnesses])])]

    def set_witnesses(self, witnesses: Mapping[int, int]) -> None:
        """Note the number of each of these articles."""
        pairs = [(number, row) for row, number in witnesses.items()]
        self._connection.executemany("UPDATE articles SET witness = ? WHERE row = ?", pairs)

    def _keep(self, name: str, data: bytes) -> None:
        self._connection.execute("INSERT OR REPLACE INTO arrays VALUES (?, ?)", (name, data))

    def _close_gaps(self) -> None:
        """Move the last passages, all of the version before, to the rows that are free."""
        gaps = set(self._free_passages)
        self._passages -= len(gaps)
        last = iter(range(self._passages, self._passages + len(gaps)))
        for row in sorted(gap for gap in gaps if gap < self._passages):
            old = next(at for at in last if at not in gaps)
            [(passage, article)] = self._before.passages([old])
            words = self._searched(article, passage)
            self._postings.drop(old, words)
            self._postings.put(row, words)
            self._connection.execute("UPDATE passages SET row = ? WHERE row = ?", [row, old])
            self.moved[row] = old
        self._free_passages = []

    def _searched(self, article: Article, passage: Passage) -> str:
        return searched(article, passage, by_language=self._before.is_spelled)

    def _passages_of(self, article: int, name: str) -> list[tuple[int, Passage]]:
        found = self._query("SELECT row, id, start, end, heading, page FROM passages WHERE article = ?", [article])
        return [(row, Passage(identifier, name, *others)) for row, identifier, *others in found]

    def _query(self, query: str, parameters: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        return self._connection.execute(query, parameters).fetchall()


def _places(rows: Rows, count: int) -> npt.NDArray[np.int32]:
    places = np.full(count, -1, np.int32)
    places[rows] = np.arange(len(rows), dtype=np.int32)
    return places
