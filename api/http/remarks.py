"""What is told beside answers, in English: contradictions of articles, which day is meant, age, page."""

from collections.abc import Callable, Sequence
from datetime import date

from rag.answerer import Answer, Result
from rag.citing.agreement import Agreement, Position
from rag.citing.citation import Citation

NO_ANSWER = "No article answers that."
NONE_FOUND = "No answer was found in the articles that could be searched."
"""In place of the other where a part of the index is missing."""

_NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")


def remark(result: Result) -> str | None:
    """The one thing to know beside the answers: what contradicts the first one, or else that it is old."""
    if not result.answers:
        return None
    return disagreement(result.agreement) or _age(result.answers[0])


def page_in_words(citation: Citation) -> str:
    """“page 3” or “recognised from a scan, page 3”; empty where there are no pages."""
    if citation.page is None:
        return ""
    return f"{'recognised from a scan, ' if citation.recognised else ''}page {citation.page}"


def resolved(answer: Answer) -> str | None:
    """What a date in the answer means that follows from the day of the article: “22 October 2024” for “Tuesday”."""
    found = answer.date
    return _span(list(dict.fromkeys(map(in_english, (found.first, found.last))))) if found else None


def _age(answer: Answer) -> str | None:
    days = [citation.published for citation in answer.citations if citation.published]
    return f"That was so on {in_english(max(days))}." if answer.is_old and days else None


def disagreement(agreement: Agreement | None) -> str | None:
    """“Two articles say 55 million (2024), one says 40 million (2023).”; None where none contradicts another.

    A position that is only more or less precise than the first one is left out. The newest is named as such when it is
    newer than that of the first answer.
    """
    if agreement is None or not agreement.is_disputed:
        return None
    sides = sides_of(agreement)
    days = told_days(sides)
    said = []
    for at, (side, day) in enumerate(zip(sides, days, strict=True)):
        number = _NUMBERS[side.witnesses] if side.witnesses < len(_NUMBERS) else str(side.witnesses)
        says = "says" if side.witnesses == 1 else "say"
        newer = "newer " if side is agreement.newer else ""
        article = "article" if side.witnesses == 1 else "articles"
        noun = f" {newer}{article}" if at == 0 or newer else ""
        said.append(f"{number}{noun} {says} {one_line(side.text)}{f' ({day})' if day else ''}")
    sentence = f"{', '.join(said[:-1])}, {said[-1]}."
    return sentence[:1].upper() + sentence[1:]


def sides_of(agreement: Agreement) -> list[Position]:
    """The first position and those that contradict it."""
    return [each for each in agreement.positions if each is agreement.positions[0] or each.relation == "contradicting"]


def told_days(sides: Sequence[Position], written: Callable[[date], str] | None = None) -> list[str]:
    """When the articles of each side were published: their years where these tell the sides apart, else their days.

    :param written: writes a day, in English when None.
    """
    years = [sorted({day.year for day in side.days}) for side in sides]
    if len({tuple(each) for each in years}) == len(sides):
        return [_span([str(year) for year in each]) for each in years]
    return [_span([(written or in_english)(day) for day in side.days]) for side in sides]


def one_line(text: str) -> str:
    """Words on one line."""
    return " ".join(text.split())


def _span(days: Sequence[str]) -> str:
    return f"{days[0]} – {days[-1]}" if len(days) > 1 else "".join(days)


def in_english(day: date) -> str:
    """A day as it is written in messages: 22 October 2024."""
    return f"{day.day} {day:%B %Y}"
