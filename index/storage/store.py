"""The text side of a snapshot: articles, passages and the BM25 index in one SQLite file."""

import json
import sqlite3
import threading
import weakref
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property, partial
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from index.article import Article, Block, BlockKind, Passage, Style
from index.errors import Failure, PullquoteError
from index.storage.filter_columns import FilterColumns, Mask
from index.storage.filters import Filters
from index.storage.postings import LENGTHS
from index.storage.question_terms import question_words
from index.storage.schema import FILE_PLACES, PLACES, SPELLED, TABLES
from index.storage.spelling import spelled_question
from index.storage.tokens import words_of
from index.storage.words import Scores, Words, best_of

Rows = npt.NDArray[np.int64]

_Places = dict[str, npt.NDArray[np.int32] | None]
"""The place of each row in the order of sources, by the name of the array."""

_ARTICLE = (
    "SELECT row, id, title, text, blocks, styles, recognised, url, source, published, language, media_type, path "
    "FROM articles"
)

LISTED = "(SELECT value FROM json_each(?))"
"""Any number of values, as one parameter."""

_MAPPED_BYTES = 2**30

MOST_VALUES = 50
"""Sources, authors or tags to filter by that are named, the most frequent."""


class StoreError(PullquoteError, RuntimeError):
    """The SQLite file can't be read."""

    code = "index_damaged"


class LeftOut(NamedTuple):
    """An article of a source file that is not indexed: it was deleted, or its id is taken."""

    article_id: str
    title: str
    url: str | None = None
    sha256: str | None = None


