"""Result cards: what an article says near to a question, as it looks there."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import partial

from api.runtime.service import Service
from api.web.layout import Piece, pieces_with, quoted
from rag.answerer import Result
from rag.citing.citation import Citation
from rag.citing.excerpt import Excerpt


@dataclass(frozen=True, slots=True)
class Card:
    """A sentence of an article; the marked ``pieces`` are the words that it shares with the question.

    ``otherwise`` is what the article says in contradiction to the first answer; None when it does not.
    """

    citation: Citation
    pieces: tuple[Piece, ...]
    otherwise: str | None


def cards(nearest: Iterable[Excerpt], result: Result, service: Service) -> Iterator[Card]:
    """A card for each of the sentences that are nearest to the question of ``result``."""
    otherwise = says_otherwise(result)
    for excerpt in nearest:
        citation = excerpt.citation
        if article := service.article(citation.article_id):
            start, end = citation.quote_start, citation.quote_end
            words = [(start + low, start + high) for low, high in excerpt.words]
            looks = tuple(quoted(article, start, end, partial(pieces_with, article, words=words)))
            yield Card(citation, looks, otherwise.get(citation.article_id))


def says_otherwise(result: Result) -> dict[str, str]:
    """What the articles that contradict the first answer say, by their ids."""
    return {
        citation.article_id: position.text
        for position in (result.agreement.positions if result.agreement else ())
        if position.relation == "contradicting"
        for citation in position.citations
    }
