"""Example questions, taken from what stands in the index.

Sentences of a few plain patterns ("NATO spokeswoman Farah Dakhlallah said", "1,500 troops were sent") say what they
answer. A question is made of each, asked, and kept only if the answer is the words it was made from.
"""

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import islice

from index.article import Article
from index.sentences import sentences
from index.storage.store import Store
from rag.answerer import Answerer

WANTED = 5
"""Questions that are shown."""

Run = Callable[[Callable[[], bool]], Awaitable[bool]]

_TRIED = 24
_PATIENCE = 3.0
"""Seconds that the first page waits for its example questions."""
_LEAST_CONFIDENCE = 0.6
_LONGEST = 90
_SPREAD = "0123456789abcdefghijklmnopqrstuvwxyz"
_A_PLACE = 3

_NAME = r"(?P<answer>[A-Z][\w'’-]+(?: [A-Z][\w'’.-]*)?(?: (?:de|van|von|der|al-)? ?[A-Z][\w'’-]+))"
_ROLES = (
    "secretary|spokes(?:wo)?man|spokesperson|minister|president|mayor|director|chief|chair(?:wo)?man|captain|professor|"
    "founder|head|ambassador|governor|senator|commissioner|coach|editor|author|manager|owner|chancellor|curator|"
    "engineer|librarian|harbou?r master|historian|biologist|researcher|winner"
)
_REST = r"[^,.;:\"“”()]{0,40}"
_NUMBER = r"(?P<answer>\d[\d,.]*\d|\d|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)"
_THING = r"(?P<thing>The [\w’' -]{3,45}?|[A-Z][\w’'-]+(?: [A-Z][\w’'-]+)+)"
_DATE = r"(?P<answer>(?:\d{1,2} )?(?:[A-Z][a-z]+ )?(?:\d{1,2}, )?(?:1[5-9]|20)\d\d)"


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A question and the words that should answer it."""

    question: str
    answer: str


_PATTERNS: list[tuple[re.Pattern[str], Callable[[re.Match[str]], str]]] = [
    (
        re.compile(rf"\b(?P<role>(?:(?:[A-Z][\w.&’'-]*|of) ){{1,4}}(?i:{_ROLES})) {_NAME}"),
        lambda found: f"Who is the {_bare(found)}?",
    ),
    (
        re.compile(rf"\b{_NAME}, (?:the |an? )?(?P<role>[a-z]{_REST}?(?:{_ROLES})\b{_REST}),"),
        lambda found: f"Who is the {found['role']}?",
    ),
    (
        re.compile(rf"\b{_NUMBER} (?P<thing>(?:[a-z-]+ ){{0,2}}[a-z]+s) (?P<verb>were|have been|will be) "
                   r"(?P<done>[a-z]+(?:ed|en|wn|nt|ught|ut))\b"),
        lambda found: f"How many {found['thing']} {_inverted(found['verb'], found['done'])}?",
    ),
    (
        re.compile(rf"^{_THING} was (?P<done>founded|built|opened|born|elected|launched|established|created|signed|"
                   rf"published|completed|appointed|discovered)\b[^.;]*? (?:in|on) {_DATE}"),
        lambda found: f"When was {_inside(found['thing'])} {found['done']}?",
    ),
    (
        re.compile(rf"^{_THING} (?P<verb>is|was) (?:about |some |nearly )?{_NUMBER} [a-z]+ "
                   r"(?P<how>long|tall|high|deep|old|wide|heavy)\b"),
        lambda found: f"How {found['how']} {found['verb']} {_inside(found['thing'])}?",
    ),
    (
        re.compile(rf"^{_THING} (?:cost|costs|will cost) (?:about |some |nearly )?(?P<answer>[$€£]?\d[\d,.]*)"),
        lambda found: f"How much did {_inside(found['thing'])} cost?",
    ),
    (
        re.compile(rf"[\"“](?P<words>[A-Z][^\"“”]{{15,60}}?)[,.]?[\"”],? (?:said|says) {_NAME}"),
        lambda found: f"Who said “{found['words']}”?",
    ),
    (
        re.compile(rf"[\"“](?P<words>[A-Z][^\"“”]{{15,60}}?)[,.]?[\"”],? {_NAME} (?:said|says|told)\b"),
        lambda found: f"Who said “{found['words']}”?",
    ),
]  # fmt: skip


class Examples:
    """The example questions of the open index. When the index changes they are made anew, and the old ones serve on."""

    def __init__(self) -> None:
        self._version = ""
        self._job: asyncio.Task[None] | None = None
        self._made: list[str] = []
        self._before: list[str] = []

    async def of(self, answerer: Answerer, run: Run) -> list[str]:
        """The questions; of the first ones, those that can be made while one waits."""
        if self._job is None or self._version != answerer.snapshot.version:
            if self._job:
                self._job.cancel()
            self._version, self._before, self._made = answerer.snapshot.version, self._made or self._before, []
            self._job = asyncio.create_task(self._make(suggest(answerer, run), self._made))
        if not self._before:
            await asyncio.wait([self._job], timeout=_PATIENCE)
        if not self._job.done():
            return list(self._before or self._made)
        if self._job.cancelled() or self._job.exception():
            self._job = None
        return list(self._made)

    @staticmethod
    async def _make(found: AsyncIterator[str], into: list[str]) -> None:
        async for question in found:
            into.append(question)


async def suggest(answerer: Answerer, run: Run, wanted: int = WANTED) -> AsyncIterator[str]:
    """Up to ``wanted`` questions that ``answerer`` answers rightly and surely, from as many articles as there are.

    :param run: calls a function on a thread for model work; each question waits for its turn there.
    """
    count = 0
    for suggestion in await asyncio.to_thread(lambda: list(islice(candidates(answerer.snapshot.store), _TRIED))):
        if await run(partial(_holds, answerer, suggestion)):
            yield suggestion.question
            count += 1
        if count == wanted:
            break


def _holds(answerer: Answerer, suggestion: Suggestion) -> bool:
    result = answerer.ask(suggestion.question, limit=1)
    best = result.answers[0] if result.answers else None
    return best is not None and best.confidence >= _LEAST_CONFIDENCE and _same(best.text, suggestion.answer)


def candidates(store: Store) -> Iterator[Suggestion]:
    """Questions that the articles should answer: the first one of each article, then the second ones, and so on."""
    made = [_of_article(article) for article in _sample(store)]
    seen: set[str] = set()
    while made:
        made = [suggestions for suggestions in made if suggestions]
        for suggestions in made:
            suggestion = suggestions.pop(0)
            if suggestion.question.casefold() not in seen:
                seen.add(suggestion.question.casefold())
                yield suggestion


def _sample(store: Store) -> list[Article]:
    """Articles from all over the index; ids begin with names of files, so letters spread them."""
    found = [article for place in ("", *_SPREAD) for article in store.articles(after=place, limit=_A_PLACE)]
    return list({article.id: article for article in found}.values())


def _of_article(article: Article) -> list[Suggestion]:
    """The questions of an article, one of each pattern before a second of any."""
    of_patterns: list[list[Suggestion]] = [[] for _ in _PATTERNS]
    for block in article.blocks:
        text = article.text[block.start : block.end]
        for start, end in sentences(text):
            sentence = " ".join(text[start:end].split())
            for questions, (pattern, question) in zip(of_patterns, _PATTERNS, strict=True):
                for found in pattern.finditer(sentence):
                    suggestion = Suggestion(question(found), found["answer"])
                    if len(suggestion.question) <= _LONGEST:
                        questions.append(suggestion)
    firsts = [questions[0] for questions in of_patterns if questions]
    return firsts + [suggestion for questions in of_patterns for suggestion in questions[1:]]


def _same(given: str, wanted: str) -> bool:
    given, wanted = given.casefold(), wanted.casefold()
    return wanted in given or given in wanted


def _bare(found: re.Match[str]) -> str:
    """A role without the word that led to it; a capital that only begins the sentence becomes small."""
    role = re.sub(r"^(?:The|An?|But|And|Its?|His|Her|Their|While|When|As|For|In|At|To) ", "", found["role"])
    begins = found.start() == 0 and not role.isupper() and role.split()[-1].islower()
    return role[0].lower() + role[1:] if begins and re.fullmatch(r"[A-Z][a-z]+ .*", role) else role


def _inside(thing: str) -> str:
    return "the " + thing[4:] if thing.startswith("The ") else thing


def _inverted(verb: str, done: str) -> str:
    return f"will be {done}" if verb == "will be" else f"were {done}" if verb == "were" else f"have been {done}"
