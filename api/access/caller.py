"""Who makes a request: what that one may do, and which articles that one sees."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request

from api.access.keys import ROLES, Role
from api.http.errors import Problem
from index.storage.filters import EVERYTHING, Filters

CALLER = "caller"
"""Its place in the state of a request."""


@dataclass(frozen=True, slots=True)
class Caller:
    """``role`` is None for somebody without a key where asking needs one.

    ``name`` is what a log calls it: the id of a key, ``write token``, or None. ``has_wrong_key`` tells that a key came
    along that is none, and was not needed; ``is_in_pages`` that the key stands in web pages, for many people. With
    ``collections``, no others are there.
    """

    role: Role | None
    address: str
    name: str | None = None
    scope: Filters = EVERYTHING
    has_wrong_key: bool = False
    is_in_pages: bool = False
    collections: tuple[str, ...] = ()

    def may(self, role: Role) -> bool:
        """Whether that one has a role or a greater one."""
        return self.role is not None and ROLES.index(self.role) >= ROLES.index(role)

    @property
    def sees_everything(self) -> bool:
        """Whether that one may be told of every article of a collection that is there for it."""
        return self.role is not None and not self.scope

    def knows(self, collection: str) -> bool:
        """Whether a collection, if it is there, is there for that one."""
        return not self.collections or collection in self.collections


def caller_of(scope: Mapping[str, Any]) -> Caller:
    """Who makes the request of an ASGI scope; :class:`api.access.guard.Guard` found out."""
    caller: Caller = scope["state"][CALLER]
    return caller


def sees_everything(request: Request) -> None:
    """A dependency of routes that tell of the whole index.

    :raises Problem: 403 for a key that is bound to some articles.
    """
    if not caller_of(request.scope).sees_everything:
        detail = "this key is bound to some articles, and this is about all of them: use a key that is not bound"
        raise Problem(403, detail, "key_is_bound")


def knows_every_collection(request: Request) -> None:
    """A dependency of routes that tell of the whole service, or change what collections there are.

    :raises Problem: 403 for a key that is bound to some collections or articles.
    """
    sees_everything(request)
    if caller_of(request.scope).collections:
        detail = "this key is bound to some collections, and this is about all of them: use a key that is not bound"
        raise Problem(403, detail, "key_is_bound")
