"""The service behind every way in: the settings, and the answerer that is made from them."""

import logging
import sys
import threading
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from api.http.errors import Problem, incomplete
from api.questions.alike import AlikeQuestions
from api.questions.book import Pin, QuestionBook, QuestionBookError, Shown, key_of
from api.questions.curated import says_the_same, with_pinned
from api.runtime.answer_cache import AnswerCache
from api.runtime.shards import on_ray
from api.settings import Settings
from api.telemetry.metrics import observe_ask
from api.telemetry.tracing import note_stages
from index.article import Article
from index.collection.folders import DEFAULT
from index.models.compiled import sha256_file
from index.models.embedder import Embedder
from index.sharding.sharded import open_corpus
from index.storage.catalogue import Listing, Order
from index.storage.filters import EVERYTHING, Filters
from index.storage.known_sums import Sums
from index.storage.snapshot import Manifest, SnapshotError
from index.storage.store import FileRecord
from index.storage.versions import Versions
from rag.answerer import Answer, Answerer, OnFound, Result
from rag.checking.checker import CheckedText, Checker
from rag.citing.citation import Citation
from rag.citing.excerpt import Excerpt, excerpts
from rag.citing.verification import Cited, Verification, verify
from rag.question import Question
from rag.ranking.calibration import Calibrator, calibrator_for
from rag.reading import passage_reader
from rag.reading.passage_reader import PassageReader
from rag.retrieval.depth import DEPTH
from rag.retrieval.retriever import Retrieval, RetrievedPassage

_MOST_ALIKE = 3
"""Chosen answers to questions like the one asked that are tried, one after the other."""

_MOST_OF_ONE = 3
"""Passages of one article that are shown as near to a question."""

_WARM_UP = "Is everything in place?"

_log = logging.getLogger("pullquote.asks")


