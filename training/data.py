"""Reading question answering examples and splitting them by article title."""

from __future__ import annotations

import gzip
import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Literal, TypeVar

Item = TypeVar("Item")
Split = Literal["train", "dev", "calibration"]

#: Share of the titles in dev and in calibration, in per cent; the rest is trained on.
DEV_PERCENT = 5
CALIBRATION_PERCENT = 6

#: Questions written by people to look answerable are too few to train on and the only ones to choose by.
HELD_OUT_SOURCE = "squad-v2.0-train"


@dataclass(frozen=True)
class Span:
    """A slice of a context: ``context[start:start + len(text)] == text``, in Unicode code points."""

    text: str
    start: int

    @property
    def end(self) -> int:
        """The code point behind the last one."""
        return self.start + len(self.text)


@dataclass(frozen=True)
class Example:
    """One question with one passage.

    :param kind: ``gold`` for a question with its own passage; otherwise how the example was made, such as
        ``retrieved`` or ``made:year``.
    :param answers: The spans that answer the question; empty when the passage does not answer it.
    """

    id: str
    source: str
    title: str
    question: str
    context: str
    answers: tuple[Span, ...]
    kind: str = "gold"

    def answer(self) -> Span | None:
        """The span most annotators chose, the first of them when there is a tie; ``None`` without an answer."""
        if not self.answers:
            return None
        counts = Counter(self.answers)
        most = max(counts.values())
        return next(span for span in self.answers if counts[span] == most)

    def unanswered(self, **changes: Any) -> Example:
        """A copy with ``changes`` applied and no answers."""
        return replace(self, answers=(), **changes)


def group_of(source: str, identifier: str, title: str, context: str) -> str:
    """The name under which an example is kept together when splitting.

    This is the title. TimeQA has none and carries the page in its identifier; the Reddit comments share a single one,
    and there each context stands for itself. Rows of other sources without a title may be of one article: they stay
    together.
    """
    if source == "timeqa":
        return identifier.split("-", 1)[-1].split("#")[0].split("/wiki/")[-1]
    if title.startswith("Filtered_"):
        return f"{source}:{hashlib.sha256(context.encode()).hexdigest()[:16]}"
    return title or f"{source}:untitled"


def example_from_row(row: dict[str, Any]) -> Example:
    """An example from ``{id, source, title, question, context, answers: [{text, start}]}``.

    :raises ValueError: When an answer is not the slice of the context that its offset says.
    """
    context: str = row["context"]
    spans = tuple(Span(answer["text"], answer["start"]) for answer in row["answers"])
    for span in spans:
        if context[span.start : span.end] != span.text:
            raise ValueError(f"answer of {row['id']} does not stand at {span.start}")
    source = row.get("source", "")
    return Example(
        id=row["id"],
        source=source,
        title=group_of(source, row["id"], row.get("title", ""), context),
        question=row["question"].strip(),
        context=context,
        answers=spans,
        kind=row.get("kind", "gold"),
    )


def read_examples(path: Path) -> Iterator[Example]:
    """Examples of a gzipped JSONL file, in order."""
    with gzip.open(path, "rt", encoding="utf-8") as file:
        for line in file:
            yield example_from_row(json.loads(line))


def write_examples(path: Path, examples: Iterable[Example]) -> int:
    """Write examples as gzipped JSONL, the same bytes for the same examples; returns how many.

    The file appears whole or not at all.
    """
    count = 0
    part = path.with_name(path.name + ".part")
    with part.open("wb") as raw, gzip.GzipFile(fileobj=raw, mode="wb", mtime=0, filename="") as file:
        for example in examples:
            file.write((json.dumps(asdict(example), ensure_ascii=False) + "\n").encode())
            count += 1
    part.replace(path)
    return count


def of_half(items: Sequence[Item], title: Callable[[Item], str], half: int | None) -> list[Item]:
    """The items whose title is every second one in the order of the names, from the first (0) or the second (1) on.

    Of the sets that are reported, half 0 chose between readers and half 1 was only measured; None keeps everything.
    """
    kept = set(sorted({title(item) for item in items})[half::2]) if half is not None else None
    return [item for item in items if kept is None or title(item) in kept]


def split_of(title: str) -> Split:
    """The split that a title belongs to, from a hash of its name alone, so that it never changes."""
    bucket = int.from_bytes(hashlib.sha256(f"pullquote:{title}".encode()).digest()[:8], "big") % 100
    if bucket < DEV_PERCENT:
        return "dev"
    return "calibration" if bucket < DEV_PERCENT + CALIBRATION_PERCENT else "train"


def split_examples(examples: Iterable[Example]) -> dict[Split, list[Example]]:
    """Examples by split. No title stands in two of them.

    Titles that have questions of :data:`HELD_OUT_SOURCE` are never trained on: in the order of their names they go to
    dev and calibration in turn.
    """
    everything = list(examples)
    held_out = sorted({example.title for example in everything if example.source == HELD_OUT_SOURCE})
    turns: tuple[Split, Split] = ("dev", "calibration")
    fixed: dict[str, Split] = {title: turns[place % 2] for place, title in enumerate(held_out)}
    splits: dict[Split, list[Example]] = {"train": [], "dev": [], "calibration": []}
    for example in everything:
        splits[fixed.get(example.title) or split_of(example.title)].append(example)
    return splits
