"""What a service of a size takes, and costs."""

import json
from pathlib import Path
from typing import Annotated

import typer


def scale(
    articles: Annotated[int, typer.Option(min=1, help="Articles in the index.")],
    like: Annotated[
        Path | None,
        typer.Option(
            help="Data folder whose index has such articles: its passages an article, and characters a passage.",
            show_default=False,
        ),
    ] = None,
    passages_per_article: Annotated[
        float | None,
        typer.Option(min=0.01, help="As a build of some of them tells [2, or as --like has].", show_default=False),
    ] = None,
    characters_per_passage: Annotated[
        float | None, typer.Option(min=1, help="On average [500, or as --like has].", show_default=False)
    ] = None,
    asks_per_second: Annotated[float, typer.Option(min=0.0, help="At the busiest time, of all machines.")] = 1.0,
    machines: Annotated[int, typer.Option(min=1, help="Machines that answer.")] = 2,
    embedded_per_second: Annotated[
        float, typer.Option(min=0.01, help="Passages that one processor embeds, as a build tells.")
    ] = 81.0,
    reading_ms: Annotated[
        float, typer.Option(min=0.0, help="What an ask takes of one processor beside searching.")
    ] = 240.0,
    prices: Annotated[
        Path | None, typer.Option(help="Your prices, in TOML; without them, examples.", show_default=False)
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the figures as JSON.")] = False,
) -> None:
    """Work out processors, memory, disk and cost for so many articles and asks, from what was measured."""
    from api.cli.sizing import BUSY, Load, Prices, fits, measured_up_to, size

    of_an_article, of_a_passage = _shape(like) if like else (2.0, 500.0)
    load = Load(
        articles,
        passages_per_article or of_an_article,
        characters_per_passage or of_a_passage,
        asks_per_second,
        machines,
        embedded_per_second,
        reading_ms,
    )
    sheet = Prices.read(prices) if prices else Prices()
    found = size(load, sheet, fits())
    if as_json:
        typer.echo(json.dumps(found.as_dict(), indent=1))
        return
    whose = f"prices of {prices}" if prices else "invented prices: give your own with --prices"
    lines = [
        f"{found.passages:,} passages of {load.characters_a_passage:,.0f} characters, {asks_per_second:g} asks a "
        f"second, shared by {machines} {'machine' if machines == 1 else 'machines'}",
        f"each machine    {found.processors} processors at {BUSY:.0%}, {found.memory_gb:.3g} GB of memory with the "
        f"files in it, {2 * found.disk_gb:.3g} GB of disk for two versions",
        f"an ask          {found.ask_cpu_ms:,.0f} ms of one processor",
        f"the first build {found.build_cpu_hours:,.3g} hours of one processor, {found.build_memory_gb:.3g} GB of "
        "memory",
        f"cost            {found.month:,.0f} {sheet.currency} a month, {found.first_build:,.2f} for the first build "
        f"({whose})",
    ]
    if found.passages > measured_up_to():
        lines.append(
            f"measured up to {measured_up_to():,} passages: larger indexes are taken to lie on the same lines, which "
            "nobody looked at"
        )
    typer.echo("\n".join(lines))


def _shape(data_dir: Path) -> tuple[float, float]:
    """The passages of an article, and the characters of a passage, in the current version of a data folder.

    :raises SnapshotError: when there is none, or it can't be opened.
    """
    from api.settings import load_settings
    from index.collection.folders import DEFAULT
    from index.storage.versions import Versions

    settings = load_settings(data_dir=data_dir, collection=DEFAULT)
    with Versions(settings.index_dir).open(verify=False) as snapshot:
        [(characters,)] = snapshot.store.rows("SELECT avg(end - start) FROM passages")
        counts = snapshot.manifest
        return counts.passages / max(counts.articles, 1) or 1.0, characters or 1.0
