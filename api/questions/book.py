"""The questions that were asked, where the operator wants them kept: one SQLite file in the data folder.

Kept of a question are its words, when it was asked, the answer or best guess with its place, and what people said about
it; never who asked or from where. Nothing is kept before it is turned on, by the setting or on the page for
administrators; what is older than the days of the setting goes, and all of it can be erased at any time, from the file,
too (SQLite's ``secure_delete``). Answers that an editor chose (:mod:`api.questions.curated`) lie in the same file.
"""

import json
import logging
import sqlite3
import time
import unicodedata
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import Any, Literal, get_args

from index.errors import PullquoteError
from index.owner_only import has_content, make_file, make_folder

FILE = "questions.sqlite"
Reason = Literal["wrong", "incomplete", "not_in_articles", "other"]
REASONS: tuple[Reason, ...] = get_args(Reason)
"""Why an answer does not help: it is wrong; something is missing; the articles don't answer the question."""

MOST = 100_000
"""Questions, and as many opinions, that are kept; the oldest go first."""

_SUGGESTED_FROM = 3
"""Times that a question was asked before others are offered it."""

_PATIENCE_SECONDS = 5
_SECONDS_BETWEEN_LOOKS = 5.0
_SECONDS_BETWEEN_CLEANINGS = 600.0
_SCHEMA = """
BEGIN IMMEDIATE;
CREATE TABLE IF NOT EXISTS asked (
    id INTEGER PRIMARY KEY, at REAL NOT NULL, key TEXT NOT NULL, question TEXT NOT NULL, answered INTEGER NOT NULL,
    answer TEXT, confidence REAL, article_id TEXT, start INTEGER, end INTEGER, quote TEXT);
CREATE INDEX IF NOT EXISTS asked_key ON asked(key);
CREATE TABLE IF NOT EXISTS opinions (
    id INTEGER PRIMARY KEY, at REAL NOT NULL, key TEXT NOT NULL, question TEXT NOT NULL, helpful INTEGER NOT NULL,
    reason TEXT, comment TEXT, answer TEXT, article_id TEXT, start INTEGER, end INTEGER);
CREATE INDEX IF NOT EXISTS opinions_key ON opinions(key);
CREATE TABLE IF NOT EXISTS pins (
    key TEXT PRIMARY KEY, question TEXT NOT NULL, article_id TEXT NOT NULL, start INTEGER NOT NULL,
    end INTEGER NOT NULL, text TEXT NOT NULL, sha256 TEXT NOT NULL, at REAL NOT NULL);
CREATE TABLE IF NOT EXISTS switches (name TEXT PRIMARY KEY, value TEXT NOT NULL);
COMMIT;
"""

_log = logging.getLogger("pullquote.questions")


class QuestionBookError(PullquoteError, OSError):
    """The file of the questions can't be used."""

    code = "questions_unusable"


@dataclass(frozen=True, slots=True)
class Shown:
    """An answer as it was given, or the best guess that was held back: its words and where they stand."""

    text: str
    confidence: float | None
    article_id: str
    start: int
    end: int
    quote: str = ""


@dataclass(frozen=True, slots=True)
class Opinion:
    """What somebody said about the answer to a question; ``shown`` is None where there was none."""

    question: str
    is_helpful: bool
    reason: Reason | None = None
    comment: str | None = None
    shown: Shown | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """A question, however often it was asked in these words. Times are seconds since 1970.

    ``shown`` is the answer that was given last, or the best guess. ``opinions`` are the newest first.
    """

    key: str
    question: str
    times: int
    last: float
    is_answered: bool
    shown: Shown | None
    opinions: tuple[Opinion, ...] = ()

    @property
    def is_disputed(self) -> bool:
        """Whether somebody was not helped."""
        return any(not each.is_helpful for each in self.opinions)


@dataclass(frozen=True, slots=True)
class Pin:
    """Words of an article, at ``start:end`` of the text with the hash ``sha256``, that were chosen for a question."""

    question: str
    article_id: str
    start: int
    end: int
    text: str
    sha256: str


def key_of(question: str) -> str:
    """What questions of the same words have in common, whatever their case, spaces and signs."""
    folded = unicodedata.normalize("NFKC", question).casefold()
    return " ".join("".join(each if each.isalnum() else " " for each in folded).split())


