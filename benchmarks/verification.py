"""Quotes looked for in edited and in foreign articles: ``python -m benchmarks.verification QUESTIONS.jsonl.gz``.

The articles are the contexts of each title of a SQuAD file (lines with ``title`` and ``context``). A sentence of one is
looked for in another, where it is not; and in its own, moved and with a share of its words dropped, replaced or
followed by foreign words.
"""

import argparse
import gzip
import json
import random
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from index.sentences import sentences
from rag.citing.citation import CONTEXT
from rag.citing.verification import Match, find

_ADDED = "A line that was added.\n\n"


@dataclass(frozen=True, slots=True)
class Quote:
    """A sentence of an article."""

    text: str
    start: int
    end: int

    @property
    def words(self) -> str:
        """The sentence itself."""
        return self.text[self.start : self.end]

    def found_in(self, text: str) -> Match | None:
        """Where it is found in a text, with the context that a citation keeps."""
        before = self.text[max(0, self.start - CONTEXT) : self.start]
        return find(text, self.words, self.start, before, self.text[self.end : self.end + CONTEXT])


def read_articles(path: Path) -> list[str]:
    contexts: dict[str, dict[str, None]] = {}
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for record in map(json.loads, lines):
            contexts.setdefault(record["title"], {})[record["context"]] = None
    return ["\n\n".join(of_title) for _, of_title in sorted(contexts.items())]


def edited(words: str, share: float, foreign: Sequence[str], chance: random.Random) -> str:
    """The words with ``share`` of them, on average, dropped, replaced or followed by a foreign one, each as often."""
    new: list[str] = []
    for word in words.split():
        if chance.random() >= share:
            new.append(word)
            continue
        kind = chance.randrange(3)
        new += [word] if kind == 0 else []
        new += [chance.choice(foreign)] if kind < 2 else []
    return " ".join(new)


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(description="Look for quotes in edited and in foreign articles.")
    parser.add_argument("questions", type=Path)
    parser.add_argument("--count", type=int, default=500, help="Quotes a row.")
    arguments = parser.parse_args()
    articles, chance = read_articles(arguments.questions), random.Random(0)
    spans = [sentences(article) for article in articles]
    pool = [Quote(text, *span) for text, of_text in zip(articles, spans, strict=True) for span in of_text]
    quotes = chance.sample([quote for quote in pool if quote.end - quote.start >= 10], arguments.count)
    print(f"{len(articles)} articles, {sum(map(len, articles)) // len(articles)} characters on average\n")
    foreign = [quote.found_in(chance.choice([text for text in articles if text is not quote.text])) for quote in quotes]
    print(f"in foreign articles: {sum(map(bool, foreign))} of {len(foreign)} quotes found\n")
    print("| words edited | found | at the very place | mostly there | similarity, median | ms |")
    print("|---|---|---|---|---|---|")
    for share in (0.0, 0.1, 0.2, 0.3, 0.4, 0.5):
        exact = near = 0
        similarities, began = [], time.process_time()
        for quote in quotes:
            new = edited(quote.words, share, chance.choice(articles).split(), chance) or "-"
            place = quote.found_in(_ADDED + quote.text[: quote.start] + new + quote.text[quote.end :])
            if place:
                start, end = quote.start + len(_ADDED), quote.start + len(_ADDED) + len(new)
                exact += (place.start, place.end) == (start, end)
                shared = min(place.end, end) - max(place.start, start)
                near += shared > 0.8 * max(end - start, place.end - place.start)
                similarities.append(place.similarity)
        median, count = sorted(similarities)[len(similarities) // 2], len(quotes)
        milliseconds = (time.process_time() - began) / count * 1000
        rates = " | ".join(f"{100 * number / count:.1f} %" for number in (len(similarities), exact, near))
        print(f"| {share:.0%} | {rates} | {median:.2f} | {milliseconds:.1f} |")


if __name__ == "__main__":
    main()
