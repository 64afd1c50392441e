"""Answers that an editor chose: words of an article that are pinned to a question.

They answer that question, and one like it to which their article, asked alone, answers with the same words.
"""

from dataclasses import replace

from api.questions.book import Pin
from index.article import Article, Passage
from rag.answerer import Answer, Result
from rag.citing.citation import cite
from rag.citing.quotes import Quote
from rag.citing.verification import find


def with_pinned(result: Result, pin: Pin, article: Article) -> Result:
    """``result`` with the pinned words first, as an answer of confidence 1 that says that it is curated.

    When the article has changed since, the words are looked for in it; when they are not in it any more, ``result``
    stays as it is.
    """
    place = place_of(pin, article)
    if place is None:
        return result
    start, end = place
    citation = cite(article, _passage(article, start, end), start, end, result.index_version)
    quote = Quote(citation.quote, citation.quote_start, citation.quote_end, 1.0)
    answer = Answer(article.text[start:end], 1.0, (citation,), quotes=(quote,), is_curated=True)
    others = [
        each
        for each in result.answers
        if not any(
            other.article_id == article.id and other.start < end and start < other.end for other in each.citations
        )
    ]
    kept = others[: max(0, max(1, len(result.answers)) - 1)]
    return replace(result, answers=(answer, *kept), best_guess=None, agreement=None)


def says_the_same(alone: Result, pin: Pin, article: Article) -> bool:
    """Whether the best that the article answers to a question, asked ``alone``, touches the pinned words."""
    place = place_of(pin, article)
    best = alone.answers[0] if alone.answers else alone.best_guess
    if place is None or best is None:
        return False
    start, end = place
    return any(each.article_id == article.id and each.start < end and start < each.end for each in best.citations)


def _passage(article: Article, start: int, end: int) -> Passage:
    """The place as a passage, with the heading that it stands under and its page."""
    before = [block for block in article.blocks if block.start <= start]
    heading = next(
        (article.text[block.start : block.end] for block in reversed(before) if block.kind == "heading"), None
    )
    return Passage(f"{article.id}:{start}", article.id, start, end, heading, before[-1].page if before else None)


def place_of(pin: Pin, article: Article) -> tuple[int, int] | None:
    """Where the pinned words stand in the article now; None when they don't."""
    if article.text[pin.start : pin.end] == pin.text:
        return pin.start, pin.end
    found = find(article.text, pin.text, pin.start)
    return (found.start, found.end) if found and found.similarity == 1 else None
