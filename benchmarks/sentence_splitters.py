"""Compare sentence splitters on labelled news text: ``python benchmarks/sentence_splitters.py [--errors]``.

The snippets of ``data/sentences.jsonl`` are split in two halves by their place in the file: the even ones are for
tuning (``--errors`` shows what a splitter does wrong on those only), the odd ones are held out. A boundary is the code
point at which a sentence begins; the first sentence of a snippet is no boundary. Splitters that are not installed are
left out: ``pip install pysbd syntok sentencex blingfire sentence-splitter``.
"""

import argparse
import json
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from itertools import groupby
from pathlib import Path

from index.article import Span
from index.sentences import sentences

Splitter = Callable[[str], Sequence[Span]]

_DATA = Path(__file__).parent / "data" / "sentences.jsonl"
_MEGABYTE = 1_000_000


@dataclass(frozen=True)
class Snippet:
    """A text and the code points at which its sentences begin, but for the first."""

    text: str
    kind: str
    boundaries: frozenset[int]


@dataclass(frozen=True)
class Score:
    """Precision, recall and F1 of boundaries, and the share of snippets without any error."""

    precision: float
    recall: float
    f1: float
    exact: float


def snippets() -> list[Snippet]:
    """Read the labelled snippets."""
    return [_snippet(**json.loads(line)) for line in _DATA.read_text(encoding="utf-8").splitlines()]


def score(splitter: Splitter, gold: Sequence[Snippet]) -> Score:
    """Measure a splitter."""
    found = [boundaries(splitter, snippet.text) for snippet in gold]
    right = sum(len(have & snippet.boundaries) for have, snippet in zip(found, gold, strict=True))
    precision = right / max(1, sum(map(len, found)))
    recall = right / max(1, sum(len(snippet.boundaries) for snippet in gold))
    exact = sum(have == snippet.boundaries for have, snippet in zip(found, gold, strict=True)) / len(gold)
    return Score(precision, recall, 2 * precision * recall / max(1e-9, precision + recall), exact)


def boundaries(splitter: Splitter, text: str) -> frozenset[int]:
    """Find the first visible code point of each sentence but the first."""
    starts = [start + len(text[start:end]) - len(text[start:end].lstrip()) for start, end in splitter(text)]
    return frozenset(starts[1:])


def seconds_per_megabyte(splitter: Splitter, gold: Sequence[Snippet]) -> float:
    """Time a splitter on paragraphs of about 600 code points; a megabyte is of UTF-8."""
    texts = [" ".join(snippet.text for snippet in gold[at : at + 10]) for at in range(0, len(gold), 10)] * 8
    size = sum(len(text.encode()) for text in texts)
    splitter(texts[0])
    start = time.perf_counter()
    for text in texts:
        splitter(text)
    return (time.perf_counter() - start) * _MEGABYTE / size


def splitters() -> dict[str, Splitter]:
    """Name the splitters that are installed."""
    makers = {
        "pysbd": _pysbd,
        "syntok": _syntok,
        "sentencex": _sentencex,
        "blingfire": _blingfire,
        "sentence_splitter": _sentence_splitter,
    }
    return {name: make() for name, make in makers.items() if find_spec(name)} | {"index.sentences": sentences}


def _snippet(kind: str, sentences: list[str], gap: str = " ") -> Snippet:
    starts, text = [], ""
    for sentence in sentences:
        text += gap if text else ""
        starts.append(len(text))
        text += sentence
    return Snippet(text, kind, frozenset(starts[1:]))


def _aligned(text: str, pieces: Iterable[str]) -> list[Span]:
    """Find pieces in the text that they come from, in order; a piece that is not there as it stands is left out."""
    spans, end = [], 0
    for piece in pieces:
        start = text.find(piece.strip(), end)
        if start >= 0 and piece.strip():
            end = start + len(piece.strip())
            spans.append((start, end))
    return spans


def _pysbd() -> Splitter:
    segmenter = import_module("pysbd").Segmenter(language="en", clean=False)
    return lambda text: _aligned(text, segmenter.segment(text))


def _syntok() -> Splitter:
    segmenter = import_module("syntok.segmenter")

    def split(text: str) -> list[Span]:
        found = [list(sentence) for paragraph in segmenter.analyze(text) for sentence in paragraph]
        return [(tokens[0].offset, tokens[-1].offset + len(tokens[-1].value)) for tokens in found if tokens]

    return split


def _sentencex() -> Splitter:
    sentencex = import_module("sentencex")
    return lambda text: [(b["start_index"], b["end_index"]) for b in sentencex.get_sentence_boundaries("en", text)]


def _blingfire() -> Splitter:
    blingfire = import_module("blingfire")
    return lambda text: [tuple(span) for span in blingfire.text_to_sentences_and_offsets(text)[1]]


def _sentence_splitter() -> Splitter:
    splitter = import_module("sentence_splitter").SentenceSplitter(language="en")
    return lambda text: _aligned(text, splitter.split(text))


def _print_table(gold: Sequence[Snippet]) -> None:
    held_out, tuning = gold[1::2], gold[::2]
    count = sum(len(snippet.boundaries) for snippet in held_out)
    print(f"{len(held_out)} held-out snippets with {count} boundaries\n")
    print("| splitter | precision | recall | F1 | exact | F1 (tuning half) | s/MB |")
    print("|---|---|---|---|---|---|---|")
    for name, splitter in splitters().items():
        test, tuned = score(splitter, held_out), score(splitter, tuning)
        seconds = seconds_per_megabyte(splitter, gold)
        cells = (test.precision, test.recall, test.f1, test.exact, tuned.f1)
        print(f"| {name} | " + " | ".join(f"{100 * cell:.1f}" for cell in cells) + f" | {seconds:.2f} |")


def _print_errors(splitter: Splitter, gold: Sequence[Snippet]) -> None:
    for kind, group in groupby(gold, key=lambda snippet: snippet.kind):
        for snippet in group:
            found = boundaries(splitter, snippet.text)
            for at in sorted(found ^ snippet.boundaries):
                what = "missed" if at in snippet.boundaries else "false"
                print(f"{kind}: {what}: {snippet.text[:at]}‖{snippet.text[at:]}")


def main() -> None:
    """Print the table, or the errors on the tuning half."""
    parser = argparse.ArgumentParser(description="Compare sentence splitters.")
    parser.add_argument(
        "--errors", nargs="?", const="index.sentences", help="show the errors of this splitter (tuning half)"
    )
    chosen = parser.parse_args().errors
    if chosen:
        _print_errors(splitters()[chosen], snippets()[::2])
    else:
        _print_table(snippets())


if __name__ == "__main__":
    main()
