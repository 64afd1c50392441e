"""Fit and measure when an answer that an editor chose for one question answers another one that is like it.

``python -m benchmarks.alike_questions`` indexes ``seeds/`` and takes ``tests/data/pinned_questions.jsonl``: facts of
its articles, each asked for in three ways. A question for the same fact should get the words chosen for another of the
three, one for another fact of the same article should not. The threshold is fitted on every second article, the least
that wrongly joins at most one pair of fifty, and measured on the others.
"""

import json
import tempfile
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

import pullquote
from api.questions.alike import LEAST_LIKENESS
from api.questions.book import Pin
from api.questions.curated import says_the_same
from api.runtime.service import Service, open_service
from api.settings import load_settings
from index.storage.filters import Filters
from rag.question import Question

ROOT = Path(__file__).resolve().parent.parent
FACTS = ROOT / "tests" / "data" / "pinned_questions.jsonl"
PRECISION = 0.98
TRIED = [at / 100 for at in range(30, 96, 5)]


@dataclass(frozen=True, slots=True)
class Pair:
    """A question with a chosen answer and another one. ``same`` is whether they ask for the same fact, ``agrees``
    whether the article answers the other one with the chosen words.
    """

    same: bool
    likeness: float
    agrees: bool


def pairs(service: Service) -> Iterator[list[Pair]]:
    """The pairs of each article."""
    articles = {Path(each.path or "").name: each for each in service.articles(Filters(), "", 1000)}
    facts = [json.loads(line) for line in FACTS.read_text(encoding="utf-8").splitlines()]
    for name, group in groupby(facts, lambda fact: fact["article"]):
        article, own = articles[name], list(group)
        asked = [(fact, question) for fact in own for question in fact["questions"]]
        vectors = service.vectors([question for _, question in asked])
        alone = [
            service.answerer.ask(Question(question, filters=Filters(article_ids=(article.id,)), limit=1))
            for _, question in asked
        ]
        found = []
        for fact, chosen in asked:
            start = article.text.index(fact["words"])
            pin = Pin(chosen, article.id, start, start + len(fact["words"]), fact["words"], article.sha256)
            at = next(number for number, (_, question) in enumerate(asked) if question == chosen)
            found += [
                Pair(fact is other, float(vectors[at] @ vectors[number]), says_the_same(alone[number], pin, article))
                for number, (other, question) in enumerate(asked)
                if question != chosen
            ]
        yield found


def figures(found: list[Pair], least: float, agree: bool) -> tuple[float, float, int]:
    """Precision, recall, and how many pairs are joined wrongly."""
    joined = [pair for pair in found if pair.likeness >= least and (pair.agrees or not agree)]
    right = sum(pair.same for pair in joined)
    return right / max(1, len(joined)), right / sum(pair.same for pair in found), len(joined) - right


def main() -> None:
    """Print the threshold and what it gives."""
    with tempfile.TemporaryDirectory() as folder:
        pullquote.build([ROOT / "seeds"], Path(folder))
        with closing(open_service(load_settings(data_dir=Path(folder)), warm_up=False)) as service:
            by_article = list(pairs(service))
    fitted = [pair for found in by_article[::2] for pair in found]
    held_out = [pair for found in by_article[1::2] for pair in found]
    least = next(at for at in TRIED if figures(fitted, at, True)[0] >= PRECISION)
    print(f"fitted: {least:.2f}; in use: {LEAST_LIKENESS:.2f}")
    for name, found in (("fitted on", fitted), ("held out", held_out)):
        same = sum(pair.same for pair in found)
        print(f"{name}: {same} pairs that ask for the same, {len(found) - same} that do not")
        for rule, agree in (("likeness alone", False), ("and the same answer", True)):
            precision, recall, wrong = figures(found, least, agree)
            print(f"  {rule}: precision {precision:.3f}, recall {recall:.3f}, {wrong} wrong")


if __name__ == "__main__":
    main()
