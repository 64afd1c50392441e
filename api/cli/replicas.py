"""Commands for an index that several machines answer from."""

from datetime import datetime
from typing import Annotated

import typer

from api.cli.options import DataDir
from api.settings import Settings, load_settings
from index.owner_only import make_folder
from index.replication.backup import back_up
from index.replication.backup import restore as restore_from
from index.replication.bucket import Bucket
from index.replication.publisher import Publisher
from index.storage.versions import Versions


def publisher_of(settings: Settings) -> Publisher | None:
    """What publishes the versions of a data folder, if its settings name a bucket.

    :raises BucketError: when the bucket can't be used, or another builder publishes into it.
    """
    if not settings.publish_to:
        return None
    versions = Versions(settings.index_dir)
    make_folder(versions.folder)
    publisher = Publisher(Bucket(settings.publish_to), versions, settings.public_url, settings.publish_delay)
    publisher.last_of_ours()
    return publisher


def publish(publisher: Publisher, settings: Settings) -> None:
    """Publish the current version and what was written, and say so."""
    made = publisher.publish(wait=True)
    back_up(settings.folder, Bucket(settings.publish_to or ""))
    if made:
        moment = datetime.fromtimestamp(made.switch_at).astimezone().isoformat(timespec="seconds")
        typer.echo(f"published to {settings.publish_to}; replicas switch to it at {moment}")
    else:
        typer.echo(f"{settings.publish_to} has this version already")


def restore(
    url: Annotated[str, typer.Argument(help="Bucket or shared folder that a builder published to.")],
    data_dir: DataDir = None,
) -> None:
    """Make an empty data folder the successor of the builder that published: its version and what was written."""
    settings = load_settings(data_dir=data_dir)
    version = restore_from(settings.data_dir, Versions(settings.index_dir), Bucket(url))
    typer.echo(
        f"version {version} in {settings.index_dir} is current; this folder publishes to {url} from now on: set "
        "PULLQUOTE_PUBLISH_TO for its service, and stop the builder before"
    )
