"""``ETag``, ``If-None-Match`` and ``If-Match`` (RFC 9110): what a client has seen of an article."""

import hashlib
import re
from collections.abc import Sequence

from starlette.requests import Request

from index.article import Article

_TAG = re.compile(r'(?:W/)?"[\x21\x23-\x7e\x80-\xff]*"')


def entity_tag(article: Article) -> str:
    """The tag of an article with all that is known of it: another one when anything of it changes."""
    return f'"{hashlib.sha256(repr(article).encode("utf-8", "surrogatepass")).hexdigest()[:32]}"'


def names(header: Sequence[str], tag: str | None, strongly: bool) -> bool:
    """Whether a condition names ``tag``; ``*`` names any that there is. ``strongly``: weak tags name none."""
    values = ",".join(header)
    if values.strip() == "*":
        return tag is not None
    found = set(_TAG.findall(values))
    return tag is not None and (tag in found or (not strongly and f"W/{tag}" in found))


def is_unchanged(request: Request, tag: str) -> bool:
    """Whether the client has what it asks for already."""
    given = request.headers.getlist("if-none-match")
    return bool(given) and names(given, tag, strongly=False)
