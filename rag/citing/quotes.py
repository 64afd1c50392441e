"""The sentences around an answer, for people who do not open the article."""

from dataclasses import dataclass

from index.article import Article
from index.sentences import sentences
from rag.citing.citation import LONGEST_CONTEXT, Citation
from rag.english.context import chance_that_it_helps

LEAST_HELP = 0.2
"""The probability from which the sentence before is quoted, too: about one in six answers needs it."""


@dataclass(frozen=True, slots=True)
class Quote:
    """A whole sentence, or several, at ``start:end`` of the article of the first citation, in code points.

    ``confidence`` is the answer's for the sentence that holds it; for one beside it, the probability that it helps.
    """

    text: str
    start: int
    end: int
    confidence: float


def quotes_around(article: Article, citation: Citation, question: str, confidence: float) -> tuple[Quote, ...]:
    """The sentence of the answer first, then the one before it in the same paragraph if it probably helps."""
    own = Quote(citation.quote, citation.quote_start, citation.quote_end, confidence)
    block = next((block for block in article.blocks if block.start < own.start and own.end <= block.end), None)
    if block is None:
        return (own,)
    since = max(block.start, own.start - 2 * LONGEST_CONTEXT)
    spans = sentences(article.text[since : own.start])
    low, high = (since + place for place in spans[-1]) if spans else (own.start, own.start)
    before = article.text[low:high]
    if not before.strip() or high - low > LONGEST_CONTEXT:
        return (own,)
    chance = chance_that_it_helps(question, article.title, before, own.text)
    return (own, Quote(before, low, high, chance)) if chance >= LEAST_HELP else (own,)
