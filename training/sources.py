"""What readers learn from: the files of the data folder, and the project's own conversations on its texts."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from rag.english.followup import Turn, standalone
from training.data import (
    CONVERSATIONS,
    OWN,
    Example,
    Split,
    TextSpan,
    example_from_row,
    half_of,
    read_rows,
    split_examples,
)

#: The files of the data folder, and the sources that are taken of each; none given: every row.
FILES: dict[str, tuple[str, ...]] = {
    "squad_v1.1_train.jsonl.gz": (),
    "squad_v2.0_train_unanswerable.jsonl.gz": (),
    "qamr_passages.jsonl.gz": (),
    "news_written.jsonl.gz": (),
    "documents_written.jsonl.gz": (),
    "train.jsonl.gz": ("squadshifts-amazon", "squadshifts-reddit", "fairytaleqa", "drop", "timeqa"),
}


def read_all(folder: Path) -> dict[Split, list[Example]]:
    """Everything there is to train, choose and calibrate on, by split.

    Rows that name their own split keep it: ``test`` is left out here, and half of the articles of their ``dev`` are
    for choosing, half for calibrating.
    """
    examples: list[Example] = []
    fixed: dict[str, Split] = {}
    tested: set[str] = set()
    for name, sources in FILES.items():
        for row in read_rows(folder / name):
            if row.get("split") == "test":
                tested.add(row["article"])
            if row.get("split") == "test" or (sources and row["source"] not in sources):
                continue
            example = example_from_row(row)
            examples.append(example)
            if "split" in row:
                held_out: Split = "dev" if half_of(example.title) == 0 else "calibration"
                fixed[example.title] = "train" if row["split"] == "train" else held_out
    data = folder.parent
    written = data / "conversations" / "train.jsonl"
    if written.exists():
        examples.extend(conversations(written, fixed.keys()))
        articles = {row["id"]: row for row in texts(data)}
        own = [*own_conversations(articles, OWN_CONVERSATIONS, tested), *own_questions(articles, OWN_QUESTIONS)]
        examples.extend(own)
        fixed = dict.fromkeys((example.title for example in own), _TRAIN) | fixed
    return split_examples(examples, fixed)


_TRAIN: Split = "train"

#: The news texts of the data folder.
TEXTS = ("texts/texts_wikinews.jsonl.gz", "texts/texts_congress.jsonl.gz")

#: Articles that were invented for the project's own sentences and questions.
OWN_ARTICLES = Path(__file__).with_name("checked_articles.jsonl")

#: The project's own questions on news texts and invented articles.
OWN_QUESTIONS = Path(__file__).with_name("own_questions.jsonl")

#: The project's own conversations on news texts.
OWN_CONVERSATIONS = tuple(
    Path(__file__).with_name(name) for name in ("conversations.jsonl", "conversations_more.jsonl")
)


Articles = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True)
class Asked:
    """A turn of a conversation about one text, and what is said to it; ``answers`` stand in the text.

    Turns that are not taken are only talked about.
    """

    question: str
    said: str
    answers: tuple[TextSpan, ...]
    is_taken: bool


def conversations(file: Path, kept: Container[str]) -> Iterator[Example]:
    """The follow-up questions of conversations on news, as the service writes them, with the whole article.

    :param file: ``{id, article, title, text, turns: [{question, answers, follow_up}]}`` a line.
    :param kept: The articles that are taken.
    """
    for row in read_rows(file):
        if row["article"] not in kept:
            continue
        text = row["text"]
        turns = []
        for turn in row["turns"]:
            spans = tuple(TextSpan(it, text.index(it)) for it in turn["answers"] if text.count(it) == 1)
            is_taken = turn["follow_up"] and bool(spans) == bool(turn["answers"])
            turns.append(Asked(turn["question"], next(iter(turn["answers"]), ""), spans, is_taken))
        yield from _follow_ups(row["id"], _about(row["article"], row["title"], text), turns)


def own_conversations(articles: Articles, files: Iterable[Path], left_out: Container[str]) -> Iterator[Example]:
    """The same of the project's own conversations on news texts.

    :param articles: The rows of :func:`texts` by their ids.
    :param files: ``{article, turns: [{question, standalone, answers: [[start, end]]}]}`` a line; ``standalone`` only
        where a turn leans on one before.
    :param left_out: The articles that are not taken.
    """
    for file in files:
        for number, record in enumerate(read_rows(file)):
            if record["article"] in left_out:
                continue
            article = articles[record["article"]]
            text, turns = article["text"], []
            for turn in record["turns"]:
                spans = tuple(TextSpan(text[start:end], start) for start, end in turn["answers"])
                said = spans[0].text if spans else ""
                turns.append(Asked(turn["question"], said, spans, "standalone" in turn))
            yield from _follow_ups(f"{file.stem}-{number}", _about(article["id"], article["title"], text), turns)


def own_questions(articles: Articles, file: Path) -> Iterator[Example]:
    """The project's own questions on news texts and on invented articles.

    :param articles: The rows of :func:`texts` by their ids.
    :param file: ``{article, question, kind, answer: [start, end], headline: [start, end]}`` a line; ``answer`` is a
        place in the article's text, ``headline`` one in its title, both missing where neither answers.
    """
    for number, row in enumerate(read_rows(file)):
        article = articles[row["article"]]
        spans, of_title = (
            tuple(TextSpan(words[slice(*row[name])], row[name][0]) for _ in range(name in row))
            for name, words in (("answer", article["text"]), ("headline", article["title"]))
        )
        kind, title = row["kind"], article["title"]
        identifier = f"{OWN}-{number}"
        yield Example(identifier, OWN, row["article"], row["question"], article["text"], spans, kind, title, of_title)


def texts(data: Path) -> Iterator[dict[str, Any]]:
    """The news texts of the data folder and the invented articles: ``{id, title, date, text}``."""
    for name in TEXTS:
        yield from read_rows(data / name)
    yield from read_rows(OWN_ARTICLES)


def _about(article: str, title: str, text: str) -> Example:
    """What the examples of an article's conversations have in common."""
    return Example("", CONVERSATIONS, article, "", text, (), headline=title)


def _follow_ups(name: str, article: Example, turns: Iterable[Asked]) -> Iterator[Example]:
    """Those turns of one conversation that are taken, each as the service writes it, with what ``article`` holds.

    :param name: What the examples' ids begin with.
    """
    history: list[Turn] = []
    for number, turn in enumerate(turns):
        question = standalone(turn.question, history)
        history += [Turn("user", turn.question), Turn("assistant", turn.said)]
        if turn.is_taken:
            yield replace(article, id=f"{name}#{number}", question=question, answers=turn.answers)
