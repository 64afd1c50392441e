"""Sources to a new, published snapshot, embedding only what the version before does not hold."""

import hashlib
import sqlite3
import time
from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal, NamedTuple

import numpy as np

from index.article import Article, Passage
from index.building.cutting import Cutter
from index.building.embedding import Keys, PassageVectors, as_keys, repeat
from index.building.near_copies import FINGERPRINT, Fingerprints, are_near_copies, candidates, fingerprint, joined
from index.building.parts import Parts, Share
from index.building.recipe import recipe
from index.building.revision import Plan, Revision, can_be_revised, plan
from index.errors import Failure, PullquoteError
from index.limited.limits import LimitError, Limits
from index.limited.pool import LimitedProcesses, shared_processes
from index.models.compiled import sha256_file
from index.models.embedder import Embedder
from index.models.onnx_model import FloatArray
from index.parsing.column_names import Columns
from index.sources.expand import elsewhere
from index.sources.fetch import Fetcher
from index.sources.file_hashes import FileHashes
from index.sources.intake import Edits, Intake, ReadDocument, SourceNote, SourceReport
from index.sources.reading import Pace, Reading
from index.sources.refresh import Look
from index.sources.unread import SourceError, SourceFailure, UnreadableError, unread
from index.storage.known_sums import KnownSums
from index.storage.snapshot import (
    CHANGED,
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
from index.storage.store import FileRecord, Rows, Store
from index.storage.store_writer import StoreWriter
from index.storage.vector_file import VectorFile
from index.storage.vectors import MOST_CHANGED, revise_vectors, write_vectors
from index.storage.versions import Versions, share_file

PASSAGE_TOKENS = 192
"""Tokens in a passage, its title and heading included, at the most (``docs/retrieval.md`` has the measurement)."""

_SPECIAL_TOKENS = 2
_CUT_AHEAD = 64
"""Articles whose cutting begins before it is their turn; documents with more don't wait for the next ones."""

MOST_CHANGES = 50
"""Articles that a report names of those that came, of those that changed, and of those that went."""

_FOUND = "vectors.found"
"""A file, in the folder of a build, of vectors before they are indexed."""

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
    share: Share | None = None,
    parts: Path | None = None,
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
    :param share: read these documents only.
    :param parts: the folder of versions that were made of shares, one each: what they hold is taken over.
    :raises PartsError: when one is missing, or is not like what this build makes.
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
        _Base.open(versions, embedder, passage_tokens, parts) as base,
    ):
        with report.timed("scan"):
            known = edits()
            hashes = FileHashes(versions.folder / "hashes.sqlite")
            items = unread(sources, hashes, fetcher, reading, is_due) if sources or not known else []
            if share:
                items = [item for item in items if share.holds(item.key)]
            looked = [source for source in elsewhere(sources) if is_due(source)]
            intake = Intake(items, known, base.store, base.reads_alike, progress, reading, base.parts.store)
            hashes.save()
            found = intake.unchanged() if base.is_alike else None
        if found is not None:
            base.fill_in(report, found)
            tally = _Tally(report, looked)
            for key, places in base.store.spans().items() if looked and base.store else ():
                tally.article(key, len(places))
            tally.failed(intake.failed)
            _refuse(report, sources, strict, may_be_empty=True)
            return report
        tally = _Tally(report, looked)
        assembly = _Assembly(work, versions, embedder, passage_tokens, base, tally, progress, processes)
        if not (base.is_revisable and assembly.revise(intake.documents(read_kept=False))):
            assembly.write(intake.documents())
        tally.failed(intake.failed)
        if fetcher:
            fetcher.forget(known.deleted)
        _refuse(report, sources, strict, may_be_empty=bool(known or share))
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
        assembly = _Assembly(work, versions, embedder, passage_tokens, base, _Tally(report), progress)
        documents = [ReadDocument(FileRecord("", None), list(articles), is_reused=False)]
        if not (base.is_revisable and assembly.revise(documents)):
            assembly.write(documents)
        assembly.publish()
    return report


