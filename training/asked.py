"""The questions that the choice among answers and its confidence are fitted to, by part.

The mixture is what a service gets: questions that an article answers, questions about which there is no article (asked
without their title), and near misses, which people wrote to look as if an article answered them. No reader has read
their articles.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from index.article import Article
from training import open_corpus, written
from training.readings import Gold

#: One in so many answerable questions is also asked without its title, and counts as many times.
TITLE_OUT = 8

#: The half of the articles of the written news and documents that calibrates; the other one chooses between readers.
WRITTEN = ("dev-1",)


@dataclass(frozen=True, slots=True)
class Part:
    """What is searched, what is asked of it, and how often each question counts.

    ``title_out`` is whether questions are asked without their title, too: not where several articles tell one story.
    """

    name: str
    articles: Sequence[Article]
    golds: Sequence[Gold]
    weight: int = 1
    title_out: bool = True

    def asked(self) -> Iterator[tuple[Gold, bool, int]]:
        """Every question, whether its title is left out, and how often it counts."""
        answerable = 0
        for gold in self.golds:
            yield gold, False, self.weight
            if self.title_out and gold.answers:
                if answerable % TITLE_OUT == 0:
                    yield gold, True, TITLE_OUT * self.weight
                answerable += 1


def parts(data: Path, choosing: Path | None, near_misses: Path | None, held_out: bool, limit: int | None) -> list[Part]:
    """The parts, each with at most ``limit`` questions of a kind.

    :param data: Folder with the files of :data:`training.sources.FILES`.
    :param choosing: A set that is reported, of which half 0 is asked.
    :param near_misses: A set about the same titles, of which the questions without an answer are asked.
    :param held_out: Also the titles of SQuAD's training set that are held out: for a reader that has not read them.
    """
    found: list[Part] = []
    if held_out:
        articles, answered, unanswered = open_corpus.held_out(data)
        found.append(Part("held-out", articles, [*answered[:limit], *unanswered[:limit]]))
    if choosing:
        articles, answered = open_corpus.choosing(choosing)
        titles = {gold.title for gold in answered}
        near = open_corpus.unanswered(near_misses, titles) if near_misses else []
        name = choosing.name.removesuffix(".jsonl.gz") + "-half-0"
        found.append(Part(name, articles, [*answered[:limit], *near[:limit]]))
    kinds = written.golds(data, WRITTEN).values()
    asked = [gold for kind in kinds for gold in kind]
    return [*found, Part("written", written.articles(data), asked, weight=2, title_out=False)]
