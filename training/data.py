"""Question answering examples: reading, writing, and splitting them by article title."""

from __future__ import annotations

import gzip
import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Literal, TypeVar

from rag.checking.checker import STATUSES

Item = TypeVar("Item")
Split = Literal["train", "dev", "calibration"]

#: Share of the titles in dev and in calibration, in per cent; the rest is trained on.
DEV_PERCENT = 5
CALIBRATION_PERCENT = 6

#: Questions that people wrote to look answerable.
HUMAN_UNANSWERABLE = "squad-v2.0-train"

#: Follow-up questions, as the service writes them.
CONVERSATIONS = "conversations"

#: The source of the project's own questions.
OWN = "own-questions"

#: The source of the project's own sentences to be checked; their kind is one of :data:`STATUSES`.
CHECKED = "checked"

#: The status of an example that is no sentence to be checked.
NO_STATEMENT = -1

#: Sources whose titles name what the text is about; the others' titles are numbers or say nothing.
TITLED = ("squad-v1.1-train", "squad-v2.0-train", "fairytaleqa", "timeqa", "news-written", "documents-written", "squad")


@dataclass(frozen=True)
class TextSpan:
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

    :param title: The name under which examples are kept together when splitting.
    :param kind: ``gold`` for a question with its own passage; otherwise how the example was made, such as
        ``retrieved`` or ``made:year``.
    :param answers: The spans of the context that answer the question.
    :param headline: The title that is read before the context; empty when there is none.
    :param headline_answers: The spans of the headline that answer the question.
    """

    id: str
    source: str
    title: str
    question: str
    context: str
    answers: tuple[TextSpan, ...]
    kind: str = "gold"
    headline: str = ""
    headline_answers: tuple[TextSpan, ...] = ()

    @property
    def text(self) -> str:
        """What is read: the headline on a line of its own, if there is one, then the context."""
        return f"{self.headline}\n{self.context}" if self.headline else self.context

    @property
    def spans(self) -> tuple[TextSpan, ...]:
        """All answers as slices of :attr:`text`, those of the context first."""
        shift = len(self.headline) + 1 if self.headline else 0
        return (*(TextSpan(span.text, span.start + shift) for span in self.answers), *self.headline_answers)

    @property
    def status(self) -> int:
        """What the text says to a sentence to be checked, a place in :data:`STATUSES`; :data:`NO_STATEMENT` else."""
        return STATUSES.index(self.kind) if self.kind in STATUSES else NO_STATEMENT

    def target(self) -> TextSpan | None:
        """The span of :attr:`text` to be found: the context's answer, or else the headline's."""
        answer = self.answer()
        if answer is not None:
            return TextSpan(answer.text, answer.start + (len(self.headline) + 1 if self.headline else 0))
        return self.headline_answers[0] if self.headline_answers else None

    def answer(self) -> TextSpan | None:
        """The span most annotators chose, the first of them when there is a tie; ``None`` without an answer."""
        if not self.answers:
            return None
        counts = Counter(self.answers)
        most = max(counts.values())
        return next(span for span in self.answers if counts[span] == most)

    def unanswered(self, **changes: Any) -> Example:
        """A copy with ``changes`` applied and no answers."""
        return replace(self, answers=(), headline_answers=(), **changes)


def group_of(source: str, identifier: str, title: str, context: str) -> str:
    """The name under which an example is kept together when splitting.

    This is the title. TimeQA has none and carries the page in its identifier; the Reddit comments share a single one,
    and there each context stands for itself. Rows of other sources without a title may be of one article: they stay
    together.
    """
    if source == "timeqa":
        return identifier.split("-", 1)[-1].split("#")[0].split("/wiki/")[-1]
    if title.startswith(("Filtered_", "Amazon_Reviews_")):
        return f"{source}:{hashlib.sha256(context.encode()).hexdigest()[:16]}"
    return title or f"{source}:untitled"


def example_from_row(row: dict[str, Any]) -> Example:
    """An example from ``{id, source, title, question, context, answers: [{text, start}]}``.

    :raises ValueError: When an answer is not the slice of the context that its offset says.
    """
    context: str = row["context"]
    spans = tuple(TextSpan(answer["text"], answer["start"]) for answer in row["answers"])
    for span in spans:
        if context[span.start : span.end] != span.text:
            raise ValueError(f"answer of {row['id']} does not stand at {span.start}")
    source = row.get("source", "")
    title = row.get("article") or group_of(source, row["id"], row.get("title", ""), context)
    headline = row.get("headline")
    if headline is None:
        headline = (
            readable(title if source == "timeqa" else row.get("title", "")) if source in TITLED or not source else ""
        )
    of_headline = tuple(
        TextSpan(answer["text"], answer["start"])
        for answer in row.get("headline_answers", row.get("title_answers")) or ()
        if headline[answer["start"] : answer["start"] + len(answer["text"])] == answer["text"]
    )
    return Example(
        row["id"],
        source,
        title,
        row["question"].strip(),
        context,
        spans,
        row.get("kind", "human" if source == HUMAN_UNANSWERABLE else "gold"),
        headline,
        of_headline,
    )


def readable(title: str) -> str:
    """A title as a reader sees it: spaces for underscores."""
    return " ".join(title.replace("_", " ").split())


def read_rows(path: Path) -> Iterator[dict[str, Any]]:
    """The rows of a JSONL file, gzipped where it is named so, in order."""
    with gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else path.open(encoding="utf-8") as file:
        yield from map(json.loads, file)


def read_examples(path: Path) -> Iterator[Example]:
    """Examples of a gzipped JSONL file, in order."""
    return map(example_from_row, read_rows(path))


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


def split_examples(examples: Iterable[Example], fixed: dict[str, Split] | None = None) -> dict[Split, list[Example]]:
    """Examples by split. No title stands in two of them.

    :param fixed: The split of the titles whose file says it; the others go by :func:`split_of`.
    """
    splits: dict[Split, list[Example]] = {"train": [], "dev": [], "calibration": []}
    for example in examples:
        splits[(fixed or {}).get(example.title) or split_of(example.title)].append(example)
    return splits


def half_of(title: str) -> int:
    """0 or 1, from a hash of the name alone."""
    return hashlib.sha256(f"pullquote-half:{title}".encode()).digest()[0] % 2
