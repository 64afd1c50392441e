"""Follow-up questions: ``python -m benchmarks.followups [DATA_FOLDER] [--half development|report] [--every N]``.

Every conversation of ``tests/data/followups.jsonl`` is held with the service over the seed article and the articles of
the tests, its own answers being the history. Each follow-up is asked as it was typed, with what it takes from the
conversation, and as a person would write it so that it stands alone. Conversations with an odd number are the
development half, which the models of follow-ups are fitted on too; figures are told of the other half. With a data
folder its conversations on news are held instead: ``train`` is the development half, ``test`` the report half, and all
articles that either is about are searched, with the other news texts of the folder.

Left alone: every question that stands alone, asked after each of several conversations on something else, too.
"""

import argparse
import gzip
import json
import re
import statistics
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, BinaryIO

from api.chat.message import compose
from api.http.links import Links
from api.settings import load_settings
from benchmarks.corpora import CACHE
from index.article import Article, Block, canonical
from index.building.builder import build, index_articles
from index.models.embedder import DEFAULT_EMBEDDER, Embedder
from index.storage.versions import Versions
from rag.answerer import Answerer, Result
from rag.english.followup import Turn, standalone
from rag.evaluating.evaluation import RIGHT_F1
from rag.evaluating.metrics import exact_match, f1
from rag.question import Question
from rag.reading.passage_reader import open_reader

