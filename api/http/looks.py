"""How a stretch of an article looks, as pages draw it and programs get it."""

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from urllib.parse import urljoin

from index.article import Article, Style

_WEB = re.compile(r"(?:https?://|mailto:)", re.IGNORECASE)
_LONGEST_LOOK_BACK = 32
"""Styles before a stretch that may reach into it: as many as are nested, and more."""


def styles_over(styles: Sequence[Style], start: int, end: int) -> Iterator[Style]:
    """The styles of any of ``start:end``, the outer ones first."""
    first = bisect_left(styles, start, key=lambda style: style.start)
    for at in range(max(0, first - _LONGEST_LOOK_BACK), len(styles)):
        if styles[at].start >= end:
            return
        if styles[at].end > start:
            yield styles[at]


def address_of(article: Article, link: Style) -> str | None:
    """Where a link leads to on the web; None when that is not known, or it leads elsewhere."""
    try:
        address = urljoin(article.url or "", link.value)
    except ValueError:
        return None
    return address if _WEB.match(address) else None
