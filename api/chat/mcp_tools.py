"""What the Model Context Protocol offers: questions as tools, with what each takes and gives."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from api.chat.message import compose
from api.http.errors import Problem
from api.http.links import Links
from api.http.requests import ArticleRequest, AskRequest, CheckRequest, SearchRequest, VerifyRequest
from api.http.responses import ArticleModel, AskResponse, CheckResponse, SearchResponse, VerifyResponse
from api.http.serialise import article_model, ask_response, check_response, search_response
from api.runtime.service import Service
from index.article import Article
from rag.checking.checker import CheckedSentence
from rag.retrieval.retriever import Retrieval


@dataclass(frozen=True, slots=True)
class Access:
    """How a call reaches the index: the addresses it gives, what does work for the models, and what does other work.

    Either gives the work the open service, and raises a Problem when there is none.
    """

    links: Links
    run: Callable[[Callable[[Service], Any]], Awaitable[Any]]
    read: Callable[[Callable[[Service], Any]], Awaitable[Any]]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a tool gives: ``content`` for programs, ``text`` to read, and the articles it is about, by id and title."""

    content: BaseModel
    text: str
    articles: dict[str, str]


async def _ask(access: Access, asked: AskRequest) -> Outcome:
    result = await access.run(
        lambda service: service.at_least(asked.min_index_version).ask(
            asked.asked(), require_complete=asked.require_complete
        )
    )
    articles = {citation.article_id: citation.title for answer in result.answers for citation in answer.citations}
    return Outcome(
        ask_response(result, access.links, asked.include_passages), compose(result, access.links).text, articles
    )


async def _search(access: Access, asked: SearchRequest) -> Outcome:
    def search(service: Service) -> tuple[Retrieval, str]:
        return service.find(asked.question, asked.limit, asked.filters.conditions()), service.version

    found, version = await access.run(search)
    text = "\n\n".join(f"{passage.article.title} ({passage.article.id}):\n{passage.text}" for passage in found.passages)
    articles = {passage.article.id: passage.article.title for passage in found.passages}
    content = search_response(asked.question, found, version)
    return Outcome(content, text or "Nothing was found.", articles)


async def _check(access: Access, asked: CheckRequest) -> Outcome:
    checked = await access.run(lambda service: service.check(asked.text, asked.filters.conditions()))
    articles = {
        citation.article_id: citation.title for sentence in checked.sentences for citation in sentence.citations
    }
    text = "\n\n".join([*map(_in_words, checked.sentences), *(warning.message for warning in checked.warnings)])
    return Outcome(check_response(checked, access.links), text, articles)


def _in_words(sentence: CheckedSentence) -> str:
    status = f"{sentence.status.replace('_', ' ')} ({sentence.confidence:.0%} sure): {sentence.text}"
    quotes = [f"> {citation.quote}\n({citation.title}, {citation.article_id})" for citation in sentence.citations[:1]]
    return "\n".join([status, *quotes])


async def _get_article(access: Access, asked: ArticleRequest) -> Outcome:
    article = await find_article(access, asked.article_id)
    return Outcome(article_model(article, access.links), article.text, {article.id: article.title})


async def _verify_citation(access: Access, asked: VerifyRequest) -> Outcome:
    content = VerifyResponse.model_validate(await access.read(lambda service: service.verify(asked.citation)))
    if content.quote is None:
        return Outcome(content, f"The quote is {content.status}.", {})
    article_id = asked.citation.article_id
    text = f"The quote is {content.status}. Today it reads:\n{content.quote}"
    return Outcome(content, text, {article_id: asked.citation.title or article_id})


async def find_article(access: Access, article_id: str) -> Article:
    """The article with this id.

    :raises Problem: when there is none.
    """
    article: Article | None = await access.read(lambda service: service.article(article_id))
    if article is None:
        raise Problem(404, f"there is no article {article_id[:200]!r}: resources/list names them", "article_not_found")
    return article


@dataclass(frozen=True, slots=True)
class Tool:
    """One tool."""

    title: str
    description: str
    takes: type[BaseModel]
    gives: type[BaseModel]
    call: Callable[[Access, Any], Awaitable[Outcome]]


TOOLS = {
    "ask": Tool(
        "Ask the articles",
        "Answer a question with the exact words of an article, a citation, and the probability that they are right. "
        "When no article answers, `answerable` is false.",
        AskRequest,
        AskResponse,
        _ask,
    ),
    "check": Tool(
        "Check a text",
        "Tell of each sentence of a text, such as an answer that you wrote, whether the articles support it, "
        "contradict it or do not tell, with the sentence of an article that decides.",
        CheckRequest,
        CheckResponse,
        _check,
    ),
    "search": Tool(
        "Search the articles",
        "Find the passages of articles that match a question best, best first, without reading them for an answer.",
        SearchRequest,
        SearchResponse,
        _search,
    ),
    "get_article": Tool(
        "Read an article",
        "An article whole: its text, the one that all offsets count in, and where it is from.",
        ArticleRequest,
        ArticleModel,
        _get_article,
    ),
    "verify_citation": Tool(
        "Verify a citation",
        "Look up whether the quote of a citation still stands in its article: found, moved, changed or gone.",
        VerifyRequest,
        VerifyResponse,
        _verify_citation,
    ),
}
