"""Two audiences of one service, and requests for every route and dialect by which one could learn of the other.

The words of the second, which the first must never see, are in titles, texts, tags, names of files, publishers and
authors. Every route of the application is classified here.
"""

import re
from typing import Any

from api.chat.mcp_tools import TOOLS

OURS = [
    {
        "id": "heron-1",
        "title": "Heronport has a new harbour master",
        "text": "Harbour master Ada Finch said that the port ships 1,200 tonnes of salt a year.",
        "tags": ["heron"],
        "source": "Heron Herald",
        "authors": ["Hera Hale"],
    },
    {
        "id": "heron-2",
        "title": "The lamp of Heronport",
        "text": "Lighthouse keeper Clara Wick lit the new lamp on Friday.",
        "tags": ["heron"],
        "source": "Heron Herald",
    },
]
THEIRS = [
    {
        "id": "badger-1",
        "title": "Badgerton has a new harbour master",
        "text": "Harbour master Bruno Quarr said that the port ships 9,800 tonnes of salt a year. Nine were fined.",
        "tags": ["badger"],
        "source": "Badger Bugle",
        "authors": ["Bram Burrow"],
    },
    {**OURS[1], "id": "badger-2", "title": "A badger saw the lamp", "tags": ["badger"], "source": "Badger Bugle"},
    {"id": "zz-badger", "title": "Bruno Quarr is fined", "text": "Bruno Quarr paid 9,800 crowns.", "tags": ["badger"]},
]
SECRET = re.compile("badger|bruno|quarr|9,800|bugle|burrow|nine were", re.IGNORECASE)
QUESTIONS = ["Who is the harbour master?", "How much salt does the port ship?", "Who lit the lamp?", "Who was fined?"]
DRAFT = "The harbour master is Clara Wick. The port ships 1,500 tonnes of salt a year. Nobody was fined."
CITATION = {"article_id": "badger-1", "start": 15, "end": 20, "quote": THEIRS[0]["text"][:79], "quote_start": 0}  # type: ignore[index]

EVERYBODY = {
    ("GET", "/openapi.json"),
    ("HEAD", "/openapi.json"),
    ("GET", "/healthz"),
    ("GET", "/readyz"),
    ("GET", "/widget.js"),
    ("GET", "/static"),
    ("GET", "/theme.css"),
    ("GET", "/logo"),
    ("GET", "/favicon.ico"),
    ("GET", "/opensearch.xml"),
    ("GET", "/admin"),
    ("POST", "/admin/enter"),
    ("POST", "/admin/leave"),
    ("GET", "/admin/questions"),
    ("GET", "/admin/choose"),
}
NOT_FOR_BOUND_KEYS = {
    ("GET", "/v1/sources"),
    ("GET", "/v1/index/versions"),
    ("GET", "/v1/jobs"),
    ("GET", "/v1/jobs/{job_id}"),
    ("GET", "/metrics"),
}
MANAGING = {
    ("POST", "/v1/collections"),
    ("PATCH", "/v1/collections/{name}"),
    ("DELETE", "/v1/collections/{name}"),
}
"""What is about all collections."""

CHANGES = {
    ("POST", "/v1/articles"),
    ("PUT", "/v1/articles/{article_id}"),
    ("DELETE", "/v1/articles/{article_id}"),
    ("POST", "/v1/index/rebuild"),
    ("POST", "/v1/index/rollback"),
    ("POST", "/v1/index/prune"),
    ("GET", "/v1/index/export"),
    ("POST", "/v1/jobs/{job_id}/cancel"),
    ("POST", "/articles"),
    ("POST", "/articles/{article_id}/delete"),
    ("POST", "/articles/{article_id}/fetch"),
    ("POST", "/admin/rebuild"),
    ("POST", "/admin/rollback"),
    ("POST", "/admin/cancel/{job_id}"),
    ("GET", "/admin/questions.jsonl"),
    ("POST", "/admin/questions/switch"),
    ("POST", "/admin/questions/forget"),
    ("POST", "/admin/questions/pin"),
    ("POST", "/admin/questions/unpin"),
}
Asked = tuple[str, dict[str, Any]]


def chats(question: str) -> list[dict[str, Any]]:
    message = [{"role": "user", "content": question}]
    return [{"messages": message}, {"messages": message, "stream": True}]


def calls(method: str, *params: dict[str, Any]) -> list[Asked]:
    headers = {"accept": "application/json, text/event-stream"}
    return [
        ("/mcp", {"json": {"jsonrpc": "2.0", "id": 1, "method": method, "params": each}, "headers": headers})
        for each in params
    ]


def tools() -> list[dict[str, Any]]:
    arguments: dict[str, list[dict[str, Any]]] = {
        "ask": [{"question": question, "limit": 10, "include_passages": True} for question in QUESTIONS],
        "check": [{"text": DRAFT}, {"text": DRAFT, "filters": {"tags": ["badger"]}}],
        "search": [{"question": question, "limit": 20} for question in QUESTIONS],
        "get_article": [{"article_id": article} for article in ("badger-1", "badger-2", "heron-2")],
        "verify_citation": [{"citation": CITATION}],
    }
    assert arguments.keys() == TOOLS.keys(), "a tool is not classified"
    return [{"name": name, "arguments": each} for name, every in arguments.items() for each in every]


def filters(question: str) -> list[dict[str, Any]]:
    """Questions that try to get out of what a key is bound to by filters of their own."""
    wide = {"question": question, "limit": 20, "min_confidence": 0.0, "include_passages": True}
    return [
        wide,
        {**wide, "filters": {"tags": ["badger"]}},
        {**wide, "filters": {"tags": ["heron", "badger"], "sources": ["Badger Bugle", "Heron Herald"]}},
        {**wide, "filters": {"article_ids": ["badger-1", "badger-2", "zz-badger"]}},
    ]


