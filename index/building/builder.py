"""Sources to a new, published snapshot, embedding only what the version before does not hold."""

import hashlib
import sqlite3
import time
from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal, NamedTuple

import numpy as np

from index.article import Article, Block, Passage, body
from index.building.cutting import Cutter
from index.building.near_copies import FINGERPRINT, Fingerprints, are_near_copies, candidates, fingerprint, groups
from index.building.recipe import recipe
from index.building.revision import Plan, Revision, can_be_revised, plan
from index.errors import Failure, PullquoteError
from index.limited.limits import LimitError, Limits
from index.limited.pool import LimitedProcesses, shared_processes
from index.models.embedder import Embedder
from index.models.onnx_model import FloatArray
from index.parsing.column_names import Columns
from index.passage_text import embedded_text
from index.sources.expand import elsewhere
from index.sources.fetch import Fetcher
from index.sources.file_hashes import FileHashes
from index.sources.intake import Edits, Intake, ReadDocument, SourceNote, SourceReport
from index.sources.reading import Pace, Reading
from index.sources.refresh import Look
from index.sources.unread import SourceError, SourceFailure, UnreadableError, unread
from index.storage.snapshot import (
    EMBEDDER_FIELDS,
    STORE,
    VECTORS,
    FileSum,
    Manifest,
    Snapshot,
    SnapshotError,
    content_digest,
    write_questions,
)
from index.storage.store import FileRecord, Store
from index.storage.store_writer import StoreWriter
from index.storage.vectors import revise_vectors, write_vectors
from index.storage.versions import Versions

PASSAGE_TOKENS = 192
"""Tokens in a passage, its title and heading included, at the most (``docs/retrieval.md`` has the measurement)."""

_SPECIAL_TOKENS = 2
_CUT_AHEAD = 64
"""Articles of one document whose cutting begins before it is their turn."""

MOST_CHANGES = 50
"""Articles that a report names of those that came, of those that changed, and of those that went."""

_STRIDE = 256
"""Passages embedded between two reports of progress."""

Progress = Callable[[str, int, int], None]
"""Called with the stage, what is done and what there is to do."""

Suggest = Callable[[Snapshot], Sequence[str]]
"""Finds questions that the articles of a finished snapshot answer."""


class BuildError(PullquoteError, RuntimeError):
    """A build failed; the version before stays the current one."""

    code = "index_not_written"


def silent(_stage: str, _done: int, _total: int) -> None:
    """Show nothing."""


class Change(NamedTuple):
    """An article that came, changed or went, with the key of what it came from."""

    what: Literal["added", "changed", "removed"]
    article_id: str
    key: str


@dataclass(slots=True)
class BuildReport:
    """What a build did.

    ``added``, ``changed``, ``removed`` and ``unchanged`` count articles, against the version before; ``embedded`` the
    passages whose vectors had to be computed. ``failures`` are what is not indexed and should be. ``changes``
    are the first articles that came, changed or went, :data:`MOST_CHANGES` of each at the most; ``looks`` tells of the
    sources elsewhere that were looked at, ``paces`` of how fast each format was read.
    """

    version: str = ""
    is_new: bool = False
    articles: int = 0
    passages: int = 0
    added: int = 0
    changed: int = 0
    removed: int = 0
    unchanged: int = 0
    embedded: int = 0
    failures: list[SourceFailure] = field(default_factory=list)
    notes: list[SourceNote] = field(default_factory=list)
    seconds: dict[str, float] = field(default_factory=dict)
    changes: list[Change] = field(default_factory=list)
    looks: dict[str, Look] = field(default_factory=dict)
    paces: dict[str, Pace] = field(default_factory=dict)

    @contextmanager
    def timed(self, stage: str) -> Iterator[None]:
        """Add the seconds that a ``with`` block takes to those of a stage."""
        start = time.perf_counter()
        yield
        self.seconds[stage] = self.seconds.get(stage, 0.0) + time.perf_counter() - start


