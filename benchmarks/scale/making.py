"""Making an index of a size, in ``PLACE/index`` of the articles in ``PLACE/sources``: three ways."""

import gc
import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks.incremental import timed_build
from benchmarks.made_up import write_version
from benchmarks.scale.record import Record, most_own_megabytes, most_resident_megabytes, open_corpus, spent
from index.building.builder import build
from index.limited.limits import Limits
from index.limited.pool import shared_processes
from index.models.embedder import Embedder
from index.storage.versions import Versions


def sources(corpus: Sequence[Path], place: Path, articles: int) -> None:
    """Write the articles, unless they are there."""
    open_corpus(corpus).write(place / "sources", articles)


def built(corpus: Sequence[Path], place: Path) -> Record:
    """Build, in this process and those that it starts, with vectors that cost nothing."""
    embedder = _embedder(corpus, place)
    begin, before = spent(), time.process_time()
    with most_own_megabytes() as most:
        build([place / "sources"], Versions(place / "index"), embedder)
    shared_processes(Limits()).stop()
    return {
        "building, CPU s": spent() - begin,
        "of that, in its own process, CPU s": time.process_time() - before,
        "memory of a build, MB": most[0],
        "the same with the pages of files, MB": most_resident_megabytes(),
    }


def written(corpus: Sequence[Path], place: Path) -> Record:
    """Write a version straight; there is nothing to measure of it."""
    write_version(place / "sources", Versions(place / "index"), _embedder(corpus, place))
    return {}


def commanded(place: Path, models: Path) -> Record:
    """Build as a user does, with vectors of the shipped model."""
    (place / "models").symlink_to(models.resolve())
    done = timed_build(place / "sources", place)
    return {"build, s": done["seconds"], "most memory of the build, MB": done["peak_mb"]}


def size(place: Path) -> Record:
    """How large the index is."""
    with Versions(place / "index").open(verify=False) as snapshot:
        manifest = snapshot.manifest
        [(characters,)] = snapshot.store.rows("SELECT avg(end - start) FROM passages")
    files = {f"{name}, MB": sums.bytes / 1e6 for name, sums in manifest.files.items()}
    every = sum(path.stat().st_size for path in (place / "index" / "versions").rglob("*") if path.is_file())
    counts = {"articles": manifest.articles, "passages": manifest.passages, "characters a passage": characters}
    return {**counts, "bytes on disk": every, **files}


def _embedder(corpus: Sequence[Path], place: Path) -> Embedder:
    """The memory of the corpus itself is given back."""
    embedder = open_corpus(corpus).embedder(place.parent)
    gc.collect()
    return embedder
