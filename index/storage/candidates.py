"""The passages that a search finds, with the raw scores of both kinds of search."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Candidates:
    """The passages that either search found for a question, by their rows, each with both of its scores.

    Scores are raw, so that those of several parts of an index can be put together before they are fused. ``dense`` are
    cosines, of every candidate, in the order of sources, which decides between equals. ``lexical`` are BM25 scores,
    higher is better, of those that share a word with the question. ``searched`` of ``of`` passages of the version were
    looked at.
    """

    dense: Mapping[int, float]
    lexical: Mapping[int, float]
    searched: int
    of: int
