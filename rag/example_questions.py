"""Example questions, taken from what stands in the index.

Sentences of a few plain patterns ("NATO spokeswoman Farah Dakhlallah said", "1,500 troops were sent") say what they
answer. A question is made of each, asked, and kept only if the answer is the words it was made from.
"""

import logging
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice, zip_longest
from pathlib import Path

from index.article import Article, single_spaced
from index.models.embedder import Embedder
from index.models.onnx_model import ModelError
from index.sentences import sentences
from index.storage.corpus import Corpus
from index.storage.filters import EVERYTHING, Filters
from rag.answerer import Answerer, Result
from rag.question import Question
from rag.ranking.calibration import calibrator_for
from rag.reading.passage_reader import PassageReader

_log = logging.getLogger("pullquote")

WANTED = 5
"""Questions that a version of the index keeps."""

_TRIED = 24
_LONGEST = 90
_LONGEST_SENTENCE = 1000
"""Characters. Longer sentences are passed over: the patterns take time with the square of a long word."""
_PLACES = 36
_A_PLACE = 3
_BEHIND_ALL = "\U0010ffff"
"""What no character of an id comes behind."""
_OF_A_SOURCE = 6
"""Articles that questions are made of."""

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
    """A question and the words that should answer it, in a sentence that begins at ``start`` (code points)."""

    question: str
    answer: str
    start: int = 0


Patterns = list[tuple[re.Pattern[str], Callable[[re.Match[str]], str]]]
"""What says what it answers, and how to ask for it."""

