"""What a visitor of the pages may do, and how a page takes a change that a form sends.

A form is answered with the page that shows what became of it, or with the page it came from and what is wrong; a
script, which asks for JSON, gets what ``/v1`` would answer.
"""

from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from api.access.caller import caller_of
from api.access.keys import Role
from api.access.writing import check_writer
from api.http.errors import Problem
from api.runtime.state import runtime_of


async def may(request: Request, role: Role) -> bool:
    """Whether the one who asks could make a change that needs ``role``."""
    if caller_of(request.scope).has_wrong_key:
        return False
    try:
        await check_writer(request, runtime_of(request).settings, role)
    except Problem:
        return False
    return True


def with_origin(response: Response) -> Response:
    """A page whose forms tell this service that they come from it: without that, no change is taken."""
    response.headers["referrer-policy"] = "same-origin"
    return response


def wants_json(request: Request) -> bool:
    """Whether a script sent the form."""
    return "application/json" in request.headers.get("accept", "")


def without_blanks(request: Request) -> str:
    """The address that was asked for without the parameters that a form sends for what was left empty."""
    kept = [(name, value) for name, value in request.query_params.multi_items() if value.strip()]
    return f"{request.url.path}?{urlencode(kept)}" if kept else request.url.path


def see(request: Request, page: str, **parameters: str) -> Response:
    """Lead the browser to a page after a change."""
    address = request.url_for(page).path
    return RedirectResponse(f"{address}?{urlencode(parameters)}" if parameters else address, 303)
