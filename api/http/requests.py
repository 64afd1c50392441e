"""What the native routes take. Offsets count Unicode code points into an article's text, the end exclusive."""

import re
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import (
    AliasChoices,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationInfo,
    field_validator,
    model_validator,
)

from api.http import examples
from index.article import ARTICLE_ID, storable
from index.storage.filters import Filters
from rag.checking.statements import MOST_STATEMENTS, statements
from rag.english.followup import Turn
from rag.question import DEFAULT_LIMIT, Question

MAX_QUESTION = 2000
MAX_LIMIT = 20
MAX_CHECKED = 20_000
ARTICLE_ID_PATTERN = f"^{ARTICLE_ID.pattern}$"
ADDRESS_PATTERN = r"^https?://[^\s/]"
VERSION_PATTERN = "^[0-9]{6,12}-[0-9a-f]{8}$"
LANGUAGE_PATTERN = r"^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$"


def _storable(value: Any) -> Any:
    return storable(value) if isinstance(value, str) else value


Text = Annotated[str, BeforeValidator(_storable)]
"""Text in which lone surrogates, which JSON can carry and UTF-8 can't, are U+FFFD."""

Name = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500), BeforeValidator(_storable)
]
Names = Annotated[list[Name], Field(max_length=100)]


def _whole(value: Any) -> Any:
    return int(value) if isinstance(value, float) and value.is_integer() else value


Whole = Annotated[int, BeforeValidator(_whole)]
"""An integer, also written as 4.0, which JSON Schema takes for the same number."""

Offset = Annotated[Whole, Field(ge=0, lt=2**53)]
"""A place in a text; any program that reads JSON can hold it."""


def _a_day(value: Any) -> Any:
    if isinstance(value, date):
        return value
    try:
        if isinstance(value, str) and re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
            return date.fromisoformat(value)
    except ValueError:
        pass
    raise ValueError(f"{value!r:.80} is no date: write it as 2024-10-31")


Day = Annotated[date, BeforeValidator(_a_day)]
"""A date, written YYYY-MM-DD and in no other way."""


_Version = Annotated[
    str | None,
    Field(
        pattern=VERSION_PATTERN,
        description="Answer from this version of the index or a later one, else 503: after a change, the version that "
        "its job names.",
    ),
]
_AskedAt = Annotated[
    Day | None,
    Field(
        description='The day from which "last year" or "on Tuesday" in the question count, as 2024-10-23; null: today.'
    ),
]
_Prefer = Annotated[
    Literal["newest", "oldest"] | None,
    Field(
        description="Where articles of several dates answer, prefer the newest or the oldest; null: as the question "
        "says."
    ),
]


def a_question(text: str) -> str:
    """A question without the white space around it.

    :raises ValueError: when it is empty or too long.
    """
    text = text.strip()
    if not any(character.isprintable() and not character.isspace() for character in text):
        raise ValueError(f"it is empty: write a question of 1 to {MAX_QUESTION} characters")
    if len(text) > MAX_QUESTION:
        raise ValueError(f"it has {len(text)} characters and may have {MAX_QUESTION}: shorten it")
    return storable(text)


def a_text_to_check(text: str) -> str:
    """A text that can be checked.

    :raises ValueError: when it has no sentence, is too long, or has too many of them.
    """
    if len(text) > MAX_CHECKED:
        raise ValueError(f"it has {len(text)} characters and may have {MAX_CHECKED}: check it in parts")
    text = storable(text)
    number = len(statements(text))
    if not number:
        raise ValueError("it has no sentence: write what is to be compared with the articles")
    if number > MOST_STATEMENTS:
        raise ValueError(f"it has {number} sentences and may have {MOST_STATEMENTS}: check it in parts")
    return text


class _Request(BaseModel):
    """A request: a field that is not known is an error."""

    model_config = ConfigDict(extra="forbid")


class _Body(_Request):
    """A request in JSON, which has types: "3" is no number."""

    model_config = ConfigDict(strict=True)


