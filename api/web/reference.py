"""``/docs``: what programs can ask of this service, as a page made of its OpenAPI description."""

import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from api.http.addressed import IN_COLLECTION
from api.routes.common import links_of
from api.web.rendering import page

_METHODS = ("get", "post", "put", "patch", "delete")
_JSON = "application/json"
_ONLY_ASK = ("answers", "citations", "chat", "retrieval")
"""What operations are about that change no articles."""
_MORE_THAN_A_PAGE = ("/v1/index/export", "/v1/feedback")
"""Not sent from the page: a whole index, and an opinion on what nobody asked."""

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)


@dataclass(frozen=True, slots=True)
class Operation:
    """One thing that the service does: how to ask for it with curl, and an example of what it answers.

    ``sent`` is what the page lets a reader change and send: a body of JSON, or the query of an address, blank ones too;
    None where nothing is sent from there, because it changes something or wants more than that.
    """

    anchor: str
    method: str
    path: str
    description: str
    parameters: tuple[tuple[str, str], ...]
    curl: str
    answer: str
    sent: str | None


@router.get("/docs")
def reference_page(request: Request) -> HTMLResponse:
    """Every route with a call and an answer, by what it is about."""
    groups = _groups(request.app.openapi(), links_of(request).base)
    return page(request, "reference.html", groups=groups, base=links_of(request).base)


def _groups(description: dict[str, Any], base: str) -> dict[str, list[Operation]]:
    found: dict[str, list[Operation]] = {}
    for path, methods in description["paths"].items():
        if path.startswith(f"{IN_COLLECTION}/"):
            continue  # the same once more
        for method in filter(methods.__contains__, _METHODS):
            described = methods[method]
            group = next(iter(described.get("tags", [])), "more")
            found.setdefault(group, []).append(_operation(description, base, path, method, described))
    return found


def _operation(description: dict[str, Any], base: str, path: str, method: str, described: dict[str, Any]) -> Operation:
    parameters = described.get("parameters", [])
    body = _request_example(description, described)
    examples = {each["name"]: each["schema"].get("examples", []) for each in parameters if each["in"] == "query"}
    query = urlencode({name: given[0] for name, given in examples.items() if given}, quote_via=quote)
    address = f"{path}?{query}" if query else path
    if "{" in path or path in _MORE_THAN_A_PAGE or (method != "get" and next(iter(described["tags"])) not in _ONLY_ASK):
        sent = None
    else:
        sent = query if method == "get" else json.dumps(body, ensure_ascii=False, indent=2)
    return Operation(
        anchor=f"{method}{path}".replace("/", "-").replace("{", "").replace("}", ""),
        method=method.upper(),
        path=path,
        description=described.get("description") or described.get("summary", ""),
        parameters=tuple((each["name"], each.get("description", "")) for each in parameters if each["in"] == "query"),
        curl=_curl(base + address, method, body),
        answer=_answer_example(described),
        sent=sent,
    )


def _curl(address: str, method: str, body: Any) -> str:
    verb = "" if method in {"get", "post"} else f"-X {method.upper()} "
    if body is None:
        return f"curl {'-X POST ' if method == 'post' else verb}'{address}'"
    text = json.dumps(body, ensure_ascii=False).replace("'", "'\\''")
    return f"curl {verb}'{address}' -H 'content-type: application/json' \\\n     -d '{text}'"


def _request_example(description: dict[str, Any], described: dict[str, Any]) -> Any:
    schema = described.get("requestBody", {}).get("content", {}).get(_JSON, {}).get("schema", {})
    name = schema.get("$ref", "").rpartition("/")[2]
    schema = description["components"]["schemas"].get(name, schema)
    return next(iter(schema.get("examples", [])), None)


def _answer_example(described: dict[str, Any]) -> str:
    for status, response in described["responses"].items():
        example = response.get("content", {}).get(_JSON, {}).get("example")
        if status.startswith("2") and example is not None:
            return json.dumps(example, ensure_ascii=False, indent=2)
    return ""
