"""What every implementation of the protocol Corpus keeps to: add yours to ``IMPLEMENTATIONS``."""

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from index.article import Article, Block
from index.building import revision
from index.building.builder import index_articles
from index.models.embedder import Embedder
from index.passage_text import embedded_text
from index.sharding.sharded import ShardedCorpus
from index.sharding.split import split
from index.storage.corpus import Corpus
from index.storage.filters import Filters
from index.storage.snapshot import Snapshot
from index.storage.versions import Versions

PLACES = ("Callory", "Brennick", "Marrow", "Oberfels", "Lichen", "Ottery", "Dunholm", "Esker")
TRADES = ("mayor", "harbour master", "baker", "ferry captain")


def article(at: int) -> Article:
    place, trade = PLACES[at % len(PLACES)], TRADES[at % len(TRADES)]
    text = (
        f"The {trade} of {place} spoke on day {at}. In {place} the river rose by {at + 2} metres, and nobody was hurt."
    )
    return Article(
        f"a{at:02}",
        f"{place} in the flood",
        text,
        (Block(0, len(text)),),
        source="Coast News" if at % 2 else "Hill Post",
        authors=(f"Writer {at % 3}",),
        published=date(2024, 1, 1 + at),
        tags=("flood", place),
    )


REPRINT = Article("z-reprint", article(0).title, article(0).text, article(0).blocks, source="Vale Times")
ARTICLES = [*map(article, range(16)), REPRINT]


def snapshot(folder: Path, embedder: Embedder) -> Corpus:
    versions = Versions(folder)
    index_articles(ARTICLES, versions, embedder)
    return versions.open()


def revised(folder: Path, embedder: Embedder) -> Corpus:
    versions = Versions(folder)
    others = [replace(each, text=each.text.replace("rose", "fell")) for each in ARTICLES[::3]]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(revision, "LEAST_ARTICLES", 0)
        patch.setattr(revision, "MOST_SHARE", 100)
        for articles in ([*ARTICLES[5:9], article(30)], [*others, *ARTICLES[1:9:3], REPRINT], ARTICLES):
            index_articles(articles, versions, embedder)
    opened = versions.open()
    assert not opened.store.is_in_order
    return opened


def in_shards(whole: Callable[[Path, Embedder], Corpus], count: int) -> Callable[[Path, Embedder], Corpus]:
    def opened(folder: Path, embedder: Embedder) -> Corpus:
        with closing(whole(folder / "whole", embedder)) as snapshot:
            assert isinstance(snapshot, Snapshot)
            versions = Versions(folder / "shards")
            return ShardedCorpus.open(versions.path(split(snapshot, versions, count)))

    return opened


IMPLEMENTATIONS: dict[str, Callable[[Path, Embedder], Corpus]] = {
    "snapshot": snapshot,
    "revised": revised,
    "one shard": in_shards(snapshot, 1),
    "four shards": in_shards(snapshot, 4),
    "revised, sixteen shards": in_shards(revised, 16),
}


@pytest.fixture(scope="module", params=IMPLEMENTATIONS)
def corpus(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, embedder: Embedder
) -> Iterator[Corpus]:
    with closing(IMPLEMENTATIONS[request.param](tmp_path_factory.mktemp("corpus"), embedder)) as opened:
        yield opened


QUESTION = "How much did the river rise in Brennick, says the baker?"
EVERY = Filters()
FILTERS = [
    EVERY,
    Filters(sources=("hill post",)),
    Filters(sources=("Vale Times",)),
    Filters(authors=("writer 1",), published_from=date(2024, 1, 5)),
    Filters(tags=("Esker", "Marrow")),
    Filters(article_ids=("a03", "a15", "nowhere")),
    Filters(published_to=date(2000, 1, 1)),
]


def passing(filters: Filters) -> set[str]:
    """The ids of the articles that pass, as one would look them up by hand."""

    def named(wanted: tuple[str, ...], names: tuple[str, ...]) -> bool:
        return not wanted or bool({name.casefold() for name in wanted} & {name.casefold() for name in names})

    def passes(each: Article) -> bool:
        first, last = filters.published_from or date.min, filters.published_to or date.max
        dated = filters.published_from or filters.published_to
        return (
            named(filters.sources, (each.source or "",))
            and named(filters.authors, each.authors)
            and named(filters.tags, each.tags)
            and named(filters.article_ids, (each.id,))
            and (not dated or (each.published is not None and first <= each.published <= last))
        )

    return {each.id for each in ARTICLES if passes(each)}