_PATTERNS: Patterns = [
    (
        re.compile(rf"\b(?P<role>(?!of )(?:(?:[A-Z][\w.&’'-]*|of) ){{1,4}}(?i:{_ROLES})) {_NAME}"),
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

_ABOUT_PEOPLE: Patterns = [
    (
        re.compile(rf"\b(?:said|says|told|according to) (?P<answer>(?:the |an? )?[a-z][a-z-]+(?: [a-z][a-z-]+){{0,3}}) "
                   rf"{_NAME.replace('answer', 'name')}"),
        lambda found: f"Who is {found['name']}?",
    ),
    (
        re.compile(rf"\b{_NAME.replace('answer', 'name')}, (?P<answer>(?:the |an? |who )[a-z]{_REST}),"),
        lambda found: f"Who is {found['name']}?",
    ),
]  # fmt: skip
"""Patterns of what only a reader of the article asks."""


def questions_for(
    corpus: Corpus, embedder: Embedder, open_reader: Callable[[], PassageReader], index_dir: Path
) -> tuple[str, ...]:
    """The example questions of a version that is being built.

    A version without example questions is better than none: when they can't be found, for want of a reader or of a
    calibration, there are none, and the log says why.

    :param index_dir: the folder of the versions, beside which a calibration of its own may lie.
    """
    try:
        reader = open_reader()
        return tuple(example_questions(Answerer(corpus, embedder, reader, calibrator_for(index_dir, reader.sha256))))
    except ModelError as error:
        _log.warning("no example questions are made: %s", error)
    except Exception:
        _log.exception("no example questions are made")
    return ()


def example_questions(answerer: Answerer, wanted: int = WANTED) -> list[str]:
    """Up to ``wanted`` questions that ``answerer`` answers rightly, at its threshold, from as many sources and articles
    as there are.

    At most 24 questions are asked, one after the other. The same index and models give the same questions.
    """
    made = islice(candidates(answerer.corpus), _TRIED)
    return list(islice((each.question for each in made if _holds(answerer, each)), wanted))


def follow_ups(ask: Callable[[Question], Result], result: Result, wanted: int = 3, tried: int = 6) -> list[str]:
    """Up to ``wanted`` questions that are answered rightly, those nearest to the answer of ``result`` first.

    They are made of the sentences of the articles that were read: first of the one that answers, from its answer
    outwards, then of the others. At most ``tried`` are asked. None repeats the question of ``result``.
    """
    best = result.answers[0].citations[0]
    articles = {each.article.id: each.article for each in result.passages}
    near = [
        suggestion
        for article in sorted(articles.values(), key=lambda each: each.id != best.article_id)
        for suggestion in sorted(
            _of_article(article, [*_PATTERNS, *_ABOUT_PEOPLE]), key=lambda each: abs(each.start - best.quote_start)
        )
    ]
    others = {each.question: each for each in near if not _repeats(each, result)}
    made = islice(others.values(), tried)
    return list(islice((each.question for each in made if _is_answered(ask, each)), wanted))


def _repeats(suggestion: Suggestion, result: Result) -> bool:
    is_asked = suggestion.question.casefold() in {result.question.casefold(), result.standalone_question.casefold()}
    return is_asked or _same(result.answers[0].text, suggestion.answer)


def _holds(answerer: Answerer, suggestion: Suggestion) -> bool:
    return _is_answered(answerer.ask, suggestion)


def _is_answered(ask: Callable[[Question], Result], suggestion: Suggestion) -> bool:
    result = ask(Question(suggestion.question, limit=1))
    best = result.answers[0] if result.answers else None
    return best is not None and _same(best.text, suggestion.answer)


def candidates(corpus: Corpus) -> Iterator[Suggestion]:
    """Questions that the articles should answer: the first one of each article, then the second ones, and so on."""
    made = [_of_article(article) for article in _sample(corpus)]
    seen: set[str] = set()
    while made:
        made = [suggestions for suggestions in made if suggestions]
        for suggestions in made:
            suggestion = suggestions.pop(0)
            if suggestion.question.casefold() not in seen:
                seen.add(suggestion.question.casefold())
                yield suggestion


def _sample(corpus: Corpus) -> list[Article]:
    """Articles of all sources in turn, the most frequent source first: the newest ones of each of the largest; then
    some from all over the index.
    """
    listing = corpus.listing(EVERYTHING, "", "newest", 0, 0)
    counts = listing.counts["sources"]
    newest = [corpus.listing(Filters(sources=(source,)), "", "newest", 0, _OF_A_SOURCE).entries for source, _ in counts]
    in_turn = [entry.id for turn in zip_longest(*newest) for entry in turn if entry]
    found = [article for name in in_turn if (article := corpus.article(name))]
    if listing.total <= _PLACES * _A_PLACE:
        found += corpus.articles(limit=listing.total)
    else:
        found += [
            article for place in ("", *_places(corpus)) for article in corpus.articles(after=place, limit=_A_PLACE)
        ]
    return list({article.id: article for article in found}.values())


def _places(corpus: Corpus) -> list[str]:
    """Beginnings of ids, longer by a letter until there are many: the ids of one file begin alike."""
    places: list[str] = []
    longer = [""]
    while longer != places and len(longer) < _PLACES:
        places, longer = longer, [each for place in longer for each in _longer(corpus, place)]
    step = -(-len(longer) // _PLACES)
    return longer[::step]


def _longer(corpus: Corpus, place: str) -> list[str]:
    """What ids that begin with ``place`` have behind it, one letter of it; ``place`` itself where nothing follows."""
    found: list[str] = []
    after = place
    while (next_ones := corpus.articles(after=after, limit=1)) and next_ones[0].id.startswith(place):
        found.append(next_ones[0].id[: len(place) + 1])
        after = found[-1] + _BEHIND_ALL
    return found or [place]


def _of_article(article: Article, patterns: Patterns = _PATTERNS) -> list[Suggestion]:
    """The questions of an article, one of each pattern before a second of any."""
    of_patterns: list[list[Suggestion]] = [[] for _ in patterns]
    for block in article.blocks:
        if block.kind in {"columns", "row"}:
            continue
        text = article.text[block.start : block.end]
        for start, end in sentences(text):
            sentence = single_spaced(text[start:end])
            if len(sentence) > _LONGEST_SENTENCE:
                continue
            for questions, (pattern, question) in zip(of_patterns, patterns, strict=True):
                for found in pattern.finditer(sentence):
                    suggestion = Suggestion(question(found), found["answer"], block.start + start)
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
