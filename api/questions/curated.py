"""Answers that an editor chose: words of an article that are pinned to a question."""

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
    place = _place(pin, article)
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
    return replace(result, answers=(answer, *kept), best_guess=None)


def _passage(article: Article, start: int, end: int) -> Passage:
    """The place as a passage, with the heading that it stands under and its page."""
    before = [block for block in article.blocks if block.start <= start]
    heading = next(
        (article.text[block.start : block.end] for block in reversed(before) if block.kind == "heading"), None
    )
    return Passage(f"{article.id}:{start}", article.id, start, end, heading, before[-1].page if before else None)


def _place(pin: Pin, article: Article) -> tuple[int, int] | None:
    if article.text[pin.start : pin.end] == pin.text:
        return pin.start, pin.end
    found = find(article.text, pin.text, pin.start)
    return (found.start, found.end) if found and found.similarity == 1 else None
