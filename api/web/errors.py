"""Errors as pages, for people; programs and everything under ``/v1`` get problem details."""

from starlette.requests import Request
from starlette.responses import Response

from api.http.errors import Problem
from api.runtime.state import runtime_of
from api.web.rendering import page
from api.web.words import as_sentence

_HEADINGS = {
    401: "A key is needed",
    404: "There is no such page",
    405: "Nothing to read here",
    429: "Too much at once",
    500: "Something went wrong here",
    503: "Not ready yet",
}
_FOR_PROGRAMS = ("/v1/", "/mcp", "/openapi.json", "/healthz", "/readyz", "/metrics")

_FORMS = ("/articles", "/admin/", "/feedback", "/check")
"""Where pages send forms to."""

_PASSING = frozenset({429, 503})
"""What may be over when the page is opened again."""


def problem_page(request: Request, problem: Problem) -> Response | None:
    """The page that answers a problem, where a browser opens an address; None for a program."""
    if not _is_for_people(request):
        return None
    status = problem.status_code
    heading = _HEADINGS.get(status, "This can't be shown")
    again = request.url.path if status in _PASSING and request.method == "GET" else None
    if again and request.url.query:
        again += f"?{request.url.query}"
    answer = page(request, "missing.html", status, heading=heading, message=_message(request, problem), again=again)
    answer.headers.update(problem.headers or {})
    return answer


def _is_for_people(request: Request) -> bool:
    """Whether a browser opens this address, or sends it a form: it says that it takes pages."""
    path = request.url.path.removeprefix(request.scope.get("root_path", ""))
    is_opened = request.method in {"GET", "HEAD"} or (request.method == "POST" and path.startswith(_FORMS))
    return is_opened and "text/html" in request.headers.get("accept", "") and not path.startswith(_FOR_PROGRAMS)


def _message(request: Request, problem: Problem) -> str:
    if problem.code == "not_ready" and runtime_of(request).index.is_empty:
        return "There are no articles here yet."
    if problem.status_code == 404:
        return f"Nothing is at {request.url.path}. The address may be cut, or what stood there was removed."
    if problem.status_code == 405:
        return f"{request.url.path} takes what programs send. The API page tells what."
    return as_sentence(problem.detail)