@dataclass(frozen=True, slots=True)
class Service:
    """An answerer with what is shown about it, and what it answered before: a cache lives as long as its version.

    The log has a line for each question, with its words only when it ``logs_questions``. With a ``scope``, articles
    that don't pass it are not there, whatever is asked. ``collection`` is the name that questions are counted under.
    """

    answerer: Answerer
    embedder: Embedder
    reader: PassageReader
    cache: AnswerCache
    book: QuestionBook
    logs_questions: bool = False
    scope: Filters = EVERYTHING
    collection: str = DEFAULT
    alike: AlikeQuestions = field(default_factory=AlikeQuestions)

    def within(self, scope: Filters) -> Self:
        """The same for somebody who sees only the articles that pass ``scope``."""
        return replace(self, scope=scope)

    def at_least(self, version: str | None) -> Self:
        """The same, for a question that has to be answered from ``version`` or a later one.

        :raises Problem: 503 with ``Retry-After`` when it answers from one before.
        """
        if version and Versions.number(self.version) < Versions.number(version):
            detail = f"the index is of version {self.version} and the question is for {version} or later: ask again"
            raise Problem(503, detail, "index_too_old", {"Retry-After": "1"})
        return self

    def ask(self, question: Question, on_found: OnFound | None = None, require_complete: bool = False) -> Result:
        """:meth:`answer` to somebody who asks now: the question is kept, where the operator wants that.

        :param require_complete: refuse to answer from a part of the index.
        :raises Problem: 503 with ``Retry-After`` when it does, and a part does not answer.
        """
        result = self.answer(question, on_found)
        if require_complete and not result.complete:
            share = f"{int(100 * result.coverage)} %"
            raise incomplete(f"only {share} of the articles could be searched, and the question requires all of them")
        best = result.answers[0] if result.answers else result.best_guess
        place = best.citations[0] if best else None
        shown = None
        if best and place:
            shown = Shown(best.text, best.confidence, place.article_id, place.start, place.end, place.quote)
        if result.complete:  # else what answers may be in the part that is missing
            self.book.note(result.standalone_question, result.answerable, shown)
        return result

    def answer(self, question: Question, on_found: OnFound | None = None) -> Result:
        """:meth:`rag.answerer.Answerer.ask`, or what it gave to the same question before; what an editor chose for the
        question comes first.
        """
        question = replace(question, filters=question.filters.inside(self.scope))
        fresh = False

        def answer() -> Result:
            nonlocal fresh
            fresh = True
            return self.answerer.ask(question, on_found)

        result = self.cache.get_or(question, answer)
        if on_found and not fresh:
            on_found(result.standalone_question, result.passages)
        self._observe(result, fresh)
        return self._curated(result, question.filters)

    def _curated(self, result: Result, filters: Filters) -> Result:
        try:
            pins = self.book.pins()
        except QuestionBookError as error:
            _log.error("what editors chose can't be read: %s", error)
            return result
        asked = result.standalone_question
        pin = next((pin for pin in pins if key_of(pin.question) == key_of(asked)), None)
        if pin is None:
            alike = self.alike.ranked(asked, [pin.question for pin in pins], self.embedder.embed_question)
            pin = next((pins[at] for at in alike[:_MOST_ALIKE] if self.is_answered_by(pins[at], asked, filters)), None)
        article = self.answerer.corpus.article(pin.article_id, filters) if pin else None
        return with_pinned(result, pin, article) if pin and article else result

    def is_answered_by(self, pin: Pin, question: str, filters: Filters = EVERYTHING) -> bool:
        """Whether what an editor chose answers a question like the one that it was chosen for, too."""
        article = self.answerer.corpus.article(pin.article_id, filters.inside(self.scope))
        if article is None:
            return False
        alone = Question(question, filters=Filters(article_ids=(article.id,)).inside(self.scope), limit=1)
        return says_the_same(self.cache.get_or(alone, partial(self.answerer.ask, alone)), pin, article)

    def vectors(self, questions: Sequence[str]) -> npt.NDArray[np.float32]:
        """The unit vectors of questions (float32, questions × dimension)."""
        found = [self.embedder.embed_question(each) for each in questions]
        return np.stack(found) if found else np.zeros((0, self.embedder.dimension), np.float32)

    def search(self, text: str, limit: int, filters: Filters) -> list[RetrievedPassage]:
        """The passages that match a question best, best first."""
        return self.find(text, limit, filters).passages

    def find(self, text: str, limit: int, filters: Filters) -> Retrieval:
        """The same, with the share of the index that was searched."""
        return self.answerer.find(text, limit=limit, filters=filters.inside(self.scope))

    def check(self, text: str, filters: Filters) -> CheckedText:
        """What the articles say to each sentence of a text."""
        checker = Checker(self.answerer.corpus, self.embedder, self.reader)
        return checker.check(text, filters.inside(self.scope))

    def nearest(self, result: Result, shown: Sequence[Answer], filters: Filters, wanted: int) -> list[Excerpt]:
        """What the articles say nearest to the question of ``result``, best first: ``wanted`` sentences at the most.

        Each is of a passage of its own, none of one that what is ``shown`` is cited from, and none of one that is far
        behind the best of the others. At most three are of one article.
        """
        cited = [citation for answer in shown for citation in answer.citations]
        found = self.search(result.standalone_question, 2 * wanted + len(cited), filters)
        others = [each for each in found if not any(_is_from(citation, each) for citation in cited)]
        near = [others[at] for at in replace(DEPTH, most=2 * wanted, characters=sys.maxsize).of(others)]
        quotes = [citation.quote for citation in cited]
        return excerpts(result.standalone_question, list(_few_of_each(near)), self.version, quotes)[:wanted]

    def excerpts(self, text: str, filters: Filters, wanted: int) -> list[Excerpt]:
        """A sentence of each of the passages that match a question best."""
        return excerpts(text, self.search(text, wanted, filters), self.version)

    def articles(self, filters: Filters, after: str, limit: int) -> list[Article]:
        """The articles that pass the filters, in the order of their ids, behind the id ``after``."""
        return self.answerer.corpus.articles(filters.inside(self.scope), after, limit)

    def listing(self, filters: Filters, words: str, order: Order, skip: int, most: int) -> Listing:
        """A page of the list of articles."""
        return self.answerer.corpus.listing(filters.inside(self.scope), words, order, skip, most)

    def failed_sources(self, most: int) -> list[FileRecord]:
        """Source files of which something is not indexed and should be."""
        return self.answerer.corpus.failed_files(most)

    def article(self, article_id: str) -> Article | None:
        """An article by its id."""
        return self.answerer.corpus.article(article_id, self.scope)

    def articles_of_bytes(self, sha256: str) -> list[str]:
        """The ids of the articles that come from a source file with these very bytes."""
        found = self.answerer.corpus.articles_of_bytes(sha256)
        return [each.id for each in found if self.article(each.id)]

    def file_of(self, article_id: str) -> tuple[str, str | None] | None:
        """The key of the file that an article was read from, and the hash of that file."""
        return self.answerer.corpus.file_of(article_id)

    def neighbours(self, article_id: str) -> tuple[Article | None, Article | None]:
        """The articles before and after one, in the order of their ids."""
        return self.answerer.corpus.neighbours(article_id, self.scope)

    def facets(self) -> dict[str, list[str]]:
        """The most frequent sources, authors and tags, to filter by."""
        return self.answerer.corpus.facets(self.scope)

    def verify(self, citation: Cited) -> Verification:
        """Whether the quote of a citation still stands in its article, and where."""
        return verify(self.answerer.corpus, citation, self.scope)

    def with_calibrator(self, calibrator: Calibrator) -> Answerer:
        """What answers from the same version with other confidences."""
        return Answerer(self.answerer.corpus, self.embedder, self.reader, calibrator)

    def close(self) -> None:
        """Let go of the files of the version; the models stay. Nothing must be asking it any more."""
        self.answerer.corpus.close()

    def _observe(self, result: Result, fresh: bool) -> None:
        best = result.answers[0] if result.answers else result.best_guess
        confidence = round(best.confidence, 4) if best else None
        observe_ask(self.collection, confidence, result.answerable, result.timings_ms if fresh else None)
        if fresh:
            note_stages(result.timings_ms)
        outcome = "answered" if result.answerable else "unanswered"
        fields: dict[str, Any] = {"outcome": outcome, "confidence": confidence, "cached": not fresh}
        fields |= {"collection": self.collection, "index_version": result.index_version}
        fields["timings_ms"] = result.timings_ms
        if self.logs_questions:
            fields["question"] = result.question
        words = f": {result.question!r}" if self.logs_questions else ""
        _log.info("%s, confidence %s, %s ms%s", outcome, confidence, result.timings_ms["total"], words, extra=fields)

    @property
    def calibration(self) -> Calibrator:
        """What turns evidence into confidences here."""
        return self.answerer.calibrator

    @property
    def threshold(self) -> float:
        """The confidence from which on an answer is given."""
        return self.answerer.calibrator.threshold

    @property
    def example_questions(self) -> tuple[str, ...]:
        """Questions that the articles answer. Which article each was made from is not kept, so a scope has none."""
        return () if self.scope else self.answerer.corpus.example_questions

    @property
    def version(self) -> str:
        """The name of the version of the index."""
        return self.answerer.corpus.manifest.version

    @property
    def manifest(self) -> Manifest:
        """The manifest of the open snapshot; with a scope, it counts what is in that."""
        manifest = self.answerer.corpus.manifest
        if not self.scope:
            return manifest
        articles, passages = self.answerer.corpus.counts(self.scope)
        return replace(manifest, articles=articles, passages=passages)

    def models(self) -> dict[str, dict[str, Any]]:
        """What identifies the models in use."""
        reader = {"name": self.reader.name, "precision": self.reader.precision, "weights_sha256": self.reader.sha256}
        return {"embedder": self.manifest.embedder, "reader": reader}

    def size_bytes(self) -> int | None:
        """The bytes that the index takes on disk; None with a scope, since what is outside of it takes its part."""
        return None if self.scope else sum(file.bytes for file in self.manifest.files.values())


