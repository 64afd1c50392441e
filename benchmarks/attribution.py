"""How well speakers are found: ``python -m benchmarks.attribution``.

The sentences are in ``tests/data/attributions.jsonl``, the answer in ``[[…]]`` and, if somebody is reported to say it,
the speaker in ``{{…}}``. The rules were developed on the even lines, counted from 0; the figures are of the odd ones.
"""

import argparse
import json
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from index.article import Article, Block
from index.sentences import sentences
from rag.english.attribution import Attribution, attribute

FILE = Path(__file__).parent.parent / "tests" / "data" / "attributions.jsonl"

_MARKS = re.compile(r"\[\[|\]\]|\{\{|\}\}")


@dataclass(frozen=True, slots=True)
class Labelled:
    """A text with an answer in it and, unless nobody is reported to say it, who does; both in code points."""

    kind: str
    article: Article
    answer: tuple[int, int]
    speaker: tuple[int, int] | None


@dataclass(frozen=True, slots=True)
class Figures:
    """Shares, 0 to 1. Right has a word in common with the gold speaker, in the same place; exact is that very span."""

    texts: int
    attributed: int
    given: int
    precision: float
    recall: float
    exact: float
    silent: float


def read(path: Path = FILE) -> list[Labelled]:
    """Every labelled text."""
    return [_labelled(json.loads(line)) for line in path.read_text(encoding="utf-8").splitlines()]


def _labelled(record: dict[str, str]) -> Labelled:
    text, places = "", {}
    end = 0
    for mark in _MARKS.finditer(record["text"]):
        text += record["text"][end : mark.start()]
        places[mark[0]] = len(text)
        end = mark.end()
    text += record["text"][end:]
    blocks = tuple(Block(match.start(), match.end()) for match in re.finditer(r"[^\n]+", text))
    speaker = (places["{{"], places["}}"]) if "{{" in places else None
    return Labelled(record["kind"], Article("a", "A", text, blocks), (places["[["], places["]]"]), speaker)


def find(item: Labelled) -> Attribution | None:
    """What the rules say."""
    return attribute(item.article, *item.answer)


def is_right(item: Labelled, found: Attribution | None) -> bool:
    """Whether the rules are right: silent where nobody speaks, else a part of the speaker's name."""
    if found is None or item.speaker is None:
        return found is None and item.speaker is None
    return found.start < item.speaker[1] and item.speaker[0] < found.end


def measure(items: Sequence[Labelled]) -> Figures:
    """The figures of labelled texts."""
    pairs = [(item, find(item)) for item in items]
    spoken = [(item, found) for item, found in pairs if item.speaker]
    given = [(item, found) for item, found in pairs if found]
    right = [(item, found) for item, found in given if is_right(item, found)]
    exact = sum(item.speaker == (found.start, found.end) for item, found in right)
    silent = [found is None for item, found in pairs if not item.speaker]
    return Figures(
        texts=len(pairs),
        attributed=len(spoken),
        given=len(given),
        precision=len(right) / max(1, len(given)),
        recall=len(right) / max(1, len(spoken)),
        exact=exact / max(1, len(right)),
        silent=sum(silent) / max(1, len(silent)),
    )


def main() -> None:
    """Print the table, or the errors on the half that the rules were developed on."""
    parser = argparse.ArgumentParser(description="Measure how well speakers are found.")
    parser.add_argument("--errors", action="store_true", help="show the errors on the developing half")
    items = read()
    if parser.parse_args().errors:
        for item in items[::2]:
            found = find(item)
            gold = item.article.text[slice(*item.speaker)] if item.speaker else None
            if (found.text if found else None) != gold:
                print(f"{item.kind}: {found.text if found else None!r}, not {gold!r}: {item.article.text}")
                print(f"    [{item.article.text[slice(*item.answer)]}]")
        return
    print(
        "| half | texts | with a speaker | given | precision | recall | exact, of the right | silent, of the others |"
    )
    print("|---|---|---|---|---|---|---|---|")
    for name, half in (("developing", items[::2]), ("only measured", items[1::2])):
        figures = measure(half)
        shares = (figures.precision, figures.recall, figures.exact, figures.silent)
        counts = (figures.texts, figures.attributed, figures.given)
        print(f"| {name} | " + " | ".join([*map(str, counts), *(f"{100 * share:.1f}" for share in shares)]) + " |")
    count = sum(len(sentences(item.article.text)) for item in items)
    began = time.process_time()
    for item in items:
        find(item)
    print(f"\n{1000 * (time.process_time() - began) / count:.2f} ms a sentence")


if __name__ == "__main__":
    main()