class _FilterFields(_Request):
    sources: Names = Field(default=[], description="Publishers; any one of them.")
    authors: Names = Field(default=[], description="Authors; any one of them.")
    tags: Names = Field(default=[], description="Tags; any one of them.")
    article_ids: Names = Field(default=[], description="Articles, by id; any one of them.")
    published_from: Day | None = Field(default=None, description="First day of publication, as 2024-10-01.")
    published_to: Day | None = Field(default=None, description="Last day of publication, itself included.")

    @model_validator(mode="after")
    def _in_order(self) -> "_FilterFields":
        if self.published_from and self.published_to and self.published_from > self.published_to:
            raise ValueError("published_from is later than published_to: swap them")
        return self

    def conditions(self) -> Filters:
        """As the index takes them."""
        return Filters(
            tuple(self.sources),
            tuple(self.authors),
            tuple(self.tags),
            tuple(self.article_ids),
            self.published_from,
            self.published_to,
        )


class FilterSet(_FilterFields, _Body):
    """Which articles may answer. All conditions have to hold; in a list, any one value is enough; case is ignored."""


class Message(_Body):
    """One message of a conversation."""

    role: Literal["user", "assistant", "system"]
    content: Text = Field(max_length=20_000)

    def turn(self) -> Turn:
        """As the answerer takes it."""
        return Turn(self.role, self.content)


class AskRequest(_Body):
    """A question to be answered."""

    model_config = ConfigDict(json_schema_extra={"examples": [examples.ASK]})

    question: str = Field(
        validation_alias=AliasChoices("question", "query", "q"),
        description=f"1 to {MAX_QUESTION} characters, white space around it not counted. Also `query`, `q`.",
    )
    limit: Whole = Field(DEFAULT_LIMIT, ge=1, le=MAX_LIMIT, description="Answers wanted.")
    filters: FilterSet = FilterSet()
    min_confidence: float | None = Field(
        None,
        ge=0,
        le=1,
        description="Hold back answers below this probability of being right; null: a calibrated default.",
    )
    history: list[Message] = Field(
        default=[],
        max_length=200,
        description="The conversation so far, the oldest message first; a question that takes something from it is "
        "asked as `standalone_question`.",
    )
    include_passages: bool = Field(False, description="Give the passages that were read, too.")
    min_index_version: _Version = None
    require_complete: bool = Field(
        False, description="Refuse (503 with `Retry-After`) rather than answer while a part of the index is missing."
    )
    asked_at: _AskedAt = None
    prefer: _Prefer = None

    _question = field_validator("question")(a_question)

    def asked(self) -> Question:
        """As the answerer takes it."""
        history = tuple(message.turn() for message in self.history)
        return Question(
            self.question,
            history,
            self.filters.conditions(),
            self.limit,
            self.min_confidence,
            self.asked_at or date.today(),
            self.prefer,
        )


class AskQuery(_FilterFields):
    """A question in a URL; lists are given by repeating the name."""

    q: str = Field(description=f"The question, 1 to {MAX_QUESTION} characters.", examples=["Who is Lloyd Austin?"])
    limit: Whole = Field(DEFAULT_LIMIT, ge=1, le=MAX_LIMIT, description="Answers wanted.")
    min_confidence: float | None = Field(
        default=None, ge=0, le=1, description="Hold back answers that are less certain."
    )
    include_passages: bool = Field(False, description="Give the passages that were read, too.")
    min_index_version: _Version = None
    require_complete: bool = Field(
        False, description="Refuse (503 with `Retry-After`) rather than answer while a part of the index is missing."
    )
    asked_at: _AskedAt = None
    prefer: _Prefer = None

    _question = field_validator("q")(a_question)

    def asked(self) -> Question:
        """As the answerer takes it."""
        asked_at = self.asked_at or date.today()
        return Question(self.q, (), self.conditions(), self.limit, self.min_confidence, asked_at, self.prefer)


class SearchRequest(_Body):
    """A question whose passages are looked for."""

    model_config = ConfigDict(json_schema_extra={"examples": [examples.SEARCH]})

    question: str = Field(
        validation_alias=AliasChoices("question", "query", "q"),
        description=f"1 to {MAX_QUESTION} characters, white space around it not counted. Also `query`, `q`.",
    )
    limit: Whole = Field(10, ge=1, le=100, description="Passages wanted.")
    filters: FilterSet = FilterSet()

    _question = field_validator("question")(a_question)


