"""Commands that answer: once, in a conversation, over HTTP and over the Model Context Protocol."""

import socket
from collections.abc import Awaitable, Callable
from datetime import datetime
from functools import partial
from typing import Annotated, Any

import typer
from pydantic import ValidationError

from api.cli.options import DataDir, InCollection
from api.settings import PREFIX, ConfigurationError, Settings, load_settings, rows
from index.collection.folders import DEFAULT
from index.storage.corpus import IncompleteError

_PATIENCE_SECONDS = 0.2
_DAY: dict[str, Any] = {"formats": ["%Y-%m-%d"], "metavar": "YYYY-MM-DD", "show_default": False}


def ask(
    question: str,
    limit: Annotated[int, typer.Option(help="Answers wanted, 1 to 20.")] = 3,
    source: Annotated[list[str] | None, typer.Option(help="Only articles of this publisher; may be repeated.")] = None,
    author: Annotated[list[str] | None, typer.Option(help="Only articles by this author; may be repeated.")] = None,
    tag: Annotated[list[str] | None, typer.Option(help="Only articles with this tag; may be repeated.")] = None,
    published_from: Annotated[
        datetime | None, typer.Option("--from", help="Only articles of this day or later.", **_DAY)
    ] = None,
    published_to: Annotated[
        datetime | None, typer.Option("--to", help="Only articles of this day or earlier.", **_DAY)
    ] = None,
    min_confidence: Annotated[
        float | None, typer.Option(help="Hold back answers below this, 0 to 1.", show_default=False)
    ] = None,
    prefer: Annotated[
        str | None, typer.Option(help="Prefer the newest or the oldest articles.", show_default=False)
    ] = None,
    asked_at: Annotated[
        datetime | None, typer.Option(help='The day from which "last year" counts; else today.', **_DAY)
    ] = None,
    require_complete: Annotated[
        bool, typer.Option("--require-complete", help="End with 1 if a part of the index is missing.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print what POST /v1/ask answers.")] = False,
    data_dir: DataDir = None,
    collection: InCollection = None,
) -> None:
    """Ask one question."""
    settings = load_settings(data_dir=data_dir, collection=collection)
    from api.cli.console import print_result
    from api.cli.terminal import visible_json
    from api.http.errors import explained
    from api.http.links import Links
    from api.http.requests import AskRequest
    from api.http.serialise import ask_response
    from api.runtime.service import open_service

    try:
        request = AskRequest.model_validate(
            {
                "question": question,
                "limit": limit,
                "min_confidence": min_confidence,
                "prefer": prefer,
                "asked_at": asked_at.date() if asked_at else None,
                "filters": {
                    "sources": source or [],
                    "authors": author or [],
                    "tags": tag or [],
                    "published_from": published_from.date() if published_from else None,
                    "published_to": published_to.date() if published_to else None,
                },
            }
        )
    except ValidationError as error:
        raise ConfigurationError(explained(error.errors()[:1]).detail) from None
    service = open_service(settings, warm_up=False)
    result = service.answer(request.asked())
    if require_complete and not result.complete:
        raise IncompleteError(result.warnings[0].message)
    links = Links(settings.public_address)
    if as_json:
        typer.echo(visible_json(ask_response(result, links).model_dump_json(indent=2)))
    else:
        print_result(result, links, _served_at(settings))


