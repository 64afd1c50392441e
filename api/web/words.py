"""Names of sources as a list shows them, so that each can be told from the others."""

from collections.abc import Sequence

from api.web.language import day_in
from rag.citing.citation import Citation


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


def _details(citation: Citation, language: str) -> list[str]:
    published = [day_in(language, citation.published)] if citation.published else []
    return [*([citation.source] if citation.source else []), *published]
