"""The examples in the OpenAPI description, all of one article, the one that is indexed by default."""

from typing import Any
from urllib.parse import quote

from rag.citing.fingerprint import fingerprint

_ARTICLE = "000-c02cb47a3876a1ac-3749d4648d"
_SHA256 = "a498dd8bbfb7305ff6ca7367e63d02648a435aad948067d0e56d810b29fb0c9f"
_VERSION = "000001-5f2a90c1"
_QUOTE = (
    "South Korea's intelligence agency said last week that Pyongyang deployed an initial contingent of 1,500 special "
    "forces soldiers to Russia's Vladivostok."
)

ASK: dict[str, Any] = {
    "question": "How many special forces soldiers did Pyongyang first send?",
    "limit": 3,
    "filters": {"authors": ["AFP"], "published_from": "2024-10-01", "published_to": "2024-10-31"},
}

METRICS = """\
# HELP pullquote_queue Calls of the models that are running or waiting.
# TYPE pullquote_queue gauge
pullquote_queue 2.0
"""

SEARCH: dict[str, Any] = {"question": "troops sent to Vladivostok", "limit": 5}

CITATION: dict[str, Any] = {
    "article_id": _ARTICLE,
    "title": "U.S. Officials Confirm North Korea Sent Troops to Russia",
    "url": None,
    "source": None,
    "authors": ["AFP"],
    "published": "2024-10-23",
    "heading": None,
    "page": None,
    "recognised": False,
    "start": 1695,
    "end": 1700,
    "quote": _QUOTE,
    "quote_start": 1597,
    "quote_end": 1597 + len(_QUOTE),
    "prefix": 'front lines," Dakhlallah said.\n\n',
    "suffix": " On Wednesday, it told South Kor",
    "sha256": _SHA256,
    "index_version": _VERSION,
    "link": f"http://127.0.0.1:8000/c/{_ARTICLE}.18d.48.{_SHA256[:10]}.{fingerprint(_QUOTE)}",
    "long_link": f"http://127.0.0.1:8000/articles/{_ARTICLE}?start=1597&end={1597 + len(_QUOTE)}&sha256={_SHA256}"
    f"&quote={quote(_QUOTE)}#:~:text=South%20Korea%27s%20intelligence%20agency,Russia%27s%20Vladivostok.",
    "attribution": {"text": "South Korea's intelligence agency", "start": 1597, "end": 1630},
}

PASSAGE: dict[str, Any] = {
    "id": f"{_ARTICLE}:1597-1837",
    "article_id": _ARTICLE,
    "title": CITATION["title"],
    "start": 1597,
    "end": 1837,
    "heading": None,
    "page": None,
    "text": _QUOTE + " On Wednesday, it told South Korean lawmakers that an additional 1,500 troops were sent.",
    "score": 0.87,
    "dense": 0.62,
    "bm25": 9.1,
}

ANSWERS: dict[str, Any] = {
    "question": ASK["question"],
    "standalone_question": ASK["question"],
    "answerable": True,
    "answers": [
        {
            "text": "1,500",
            "confidence": 0.87,
            "attribution": "South Korea's intelligence agency",
            "witnesses": 1,
            "verdict": None,
            "parts": [],
            "quotes": [{"text": _QUOTE, "start": 1597, "end": 1597 + len(_QUOTE), "confidence": 0.87}],
            "citations": [CITATION],
        }
    ],
    "best_guess": None,
    "passages": None,
    "index_version": _VERSION,
    "models": {"embedder": "sentence-transformers/all-MiniLM-L6-v2", "reader": "reader"},
    "timings_ms": {"embed": 4.1, "retrieve": 1.9, "read": 38.0, "total": 44.2},
    "warnings": [],
    "complete": True,
    "coverage": 1.0,
}

ANSWER_STREAM = (
    "event: found\n"
    f'data: {{"standalone_question":"{ASK["question"]}","articles":[{{"article_id":"{_ARTICLE}","title":"…"}}]}}\n\n'
    'event: answered\ndata: {"question":"…","answerable":true,"answers":[…]}\n\n'
)

CHECK: dict[str, Any] = {"text": "Pyongyang first sent 15,000 soldiers to Vladivostok. They took tanks along."}

CHECKED: dict[str, Any] = {
    "sentences": [
        {
            "text": "Pyongyang first sent 15,000 soldiers to Vladivostok.",
            "start": 0,
            "end": 52,
            "status": "contradicted",
            "confidence": 0.91,
            "chances": {"supported": 0.06, "contradicted": 0.91, "not_found": 0.03},
            "citations": [{**CITATION, "start": 1597, "end": 1597 + len(_QUOTE)}],
            "instead": "1,500",
        },
        {
            "text": "They took tanks along.",
            "start": 53,
            "end": 75,
            "status": "not_found",
            "confidence": 0.95,
            "chances": {"supported": 0.03, "contradicted": 0.02, "not_found": 0.95},
            "citations": [],
            "instead": None,
        },
    ],
    "counts": {"supported": 0, "contradicted": 1, "not_found": 1},
    "index_version": _VERSION,
    "models": {"embedder": "sentence-transformers/all-MiniLM-L6-v2", "reader": "reader"},
    "warnings": [],
}

