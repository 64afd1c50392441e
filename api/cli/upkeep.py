"""Commands that make the index and look after its versions."""

import json
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Annotated

import typer

from api.cli.advice import advised, with_advice
from api.cli.figures import count, size
from api.cli.options import DataDir, InCollection
from api.cli.terminal import complain, visible, visible_json
from api.settings import ConfigurationError, Settings, load_settings
from index.sources.intake import SourceNote
from index.sources.unread import SourceFailure, UnreadableError
from index.storage.snapshot import Manifest, SnapshotError
from index.storage.versions import BusyError, Versions


def build(
    sources: Annotated[
        list[str] | None,
        typer.Argument(
            help="Folders, files, patterns or web addresses to index; none: those of the settings.",
            metavar="[SOURCE]...",
        ),
    ] = None,
    strict: Annotated[bool, typer.Option("--strict", help="Publish nothing if anything can't be read.")] = False,
    wait: Annotated[bool, typer.Option("--wait", help="Wait for another build to end, instead of giving up.")] = False,
    watch: Annotated[bool, typer.Option("--watch", help="Build again whenever files change, until Ctrl-C.")] = False,
    to: Annotated[
        str | None,
        typer.Option(help="Bucket or shared folder to publish the version to, for replicas.", show_default=False),
    ] = None,
    part: Annotated[
        str | None,
        typer.Option(
            help="Read and embed a share of the documents, such as 2/8, into --parts.",
            metavar="I/N",
            show_default=False,
        ),
    ] = None,
    parts: Annotated[
        Path | None,
        typer.Option(help="Folder of parts; without --part, take over what they hold.", show_default=False),
    ] = None,
    on_ray: Annotated[
        int | None,
        typer.Option(help="First make so many parts on the Ray cluster of PULLQUOTE_RAY.", min=1, show_default=False),
    ] = None,
    data_dir: DataDir = None,
    collection: InCollection = None,
) -> None:
    """Index articles and publish the result as the current version; what did not change is not read again."""
    settings = load_settings(data_dir=data_dir, collection=collection, sources=sources or None, publish_to=to)
    if settings.follow:
        raise ConfigurationError(
            "PULLQUOTE_FOLLOW is set: a replica builds nothing; build where its versions come from"
        )
    from api.cli.console import Progress, report_lines
    from api.cli.parts import build_on_ray, build_part, part_line
    from api.cli.replicas import publish, publisher_of
    from api.runtime.erasing import erase_words
    from api.runtime.service import open_embedder
    from api.runtime.suggesting import suggesting
    from api.telemetry.logs import show_log
    from index.building.builder import build as build_index
    from index.building.parts import Share
    from index.collection.looks import Looks
    from index.collection.store import Collection
    from index.sources.expand import absolute
    from index.sources.fetch import Fetcher
    from index.sources.fetch_cache import FETCHED, FetchCache
    from index.sources.unread import expand

    show_log(settings.log_format)
    if part:
        if parts is None or watch or to or strict or on_ray:
            raise ConfigurationError("--part needs --parts FOLDER, and goes without --strict, --watch and --to")
        share = Share.parse(part)
        named = settings.sources or Collection(settings.folder).sources() or []
        made = build_part(settings, named, share, parts, wait)
        _print_failures(made.failures, made.notes)
        typer.echo(part_line(made, share, parts))
        return
    versions, written = Versions(settings.index_dir), Collection(settings.folder)
    wanted = settings.sources or written.sources() or []
    expand(wanted)
    if on_ray:
        if parts is None:
            raise ConfigurationError("--on-ray needs --parts FOLDER, which all machines have under that path")
        for number, made in enumerate(build_on_ray(settings, wanted, on_ray, parts), start=1):
            typer.echo(part_line(made, Share(number, on_ray), parts))
    publisher = publisher_of(settings)
    fetcher = Fetcher(settings.fetch_policy, FetchCache(versions.folder / FETCHED))
    embedder = open_embedder(settings)

    def run(wait: bool) -> None:
        deleted = written.erasures()
        try:
            with Progress() as progress:
                report = build_index(
                    wanted,
                    versions,
                    embedder,
                    settings.passage_tokens,
                    progress,
                    fetcher=fetcher,
                    edits=written.edits,
                    limits=settings.limits,
                    columns=settings.named_columns,
                    recognised=settings.ocr,
                    suggest=suggesting(settings, embedder),
                    strict=strict,
                    wait=wait,
                    parts=parts,
                )
        except UnreadableError as error:
            _print_failures(error.failures)
            raise
        written.remember_sources(list(map(absolute, wanted)))
        Looks(written).note(report.looks, fetcher.waits)
        written.built_without(deleted, report.version)
        with suppress(BusyError):
            versions.prune(settings.keep_versions, settings.keep_days)
            erase_words(settings, written, versions)
        _print_failures(report.failures, report.notes)
        typer.echo("\n".join(report_lines(report, settings.index_dir)))
        if publisher:
            publish(publisher, settings)

    if watch:
        from api.cli.watching import changes, keep_building

        steps = changes(wanted, settings.data_dir)
        next(steps)  # from here on, so that what changes during the first build is built, too
        run(wait)
        typer.echo("watching for changes; Ctrl-C ends it", err=True)
        keep_building(lambda: run(wait=True), steps, complain)
    else:
        run(wait)


def _print_failures(failures: Sequence[SourceFailure], notes: Sequence[SourceNote] = ()) -> None:
    for note in notes:
        typer.echo(visible(f"note: {note.key}: {note.text}"), err=True)
    for failure in failures:
        typer.echo(visible(f"not read: {failure.key}: {advised(failure.reason, failure.code)}"), err=True)


