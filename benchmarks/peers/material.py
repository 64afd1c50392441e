"""What all three are given: articles, cut into the same passages, and questions with what is known of their answers."""

import gzip
import json
import random
from dataclasses import dataclass
from pathlib import Path

from benchmarks.incremental import read_corpus
from index.article import canonical
from index.storage.versions import Versions

Record = dict[str, str]


@dataclass(frozen=True, slots=True)
class Question:
    """A question; ``answers`` is empty when its paragraph does not answer it."""

    text: str
    answers: tuple[str, ...]
    title: str
    context: str


def read_questions(path: Path, count: int, seed: int = 0) -> list[Question]:
    """``count`` questions of a file of SQuAD lines, drawn evenly from those with an answer and those without.

    A file in which every question has an answer gives only such.
    """
    with gzip.open(path, "rt", encoding="utf-8") as file:
        records = [json.loads(line) for line in file]
    random.Random(seed).shuffle(records)
    groups = [[record for record in records if bool(record["answers"]) is kind] for kind in (True, False)]
    share = count // 2 if groups[1] else 0
    drawn = [*groups[0][: count - share], *groups[1][:share]]
    random.Random(seed).shuffle(drawn)
    return [
        Question(
            record["question"],
            tuple(answer["text"] for answer in record["answers"]),
            record["title"].replace("_", " "),
            record["context"],
        )
        for record in drawn
    ]


def articles_for(questions: list[Question], corpus: Path, count: int) -> list[Record]:
    """``count`` articles: the paragraphs of the questions, and the first articles of the corpus to fill up."""
    paragraphs = {question.context: question.title for question in questions}
    own = [
        {"id": f"paragraph-{number}", "title": title, "text": text}
        for number, (text, title) in enumerate(paragraphs.items())
    ]
    others = read_corpus(corpus, max(0, count - len(own)))
    return [*own, *({"id": name, **article} for name, article in others.items())]


def write_articles(articles: list[Record], path: Path) -> None:
    """One article a line, as Pullquote reads them."""
    path.write_text("".join(json.dumps(article) + "\n" for article in articles), encoding="utf-8")


def passages_of(index: Path) -> list[Record]:
    """The passages of a Pullquote index, which the peers are given as they are: ``id``, ``title`` and ``text``.

    Peers are so spared the cutting, and read passages of the same length.
    """
    found: list[Record] = []
    with Versions(index).open() as snapshot:
        after = ""
        while page := snapshot.store.articles(after=after, limit=500):
            for article in page:
                title = canonical(article.title)
                for passage in snapshot.store.article_passages(article.id):
                    text = article.text[passage.start : passage.end]
                    found.append({"id": passage.id, "title": title, "text": text})
            after = page[-1].id
    return found