def search(body: dict[str, Any]) -> dict[str, Any]:
    return {name: body[name] for name in ("question", "limit", "filters") if name in body}


ASKING: dict[tuple[str, str], list[Asked]] = {
    ("POST", "/v1/ask"): [
        ("/v1/ask", {"json": body, "headers": headers})
        for question in QUESTIONS
        for body in filters(question)
        for headers in ({}, {"accept": "text/event-stream"})
    ],
    ("GET", "/v1/ask"): [("/v1/ask", {"params": {"q": question, "limit": 9}}) for question in QUESTIONS],
    ("POST", "/v1/search"): [
        ("/v1/search", {"json": search(body)}) for question in QUESTIONS for body in filters(question)
    ],
    ("POST", "/v1/check"): [
        ("/v1/check", {"json": {"text": DRAFT, "filters": filters}}) for filters in ({}, {"tags": ["badger", "heron"]})
    ],
    ("GET", "/check"): [("/check", {})],
    ("POST", "/check"): [("/check", {"data": {"text": DRAFT}})],
    ("GET", "/v1/articles"): [
        ("/v1/articles", {}),
        ("/v1/articles", {"params": {"limit": 1}}),
        ("/v1/articles", {"params": {"tags": "badger"}}),
    ],
    ("GET", "/v1/articles/{article_id}"): [
        (f"/v1/articles/{article}", {}) for article in ("badger-1", "badger-2", "heron-2")
    ],
    ("POST", "/v1/citations/verify"): [("/v1/citations/verify", {"json": {"citation": CITATION}})],
    ("GET", "/v1/index"): [("/v1/index", {})],
    ("GET", "/v1/models"): [("/v1/models", {})],
    ("GET", "/v1/models/{model:path}"): [("/v1/models/pullquote", {})],
    ("GET", "/v1/collections"): [("/v1/collections", {})],
    ("GET", "/v1/collections/{name}"): [(f"/v1/collections/{name}", {}) for name in ("default", "badger", "heron")],
    ("POST", "/v1/chat/completions"): [
        ("/v1/chat/completions", {"json": body}) for question in QUESTIONS for body in chats(question)
    ],
    ("POST", "/v1/responses"): [
        ("/v1/responses", {"json": {"input": question, "stream": stream}})
        for question in QUESTIONS
        for stream in (False, True)
    ],
    ("POST", "/v1/messages"): [
        ("/v1/messages", {"json": {**chats(question)[0], "stream": stream}})
        for question in QUESTIONS
        for stream in (False, True)
    ],
    ("POST", "/v1/embeddings"): [("/v1/embeddings", {"json": {"input": question}}) for question in QUESTIONS],
    ("GET", "/v1/vector_stores"): [("/v1/vector_stores", {})],
    ("GET", "/v1/vector_stores/{store}"): [("/v1/vector_stores/pullquote", {})],
    ("POST", "/v1/vector_stores/{store}/search"): [
        ("/v1/vector_stores/pullquote/search", {"json": {"query": question, "filters": given}})
        for question in QUESTIONS
        for given in (None, {"type": "eq", "key": "tag", "value": "badger"})
    ],
    ("POST", "/retrieval"): [("/retrieval", {"json": {"query": question}}) for question in QUESTIONS],
    ("POST", "/v1/ai-sdk/chat"): [("/v1/ai-sdk/chat", {"json": chats(question)[0]}) for question in QUESTIONS],
    ("POST", "/mcp"): [
        *calls("tools/list", {}),
        *calls("tools/call", *tools()),
        *calls("resources/list", {}),
        *calls("resources/templates/list", {}),
        *calls("resources/read", *({"uri": f"pullquote://articles/{each}"} for each in ("badger-1", "heron-2"))),
    ],
    ("GET", "/"): [
        ("/", {}),
        *(("/", {"params": {"q": question, "limit": 9}}) for question in QUESTIONS),
        ("/", {"params": {"article_ids": "badger-1"}}),
    ],
    ("GET", "/follow-ups"): [("/follow-ups", {"params": {"q": question}}) for question in QUESTIONS],
    ("GET", "/chat"): [("/chat", {})],
    ("GET", "/docs"): [("/docs", {})],
    ("POST", "/v1/feedback"): [("/v1/feedback", {"json": {"question": QUESTIONS[0], "helpful": True}})],
    ("POST", "/feedback"): [("/feedback", {"data": {"question": QUESTIONS[0], "helpful": "true"}})],
    ("GET", "/feed.xml"): [("/feed.xml", {})],
    ("GET", "/suggest"): [("/suggest", {"params": {"q": typed}}) for typed in ("harbour", "quarr", "who")],
    ("GET", "/c/{place}"): [(f"/c/{each}-1.0.5.{'0' * 10}.{'0' * 10}", {}) for each in ("heron", "badger")],
    ("GET", "/articles"): [("/articles", {"params": each}) for each in ({}, {"q": "harbour"}, {"job": "1"})],
    ("GET", "/articles/{article_id}"): [
        (f"/articles/{article}", {}) for article in ("heron-1", "heron-2", "badger-1", "badger-2")
    ],
}


def bearer(key: str) -> dict[str, str]:
    return {"authorization": f"Bearer {key}"}


def without_echo(text: str) -> str:
    """Ids that were asked for stand in messages that there is no such article."""
    return re.sub(
        r"there is no (?:article|collection) '[a-z0-9-]+'|pullquote://articles/badger-\d|value=\"badger-1\"", "", text
    )
