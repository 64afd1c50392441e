"""What an index of a size costs to build, keep and ask: ``python -m benchmarks.scale CORPUS --articles 40000 400000``.

A corpus is one of two. Articles that are recombined from a file of JSON Lines (Reuters-21578) are all alike, one
passage each; those that are grown around a data set (two paths: the folder, and paragraphs to grow from) come with its
questions, with filters, and with two and a half passages an article. Vectors are made up, or moved within the
neighbourhoods of real ones: embedding is the same for each passage, and ``benchmarks.embedding`` measures it.

An index is made in one of three ways: built, which is measured; ``--straight``, written without a build, which takes a
hundredth of the time, and only asked; or ``--served``: built by ``pullquote build`` with real vectors, and asked over
HTTP, as a user does. Each step is done in a process of its own. What was measured is kept in
``FOLDER/CORPUS-WAY/sizes.jsonl`` and not measured again, but by ``--again``, which asks anew.

With three sizes or more, the table says by which exponent figures grow, and how well a line through the two sizes
before the largest predicts the largest. ``--write`` keeps the tables in the documents, and what ``pullquote scale``
predicts from.
"""

import argparse
import json
import shutil
from collections.abc import Sequence
from pathlib import Path

from benchmarks import report
from benchmarks.scale import asking, making, showing
from benchmarks.scale.record import Record, alone

BUILT, STRAIGHT, SERVED = "built", "straight", "served"
_SECTIONS = {
    BUILT: ("scale", Path("docs/scale.md")),
    STRAIGHT: ("scale.straight", Path("docs/scale.md")),
    SERVED: ("growth", report.DOCUMENT),
}
_GROWING = (
    "build, s",
    "most memory of the build, MB",
    "bytes on disk",
    "ready after, s",
    "memory of the service, MB",
    "ask, ms, median",
    "of that, retrieving, ms",
)


def measured(arguments: argparse.Namespace, place: Path, articles: int) -> Record:
    """Make an index of this size, and ask it."""
    corpus: Sequence[Path] = arguments.corpus
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(parents=True)
    alone(making.sources, corpus, place, articles)
    if arguments.way == SERVED:
        made = making.commanded(place, arguments.models)
    else:
        made = alone(making.built if arguments.way == BUILT else making.written, corpus, place)
    return {**alone(making.size, place), **made, **asked(arguments, place)}


def asked(arguments: argparse.Namespace, place: Path) -> Record:
    """Ask the index that is there."""
    if arguments.way == SERVED:
        return asking.served(arguments.corpus, place)
    questions, reading = arguments.questions, arguments.read
    return alone(asking.searched, arguments.corpus, place, questions, reading, arguments.reader)


def section(way: str, found: Sequence[Record], plotted: bool) -> str:
    """The table, and with three sizes the plots, which are renewed."""
    parts = [showing.table(found)]
    if not plotted or len(found) < 3:
        return parts[0]
    if way == BUILT:
        parts.append(showing.lines(found, "scale-build", showing.FITS["build_mb"]))
        parts.append(showing.lines(found, "scale-words", showing.FITS["words_cpu_ms"]))
    elif way == SERVED:
        parts.append(showing.growth(found, "growth", _GROWING))
    return "\n\n".join(parts)


def main() -> None:
    """Measure what is missing, then print everything."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", type=Path, nargs="+", help="Reuters-21578; or a data set, and paragraphs")
    parser.add_argument("--articles", type=int, nargs="+", default=[4_000, 40_000, 400_000])
    ways = parser.add_mutually_exclusive_group()
    ways.add_argument("--straight", dest="way", action="store_const", const=STRAIGHT, default=BUILT)
    ways.add_argument("--served", dest="way", action="store_const", const=SERVED)
    parser.add_argument("--questions", type=int, default=100, help="that are searched")
    parser.add_argument("--read", type=int, default=20, help="questions that are answered, too; 0: none")
    parser.add_argument(
        "--reader", default="small", help="that answers; '' for what ships, the small and the large one"
    )
    parser.add_argument("--models", type=Path, default=Path("var/models"), help="compiled models, for --served")
    parser.add_argument("--folder", type=Path, default=Path("var/scale"), help="for indexes and results; they stay")
    parser.add_argument("--forget", action="store_true", help="remove each index and its sources when it was measured")
    parser.add_argument("--again", action="store_true", help="ask the indexes that are there anew")
    parser.add_argument("--json", type=Path, help="also write the figures here")
    parser.add_argument("--write", action="store_true", help="renew the section of the document")
    arguments = parser.parse_args()
    if len(arguments.corpus) > 2:
        parser.error("name one path, or two")
    arguments.reader = arguments.reader or None
    corpus = arguments.corpus[0].name.partition(".jsonl")[0]
    folder: Path = arguments.folder / f"{corpus}-{arguments.way}"
    folder.mkdir(parents=True, exist_ok=True)
    kept = folder / "sizes.jsonl"
    lines = kept.read_text(encoding="utf-8").splitlines() if kept.exists() else []
    done: dict[int, Record] = {int(record["asked for"]): record for record in map(json.loads, lines)}
    for articles in arguments.articles:
        place = folder / str(articles)
        if articles not in done:
            done[articles] = {"asked for": articles, **measured(arguments, place, articles)}
        elif arguments.again:
            done[articles] |= asked(arguments, place)
        else:
            continue
        print(json.dumps(done[articles]), flush=True)
        kept.write_text("".join(json.dumps(record) + "\n" for _, record in sorted(done.items())), encoding="utf-8")
        if arguments.forget:
            shutil.rmtree(place)
    found = [
        {name: figure for name, figure in done[articles].items() if name != "asked for"}
        for articles in sorted(set(arguments.articles))
    ]
    if arguments.json:
        report.write_json(arguments.json, "scale", {"way": arguments.way, "sizes": found})
    shown = section(arguments.way, found, plotted=arguments.write)
    print(shown)
    if arguments.write:
        name, document = _SECTIONS[arguments.way]
        report.write_section(name, shown, document)
        if arguments.way != SERVED:
            showing.keep_fits(corpus, found)


if __name__ == "__main__":
    main()
