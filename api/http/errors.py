"""Every error as problem details (RFC 9457), with an ``error`` member beside it that OpenAI clients show."""

import errno
import http
import logging
import re
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Match
from starlette.types import Receive, Scope, Send

from api.http.requests import ADDRESS_PATTERN, ARTICLE_ID_PATTERN, LANGUAGE_PATTERN, VERSION_PATTERN
from api.invalid_fields import complaint, field_name
from index.article import storable
from index.collection.store import CollectionError
from index.errors import PullquoteError
from index.storage.corpus import IncompleteError

MEDIA_TYPE = "application/problem+json"
REQUEST_ID = "x-request-id"
PROBLEM_CODE = "problem_code"
"""Where a request's state has the code of the problem that answers it."""

_log = logging.getLogger("pullquote.requests")

_CODES = {
    400: "bad_request",
    401: "unauthorized",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    409: "conflict",
    412: "precondition_failed",
    413: "body_too_large",
    415: "unsupported_media_type",
    422: "invalid_request",
    500: "internal_error",
    503: "unavailable",
    507: "disk_full",
}

_FULL = {errno.ENOSPC, errno.EDQUOT}
_UNUSABLE = {errno.EROFS, errno.EACCES, errno.EPERM, errno.EIO, errno.EMFILE, errno.ENFILE}

_PATTERNS = {
    ADDRESS_PATTERN: "it must be an address that begins with http:// or https://",
    ARTICLE_ID_PATTERN: "take 1 to 128 of A-Z a-z 0-9 . _ ~ -, a letter or digit first",
    VERSION_PATTERN: "name a version as it stands in answers and jobs, like 000001-5f2a90c1",
    LANGUAGE_PATTERN: "name a language as en or pt-BR",
}
"""What a pattern asks for, in words."""


class Problem(HTTPException):
    """An error that a client is told about: raise it anywhere in a request."""

    def __init__(
        self,
        status: int,
        detail: str,
        code: str | None = None,
        headers: Mapping[str, str] | None = None,
        errors: Sequence[Mapping[str, str]] = (),
    ) -> None:
        """``code`` is a stable name for programs, ``errors`` the complaints about single fields."""
        super().__init__(status, detail, headers)
        self.code = code or _CODES.get(status, "error")
        self.errors = errors


def document(problem: Problem, request_id: str = "") -> dict[str, Any]:
    """The body of a problem."""
    detail = storable(problem.detail)
    phrase = http.HTTPStatus(problem.status_code).phrase
    kind = "server_error" if problem.status_code >= 500 else "invalid_request_error"
    body: dict[str, Any] = {
        "type": f"urn:pullquote:problem:{problem.code}",
        "title": phrase,
        "status": problem.status_code,
        "detail": detail,
        "error": {"message": detail, "type": kind, "code": problem.code},
    }
    if request_id:
        body["request_id"] = request_id
    if problem.errors:
        body["errors"] = [{name: storable(text) for name, text in each.items()} for each in problem.errors]
    return body


PageOf = Callable[[Request, Problem], Response | None]
"""Makes the page of a problem; None where a program asked."""


