"""Looking a citation up again."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from rag.citing.verification import Cited, Verification, verify_in


@dataclass(frozen=True, slots=True)
class _FromMapping:
    article_id: str
    start: int
    end: int
    quote: str
    quote_start: int
    prefix: str = ""
    suffix: str = ""


def cited(citation: Cited | Mapping[str, Any]) -> Cited:
    """What is looked up of a citation: a :class:`pullquote.Citation`, or its fields as JSON has them.

    :raises ValueError: when a field is missing or no citation has it like that.
    """
    if isinstance(citation, Mapping):
        names = [name for name in _FromMapping.__slots__ if name in citation]
        try:
            citation = _FromMapping(**{name: citation[name] for name in names})
        except TypeError:
            missing = [name for name in ("article_id", "start", "end", "quote", "quote_start") if name not in names]
            raise ValueError(f"the citation has no {', '.join(missing)}: give it whole, as an answer had it") from None
    quote_end = citation.quote_start + len(citation.quote)
    if not 0 <= citation.quote_start <= citation.start < citation.end <= quote_end:
        raise ValueError(
            f"the citation's answer, {citation.start} to {citation.end}, is not in its quote, "
            f"{citation.quote_start} to {quote_end}: give it as an answer had it"
        )
    return citation


def verify(citation: Cited | Mapping[str, Any], text: str) -> Verification:
    """What became of a citation in ``text``, the article's text of today. Nothing is loaded for it.

    :raises ValueError: when it is no citation.
    """
    return verify_in(text, cited(citation))