class QuestionBook:
    """The questions in a data folder, for all processes. The file is made when the first thing is to be kept."""

    def __init__(self, folder: Path, is_on: bool | None = None, days: float = 90) -> None:
        """:param is_on: whether questions are kept; None: as was said on the page for administrators, and not before.

        :param days: how long.
        """
        self._folder = folder
        self._path = folder / FILE
        self._is_on = is_on
        self._days = days
        self._looked_at = self._cleaned_at = float("-inf")
        self._switched_on = False

    @property
    def is_fixed(self) -> bool:
        """Whether the settings say if questions are kept, so that it can't be switched."""
        return self._is_on is not None

    @property
    def is_on(self) -> bool:
        """Whether questions are kept now; another process may have switched that some seconds ago."""
        if self._is_on is not None:
            return self._is_on
        if time.monotonic() - self._looked_at > _SECONDS_BETWEEN_LOOKS:
            found = self._rows("SELECT value FROM switches WHERE name = 'log'")
            self._switched_on = found == [("on",)]
            self._looked_at = time.monotonic()
        return self._switched_on

    def switch(self, on: bool) -> None:
        """Keep questions from now on, or no more; what was kept stays.

        :raises QuestionBookError: when that can't be written down.
        """
        with self._changing() as connection:
            connection.execute("INSERT OR REPLACE INTO switches VALUES ('log', ?)", ["on" if on else "off"])
        self._switched_on, self._looked_at = on, time.monotonic()

    def note(self, question: str, is_answered: bool, shown: Shown | None) -> None:
        """Keep a question, if that is wanted. Where it can't be kept, it is answered all the same."""
        try:
            if not self.is_on:
                return
            place = astuple(shown) if shown else (None,) * 6
            with self._changing() as connection:
                connection.execute(
                    "INSERT INTO asked(at, key, question, answered, answer, confidence, article_id, start, end, quote) "
                    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                    (time.time(), key_of(question), question, is_answered, *place),
                )
                self._clean(connection)
        except QuestionBookError as error:
            _log.error("a question was not kept: %s", error)

    def add_opinion(self, opinion: Opinion) -> None:
        """Keep what somebody said.

        :raises QuestionBookError: when it can't be kept.
        """
        shown = opinion.shown
        place = (shown.text, shown.article_id, shown.start, shown.end) if shown else [None] * 4
        with self._changing() as connection:
            connection.execute(
                "INSERT INTO opinions(at, key, question, helpful, reason, comment, answer, article_id, start, end) "
                "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    time.time(),
                    key_of(opinion.question),
                    opinion.question,
                    opinion.is_helpful,
                    opinion.reason,
                    opinion.comment,
                    *place,
                ),
            )
            self._clean(connection)

    def asked(self, most: int, *, only_open: bool = False) -> list[Asked]:
        """The questions asked last, each once, the latest first; with ``only_open``, those that had no answer or that
        somebody was not helped by, and for which no passage is pinned.

        :raises QuestionBookError: when they can't be read.
        """
        condition = (
            "(NOT answered OR key IN (SELECT key FROM opinions WHERE NOT helpful)) "
            "AND key NOT IN (SELECT key FROM pins)"
        )
        rows = self._rows(
            "SELECT key, question, times, at, answered, answer, confidence, article_id, start, end, quote FROM "
            "(SELECT *, count(*) OVER (PARTITION BY key) AS times, "
            "row_number() OVER (PARTITION BY key ORDER BY at DESC, id DESC) AS newest FROM asked) "
            f"WHERE newest = 1 AND {condition if only_open else '1'} ORDER BY at DESC, id DESC LIMIT ?",
            [most],
        )
        said = self._opinions([row[0] for row in rows])
        return [
            Asked(key, question, times, at, bool(answered), _shown_answer(*shown), tuple(said.get(key, ())))
            for key, question, times, at, answered, *shown in rows
        ]

    def answered_like(self, beginning: str, most: int) -> list[str]:
        """Questions that had an answer and begin with these words, the most frequent first; none was disputed. Each was
        asked three times at least: what one person asks once is not for others to read.
        """
        key = key_of(beginning)
        rows = self._rows(
            "SELECT question FROM asked WHERE answered AND substr(key, 1, ?) = ? AND key NOT IN "
            "(SELECT key FROM opinions WHERE NOT helpful) GROUP BY key HAVING count(*) >= ? "
            "ORDER BY count(*) DESC, max(at) DESC LIMIT ?",
            [len(key), key, _SUGGESTED_FROM, most],
        )
        return [question for (question,) in rows]

    def _opinions(self, keys: Sequence[str]) -> dict[str, list[Opinion]]:
        found: dict[str, list[Opinion]] = {}
        for key, question, helpful, reason, comment, answer, article_id, start, end in self._rows(
            "SELECT key, question, helpful, reason, comment, answer, article_id, start, end FROM opinions "
            "WHERE key IN (SELECT value FROM json_each(?)) ORDER BY at DESC, id DESC",
            [json.dumps(list(keys))],
        ):
            shown = _shown_answer(answer, None, article_id, start, end, "")
            found.setdefault(key, []).append(Opinion(question, bool(helpful), reason, comment, shown))
        return found

    def opinions(self, most: int) -> list[Opinion]:
        """What was said, the newest first.

        :raises QuestionBookError: when it can't be read.
        """
        keys = [key for (key,) in self._rows("SELECT DISTINCT key FROM opinions ORDER BY at DESC LIMIT ?", [most])]
        return [opinion for said in self._opinions(keys).values() for opinion in said]

    def pin(self, pin: Pin) -> None:
        """Let the words of a pin be the answer to its question, in the place of another pin for it.

        :raises QuestionBookError: when it can't be kept.
        """
        with self._changing() as connection:
            connection.execute(
                "INSERT OR REPLACE INTO pins VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    key_of(pin.question),
                    pin.question,
                    pin.article_id,
                    pin.start,
                    pin.end,
                    pin.text,
                    pin.sha256,
                    time.time(),
                ),
            )

    def unpin(self, question: str) -> None:
        """Let a question be answered as any other again.

        :raises QuestionBookError: when that can't be written down.
        """
        with self._changing() as connection:
            connection.execute("DELETE FROM pins WHERE key = ?", [key_of(question)])

    def pins(self) -> list[Pin]:
        """Every pin, the newest first.

        :raises QuestionBookError: when they can't be read.
        """
        fields = "question, article_id, start, end, text, sha256"
        return [Pin(*row) for row in self._rows(f"SELECT {fields} FROM pins ORDER BY at DESC")]

    def forget(self, key: str | None = None) -> None:
        """Erase a question with what was said about it, or all of them; pins stay.

        :raises QuestionBookError: when that can't be written.
        """
        condition, parameters = ("key = ?", [key]) if key is not None else ("1", [])
        if not self._path.exists():
            return
        with self._changing() as connection:
            for table in ("asked", "opinions"):
                connection.execute(f"DELETE FROM {table} WHERE {condition}", parameters)

    def articles(self) -> set[str]:
        """The ids of the articles of which words are kept.

        :raises QuestionBookError: when they can't be read.
        """
        tables = " UNION ".join(f"SELECT article_id FROM {table}" for table in ("asked", "opinions", "pins"))
        return {name for (name,) in self._rows(f"SELECT * FROM ({tables}) WHERE article_id IS NOT NULL")}

    def words_of(self, article_id: str) -> set[str]:
        """The words of an article that are kept: answers, quotes and pins.

        :raises QuestionBookError: when they can't be read.
        """
        kept = (("answer", "asked"), ("quote", "asked"), ("answer", "opinions"), ("text", "pins"))
        words = " UNION ".join(f"SELECT {column} FROM {table} WHERE article_id = ?1" for column, table in kept)
        return {each for (each,) in self._rows(words, [article_id]) if each}

    def forget_words(self, article_id: str, text: str) -> None:
        """Erase words of an article that are not in ``text``, which is what it says now; empty when it is gone. The
        questions, and what people said about the answers, stay.

        :raises QuestionBookError: when that can't be written.
        """
        gone = [each for each in self.words_of(article_id) if each not in text]
        if not gone:
            return
        which = "article_id = ?1 AND {} IN (SELECT value FROM json_each(?2))"
        place = "answer = NULL, article_id = NULL, start = NULL, end = NULL"
        with self._changing() as connection:
            for change, column in (
                (f"UPDATE asked SET {place}, quote = NULL, confidence = NULL", "answer"),
                (f"UPDATE asked SET {place}, quote = NULL, confidence = NULL", "quote"),
                (f"UPDATE opinions SET {place}", "answer"),
                ("DELETE FROM pins", "text"),
            ):
                connection.execute(f"{change} WHERE {which.format(column)}", [article_id, json.dumps(gone)])

    def _clean(self, connection: sqlite3.Connection) -> None:
        """Let go of what is too old or too much, now and then."""
        if time.monotonic() - self._cleaned_at < _SECONDS_BETWEEN_CLEANINGS:
            return
        self._cleaned_at = time.monotonic()
        for table in ("asked", "opinions"):
            connection.execute(f"DELETE FROM {table} WHERE at < ?", [time.time() - self._days * 86_400])
            connection.execute(
                f"DELETE FROM {table} WHERE id <= (SELECT id FROM {table} ORDER BY id DESC LIMIT 1 OFFSET ?)", [MOST]
            )

    def _rows(self, query: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        if not has_content(self._path):
            return []
        try:
            uri = f"{self._path.resolve().as_uri()}?mode=rw"  # what a killed process left half-written is undone
            with closing(sqlite3.connect(uri, _PATIENCE_SECONDS, uri=True)) as connection:
                return connection.execute(query, parameters).fetchall()
        except sqlite3.Error as error:
            raise self._unusable(error) from error

    @contextmanager
    def _changing(self) -> Iterator[sqlite3.Connection]:
        try:
            make_folder(self._folder)
            make_file(self._path)
            with closing(sqlite3.connect(self._path, _PATIENCE_SECONDS)) as connection, connection:
                connection.execute("PRAGMA secure_delete=ON")
                connection.executescript(_SCHEMA)
                yield connection
        except (OSError, sqlite3.Error) as error:
            raise self._unusable(error) from error

    def _unusable(self, error: Exception) -> QuestionBookError:
        return QuestionBookError(f"{self._path} can't be used ({error})")


def _shown_answer(
    text: str | None,
    confidence: float | None,
    article_id: str | None,
    start: int | None,
    end: int | None,
    quote: str | None,
) -> Shown | None:
    if text is None or article_id is None or start is None or end is None:
        return None
    return Shown(text, confidence, article_id, start, end, quote or "")
