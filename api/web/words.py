"""Sources in words: names that tell each from the others, and quotes to take along."""

import re
from collections.abc import Sequence
from datetime import date
from functools import partial

from api.http.remarks import sides_of, told_days
from api.web.language import day_in, words_of
from index.article import searchable, single_spaced
from rag.answerer import Answer
from rag.citing.agreement import Agreement, Position
from rag.citing.citation import Citation

_SIGNS = re.compile(r"[\\`*_{}\[\]<>#|~]")
_ESCAPED = r"\\\g<0>"


def told_apart(citations: Sequence[Citation], language: str = "en") -> list[str]:
    """A name for each citation: its title, and where another bears the same, who published it and when.

    What can't be told apart by that has its article id behind it.
    """
    titles = [each.title for each in citations]
    named = [
        f"{each.title} ({', '.join(_details(each, language))})"
        if titles.count(each.title) > 1 and _details(each, language)
        else each.title
        for each in citations
    ]
    return [
        f"{name} [{each.article_id}]" if named.count(name) > 1 else name
        for name, each in zip(named, citations, strict=True)
    ]


def told_sides(agreement: Agreement, language: str = "en") -> list[tuple[Position, str]]:
    """What articles that contradict each other say, each with when they were published."""
    sides = sides_of(agreement)
    return list(zip(sides, told_days(sides, partial(day_in, language)), strict=True))


def newest(answer: Answer) -> date | None:
    """When the newest of an answer's articles was published."""
    return max((each.published for each in answer.citations if each.published), default=None)


def as_sentence(detail: str) -> str:
    """What a problem says, as a sentence."""
    return f"{detail[:1].upper()}{detail[1:].rstrip('.')}."


def as_text(citation: Citation, link: str, language: str = "en") -> str:
    """A quote with all that is needed to find it again."""
    return f"“{searchable(citation.quote)}”\n— {', '.join([citation.title, *_about(citation, language)])}\n{link}"


def as_markdown(citation: Citation, link: str, language: str = "en") -> str:
    """The same in Markdown, the signs of which in the quote are kept from meaning anything."""
    quote = _SIGNS.sub(_ESCAPED, single_spaced(searchable(citation.quote)))
    named = ", ".join([f"[{_SIGNS.sub(_ESCAPED, citation.title)}]({link})", *_about(citation, language)])
    return f"> {quote}\n>\n> — {named}"


def _about(citation: Citation, language: str) -> list[str]:
    return [*citation.authors, *_details(citation, language), *_recognised(citation, language)]


def _recognised(citation: Citation, language: str) -> list[str]:
    text = "recognised from a scan, page %(number)s"
    return [words_of(language).get(text, text) % {"number": citation.page}] if citation.recognised else []


def _details(citation: Citation, language: str) -> list[str]:
    published = [day_in(language, citation.published)] if citation.published else []
    return [*([citation.source] if citation.source else []), *published]
