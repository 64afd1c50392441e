"""Building the index of a data folder."""

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from index.building import builder
from index.building.builder import PASSAGE_TOKENS, BuildReport, Progress
from index.collection.erasing import erase
from index.collection.store import Collection
from index.limited.limits import Limits
from index.sources.expand import absolute, expand
from index.sources.fetch import Fetcher, FetchPolicy
from index.sources.fetch_cache import FETCHED, FetchCache
from index.storage.snapshot import Snapshot
from index.storage.versions import BusyError, Versions
from pullquote._models import DEFAULT_MODELS, Models

_PUBLIC = FetchPolicy()


def build(
    sources: Sequence[str | Path] | str | Path,
    data_dir: str | Path = "var",
    *,
    models: Models = DEFAULT_MODELS,
    strict: bool = False,
    wait: bool = False,
    fetch: FetchPolicy = _PUBLIC,
    keep_versions: int = 5,
    passage_tokens: int = PASSAGE_TOKENS,
    progress: Progress | None = None,
    limits: Limits = Limits(),  # noqa: B008 (frozen)
    columns: Sequence[tuple[str, str]] = (),
) -> BuildReport:
    """Index files, folders, patterns and web addresses in ``data_dir``, and publish the result, as ``pullquote build``.

    What did not change since the last build is not read again. What was written to a service that has this folder
    stays in the index.

    :param strict: publish nothing when anything can't be read; otherwise see the report's ``failures``.
    :param wait: for another process that builds this index, instead of giving up.
    :param fetch: what may be fetched from the web.
    :param keep_versions: how many of the newest versions stay on the disk.
    :param passage_tokens: the longest passage, in tokens of the embedding model, its title included.
    :param progress: called with the stage, what is done and what there is to do.
    :param limits: what reading one source may take; past it, that source is one of the report's ``failures``.
    :param columns: what fields of articles are called in tables and records, such as ``("text", "story")``.
    :raises SourceError: when there is nothing to index, or ``strict`` and something can't be read.
    :raises BusyError: when another process is building this index.
    :raises BuildError: when the index can't be written.
    :raises ModelError: when the embedding model can't be used.
    """
    named = [str(source) for source in ([sources] if isinstance(sources, (str, Path)) else sources)]
    expand(named)
    folder = Path(data_dir)
    versions, collection = Versions(folder / "index"), Collection(folder)

    def suggest(snapshot: Snapshot) -> Sequence[str]:
        from rag.example_questions import questions_for

        return questions_for(snapshot, models.embedder(), models.reader, versions.folder)

    deleted = collection.erasures()
    report = builder.build(
        named,
        versions,
        models.embedder(),
        passage_tokens,
        progress or builder.silent,
        fetcher=Fetcher(fetch, FetchCache(versions.folder / FETCHED)),
        edits=collection.edits,
        suggest=suggest,
        strict=strict,
        wait=wait,
        limits=limits,
        columns=columns,
    )
    collection.remember_sources(list(map(absolute, named)))
    collection.built_without(deleted, report.version)
    with suppress(BusyError):
        versions.prune(keep_versions)
        erase(collection, versions)
    return report
