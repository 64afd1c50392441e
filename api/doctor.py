"""A look at everything that answering depends on."""

from collections.abc import Iterator
from dataclasses import dataclass

from api.service import check_embedder, open_embedder
from api.settings import Settings
from index.onnx_model import ModelError
from index.snapshot import Snapshot, SnapshotError
from index.store import Store
from index.versions import Versions
from rag.calibration import Calibrator
from rag.reader import Reader

_PAGE = 200


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at; the message of a trouble says how to mend it."""

    is_fine: bool
    message: str


def examine(settings: Settings) -> Iterator[Finding]:
    """Look at pointer, files, counts, passages and models, in this order."""
    snapshot = None
    try:
        snapshot = Versions(settings.index_dir).open(verify=True)
    except (SnapshotError, OSError) as error:
        yield Finding(False, str(error))
    if snapshot:
        yield from _examine_snapshot(snapshot)
    yield from _examine_models(settings, snapshot)


def _examine_snapshot(snapshot: Snapshot) -> Iterator[Finding]:
    manifest = snapshot.manifest
    yield Finding(True, f"the current version is {manifest.version}, made {manifest.created}")
    yield Finding(True, f"{len(manifest.files)} files have the size and checksum that the manifest tells")
    yield Finding(True, f"{manifest.passages} vectors, passages and full-text rows; {manifest.articles} articles")
    stray = list(stray_passages(snapshot.store))
    if stray:
        rebuild = "Build the index again with 'pullquote build'"
        yield Finding(False, f"{len(stray)} passages lie outside their articles, the first is {stray[0]}. {rebuild}.")
    else:
        yield Finding(True, "every passage lies inside its article")


def stray_passages(store: Store) -> Iterator[str]:
    """The ids of passages whose offsets leave the text of their article."""
    after = ""
    while articles := store.articles(after=after, limit=_PAGE):
        for article in articles:
            for passage in store.article_passages(article.id):
                if not 0 <= passage.start < passage.end <= len(article.text):
                    yield passage.id
        after = articles[-1].id


def _examine_models(settings: Settings, snapshot: Snapshot | None) -> Iterator[Finding]:
    try:
        embedder = open_embedder(settings)
        if snapshot:
            check_embedder(snapshot.manifest, embedder)
        yield Finding(True, f"the embedding model {embedder.name} ({embedder.precision}) is there")
    except (ModelError, SnapshotError, OSError) as error:
        yield Finding(False, str(error))
    try:
        reader = Reader.load(settings.reader, settings.model_cache, settings.reader_precision, settings.threads)
        yield Finding(True, f"the reading model {reader.name} ({reader.precision}) is there")
        calibrator = Calibrator.read()
        yield Finding(True, f"the calibration is there (answers from {calibrator.threshold:.2f} on are given)")
    except (ModelError, OSError) as error:
        yield Finding(False, str(error))
