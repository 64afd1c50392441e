"""Writing the text side of a snapshot."""

import json
import sqlite3
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from index.article import Article, Block, Passage
from index.errors import UNREADABLE
from index.passage_text import embedding_key, passage_text
from index.storage.filters import folded
from index.storage.postings import BLOCK, PostingsWriter
from index.storage.schema import FINGERPRINTS, SPELLED, TABLES
from index.storage.spelling import spelled_part
from index.storage.store import FileRecord

_INDEXES = """
CREATE INDEX articles_file ON articles(file);
CREATE INDEX articles_copy ON articles(copy_of);
CREATE INDEX articles_witness ON articles(witness);
CREATE INDEX articles_source ON articles(source_key);
CREATE INDEX articles_published ON articles(published);
CREATE INDEX authors_key ON authors(key, article);
CREATE INDEX authors_article ON authors(article);
CREATE INDEX tags_key ON tags(key, article);
CREATE INDEX tags_article ON tags(article);
CREATE INDEX passages_article ON passages(article, start);
"""


class StoreWriter:
    """Writes a new SQLite file, article after article, in a ``with`` block.

    Articles, and passages, get the rows 0, 1, 2… in the order they are added. The same calls give the same bytes.
    """

    def __init__(self, path: Path, *, by_language: bool = False) -> None:
        """``by_language``, words are spelled in their language to be searched (:mod:`index.storage.spelling`)."""
        self.keys = bytearray()
        """The embedding keys of all passages, in the order of their rows, one behind the other."""
        self._passages = 0
        self._articles = 0
        self._file: int | None = None
        self._by_language = by_language
        self._connection = sqlite3.connect(path, isolation_level=None)
        self._postings: PostingsWriter

    def __enter__(self) -> Self:
        self._connection.execute("PRAGMA journal_mode=OFF")
        self._connection.execute("PRAGMA synchronous=OFF")
        self._connection.executescript(";\n".join(TABLES))
        self._connection.execute("BEGIN")
        self._postings = PostingsWriter(self._connection)
        if self._by_language:
            self._connection.execute("INSERT INTO arrays VALUES (?, ?)", (SPELLED, b""))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if kind is None:
                self._postings.finish(self._passages)
                self._connection.execute("COMMIT")
                self._connection.executescript(_INDEXES)
        finally:
            self._connection.close()

    def add_file(self, record: FileRecord) -> None:
        """Add a source file; the articles that follow are its articles."""
        self._file = 0 if self._file is None else self._file + 1
        insert_file(self._connection, self._file, record)

    def add(self, article: Article, passages: Sequence[Passage], copy_of: int | None = None) -> None:
        """Add an article with its passages; ``copy_of`` is the row of the one whose text it has, and whose passages."""
        insert_article(self._connection, self._articles, article, self._file, copy_of)
        for passage in passages:
            self.keys += insert_passage(self._connection, self._passages, self._articles, article, passage)
            self._postings.put(self._passages, searched(article, passage, by_language=self._by_language))
            self._passages += 1
            if self._passages % BLOCK == 0:
                self._postings.flush()
        self._articles += 1

    def body(self, row: int) -> str:
        """The :func:`index.article.body` of an article that was added."""
        return text_behind_head(self._connection, row)

    def set_witnesses(self, firsts: Mapping[int, int]) -> None:
        """Note for articles, by row, the first one that says the same in nearly the same words; the others stand for
        themselves.
        """
        self._connection.executemany(
            "UPDATE articles SET witness = ? WHERE row = ?", ((first, row) for row, first in firsts.items())
        )

    def set_fingerprints(self, fingerprints: bytes | bytearray) -> None:
        """Keep what the next build compares articles by."""
        self.set_array(FINGERPRINTS, fingerprints)

    def set_array(self, name: str, data: bytes | bytearray) -> None:
        """Keep what is known of all articles, passages or files at once."""
        self._connection.execute("INSERT INTO arrays VALUES (?, ?)", (name, data))


def text_behind_head(connection: sqlite3.Connection, row: int) -> str:
    """The :func:`index.article.body` of an article."""
    [[text, blocks]] = connection.execute("SELECT text, blocks FROM articles WHERE row = ?", [row]).fetchall()
    first, *_ = json.loads(blocks) or [[0]]
    return str(text)[first[0] :]


def insert_file(connection: sqlite3.Connection, row: int, record: FileRecord) -> None:
    """Add a source file in a row."""
    reasons = [failure.reason if failure.code == UNREADABLE else failure for failure in record.failures]
    lists = (json.dumps(items, ensure_ascii=False) for items in (reasons, record.left_out, record.notes))
    connection.execute("INSERT INTO files VALUES (?, ?, ?, ?, ?, ?)", (row, record.key, record.sha256, *lists))


def insert_article(
    connection: sqlite3.Connection, row: int, article: Article, file: int | None, copy_of: int | None
) -> None:
    """Add an article in a row; as a witness, it stands for itself."""
    connection.execute(
        "INSERT INTO articles VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            row,
            article.id,
            article.title,
            article.text,
            json.dumps(list(map(_stored, article.blocks))),
            json.dumps([[style.start, style.end, style.look, style.value] for style in article.styles]),
            json.dumps(article.recognised),
            article.url,
            article.source,
            folded(article.source) if article.source else None,
            article.published.isoformat() if article.published else None,
            article.language,
            article.media_type,
            article.path,
            file,
            copy_of,
            row,
        ),
    )
    for table, names in (("authors", article.authors), ("tags", article.tags)):
        connection.executemany(f"INSERT INTO {table} VALUES (?, ?, ?)", [(row, name, folded(name)) for name in names])


def insert_passage(
    connection: sqlite3.Connection,
    row: int,
    article_row: int,
    article: Article,
    passage: Passage,
) -> bytes:
    """Add a passage in a row; its embedding key."""
    key = embedding_key(article, passage)
    connection.execute(
        "INSERT INTO passages VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (row, passage.id, article_row, passage.start, passage.end, passage.heading, passage.page, key),
    )
    return key


def searched(article: Article, passage: Passage, *, by_language: bool) -> str:
    """What a passage is found by: title, heading and text."""
    parts = article.title, passage.heading or "", passage_text(article, passage).text
    return "\n".join(spelled_part(part, article.text) for part in parts) if by_language else "\n".join(parts)


def _stored(block: Block) -> list[object]:
    """A block as a list: what comes last in it and is the default is left out."""
    plain: list[object] = [block.start, block.end, block.kind, block.page]
    if block.sign or block.level:
        return [*plain, block.cells, block.header, block.sign, block.level]
    return [*plain, block.cells, block.header] if block.cells else plain
