"""Articles that agree or contradict each other: ``python -m benchmarks.agreement [--counterfactual | --cost]``.

``benchmarks/data/agreement.jsonl`` has 219 pairs of invented articles and a question to each. What the two say is
``contradicting``, the ``same``, ``compatible``, or something ``other``: of another thing, or both are right. On 159
pairs the rules were made and the model that judges was fitted; the other 60 were written for the report, when the rules
had been made. All articles are in one index, and each question is asked of all of it. A disagreement is right when the
pair is contradicting and its two articles are on different sides. ``right`` says which of two contradicting values,
from 0, is right today, where that can be told: how often it comes first shows what the age of articles is worth.

With ``--counterfactual`` the pairs are made of the questions on the tests' articles: the paragraph that answers, once
more with another number, month or name in place of the answer's, beside the whole article; and, so that there is
nothing to dispute, as it stands.
"""

import argparse
import calendar
import json
import re
import statistics
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple
from unittest.mock import patch

from api.settings import load_settings
from index.article import Article, Block
from index.building.builder import build, index_articles
from index.models.embedder import DEFAULT_EMBEDDER, Embedder
from index.storage.versions import Versions
from rag.answerer import Answerer, Result
from rag.question import Question
from rag.reading.passage_reader import PassageReader, open_reader

DATA = Path(__file__).parent / "data" / "agreement.jsonl"
TESTS = Path(__file__).parent.parent / "tests"
ARTICLES = TESTS / "articles"
QUESTIONS = TESTS / "data" / "article_questions.jsonl"
HALVES = ("development", "report")
RELATIONS = ("contradicting", "same", "compatible", "other")
_ROUNDS, _TIMED = 2, 12
MONTHS = [name.lower() for name in calendar.month_name if name]
NUMBERS = ["two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"]


class Pair(NamedTuple):
    """Two articles and a question; ``values`` is what each says."""

    name: str
    question: str
    relation: str
    values: tuple[str, str]
    articles: tuple[Article, Article]
    half: str = "report"
    right: int | None = None


def pairs(path: Path = DATA) -> list[Pair]:
    """The pairs of a file."""
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return [_pair(f"p{at}", row) for at, row in enumerate(rows)]


def _pair(name: str, row: dict[str, Any]) -> Pair:
    one, other = (
        article(f"{name}-{at}", each["title"], each["text"], date.fromisoformat(each["date"]))
        for at, each in enumerate(row["articles"])
    )
    values, right = tuple(row["values"]), row.get("right")
    return Pair(name, row["question"], row["relation"], values, (one, other), row["half"], right)


def article(name: str, title: str, body: str, published: date | None) -> Article:
    """An article of one paragraph."""
    text = f"{title}\n\n{body}"
    return Article(name, title, text, (Block(len(title) + 2, len(text)),), published=published)


def articles_of(found: Sequence[Pair]) -> list[Article]:
    """The articles of all pairs, each once."""
    return list({each.id: each for pair in found for each in pair.articles}.values())


def counterfactuals(embedder: Embedder) -> Iterator[Pair]:
    """For each question on the tests' articles whose answer can be swapped a contradicting pair and one of the same."""
    rows = [json.loads(line) for line in QUESTIONS.read_text(encoding="utf-8").splitlines()]
    with tempfile.TemporaryDirectory() as folder:
        versions = Versions(Path(folder))
        build([ARTICLES], versions, embedder)
        found = {Path(each.path or "").name: each for each in versions.open().articles(limit=1000)}
    for row in rows:
        source = found.get(row.get("article") or "")
        stands = [gold for gold in row["answers"] if source and gold in source.text and swapped(gold) != gold]
        if source is None or not stands:
            continue
        at = source.text.index(stands[0])
        blocks = [each for each in source.blocks if each.start <= at < each.end and each.kind == "paragraph"]
        if not blocks:
            continue
        paragraph = source.text[blocks[0].start : blocks[0].end]
        published = source.published + timedelta(days=30) if source.published else None
        for relation, other in (("contradicting", swapped(stands[0])), ("same", stands[0])):
            name = f"{row['id']}-{relation}"
            copy = article(name, f"Once more: {source.title}", paragraph.replace(stands[0], other), published)
            yield Pair(name, row["question"], relation, (stands[0], other), (source, copy))


def swapped(value: str) -> str:
    """Another value of the same kind: of a month, a number, or a name of two words; of anything else the same.

    A date gets another month and a year another last figure, so that they remain a date and a year.
    """
    for words in (MONTHS, [] if re.search(r"\d", value) else NUMBERS):
        for word in re.findall(r"[A-Za-z]+", value):
            if word.lower() in words and (word.lower() != "may" or word[:1].isupper()):
                other = words[(words.index(word.lower()) + 5) % len(words)]
                return value.replace(word, other.capitalize() if word[:1].isupper() else other, 1)
    if re.search(r"\d", value):
        at = r"(?<=\b[12]\d\d)\d\b" if re.search(r"(?<![\d,.])[12]\d{3}(?![\d,.])", value) else r"\d"
        return re.sub(at, lambda match: str((int(match[0]) + 4) % 9 + 1), value, count=1)
    return re.sub(r"\b[A-Z]\w+ [A-Z]\w+", "Jorunn Eklund", value, count=1)


