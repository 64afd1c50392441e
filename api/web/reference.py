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
from api.web.schemas import Field, Word, field, schemas, type_of

_METHODS = ("get", "post", "put", "patch", "delete")
_JSON = "application/json"
_ONLY_ASK = ("answers", "citations", "chat", "retrieval")
"""What operations are about that change no articles."""
_MORE_THAN_A_PAGE = ("/v1/index/export",)
"""Not sent from the page: what comes is a whole index."""

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of the path or the query, with what the page fills in at first and what may be chosen, if not all."""

    field: Field
    place: str
    example: str
    choices: tuple[str, ...]
    is_list: bool


@dataclass(frozen=True, slots=True)
class Operation:
    """One thing that the service does: how to ask for it with curl, and an example of what it answers.

    ``body`` is the JSON that the page lets a reader change and send, empty where none is taken; ``takes`` and
    ``answers`` name the schemas of it and of what comes back with each status.
    """

    anchor: str
    method: str
    path: str
    description: str
    parameters: tuple[Parameter, ...]
    curl: str
    answer: str
    body: str
    takes: tuple[Word, ...]
    answers: tuple[tuple[str, str, tuple[Word, ...]], ...]
    is_tried: bool
    changes: bool


@router.get("/docs")
def reference_page(request: Request) -> HTMLResponse:
    """Every route with a call and an answer, by what it is about."""
    description = request.app.openapi()
    base = links_of(request).base
    return page(request, "reference.html", groups=_groups(description, base), schemas=schemas(description), base=base)


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
    parameters = [each for each in described.get("parameters", []) if each["in"] in {"query", "path"}]
    body = _request_example(description, described)
    examples = {each["name"]: each["schema"].get("examples", []) for each in parameters if each["in"] == "query"}
    query = urlencode({name: given[0] for name, given in examples.items() if given}, quote_via=quote)
    address = f"{path}?{query}" if query else path
    return Operation(
        anchor=f"{method}{path}".replace("/", "-").replace("{", "").replace("}", ""),
        method=method.upper(),
        path=path,
        description=described.get("description") or described.get("summary", ""),
        parameters=tuple(map(_parameter, parameters)),
        curl=_curl(base + address, method, body),
        answer=_answer_example(described),
        body="" if body is None else json.dumps(body, ensure_ascii=False, indent=2),
        takes=_type(described.get("requestBody", {})),
        answers=tuple((status, each["description"], _type(each)) for status, each in described["responses"].items()),
        is_tried=path not in _MORE_THAN_A_PAGE,
        changes=method != "get" and next(iter(described["tags"])) not in _ONLY_ASK,
    )


def _parameter(given: dict[str, Any]) -> Parameter:
    schema = given["schema"]
    kinds = schema.get("anyOf", [schema])
    choices: list[str] = next((each["enum"] for each in kinds if "enum" in each), [])
    if any(each.get("type") == "boolean" for each in kinds):
        choices = ["true", "false"]
    is_list = any(each.get("type") == "array" for each in kinds)
    example = next(iter(schema.get("examples", [])), "")
    described = field(given["name"], schema, given.get("required", False), given.get("description", ""))
    return Parameter(described, given["in"], str(example), tuple(map(str, choices)), is_list)


def _type(described: dict[str, Any]) -> tuple[Word, ...]:
    """The type of a body of JSON; nothing where there is none that has a name."""
    schema = described.get("content", {}).get(_JSON, {}).get("schema", {})
    return tuple(word for word in type_of(schema)) if schema else ()


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
