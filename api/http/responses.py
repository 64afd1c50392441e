"""What the native routes give. Offsets count Unicode code points into an article's text, the end exclusive."""

from datetime import date, datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from api.http import examples
from index.article import BlockKind, Look


class _Response(BaseModel):
    model_config = ConfigDict(from_attributes=True)


class AttributionModel(_Response):
    """Who is reported to say the answer. Check it: `article.text[start:end]` is `text`."""

    text: str
    start: int
    end: int


class CitationModel(_Response):
    """Where an answer stands. Check it: `article.text[start:end]` is the answer."""

    model_config = ConfigDict(from_attributes=True, json_schema_extra={"examples": [examples.CITATION]})

    article_id: str
    title: str
    url: str | None
    source: str | None
    authors: list[str]
    published: date | None
    heading: str | None = Field(description="The heading that the answer stands under.")
    page: int | None = Field(description="Page of the PDF, if it is one, from 1.")
    recognised: bool = Field(
        description="Whether a program recognised that page from a picture: letters may be wrong; look at the page."
    )
    start: int = Field(description="Where the answer begins.")
    end: int = Field(description="Where the answer ends.")
    quote: str = Field(description="The whole sentence or sentences around the answer.")
    quote_start: int
    quote_end: int
    prefix: str = Field(description="The words right before the quote.")
    suffix: str = Field(description="The words right after the quote.")
    sha256: str = Field(description="Hash of the article's text (UTF-8).")
    index_version: str
    link: str = Field(description="Opens the article with the quote marked. Short: for people to read and pass on.")
    long_link: str = Field(
        description="The same with the quote's first words in it: tells what was cited without this service, too."
    )
    attribution: AttributionModel | None = Field(
        default=None,
        description="Who is reported to say the answer; null when the article does not say, or not clearly.",
    )


class PartModel(_Response):
    """One item of an answer that is several."""

    text: str
    citation: CitationModel


class QuoteModel(_Response):
    """Whole sentences around the answer. Check it: `article.text[start:end]` is `text`."""

    text: str
    start: int
    end: int
    confidence: float = Field(
        description="The answer's for the sentence that holds it; for another one, the probability that it helps."
    )


class DateModel(_Response):
    """The days, first and last, that a date means which follows from the day of the article: "Tuesday".

    Check it: `article.text[start:end]` is `text`.
    """

    text: str
    start: int
    end: int
    first: date
    last: date


class PositionModel(_Response):
    """A value that articles give, in the words of the first of its citations."""

    text: str
    relation: Literal["same", "compatible", "contradicting"] = Field(
        description="To the first position: `same` for that itself, `compatible` when more or less precise."
    )
    witnesses: int = Field(description="How many of the cited articles are independent: reprints of a text are one.")
    citations: list[CitationModel] = Field(description="Where articles say so; each in its own words.")


class AgreementModel(_Response):
    """What several articles say to the question, compared as numbers, dates and names."""

    disputed: bool = Field(description="Whether articles contradict the first position.")
    newer: bool = Field(description="Whether an article that contradicts it is newer.")
    message: str | None = Field(description="The dispute in a sentence, in English; null when there is none.")
    positions: list[PositionModel] = Field(description="That of the first answer first.")


class AnswerModel(_Response):
    """Words of an article, verbatim."""

    text: str
    confidence: float = Field(description="Probability that the answer is right, 0 to 1.")
    attribution: str | None = Field(description="Who said it, where the article of the first citation says so.")
    citations: list[CitationModel] = Field(description="The first is the best; others are articles that say the same.")
    witnesses: int = Field(description="How many of the cited articles are independent: reprints of a text are one.")
    verdict: Literal["yes", "no"] | None = Field(
        default=None,
        description="What the clause says to a yes/no question; null for other questions, and when it can't be told.",
    )
    parts: list[PartModel] = Field(
        default_factory=list, description="The items of an answer that is several, each with its citation; else none."
    )
    quotes: list[QuoteModel] = Field(
        default_factory=list,
        description="Sentences in the article of the first citation: the answer's, then what helps to understand it.",
    )
    curated: bool = Field(default=False, description="Whether an editor chose these words for the question.")
    age_days: int | None = Field(
        default=None, description="Days from the newest of its articles to the question; null when none has a date."
    )
    old: bool = Field(
        default=False, description="Whether the question is about the present and its articles are over a year old."
    )
    date: DateModel | None = Field(
        default=None,
        description='The days that a date in the answer means which needs the day of the article: "Tuesday".',
    )


class StyleModel(_Response):
    """How a stretch of an article looks: `article.text[start:end]`.

    `value` is the web address of a link, the words that stand for an image, or the name of the column of a `cell`; a
    `line` is one of a piece of code, a `gap` stands between two cells.
    """

    start: int
    end: int
    look: Look | Literal["cell", "gap"]
    value: str


