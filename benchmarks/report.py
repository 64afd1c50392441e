"""What a benchmark leaves behind: JSON for machines, and its own section of ``docs/performance.md`` for people."""

import argparse
import json
import os
import platform
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

DOCUMENT = Path("docs/performance.md")


def add_options(parser: argparse.ArgumentParser) -> None:
    """``--json`` and ``--write``, which every benchmark takes."""
    parser.add_argument("--json", type=Path, help="also write the figures here")
    parser.add_argument("--write", action="store_true", help=f"renew this benchmark's section of {DOCUMENT}")


def write_json(path: Path, benchmark: str, figures: Mapping[str, Any]) -> None:
    """Write the figures with what they were measured on."""
    machine = {"processor": processor(), "threads": len(os.sched_getaffinity(0)), "python": platform.python_version()}
    content = {"benchmark": benchmark, "machine": machine, "figures": figures}
    path.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def processor() -> str:
    """The processor's name and the instructions that matter to matrix products (Linux; elsewhere what Python knows)."""
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="ascii")
    except OSError:
        return platform.processor()
    name = re.search(r"model name\s*: (.*)", text)
    told = [flag for flag in ("avx2", "avx512f", "avx512_vnni", "avx512_bf16", "amx_int8") if f" {flag} " in text]
    return f"{name[1] if name else platform.processor()} ({', '.join(told)})"


def table(head: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """A Markdown table; floats are shown with three significant digits."""
    lines = [head, ["---"] * len(head), *([_cell(value) for value in row] for row in rows)]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def _cell(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.3g}" if abs(value) < 100 else f"{value:,.0f}"
    return f"{value:,}" if isinstance(value, int) else str(value)


def write_section(name: str, content: str, document: Path = DOCUMENT) -> None:
    """Put ``content`` between the marks of ``name`` in the document, or at its end when it has none.

    :param name: The benchmark's module; what stands around the marks is written by hand and stays.
    """
    begin, end = f"<!-- {name} -->", f"<!-- /{name} -->"
    section = f"{begin}\n{content.strip()}\n{end}"
    text = document.read_text(encoding="utf-8")
    pattern = re.compile(re.escape(begin) + ".*?" + re.escape(end), re.DOTALL)
    renewed, found = pattern.subn(lambda _: section, text)
    document.write_text(renewed if found else f"{text.rstrip()}\n\n{section}\n", encoding="utf-8")
