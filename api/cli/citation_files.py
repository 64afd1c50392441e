"""Whether citations that were kept still hold: reading them from a file, and a line on each."""

import json
from collections.abc import Iterator
from typing import Any

from pydantic import ValidationError

from api.http.errors import explained
from api.http.requests import CitationToVerify
from index.article import single_spaced
from rag.citing.verification import Verification


class CitationsError(ValueError):
    """There are no citations to check; the message says how to mend it."""


def read_citations(text: str) -> list[CitationToVerify]:
    """The citations in a JSON document: one, a list, or an answer of ``POST /v1/ask``; each one once.

    :raises CitationsError: when the text is not JSON, has no citation, or a citation lacks something.
    """
    try:
        found = list(
            {json.dumps(citation, sort_keys=True): citation for citation in _citations(json.loads(text))}.values()
        )
    except (ValueError, RecursionError) as error:
        raise CitationsError(
            f"this is not JSON: {error}. Give a citation or an answer of 'pullquote ask --json'"
        ) from None
    if not found:
        raise CitationsError("there is no citation in it. Give a citation or an answer of 'pullquote ask --json'")
    try:
        return [CitationToVerify.model_validate_json(json.dumps(citation)) for citation in found]
    except ValidationError as error:
        raise CitationsError(explained(error.errors()[:1]).detail) from None


def _citations(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, list):
        for item in value:
            yield from _citations(item)
    elif isinstance(value, dict) and {"article_id", "quote"} <= value.keys():
        yield value
    elif isinstance(value, dict):
        yield from _citations(list(value.values()))


def line_on(citation: CitationToVerify, now: Verification) -> str:
    """A line on a citation, and when its words changed, another one with today's."""
    place = f" at {now.quote_start}-{now.quote_end}" if now.quote else ""
    alike = f", {now.similarity:.0%} alike" if now.status == "changed" else ""
    lines = [f"{now.status:<7}  {citation.article_id}{place}{alike}: {single_spaced(citation.quote)}"]
    if now.status == "changed" and now.quote:
        lines.append(f"{'now':<7}  {single_spaced(now.quote)}")
    return "\n".join(lines)
