"""``/articles/{id}``: an article for reading, with a quote marked; ``/c/{place}``: the same, by a citation's link."""

import re
from collections.abc import Sequence
from contextlib import suppress
from datetime import date
from functools import partial
from typing import NamedTuple

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from pydantic import ValidationError

from api.http.errors import Problem
from api.http.links import PLACE
from api.http.requests import AskQuery
from api.routes.common import links_of
from api.runtime.service import Service
from api.runtime.state import runtime_of
from api.web.language import language_of
from api.web.layout import lines, tables_together
from api.web.rendering import given_twice, page
from api.web.words import newest, told_sides
from index.article import Article, Span, storable
from rag.citing.agreement import Agreement
from rag.citing.citation import Citation
from rag.citing.fingerprint import DIGITS, find_fingerprint, fingerprint
from rag.citing.verification import find
from rag.english.event_dates import EventDate

_LANGUAGE = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*")
_NOT_A_PLACE = "The address names no stretch of this article, so nothing is marked: start and end count its characters."
_CHANGED = "This article has changed since it was cited. The cited words were not found in it, so nothing is marked."
_GONE = "This article has changed since it was cited, and the cited words are not in it any more."
_MOVED = "This article has changed since it was cited. The cited words are still in it, where they are marked."
_REWORDED = "This article has changed since it was cited, and so have the cited words: what stands there now is marked."
_LONGEST_QUOTE = 2000
_LEAST_HEADINGS = 3
"""An article with so many headings has a list of them."""

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)


@router.get("/articles/{article_id}")
async def article_page(
    request: Request,
    article_id: str,
    start: str = "",
    end: str = "",
    sha256: str = "",
    words: str = "",
    quote: str = "",
    q: str = "",
) -> HTMLResponse:
    """An article for reading; ``start`` and ``end`` (code points) mark a quote, which answers the question ``q``.

    When the article is not the one with the hash ``sha256`` any more, the words with the fingerprint ``words`` are
    looked for and marked, or what resembles ``quote``. That takes time in a long article, so it waits in the queue of
    the questions.
    """
    place, question = _Place(start, end, sha256, words, quote), None
    with suppress(ValidationError):  # one that can't be asked is left out
        question = AskQuery.model_validate({"q": q})
    composed: HTMLResponse = await runtime_of(request).run(
        request, partial(_composed, request, article_id, place, question)
    )
    return composed


@router.get("/c/{place}")
async def cited_page(request: Request, place: str, q: str = "") -> HTMLResponse:
    """The page that the link of a citation (:meth:`api.http.links.Links.citation`) stands for.

    It is no redirection, so that the address that a browser shows stays short.
    """
    found = PLACE.fullmatch(place)
    if found is None:
        raise Problem(404, f"there is nothing at {request.url.path}: the link may be cut")
    start = int(found["start"], 36)
    end = str(start + int(found["length"], 36))
    return await article_page(request, found["article"], str(start), end, found["sha256"], found["words"], q=q)


class _Place(NamedTuple):
    """The place in an article that an address names."""

    start: str
    end: str
    sha256: str
    words: str
    quote: str


class _Asked(NamedTuple):
    """What is told beside the answer that a page was opened from: that articles contradict each other, when it was so
    where it is old, and which days a date in it means.
    """

    question: str
    agreement: Agreement | None = None
    aged: date | None = None
    day: EventDate | None = None
    day_words: str = ""


def _asked(question: AskQuery, article: Article, mark: Span, service: Service) -> _Asked:
    result = service.answer(question.asked())
    answer = next((each for each in result.answers if _is_of(each.citations, article, mark)), None)
    sides = result.agreement.positions if result.agreement and result.agreement.is_disputed else ()
    disputed = result.agreement if any(_is_of(each.citations, article, mark) for each in sides) else None
    if answer is None:
        return _Asked(question.q, disputed)
    found = answer.date if answer.citations[0].article_id == article.id else None
    words = article.text[found.start : found.end] if found else ""
    return _Asked(question.q, disputed, newest(answer) if answer.is_old else None, found, words)


def _is_of(citations: Sequence[Citation], article: Article, mark: Span) -> bool:
    """Whether one of the citations is what is marked in the article."""
    return any(
        each.article_id == article.id and each.quote_start < mark[1] and mark[0] < each.quote_end for each in citations
    )


def _composed(
    request: Request, article_id: str, place: _Place, question: AskQuery | None, service: Service
) -> HTMLResponse:
    article, (before, after) = service.article(article_id), service.neighbours(article_id)
    if article is None:
        message = "There is no such article here. It may have been removed since it was cited, or the address is cut."
        return page(request, "missing.html", 404, heading="Article not found", message=message)
    if ambiguous := given_twice(request, ("start", "end", "sha256", "words", "quote", "q")):
        return page(request, "missing.html", 422, heading="Which place?", message=ambiguous, article=article)
    mark, note = _mark(article, place)
    asked = _asked(question, article, mark, service) if mark and question else None
    shown = lines(article, mark)
    runs = tables_together(shown)
    headings = [
        (number, "".join(piece.text for piece in line.pieces))
        for number, [line, *_] in enumerate(runs, 1)
        if line.kind == "heading"
    ]
    return page(
        request,
        "article.html",
        article=article,
        runs=runs,
        headings=headings if len(headings) >= _LEAST_HEADINGS else [],
        language=article.language if article.language and _LANGUAGE.fullmatch(article.language) else None,
        has_title=any(line.kind == "title" for line in shown),
        is_marked=any(line.is_marked for line in shown),
        note=note,
        asked=asked,
        links=links_of(request),
        told_sides=partial(told_sides, language=language_of(request)),
        before=before,
        after=after,
    )


def _mark(article: Article, place: _Place) -> tuple[Span | None, str | None]:
    """What to mark, and what to tell when it is not what was cited."""
    span = _span(place)
    if place.sha256 and not _is_as_cited(article, place, span):
        return _found_again(article, place, span)
    if not place.start and not place.end:
        return None, None
    if span is None or not span[0] < span[1] <= len(article.text):
        return None, _NOT_A_PLACE
    return span, None


def _span(place: _Place) -> Span | None:
    """The numbers of a place, if they are such."""
    numbers = [int(each) for each in (place.start, place.end) if re.fullmatch(r"[0-9]{1,12}", each)]
    return (numbers[0], numbers[1]) if len(numbers) == 2 else None


def _is_as_cited(article: Article, place: _Place, span: Span | None) -> bool:
    is_same = len(place.sha256) >= DIGITS and article.sha256.startswith(place.sha256.lower())
    return is_same and (not (place.words and span) or fingerprint(article.text[slice(*span)]) == place.words)


def _found_again(article: Article, place: _Place, span: Span | None) -> tuple[Span | None, str]:
    """Where the words stand in an article that has changed since."""
    start, end = span or (0, 0)
    if place.words and span and (at := find_fingerprint(article.text, place.words, end - start, start)) is not None:
        return (at, at + end - start), _MOVED
    found = find(article.text, storable(place.quote[:_LONGEST_QUOTE]), start)
    if found is None:
        return None, _GONE if place.quote else _CHANGED
    return (found.start, found.end), _MOVED if found.similarity == 1 else _REWORDED
