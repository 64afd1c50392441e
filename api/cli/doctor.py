"""A look at everything that answering depends on."""

import json
import shutil
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from api.cli.advice import with_advice
from api.cli.figures import count, size
from api.questions.book import FILE as BOOK
from api.runtime.service import check_embedder, open_book, open_embedder, open_reader
from api.settings import Settings
from index.building.integrity import SAMPLE, store_problems, vector_problems
from index.collection.erasing import holders
from index.collection.jobs import Jobs
from index.collection.store import FILE, Collection, Erasure
from index.models.embedder import Embedder
from index.models.onnx_model import ModelError
from index.owner_only import close_to_anybody, open_to_anybody
from index.sharding.layout import Frequencies, Layout, are_elsewhere, is_sharded, shard_folder
from index.storage.snapshot import STORE, Manifest, Snapshot, SnapshotError, file_problems
from index.storage.store import Store, StoreError
from index.storage.versions import BusyError, Versions
from rag.ranking.calibration import Calibrator, calibrator_for, own_path
from rag.reading.passage_reader import PassageReader

_SAMPLE = 60
"""Characters, and the rest of a word, that an article is looked for by."""

_REBUILD = "Build the index again with 'pullquote build'"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at; the message of a trouble says how to mend it.

    ``mend`` mends it, where that loses nothing, and says what was done.
    """

    check: str
    is_fine: bool
    message: str
    mend: Callable[[], str] | None = None


def diagnose(settings: Settings) -> Iterator[Finding]:
    """Look at pointer, files, counts, passages, vectors, other versions, left-overs, disk and models, in this order."""
    versions = Versions(settings.index_dir)
    snapshot = None
    try:
        folder = versions.current()
        if folder and is_sharded(folder):
            yield from _examine_shards(folder)
        else:
            snapshot = versions.open(verify=True)
    except (SnapshotError, OSError) as error:
        whole = _newest_whole(versions)
        mend = (lambda: f"{versions.rollback(whole)} is current again") if whole else None
        hint = f". The version {whole} is whole: 'pullquote doctor --repair' makes it the current one" if whole else ""
        yield Finding("current version", False, f"{with_advice(error)}{hint}", mend)
    if snapshot:
        yield from _examine_snapshot(snapshot)
    yield from _examine_models(settings, snapshot)
    yield from _examine_other_versions(versions)
    yield from _examine_left_overs(versions)
    yield from _examine_disk(settings, snapshot)
    yield from _examine_collection(settings)
    yield from _examine_deleted(settings, versions)
    yield from _examine_rights(settings)


def _newest_whole(versions: Versions) -> str | None:
    for name in reversed(versions.names()):
        with suppress(SnapshotError, OSError):
            Snapshot.open(versions.path(name)).close()
            return name
    return None


def _examine_snapshot(snapshot: Snapshot) -> Iterator[Finding]:
    manifest = snapshot.manifest
    yield Finding("current version", True, f"the current version is {manifest.version}, made {manifest.created}")
    yield Finding("checksums", True, f"{len(manifest.files)} files have the size and checksum that the manifest tells")
    counts = f"{manifest.passages} vectors, passages and lengths in words; {count(manifest.articles, 'article')}"
    yield Finding("counts", True, counts)
    problems = list(store_problems(snapshot.store))
    for problem in problems:
        yield Finding("passages", False, f"{problem}. {_REBUILD}.")
    if not problems:
        yield Finding("passages", True, "every passage lies inside its article, with its id and the words embedded")


def _examine_shards(folder: Path) -> Iterator[Finding]:
    layout = Layout.read(folder)
    yield Finding("current version", True, f"the current version is {folder.name}, in {len(layout.parts)} shards")
    if are_elsewhere(folder):
        Frequencies(folder, layout)
        yield Finding("shards", True, "the shards are on the machines of the Ray cluster, which check what they pull")
        return
    for number, part in enumerate(layout.parts):
        with Snapshot.open(shard_folder(folder, number)) as shard:
            problems = list(store_problems(shard.store))
            if shard.version != part.version:
                problems.append(f"it is {shard.version}, and {part.version} is listed")
        for problem in problems:
            yield Finding("shards", False, f"shard {number}: {problem}. Split the index again with 'pullquote split'.")
    Frequencies(folder, layout)
    yield Finding("shards", True, f"{layout.manifest.passages} passages are in the shards that are listed")


def _examine_models(settings: Settings, snapshot: Snapshot | None) -> Iterator[Finding]:
    try:
        if not Embedder.is_compiled(settings.embedder, settings.model_cache, settings.embedder_precision):
            raise ModelError(
                f"the embedding model {settings.embedder} is not compiled in {settings.model_cache}. "
                "The next 'pullquote build' or 'pullquote serve' does it"
            )
        embedder = open_embedder(settings)
        if snapshot:
            check_embedder(snapshot.manifest, embedder)
        yield Finding("embedding model", True, f"the embedding model {embedder.name} ({embedder.precision}) is there")
        if snapshot:
            yield from _examine_vectors(snapshot, embedder)
    except (ModelError, SnapshotError, OSError) as error:
        yield Finding("embedding model", False, with_advice(error))
    try:
        reader = open_reader(settings)
        yield Finding("reading model", True, f"the reading model {reader.name} ({reader.precision}) is there")
        yield _examine_calibration(settings, reader)
    except (ModelError, OSError) as error:
        yield Finding("reading model", False, with_advice(error))


def _examine_vectors(snapshot: Snapshot, embedder: Embedder) -> Iterator[Finding]:
    problems = list(vector_problems(snapshot, embedder))
    for problem in problems:
        yield Finding("vectors", False, f"{problem}. {_REBUILD}.")
    if not problems:
        count = min(SAMPLE, snapshot.manifest.passages)
        yield Finding("vectors", True, f"{count} vectors computed again are those that are stored")


def _examine_other_versions(versions: Versions) -> Iterator[Finding]:
    current = None
    with suppress(SnapshotError):
        current = versions.current()
    names = [name for name in versions.names() if versions.path(name) != current]
    damaged = 0
    for name in names:
        folder = versions.path(name)
        try:
            problems = file_problems(folder, Manifest.read(folder))
        except SnapshotError as error:
            problems = [str(error)]
        for problem in problems:
            damaged += 1
            yield Finding("other versions", False, f"{name}, not the current version: {problem}. Remove {folder}.")
    if names and not damaged:
        yield Finding(
            "other versions", True, f"{count(len(names), 'other version')}, with the checksums of the manifest"
        )


def _examine_left_overs(versions: Versions) -> Iterator[Finding]:
    found = versions.left_overs()
    if not found:
        return
    try:
        with versions.changing():
            pass
    except BusyError as error:
        yield Finding("left-overs", True, str(error))
        return
    except OSError as error:
        yield Finding("left-overs", False, f"{versions.folder} can't be written to ({error}). Allow it.")
        return
    names = ", ".join(path.name for path in found)
    message = f"a builder that was killed left {names} in {versions.folder}. The next build removes it."
    yield Finding("left-overs", False, message, lambda: _clear(versions))


def _clear(versions: Versions) -> str:
    with versions.changing():
        return f"removed: {count(len(versions.clear_left_overs()), 'left-over folder')}"


def _examine_disk(settings: Settings, snapshot: Snapshot | None) -> Iterator[Finding]:
    if not snapshot:
        return
    needed = 2 * sum(sums.bytes for sums in snapshot.manifest.files.values())
    free = shutil.disk_usage(settings.index_dir).free
    message = f"{size(free)} are free on the disk of {settings.index_dir}"
    if free < needed:
        message += f", the next version may take {size(needed)}. Free some, or keep fewer with 'pullquote prune'."
    yield Finding("disk", free >= needed, message)


def _examine_deleted(settings: Settings, versions: Versions) -> Iterator[Finding]:
    """Whether the words of articles that were deleted over HTTP are still on the disk: in a version, in the file of
    written documents, in its log, or in what is kept of questions.
    """
    if not (settings.folder / FILE).exists():
        return
    try:
        collection = Collection(settings.folder)
        waiting = {erasure.article_id: erasure for erasure in collection.erasures()}
        deleted = sorted({*collection.edits().deleted, *waiting})
        noted_of = open_book(settings).articles()
        del collection  # reading the file beside an open connection would drop that one's POSIX locks
    except (OSError, sqlite3.Error):
        return  # the check before told it
    for article_id in deleted:
        erasure = waiting.get(article_id)
        names = holders(versions, erasure or Erasure(article_id, 0.0, 0.0, None))
        noted = article_id in noted_of
        if erasure is None and not (names or noted):
            continue
        kept = [f"version {name}" for name in names]
        kept += [path.name for path in _files_with(settings, versions, names, article_id)]
        kept += [BOOK] if noted else []
        kept += [f"the written document {erasure.shared}"] if erasure and erasure.shared else []
        kept += [] if erasure is None or kept else ["the log of the written documents, perhaps"]
        is_due = erasure is None or erasure.due <= time.time()
        message = f"the words of the deleted article {article_id!r} are still in {', '.join(kept)}"
        if erasure and not is_due:
            until = datetime.fromtimestamp(erasure.due, UTC).isoformat(timespec="minutes")
            yield Finding("deleted articles", True, f"{message}, kept until {until}")
        else:
            yield Finding(
                "deleted articles",
                False,
                f"{message}. Write the other articles of such a document one by one, or delete them; stop what uses "
                "such a version, and build once more with 'pullquote build'.",
            )
    if deleted and not waiting:
        yield Finding(
            "deleted articles",
            True,
            f"no version and no log holds the words of {count(len(deleted), 'deleted article')}",
        )


def _files_with(settings: Settings, versions: Versions, names: list[str], article_id: str) -> Iterator[Path]:
    """The files of written documents, and SQLite's log of them, that hold words of a deleted article.

    What its words are is known as long as a version holds them.
    """
    for name in names[-1:]:
        with suppress(StoreError):
            article = Store(versions.path(name) / STORE).article(article_id)
            words = article.text[: article.text.find(" ", _SAMPLE) + 1 or None].strip().encode() if article else b""
            for path in sorted(settings.folder.glob(f"{FILE}*")):
                if words and json.dumps(words.decode())[1:-1].encode() in path.read_bytes():
                    yield path
            return


def _examine_rights(settings: Settings) -> Iterator[Finding]:
    """Who may read what is indexed. The models are no secret."""
    folder = settings.data_dir
    models = settings.model_cache.absolute()
    if not folder.is_dir():
        return
    exposed = [path for path in open_to_anybody(folder) if models not in (path.absolute(), *path.absolute().parents)]
    if not exposed:
        yield Finding("rights", True, f"not everybody on this machine may read {folder}")
        return

    def mend() -> str:
        close_to_anybody(folder)
        return f"{folder} and what is in it is closed to anybody but its owner and group"

    message = f"anybody on this machine may read {exposed[-1]}" + (
        f" and {count(len(exposed) - 1, 'other file or folder', 'other files and folders')} of {folder}"
        if len(exposed) > 1
        else ""
    )
    yield Finding("rights", False, f"{message}. 'pullquote doctor --repair' closes them", mend)


def _examine_calibration(settings: Settings, reader: PassageReader) -> Finding:
    path = own_path(settings.index_dir)
    calibrator = calibrator_for(settings.index_dir, reader.sha256)
    fit = f"(answers from {calibrator.threshold:.2f} on are given; fitted on {calibrator.fitted_on})"
    fits = calibrator.reader == reader.sha256
    if path.exists() and Calibrator.read(path).reader != reader.sha256:
        mend = "Fit it again with 'pullquote calibrate FILE', or drop it with 'pullquote calibrate --reset'"
        return Finding(
            "calibration",
            False,
            f"{path} was fitted for another reading model, so the shipped calibration is used. {mend}.",
        )
    if path.exists():
        return Finding("calibration", True, f"the calibration is one of your own {fit}")
    if not fits:
        mend = "'pullquote calibrate FILE' fits it to this one"
        return Finding("calibration", True, f"the calibration is that of the shipped reading model {fit}; {mend}")
    return Finding("calibration", True, f"the calibration is there {fit}")


def _examine_collection(settings: Settings) -> Iterator[Finding]:
    """What was written over HTTP, if anything ever was, and whether it is in the index."""
    path = settings.folder / FILE
    if not path.exists():
        return
    try:
        collection = Collection(settings.folder)
        problems = collection.problems()
        written, deleted = collection.edits().written, collection.edits().deleted
        failed = Jobs(collection).last_failure()
    except (OSError, sqlite3.Error) as error:
        problems = [str(error)]
    if problems:
        message = f"{path} is damaged: {problems[0]}. Put a copy of it back; without one, remove it and write again."
        yield Finding("written documents", False, message)
        return
    counts = f"{count(len(written), 'document')} written over HTTP, {count(len(deleted), 'article')} deleted"
    yield Finding("written documents", True, f"{counts}; {path} is whole")
    if failed:
        message = f"the last build of a service failed ({failed.error}). Mend that; the service tries again by itself."
        yield Finding("builds", False, message)
