"""What others wrote is read in time in proportion to its length: nothing that is sent or indexed holds a process up.

A pattern that tries each of n places and runs to the end from each takes n² steps. The fast tests give
the texts that once did that at a length at which the square shows; the exhaustive ones look for new ones by doubling.
Docutils takes the square of some reStructuredText: the limit on the time of a source ends that.
"""

import json
from collections.abc import Callable
from datetime import date
from functools import partial

import pytest

from api.chat.conversation import Conversation
from api.chat.markdown import escaped
from api.chat.side_prompts import answer_aside
from api.http.errors import Problem
from api.web.layout import lines
from index.article import Article, Block, Passage, article_id, storable
from index.building.chunker import chunk
from index.building.near_copies import runs
from index.formats import (
    asciidoc,
    csv,
    feed,
    html,
    jsonl,
    latex,
    mail,
    markdown,
    mhtml,
    notebook,
    rtf,
    subtitles,
    text,
    xml,
)
from index.parsing.byline import Header, is_credit, is_lone_credit, names, read_header, read_line
from index.parsing.dates import parse_date
from index.parsing.page_layout import read_pages
from index.parsing.page_line import PageLine
from index.parsing.people import people
from index.parsing.text_layout import body_blocks, stanzas
from index.parsing.titles import fallback_title, first_words
from index.parsing.types import LoadError, Origin
from index.sentences import sentences
from rag.citing.citation import cite
from rag.citing.verification import find
from rag.english.attribution import attribute
from rag.english.followup import Turn, standalone
from rag.english.mentions import mentions
from rag.english.speakers import persons
from rag.english.times import time_of
from rag.example_questions import _of_article as examples_of
from rag.ranking.normalise import normalise
from rag.reading.spans import whole_characters
from tests.support.cost import seconds
from tests.support.hostile import PIECES, an_end, hostile, variants

Read = Callable[[str], object]

_MOST_GROWTH = 3
_WORTH_MEASURING, _ENOUGH = 0.04, 5.0
"""Seconds."""


def _one_block(words: str) -> Article:
    return Article("a", "A title here", words or "x", (Block(0, len(words) or 1),))


def _cite(words: str) -> object:
    article, at = _one_block(words), len(words) // 2
    return cite(article, Passage("a:0-1", "a", 0, len(article.text)), at, at + 1, "1")


