"""``pullquote keys``: make, list and take back the keys of a service."""

import json
import re
import time
from collections.abc import Sequence
from typing import Annotated

import typer

from api.access.keys import ROLES, Key, KeyStore, Role
from api.cli.options import DataDir
from api.cli.terminal import complain, visible, visible_json
from api.settings import ConfigurationError, Settings, load_settings
from api.telemetry import audit
from index.collection.folders import DEFAULT, CollectionFolders

_DAY = 86_400
_ORIGIN = re.compile(r"https?://[^\s/?#]+")
_LONGEST_NAME = 200

app = typer.Typer(no_args_is_help=True, help="Make, list and revoke the keys of the service.", rich_markup_mode=None)


@app.command()
def create(
    name: Annotated[str, typer.Argument(help="What you will know the key by, such as who gets it.")],
    role: Annotated[str, typer.Option(help="What it may: ask, write (and ask), or admin (all).")] = "ask",
    tag: Annotated[list[str] | None, typer.Option(help="It sees only articles with this tag; may be repeated.")] = None,
    source: Annotated[
        list[str] | None, typer.Option(help="It sees only articles of this publisher; may be repeated.")
    ] = None,
    origin: Annotated[
        list[str] | None, typer.Option(help="It works only in pages of this origin, https://…; may be repeated.")
    ] = None,
    collection: Annotated[
        list[str] | None, typer.Option(help="Only this collection is there for it; may be repeated.")
    ] = None,
    days: Annotated[float | None, typer.Option(help="Days until it expires; unset: never.", show_default=False)] = None,
    data_dir: DataDir = None,
) -> None:
    """Make a key and print it. It is shown this once."""
    settings = load_settings(data_dir=data_dir, collection=DEFAULT)
    known = [DEFAULT, *CollectionFolders(settings.data_dir).names()]
    for each in collection or []:
        if each not in known:
            raise ConfigurationError(f"there is no collection {each!r}: there are {', '.join(known)}")
    chosen = _role(role)
    if not 1 <= len(name.strip()) <= _LONGEST_NAME:
        raise ConfigurationError(f"a key has a name of 1 to {_LONGEST_NAME} characters")
    if days is not None and not 0 < days < 36_500:
        raise ConfigurationError("--days is a number of days above 0 and below 36,500")
    for each in origin or []:
        if not _ORIGIN.fullmatch(each):
            raise ConfigurationError(
                f"{each!r} is no origin: write for example https://www.example.org, without a path"
            )
    expires = time.time() + days * _DAY if days else None
    try:
        key, text = KeyStore(settings.data_dir).create(
            name.strip(),
            chosen,
            tags=tag or (),
            sources=source or (),
            origins=origin or (),
            collections=collection or (),
            expires=expires,
        )
    except ValueError as error:
        raise ConfigurationError(str(error)) from None
    audit.record(settings.data_dir, "key.create", "command line", key=key.id, name=key.name, role=key.role)
    for hint in _hints(key, settings):
        complain(hint)
    typer.echo(text)


@app.command("list")
def list_keys(
    as_json: Annotated[bool, typer.Option("--json", help="Print them as JSON.")] = False, data_dir: DataDir = None
) -> None:
    """List the keys: what each may, and when it was used last."""
    found = KeyStore(load_settings(data_dir=data_dir, collection=DEFAULT).data_dir).all()
    if as_json:
        typer.echo(visible_json(json.dumps([_fields(key) for key in found], indent=2, ensure_ascii=False)))
        return
    for key in found:
        typer.echo(visible(_line(key)))
    if not found:
        typer.echo("there are no keys: 'pullquote keys create NAME' makes one", err=True)


@app.command()
def revoke(
    key_id: Annotated[str, typer.Argument(help="Its id, as 'list' shows it.", metavar="ID")], data_dir: DataDir = None
) -> None:
    """Take a key back, from the next request on."""
    settings = load_settings(data_dir=data_dir, collection=DEFAULT)
    key = KeyStore(settings.data_dir).revoke(key_id)
    audit.record(settings.data_dir, "key.revoke", "command line", key=key.id, name=key.name)
    typer.echo(visible(f"key {key.id} ({key.name}) is revoked"))


def _role(given: str) -> Role:
    for role in ROLES:
        if role == given:
            return role
    raise ConfigurationError(f"there is no role {given!r}: take {', '.join(ROLES)}")


def _hints(key: Key, settings: Settings) -> list[str]:
    """What has to be set for the key to do what it is for."""
    hints = []
    if (key.scope or key.collections) and settings.public_ask:
        hints.append("note: whoever has no key sees everything: set PULLQUOTE_PUBLIC_ASK=false to keep others out")
    missing = [origin for origin in key.origins if not {origin, "*"} & set(settings.cors_origins)]
    if missing:
        hints.append(f"note: add {', '.join(missing)} to PULLQUOTE_CORS_ORIGINS, so that browsers let its pages ask")
    return hints


def _line(key: Key) -> str:
    bound = [*(f"tag {tag}" for tag in key.tags), *(f"source {each}" for each in key.sources)]
    bound += [*key.origins, *(f"collection {each}" for each in key.collections)]
    state = key.trouble or (f"expires {_day(key.expires)}" if key.expires else "does not expire")
    used = f"used {_day(key.used)}" if key.used else "never used"
    return "  ".join((key.id, key.role, state, used, key.name, _joined(bound))).rstrip()


def _joined(bound: Sequence[str]) -> str:
    return f"({', '.join(bound)})" if bound else ""


def _fields(key: Key) -> dict[str, object]:
    times = {name: getattr(key, name) for name in ("created", "expires", "revoked", "used")}
    lists = {name: list(getattr(key, name)) for name in ("tags", "sources", "origins", "collections")}
    shown = {name: _moment(moment) if moment else None for name, moment in times.items()}
    return {"id": key.id, "name": key.name, "role": key.role, **lists, **shown, "usable": key.trouble is None}


def _moment(seconds: float) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))


def _day(seconds: float) -> str:
    return _moment(seconds)[:10]
