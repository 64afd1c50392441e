"""Builds in which nothing, or one article in a hundred, changed: ``python -m benchmarks.incremental CORPUS``.

The corpus is a file of JSON Lines, packed by gzip or not, with ``id``, ``title`` and ``text``. Its first articles are
given as a folder with a file each, and as one file with a line each. Every build is a ``pullquote build`` of its own,
as a user runs it, with starting and loading the model. One in a hundred changes: of those, 80 % get a new sentence,
10 % are removed and 10 % are new.
"""

import argparse
import gzip
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from itertools import islice
from pathlib import Path
from typing import Any

from benchmarks.report import add_options, table, write_json, write_section

Articles = dict[str, dict[str, str]]


def read_corpus(path: Path, count: int) -> Articles:
    """``title`` and ``text`` of the first ``count`` articles of a corpus, by id."""
    with gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else path.open(encoding="utf-8") as file:
        records = [json.loads(line) for line in islice(file, count)]
    return {record["id"]: {"title": record["title"], "text": record["text"]} for record in records}


def write_folder(articles: Articles, place: Path) -> None:
    """A Markdown file for each article; what is there already and did not change is not touched."""
    folder = place / "news"
    folder.mkdir(exist_ok=True)
    wanted = {f"{name}.md": f"# {article['title']}\n\n{article['text']}\n" for name, article in articles.items()}
    for path in folder.iterdir():
        if path.name not in wanted:
            path.unlink()
    for name, text in wanted.items():
        path = folder / name
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")


def write_lines(articles: Articles, place: Path) -> None:
    """One file with a line for each article."""
    lines = [json.dumps({"id": name, **article}) for name, article in articles.items()]
    (place / "news.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")


def change(articles: Articles) -> Articles:
    """One article in a hundred changed."""
    changed = dict(articles)
    for number, name in enumerate(list(articles)[50::100]):
        article = changed.pop(name)
        if number % 10 == 0:
            continue
        text = f"{article['text']}\nThe figures were corrected on day {number}."
        changed[f"{name}-new" if number % 10 == 1 else name] = {**article, "text": text}
    return dict(sorted(changed.items()))


def timed_build(source: Path, data: Path) -> dict[str, Any]:
    """Build as a user does; seconds, megabytes of memory at the most, and what was printed."""
    command = [sys.executable, "-m", "api", "build", str(source), "--data-dir", str(data)]
    start = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        assert process.stdout
        told = process.stdout.read()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    seconds = time.perf_counter() - start
    if process.returncode:
        raise SystemExit(f"{' '.join(command)} failed")
    return {"seconds": round(seconds, 2), "peak_mb": usage.ru_maxrss // 1024, "told": told.splitlines()}


def measure(articles: Articles, write: Callable[[Articles, Path], None], models: Path, work: Path) -> dict[str, Any]:
    """Three builds of one kind of source, and how they compare."""
    data = work / "data"
    data.mkdir(parents=True)
    (data / "models").symlink_to(models.resolve())
    write(articles, work)
    [source] = [path for path in work.iterdir() if path.name.startswith("news")]
    first = timed_build(source, data)
    size = sum(path.stat().st_size for path in (data / "index").rglob("*") if path.is_file())
    time.sleep(3)  # a file that was written less than two seconds before it is read is read again
    timed_build(source, data)
    unchanged = timed_build(source, data)
    write(change(articles), work)
    changed = timed_build(source, data)
    return {
        "first": first,
        "unchanged": unchanged,
        "changed": changed,
        "times_as_fast_unchanged": round(first["seconds"] / unchanged["seconds"], 1),
        "times_as_fast_changed": round(first["seconds"] / changed["seconds"], 1),
        "index_mb": round(size / 1e6, 1),
        "text_mb": round(sum(len(article["text"].encode()) for article in articles.values()) / 1e6, 1),
    }


def section(found: dict[str, Any]) -> str:
    """What is told in the document."""
    forms = {"folder": "a folder of Markdown files", "lines": "one file of JSON Lines"}
    builds = (("first", "first"), ("unchanged", "nothing changed"), ("changed", "1 % changed"))
    rows = [
        [forms[form], told, each["seconds"], found[form]["first"]["seconds"] / each["seconds"], f"{each['peak_mb']} MB"]
        for form in forms
        if form in found
        for name, told in builds
        for each in [found[form][name]]
    ]
    some = next(found[form] for form in forms if form in found)
    told = table(("articles as", "build", "seconds", "times as fast", "peak memory"), rows)
    return (
        f"`python -m benchmarks.incremental reuters21578.jsonl.gz`: {found['articles']:,} articles of Reuters-21578 "
        f"({some['text_mb']} MB of text),\neach build a process of its own, with starting. One in a hundred changed: "
        f"of those, 80 % got a new sentence,\n10 % were removed, 10 % are new.\n\n{told}\n\n"
        f"The index takes {some['index_mb']} MB."
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--articles", type=int, default=10_000)
    parser.add_argument("--models", type=Path, default=Path("var/models"), help="compiled models")
    parser.add_argument("--form", choices=("folder", "lines"), help="only this one")
    add_options(parser)
    arguments = parser.parse_args()
    articles = read_corpus(arguments.corpus, arguments.articles)
    found: dict[str, Any] = {"articles": len(articles)}
    work = Path(tempfile.mkdtemp(prefix="incremental-"))
    try:
        for name, write in (("folder", write_folder), ("lines", write_lines)):
            if arguments.form not in {None, name}:
                continue
            found[name] = measure(articles, write, arguments.models, work / name)
            print(json.dumps({name: found[name]}, indent=1), flush=True)
    finally:
        shutil.rmtree(work)
    if arguments.json:
        write_json(arguments.json, "incremental", found)
    if arguments.write:
        write_section("incremental", section(found))


if __name__ == "__main__":
    main()