def _attribute(words: str) -> object:
    """As much as is ever read for an attribution, and the rest."""
    whole, part = _one_block(words), _one_block(words[:5000])
    return attribute(whole, 0, 1), attribute(part, len(part.text) // 2, len(part.text) // 2 + 1)


def _count(texts: object) -> list[int]:
    return [len(words) // 3 for words in texts]  # type: ignore[attr-defined]


def _page_lines(words: str) -> object:
    """A page with the words on one line, and a page with a line for every few of them."""
    one = PageLine(" ".join(words.split()) or "x", 1, 0, 100, 700, 10, False)
    pieces = [words[at : at + 8].strip() or "x" for at in range(0, len(words), 8)]
    many = [PageLine(piece, 2, 0, 100, 700 - 12 * at, 10, False) for at, piece in enumerate(pieces)]
    return read_pages([one, one, *many])


def _load(module: object, before: str, after: str, words: str) -> object:
    try:
        return list(module.load(f"{before}{words}{after}".encode(), Origin("a", path="a")))  # type: ignore[attr-defined]
    except LoadError:
        return None


def _question(words: str) -> object:
    try:
        return Conversation(words).asked()
    except Problem:
        return None


def _asides(words: str) -> Article:
    """An article whose text is no part of the body but for its first and last word."""
    whole = f"Here{words}there"
    return Article("a", words[:900] or "x", whole, (Block(0, 4), Block(len(whole) - 5, len(whole))))


_HEAD = "A title of it\nBy Ann Lee\n\n"
_PAGE = "<html><body><article><h1>T</h1><p>A storm came over the town at night and left it again in the morning. "
_RSS = "<rss version='2.0'><channel><title>x</title><item><title>T</title><description>"
_JATS = (
    "<article><front><article-meta><title-group><article-title>T</article-title></title-group></article-meta></front>"
    "<body><p>"
)
_HISTORY = [Turn("user", "Who won the prize?"), Turn("assistant", "Ann Lee")]

READERS: dict[str, tuple[Read, tuple[str, ...]]] = {
    "index.article": (lambda words: (article_id(words), storable(words)), ("",)),
    "index.building.chunker": (lambda words: chunk(_one_block(words), _count, 60), ("",)),
    "index.building.near_copies": (runs, ("a b c d " * 20,)),
    "index.formats.asciidoc": (
        partial(_load, asciidoc, "= A title\n\nThe end. ", ""),
        ("", "\n\n== a", "\n\n----\n", "\n\n|===\n"),
    ),
    "index.formats.asciidoc head": (partial(_load, asciidoc, "= A title", "\n\nThe end."), ("", "\nAnn Lee; Bo")),
    "index.formats.csv": (partial(_load, csv, "title,text\nT,a b ", "\n"), ("",)),
    "index.formats.feed": (partial(_load, feed, _RSS, "</description></item></channel></rss>"), ("",)),
    "index.formats.feed prologue": (
        partial(_load, feed, "", f"{_RSS}T</description></item></channel></rss>"),
        ("", "<?xml version='1.0'?>"),
    ),
    "index.formats.html": (partial(_load, html, _PAGE, "</p></article></body></html>"), ("",)),
    "index.formats.jsonl": (
        lambda words: _load(jsonl, json.dumps({"title": words, "authors": f"Ann ({words})", "text": words}), "\n", ""),
        ("",),
    ),
    "index.formats.latex": (
        partial(_load, latex, "\\begin{document}The end. ", ""),
        ("", "\\section", "\\section[", "\\title[", "\\cite[", "\\begin{tabular}{ll}"),
    ),
    "index.formats.mail": (partial(_load, mail, "From: a@b.example\nSubject: T\n\nThe end. ", "\n"), ("", "> ")),
    "index.formats.mail head": (partial(_load, mail, "From: ", "\nSubject: T\n\nThe end.\n"), ("", "=?utf-8?q?a?=")),
    "index.formats.markdown": (partial(_load, markdown, "", "\n\nThe end."), ("", "# A\n\n", "---\ntitle: ")),
    "index.formats.markdown end": (partial(_load, markdown, "", ""), ("", "```\na\n")),
    "index.formats.mhtml": (
        partial(_load, mhtml, "MIME-Version: 1.0\nContent-Type: text/html\n\n<p>The end came at night.</p><p>", "\n"),
        ("",),
    ),
    "index.formats.notebook": (
        lambda words: _load(
            notebook,
            json.dumps({"cells": [{"cell_type": kind, "source": words} for kind in ("code", "markdown")]}),
            "",
            "",
        ),
        ("",),
    ),
    "index.formats.rtf": (partial(_load, rtf, "{\\rtf1 The end. ", "}"), ("", "{\\title ")),
    "index.formats.subtitles": (
        partial(_load, subtitles, "1\n00:00:01,000 --> 00:00:02,000\nThe end. ", "\n"),
        ("", "<v "),
    ),
    "index.formats.text": (partial(_load, text, "", "\n\nThe end."), ("", _HEAD)),
    "index.formats.xml": (partial(_load, xml, "", "<urlset/>"), ("",)),
    "index.formats.xml of a journal": (partial(_load, xml, _JATS, "</p></body></article>"), ("",)),
    "index.parsing.byline": (
        lambda words: [
            read(words) for read in (is_credit, is_lone_credit, names, people_of, partial(read_line, Header()))
        ],
        ("", "Ann Lee ", "By "),
    ),
    "index.parsing.byline.read_header": (lambda words: read_header(stanzas(words)), ("", _HEAD)),
    "index.parsing.dates": (parse_date, ("", "1 May ")),
    "index.parsing.page_layout": (_page_lines, ("",)),
    "index.parsing.text_layout": (lambda words: body_blocks(stanzas(words)), ("", "A line of text here\nand more.\n")),
    "index.parsing.titles": (lambda words: (first_words(words), fallback_title(Origin(words or "x"), words)), ("",)),
    "index.sentences": (sentences, ("", "He said so.")),
    "rag.citing.citation": (_cite, ("", "He said so. ")),
    "rag.citing.verification": (lambda words: find(words, "“storm” x " + words[:300] + "?", 3, "pre", "suf"), ("",)),
    "rag.english.attribution": (_attribute, ("", "The mayor said ")),
    "rag.english.followup": (
        lambda words: [standalone(words, _HISTORY), standalone("And when?", [*_HISTORY, Turn("assistant", words)])],
        ("", "Who "),
    ),
    "rag.english.mentions": (mentions, ("", "Ann of the ")),
    "rag.english.speakers": (persons, ("",)),
    "rag.english.times": (lambda words: time_of(words, date(2026, 11, 29)), ("", "in ", "May 1, ")),
    "rag.example_questions": (lambda words: examples_of(_one_block(words)), ("",)),
    "rag.ranking.normalise": (normalise, ("",)),
    "rag.reading.spans": (lambda words: whole_characters(words, len(words) // 2, len(words) // 2 + 1), ("a",)),
    "api.chat.conversation": (_question, ("", "### Task:")),
    "api.chat.markdown": (escaped, ("",)),
    "api.chat.side_prompts": (
        lambda words: answer_aside(Conversation(words)),
        ("", "please generate a title for this conversation", "analyze this conversation and provide:", "### Task: "),
    ),
    "api.web.layout": (lambda words: lines(_asides(words)), ("", "\n---\n")),
}


def people_of(words: str) -> object:
    return people([words])


ONCE_QUADRATIC = [
    ("api.chat.conversation", "### Task:", "", ""),
    ("api.chat.side_prompts", "\n.", "please generate a title for this conversation", ""),
    ("api.chat.side_prompts", "\n", "analyze this conversation and provide:", "x"),
    ("api.chat.side_prompts", 'user: "\n', "please generate a title for this conversation", ""),
    ("api.web.layout", "-", "\n\n", "\n\n"),
    ("index.sentences", " ", "He said so.", "” Then he left. It was late."),
    ("index.sentences", "字。", "", ""),
    ("index.sentences", "'", "", " Then he left."),
    ("index.sentences", "! ", "", "a"),
    ("index.building.chunker", "字。", "", ""),
    ("index.building.chunker", "字", "", ""),
    ("index.formats.asciidoc head", " ", "", "x"),
    ("index.formats.feed prologue", "\n", "", ""),
    ("index.formats.feed prologue", "<!DOCTYPE\n", "", ""),
    ("index.formats.html", "<!-- ", "", ""),
    ("index.formats.html", "<?xml ", "", ""),
    ("index.formats.html", " ", "", "x"),
    ("index.formats.html", "<form><b>x</b>", "", ""),
    ("index.formats.latex", " ", "\\section", "x"),
    ("index.formats.mail head", '"', "", ""),
    ("index.formats.markdown", " ", "It is {#a} here", "there"),
    ("index.formats.markdown end", "`", "```\na\n", "x"),
    ("index.formats.markdown", "<a ", "<div>", ""),
    ("index.formats.markdown", "[[a", "", ""),
    ("index.formats.text", "a ", "A title\n\nA line" + 8000 * " ", " of it.\n"),
    ("index.parsing.byline", " ", "Ann", "Lee"),
    ("index.parsing.byline", "(", "Ann ", ""),
    ("index.parsing.page_layout", ".", "", "x"),
    ("index.parsing.page_layout", "a", "", ""),
    ("rag.citing.citation", "字。", "", ""),
    ("rag.english.attribution", "”said ", "", ""),
    ("rag.example_questions", "A.", "", ""),
    ("rag.example_questions", "A-", "", " said"),
]


@pytest.mark.parametrize(("reader", "piece", "before", "after"), ONCE_QUADRATIC)
def test_what_took_the_square_of_its_length_takes_no_time(reader: str, piece: str, before: str, after: str) -> None:
    read, _ = READERS[reader]
    with an_end():
        read(hostile(200_000, piece, before, after))


def _growth(read: Read, make: Callable[[int], str]) -> float:
    """How much longer a text takes that is twice as long; 0 when one of 64,000 takes no time worth the name.

    It is measured from the first length on, above those that are read in one go, at which that can be; one that is out
    of bounds is measured again at the double length, because a square stays one and other programs' noise does not.
    """
    size, growth = 16_000, 0.0
    while size <= 32_000:
        after = seconds(partial(read, make(2 * size)), runs=1)
        if after > _WORTH_MEASURING:
            before, after = (seconds(partial(read, make(length)), runs=3) for length in (size, 2 * size))
            growth = after / before if after > _WORTH_MEASURING else 0
            if growth <= _MOST_GROWTH or after > _ENOUGH:
                return growth
        size *= 2
    return growth


@pytest.mark.exhaustive
@pytest.mark.parametrize("reader", READERS)
def test_a_text_twice_as_long_takes_at_most_three_times_as_long(reader: str) -> None:
    read, befores = READERS[reader]
    grown = {}
    for piece in PIECES:
        for attack in variants(piece, befores):
            with an_end(120):
                growth = _growth(read, lambda size, attack=attack: hostile(size, *attack))  # type: ignore[misc]
            if growth > _MOST_GROWTH:
                grown[attack] = round(growth, 1)
    assert grown == {}
