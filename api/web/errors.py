"""Errors as pages, for people; programs and everything under ``/v1`` get problem details."""

from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from api.http.errors import on_http_exception
from api.web.rendering import page

_HEADINGS = {404: "There is no such page", 405: "Nothing to read here", 503: "Not ready yet"}
_FOR_PROGRAMS = ("/v1/", "/mcp", "/openapi.json", "/healthz", "/readyz", "/metrics")

_FORMS = ("/articles", "/admin/", "/feedback")
"""Where pages send forms to."""


def install(app: FastAPI) -> None:
    """Answer the errors of browsers that open an address of ``app`` with pages."""
    app.add_exception_handler(HTTPException, _on_error)


async def _on_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    if not _is_for_people(request):
        return await on_http_exception(request, error)
    heading = _HEADINGS.get(error.status_code, "This can't be shown")
    message = _message(request, error)
    answer = page(request, "missing.html", error.status_code, heading=heading, message=message)
    answer.headers.update(error.headers or {})
    return answer


def _is_for_people(request: Request) -> bool:
    """Whether a browser opens this address, or sends it a form: it says that it takes pages."""
    path = request.url.path.removeprefix(request.scope.get("root_path", ""))
    is_opened = request.method in {"GET", "HEAD"} or (request.method == "POST" and path.startswith(_FORMS))
    return is_opened and "text/html" in request.headers.get("accept", "") and not path.startswith(_FOR_PROGRAMS)


def _message(request: Request, error: HTTPException) -> str:
    if error.status_code == 404:
        return f"Nothing is at {request.url.path}. The address may be cut, or what stood there was removed."
    if error.status_code == 405:
        return f"{request.url.path} takes what programs send. The API page tells what."
    return f"{error.detail[:1].upper()}{error.detail[1:].rstrip('.')}."