def check(
    file: Annotated[typer.FileText, typer.Argument(help="The text; - is standard input.", encoding="utf-8")],
    source: Annotated[list[str] | None, typer.Option(help="Only articles of this publisher; may be repeated.")] = None,
    tag: Annotated[list[str] | None, typer.Option(help="Only articles with this tag; may be repeated.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print what POST /v1/check answers.")] = False,
    data_dir: DataDir = None,
    collection: InCollection = None,
) -> None:
    """Compare the sentences of a text with the articles: supported, contradicted or not found.

    Ends with 1 when a sentence is contradicted.
    """
    settings = load_settings(data_dir=data_dir, collection=collection)
    from api.cli.console import print_checked
    from api.cli.terminal import visible_json
    from api.http.errors import explained
    from api.http.links import Links
    from api.http.requests import CheckRequest
    from api.http.serialise import check_response
    from api.runtime.service import open_service

    try:
        text = file.read()
        request = CheckRequest.model_validate({"text": text, "filters": {"sources": source or [], "tags": tag or []}})
    except UnicodeDecodeError:
        raise ConfigurationError(f"{file.name} is no text in UTF-8: save it as such") from None
    except ValidationError as error:
        raise ConfigurationError(explained(error.errors()[:1]).detail) from None
    checked = open_service(settings, warm_up=False).check(request.text, request.filters.conditions())
    links = Links(settings.public_address)
    if as_json:
        typer.echo(visible_json(check_response(checked, links).model_dump_json(indent=2)))
    else:
        print_checked(checked, links, _served_at(settings))
    raise typer.Exit(1 if checked.count("contradicted") else 0)


def chat(data_dir: DataDir = None, collection: InCollection = None) -> None:
    """Ask one question after the other; what was said before counts. An empty line ends it."""
    settings = load_settings(data_dir=data_dir, collection=collection)
    from api.cli.chat import converse, greet
    from api.cli.console import print_result
    from api.http.links import Links
    from api.runtime.service import open_service

    service = open_service(settings, warm_up=False)
    links = Links(settings.public_address)
    greet(service.manifest.articles, service.example_questions)
    converse(service.answer, partial(print_result, links=links, served_at=_served_at(settings)))


def _served_at(settings: Settings) -> str | None:
    """Where a service with these settings listens on this machine; None when nothing does."""
    try:
        socket.create_connection((settings.host, settings.port), timeout=_PATIENCE_SECONDS).close()
    except OSError:
        return None
    return f"http://{settings.host}:{settings.port}{settings.path}"


def settings_epilog() -> str:
    """All settings, for the end of a help page."""
    lines = ["\b", f"Settings, as variables or, without {PREFIX} and in lower case, in pullquote.toml:"]
    for name, default, description in rows():
        lines += [f"  {name}{f' [{default}]' if default else ''}", f"      {description}"]
    return "\n".join(lines)


def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on.", show_default=False)] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on.", show_default=False)] = None,
    processes: Annotated[int | None, typer.Option(help="Processes that serve.", show_default=False)] = None,
    follow: Annotated[
        str | None,
        typer.Option(help="Bucket or shared folder whose versions to answer from, as a replica.", show_default=False),
    ] = None,
    ray: Annotated[
        str | None,
        typer.Option(help="Ray cluster that shards run on: auto, or HOST:PORT of its head.", show_default=False),
    ] = None,
    data_dir: DataDir = None,
) -> None:
    """Serve the index over HTTP."""
    settings = load_settings(
        data_dir=data_dir, collection=DEFAULT, host=host, port=port, processes=processes, follow=follow, ray=ray
    )
    for address in filter(None, (settings.follow, settings.publish_to)):
        from index.replication.bucket import Bucket

        Bucket(address)  # tells at once when it can't be one
    from api.cli.serving import listen, serve_on

    serve_on(settings, listen(settings.host, settings.port))


def mcp(data_dir: DataDir = None, collection: InCollection = None) -> None:
    """Serve the index to a program that speaks the Model Context Protocol over stdin and stdout."""
    settings = load_settings(data_dir=data_dir, collection=collection)
    from api.runtime.service import Service, open_service

    service = open_service(settings)
    import asyncio

    from api.chat.mcp import serve_stdio
    from api.chat.mcp_tools import Access
    from api.http.links import Links

    def on_a_thread(work: Callable[[Service], Any]) -> Awaitable[Any]:
        return asyncio.to_thread(work, service)

    asyncio.run(serve_stdio(Access(Links(settings.public_address), on_a_thread, on_a_thread)))
