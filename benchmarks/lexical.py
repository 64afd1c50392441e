"""BM25 by SQLite's FTS5 beside tantivy: ``python -m benchmarks.lexical quality FOLDER…`` and ``… time REUTERS``.

``quality`` asks the data sets of :mod:`benchmarks.retrieval`, all questions, each search alone and fused at several
weights. ``time`` grows passages of the sentences of Reuters-21578, indexes them both ways, and takes the processor time
of a question, with filters and without. tantivy comes with the extra ``bench``.
"""

import argparse
import gzip
import json
import random
import shutil
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import tantivy

from benchmarks.corpora import index_corpus, read_corpus
from index.article import Article, Block, Passage
from index.models.embedder import DEFAULT_EMBEDDER, Embedder
from index.passage_text import passage_text
from index.sentences import sentences
from index.storage.filters import Filters
from index.storage.store import STOP_WORDS, Store
from index.storage.store_writer import StoreWriter
from rag.evaluating.metrics import recall, reciprocal_rank

POOL = 100
WEIGHTS = (0.0, 0.4, 0.5, 0.55, 0.6, 0.7, 1.0)
_WORDS = 100
"""Words of a grown passage."""

Scores = dict[int, float]
Way = tuple[Callable[[str, int], Scores], Callable[[str, Sequence[int]], Scores]]
"""The best rows for a question, and the scores of rows that were found otherwise."""


class Tantivy:
    """BM25 over passages: the words of title, heading and text in one field, cut and stemmed much as FTS5 does."""

    def __init__(self, folder: Path) -> None:
        chain = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.simple())
        for step in (tantivy.Filter.lowercase(), tantivy.Filter.ascii_fold(), tantivy.Filter.stemmer("english")):
            chain = chain.filter(step)
        self._analyzer = chain.build()
        schema = tantivy.SchemaBuilder()
        schema.add_text_field("text", tokenizer_name="words", index_option="freq")
        schema.add_unsigned_field("row", indexed=True, fast=True)
        self._schema = schema.build()
        self._index = tantivy.Index(self._schema, str(folder))
        self._index.register_tokenizer("words", self._analyzer)

    def write(self, texts: Iterable[str]) -> None:
        """Index texts; the row of each is its position."""
        writer = self._index.writer(1_000_000_000, 1)
        for row, text in enumerate(texts):
            document = tantivy.Document(text=text)
            document.add_unsigned("row", row)
            writer.add_document(document)
        writer.commit()
        writer.wait_merging_threads()
        self._index.reload()
        self._searcher = self._index.searcher()

    def bm25(self, question: str, limit: int) -> Scores:
        """The best rows with their scores."""
        return self._scores(self._any_of(question), limit)

    def bm25_of(self, question: str, rows: Sequence[int]) -> Scores:
        """The scores of those of ``rows`` that share a word with the question."""
        inside = tantivy.Query.const_score_query(tantivy.Query.term_set_query(self._schema, "row", rows), 0.0)
        must = tantivy.Occur.Must
        return self._scores(tantivy.Query.boolean_query([(must, inside), (must, self._any_of(question))]), len(rows))

    def _any_of(self, question: str) -> tantivy.Query:
        words = self._analyzer.analyze(question)
        plain = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.simple()).filter(tantivy.Filter.lowercase()).build()
        content = [stem for word, stem in zip(plain.analyze(question), words, strict=True) if word not in STOP_WORDS]
        should = tantivy.Occur.Should
        return tantivy.Query.boolean_query(
            [
                (should, tantivy.Query.term_query(self._schema, "text", stem, "freq"))
                for stem in dict.fromkeys(content or words)
            ]
        )

    def _scores(self, query: tantivy.Query, limit: int) -> Scores:
        hits = self._searcher.search(query, limit, count=False).hits
        rows = self._searcher.fast_field_values("row", [address for _, address in hits])
        return {int(row or 0): float(score) for row, (score, _) in zip(rows, hits, strict=True)}


def quality(folders: Sequence[Path]) -> None:
    """Print recall and MRR of both, alone and fused."""
    embedder = Embedder.load(DEFAULT_EMBEDDER, Path("var/models"), "int8", 1)
    print("| set | BM25 by | weight of the cosine | recall@1 | recall@5 | recall@20 | MRR@10 |")
    print("|---|---|---|---|---|---|---|")
    for folder in folders:
        corpus = read_corpus(folder)
        snapshot = index_corpus(corpus, embedder)
        shown = snapshot.store.passages(range(snapshot.manifest.passages))
        with tempfile.TemporaryDirectory() as place:
            other = Tantivy(Path(place))
            other.write(searched_text(article, passage) for passage, article in shown)
            owners = [article.id for _, article in shown]
            ways = {"FTS5": _fts5(snapshot.store), "tantivy": (other.bm25, other.bm25_of)}
            figures: dict[tuple[str, float], list[list[float]]] = {}
            same = []
            for key, question in corpus.questions.items():
                vector = embedder.embed_question(question)
                dense = dict(snapshot.vectors.search(vector, POOL))
                tops = []
                for name, (best, of) in ways.items():
                    lexical = best(question, POOL)
                    tops.append(set(list(lexical)[:10]))
                    lexical |= of(question, [row for row in dense if row not in lexical])
                    missing = {row: float(snapshot.vectors.row(row) @ vector) for row in lexical if row not in dense}
                    for weight in WEIGHTS:
                        ranked = _fused(dense | missing, lexical, weight)
                        documents = list(dict.fromkeys(owners[row] for row in ranked))
                        hits = [document in corpus.relevant[key] for document in documents]
                        wanted = len(corpus.relevant[key])
                        line = [*(recall(hits, wanted, limit) for limit in (1, 5, 20)), reciprocal_rank(hits)]
                        figures.setdefault((name, weight), []).append(line)
                same.append(len(tops[0] & tops[1]) / max(1, len(tops[0])))
        for (name, weight), lines in sorted(figures.items(), key=lambda item: (item[0][1], item[0][0])):
            means = " | ".join(f"{value:.4f}" for value in np.mean(lines, axis=0))
            print(f"| {corpus.name} | {name} | {weight:g} | {means} |", flush=True)
        print(f"\n{corpus.name}: {len(same)} questions; of FTS5's ten best, tantivy has {np.mean(same):.3f}\n")