def open_embedder(settings: Settings) -> Embedder:
    """The embedding model of the settings.

    :raises ModelError: when it can't be used.
    """
    return Embedder.load(settings.embedder, settings.model_cache, settings.embedder_precision, settings.threads)


def open_reader(settings: Settings) -> PassageReader:
    """The reading model of the settings.

    :raises ModelError: when it can't be used.
    """
    name = passage_reader.reader_beside(settings.embedder, settings.reader)
    return passage_reader.open_reader(
        name, settings.model_cache, settings.reader_precision, settings.threads, settings.reader_again
    )


class Models:
    """The models of a process, each opened when it is first needed, and once for all its collections."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._lock = threading.Lock()
        self._embedder: Embedder | None = None
        self._reader: PassageReader | None = None
        self.are_warm = False
        """Whether they have answered a question."""

    def embedder(self) -> Embedder:
        """The embedding model.

        :raises ModelError: when it can't be used.
        """
        with self._lock:
            self._embedder = self._embedder or open_embedder(self._settings)
            return self._embedder

    def reader(self) -> PassageReader:
        """The reading model.

        :raises ModelError: when it can't be used.
        """
        with self._lock:
            self._reader = self._reader or open_reader(self._settings)
            return self._reader


def open_service(
    settings: Settings, warm_up: bool = True, models: Models | None = None, sums: Sums = sha256_file
) -> Service:
    """Open the current index and the models; with ``warm_up``, answer a first question.

    :param models: those of the same settings, used again.
    :param sums: computes the checksums of files.
    :raises SnapshotError: when there is no index, it is damaged, or was made with another embedding model.
    :raises ModelError: when a model can't be used.
    """
    models = models or Models(settings)
    verify = settings.verify_on_open
    cluster = on_ray(settings)
    connect = cluster.connect if cluster else None
    corpus = open_corpus(Versions(settings.index_dir), verify, connect, settings.shard_seconds, sums)
    try:
        embedder = models.embedder()
        check_embedder(corpus.manifest, embedder)
        reader = models.reader()
        calibrator = calibrator_for(settings.index_dir, reader.sha256)
        cache = AnswerCache(settings.answer_cache, settings.answer_cache_bytes)
        answerer = Answerer(corpus, embedder, reader, calibrator)
        book = open_book(settings)
        service = Service(
            answerer, embedder, reader, cache, book, settings.log_questions, collection=settings.collection
        )
        if models.are_warm:
            service.answerer.search(_WARM_UP, limit=1)  # the models are warm, and the switch must not wait for them
        elif warm_up:
            service.answerer.ask(Question(_WARM_UP))
            models.are_warm = True
    except BaseException:
        corpus.close()
        raise
    return service


def _is_from(citation: Citation, found: RetrievedPassage) -> bool:
    """Whether a citation is of this passage."""
    passage = found.passage
    return citation.article_id == found.article.id and passage.start <= citation.start < passage.end


def _few_of_each(found: Iterable[RetrievedPassage]) -> Iterator[RetrievedPassage]:
    counts: Counter[str] = Counter()
    for each in found:
        counts[each.article.id] += 1
        if counts[each.article.id] <= _MOST_OF_ONE:
            yield each


def open_book(settings: Settings) -> QuestionBook:
    """The questions that were asked and the answers that an editor chose."""
    return QuestionBook(settings.folder, settings.question_log, settings.question_log_days)


def check_embedder(manifest: Manifest, embedder: Embedder) -> None:
    """Make sure that questions are embedded by the model that embedded the passages.

    :raises SnapshotError: when they are not.
    """
    if not manifest.is_embedded_by(embedder):
        raise SnapshotError(
            f"the index was made with the embedding model {manifest.embedder['name']} and the settings name "
            f"{embedder.name}, or its weights changed. Build the index again with 'pullquote build', or set "
            "PULLQUOTE_EMBEDDER back.",
            "other_embedder",
        )
