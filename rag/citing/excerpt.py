"""What a passage says nearest to a question: one sentence of it, with the words that the question shares."""

import re
import sqlite3
from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass

from index.article import Span, single_spaced
from index.sentences import sentences
from index.storage.question_terms import question_terms
from index.storage.schema import TOKENIZER
from rag.citing.citation import Citation, cite
from rag.retrieval.retriever import RetrievedPassage

_OPEN, _CLOSE = "\ue000", "\ue001"
_BLANKED = str.maketrans(dict.fromkeys((_OPEN, _CLOSE), " "))
_MARKED = re.compile(f"{_OPEN}([^{_CLOSE}]*){_CLOSE}")


@dataclass(frozen=True, slots=True)
class Excerpt:
    """A sentence of a passage that was found.

    ``citation`` is that of the sentence. ``words`` are what it shares with the question, in code points of
    ``citation.quote``.
    """

    citation: Citation
    words: tuple[Span, ...]


def excerpts(
    question: str, found: Sequence[RetrievedPassage], index_version: str, shown: Iterable[str] = ()
) -> list[Excerpt]:
    """The sentence of each passage that matches ``question`` best, by BM25 among those of all the passages.

    A passage that shares no word with the question, since only its meaning is near, gives its first sentence. No
    sentence is given twice, nor one that is ``shown`` already; a passage that has no other gives none.
    """
    spans = [(at, start, end) for at, each in enumerate(found) for start, end in _sentences(each)]
    texts = [found[at].article.text[start:end].translate(_BLANKED) for at, start, end in spans]
    taken = {single_spaced(each) for each in shown}
    best: dict[int, tuple[int, str]] = {}
    for row, marked in [*_matches(question, texts), *((row, "") for row in range(len(spans)))]:
        at, sentence = spans[row][0], single_spaced(texts[row])
        if at not in best and sentence not in taken:
            best[at] = (row, marked)
            taken.add(sentence)
    made = []
    for at, (row, marked) in sorted(best.items()):
        _, start, end = spans[row]
        citation = cite(found[at].article, found[at].passage, start, end, index_version)
        shift = start - citation.quote_start
        words = tuple((low + shift, high + shift) for low, high in _places(marked))
        made.append(Excerpt(citation, words))
    return made


def _sentences(found: RetrievedPassage) -> list[Span]:
    begin = found.passage.start
    return [(begin + start, begin + end) for start, end in sentences(found.text)]


def _matches(question: str, texts: Sequence[str]) -> list[tuple[int, str]]:
    """The positions of the texts that share a word with the question, best first, each with those words marked."""
    expression = " OR ".join(f'"{term}"' for term in question_terms(question))
    if not expression:
        return []
    with closing(sqlite3.connect(":memory:")) as database:
        database.execute(f"CREATE VIRTUAL TABLE texts USING fts5(text, tokenize='{TOKENIZER}')")
        database.executemany("INSERT INTO texts(rowid, text) VALUES (?, ?)", enumerate(texts))
        return database.execute(
            "SELECT rowid, highlight(texts, 0, ?, ?) FROM texts WHERE texts MATCH ? ORDER BY rank, rowid",
            (_OPEN, _CLOSE, expression),
        ).fetchall()


def _places(marked: str) -> list[Span]:
    """Where the marked words stand in the text without the marks."""
    marks_before = ((at * 2, match) for at, match in enumerate(_MARKED.finditer(marked)))
    return [(match.start() - before, match.end() - before - 2) for before, match in marks_before]
