"""Whether the service knows if one passage answers: ``python -m benchmarks.given_passage QUESTIONS.jsonl.gz``.

Each question is asked of the passage that it is about and of nothing else, as with a filter for one article. Printed
is the area under the ROC of the answerable questions against the others, by what the reader says (its best span, and
all its spans, as ``python -m training evaluate`` has them), by how well the passage was found (its cosine), and by what
the calibration makes of all of it: the log odds that any of the candidates is right, against none.

Nothing is fitted here: the calibration is the shipped one or ``--calibration FILE``.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from benchmarks.corpora import CACHE
from index.building.builder import index_articles
from index.models.embedder import DEFAULT_EMBEDDER, Embedder
from index.storage.filters import Filters
from index.storage.versions import Versions
from rag.answerer import Answerer
from rag.evaluating.metrics import area_under_roc, f1
from rag.ranking.calibration import Calibrator, shipped_for
from rag.reading.passage_reader import PassageReader, open_reader
from rag.retrieval.depth import DEPTH
from training.data import Example, of_half, read_examples
from training.open_corpus import articles_of
from training.threshold import best_threshold, score_at

WAYS = ("the reader's best span", "all spans of the reader", "the cosine of the passage", "the calibration")

NOTHING = -100.0
"""What a question counts of whose passage the reader makes no candidate."""


class Given:
    """Asks questions of the passage that they are about alone."""

    def __init__(
        self,
        examples: Sequence[Example],
        versions: Versions,
        embedder: Embedder,
        reader: PassageReader,
        model: Calibrator,
    ) -> None:
        """Index the passages of ``examples`` as ``versions``, unless they are."""
        contexts = {example.context: example.title for example in examples}
        articles = articles_of(contexts)
        index_articles(articles, versions, embedder)
        self._article = dict(zip(contexts, (article.id for article in articles), strict=True))
        self._answerer = Answerer(versions.open(), embedder, reader, model)

    def ask(self, example: Example) -> tuple[str, tuple[float, ...]]:
        """The first answer, empty when there is none, and what speaks for one, by each of :data:`WAYS`."""
        own = Filters(article_ids=(self._article[example.context],))
        found = self._answerer.search(example.question, limit=DEPTH.most, filters=own)
        ranked = self._answerer.rank(example.question, [found[at] for at in DEPTH.of(found)])
        evidence = [candidate.evidence for _, candidate in ranked]
        return ranked[0][1].text if ranked else "", (
            max((one.margin for one in evidence), default=NOTHING),
            max((one.presence for one in evidence), default=NOTHING),
            max((passage.dense for passage in found), default=NOTHING),
            float(np.logaddexp.reduce(self._answerer.calibrator.strengths(evidence) or [NOTHING])),
        )


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("questions", type=Path)
    parser.add_argument("--half", type=int, choices=(0, 1), help="only the questions about every second title")
    parser.add_argument("--reader", help="another reader: a folder or a name on the model hub")
    parser.add_argument("--calibration", type=Path, help="another than the shipped one of the reader")
    parser.add_argument(
        "--threshold", type=float, nargs="+", help="log odds above which an answer counts; unset: the best ones, and 0"
    )
    parser.add_argument("--threads", type=int)
    arguments = parser.parse_args()
    cache = Path("var/models")
    embedder = Embedder.load(DEFAULT_EMBEDDER, cache, threads=arguments.threads)
    reader = open_reader(arguments.reader, cache, threads=arguments.threads)
    model = Calibrator.read(arguments.calibration) if arguments.calibration else shipped_for(reader.sha256)
    everything = list(read_examples(arguments.questions))
    examples = of_half(everything, lambda example: example.title, arguments.half)
    versions = Versions(CACHE / f"{arguments.questions.name.removesuffix('.jsonl.gz')}-given")
    given = Given(everything, versions, embedder, reader, model)
    texts, scores = zip(*(given.ask(example) for example in examples), strict=True)
    columns = list(zip(*scores, strict=True))
    answerable = [bool(example.answers) for example in examples]
    print(f"{len(examples)} questions, {sum(answerable)} of them answerable; AUROC, answerable against not, by")
    for way, column in zip(WAYS, columns, strict=True):
        print(f"  {way:<28}{area_under_roc(column, answerable):.3f}")
    gains = [f1(text, [gold.text for gold in example.answers]) for text, example in zip(texts, examples, strict=True)]
    held = [0.0 if example.answers else 1.0 for example in examples]
    for threshold in arguments.threshold or (best_threshold(columns[-1], gains, held)[0], 0.0):
        over_all = 100 * score_at(threshold, columns[-1], gains, held)
        print(f"F1 over all with the threshold {threshold:.2f}: {over_all:.1f}")


if __name__ == "__main__":
    main()
