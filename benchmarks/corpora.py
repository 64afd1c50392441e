"""Retrieval data sets in the BEIR layout, and their indexes.

A folder holds ``corpus.jsonl`` (``_id``, ``title``, ``text``), ``queries.jsonl`` (``_id``, ``text``) and ``qrels.tsv``
(query, document, relevance). Data sets are not part of the project; every command takes their folder.
"""

import csv
import json
import sys
from dataclasses import dataclass
from pathlib import Path

from index.article import Article, Block, canonical
from index.building.builder import PASSAGE_TOKENS, index_articles
from index.models.embedder import Embedder
from index.storage.snapshot import Snapshot
from index.storage.versions import Versions
from training import written
from training.open_corpus import tag

CACHE = Path("var/benchmarks")


@dataclass(frozen=True, slots=True)
class Corpus:
    """Documents as articles, their questions, and which documents are relevant to each.

    Ids of articles are positions in the file; ``relevant`` maps a question's id to article ids.
    """

    name: str
    articles: tuple[Article, ...]
    questions: dict[str, str]
    relevant: dict[str, frozenset[str]]


def read_corpus(folder: Path) -> Corpus:
    """Read a data set; questions without a relevant document are left out. The title is a tag too, to filter by."""
    ids: dict[str, str] = {}
    articles = []
    for number, record in enumerate(_json_lines(folder / "corpus.jsonl")):
        ids[record["_id"]] = f"d{number}"
        title = canonical(record["title"].replace("_", " "))
        text = canonical(record["text"]).strip() or title
        articles.append(Article(f"d{number}", title, text, (Block(0, len(text)),), tags=(title,)))
    relevant: dict[str, set[str]] = {}
    with (folder / "qrels.tsv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file, delimiter="\t"):
            if int(row["score"]) > 0:
                relevant.setdefault(row["query-id"], set()).add(ids[row["corpus-id"]])
    questions = {record["_id"]: record["text"] for record in _json_lines(folder / "queries.jsonl")}
    return Corpus(
        folder.name,
        tuple(articles),
        {key: text for key, text in questions.items() if key in relevant},
        {key: frozenset(found) for key, found in relevant.items()},
    )


def written_corpus(data: Path) -> Corpus:
    """The written news and documents, with the answerable questions of the half of ``dev`` that chooses.

    :param data: Folder with the files of :data:`training.written.FILES`.
    """
    articles = written.articles(data)
    ids = {article.tags[0]: article.id for article in articles}
    golds = [gold for kind in written.golds(data, ("dev-0",)).values() for gold in kind if gold.answers]
    return Corpus(
        "written",
        tuple(articles),
        {gold.id: gold.question for gold in golds},
        {gold.id: frozenset({ids[tag(gold.title)]}) for gold in golds},
    )


def index_corpus(corpus: Corpus, embedder: Embedder, passage_tokens: int = PASSAGE_TOKENS) -> Snapshot:
    """The index of a data set, built into :data:`CACHE` the first time."""
    versions = Versions(CACHE / f"{corpus.name}-{embedder.fingerprint[:8]}-{passage_tokens}")
    if versions.current() is None:
        print(f"indexing {corpus.name} …", file=sys.stderr, flush=True)
        index_articles(corpus.articles, versions, embedder, passage_tokens)
    return versions.open()


def _json_lines(path: Path) -> list[dict[str, str]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