def _fts5(store: Store) -> Way:
    def best(question: str, limit: int) -> Scores:
        return dict(store.bm25(question, limit))

    def of(question: str, rows: Sequence[int]) -> Scores:
        return dict(store.bm25_of(question, rows))

    return best, of


def searched_text(article: Article, passage: Passage) -> str:
    """Title, heading and words of a passage, which FTS5 has in columns of the same weight."""
    return f"{article.title}\n{passage.heading or ''}\n{passage_text(article, passage).text}"


def _fused(dense: Scores, lexical: Scores, weight: float) -> list[int]:
    top = max(lexical.values(), default=0.0) or 1.0
    fused = {row: weight * cosine + (1 - weight) * lexical.get(row, 0.0) / top for row, cosine in dense.items()}
    return sorted(fused, key=lambda row: (-fused[row], row))


def grown(reuters: Path, count: int) -> Iterator[Article]:
    """``count`` articles of one passage each, of real sentences in random order."""
    chance = random.Random(7)
    pool: list[str] = []
    titles: list[str] = []
    with gzip.open(reuters, "rt", encoding="utf-8") as file:
        for line in file:
            record = json.loads(line)
            text = str(record["text"])
            titles.append(str(record.get("title") or text[:40]))
            pool += [text[start:end] for start, end in sentences(text)]
            if len(pool) > 50_000:
                break
    for at in range(count):
        words: list[str] = []
        while len(words) < _WORDS:
            words += chance.choice(pool).split()
        text = " ".join(words[: _WORDS + 20])
        yield Article(
            f"a{at}",
            chance.choice(titles),
            text,
            (Block(0, len(text)),),
            source="half" if at % 2 else f"one of {at % 100}",
            published=date(2024, 1, 1) + timedelta(days=at % 1000),
            tags=(f"tag {at % 100}",),
        )


def timing(reuters: Path, counts: Sequence[int], asked: int) -> None:
    """Print milliseconds of processor time, median and 95th percentile."""
    for count in counts:
        place = Path(tempfile.mkdtemp(prefix="lexical-"))
        try:
            _time(reuters, count, asked, place)
        finally:
            shutil.rmtree(place)


def _time(reuters: Path, count: int, asked: int, place: Path) -> None:
    def passage(article: Article) -> Passage:
        return Passage(article.id, article.id, 0, len(article.text))

    questions = [f"What is known about {article.title.lower()}?" for article in grown(reuters, asked)]
    begin = time.process_time()
    with StoreWriter(place / "text.sqlite") as writer:
        for article in grown(reuters, count):
            writer.add(article, [passage(article)])
    print(f"\n{count:,} passages; text side with FTS5 written in {time.process_time() - begin:.1f} s", flush=True)
    begin = time.process_time()
    other = Tantivy(_made(place / "tantivy"))
    other.write(searched_text(article, passage(article)) for article in grown(reuters, count))
    size = sum(file.stat().st_size for file in (place / "tantivy").iterdir())
    print(f"tantivy in {time.process_time() - begin:.1f} s, {size / 1e6:.0f} MB", flush=True)
    store = Store(place / "text.sqlite")
    half, hundredth = Filters(sources=("half",)), Filters(tags=("tag 7",))
    spring = Filters(published_from=date(2024, 3, 1), published_to=date(2024, 5, 31))
    begin = time.process_time()
    store.passing(half)
    print(f"columns of filters read in {1000 * (time.process_time() - begin):.0f} ms", flush=True)
    rows = {name: store.passing(filters) for name, filters in (("half", half), ("1 %", hundredth))}
    ways: dict[str, Callable[[str], object]] = {
        "FTS5": lambda question: store.bm25(question, POOL),
        "FTS5, half": lambda question: store.bm25(question, POOL, rows["half"]),
        "FTS5, 1 %": lambda question: store.bm25(question, POOL, rows["1 %"]),
        "tantivy": lambda question: other.bm25(question, POOL),
        "tantivy, of 100 rows": lambda question: other.bm25_of(question, range(0, count, count // 100)),
        "which pass: half": lambda _: store.passing(half),
        "which pass: 1 %": lambda _: store.passing(hundredth),
        "which pass: three months": lambda _: store.passing(spring),
    }
    for name, run in ways.items():
        spent = []
        for question in questions:
            begin = time.process_time()
            run(question)
            spent.append(1000 * (time.process_time() - begin))
        print(f"| {count:,} | {name} | {np.median(spent):.2f} | {np.quantile(spent, 0.95):.2f} |", flush=True)
    store.close()


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder


def main() -> None:
    """Measure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["quality", "time"])
    parser.add_argument("paths", nargs="+", type=Path, help="data sets, or the file of Reuters-21578")
    parser.add_argument("--counts", nargs="+", type=int, default=[10_000, 100_000, 1_000_000])
    parser.add_argument("--asked", type=int, default=100)
    arguments = parser.parse_args()
    if arguments.what == "quality":
        quality(arguments.paths)
    else:
        timing(arguments.paths[0], arguments.counts, arguments.asked)


if __name__ == "__main__":
    main()