class CheckRequest(_Body):
    """A text whose sentences are compared with the articles."""

    model_config = ConfigDict(json_schema_extra={"examples": [examples.CHECK]})

    text: str = Field(
        description=f"A draft or an answer, of up to {MAX_CHECKED:,} characters and {MOST_STATEMENTS} sentences. "
        "Markdown is read as such."
    )
    filters: FilterSet = FilterSet()

    _text = field_validator("text")(a_text_to_check)


class ShownAnswer(_Body):
    """An answer as it was given: its words and their place, from its first citation."""

    text: Text = Field(min_length=1, max_length=5_000)
    article_id: Text = Field(min_length=1, max_length=200)
    start: Offset
    end: Offset


class FeedbackRequest(_Body):
    """What somebody thinks of the answer to a question."""

    model_config = ConfigDict(json_schema_extra={"examples": [examples.FEEDBACK]})

    question: str = Field(description="The question, as `standalone_question` of the answer has it.")
    helpful: bool = Field(description="Whether the answer, or that there is none, was right and helped.")
    reason: Literal["wrong", "incomplete", "not_in_articles", "other"] | None = Field(
        default=None, description="Why it did not; `not_in_articles`: no article answers this."
    )
    comment: Text | None = Field(default=None, max_length=1_000)
    answer: ShownAnswer | None = Field(default=None, description="The answer; null when there was none.")

    _question = field_validator("question")(a_question)


class ArticleRequest(_Body):
    """An article by its id."""

    article_id: Text = Field(min_length=1, max_length=200, description="`article_id` of a citation or a passage.")


class ArticlesQuery(_FilterFields):
    """Which articles to list."""

    limit: int = Field(50, ge=1, le=200, description="Articles on a page.")
    cursor: str | None = Field(
        default=None, max_length=400, description="`next_cursor` of the page before; unset: first page."
    )


class CitationToVerify(_Body):
    """A citation as an answer gave it; what is not needed to find the quote again may be left out."""

    article_id: Text = Field(min_length=1, max_length=200)
    start: Offset
    end: Offset
    quote: Text = Field(min_length=1, max_length=20_000)
    quote_start: Offset
    prefix: Text = Field(default="", max_length=1000)
    suffix: Text = Field(default="", max_length=1000)
    sha256: str | None = None
    quote_end: Offset | None = None
    title: str | None = None
    url: str | None = None
    source: str | None = None
    authors: list[str] = []
    published: Day | None = None
    heading: str | None = None
    page: Offset | None = None
    recognised: bool | None = None
    index_version: str | None = None
    link: str | None = None
    long_link: str | None = None
    attribution: dict[str, str | Whole] | None = None

    @field_validator("end")
    @classmethod
    def _after_start(cls, end: int, others: ValidationInfo) -> int:
        if end <= others.data.get("start", -1):
            raise ValueError("it must be greater than start: an answer has a character at least")
        return end

    @field_validator("quote_start")
    @classmethod
    def _around_the_answer(cls, quote_start: int, others: ValidationInfo) -> int:
        if {"start", "end", "quote"} <= others.data.keys():
            quote_end = quote_start + len(others.data["quote"])
            if not quote_start <= others.data["start"] < others.data["end"] <= quote_end:
                raise ValueError(
                    f"the quote would stand at {quote_start} to {quote_end} and must hold the answer, start to end"
                )
        return quote_start

    @field_validator("quote_end")
    @classmethod
    def _at_the_end_of_the_quote(cls, quote_end: int | None, others: ValidationInfo) -> int | None:
        if quote_end is not None and {"quote", "quote_start"} <= others.data.keys():
            wanted = others.data["quote_start"] + len(others.data["quote"])
            if quote_end != wanted:
                raise ValueError(f"it must be {wanted}, quote_start and the length of the quote, or be left out")
        return quote_end


