"""Commands for an index that several machines answer from."""

from datetime import datetime
from typing import Annotated

import typer

from api.cli.options import DataDir
from api.settings import Settings, load_settings
from index.collection.folders import DEFAULT, CollectionFolders
from index.owner_only import make_folder
from index.replication.backup import back_up, state
from index.replication.bucket import Bucket
from index.replication.collections import bucket_of, describe, owner_of, restore_all, withdraw_deleted
from index.replication.publisher import Publisher
from index.storage.versions import Versions


def publisher_of(settings: Settings) -> Publisher | None:
    """What publishes the versions of a collection, if the settings name a bucket.

    :raises BucketError: when the bucket can't be used, or another builder publishes into it.
    """
    if not settings.publish_to:
        return None
    bucket, versions = Bucket(settings.publish_to), Versions(settings.index_dir)
    make_folder(versions.folder)
    withdraw_deleted(bucket, CollectionFolders(settings.data_dir), owner_of(settings.data_dir, bucket))
    own = bucket_of(bucket, settings.collection)
    publisher = Publisher(own, versions, settings.public_url, settings.publish_delay)
    publisher.last_of_ours()
    return publisher


def publish(publisher: Publisher, settings: Settings) -> None:
    """Publish the current version and what was written, and say so."""
    bucket = Bucket(settings.publish_to or "")
    own = bucket_of(bucket, settings.collection)
    made = publisher.publish(wait=True)
    if state(settings.folder):
        back_up(settings.folder, own)
    if settings.collection != DEFAULT:
        described = CollectionFolders(settings.data_dir).read(settings.collection)
        describe(bucket, described, owner_of(settings.data_dir, bucket))
    if made:
        moment = datetime.fromtimestamp(made.switch_at).astimezone().isoformat(timespec="seconds")
        typer.echo(f"published to {own.url}; replicas switch to it at {moment}")
    else:
        typer.echo(f"{own.url} has this version already")


def restore(
    url: Annotated[str, typer.Argument(help="Bucket or shared folder that a builder published to.")],
    data_dir: DataDir = None,
) -> None:
    """Make an empty data folder the successor of the builder that published: its versions and what was written."""
    settings = load_settings(data_dir=data_dir, collection=DEFAULT)
    for name, version in restore_all(settings.data_dir, Bucket(url)).items():
        typer.echo(f"version {version} of the collection {name} is current")
    typer.echo(
        f"{settings.data_dir} publishes to {url} from now on: set PULLQUOTE_PUBLISH_TO for its service, and stop the "
        "builder before"
    )
