"""Sources to a new, published snapshot."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from index.article import Article, Passage
from index.chunker import chunk
from index.embedder import Embedder
from index.fetch import Fetcher
from index.onnx_model import FloatArray
from index.snapshot import EMBEDDER_FIELDS, STORE, VECTORS, FileSum, Manifest, content_digest
from index.sources import SourceError, SourceFailure, UnreadableError, read
from index.store import write_store
from index.vectors import write_vectors
from index.versions import Versions

PASSAGE_TOKENS = 192
"""Tokens in a passage, its title and heading included, at the most (``docs/retrieval.md`` has the measurement)."""

_SPECIAL_TOKENS = 2
_LONGEST_TITLE = 200

Progress = Callable[[str, int, int], None]
"""Called with the stage, what is done and what there is to do."""


def _silent(_stage: str, _done: int, _total: int) -> None:
    """Show nothing."""


@dataclass(slots=True)
class BuildReport:
    """What a build did."""

    version: str = ""
    articles: int = 0
    passages: int = 0
    failures: list[SourceFailure] = field(default_factory=list)
    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def timed(self, stage: str) -> Iterator[None]:
        """Note how many seconds a ``with`` block takes."""
        start = time.perf_counter()
        yield
        self.seconds[stage] = time.perf_counter() - start


def passage_text(article: Article, passage: Passage) -> str:
    """What is embedded for a passage: title (its first 200 code points), heading, and its own words."""
    return "\n".join(
        filter(None, (article.title[:_LONGEST_TITLE], passage.heading, article.text[passage.start : passage.end]))
    )


def build(
    sources: Sequence[str | Path],
    versions: Versions,
    embedder: Embedder,
    passage_tokens: int = PASSAGE_TOKENS,
    progress: Progress = _silent,
    fetcher: Fetcher | None = None,
    strict: bool = False,
) -> BuildReport:
    """Index ``sources`` (files, folders, globs, web addresses) and publish the result as the current version.

    :param fetcher: fetches web addresses, and what feeds and sitemaps list; without one they are failures.
    :param strict: refuse to publish when anything can't be read.
    :raises SourceError: when there is nothing to index, or ``strict`` and not all can be read; the old version stays.
    :raises BusyError: when another process is building this index.
    """
    report = BuildReport()
    articles = _read(sources, fetcher, report, progress)
    if report.failures and strict:
        raise UnreadableError(report.failures)
    if not articles:
        reasons = "; ".join(f"{failure.key}: {failure.reason}" for failure in report.failures[:3])
        raise SourceError(f"nothing to index in {', '.join(map(str, sources))} ({reasons or 'no articles'})")
    return index_articles(articles, versions, embedder, passage_tokens, progress, report)


def index_articles(
    articles: Sequence[Article],
    versions: Versions,
    embedder: Embedder,
    passage_tokens: int = PASSAGE_TOKENS,
    progress: Progress = _silent,
    report: BuildReport | None = None,
) -> BuildReport:
    """Publish an index of ``articles`` as the current version, unless the current one is the same to the byte.

    :raises BusyError: when another process is building this index.
    """
    report = report or BuildReport()
    report.articles = len(articles)
    with versions.building() as work:
        passages = _chunk(articles, embedder, passage_tokens, report)
        vectors = _embed(articles, passages, embedder, report, progress)
        with report.timed("write"):
            write_store(work / STORE, zip(articles, passages, strict=True))
            write_vectors(work / VECTORS, vectors)
            manifest = _manifest(work, versions, report, embedder, passage_tokens)
            report.version = versions.put(work, manifest)
    return report


def _read(
    sources: Sequence[str | Path], fetcher: Fetcher | None, report: BuildReport, progress: Progress
) -> list[Article]:
    articles = []
    with report.timed("read"):
        for item in read(sources, fetcher):
            if isinstance(item, SourceFailure):
                report.failures.append(item)
            else:
                articles.append(item)
                progress("read", len(articles), 0)
    return articles


def _chunk(articles: Sequence[Article], embedder: Embedder, budget: int, report: BuildReport) -> list[list[Passage]]:
    room = min(budget, embedder.max_tokens) - _SPECIAL_TOKENS
    with report.timed("chunk"):
        titles = embedder.count_tokens([article.title[:_LONGEST_TITLE] for article in articles])
        passages = [
            chunk(article, embedder.count_tokens, room - min(title, room // 4))
            for article, title in zip(articles, titles, strict=True)
        ]
    report.passages = sum(map(len, passages))
    return passages


def _embed(
    articles: Sequence[Article],
    passages: Sequence[Sequence[Passage]],
    embedder: Embedder,
    report: BuildReport,
    progress: Progress,
) -> FloatArray:
    texts = [
        passage_text(article, passage)
        for article, of_article in zip(articles, passages, strict=True)
        for passage in of_article
    ]
    batches = [np.zeros((0, embedder.dimension), np.float32)]
    done = 0
    with report.timed("embed"):
        for batch in embedder.stream_passages(texts):
            batches.append(batch)
            done += len(batch)
            progress("embed", done, len(texts))
        return np.concatenate(batches)


def _manifest(work: Path, versions: Versions, report: BuildReport, embedder: Embedder, passage_tokens: int) -> Manifest:
    files = {name: FileSum.of(work / name) for name in (STORE, VECTORS)}
    digest = content_digest(files)
    return Manifest(
        version=versions.next_name(digest),
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        articles=report.articles,
        passages=report.passages,
        embedder={name: getattr(embedder, name) for name in EMBEDDER_FIELDS},
        settings={"passage_tokens": passage_tokens},
        files=files,
    )