def build(
    sources: Sequence[str | Path],
    versions: Versions,
    embedder: Embedder,
    passage_tokens: int = PASSAGE_TOKENS,
    progress: Progress = silent,
    *,
    fetcher: Fetcher | None = None,
    edits: Callable[[], Edits] = Edits,
    suggest: Suggest | None = None,
    strict: bool = False,
    wait: bool = False,
    limits: Limits = Limits(),  # noqa: B008 (frozen)
    columns: Columns = (),
    recognised: str | None = None,
    is_due: Callable[[str], bool] = lambda _: True,
) -> BuildReport:
    """Index ``sources`` (files, folders, globs, web addresses) and publish the result, if anything changed.

    :param fetcher: fetches web addresses, and what feeds and sitemaps list; without one they are failures.
    :param edits: what was written and deleted besides; asked when no other builder is at work any more.
    :param suggest: finds the example questions that a new version keeps; without it, it keeps none.
    :param strict: refuse to publish when anything can't be read.
    :param wait: for another builder, instead of giving up.
    :param limits: what reading and cutting one source may take; past it, that source is a failure.
    :param columns: what fields of articles are called in tables and records, such as ``("text", "story")``.
    :param recognised: the language of pages that are pictures, as Tesseract calls it; None: they are not read.
    :param is_due: whether a source elsewhere is looked at; what was indexed of the others is kept.
    :raises SourceError: when there is nothing to index, or ``strict`` and something can't be read.
    :raises BusyError: when another process is building this index.
    :raises BuildError: when the index can't be written.
    """
    processes = shared_processes(limits)
    reading = Reading(processes, columns, recognised)
    report = BuildReport(paces=reading.paces)
    with (
        _build_errors(versions),
        _stopping(processes),
        versions.building(wait) as work,
        _Base.open(versions, embedder, passage_tokens) as base,
    ):
        with report.timed("scan"):
            known = edits()
            hashes = FileHashes(versions.folder / "hashes.sqlite")
            items = unread(sources, hashes, fetcher, reading, is_due) if sources or not known else []
            looked = [source for source in elsewhere(sources) if is_due(source)]
            intake = Intake(items, known, base.store, base.reads_alike, progress, reading)
            hashes.save()
            found = intake.unchanged() if base.is_alike else None
        if found is not None:
            base.fill_in(report, found)
            report.looks = _looks(looked, (), base.owner_keys(), intake.failed)
            _refuse(report, sources, strict, may_be_empty=True)
            return report
        assembly = _Assembly(work, versions, embedder, passage_tokens, base, report, progress, processes)
        if not (base.is_revisable and assembly.revise(intake.documents(read_kept=False))):
            assembly.write(intake.documents())
        report.looks = _looks(looked, assembly.changes, assembly.owners, intake.failed)
        if fetcher:
            fetcher.forget(known.deleted)
        _refuse(report, sources, strict, may_be_empty=bool(known))
        assembly.publish(suggest)
    return report


def index_articles(
    articles: Iterable[Article],
    versions: Versions,
    embedder: Embedder,
    passage_tokens: int = PASSAGE_TOKENS,
    progress: Progress = silent,
) -> BuildReport:
    """Publish an index of ``articles`` as the current version, unless the current one is the same to the byte.

    :raises BusyError: when another process is building this index.
    :raises BuildError: when the index can't be written.
    """
    report = BuildReport()
    with _build_errors(versions), versions.building() as work, _Base.open(versions, embedder, passage_tokens) as base:
        assembly = _Assembly(work, versions, embedder, passage_tokens, base, report, progress)
        documents = [ReadDocument(FileRecord("", None), list(articles), is_reused=False)]
        if not (base.is_revisable and assembly.revise(documents)):
            assembly.write(documents)
        assembly.publish()
    return report


def _looks(
    sources: Sequence[str], changes: Sequence[Change], owners: Mapping[str, str], failed: Mapping[str, str]
) -> dict[str, Look]:
    """What was found at each source elsewhere. ``owners`` are the keys of what articles came from, by their ids."""
    looks = {source: Look(error=failed.get(source)) for source in sources}
    if not looks:
        return looks
    for key in owners.values():
        if source := _source_of(key, looks):
            looks[source].articles += 1
    for change in changes:
        if source := _source_of(change.key, looks):
            setattr(looks[source], change.what, getattr(looks[source], change.what) + 1)
    return looks


def _source_of(key: str, sources: Collection[str]) -> str | None:
    """The source that a key is of: itself, or the folder that it begins with."""
    while key not in sources:
        key, slash, _ = key.rpartition("/")
        if not slash:
            return None
    return key


@contextmanager
def _stopping(processes: LimitedProcesses) -> Iterator[None]:
    """End what the processes do when the build ends early: nobody waits for it."""
    try:
        yield
    except BaseException:
        processes.stop()
        raise


@contextmanager
def _build_errors(versions: Versions) -> Iterator[None]:
    try:
        yield
    except SourceError:
        raise
    except (OSError, sqlite3.Error) as error:
        raise BuildError(
            f"the index can't be written to {versions.folder} ({error}). Make sure that there is space on the disk and "
            "that the folder may be written, then build again; the version before stays the current one"
        ) from error