class VerifyRequest(_Body):
    """The citation to look up."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"citation": examples.CITATION}]})

    citation: CitationToVerify

    @model_validator(mode="before")
    @classmethod
    def _bare(cls, value: Any) -> Any:
        """Take a citation itself, too."""
        return {"citation": value} if isinstance(value, dict) and "article_id" in value else value


class _ArticleFields(_Body):
    text: Text | None = Field(default=None, max_length=10_000_000, description="The whole text, paragraphs apart.")
    title: Text | None = Field(default=None, max_length=1000)
    url: str | None = Field(
        default=None,
        max_length=2000,
        pattern=ADDRESS_PATTERN,
        description="Where the article can be read. Without `text`, it is fetched from there.",
    )
    source: Text | None = Field(default=None, max_length=500, description="The publisher.")
    authors: Names = []
    published: Day | None = None
    language: str | None = Field(default=None, pattern=LANGUAGE_PATTERN)
    tags: Names = []

    @model_validator(mode="after")
    def _has_words(self) -> "_ArticleFields":
        if self.text is None and self.url is None:
            raise ValueError("there is neither text nor url: give the text, or the address to fetch it from")
        if self.text is not None and not any(character.isalnum() for character in self.text):
            raise ValueError("text has no letter or digit: give the whole text of the article")
        return self

    def metadata(self) -> dict[str, Any]:
        """What is told of the article beside its text."""
        return {
            name: value
            for name, value in self.model_dump(mode="json", exclude={"text", "id", "replace"}).items()
            if value not in (None, [], "")
        }


class ArticleToAdd(_ArticleFields):
    """An article to add: its text, or the address to fetch it from."""

    model_config = ConfigDict(json_schema_extra={"examples": [examples.ARTICLE_TO_ADD]})

    id: str | None = Field(
        default=None, pattern=ARTICLE_ID_PATTERN, description="Its id; unset: one made from url, or title and text."
    )
    replace: bool = Field(False, description="Take the place of an article of this id that is there already.")


class ArticleToPut(_ArticleFields):
    """The article that is to have the id in the address: its text, or the address to fetch it from."""

    model_config = ConfigDict(json_schema_extra={"examples": [examples.ARTICLE_TO_ADD]})


class RollbackRequest(_Body):
    """Which version shall answer."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"version": None}]})

    version: str | None = Field(default=None, max_length=100, description="Its name; null: the one before the current.")
    restore_deleted: bool = Field(
        default=False, description="Go back although the version holds articles that were deleted since."
    )


class RebuildRequest(_Body):
    """What shall be read again."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"source": None}]})

    source: str | None = Field(
        default=None, max_length=2000, description="The one source elsewhere to look at; null: every one."
    )


class PruneRequest(_Body):
    """Which versions shall stay."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"keep": 3}]})

    keep: Whole | None = Field(
        default=None, ge=1, le=1_000_000, description="The newest; null: as many as the settings."
    )
    days: float | None = Field(default=None, ge=0, le=36_500, description="Those of the last days, too.")


class CollectionSettings(_Body):
    """What a collection has of its own; what is null is as in the settings of the service, which say what each does."""

    passage_tokens: Whole | None = Field(default=None, ge=16, le=8192)
    public_ask: bool | None = Field(default=None, description="False: asking this collection needs a key.")
    keep_versions: Whole | None = Field(default=None, ge=1, le=1_000_000)
    keep_days: float | None = Field(default=None, ge=0, le=36_500)
    keep_deleted_days: float | None = Field(default=None, ge=0, le=36_500)
    build_delay: float | None = Field(default=None, ge=0, le=86_400)
    build_delay_most: float | None = Field(default=None, ge=0, le=86_400)


class CollectionToMake(_Body):
    """A collection to make."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"name": "news", "settings": {"keep_versions": 3}}]})

    name: str = Field(description="1 to 63 of a-z 0-9 _ -, a letter or digit first and last.", max_length=100)
    settings: CollectionSettings = CollectionSettings()


class CollectionToChange(_Body):
    """What of a collection shall be different."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"settings": {"keep_versions": 5, "keep_days": None}}]})

    settings: CollectionSettings = Field(description="Those that are not named stay; null: as the service has it.")
