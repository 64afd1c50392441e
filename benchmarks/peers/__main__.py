"""See :mod:`benchmarks.peers`."""

import argparse
import os
import sys
from pathlib import Path
from typing import Any

from benchmarks import report
from benchmarks.peers import environments, material, measure, systems, tables


def compare(arguments: argparse.Namespace) -> dict[str, Any]:
    """Measure all; what was measured, by kind."""
    work: Path = arguments.work
    (work / "rate").mkdir(parents=True, exist_ok=True)
    drawn = material.read_questions(arguments.questions, arguments.asks + arguments.load)
    questions, others = drawn[: arguments.asks], [question.text for question in drawn[arguments.asks :]]
    articles = material.articles_for(drawn, arguments.corpus, arguments.articles)
    compared = systems.all_systems(arguments.models)
    kinds = [system for at, system in enumerate(compared) if type(system) not in map(type, compared[:at])]
    counts = {"questions": len(questions), "articles": len(articles), "passages": _prepare(articles, work, compared[0])}
    sample = articles[-arguments.index_articles :]
    rated = {"articles": len(sample), "passages": _prepare(sample, work / "rate", compared[0])}
    print(f"{counts}; indexing measured on {rated}", flush=True)
    if not arguments.keep:
        for system in kinds[1:]:
            print(f"{system.name} indexed all in {system.index(work):.0f} s", flush=True)
    peers = {
        "txtai": environments.versions("txtai", ["txtai", "transformers", "torch", "faiss-cpu"]),
        "Haystack": environments.versions("haystack", ["haystack-ai", "hayhooks", "transformers-haystack", "torch"]),
    }
    return {
        "versions": peers,
        "load before": os.getloadavg()[0],
        "counts": counts,
        "indexed for the rate": rated,
        "indexing": measure.indexing(kinds, work / "rate", arguments.rounds, _tell),
        "starts": measure.starts(compared, work, questions[0].text, arguments.rounds, _tell),
        "asks": measure.asking(compared, work, questions, others, _tell),
        "loads": measure.loads(compared, work, others, arguments.rounds, _tell),
        "load after": os.getloadavg()[0],
    }


def _prepare(articles: list[dict[str, str]], work: Path, own: systems.System) -> int:
    """Write the articles, index them with Pullquote, and write its passages for the peers; how many they are."""
    material.write_articles(articles, work / "articles.jsonl")
    own.index(work)
    passages = material.passages_of(work / "pullquote" / "index")
    material.write_articles(passages, work / "passages.jsonl")
    return len(passages)


def _tell(line: str) -> None:
    print(line, flush=True)


def set_up() -> None:
    """Install all peers and write the reader's weights."""
    for peer in environments.PACKAGES:
        print(f"installing {peer} …", flush=True)
        environments.install(peer)
    environments.write_reader()


def main() -> None:
    if sys.argv[1:] == ["setup"]:
        set_up()
        return
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("corpus", type=Path, help="JSON Lines of articles, packed or not")
    parser.add_argument("questions", type=Path, help="packed JSON Lines of SQuAD, with or without unanswerable ones")
    parser.add_argument("--articles", type=int, default=10_000)
    parser.add_argument("--index-articles", type=int, default=500, help="of them, for the rate of indexing")
    parser.add_argument("--asks", type=int, default=200)
    parser.add_argument("--load", type=int, default=24, help="questions of the four clients a round")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--models", type=Path, default=Path("var/models"))
    parser.add_argument("--work", type=Path, default=environments.FOLDER / "work")
    parser.add_argument("--keep", action="store_true", help="ask the peers' indexes of the run before")
    report.add_options(parser)
    arguments = parser.parse_args()
    figures = compare(arguments)
    if arguments.json:
        report.write_json(arguments.json, "peers", figures)
    section = tables.section(figures)
    print(section)
    if arguments.write:
        from benchmarks import plots

        spans = {
            name: (asks["median ms"], 1000 * min(asks["seconds"]), asks["p95 ms"])
            for name, asks in figures["asks"].items()
        }
        plot = plots.bars("peers", "median ask, ms; whiskers from the fastest to the 95th percentile", spans)
        report.write_section("peers", f"{section}\n\n{plot}")


if __name__ == "__main__":
    main()