CONVERSATIONS = Path("tests/data/followups.jsonl")
SOURCES = (Path("seeds"), Path("tests/articles"))
HALVES = {"development": 1, "report": 0}
FILES = {"development": "train.jsonl", "report": "test.jsonl"}
_LINE = re.compile(r"\S(?:.*\S)?", re.MULTILINE)
_STRANGERS = 5
"""Conversations on something else after which a question that stands alone is asked."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A turn of a conversation: the question, what a person made of it, and what counts as its answer.

    ``standalone`` is None when the question stands alone, ``answers`` is empty when nothing answers it.
    """

    question: str
    standalone: str | None
    answers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was answered to a question, right or wrong, and whether it was given or held back."""

    question: str
    answer: str
    given: bool
    exact: float
    f1: float

    @property
    def right(self) -> bool:
        """Whether the answer is right, be it given or not."""
        return self.f1 >= RIGHT_F1


def read_conversations(path: Path = CONVERSATIONS) -> list[list[Asked]]:
    """Read the conversations, in the order of their numbers."""
    records = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return [
        [
            Asked(
                turn["question"],
                turn.get("standalone") if turn.get("follow_up", True) else None,
                tuple(turn["answers"]),
            )
            for turn in record["turns"]
        ]
        for record in records
    ]


def news(data: Path) -> list[Article]:
    """The articles that the conversations of the folder are about, and its other news texts, each once."""
    rows = [
        *_rows((data / "texts" / "texts_wikinews.jsonl.gz").open("rb")),
        *(row for name in FILES.values() for row in _rows((data / "conversations" / name).open("rb"))),
    ]
    found: dict[str, Article] = {}
    for row in rows:
        title, body = canonical(row["title"]).strip(), canonical(row["text"]).strip()
        text = f"{title}\n\n{body}"
        blocks = tuple(Block(*match.span()) for match in _LINE.finditer(text, len(title) + 2))
        published = date.fromisoformat(row["date"]) if row["date"] else None
        found.setdefault(title, Article(f"n{len(found)}", title, text, blocks, published=published))
    return list(found.values())


def _rows(file: BinaryIO) -> list[dict[str, Any]]:
    with file:
        raw = file.read()
    return [json.loads(line) for line in (gzip.decompress(raw) if raw[:2] == b"\x1f\x8b" else raw).splitlines()]


def message(result: Result, least: float) -> str:
    """What a chat shows of a result whose answers below ``least`` are held back."""
    given = tuple(answer for answer in result.answers if answer.confidence >= least)
    held_back = result.answers[0] if result.answers and not given else None
    return compose(replace(result, answers=given, best_guess=held_back), Links()).text


def hold(answerer: Answerer, turns: Sequence[Asked]) -> Iterator[tuple[Asked, list[Outcome]]]:
    """Hold a conversation: each turn after the first, asked as typed, with its terms, and as a person would."""
    alone = cache(lambda text: answerer.ask(Question(text, min_confidence=0.0)))
    least = answerer.calibrator.threshold
    history: list[Turn] = []
    for number, turn in enumerate(turns):
        rewritten = answerer.ask(Question(turn.question, tuple(history), min_confidence=0.0))
        if number:
            typed, person = alone(turn.question), alone(turn.standalone or turn.question)
            yield turn, [_outcome(result, turn, least) for result in (typed, rewritten, person)]
        history += [Turn("user", turn.question), Turn("assistant", message(rewritten, least))]


def _outcome(result: Result, turn: Asked, least: float) -> Outcome:
    best = result.answers[0] if result.answers else None
    text, confidence = (best.text, best.confidence) if best else ("", 0.0)
    given = confidence >= least
    if not turn.answers:
        return Outcome(result.standalone_question, text, given, float(not given), float(not given))
    return Outcome(result.standalone_question, text, given, exact_match(text, turn.answers), f1(text, turn.answers))


def left_alone(conversations: Sequence[Sequence[Asked]]) -> list[tuple[str, str]]:
    """Every question that stands alone, with what became of it after each of some conversations on other things."""
    pairs = []
    for number, turns in enumerate(conversations):
        for turn in turns:
            question = turn.standalone or turn.question
            for step in range(1, _STRANGERS + 1):
                stranger = conversations[(number + step * 7) % len(conversations)]
                history = [
                    said
                    for other in stranger
                    for said in (
                        Turn("user", other.question),
                        Turn("assistant", other.answers[0] if other.answers else "None of the articles answers that."),
                    )
                ]
                pairs.append((question, standalone(question, history)))
    return pairs


def print_table(outcomes: Sequence[tuple[Asked, list[Outcome]]]) -> None:
    """The figures of the follow-ups, by what was asked."""
    ways = ("as typed", "with its terms", "as a person would")
    print("| asked | right | EM | F1 | right and given | unanswerable held back |")
    print("|---|---|---|---|---|---|")
    for at, way in enumerate(ways):
        answerable = [found[at] for turn, found in outcomes if turn.answers]
        unanswerable = [found[at] for turn, found in outcomes if not turn.answers]
        cells = [
            statistics.fmean(outcome.right for outcome in answerable),
            statistics.fmean(outcome.exact for outcome in answerable),
            statistics.fmean(outcome.f1 for outcome in answerable),
            statistics.fmean(outcome.right and outcome.given for outcome in answerable),
        ]
        held = sum(not outcome.given for outcome in unanswerable)
        print(f"| {way} | " + " | ".join(f"{cell:.3f}" for cell in cells) + f" | {held} of {len(unanswerable)} |")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, nargs="?", help="a folder with conversations on news")
    parser.add_argument("--half", choices=HALVES, default="report")
    parser.add_argument("--every", type=int, default=1, help="only each so-many-th conversation")
    parser.add_argument("--reader", help="another than the one that ships: small, a folder or a name on the model hub")
    parser.add_argument("--show", action="store_true", help="print every follow-up")
    arguments = parser.parse_args()
    settings = load_settings()
    embedder = Embedder.load(DEFAULT_EMBEDDER, settings.model_cache, threads=1)
    reader = open_reader(arguments.reader, settings.model_cache, threads=1)
    with tempfile.TemporaryDirectory() as folder:
        if arguments.data:
            conversations = read_conversations(arguments.data / "conversations" / FILES[arguments.half])
            versions = Versions(CACHE / "conversations")
            if versions.current() is None:
                index_articles(news(arguments.data), versions, embedder)
        else:
            conversations = read_conversations()[1 - HALVES[arguments.half] :: 2]
            versions = Versions(Path(folder))
            build([*SOURCES], versions, embedder)
        conversations = conversations[:: arguments.every]
        answerer = Answerer(versions.open(), embedder, reader)
        outcomes = [found for turns in conversations for found in hold(answerer, turns)]
    followups = [(turn, found) for turn, found in outcomes if turn.standalone]
    for turn, (typed, rewritten, person) in outcomes if arguments.show else ():
        mark = "".join("+" if outcome.right else "-" for outcome in (typed, rewritten, person))
        print(f"{mark} {turn.question}\n    {rewritten.question}\n    {person.question}")
        print(f"    {rewritten.answer!r} ({person.answer!r}) {list(turn.answers)}")
    print(f"{arguments.half} half: {len(conversations)} conversations, {len(followups)} follow-ups\n")
    print_table(followups)
    standing = [(turn.question, found[1].question) for turn, found in outcomes if not turn.standalone]
    started = time.perf_counter()
    strange = left_alone(conversations)
    spent = (time.perf_counter() - started) / len(strange)
    for name, pairs in {"in the conversations": standing, "after others": strange}.items():
        changed = [pair for pair in pairs if pair[0] != pair[1]]
        print(f"\nstanding alone, {name}: {len(pairs) - len(changed)} of {len(pairs)} left as they are")
        for question, became in dict.fromkeys(changed) if arguments.show else ():
            print(f"    {question}\n        {became}")
    print(f"\nmilliseconds to tell what is taken, mean: {1000 * spent:.2f}")


if __name__ == "__main__":
    main()
