"""What a service of a size takes, and costs."""

import json
from pathlib import Path
from typing import Annotated

import typer


def scale(
    articles: Annotated[int, typer.Option(min=1, help="Articles in the index.")],
    passages_per_article: Annotated[float, typer.Option(min=0.01, help="As a build of some of them tells.")] = 2.0,
    asks_per_second: Annotated[float, typer.Option(min=0.0, help="At the busiest time, of all machines.")] = 1.0,
    machines: Annotated[int, typer.Option(min=1, help="Machines that answer.")] = 2,
    embedded_per_second: Annotated[
        float, typer.Option(min=0.01, help="Passages that one processor embeds, as a build tells.")
    ] = 81.0,
    prices: Annotated[
        Path | None, typer.Option(help="Your prices, in TOML; without them, examples.", show_default=False)
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the figures as JSON.")] = False,
) -> None:
    """Work out processors, memory, disk and cost for so many articles and asks, from what was measured."""
    from api.cli.sizing import BUSY, Load, Prices, fits, measured_up_to, size

    load = Load(articles, passages_per_article, asks_per_second, machines, embedded_per_second)
    sheet = Prices.read(prices) if prices else Prices()
    found = size(load, sheet, fits())
    if as_json:
        typer.echo(json.dumps(found.as_dict(), indent=1))
        return
    whose = f"prices of {prices}" if prices else "invented prices: give your own with --prices"
    lines = [
        f"{found.passages:,} passages, {asks_per_second:g} asks a second, shared by {machines} "
        f"{'machine' if machines == 1 else 'machines'}",
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
