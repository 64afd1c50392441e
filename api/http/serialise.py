"""From the records of the lower floors to the models of the HTTP contract."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from datetime import UTC, datetime

from api.http.links import Links, job_link
from api.http.looks import address_of, styles_over
from api.http.remarks import disagreement
from api.http.responses import (
    AgreementModel,
    AnswerModel,
    ArticleModel,
    ArticleSummary,
    AskResponse,
    BlockModel,
    CheckedSentenceModel,
    CheckResponse,
    CitationModel,
    DateModel,
    FailedBuildModel,
    JobModel,
    PartModel,
    PassageModel,
    PositionModel,
    ProgressModel,
    QuoteModel,
    SearchResponse,
    SourceModel,
    StyleModel,
    WarningModel,
)
from index.article import Article
from index.collection.jobs import Job
from index.collection.looks import Looked
from index.passage_text import cells_of
from rag.answerer import Answer, Result
from rag.checking.checker import STATUSES, CheckedText, Status
from rag.citing.agreement import Agreement
from rag.citing.citation import Citation
from rag.retrieval.retriever import Retrieval, RetrievedPassage

_PLACES = 4
"""Decimal places of scores and confidences."""


def ask_response(
    result: Result, links: Links, include_passages: bool = False, takes_feedback: bool = False
) -> AskResponse:
    """The body of an answered question."""
    return AskResponse(
        question=result.question,
        standalone_question=result.standalone_question,
        answerable=result.answerable,
        answers=[answer_model(answer, links) for answer in result.answers],
        best_guess=answer_model(result.best_guess, links) if result.best_guess else None,
        passages=[passage_model(passage) for passage in result.passages] if include_passages else None,
        index_version=result.index_version,
        models=result.models,
        timings_ms=result.timings_ms,
        warnings=[WarningModel.model_validate(warning) for warning in result.warnings],
        agreement=agreement_model(result.agreement, links) if result.agreement else None,
        complete=result.complete,
        coverage=round(result.coverage, _PLACES),
        takes_feedback=takes_feedback,
    )


def answer_model(answer: Answer, links: Links) -> AnswerModel:
    """An answer with its citations."""
    return AnswerModel(
        text=answer.text,
        confidence=round(answer.confidence, _PLACES),
        attribution=answer.attribution,
        citations=[_linked(citation, links) for citation in answer.citations],
        witnesses=answer.witnesses,
        verdict=answer.verdict,
        parts=[PartModel(text=part.text, citation=_linked(part.citation, links)) for part in answer.parts],
        quotes=[
            QuoteModel(text=quote.text, start=quote.start, end=quote.end, confidence=round(quote.confidence, _PLACES))
            for quote in answer.quotes
        ],
        curated=answer.is_curated,
        age_days=answer.age,
        old=answer.is_old,
        date=_date_model(answer),
    )


def _date_model(answer: Answer) -> DateModel | None:
    found = answer.date
    if found is None:
        return None
    citation = answer.citations[0]
    text = citation.quote[found.start - citation.quote_start : found.end - citation.quote_start]
    return DateModel(text=text, start=found.start, end=found.end, first=found.first, last=found.last)


def agreement_model(agreement: Agreement, links: Links) -> AgreementModel:
    """What several articles say."""
    return AgreementModel(
        disputed=agreement.is_disputed,
        newer=agreement.newer is not None,
        message=disagreement(agreement),
        positions=[
            PositionModel(
                text=position.text,
                relation=position.relation,
                witnesses=position.witnesses,
                citations=[_linked(citation, links) for citation in position.citations],
            )
            for position in agreement.positions
        ],
    )


def _linked(citation: Citation, links: Links) -> CitationModel:
    return citation_model(citation, links.citation(citation), links.long(citation))


def citation_model(citation: Citation, link: str, long_link: str) -> CitationModel:
    """A citation with its links."""
    return CitationModel(**asdict(citation), link=link, long_link=long_link)


def check_response(checked: CheckedText, links: Links) -> CheckResponse:
    """The body of a checked text."""
    rounded = [rounded_chances(sentence.chances) for sentence in checked.sentences]
    return CheckResponse(
        sentences=[
            CheckedSentenceModel(
                text=sentence.text,
                start=sentence.start,
                end=sentence.end,
                status=sentence.status,
                confidence=chances[sentence.status],
                chances=chances,
                citations=[_linked(citation, links) for citation in sentence.citations],
                instead=sentence.instead,
            )
            for sentence, chances in zip(checked.sentences, rounded, strict=True)
        ],
        counts={status: checked.count(status) for status in STATUSES},
        index_version=checked.index_version,
        models=checked.models,
        warnings=[WarningModel.model_validate(warning) for warning in checked.warnings],
    )


def rounded_chances(chances: Mapping[Status, float]) -> dict[Status, float]:
    """Probabilities rounded so that they still sum to 1: the highest takes what rounding the others leaves."""
    highest = max(chances, key=lambda status: chances[status])
    found = {status: round(chance, _PLACES) for status, chance in chances.items()}
    found[highest] = round(1 - sum(chance for status, chance in found.items() if status != highest), _PLACES)
    return found


def search_response(question: str, found: Retrieval, index_version: str) -> SearchResponse:
    """The body of a search."""
    return SearchResponse(
        question=question,
        passages=[passage_model(passage) for passage in found.passages],
        index_version=index_version,
        complete=found.coverage >= 1,
        coverage=round(found.coverage, _PLACES),
    )


def passage_model(found: RetrievedPassage) -> PassageModel:
    """A passage with its scores."""
    return PassageModel(
        id=found.passage.id,
        article_id=found.article.id,
        title=found.article.title,
        start=found.passage.start,
        end=found.passage.end,
        heading=found.passage.heading,
        page=found.passage.page,
        text=found.text,
        score=round(found.score, _PLACES),
        dense=round(found.dense, _PLACES),
        bm25=round(found.bm25, _PLACES),
        styles=_styles(found),
    )


def _styles(found: RetrievedPassage) -> list[StyleModel]:
    """How the passage looks; links that lead nowhere on the web are left out."""
    article, passage = found.article, found.passage
    models = []
    for style in styles_over(article.styles, passage.start, passage.end):
        value = address_of(article, style) if style.look == "link" else style.value
        if value is not None:
            models.append(StyleModel(start=style.start, end=style.end, look=style.look, value=value))
    return [*_cells(found), *models]


def _cells(found: RetrievedPassage) -> Iterator[StyleModel]:
    """The cells of a row of a table, and what stands between them."""
    article, passage = found.article, found.passage
    at = passage.start
    for name, (start, end) in cells_of(article, passage.start, passage.end):
        if at < start:
            yield StyleModel(start=at, end=start, look="gap", value="")
        yield StyleModel(start=start, end=end, look="cell", value=name)
        at = end


def article_summary(article: Article, links: Links) -> ArticleSummary:
    """An article without its text."""
    return ArticleSummary(
        id=article.id,
        title=article.title,
        url=article.url,
        source=article.source,
        authors=list(article.authors),
        published=article.published,
        language=article.language,
        media_type=article.media_type,
        path=article.path,
        tags=list(article.tags),
        sha256=article.sha256,
        characters=len(article.text),
        page=links.article(article.id),
    )


def article_model(article: Article, links: Links) -> ArticleModel:
    """An article with its text."""
    blocks = [BlockModel.model_validate(block) for block in article.blocks]
    return ArticleModel(**article_summary(article, links).model_dump(), text=article.text, blocks=blocks)


def job_model(job: Job, root_path: str) -> JobModel:
    """A build."""
    return JobModel(
        id=str(job.id),
        state=job.state,
        changes=job.changes,
        attempts=job.attempts,
        created=_moment(job.created),
        started=_moment(job.started) if job.started else None,
        finished=_moment(job.finished) if job.finished else None,
        progress=ProgressModel(stage=job.stage, done=job.done, total=job.total),
        version=job.version,
        report=job.report,
        error=job.error,
        link=job_link(job.id, root_path),
    )


def source_model(looked: Looked) -> SourceModel:
    """A source elsewhere."""
    return SourceModel(
        source=looked.source,
        refresh_seconds=looked.interval,
        looked=_moment(looked.looked) if looked.looked else None,
        next_look=_moment(looked.due) if looked.due else None,
        failures=looked.failures,
        error=looked.error,
        articles=looked.articles,
        added=looked.added,
        changed=looked.changed,
        removed=looked.removed,
    )


def failed_build_model(job: Job, root_path: str) -> FailedBuildModel:
    """A build that failed, in short."""
    return FailedBuildModel(job=str(job.id), reason=job.error or "", link=job_link(job.id, root_path))


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
