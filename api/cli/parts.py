"""The parts of a build: one made here, or all of them by the machines of a Ray cluster."""

from collections.abc import Sequence
from pathlib import Path

from api.cli.console import Progress
from api.cli.figures import count
from api.runtime.service import open_embedder
from api.settings import ConfigurationError, Settings
from index.building.builder import BuildReport, build
from index.building.parts import Share
from index.sharding.cluster import cluster
from index.sources.expand import absolute
from index.sources.fetch import Fetcher
from index.sources.fetch_cache import FETCHED, FetchCache


def build_part(settings: Settings, sources: Sequence[str], share: Share, folder: Path, wait: bool) -> BuildReport:
    """Build one part, from the sources alone: what was written is for the build that joins the parts."""
    versions = share.versions(folder)
    with Progress() as progress:
        report = build(
            sources,
            versions,
            open_embedder(settings),
            settings.passage_tokens,
            progress,
            fetcher=Fetcher(settings.fetch_policy, FetchCache(versions.folder / FETCHED)),
            wait=wait,
            limits=settings.limits,
            columns=settings.named_columns,
            recognised=settings.ocr,
            share=share,
        )
    versions.prune(1)
    return report


def build_on_ray(settings: Settings, sources: Sequence[str], parts: int, folder: Path) -> list[BuildReport]:
    """Build every part as a task of its own. Ray gives the task of a machine that was lost to another one.

    :raises ClusterError: when the cluster can't be used.
    :raises PullquoteError: what went wrong with a part.
    """
    if not settings.ray:
        raise ConfigurationError("--on-ray needs PULLQUOTE_RAY: auto, or HOST:PORT of the cluster's head")
    ray = cluster(settings.ray)
    threads = settings.threads or 1
    alike = settings.model_copy(
        update={
            "data_dir": settings.data_dir.absolute(),
            "threads": threads,
            "source_processes": settings.source_processes or threads,
        }
    )
    task = ray.remote(num_cpus=threads)(build_part)
    named = [absolute(source) for source in sources]
    shares = [Share(number, parts) for number in range(1, parts + 1)]
    try:
        reports: list[BuildReport] = ray.get(
            [task.remote(alike, named, share, folder.absolute(), True) for share in shares]
        )
    except ray.exceptions.RayTaskError as error:
        raise error.cause from None
    return reports


def part_line(report: BuildReport, share: Share, folder: Path) -> str:
    """What a part has, in a line."""
    return (
        f"part {share.number} of {share.of} is in {folder}: {count(report.articles, 'article')}, "
        f"{count(report.passages, 'passage')}, {report.embedded} of them embedded now"
    )
