"""The near copies in a corpus, to be read: ``python -m benchmarks.near_copies CORPUS --show 20``."""

import argparse
import random
import time
from collections import defaultdict
from pathlib import Path

import numpy as np

from benchmarks.incremental import read_corpus
from index.article import Article, Block
from index.building.near_copies import are_near_copies, candidates, fingerprint, groups


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--articles", type=int, default=10_000)
    parser.add_argument("--show", type=int, default=20, help="groups to print, chosen at random")
    parser.add_argument("--seed", type=int, default=7)
    arguments = parser.parse_args()
    articles = list(read_corpus(arguments.corpus, arguments.articles).values())
    start = time.perf_counter()
    texts = [article["text"] for article in articles]
    made = [Article("a", "", text, (Block(0, len(text)),)) for text in texts]
    near = candidates(np.concatenate(list(map(fingerprint, made)))["bands"])
    pairs = [pair for pair in near if are_near_copies(*(texts[number] for number in pair))]
    seconds = time.perf_counter() - start
    members = defaultdict(list)
    for number, first in enumerate(groups(len(articles), pairs)):
        members[first].append(number)
    found = [group for group in members.values() if len(group) > 1]
    print(f"{len(articles)} articles, {len(near)} candidates, {len(pairs)} pairs, {len(found)} groups with")
    print(f"{sum(map(len, found))} articles, the largest of {max(map(len, found), default=0)}; {seconds:.1f} s")
    for group in random.Random(arguments.seed).sample(found, min(arguments.show, len(found))):
        print()
        for number in group:
            words = articles[number]["text"].split()
            print(
                f"  {articles[number]['title']} ({len(words)} words): {' '.join(words[:45])} … {' '.join(words[-12:])}"
            )


if __name__ == "__main__":
    main()