class ProblemResponse(JSONResponse):
    """The response for a problem. Whoever sends it, the request's state tells its code from then on.

    Who opened a page gets one: the application's state has a ``PageOf`` for that, as ``problem_page``.
    """

    def __init__(self, problem: Problem, request_id: str = "") -> None:
        super().__init__(document(problem, request_id), problem.status_code, problem.headers, MEDIA_TYPE)
        self.problem = problem

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it."""
        scope.setdefault("state", {})[PROBLEM_CODE] = self.problem.code
        page_of: PageOf | None = getattr(scope["app"].state, "problem_page", None) if "app" in scope else None
        if page_of and (answer := page_of(Request(scope), self.problem)):
            await answer(scope, receive, send)
        else:
            await super().__call__(scope, receive, send)


def response(problem: Problem, request_id: str = "") -> JSONResponse:
    """The response for a problem."""
    return ProblemResponse(problem, request_id)


def unexpected(request_id: str) -> Problem:
    """What a client is told of an error that nobody foresaw."""
    return Problem(500, f"the service failed on this request; its log tells why, under the request id {request_id}")


def install(app: FastAPI) -> None:
    """Make ``app`` answer every error as a problem."""
    app.add_exception_handler(HTTPException, _on_http_exception)
    app.add_exception_handler(RequestValidationError, _on_invalid_request)
    app.add_exception_handler(sqlite3.OperationalError, _on_database_trouble)
    app.add_exception_handler(OSError, _on_disk_trouble)
    app.add_exception_handler(IncompleteError, _on_incomplete)
    app.add_exception_handler(Exception, _on_any_other)


async def _on_http_exception(request: Request, error: Exception) -> JSONResponse:
    """An error that a route raised, as a problem."""
    assert isinstance(error, HTTPException)
    if isinstance(error, Problem):
        return response(error, request_id_of(request))
    detail = error.detail
    if error.status_code == 404:
        detail = f"there is nothing at {request.url.path}: see /openapi.json for what there is"
    elif error.status_code == 405:
        allowed = _allowed(request)
        detail = f"{request.url.path} does not take {request.method}: use {allowed}"
        return response(Problem(405, detail, headers={"Allow": allowed}), request_id_of(request))
    elif error.status_code == 400 and error.__cause__:
        return response(Problem(422, _unread(error.__cause__)), request_id_of(request))
    return response(Problem(error.status_code, detail, headers=error.headers), request_id_of(request))


def _unread(cause: BaseException) -> str:
    """Why a body that may be JSON could not be read."""
    match cause:
        case UnicodeDecodeError():
            return f"the body is no UTF-8 (at byte {cause.start}): send it encoded in UTF-8"
        case RecursionError():
            return "the body has lists or objects too deep inside each other: send it with fewer levels"
        case ValueError():
            return "the body has a number with too many digits: shorten it"
    return "the body can't be read: send a JSON object"


def _allowed(request: Request) -> str:
    """The methods of every route at this path; a single route knows only its own."""
    methods = ("GET", "POST", "PUT", "PATCH", "DELETE")
    scopes = {method: {**request.scope, "method": method} for method in methods}
    return ", ".join(
        method
        for method in methods
        if any(route.matches(scopes[method])[0] == Match.FULL for route in request.app.routes)
    )


async def _on_invalid_request(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    return response(invalid(request, error.errors()), request_id_of(request))


async def _on_database_trouble(request: Request, error: Exception) -> JSONResponse:
    """Nothing of a change is kept when its transaction fails, and the client is told so."""
    _log.error("request %s failed: %s", request_id_of(request), error)
    if getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_FULL:
        problem = Problem(507, "the disk of the service is full: make room on it, and then try again")
    else:
        problem = Problem(503, f"the disk of the service does not work as it should ({error}): see its log")
    return response(problem, request_id_of(request))


async def _on_disk_trouble(request: Request, error: Exception) -> JSONResponse:
    """A disk that is full, may not be written, or lost a file; other trouble with the system is not foreseen."""
    assert isinstance(error, OSError)
    is_full = error.errno in _FULL or "usable temporary directory" in str(error)
    if not (is_full or error.errno in _UNUSABLE or isinstance(error, PullquoteError)):
        raise error
    _log.error("request %s failed: %s", request_id_of(request), error)
    if is_full:
        problem = Problem(507, "a disk of the service is full: make room on it, and then try again")
    elif isinstance(error, CollectionError):
        problem = Problem(503, "the file of what is written was removed or can't be used: see the log", "no_collection")
    elif isinstance(error, PullquoteError):
        problem = Problem(503, "a file of the service can't be used: its log tells why", error.code)
    else:
        problem = Problem(503, f"the disk of the service can't be used ({error.strerror}): see its log")
    return response(problem, request_id_of(request))


async def _on_incomplete(request: Request, error: Exception) -> JSONResponse:
    return response(incomplete(str(error)), request_id_of(request))


def incomplete(detail: str) -> Problem:
    """What a client is told that needs a part of the index which does not answer now."""
    return Problem(503, detail, "incomplete", {"Retry-After": "2"})


async def _on_any_other(request: Request, error: Exception) -> JSONResponse:
    request_id = request_id_of(request)
    _log.error("request %s failed: %s %s (%s)", request_id, request.method, request.url.path, type(error).__name__)
    answer = response(unexpected(request_id), request_id)
    answer.headers[REQUEST_ID] = request_id
    return answer


def request_id_of(request: Request) -> str:
    """The id that the request was given."""
    return str(request.scope.get("state", {}).get("request_id", ""))


def invalid(request: Request, found: Sequence[Any]) -> Problem:
    """What is wrong with a request, in words that name the field and how to mend it."""
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    body_was_unread = any(tuple(item["loc"]) == ("body",) and "json" not in item["type"] for item in found)
    if body_was_unread and media_type and not re.fullmatch(r"application/(.+\+)?json", media_type):
        return Problem(415, f"the body is {media_type}: send JSON, with the header content-type: application/json")
    return explained([{**item, "loc": item["loc"][1:]} for item in found])


def explained(found: Sequence[Any]) -> Problem:
    """What pydantic found wrong with something that has fields."""
    errors = [{"field": field_name(item["loc"]), "message": complaint(item, _PATTERNS)} for item in found[:20]]
    detail = "; ".join(f"{each['field']}: {each['message']}" if each["field"] else each["message"] for each in errors)
    return Problem(422, detail, errors=errors)