def _refuse(report: BuildReport, sources: Sequence[str | Path], strict: bool, may_be_empty: bool) -> None:
    reasons = "; ".join(f"{failure.key}: {failure.reason}" for failure in report.failures[:3])
    if not (report.articles or may_be_empty):
        raise SourceError(f"nothing to index in {', '.join(map(str, sources))} ({reasons or 'no articles'})")
    if strict and report.failures:
        raise UnreadableError(report.failures)


@dataclass(slots=True)
class _Base:
    """The current version, and which of its parts a build with these settings can reuse."""

    snapshot: Snapshot | None
    reads_alike: bool = False
    cuts_alike: bool = False
    embeds_alike: bool = False

    @classmethod
    @contextmanager
    def open(cls, versions: Versions, embedder: Embedder, passage_tokens: int) -> Iterator["_Base"]:
        try:
            snapshot = versions.open()
        except SnapshotError:
            yield cls(None)
            return
        with snapshot:
            manifest = snapshot.manifest
            reads = manifest.recipe == recipe()
            embeds = manifest.embedder == _identity(embedder)
            yield cls(snapshot, reads, reads and embeds and manifest.settings == _settings(passage_tokens), embeds)

    @property
    def store(self) -> Store | None:
        return self.snapshot.store if self.snapshot else None

    def owner_keys(self) -> dict[str, str]:
        """The keys of what its articles came from, by their ids."""
        return {name: key for name, (key, _) in self.store.owners().items()} if self.store else {}

    @property
    def is_alike(self) -> bool:
        """Whether unchanged sources give the very same index."""
        return self.reads_alike and self.cuts_alike and self.embeds_alike

    @property
    def is_revisable(self) -> bool:
        """Whether the next version can be made by changing a copy of it."""
        return self.is_alike and self.snapshot is not None and can_be_revised(self.snapshot)

    def fill_in(self, report: BuildReport, found: SourceReport) -> None:
        """Fill in the report of a build that found nothing to do."""
        assert self.snapshot
        manifest = self.snapshot.manifest
        report.version, report.failures, report.notes = manifest.version, found.failures, found.notes
        report.articles = report.unchanged = manifest.articles
        report.passages = manifest.passages


