"""Public data sets, as they are published, to the files that benchmarks and training read.

``python -m benchmarks.data_sets squad dev-v1.1.json squad_v1.1_dev_a.jsonl.gz`` writes the questions as JSON Lines, and
beside them the folder ``squad_v1.1_dev_a``: the same as a retrieval data set (see :mod:`benchmarks.corpora`).
``python -m benchmarks.data_sets reuters FOLDER reuters21578.jsonl.gz`` reads the ``.sgm`` files of a folder. Where the
sets are published stands in ``docs/data-sets.md``.
"""

import argparse
import gzip
import html
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

Record = dict[str, Any]

MEASURED = frozenset(
    [
        "1973_oil_crisis",
        "Amazon_rainforest",
        "American_Broadcasting_Company",
        "Apollo_program",
        "Black_Death",
        "Computational_complexity_theory",
        "Ctenophora",
        "Economic_inequality",
        "French_and_Indian_War",
        "Genghis_Khan",
        "Geology",
        "Harvard_University",
        "Immune_system",
        "Jacksonville,_Florida",
        "Kenya",
        "Newcastle_upon_Tyne",
        "Normans",
        "Oxygen",
        "Pharmacy",
        "Prime_number",
        "Rhine",
        "Southern_California",
        "Teacher",
        "Yuan_dynasty",
    ]
)
"""The articles of SQuAD's development sets that all figures of this project are about; the others are never read."""

_BODY = re.compile(r"<REUTERS.*?</REUTERS>", re.DOTALL)
_SIGNED_OFF = re.compile(r"\s*\bReuter\W*\Z", re.IGNORECASE)


def squad_questions(data: Record, titles: frozenset[str] | None) -> Iterator[Record]:
    """One record a question: ``id``, ``title``, ``context``, ``question``, ``answers`` (``text``, ``start``).

    :param data: A file of SQuAD 1.1 or 2.0. What has no answer in 2.0 has an empty list of answers.
    :param titles: Articles to keep; None for all.
    """
    for article in data["data"]:
        if titles is not None and article["title"] not in titles:
            continue
        for paragraph in article["paragraphs"]:
            for question in paragraph["qas"]:
                answers = [] if question.get("is_impossible") else question["answers"]
                yield {
                    "id": question["id"],
                    "title": article["title"],
                    "context": paragraph["context"],
                    "question": question["question"],
                    "answers": [{"text": answer["text"], "start": answer["answer_start"]} for answer in answers],
                }


def write_retrieval_set(questions: Iterable[Record], folder: Path) -> None:
    """Write every paragraph as a document, and for each question the paragraph that it was asked about."""
    documents: dict[str, Record] = {}
    count: Counter[str] = Counter()
    queries, relevant = [], ["query-id\tcorpus-id\tscore"]
    for record in questions:
        title = record["title"]
        if record["context"] not in documents:
            count[title] += 1
            documents[record["context"]] = {
                "_id": f"{title}#{count[title]}",
                "title": title.replace("_", " "),
                "text": record["context"],
            }
        queries.append({"_id": record["id"], "text": record["question"]})
        relevant.append(f"{record['id']}\t{documents[record['context']]['_id']}\t1")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "corpus.jsonl").write_text(_lines(documents.values()), encoding="utf-8")
    (folder / "queries.jsonl").write_text(_lines(queries), encoding="utf-8")
    (folder / "qrels.tsv").write_text("\n".join(relevant) + "\n", encoding="utf-8")


def reuters_articles(folder: Path) -> Iterator[Record]:
    """One record an article that has a title and a text: ``id``, ``title``, ``text``, ``date``; the same text once.

    A line of the text is a paragraph: the lines of a paragraph are joined, and the closing "Reuter" is left out.

    :raises FileNotFoundError: When the folder has no ``.sgm`` file.
    """
    files = sorted(folder.glob("*.sgm"))
    if not files:
        raise FileNotFoundError(f"{folder} has no .sgm file: unpack Reuters-21578 there")
    seen = set()
    for file in files:
        for found in _BODY.finditer(file.read_text(encoding="latin-1")):
            number, date, title, body = (
                _first(pattern, found[0]) for pattern in (r'NEWID="(\d+)"', *map(_element, ("DATE", "TITLE", "BODY")))
            )
            text = _paragraphs(body)
            if title.strip() and text and text not in seen:
                seen.add(text)
                yield {"id": f"reuters-{number}", "title": _plain(title), "text": text, "date": date.strip()}


def _element(name: str) -> str:
    return rf"(?s)<{name}>(.*?)</{name}>"


def _first(pattern: str, text: str) -> str:
    found = re.search(pattern, text)
    return found[1] if found else ""


def _plain(text: str) -> str:
    """Without markup and control characters, each run of white space as one space."""
    return " ".join(re.sub(r"[\x00-\x1f]|&#\d+;", " ", html.unescape(re.sub(r"&#\d+;", " ", text))).split())


def _paragraphs(body: str) -> str:
    """Paragraphs begin with an indented line; tables, whose lines all do, keep their lines."""
    text = _SIGNED_OFF.sub("", re.sub(r"&#\d+;", "", body).rstrip())
    parts = re.split(r"\n(?=[ \t])", text)
    return "\n".join(filter(None, map(_plain, parts)))


def _lines(records: Iterable[Record]) -> str:
    return "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records)


def _write_packed(path: Path, records: Iterable[Record]) -> int:
    kept = list(records)
    with path.open("wb") as raw, gzip.GzipFile(fileobj=raw, mode="wb", mtime=0, filename="") as file:
        file.write(_lines(kept).encode())
    return len(kept)


def main() -> None:
    """Convert one data set."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    squad = commands.add_parser("squad", help="SQuAD 1.1 or 2.0, as JSON")
    squad.add_argument("published", type=Path)
    squad.add_argument("out", type=Path, help="file that ends in .jsonl.gz")
    squad.add_argument("--all", action="store_true", help="every article, not only those that figures are about")
    squad.add_argument("--unanswerable", action="store_true", help="only questions without an answer")
    squad.add_argument("--source", help="write this name of the set into each line, as training wants it")
    reuters = commands.add_parser("reuters", help="Reuters-21578, as a folder of .sgm files")
    reuters.add_argument("published", type=Path)
    reuters.add_argument("out", type=Path, help="file that ends in .jsonl.gz")
    arguments = parser.parse_args()
    if not arguments.out.name.endswith(".jsonl.gz"):
        parser.error(f"{arguments.out} has to end in .jsonl.gz")
    if arguments.command == "reuters":
        print(f"{_write_packed(arguments.out, reuters_articles(arguments.published)):,} articles")
        return
    data = json.loads(arguments.published.read_text(encoding="utf-8"))
    questions = list(squad_questions(data, None if arguments.all else MEASURED))
    if arguments.unanswerable:
        questions = [question for question in questions if not question["answers"]]
    if arguments.source:
        questions = [{**question, "source": arguments.source} for question in questions]
    print(f"{_write_packed(arguments.out, questions):,} questions")
    write_retrieval_set(questions, arguments.out.with_name(arguments.out.name.removesuffix(".jsonl.gz")))


if __name__ == "__main__":
    main()
