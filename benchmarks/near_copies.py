"""The near copies in a corpus, to be read: ``python -m benchmarks.near_copies CORPUS --show 20``."""

import argparse
import random
import time
from collections import defaultdict
from pathlib import Path

from benchmarks.incremental import read_corpus
from index.building.near_copies import NearCopies, are_near_copies, groups


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--articles", type=int, default=10_000)
    parser.add_argument("--show", type=int, default=20, help="groups to print, chosen at random")
    parser.add_argument("--seed", type=int, default=7)
    arguments = parser.parse_args()
    articles = list(read_corpus(arguments.corpus, arguments.articles).values())
    start = time.perf_counter()
    near = NearCopies()
    for article in articles:
        near.add(article["text"])
    candidates = near.candidates()
    pairs = [pair for pair in candidates if are_near_copies(*(articles[number]["text"] for number in pair))]
    seconds = time.perf_counter() - start
    members = defaultdict(list)
    for number, first in enumerate(groups(len(articles), pairs)):
        members[first].append(number)
    found = [group for group in members.values() if len(group) > 1]
    print(f"{len(articles)} articles, {len(candidates)} candidates, {len(pairs)} pairs, {len(found)} groups with")
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