@cache
def models(reader: str | None) -> tuple[Embedder, PassageReader]:
    """The embedder, and a reader by its name."""
    folder = load_settings().model_cache
    return Embedder.load(DEFAULT_EMBEDDER, folder, threads=1), open_reader(reader, folder, threads=1)


@contextmanager
def asked(articles: Sequence[Article], reader: str | None = None) -> Iterator[tuple[Answerer, Embedder, PassageReader]]:
    """What answers from these articles as the service does, and its models."""
    embedder, of_passages = models(reader)
    with tempfile.TemporaryDirectory() as folder:
        versions = Versions(Path(folder))
        index_articles(articles, versions, embedder)
        yield Answerer(versions.open(), embedder, of_passages), embedder, of_passages


def sides(result: Result) -> list[set[str]]:
    """The articles on each side of a dispute, those of the first answer first; none where there is no dispute."""
    found = result.agreement
    if found is None or not found.is_disputed:
        return []
    first, *others = found.positions
    against = [each for each in others if each.relation == "contradicting"]
    return [{citation.article_id for citation in each.citations} for each in (first, *against)]


def disputes(result: Result, pair: Pair) -> bool:
    """Whether the two articles of a pair are said to contradict each other."""
    one, other = (each.id for each in pair.articles)
    first, *against = sides(result) or [set()]
    return any((one in first and other in side) or (other in first and one in side) for side in against)


def report(found: Sequence[tuple[Pair, Result]]) -> None:
    """Print what was said of the pairs."""
    said = [(pair, disputes(result, pair)) for pair, result in found if sides(result)]
    right = sum(hit and pair.relation == "contradicting" for pair, hit in said)
    wanted = sum(pair.relation == "contradicting" for pair, _ in found)
    print(f"{len(found)} pairs, {wanted} contradicting; a dispute in {len(said)}, rightly in {right}")
    given = [pair for pair, result in found if result.answers and pair.relation == "contradicting"]
    print(f"of the contradicting ones {len(given)} are answered at all")
    print(f"precision {right / max(1, len(said)):.3f}, recall {right / max(1, wanted):.3f}")
    for relation in RELATIONS:
        of_these = [bool(sides(result)) for pair, result in found if pair.relation == relation]
        if of_these:
            print(f"  {relation}: a dispute in {sum(of_these)} of {len(of_these)}")
    alike = [result.agreement for pair, result in found if pair.relation in {"same", "compatible"}]
    joined = sum(each is not None and sum(len(one.citations) for one in each.positions) > 1 for each in alike)
    print(f"  same or compatible: both articles take part in {joined} of {len(alike)}")
    dated = [(pair, result) for pair, result in found if pair.right is not None]
    if dated:
        bests = [
            (pair.values[pair.right or 0], next(iter(result.answers), result.best_guess)) for pair, result in dated
        ]
        first = sum(best is not None and value.lower() in best.text.lower() for value, best in bests)
        answered = sum(bool(result.answers) for _, result in dated)
        print(f"right today, of {len(dated)}: first in {first}; answered {answered}")


def cost(answerer: Answerer, found: Sequence[Pair]) -> None:
    """Print how many times as much processor time an ask takes as without comparing what articles say."""
    ratios = []
    for pair in found:
        spent = {False: 0.0, True: 0.0}
        for compares in (True, False) * _ROUNDS:
            with nullcontext() if compares else patch.object(Answerer, "_said", lambda *_: ()):
                started = time.process_time()
                answerer.ask(Question(pair.question))
                spent[compares] += time.process_time() - started
        ratios.append(spent[True] / spent[False])
    print(
        f"processor time of an ask, {len(found)} disputes: {statistics.median(ratios):.3f} times that without comparing"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--half", choices=HALVES, default="report")
    parser.add_argument("--counterfactual", action="store_true")
    parser.add_argument("--regardless-of-age", action="store_true", help="as if newer articles were no likelier")
    parser.add_argument("--cost", action="store_true", help="only what comparing costs, on 12 contradicting pairs")
    parser.add_argument("--reader", help="another than the one that ships: small, a folder or a name on the model hub")
    parser.add_argument("--show", action="store_true", help="print every question")
    arguments = parser.parse_args()
    if arguments.cost:
        with asked(articles_of(pairs()), arguments.reader) as (answerer, _, _):
            cost(answerer, [pair for pair in pairs() if pair.relation == "contradicting"][:_TIMED])
        return
    groups = [(articles_of(pairs()), [pair for pair in pairs() if pair.half == arguments.half])]
    if arguments.counterfactual:
        groups = [(articles_of([pair]), [pair]) for pair in counterfactuals(models(arguments.reader)[0])]
    if arguments.regardless_of_age:
        patch("rag.answerer.newest_first", lambda ranked, *_: list(ranked)).start()
    found = []
    for articles, chosen in groups:
        with asked(articles, arguments.reader) as (answerer, _, _):
            found += [(pair, answerer.ask(Question(pair.question))) for pair in chosen]
    report(found)
    for pair, result in found if arguments.show else ():
        best = result.answers[0] if result.answers else result.best_guess
        positions = result.agreement.positions if result.agreement else ()
        told = [(each.relation, each.text, [place.article_id for place in each.citations]) for each in positions]
        mark = "+" if (pair.relation == "contradicting") == disputes(result, pair) else "-"
        print(mark, pair.name, pair.relation, pair.question, best and (best.text, round(best.confidence, 2)), told)


if __name__ == "__main__":
    main()