def doctor(
    repair: Annotated[bool, typer.Option("--repair", help="Mend what can be mended without losing anything.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the findings as JSON.")] = False,
    data_dir: DataDir = None,
    collection: InCollection = None,
) -> None:
    """Look whether index and models are whole, and tell how to mend what is not."""
    settings = load_settings(data_dir=data_dir, collection=collection)
    from api.cli.doctor import diagnose

    troubles, findings = 0, []
    for finding in diagnose(settings):
        mended = finding.mend() if repair and finding.mend else None
        troubles += not (finding.is_fine or mended)
        findings.append(
            {"check": finding.check, "is_fine": finding.is_fine, "message": finding.message, "mended": mended}
        )
        if not as_json:
            typer.echo(f"{'ok     ' if finding.is_fine else 'TROUBLE'} {visible(finding.message)}")
            if mended:
                typer.echo(f"MENDED  {visible(mended)}")
    if as_json:
        typer.echo(visible_json(json.dumps(findings, indent=2, ensure_ascii=False)))
    if troubles:
        raise typer.Exit(1)


def versions(data_dir: DataDir = None, collection: InCollection = None) -> None:
    """List the versions of the index, the oldest first; * is the current one."""
    settings = load_settings(data_dir=data_dir, collection=collection)
    for line in _version_lines(settings):
        typer.echo(visible(line))


def _version_lines(settings: Settings) -> list[str]:
    known = Versions(settings.index_dir)
    if not known.names():
        raise SnapshotError(f"there is no index in {known.folder} yet", "no_index")
    current = known.current()
    lines = []
    for name in known.names():
        folder = known.folder / "versions" / name
        mark = "*" if current == folder else " "
        try:
            manifest = Manifest.read(folder)
            lines.append(
                f"{mark} {name}  {manifest.created}  "
                f"{count(manifest.articles, 'article')}  {count(manifest.passages, 'passage')}"
            )
        except SnapshotError as error:
            lines.append(f"{mark} {name}  damaged: {with_advice(error)}")
    return lines


def rollback(
    version: Annotated[str | None, typer.Argument(help="The version; none: the one before the current.")] = None,
    restore_deleted: Annotated[
        bool, typer.Option("--restore-deleted", help="Also when it holds articles that were deleted since.")
    ] = False,
    data_dir: DataDir = None,
    collection: InCollection = None,
) -> None:
    """Make an older version the current one again; the next build goes on from it."""
    settings = load_settings(data_dir=data_dir, collection=collection)
    known = Versions(settings.index_dir)
    version = version or known.before_current()
    held = _deleted_in(settings, known, version) if version and not restore_deleted else set()
    if held:
        raise ConfigurationError(
            f"the version {version} holds {min(held)!r}, which was deleted: going back would bring it back. Add "
            "--restore-deleted if that is wanted"
        )
    typer.echo(f"version {known.rollback(version)} in {settings.index_dir} is current")


def _deleted_in(settings: Settings, versions: Versions, name: str) -> set[str]:
    """The articles that were deleted over HTTP and are in a version."""
    from index.collection.erasing import holds_any
    from index.collection.store import FILE, Collection

    if name not in versions.names() or not (settings.folder / FILE).exists():
        return set()
    return holds_any(versions, name, Collection(settings.folder).edits().deleted)


def prune(
    keep: Annotated[
        int | None,
        typer.Option(help="Newest versions to keep; unset: that of the settings.", min=1, show_default=False),
    ] = None,
    days: Annotated[
        float | None, typer.Option(help="Keep those of the last days, too.", min=0, show_default=False)
    ] = None,
    data_dir: DataDir = None,
    collection: InCollection = None,
) -> None:
    """Remove old versions of the index, but never the current one or one that is in use."""
    settings = load_settings(data_dir=data_dir, collection=collection, keep_versions=keep, keep_days=days)
    removed = Versions(settings.index_dir).prune(settings.keep_versions, settings.keep_days)
    typer.echo(f"removed {', '.join(removed)}" if removed else "nothing to remove")


def export_index(
    file: Annotated[Path, typer.Argument(help="The zip file to write.")],
    data_dir: DataDir = None,
    collection: InCollection = None,
) -> None:
    """Write the current version of the index, and what was written over HTTP, into one file."""
    settings = load_settings(data_dir=data_dir, collection=collection)
    from index.collection.export import export_version
    from index.collection.store import Collection

    if not file.absolute().parent.is_dir():
        raise ConfigurationError(f"there is no folder {file.parent}: make it first")
    versions = Versions(settings.index_dir)
    versions.open(verify=False).close()  # an index must be there before a collection is made
    version = export_version(versions, Collection(settings.folder), file.absolute())
    typer.echo(f"version {version} is in {visible(str(file))} ({size(file.stat().st_size)})")


def import_index(
    file: Annotated[Path, typer.Argument(help="A file that 'export' wrote.")],
    restore_deleted: Annotated[
        bool, typer.Option("--restore-deleted", help="Also when it holds articles that were deleted here since.")
    ] = False,
    data_dir: DataDir = None,
    collection: InCollection = None,
) -> None:
    """Make a version of the index that was exported the current one here, and take what was written over HTTP."""
    settings = load_settings(data_dir=data_dir, collection=collection)
    from index.collection.export import import_version
    from index.collection.store import Collection

    version, taken = import_version(Versions(settings.index_dir), Collection(settings.folder), file, restore_deleted)
    typer.echo(f"version {version} in {settings.index_dir} is current; {count(taken, 'written document')} came with it")