class _Assembly:
    """Puts a snapshot together in a folder."""

    def __init__(
        self,
        work: Path,
        versions: Versions,
        embedder: Embedder,
        passage_tokens: int,
        base: _Base,
        report: BuildReport,
        progress: Progress,
        processes: LimitedProcesses | None = None,
    ) -> None:
        self._work = work
        self._versions = versions
        self._embedder = embedder
        self._passage_tokens = passage_tokens
        self._base = base
        self._report = report
        self._progress = progress
        room = min(passage_tokens, embedder.max_tokens) - _SPECIAL_TOKENS
        self._cutter = Cutter(embedder.tokenizer_file, room, processes)
        self._keys: dict[int, bytes] = {}
        """The embedding keys, by row, of the passages whose vectors are to be found."""
        self._is_revision = False
        self._moved: dict[int, int] = {}
        """Of the others, the rows that they had in the version before where they are not the same."""
        self._rows: dict[tuple[str, tuple[Block, ...]], int] = {}
        self.owners: dict[str, str] = {}
        """The keys of what the articles come from, by their ids."""
        self.changes: list[Change] = []
        self._fingerprints: list[Fingerprints] = []
        self._bodies: list[bytes] = []

    def write(self, documents: Iterable[ReadDocument]) -> None:
        """Write the text side."""
        report, before = self._report, self._base.owner_keys()
        with StoreWriter(self._work / STORE) as writer:
            for document, sames in self._with_next_begun(documents):
                document, cut = self._cut(document, sames)
                report.failures += document.report.failures
                report.notes += document.report.notes
                with report.timed("write"):
                    writer.add_file(document.record)
                for article, passages in cut:
                    is_same = sames[article.id]
                    report.unchanged += is_same
                    report.changed += article.id in before and not is_same
                    self.owners[article.id] = document.record.key
                    if not is_same:
                        what: Literal["added", "changed"] = "changed" if article.id in before else "added"
                        self.changes.append(Change(what, article.id, document.record.key))
                    with report.timed("compare"):
                        copy_of = self._copy_of(article)
                    with report.timed("write"):
                        writer.add(article, passages if copy_of is None else [], copy_of)
                    report.articles += 1
            with report.timed("compare"):
                fingerprints = np.concatenate(self._fingerprints) if self._fingerprints else np.zeros(0, FINGERPRINT)
                writer.set_fingerprints(fingerprints.tobytes())
                writer.set_witnesses(self._witnesses(writer, fingerprints))
        self._note_changes(before)
        report.passages, self._keys = len(writer.keys), dict(enumerate(writer.keys))

    def revise(self, documents: Iterable[ReadDocument]) -> bool:
        """Write the text side by changing a copy of that of the version before, unless too much changed: whether."""
        store, report = self._base.store, self._report
        assert store
        with report.timed("read"):
            planned = plan(documents, store, self._cutter.cut)
        if planned is None:
            return False
        with report.timed("write"):
            editor, report.passages = Revision(self._work, store, self._cutter.cut).make(planned)
        self._keys, self._moved, self._is_revision = editor.keys, editor.moved, True
        self._tell(planned)
        return True

    def _tell(self, planned: Plan) -> None:
        """Fill in the report of a revision."""
        report, before = self._report, planned.keys_before()
        report.failures, report.notes = planned.failures, planned.notes
        self.owners = {name: planned.keys[name] if name in planned.keys else before[name] for name in planned.order}
        for name in planned.order:
            if name in planned.coming:
                what: Literal["added", "changed"] = "changed" if name in before else "added"
                self.changes.append(Change(what, name, self.owners[name]))
        report.articles = len(planned.order)
        report.changed = sum(name in before for name in planned.coming)
        report.unchanged = report.articles - len(planned.coming)
        self._note_changes(before)

    def _note_changes(self, before: Mapping[str, str]) -> None:
        report = self._report
        report.added = report.articles - report.unchanged - report.changed
        report.removed = len(before) - report.unchanged - report.changed
        gone = [Change("removed", name, key) for name, key in before.items() if name not in self.owners]
        self.changes += gone
        for kind in ("added", "changed", "removed"):
            report.changes += [change for change in self.changes if change.what == kind][:MOST_CHANGES]

    def _with_next_begun(self, documents: Iterable[ReadDocument]) -> Iterator[tuple[ReadDocument, dict[str, bool]]]:
        """The documents, each with whether its articles, by id, are as they were; the cutting of the next has begun."""
        waiting: deque[tuple[ReadDocument, dict[str, bool]]] = deque()
        for document in self._read(documents):
            sames = {article.id: document.is_reused or self._is_same(article) for article in document.articles}
            for article in document.articles[:_CUT_AHEAD]:
                if not (sames[article.id] and self._base.cuts_alike):
                    self._cutter.begin(article)
            waiting.append((document, sames))
            if len(waiting) > self._cutter.ahead:
                yield waiting.popleft()
        yield from waiting

    def _read(self, documents: Iterable[ReadDocument]) -> Iterator[ReadDocument]:
        waiting = iter(documents)
        while True:
            with self._report.timed("read"):
                document = next(waiting, None)
            if document is None:
                return
            yield document

    def _cut(
        self, document: ReadDocument, sames: Mapping[str, bool]
    ) -> tuple[ReadDocument, list[tuple[Article, list[Passage]]]]:
        """The articles of a document with their passages. One that can't be cut within the limits is a failure."""
        found, failures = [], []
        with self._report.timed("chunk"):
            for article in document.articles:
                try:
                    found.append((article, self._passages(article, sames[article.id])))
                except LimitError as error:
                    failures.append(Failure(f'{error} ("{article.title}")', error.code))
        return document.failing(failures), found

    def _is_same(self, article: Article) -> bool:
        return self._base.store is not None and self._base.store.article(article.id) == article

    def _copy_of(self, article: Article) -> int | None:
        """The row of the first article with this very text, if there is one before this."""
        self._bodies.append(hashlib.sha256(body(article).encode()).digest())
        self._fingerprints.append(fingerprint(article))
        row = self._report.articles
        first = self._rows.setdefault(_content_of(article), row)
        return None if first == row else first

    def _witnesses(self, writer: StoreWriter, fingerprints: Fingerprints) -> list[int]:
        """Whatever their titles: a story that is printed under another headline is the same story."""
        pairs = [
            (one, other)
            for one, other in candidates(fingerprints["bands"])
            if are_near_copies(writer.body(one), writer.body(other))
        ]
        firsts: dict[bytes, int] = {}
        same = [(firsts.setdefault(digest, row), row) for row, digest in enumerate(self._bodies)]
        return groups(self._report.articles, pairs + same)

    def _passages(self, article: Article, is_same: bool) -> list[Passage]:
        """The passages of an article; none of one whose text another one has."""
        if _content_of(article) in self._rows:
            return []
        if is_same and self._base.cuts_alike and self._base.store:
            known = self._base.store.article_passages(article.id)
            if known:  # a copy of another article had none
                return known
        return self._cutter.cut(article)

    def publish(self, suggest: Suggest | None = None) -> None:
        """Write vectors, example questions and manifest, and make this the current version unless it is the same."""
        self._write_vectors()
        with self._report.timed("publish"):
            files = {name: FileSum.of(self._work / name) for name in (STORE, VECTORS)}
            manifest = Manifest(
                version=self._versions.next_name(content_digest(files)),
                created=datetime.now(UTC).isoformat(timespec="seconds"),
                articles=self._report.articles,
                passages=self._report.passages,
                embedder=_identity(self._embedder),
                settings=_settings(self._passage_tokens),
                recipe=recipe(),
                files=files,
            )
            same = self._versions.same_as(manifest)
        self._report.version, self._report.is_new = same or manifest.version, same is None
        if same:
            return
        if suggest:
            with self._report.timed("suggest"):
                manifest = write_questions(self._work, manifest, self._suggested(manifest, suggest))
        with self._report.timed("publish"):
            self._versions.put(self._work, manifest)

    def _suggested(self, manifest: Manifest, suggest: Suggest) -> Sequence[str]:
        self._progress("suggest", 0, 0)
        manifest.write(self._work)
        with Snapshot.open(self._work, verify=False) as snapshot:
            return suggest(snapshot)

    def _write_vectors(self) -> None:
        """Write the vectors of all passages; those that stay in their rows are not looked at."""
        rows, vectors = np.array(list(self._keys), np.int64), self._vectors()
        with self._report.timed("publish"):
            if self._is_revision:
                assert self._base.snapshot
                before, count = self._base.snapshot.vectors, self._report.passages
                moved, old_rows = np.array([*self._moved.items()], np.int64).reshape(-1, 2).T
                rows, vectors = np.concatenate([rows, moved]), np.concatenate([vectors, before.take(old_rows)])
                if revise_vectors(before, self._work / VECTORS, rows, vectors, count):
                    return
                changed, vectors = vectors, np.empty((count, self._embedder.dimension), np.float32)
                staying = np.arange(min(count, len(before)))
                vectors[staying] = before.take(staying)
                vectors[rows] = changed
            write_vectors(self._work / VECTORS, vectors)

    def _vectors(self) -> FloatArray:
        """The vectors of the passages that came, in their order: known ones copied, each new text embedded once."""
        keys = list(self._keys.values())
        vectors = np.empty((len(keys), self._embedder.dimension), np.float32)
        with self._report.timed("copy"):
            first: dict[bytes, int] = {}
            for place, key in enumerate(keys):
                first.setdefault(key, place)
            new = self._copy(vectors, first)
        with self._report.timed("embed"):
            self._embed(vectors, new)
        self._report.embedded = len(new)
        repeated = [place for place, key in enumerate(keys) if first[key] != place]
        vectors[repeated] = vectors[[first[keys[place]] for place in repeated]]
        return vectors

    def _copy(self, vectors: FloatArray, wanted: dict[bytes, int]) -> list[int]:
        """Fill in the vectors that the version before has, and return the places of the others."""
        snapshot = self._base.snapshot
        if snapshot is None or not self._base.embeds_alike:
            return list(wanted.values())
        known = {key: row for row, key in enumerate(snapshot.store.embedding_keys())} if wanted else {}
        pairs = [(place, known[key]) for key, place in wanted.items() if key in known]
        if pairs:
            places, rows = np.array(pairs, np.int64).T
            vectors[places] = snapshot.vectors.take(rows)
        return [place for key, place in wanted.items() if key not in known]

    def _embed(self, vectors: FloatArray, places: list[int]) -> None:
        store, rows = Store(self._work / STORE), list(self._keys)
        try:
            for done in range(0, len(places), _STRIDE):
                batch = places[done : done + _STRIDE]
                found = store.passages([rows[place] for place in batch])
                vectors[batch] = self._embedder.embed_passages(
                    [embedded_text(article, passage) for passage, article in found]
                )
                self._progress("embed", done + len(batch), len(places))
        finally:
            store.close()


def _content_of(article: Article) -> tuple[str, tuple[Block, ...]]:
    """What two articles share when one is a copy of the other."""
    return hashlib.sha256(article.text.encode()).hexdigest(), article.blocks


def _identity(embedder: Embedder) -> dict[str, object]:
    return {name: getattr(embedder, name) for name in EMBEDDER_FIELDS}


def _settings(passage_tokens: int) -> dict[str, object]:
    return {"passage_tokens": passage_tokens}