class PassageModel(_Response):
    """A passage that was found, with its scores."""

    id: str
    article_id: str
    title: str
    start: int
    end: int
    heading: str | None
    page: int | None
    text: str
    score: float = Field(description="The score that ranks: cosine and BM25 fused.")
    dense: float = Field(description="Cosine of question and passage.")
    bm25: float = Field(description="BM25 score of the question's words, 0 when there is none of them.")
    styles: list[StyleModel] = Field(
        default=[], description="What of it is bold, a link and so on, where the article's format tells."
    )


class WarningModel(_Response):
    """What a user should know about an answer."""

    code: Literal["other_language", "english_only", "incomplete"] = Field(
        description="`incomplete`: a part of the index did not answer and was not searched. "
        "`other_language`: the question seems to be in another language than the articles found. "
        "`english_only`: what is understood in English only (follow-ups, times, verdicts, lists, speakers) is left out."
    )
    message: str


class AskResponse(_Response):
    """Answers, best first, or none: then `answerable` is false and `best_guess` is the best one held back, if any."""

    model_config = ConfigDict(from_attributes=True, json_schema_extra={"examples": [examples.ANSWERS]})

    question: str
    standalone_question: str = Field(description="What was asked of the index: with what was said before, if need be.")
    answerable: bool
    answers: list[AnswerModel]
    best_guess: AnswerModel | None
    passages: list[PassageModel] | None = Field(default=None, description="Those that were read, only when asked for.")
    index_version: str
    models: dict[str, str]
    timings_ms: dict[str, float]
    warnings: list[WarningModel] = Field(
        default=[], description="What the languages of the question and of the articles mean for the answers."
    )
    agreement: AgreementModel | None = Field(
        default=None, description="What several articles say; null when not more than one of them answers."
    )
    complete: bool = Field(
        default=True,
        description="Whether all of the index was searched. If not, `answerable` false does not mean that no article "
        "answers.",
    )
    coverage: float = Field(default=1.0, description="The share of the index's passages that were searched, 0 to 1.")
    takes_feedback: bool = Field(
        default=False, description="Whether `POST /v1/feedback` takes what people think of it."
    )


Status = Literal["supported", "contradicted", "not_found"]


class CheckedSentenceModel(_Response):
    """A sentence of the text. Check it: `text[start:end]` of what was sent is `text`."""

    text: str
    start: int = Field(description="Where it begins in the text that was sent, in Unicode code points.")
    end: int
    status: Status = Field(description="What the articles say to it.")
    confidence: float = Field(description="Probability that `status` is right, 0 to 1.")
    chances: dict[Status, float] = Field(description="The probability of each status.")
    citations: list[CitationModel] = Field(
        description="The sentence of an article that decides, and the same one in others; none where nothing was found."
    )
    instead: str | None = Field(
        description="Words of the article in place of something in a contradicted sentence, where that can be told."
    )


class CheckResponse(_Response):
    """What the articles say to each sentence of a text."""

    model_config = ConfigDict(from_attributes=True, json_schema_extra={"examples": [examples.CHECKED]})

    sentences: list[CheckedSentenceModel]
    counts: dict[Status, int] = Field(description="How many sentences have each status.")
    index_version: str
    models: dict[str, str]
    warnings: list[WarningModel]


class FeedbackResponse(_Response):
    """What somebody said was kept."""

    kept: Literal[True] = True


class SearchResponse(_Response):
    """Passages, best first."""

    question: str
    passages: list[PassageModel]
    index_version: str
    complete: bool = Field(default=True, description="Whether all of the index was searched.")
    coverage: float = Field(default=1.0, description="The share of the index's passages that were searched, 0 to 1.")


class ArticleSummary(_Response):
    """An article without its text."""

    id: str
    title: str
    url: str | None
    source: str | None
    authors: list[str]
    published: date | None
    language: str | None
    media_type: str
    path: str | None = Field(description="Its file, relative to the folder that was indexed.")
    tags: list[str]
    sha256: str
    characters: int = Field(description="Length of the text in code points.")
    page: str = Field(description="Address of the page of the article.")


class BlockModel(_Response):
    """A heading, a paragraph or a row of a table; ``columns`` is the row that names the columns."""

    start: int
    end: int
    kind: BlockKind
    page: int | None
    cells: list[tuple[int, int]] = Field(description="Of a row: start and end of each cell, in code points.")
    header: int | None = Field(description="Of a row: the number, from 0, of the block that names its columns.")


class ArticleModel(ArticleSummary):
    """An article with its text."""

    text: str
    blocks: list[BlockModel] = Field(description="What is read; other text (byline, credits) is never an answer.")


class ArticlesResponse(_Response):
    """A page of articles, in the order of their ids."""

    articles: list[ArticleSummary]
    next_cursor: str | None = Field(description="Ask for the next page with it; null on the last one.")
    index_version: str


class VerifyResponse(_Response):
    """`found`: the quote stands where the citation says. `moved`: elsewhere in the article, in the same words.

    `changed`: it stands there in other words. `gone`: nothing in the article resembles it, or there is no such article.
    Places and words are those of today, null when gone; those of the answer also when it was taken out of its sentence.
    """

    status: Literal["found", "moved", "changed", "gone"]
    start: int | None = Field(description="Where the answer begins today.")
    end: int | None
    text: str | None = Field(description="What the answer's words are today: the same, unless they were changed.")
    quote_start: int | None
    quote_end: int | None
    quote: str | None = Field(description="What the quote's words are today.")
    similarity: float | None = Field(description="How alike the quotes then and now are, 0 to 1.")


