"""What a program says in a call, checked and brought into the types that answer."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import TypedDict, get_args

from index.article import storable
from index.storage.filters import Filters
from rag.english.followup import Turn
from rag.english.times import Preference
from rag.question import DEFAULT_LIMIT, Question

LONGEST_QUESTION = 2000
"""Characters."""

_ROLES = ("user", "assistant", "system")


class Conditions(TypedDict, total=False):
    """Which articles may answer. All conditions have to hold; in a list any one value is enough, and a string is a list
    of one. Letter case makes no difference to sources, authors and tags.

    ``published_from`` and ``published_to`` are the first and the last day of publication, as dates or as "2024-10-31".
    """

    sources: Iterable[str]
    authors: Iterable[str]
    tags: Iterable[str]
    article_ids: Iterable[str]
    published_from: date | str | None
    published_to: date | str | None


def a_question(
    question: str | Question,
    limit: int,
    min_confidence: float | None,
    history: Iterable[Turn | Mapping[str, str]],
    conditions: Conditions,
    asked_at: date | str | None = None,
    prefer: Preference | None = None,
) -> Question:
    """What is asked, checked.

    :raises ValueError: when anything in it makes no sense.
    :raises TypeError: when a whole question is given, and more beside it.
    """
    if isinstance(question, Question):
        if history or conditions or (limit, min_confidence, asked_at, prefer) != (DEFAULT_LIMIT, None, None, None):
            raise TypeError("a Question has history, filters, limit and the rest in itself: leave them out beside it")
        asked = question
    else:
        day = _day("asked_at", asked_at) or date.today()
        asked = Question(question, turns(history), filters(**conditions), limit, min_confidence, day, prefer)
    a_limit(asked.limit)
    if asked.prefer not in (None, *get_args(Preference)):
        raise ValueError(f"prefer is {asked.prefer!r:.80}: it must be newest, oldest, or None")
    least = asked.min_confidence
    if least is not None and not 0 <= least <= 1:
        raise ValueError(f"min_confidence is {least}: it is a probability, from 0 to 1")
    return replace(asked, text=a_text(asked.text))


def a_text(text: str) -> str:
    """The words of a question without the white space around them.

    :raises ValueError: when there is nothing in it, or it is too long.
    """
    text = storable(text.strip())
    if not any(character.isprintable() and not character.isspace() for character in text):
        raise ValueError("the question is empty")
    if len(text) > LONGEST_QUESTION:
        raise ValueError(f"the question has {len(text)} characters and may have {LONGEST_QUESTION}: shorten it")
    return text


def a_limit(limit: int) -> int:
    """How many are wanted.

    :raises ValueError: when that is none.
    """
    if limit < 1:
        raise ValueError(f"limit is {limit}: it must be 1 or more")
    return limit


def turns(history: Iterable[Turn | Mapping[str, str]]) -> tuple[Turn, ...]:
    """The messages of a conversation, given as turns or as ``{"role": …, "content": …}``.

    :raises ValueError: when one is neither.
    """
    return tuple(message if isinstance(message, Turn) else _turn(message) for message in history)


def _turn(message: Mapping[str, str]) -> Turn:
    role, content = (message.get("role"), message.get("content")) if isinstance(message, Mapping) else (None, None)
    if not isinstance(content, str) or role not in _ROLES:
        raise ValueError(
            f'{message!r:.80} is no message of a conversation: write {{"role": "user", "content": "…"}}, with one of '
            f"the roles {', '.join(_ROLES)}"
        )
    return Turn(role, content)  # type: ignore[arg-type]


def filters(
    *,
    sources: Iterable[str] = (),
    authors: Iterable[str] = (),
    tags: Iterable[str] = (),
    article_ids: Iterable[str] = (),
    published_from: date | str | None = None,
    published_to: date | str | None = None,
) -> Filters:
    """See :class:`Conditions`.

    :raises ValueError: when a day is none, or the first one is later than the last one.
    """
    first, last = _day("published_from", published_from), _day("published_to", published_to)
    if first and last and first > last:
        raise ValueError(f"published_from ({first}) is later than published_to ({last}): swap them")
    return Filters(_names(sources), _names(authors), _names(tags), _names(article_ids), first, last)


def _names(given: Iterable[str]) -> tuple[str, ...]:
    return (given,) if isinstance(given, str) else tuple(given)


def _day(name: str, given: date | str | None) -> date | None:
    if isinstance(given, datetime):
        return given.date()
    if given is None or isinstance(given, date):
        return given
    try:
        return date.fromisoformat(given)
    except (TypeError, ValueError):
        raise ValueError(f"{name} is {given!r:.80}: write a date, or a day as 2024-10-31") from None