@dataclass(frozen=True, slots=True)
class FileRecord:
    """A source file as it was read; a build compares it with the file to see whether it has to be read again.

    ``sha256`` is that of its content, None when it has to be read to see whether it changed. ``failures`` are the
    reasons why it, or parts of it, are not indexed; ``left_out`` those of its articles that were deleted or whose id is
    taken; ``notes`` are what was mended or left out of what is indexed.
    """

    key: str
    sha256: str | None
    failures: tuple[Failure, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    notes: tuple[str, ...] = ()


class StoredArticle(NamedTuple):
    """An article of a store without what it says, with its row and that of its file."""

    row: int
    id: str
    file: int | None


class Store:
    """A SQLite file opened read-only. Safe to share between threads: each gets a connection of its own."""

    def __init__(self, path: Path) -> None:
        """Open the file.

        :raises StoreError: when it is missing or no SQLite file of this schema.
        """
        self.path = path
        self._connections: list[sqlite3.Connection] = []
        weakref.finalize(self, _close, self._connections)
        self._uri = f"{path.resolve().as_uri()}?mode=ro&immutable=1"
        self._local = threading.local()
        self._places: _Places = {}
        try:
            self.rows("SELECT count(*) FROM articles")
            found = {sql for (sql,) in self.rows("SELECT sql FROM sqlite_schema WHERE type = 'table'")}
            if found.issuperset(TABLES):
                for name in (PLACES, FILE_PLACES):
                    self._places[name] = self.array(name, np.dtype(np.int32))
        except sqlite3.Error as error:
            raise StoreError(f"{path} can't be read ({error})") from error
        if not found.issuperset(TABLES):
            self.close()
            raise StoreError(f"{path} has other tables than this version of Pullquote reads")

    @cached_property
    def is_spelled(self) -> bool:
        """Whether words are searched by their spelling in their language (:mod:`index.storage.spelling`)."""
        return self.keeps(SPELLED)

    def spelled(self, words: str) -> str:
        """Words of a question as they are searched here."""
        return spelled_question(words) if self.is_spelled else words

    def array(self, name: str, kind: np.dtype[Any]) -> npt.NDArray[Any] | None:
        """What is kept of all articles or files at once; None where it is not."""
        found = self.rows("SELECT data FROM arrays WHERE name = ?", [name])
        return np.frombuffer(found[0][0], kind) if found else None

    def keeps(self, name: str) -> bool:
        """Whether there is such an array."""
        return bool(self.rows("SELECT 1 FROM arrays WHERE name = ?", [name]))

    @property
    def is_in_order(self) -> bool:
        """Whether rows are in the order of sources; they are in a version that was written at once."""
        return self._places[PLACES] is None

    def in_order(self, rows: Iterable[int]) -> list[int]:
        """Rows of passages in the order of sources: of articles, and within an article of where they begin."""
        if self.is_in_order:
            return sorted(rows)
        wanted = list(rows)
        marks = ",".join("?" * len(wanted))
        found = self.rows(f"SELECT row, article, start FROM passages WHERE row IN ({marks})", wanted)
        return [row for row, *_ in sorted(found, key=lambda each: (self._place(PLACES, each[1]), each[2], each[0]))]

    def _place(self, kind: str, row: int) -> int:
        return _place(self._places, kind, row)

    def close(self) -> None:
        """Close the file, for all threads."""
        _close(self._connections)

    def counts(self) -> dict[str, int]:
        """How many ``articles`` and ``passages`` there are, and ``lengths`` of passages."""
        counts = {name: int(self.rows(f"SELECT count(*) FROM {name}")[0][0]) for name in ("articles", "passages")}
        [(size,)] = self.rows("SELECT coalesce(sum(length(words)), 0) FROM lengths")
        return counts | {"lengths": int(size) // LENGTHS.itemsize}

    def damage(self) -> list[str]:
        """What SQLite finds wrong with the file, rows that refer to nothing, gaps in the rows of passages, and lists of
        words that are not those of the passages.
        """
        found = [str(line) for (line,) in self.rows("PRAGMA quick_check(5)") if line != "ok"]
        found += [f"a row of {table} refers to nothing" for table, *_ in self.rows("PRAGMA foreign_key_check")[:5]]
        [(count, first, last)] = self.rows("SELECT count(*), min(row), max(row) FROM passages")
        if count and (first, last) != (0, count - 1):
            found.append(f"the rows of passages are not 0 to {count - 1}")
        if len(self.words.lengths) != count:
            found.append(f"the words of {len(self.words.lengths)} passages are listed, not of {count}")
        return found + self.words.damage()

    def article(self, article_id: str, filters: Filters = Filters()) -> Article | None:  # noqa: B008
        """The whole article, or None where there is none that passes ``filters``."""
        condition, parameters = filters.sql()
        return next(iter(self._articles(f"{_ARTICLE} WHERE id = ? AND {condition}", [article_id, *parameters])), None)

    def articles(self, filters: Filters = Filters(), after: str = "", limit: int = 50) -> list[Article]:  # noqa: B008
        """Up to ``limit`` articles in the order of their ids, beginning behind the id ``after``."""
        condition, parameters = filters.sql()
        return self._articles(
            f"{_ARTICLE} WHERE {condition} AND id > ? ORDER BY id LIMIT ?", [*parameters, after, str(limit)]
        )

    def neighbours(
        self,
        article_id: str,
        filters: Filters = Filters(),  # noqa: B008
    ) -> tuple[Article | None, Article | None]:
        """The articles before and behind an id that pass ``filters``, in the order of ids."""
        condition, parameters = filters.sql()
        given = [article_id, *parameters]
        before = self._articles(f"{_ARTICLE} WHERE id < ? AND {condition} ORDER BY id DESC LIMIT 1", given)
        behind = self._articles(f"{_ARTICLE} WHERE id > ? AND {condition} ORDER BY id LIMIT 1", given)
        return next(iter(before), None), next(iter(behind), None)

    def passages(self, rows: Sequence[int], filters: Filters = Filters()) -> list[tuple[Passage, Article]]:  # noqa: B008
        """Passages with their articles, in the order of ``rows``; of articles with one text, the first that passes
        ``filters``.
        """
        marks = ",".join("?" * len(rows))
        found = self.rows(
            f"SELECT row, id, article, start, end, heading, page FROM passages WHERE row IN ({marks})", rows
        )
        by_row = {record[0]: record for record in found}
        owners = {record[2]: record[2] for record in found}
        if filters:
            condition, parameters = filters.sql()
            marks = ",".join("?" * len(owners))
            owners |= dict(
                self.rows(
                    f"SELECT coalesce(copy_of, row), row FROM articles WHERE {condition} "
                    f"AND coalesce(copy_of, row) IN ({marks}) ORDER BY place(row) DESC",
                    [*parameters, *owners],
                )
            )
        shown = sorted(owners.values())
        marks = ",".join("?" * len(shown))
        articles = dict(
            zip(shown, self._articles(f"{_ARTICLE} WHERE row IN ({marks}) ORDER BY row", shown), strict=True)
        )
        result = []
        for row in rows:
            _, passage_id, article_row, start, end, heading, page = by_row[row]
            article = articles[owners[article_row]]
            result.append((Passage(passage_id, article.id, start, end, heading, page), article))
        return result

    def article_passages(self, article_id: str) -> list[Passage]:
        """The passages of an article, in order."""
        found = self.rows(
            "SELECT passages.id, articles.id, start, end, heading, page FROM passages "
            "JOIN articles ON article = articles.row WHERE articles.id = ? ORDER BY start, passages.row",
            [article_id],
        )
        return [Passage(*record) for record in found]

    def passage_rows(self, article: int) -> list[int]:
        """The rows of the passages of an article, by its row, in order."""
        return [
            row for (row,) in self.rows("SELECT row FROM passages WHERE article = ? ORDER BY start, row", [article])
        ]

    def files(self) -> Iterator[FileRecord]:
        """The source files, in the order they were read."""
        yield from self._files("1")

    def failed_files(self, most: int) -> list[FileRecord]:
        """Those of the source files of which something could not be indexed, ``most`` at the most."""
        return list(self._files(f"failures <> '[]' LIMIT {most:d}"))

    def file(self, key: str) -> FileRecord | None:
        """The source file with this key."""
        return next(self._records("files WHERE key = ?", [key]), None)

    def _files(self, condition: str) -> Iterator[FileRecord]:
        yield from self._records(f"(SELECT * FROM files ORDER BY file_place(row)) WHERE {condition}")

    def _records(self, which: str, parameters: Sequence[Any] = ()) -> Iterator[FileRecord]:
        for key, sha256, failures, left_out, notes in self.rows(
            f"SELECT key, sha256, failures, left_out, notes FROM {which}", parameters
        ):
            others = tuple(LeftOut(*fields) for fields in _listed(left_out))
            reasons = tuple(Failure(*([item] if isinstance(item, str) else item)) for item in _listed(failures))
            yield FileRecord(key, sha256, reasons, others, tuple(_listed(notes)))

    def file_articles(self, key: str) -> list[Article]:
        """The articles of a source file, in the order they have there."""
        return self._articles(
            f"{_ARTICLE} WHERE file = (SELECT row FROM files WHERE key = ?) ORDER BY place(row)", [key]
        )

    def articles_of_bytes(self, sha256: str) -> list[Article]:
        """The articles of the source files with these very bytes."""
        return self._articles(
            f"{_ARTICLE} WHERE file IN (SELECT row FROM files WHERE sha256 = ?) ORDER BY place(row)", [sha256]
        )

    def file_of(self, article_id: str) -> tuple[str, str | None] | None:
        """The key of the file that an article was read from, and the hash of that file."""
        query = "SELECT key, sha256 FROM files JOIN articles ON articles.file = files.row WHERE articles.id = ?"
        found = self.rows(query, [article_id])
        return (found[0][0], found[0][1]) if found else None

    def owners(self) -> dict[str, tuple[str, str]]:
        """The key of the source file and the title of every article, by its id."""
        query = "SELECT id, coalesce(key, ''), title FROM articles LEFT JOIN files ON file = files.row"
        return {identifier: (key, title) for identifier, key, title in self.rows(query)}

    def file_rows(self) -> dict[str, int]:
        """The rows of the source files by their keys."""
        return dict(self.rows("SELECT key, row FROM files"))

    def rows_in_order(self) -> Rows:
        """The rows of all articles, by their places in the order of sources."""
        places = self._places[PLACES]
        if places is None:
            return np.arange(self.rows("SELECT count(*) FROM articles")[0][0])
        rows = np.flatnonzero(places >= 0)
        return rows[np.argsort(places[rows])]

    def place(self, article: int) -> int:
        """The place of an article, by its row, in the order of sources."""
        return self._place(PLACES, article)

    def spans(self) -> dict[str, range]:
        """The places of the articles of each source file, by its key; they are one behind the other."""
        counts = dict(self.rows("SELECT file, count(*) FROM articles GROUP BY file"))
        end, found = counts.get(None, 0), {}
        for row, key in self.rows("SELECT row, key FROM files ORDER BY file_place(row)"):
            start, end = end, end + counts.get(row, 0)
            found[key] = range(start, end)
        return found

    def free_rows(self, kind: str, count: int) -> tuple[list[int], int]:
        """The rows of articles (``PLACES``) or files (``FILE_PLACES``), of which there are ``count``, that are free,
        and the first behind all.
        """
        places = self._places[kind]
        return ([], count) if places is None else (np.flatnonzero(places < 0).tolist(), len(places))

    def stored(self, rows: Iterable[int]) -> list[StoredArticle]:
        """The articles in ``rows``, in that order."""
        wanted = list(map(int, rows))
        found = self.rows(f"SELECT row, id, file FROM articles WHERE row IN {LISTED}", [json.dumps(wanted)])
        by_row = {record[0]: StoredArticle(*record) for record in found}
        return [by_row[row] for row in wanted]

    def stored_as(self, article_id: str) -> StoredArticle | None:
        """The article with an id, without what it says."""
        found = self.rows("SELECT row, id, file FROM articles WHERE id = ?", [article_id])
        return StoredArticle(*found[0]) if found else None

    def homes(self, article_ids: Iterable[str]) -> dict[str, str]:
        """The keys of the source files of those of these articles that are held."""
        query = f"SELECT id, key FROM articles JOIN files ON file = files.row WHERE id IN {LISTED}"
        return dict(self.rows(query, [json.dumps([*article_ids])]))

    def named(self, article_ids: Iterable[str]) -> list[Article]:
        """Those of these articles that are held, in the order of sources."""
        return self._articles(f"{_ARTICLE} WHERE id IN {LISTED} ORDER BY place(row)", [json.dumps([*article_ids])])

    def embedding_keys(self) -> list[bytes]:
        """The :func:`index.article.embedding_key` of every passage, in the order of rows."""
        return [record[0] for record in self.rows("SELECT key FROM passages ORDER BY row")]

    def rows_of_keys(self, keys: Sequence[bytes]) -> dict[bytes, int]:
        """The first row of a passage with each of these embedding keys, a few, where there is one."""
        marks = ",".join("?" * len(keys))
        return dict(self.rows(f"SELECT key, min(row) FROM passages WHERE key IN ({marks}) GROUP BY key", keys))

    def copies(self, article_id: str, filters: Filters = Filters()) -> list[Article]:  # noqa: B008
        """The articles that have the very text of this one and pass ``filters``; itself, too, if it passes."""
        condition, parameters = filters.sql()
        first = self.rows("SELECT coalesce(copy_of, row) FROM articles WHERE id = ?", [article_id])
        if not first:
            return []
        row = first[0][0]
        query = f"{_ARTICLE} WHERE {condition} AND (row = ? OR copy_of = ?) ORDER BY place(row)"
        return self._articles(query, [*parameters, row, row])

    def witnesses(self, article_ids: Sequence[str]) -> dict[str, int]:
        """For each article a number that it shares with those that reprint it: together they are one witness."""
        marks = ",".join("?" * len(article_ids))
        return dict(self.rows(f"SELECT id, witness FROM articles WHERE id IN ({marks})", article_ids))

    def passing(self, filters: Filters) -> Mask | None:
        """The passages whose article, or a copy of it, passes ``filters``; None without filters: all of them."""
        return self._columns.passages(self._columns.articles(filters)) if filters else None

    def scores(self, question: str) -> Scores:
        """The BM25 score of every passage for the words of ``question``, over title, heading and text."""
        return self.words.scores(question_words(self.spelled(question)))

    def bm25(self, question: str, limit: int, allowed: Mask | None = None) -> list[tuple[int, float]]:
        """The best ``(row, score)`` for the words of ``question``, best first; only rows that are ``allowed``, when
        given, are found.
        """
        return best_of(self.scores(question), limit, allowed)

    def articles_with(self, words: str) -> list[int] | None:
        """The rows of the articles of which a passage has all of ``words``, the last of which may be a beginning; of
        articles with one text, the first. None when there are no words.
        """
        asked = words_of(self.spelled(words))
        return self._columns.owners(self.words.having(asked[:-1], asked[-1])) if asked else None

    def counts_within(self, filters: Filters) -> tuple[int, int]:
        """How many articles pass ``filters``, and how many passages they have."""
        articles = self._columns.articles(filters)
        return int(np.count_nonzero(articles)), int(np.count_nonzero(self._columns.passages(articles)))

    def facets(self, filters: Filters = Filters()) -> dict[str, list[str]]:  # noqa: B008
        """The distinct sources, authors and tags of the articles that pass ``filters``, the most frequent first, fifty
        at the most.
        """
        counts = self.value_counts(*filters.sql(), most=MOST_VALUES)
        return {name: [value for value, _ in found] for name, found in counts.items()}

    def value_counts(
        self, condition: str, parameters: Sequence[Any], most: int = -1
    ) -> dict[str, list[tuple[str, int]]]:
        """The sources, authors and tags of the articles that meet a condition, each with how many have it, the most
        frequent first; ``most`` of each at the most, -1 is all.
        """
        inside = "1" if condition == "1" else f"article IN (SELECT row FROM articles WHERE {condition})"
        queries = {
            "sources": "SELECT min(source), count(*) FROM articles "
            f"WHERE source <> '' AND {condition} GROUP BY source_key",
            "authors": f"SELECT min(name), count(*) FROM authors WHERE {inside} GROUP BY key",
            "tags": f"SELECT min(name), count(*) FROM tags WHERE {inside} GROUP BY key",
        }
        return {
            name: [
                (value, number) for value, number in self.rows(f"{query} ORDER BY 2 DESC, 1 LIMIT {most:d}", parameters)
            ]
            for name, query in queries.items()
        }

    def _articles(self, query: str, parameters: Sequence[Any]) -> list[Article]:
        found = self.rows(query, parameters)
        names = {table: self._names(table, [record[0] for record in found]) for table in ("authors", "tags")}
        return [
            Article(
                id=identifier,
                title=title,
                text=text,
                blocks=tuple(_block(*block) for block in json.loads(blocks)),
                url=url,
                source=source,
                authors=names["authors"].get(row, ()),
                published=date.fromisoformat(published) if published else None,
                language=language,
                media_type=kind,
                path=path,
                tags=names["tags"].get(row, ()),
                styles=tuple(Style(*style) for style in json.loads(styles)),
                recognised=tuple(_listed(pages)),
            )
            for row, identifier, title, text, blocks, styles, pages, url, source, published, language, kind, path in (
                found
            )
        ]

    def _names(self, table: str, article_rows: Sequence[int]) -> dict[int, tuple[str, ...]]:
        marks = ",".join("?" * len(article_rows))
        names: dict[int, tuple[str, ...]] = {}
        for row, name in self.rows(
            f"SELECT article, name FROM {table} WHERE article IN ({marks}) ORDER BY rowid", article_rows
        ):
            names[row] = (*names.get(row, ()), name)
        return names

    @cached_property
    def words(self) -> Words:
        """The words of all passages."""
        return Words(self._cursor)

    @cached_property
    def _columns(self) -> FilterColumns:
        return FilterColumns(self._cursor)

    def rows(self, query: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """The result of a query."""
        return self._cursor(query, parameters).fetchall()

    def _cursor(self, query: str, parameters: Sequence[Any] = ()) -> sqlite3.Cursor:
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = self._local.connection = sqlite3.connect(self._uri, uri=True, check_same_thread=False)
            self._connections.append(connection)
            connection.execute(f"PRAGMA mmap_size={_MAPPED_BYTES}")
            for name, kind in (("place", PLACES), ("file_place", FILE_PLACES)):
                connection.create_function(name, 1, partial(_place, self._places, kind), deterministic=True)
        return connection.execute(query, parameters)


def _place(places: _Places, kind: str, row: int) -> int:
    """Connections call it: they must not hold the store, which closes them when it goes."""
    known = places.get(kind)
    return row if known is None else int(known[row])


def _listed(stored: str) -> Sequence[Any]:
    """What a list was stored as; most are empty."""
    found: Sequence[Any] = () if stored == "[]" else json.loads(stored)
    return found


def _block(
    start: int,
    end: int,
    kind: BlockKind,
    page: int | None,
    cells: Iterable[Iterable[int]] = (),
    header: int | None = None,
    sign: str = "",
    level: int = 0,
) -> Block:
    spans = tuple((low, high) for low, high in cells)
    return Block(start, end, kind, page, spans, header, sign, level)


def _close(connections: list[sqlite3.Connection]) -> None:
    while connections:
        connections.pop().close()
