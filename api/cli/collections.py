"""``pullquote collections``: make, list, change and delete the collections of a data folder."""

import json
from datetime import UTC, datetime
from typing import Annotated, Any

import typer
from pydantic import ValidationError

from api.access.keys import KeyStore
from api.cli.figures import count
from api.cli.options import DataDir
from api.cli.terminal import complain, visible, visible_json
from api.settings import ConfigurationError, Settings, load_settings
from api.telemetry import audit
from index.collection.folders import (
    DEFAULT,
    CollectionExistsError,
    CollectionFolders,
    CollectionNameError,
    CollectionNotFoundError,
    Description,
)
from index.owner_only import make_folder
from index.storage.snapshot import Manifest, SnapshotError
from index.storage.versions import Versions

app = typer.Typer(
    no_args_is_help=True,
    help="Make, list, change and delete collections, each an index of its own.",
    rich_markup_mode=None,
)


@app.command()
def create(
    name: Annotated[str, typer.Argument(help="1 to 63 of a-z 0-9 _ -, a letter or digit first and last.")],
    own: Annotated[
        list[str] | None,
        typer.Option("--set", help="A setting that it has of its own, as keep_versions=3; may be repeated."),
    ] = None,
    data_dir: DataDir = None,
) -> None:
    """Make an empty collection. 'pullquote build --collection NAME' builds it, and a running service serves it."""
    settings = load_settings(data_dir=data_dir, collection=DEFAULT)
    chosen = _without_none(_own_settings(own or []))
    make_folder(settings.data_dir)
    audit.record(settings.data_dir, "collection.create", "command line", collection=name)
    try:
        CollectionFolders(settings.data_dir).create(name, chosen)
    except (CollectionNameError, CollectionExistsError) as error:
        raise ConfigurationError(str(error)) from None
    typer.echo(f"the collection {name} is there: 'pullquote build --collection {name} SOURCE…' builds it")


@app.command("set")
def change(
    name: Annotated[str, typer.Argument(help="Its name, as 'list' shows it.")],
    own: Annotated[
        list[str] | None, typer.Argument(metavar="SETTING=VALUE…", help="Settings to change, as keep_versions=3.")
    ] = None,
    unset: Annotated[
        list[str] | None,
        typer.Option("--unset", help="A setting that shall be as the service has it again; may be repeated."),
    ] = None,
    data_dir: DataDir = None,
) -> None:
    """Change settings of a collection, also while a service runs. What is about builds holds for the next one."""
    settings = load_settings(data_dir=data_dir, collection=DEFAULT)
    chosen = _own_settings([*(own or []), *(f"{setting}=null" for setting in unset or [])])
    if not chosen:
        raise ConfigurationError(
            f"nothing to change: name a setting, as in 'pullquote collections set {name} keep_versions=3'"
        )
    folders = CollectionFolders(settings.data_dir)
    try:
        folders.read(name)
        audit.record(settings.data_dir, "collection.change", "command line", collection=name, settings=chosen)
        changed = folders.change(name, chosen)
    except CollectionNameError as error:
        raise ConfigurationError(str(error)) from None
    except CollectionNotFoundError as error:
        raise ConfigurationError(f"{error}; 'pullquote collections list' names them") from None
    has = ", ".join(f"{setting}={json.dumps(value)}" for setting, value in changed.settings.items())
    typer.echo(f"the collection {name} has of its own: {has or 'nothing'}")


@app.command("list")
def list_collections(
    as_json: Annotated[bool, typer.Option("--json", help="Print them as JSON.")] = False, data_dir: DataDir = None
) -> None:
    """List the collections, the default one first."""
    settings = load_settings(data_dir=data_dir, collection=DEFAULT)
    folders = CollectionFolders(settings.data_dir)
    found = [_fields(settings, folders.read(name)) for name in (DEFAULT, *folders.names())]
    if as_json:
        typer.echo(visible_json(json.dumps(found, indent=2, ensure_ascii=False)))
        return
    for each in found:
        counts = count(each["articles"], "article") if each["index_version"] else "nothing was built"
        own = ", ".join(f"{name}={value}" for name, value in each["settings"].items())
        typer.echo(visible("  ".join(filter(None, (each["name"], counts, each["index_version"], own)))))


@app.command()
def delete(
    name: Annotated[str, typer.Argument(help="Its name, as 'list' shows it.")],
    is_sure: Annotated[bool, typer.Option("--yes", help="Do not ask whether that is meant.")] = False,
    data_dir: DataDir = None,
) -> None:
    """Delete a collection and erase all that is in it. Keys that are bound to it alone are revoked."""
    settings = load_settings(data_dir=data_dir, collection=DEFAULT)
    folders = CollectionFolders(settings.data_dir)
    try:
        found = _fields(settings, folders.read(name))
        if name != DEFAULT and not is_sure:
            typer.confirm(
                f"Delete the collection {name} with {count(found['articles'], 'article')}?", abort=True, err=True
            )
        audit.record(settings.data_dir, "collection.delete", "command line", collection=name)
        revoked = KeyStore(settings.data_dir).forget_collection(name) if name != DEFAULT else []
        folders.delete(name)
    except (CollectionNameError, CollectionNotFoundError) as error:
        raise ConfigurationError(f"{error}; 'pullquote collections list' names them") from None
    for key in revoked:
        complain(f"note: the key {key.id} ({visible(key.name)}) was bound to it alone and is revoked")
    typer.echo(f"the collection {name} is deleted")


def _own_settings(given: list[str]) -> dict[str, Any]:
    from api.http.errors import explained
    from api.http.requests import CollectionSettings

    pairs = [each.partition("=") for each in given]
    try:
        own = CollectionSettings.model_validate({name: _value(text) for name, _, text in pairs})
    except ValidationError as error:
        known = ", ".join(CollectionSettings.model_fields)
        raise ConfigurationError(f"{explained(error.errors()[:1]).detail}; a collection may have {known}") from None
    return own.model_dump(exclude_unset=True)


def _without_none(settings: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in settings.items() if value is not None}


def _value(text: str) -> Any:
    """A number or true and false, as JSON writes them; anything else is itself."""
    try:
        return json.loads(text)
    except ValueError:
        return text


def _fields(settings: Settings, found: Description) -> dict[str, Any]:
    index = CollectionFolders(settings.data_dir).path(found.name) / "index"
    manifest = None
    try:
        folder = Versions(index).current()
        manifest = Manifest.read(folder) if folder else None
    except SnapshotError:
        pass
    return {
        "name": found.name,
        "created": datetime.fromtimestamp(found.created, UTC).isoformat() if found.created else None,
        "settings": dict(found.settings),
        "index_version": manifest.version if manifest else None,
        "articles": manifest.articles if manifest else 0,
        "passages": manifest.passages if manifest else 0,
    }