PASSAGES: dict[str, Any] = {"question": SEARCH["question"], "passages": [PASSAGE], "index_version": _VERSION}

SUMMARY: dict[str, Any] = {
    "id": _ARTICLE,
    "title": CITATION["title"],
    "url": None,
    "source": None,
    "authors": ["AFP"],
    "published": "2024-10-23",
    "language": None,
    "media_type": "text/plain",
    "path": "000_c02cb47a3876a1ac.txt",
    "tags": [],
    "sha256": _SHA256,
    "characters": 2099,
    "page": f"http://127.0.0.1:8000/articles/{_ARTICLE}",
}

ARTICLES: dict[str, Any] = {"articles": [SUMMARY], "next_cursor": None, "index_version": _VERSION}

ARTICLE: dict[str, Any] = {
    **SUMMARY,
    "text": "U.S. Officials Confirm North Korea Sent\nTroops to Russia\nBy AFP\n\n…",
    "blocks": [{"start": 137, "end": 305, "kind": "paragraph", "page": None, "cells": [], "header": None}],
}

ARTICLE_TO_ADD: dict[str, Any] = {
    "title": "A new bridge over the Lorn",
    "text": "Callory opened its new bridge on Monday.\n\nMayor Ada Finch said that it took three years to build.",
    "url": "https://news.example/callory-bridge",
    "authors": ["Jo Marsh"],
    "published": "2024-10-31",
}

JOB: dict[str, Any] = {
    "id": "17",
    "state": "running",
    "changes": 3,
    "attempts": 1,
    "created": "2026-11-24T09:30:00.120000+00:00",
    "started": "2026-11-24T09:30:01.300000+00:00",
    "finished": None,
    "progress": {"stage": "embed", "done": 256, "total": 1024},
    "version": None,
    "report": None,
    "error": None,
    "link": "/v1/jobs/17",
}

JOBS: dict[str, Any] = {"jobs": [JOB]}

SOURCES: dict[str, Any] = {
    "sources": [
        {
            "source": "https://news.example/feed.xml",
            "refresh_seconds": 900,
            "looked": "2026-11-24T09:30:00+00:00",
            "next_look": "2026-11-24T09:45:00+00:00",
            "failures": 0,
            "error": None,
            "articles": 40,
            "added": 2,
            "changed": 1,
            "removed": 0,
        }
    ]
}

CHANGE: dict[str, Any] = {"articles": ["callory-bridge-7c1b3f29aa"], "failures": [], "same_as": [], "job": JOB}

VERSIONS: dict[str, Any] = {
    "versions": [
        {
            "version": _VERSION,
            "created": "2026-11-24T09:30:00+00:00",
            "articles": 1,
            "passages": 4,
            "size_bytes": 126_976,
            "current": True,
            "trouble": None,
        }
    ]
}

SWITCH: dict[str, Any] = {"version": _VERSION}

PRUNING: dict[str, Any] = {"removed": ["000001-5f2a90c1"]}

FEEDBACK: dict[str, Any] = {
    "question": "How many North Korean soldiers are said to have been sent to Russia?",
    "helpful": False,
    "reason": "incomplete",
    "comment": "A later article tells of 10,000.",
    "answer": {
        "text": "1,500",
        "article_id": CITATION["article_id"],
        "start": CITATION["start"],
        "end": CITATION["end"],
    },
}

VERIFICATION: dict[str, Any] = {
    "status": "found",
    "start": CITATION["start"],
    "end": CITATION["end"],
    "text": "1,500",
    "quote_start": CITATION["quote_start"],
    "quote_end": CITATION["quote_end"],
    "quote": _QUOTE,
    "similarity": 1.0,
}

INDEX: dict[str, Any] = {
    "version": _VERSION,
    "created": "2026-11-24T09:30:00+00:00",
    "articles": 1,
    "passages": 4,
    "size_bytes": 126_976,
    "models": {
        "embedder": {"name": "sentence-transformers/all-MiniLM-L6-v2", "precision": "int8", "dimension": 384},
        "reader": {"name": "reader", "precision": "int8"},
    },
    "settings": {"passage_tokens": 192},
    "refused": None,
    "facets": {"sources": [], "authors": ["AFP"], "tags": []},
}

COLLECTION: dict[str, Any] = {
    "name": "news",
    "created": "2026-11-28T09:30:00Z",
    "settings": {"keep_versions": 3},
    "index_version": _VERSION,
    "articles": 1,
    "passages": 4,
    "link": "/v1/collections/news",
}

COLLECTIONS: dict[str, Any] = {"collections": [COLLECTION]}

DELETED_COLLECTION: dict[str, Any] = {"name": "news", "revoked_keys": ["1f0a93c2"]}

PROBLEM: dict[str, Any] = {
    "type": "urn:pullquote:problem:invalid_request",
    "title": "Unprocessable Entity",
    "status": 422,
    "detail": "question: it is empty: write a question of 1 to 2000 characters",
    "error": {
        "message": "question: it is empty: write a question of 1 to 2000 characters",
        "type": "invalid_request_error",
        "code": "invalid_request",
    },
    "request_id": "9f1c2b7d0a3e4f5a6b7c8d9e",
    "errors": [{"field": "question", "message": "it is empty: write a question of 1 to 2000 characters"}],
}
