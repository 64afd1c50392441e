"""The command that puts an index into shards."""

from pathlib import Path
from typing import Annotated

import typer

from api.cli.options import DataDir
from api.settings import ConfigurationError, load_settings


def split(
    to: Annotated[Path, typer.Option("--to", help="Data folder for the shards, another one than the index is in.")],
    shards: Annotated[int, typer.Option(help="How many.", min=1, max=1000)] = 4,
    publish_to: Annotated[
        str | None,
        typer.Option(help="Bucket or shared folder to publish the shards to, for services that follow it."),
    ] = None,
    data_dir: DataDir = None,
) -> None:
    """Put the current version into shards in another data folder, which is served like any other."""
    from api.cli.replicas import publish, publisher_of
    from index.sharding.split import split as split_into
    from index.storage.versions import Versions

    settings = load_settings(data_dir=data_dir)
    target = load_settings(data_dir=to, publish_to=publish_to)
    if target.index_dir.resolve() == settings.index_dir.resolve():
        raise ConfigurationError(f"the index itself is in {to}: name another folder with --to")
    publisher = publisher_of(target) if publish_to else None
    with Versions(settings.index_dir).open() as whole:
        version = split_into(whole, Versions(target.index_dir), shards)
        typer.echo(f"version {version} is in {shards} shards in {target.index_dir}: {whole.manifest.passages} passages")
    if publisher:
        publish(publisher, target)