@pytest.mark.parametrize("filters", FILTERS, ids=str)
def test_every_candidate_passes_and_has_both_scores(corpus: Corpus, embedder: Embedder, filters: Filters) -> None:
    vector = embedder.embed_question(QUESTION)
    found = corpus.candidates(QUESTION, vector, filters, 100)
    rows = sorted(found.dense)
    shown = corpus.passages(rows, filters)
    assert {owner.id for _, owner in shown} == passing(filters) - ({"z-reprint"} if filters == EVERY else set())
    cosines = embedder.embed_passages([embedded_text(owner, passage) for passage, owner in shown]) @ vector
    for row, (passage, owner), cosine in zip(rows, shown, cosines, strict=True):
        assert passage.article_id == owner.id
        assert found.dense[row] == pytest.approx(float(cosine), abs=1e-3)
    assert set(found.lexical) <= set(rows)
    assert all(score > 0 for score in found.lexical.values())
    assert found.searched == found.of == corpus.manifest.passages


def test_each_search_brings_its_best(corpus: Corpus, embedder: Embedder) -> None:
    vector = embedder.embed_question(QUESTION)
    every, few = (corpus.candidates(QUESTION, vector, EVERY, pool) for pool in (100, 3))
    places = {row: at for at, row in enumerate(every.dense)}
    best = [sorted(scores, key=lambda row: (-scores[row], places[row]))[:3] for scores in (every.dense, every.lexical)]
    assert set(few.dense) == {row for rows in best for row in rows}
    for row, cosine in few.dense.items():
        assert cosine == pytest.approx(every.dense[row], abs=1e-3)
        assert few.lexical.get(row, 0.0) == pytest.approx(every.lexical.get(row, 0.0), abs=1e-3)


def test_words_count_by_how_rare_they_are_in_all_of_it(corpus: Corpus, embedder: Embedder) -> None:
    def scores(words: str) -> dict[str, float]:
        found = corpus.candidates(words, embedder.embed_question(words), EVERY, 100).lexical
        return {owner.id: score for score, (_, owner) in zip(found.values(), corpus.passages([*found]), strict=True)}

    rare, common = scores("Brennick"), scores("river")
    assert set(rare) == {"a01", "a09"}
    assert set(common) == {each.id for each in ARTICLES} - {"z-reprint"}
    assert min(rare.values()) > max(common.values())
    assert scores("bakers")["a02"] == scores("baker")["a02"]
    assert scores("?!") == scores("") == {}
    only = corpus.candidates("Brennick", np.zeros(embedder.dimension, np.float32), Filters(article_ids=("a09",)), 5)
    assert [*only.lexical.values()] == [pytest.approx(rare["a09"], abs=1e-3)]


@pytest.mark.parametrize("filters", FILTERS, ids=str)
def test_articles_are_found_and_paged_in_the_order_of_their_ids(corpus: Corpus, filters: Filters) -> None:
    wanted = sorted(passing(filters))
    pages, after = [], ""
    while page := corpus.articles(filters, after, 3):
        pages, after = [*pages, *page], page[-1].id
    assert [each.id for each in pages] == wanted
    assert all(each in ARTICLES for each in pages)
    assert corpus.counts(filters) == (len(wanted), len(corpus.candidates("", *nothing(corpus), filters, 100).dense))
    for each in ARTICLES:
        assert corpus.article(each.id, filters) == (each if each.id in wanted else None)
        before, behind = corpus.neighbours(each.id, filters)
        assert before == next((other for other in reversed(pages) if other.id < each.id), None)
        assert behind == next((other for other in pages if other.id > each.id), None)


def nothing(corpus: Corpus) -> list[np.ndarray[tuple[int], np.dtype[np.float32]]]:
    return [np.zeros(corpus.manifest.embedder["dimension"], np.float32)]


def test_one_text_is_one_witness_and_is_told_of_every_article_that_has_it(corpus: Corpus) -> None:
    assert corpus.copies("a00") == corpus.copies("z-reprint") == [article(0), REPRINT]
    assert corpus.copies("a00", Filters(sources=("vale times",))) == [REPRINT]
    assert corpus.copies("nowhere") == []
    witnesses = corpus.witnesses(["a00", "z-reprint", "a05"])
    assert witnesses["a00"] == witnesses["z-reprint"] != witnesses["a05"]


def test_facets_are_those_of_the_articles_that_pass(corpus: Corpus) -> None:
    assert corpus.facets()["sources"] == ["Coast News", "Hill Post", "Vale Times"]
    of_one = corpus.facets(Filters(article_ids=("a01",)))
    assert of_one == {"sources": ["Coast News"], "authors": ["Writer 1"], "tags": ["Brennick", "flood"]}


def test_what_is_of_no_file_is_found_by_none(corpus: Corpus) -> None:
    assert corpus.file_of("a01") == ("", None)
    assert corpus.file_of("nowhere") is None
    assert corpus.articles_of_bytes("0" * 64) == []
    assert corpus.example_questions == ()
