"""Questions with a time over dated articles: ``python -m benchmarks.dated [--half development|report] [--show]``.

``benchmarks/data/dated.jsonl`` has 25 things that happen again and again, three articles on each from different years
that say nothing of their year, and six questions: of a year, a month, last year, last week, and the latest.
``benchmarks/data/dated_news.jsonl`` has ten stories in three articles each, whose numbers, prices and leaders change
and whose passages speak of “Tuesday” and “since May”, with five questions to each: “so far”, “currently”, “this week”,
“on 4 March”. Of both, every second line, from the first on, is the development half, on which the weights of dates were
chosen. Each question is asked twice, without and with its time being understood.
"""

import argparse
import json
import statistics
import tempfile
from collections.abc import Iterator
from contextlib import nullcontext
from datetime import date
from pathlib import Path
from typing import Any
from unittest.mock import patch

from api.settings import load_settings
from index.article import Article, Block
from index.building.builder import index_articles
from index.models.embedder import DEFAULT_EMBEDDER, Embedder
from index.storage.versions import Versions
from rag.answerer import Answerer
from rag.evaluating.evaluation import RIGHT_F1
from rag.evaluating.metrics import f1
from rag.question import Question
from rag.reading.passage_reader import open_reader

DATA = Path(__file__).parent / "data" / "dated.jsonl"
STORIES = DATA.with_name("dated_news.jsonl")
HALVES = {"development": 0, "report": 1}


def events(path: Path = DATA) -> list[dict[str, Any]]:
    """What happened, each with its ``editions`` and ``questions``; of the stories, with their ``articles``."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def articles(found: list[dict[str, Any]]) -> Iterator[Article]:
    """An article an edition: the title, and below it one paragraph."""
    for number, event in enumerate(found):
        for edition in event["editions"]:
            body = f"{event['text'].format(*edition['values'])} {event['more']}"
            text = f"{event['title']}\n\n{body}"
            block = Block(len(event["title"]) + 2, len(text))
            day = date.fromisoformat(edition["date"])
            yield Article(f"e{number}-{day}", event["title"], text, (block,), published=day)


def articles_of(stories: list[dict[str, Any]]) -> Iterator[Article]:
    """The articles of the stories."""
    for number, story in enumerate(stories):
        for at, row in enumerate(story["articles"]):
            text = f"{row['title']}\n\n{row['text']}"
            block = Block(len(row["title"]) + 2, len(text))
            yield Article(f"s{number}-{at}", row["title"], text, (block,), published=date.fromisoformat(row["date"]))


def figures(answerer: Answerer, questions: list[dict[str, Any]], *, is_understood: bool, show: bool) -> str:
    """The shares of the questions that are answered rightly, rightly and given, wrongly and given."""
    least = answerer.calibrator.threshold
    right, given = [], []
    for asked in questions:
        question = Question(asked["question"], min_confidence=0.0, asked_at=date.fromisoformat(asked["asked_at"]))
        with nullcontext() if is_understood else patch("rag.answerer.time_of", lambda *_: None):
            result = answerer.ask(question)
        best = next(iter(result.answers), None)
        right.append(best is not None and f1(best.text, asked["answers"]) >= RIGHT_F1)
        given.append(best is not None and best.confidence >= least)
        if show:
            print("+" if right[-1] else "-", asked, best and (best.text, round(best.confidence, 2)))
    both = [hit and shown for hit, shown in zip(right, given, strict=True)]
    wrong = [shown and not hit for hit, shown in zip(right, given, strict=True)]
    return " | ".join(f"{statistics.fmean(each):.3f}" for each in (right, both, wrong))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--half", choices=HALVES, default="report")
    parser.add_argument("--reader", help="another than the one that ships: small, a folder or a name on the model hub")
    parser.add_argument("--only", choices=(DATA.stem, STORIES.stem), help="one of the two files")
    parser.add_argument("--understood", action="store_true", help="only with their time being understood")
    parser.add_argument("--show", action="store_true", help="print every question")
    arguments = parser.parse_args()
    settings = load_settings()
    embedder = Embedder.load(DEFAULT_EMBEDDER, settings.model_cache, threads=1)
    reader = open_reader(arguments.reader, settings.model_cache, threads=1)
    files = {DATA.stem: events(DATA), STORIES.stem: events(STORIES)}
    with tempfile.TemporaryDirectory() as folder:
        versions = Versions(Path(folder))
        index_articles([*articles(files[DATA.stem]), *articles_of(files[STORIES.stem])], versions, embedder)
        answerer = Answerer(versions.open(), embedder, reader)
        print("| questions | time | right | right and given | wrong and given |\n|---|---|---|---|---|")
        for name, found in files.items():
            if arguments.only in (None, name):
                asked = [each for one in found[HALVES[arguments.half] :: 2] for each in one["questions"]]
                for way in ("understood",) if arguments.understood else ("not understood", "understood"):
                    cells = figures(answerer, asked, is_understood=way == "understood", show=arguments.show)
                    print(f"| {name}, {len(asked)} | {way} | {cells} |", flush=True)


if __name__ == "__main__":
    main()