class ProgressModel(_Response):
    """How far a build is."""

    stage: str | None
    done: int
    total: int = Field(description="0: not known. A build that succeeded is 1 of 1.")


class JobModel(_Response):
    """A build. One that waits gathers every change until it begins."""

    id: str
    state: Literal["queued", "running", "cancelling", "succeeded", "failed", "cancelled"]
    changes: int = Field(description="How many changes asked for it.")
    attempts: int = Field(description="How often it began; a build that died is done again.")
    created: datetime
    started: datetime | None
    finished: datetime | None
    progress: ProgressModel
    version: str | None = Field(description="The version with the changes, once it is published.")
    report: dict[str, Any] | None = Field(description="What the build did.")
    error: str | None
    link: str


class JobsResponse(_Response):
    """The newest jobs, the newest first."""

    jobs: list[JobModel]


class SourceModel(_Response):
    """A source elsewhere, and what came of the last look at it."""

    source: str
    refresh_seconds: float | None = Field(description="How often it is looked at; null: whenever there is a build.")
    looked: datetime | None
    next_look: datetime | None
    failures: int = Field(description="How many looks in a row failed.")
    error: str | None = Field(description="Why the last look failed; what was indexed of the source is kept.")
    articles: int
    added: int
    changed: int
    removed: int


class SourcesResponse(_Response):
    """The sources that lie elsewhere."""

    sources: list[SourceModel]


class FailureModel(_Response):
    """A part of a document that can't be read."""

    reason: str


class ChangeResponse(_Response):
    """A change that is on the disk. It is in the index when its job has succeeded."""

    articles: list[str] = Field(description="The ids of the articles that were written or deleted.")
    failures: list[FailureModel] = Field(description="Parts of the document that can't be read and are left out.")
    same_as: list[str] = Field(
        default=[],
        description="Articles of a source that is the same file, byte for byte: they are in the index twice.",
    )
    job: JobModel


class VersionModel(_Response):
    """A version on the disk."""

    version: str
    created: str | None
    articles: int | None
    passages: int | None
    size_bytes: int | None
    current: bool = Field(description="Whether it is the one that is to answer.")
    trouble: str | None = Field(description="What is wrong with it.")


class VersionsResponse(_Response):
    """The versions on the disk, the oldest first."""

    versions: list[VersionModel]


class SwitchResponse(_Response):
    """The version that answers from now on, within two seconds."""

    version: str


class PruneResponse(_Response):
    """What was removed."""

    removed: list[str]


class RefusalModel(_Response):
    """The current version could not be opened, and the one before goes on answering."""

    version: str | None
    reason: str


class IndexResponse(_Response):
    """The index that is open, and what it was made with."""

    version: str
    created: str
    articles: int
    passages: int
    size_bytes: int | None = Field(description="Bytes on the disk; null for a key that is bound to some articles.")
    models: dict[str, dict[str, Any]]
    settings: dict[str, Any]
    refused: RefusalModel | None = Field(description="A newer version that can't be used, and why.")
    facets: dict[str, list[str]] = Field(description="The most frequent sources, authors and tags, to filter by.")


class CollectionModel(_Response):
    """A collection; what it counts is in the version that answers."""

    name: str
    created: datetime | None = Field(description="Null for the default one, which is as old as the data folder.")
    settings: dict[str, Any] = Field(description="What it has of its own in place of the settings of the service.")
    index_version: str | None = Field(description="Null as long as nothing was built.")
    articles: int
    passages: int
    link: str


class CollectionsResponse(_Response):
    """The collections."""

    collections: list[CollectionModel]


class DeletedCollection(_Response):
    """A collection that is not there any more."""

    name: str
    revoked_keys: list[str] = Field(description="The ids of the keys that were bound to it alone.")


class FailedBuildModel(_Response):
    """The last build failed: what was written since the one before is kept, and is not in the index."""

    job: str = Field(description="The id of the job; `link` tells more.")
    reason: str
    link: str


class HealthResponse(_Response):
    """The state of the process."""

    status: Literal["ok", "ready"]
    index_version: str | None = None
    refused: RefusalModel | None = Field(default=None, description="A newer version that can't be used, and why.")
    failed_build: FailedBuildModel | None = Field(
        default=None, description="The last build, when it failed; it is tried again by itself, and by the next write."
    )


class ProblemModel(BaseModel):
    """An error (RFC 9457, `application/problem+json`); `error` is the same for OpenAI clients."""

    model_config = ConfigDict(json_schema_extra={"examples": [examples.PROBLEM]})

    type: str
    title: str
    status: int
    detail: str
    error: dict[str, str]
    request_id: str | None = None
    errors: list[dict[str, str]] | None = None