class _Tally:
    """Counts articles and changes for the report, and of each source elsewhere that was looked at."""

    def __init__(self, report: BuildReport, sources: Sequence[str] = ()) -> None:
        self.report = report
        self._named: dict[str, list[Change]] = {"added": [], "changed": [], "removed": []}
        report.looks = {source: Look() for source in sources}

    def article(self, key: str, count: int = 1) -> None:
        """Count articles that come from ``key``."""
        if look := self._look(key):
            look.articles += count

    def change(self, change: Change) -> None:
        """Note a change; the first of each kind are named."""
        named = self._named[change.what]
        if len(named) < MOST_CHANGES:
            named.append(change)
        if look := self._look(change.key):
            setattr(look, change.what, getattr(look, change.what) + 1)

    def failed(self, reasons: Mapping[str, str]) -> None:
        """Note the reasons why nothing new could be read of sources."""
        for source, look in self.report.looks.items():
            look.error = reasons.get(source)

    def name_changes(self) -> None:
        """Put the named changes into the report."""
        self.report.changes = [change for named in self._named.values() for change in named]

    def _look(self, key: str) -> Look | None:
        looks = self.report.looks
        return looks[source] if looks and (source := _source_of(key, looks)) else None


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
    """The current version, and what of it a build with these settings can reuse; and the parts of a divided build."""

    sums: KnownSums
    snapshot: Snapshot | None = None
    reads_alike: bool = False
    cuts_alike: bool = False
    embeds_alike: bool = False
    parts: Parts = field(default_factory=Parts)

    @classmethod
    @contextmanager
    def open(
        cls, versions: Versions, embedder: Embedder, passage_tokens: int, parts: Path | None = None
    ) -> Iterator["_Base"]:
        def cuts_alike(manifest: Manifest) -> bool:
            same = manifest.recipe == recipe() and manifest.embedder == _identity(embedder)
            return same and manifest.settings == _settings(passage_tokens)

        with ExitStack() as opened:
            sums = KnownSums(versions.sums)
            base = cls(sums, parts=opened.enter_context(Parts.open(parts, cuts_alike)) if parts else Parts())
            with suppress(SnapshotError):
                base.snapshot = opened.enter_context(versions.open(sums=base.sum_of))
                manifest = base.snapshot.manifest
                base.reads_alike = manifest.recipe == recipe()
                base.embeds_alike = manifest.embedder == _identity(embedder)
                base.cuts_alike = cuts_alike(manifest)
            yield base

    def sum_of(self, path: Path) -> str:
        """The SHA-256 of a file of the version. That of its text is computed: what is copied from it is vouched for by
        the sums of the next version.
        """
        return self.sums.of(path) if path.name == VECTORS else sha256_file(path)

    @property
    def store(self) -> Store | None:
        return self.snapshot.store if self.snapshot else None

    def key_of(self, article_id: str) -> str | None:
        """The key of what an article came from; None when it holds no such article."""
        found = self.store.file_of(article_id) if self.store else None
        return found[0] if found else None

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
        tally: _Tally,
        progress: Progress,
        processes: LimitedProcesses | None = None,
    ) -> None:
        self._work = work
        self._versions = versions
        self._embedder = embedder
        self._passage_tokens = passage_tokens
        self._base = base
        self._tally = tally
        self._report = tally.report
        self._progress = progress
        room = min(passage_tokens, embedder.max_tokens) - _SPECIAL_TOKENS
        self._cutter = Cutter(embedder.tokenizer_file, room, processes)
        self._keys: Keys = as_keys(b"")
        """The embedding keys of the passages whose vectors are to be found."""
        self._rows: Rows = np.zeros(0, np.int64)
        """Their rows."""
        self._is_revision = False
        self._shares_vectors = False
        self._moved: dict[int, int] = {}
        """Of the others, the rows that they had in the version before where they are not the same."""
        self._firsts: dict[bytes, int] = {}
        """The row of the first article with a content, by its hash."""

    def write(self, documents: Iterable[ReadDocument]) -> None:
        """Write the text side."""
        report, before = self._report, self._base.store.counts()["articles"] if self._base.store else 0
        fingerprints = bytearray()
        with StoreWriter(self._work / STORE, by_language=self._embedder.by_language) as writer:
            for document, sames in self._with_next_begun(documents):
                document, cut = self._cut(document, sames)
                report.failures += document.report.failures
                report.notes += document.report.notes
                with report.timed("write"):
                    writer.add_file(document.record)
                for article, passages in cut:
                    self._note(article, document.record.key, sames[article.id])
                    with report.timed("compare"):
                        fingerprints += fingerprint(article).tobytes()
                        first = self._firsts.setdefault(_content_of(article), report.articles)
                        copy_of = None if first == report.articles else first
                    with report.timed("write"):
                        writer.add(article, passages if copy_of is None else [], copy_of)
                    report.articles += 1
            with report.timed("compare"):
                writer.set_fingerprints(fingerprints)
                writer.set_witnesses(self._witnesses(writer, np.frombuffer(fingerprints, FINGERPRINT)))
        self._firsts = {}
        report.removed = before - report.unchanged - report.changed
        if report.removed:
            self._note_removed()
        self._finish_report()
        self._keys = as_keys(writer.keys)
        report.passages, self._rows = len(self._keys), np.arange(len(self._keys))

    def _note(self, article: Article, key: str, is_same: bool) -> None:
        """Note an article, and whether it came or changed."""
        self._tally.article(key)
        self._report.unchanged += is_same
        if not is_same:
            what: Literal["added", "changed"] = "added" if self._base.key_of(article.id) is None else "changed"
            self._report.changed += what == "changed"
            self._tally.change(Change(what, article.id, key))

    def _note_removed(self) -> None:
        """Note the articles of the version before that were not written."""
        assert self._base.store
        made = Store(self._work / STORE)
        try:
            for name, (key, _) in self._base.store.owners().items():
                if made.file_of(name) is None:
                    self._tally.change(Change("removed", name, key))
        finally:
            made.close()

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
        self._rows = np.array(list(editor.keys), np.int64)
        self._keys = as_keys(b"".join(editor.keys.values()))
        self._moved, self._is_revision = editor.moved, True
        self._tell(planned)
        return True

    def _tell(self, planned: Plan) -> None:
        """Fill in the report of a revision."""
        report, store = self._report, planned.store
        report.failures, report.notes = planned.report.failures, planned.report.notes
        for key, size in planned.sizes.items():
            self._tally.article(key, size)
        for name in planned.coming:
            self._tally.change(Change("changed" if name in planned.changed else "added", name, planned.keys[name]))
        report.articles = len(planned.order)
        report.changed = len(planned.changed)
        report.unchanged = report.articles - len(planned.coming)
        report.removed = len(planned.before) - report.unchanged - report.changed
        for article in store.stored(planned.leaving) if report.removed else ():
            if article.id not in planned.changed:
                key, _ = store.file_of(article.id) or ("", None)
                self._tally.change(Change("removed", article.id, key))
        self._finish_report()

    def _finish_report(self) -> None:
        self._report.added = self._report.articles - self._report.unchanged - self._report.changed
        self._tally.name_changes()

    def _with_next_begun(self, documents: Iterable[ReadDocument]) -> Iterator[tuple[ReadDocument, dict[str, bool]]]:
        """The documents, each with whether its articles, by id, are as they were; the cutting of the next has begun."""
        waiting: deque[tuple[ReadDocument, dict[str, bool]]] = deque()
        for document in self._read(documents):
            sames = {article.id: document.is_reused or self._is_same(article) for article in document.articles}
            for article in document.articles[:_CUT_AHEAD]:
                if not (document.part or (sames[article.id] and self._base.cuts_alike)):
                    self._cutter.begin(article)
            waiting.append((document, sames))
            while len(waiting) > self._cutter.ahead or sum(len(each.articles) for each, _ in waiting) > _CUT_AHEAD:
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
                    found.append((article, self._passages(article, self._cut_in(document, sames[article.id]))))
                except LimitError as error:
                    failures.append(Failure(f'{error} ("{article.title}")', error.code))
        return document.failing(failures), found

    def _is_same(self, article: Article) -> bool:
        return self._base.store is not None and self._base.store.article(article.id) == article

    def _witnesses(self, writer: StoreWriter, fingerprints: Fingerprints) -> dict[int, int]:
        """Of the articles that say the same as one before them, the first: whatever their titles. A story that is
        printed under another headline is the same story.
        """
        pairs = [
            (one, other)
            for one, other in candidates(fingerprints["bands"])
            if are_near_copies(writer.body(one), writer.body(other))
        ]
        _, first, inverse = np.unique(fingerprints["body"], return_index=True, return_inverse=True)
        same = first[inverse]
        again = np.flatnonzero(same != np.arange(len(same)))
        pairs += zip(same[again].tolist(), again.tolist(), strict=True)
        return {row: number for row, number in joined(pairs).items() if row != number}

    def _cut_in(self, document: ReadDocument, is_same: bool) -> Store | None:
        """What has the passages of an article of a document already."""
        return document.part or (self._base.store if is_same and self._base.cuts_alike else None)

    def _passages(self, article: Article, store: Store | None) -> list[Passage]:
        """The passages of an article, which ``store`` may have; none of one whose text another one has."""
        if _content_of(article) in self._firsts:
            return []
        if store:
            known = store.article_passages(article.id)
            if known:  # a copy of another article had none
                return known
        return self._cutter.cut(article)

    def publish(self, suggest: Suggest | None = None) -> None:
        """Write vectors, example questions and manifest, and make this the current version unless it is the same."""
        self._write_vectors()
        with self._report.timed("publish"):
            files = {name: self._sum(name) for name in (STORE, VECTORS, CHANGED) if (self._work / name).exists()}
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
            for name, sums in manifest.files.items():
                self._base.sums.note(self._versions.path(manifest.version) / name, sums.sha256)
            self._base.sums.save()

    def _sum(self, name: str) -> FileSum:
        if name == VECTORS and self._shares_vectors:
            assert self._base.snapshot
            return self._base.snapshot.manifest.files[name]
        return FileSum.of(self._work / name)

    def _suggested(self, manifest: Manifest, suggest: Suggest) -> Sequence[str]:
        self._progress("suggest", 0, 0)
        manifest.write(self._work)
        with Snapshot.open(self._work, verify=False) as snapshot:
            return suggest(snapshot)

    def _write_vectors(self) -> None:
        """Find the vectors of passages that came, then write those of all; they go through a file in pieces."""
        report, dimension = self._report, self._embedder.dimension
        known = [self._base.snapshot] if self._base.snapshot and self._base.embeds_alike else []
        finder = PassageVectors(self._embedder, [*known, *self._base.parts.snapshots], self._progress)
        with VectorFile(self._work / _FOUND, len(self._keys), dimension, writing=True) as found:
            with report.timed("copy"):
                new = finder.copy(found, self._keys)
            with report.timed("embed"):
                store = Store(self._work / STORE)
                try:
                    finder.embed(found, new, store, self._rows)
                finally:
                    store.close()
            report.embedded = len(new)
            with report.timed("copy"):
                repeat(found, self._keys)
            with report.timed("publish"):
                if self._is_revision:
                    self._revise_vectors(found[:])
                else:
                    write_vectors(self._work / VECTORS, found)
        (self._work / _FOUND).unlink()

    def _revise_vectors(self, changed: FloatArray) -> None:
        """Write the vectors of passages that came and share the file of the others, if these are many enough and no
        article was removed: what is left of one in the file that is shared would not be erased.
        """
        assert self._base.snapshot
        before, count = self._base.snapshot.vectors, self._report.passages
        moved, old_rows = np.array([*self._moved.items()], np.int64).reshape(-1, 2).T
        rows, vectors = np.concatenate([self._rows, moved]), np.concatenate([changed, before.take(old_rows)])
        differing = before.changed(rows, vectors, count)
        self._shares_vectors = before.suits(count) and len(differing.rows) <= MOST_CHANGED and not self._report.removed
        if self._shares_vectors:
            share_file(before.path, self._work / VECTORS)
            differing.write(self._work / CHANGED)
        else:
            revise_vectors(before, self._work / VECTORS, differing)


def _content_of(article: Article) -> bytes:
    """A hash of what two articles share when one is a copy of the other."""
    digest = hashlib.sha256(article.text.encode())
    digest.update(repr(article.blocks).encode())
    return digest.digest()[:16]


def _identity(embedder: Embedder) -> dict[str, object]:
    return {name: getattr(embedder, name) for name in EMBEDDER_FIELDS}


def _settings(passage_tokens: int) -> dict[str, object]:
    return {"passage_tokens": passage_tokens}
