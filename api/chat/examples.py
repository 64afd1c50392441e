"""The examples of the chat dialects in the OpenAPI description: one question, and its answer in each."""

from typing import Any

from api.http import examples

_QUESTION = "How many special forces soldiers did Pyongyang first send?"
_HEAD = "**1,500** [1]"
_LINK = examples.CITATION["link"]
_TITLE = examples.CITATION["title"]
_TEXT = (
    f"{_HEAD}\n\n> {examples.CITATION['quote'].replace('1,500', '**1,500**')}\n\n"
    f"[1] South Korea's intelligence agency, in [{_TITLE}]({_LINK}) · AFP · 23 October 2024"
)
_PLACE = {"start_index": len(_HEAD) - 3, "end_index": len(_HEAD), "url": _LINK, "title": _TITLE}
_MESSAGES = [{"role": "user", "content": _QUESTION}]

MODEL: dict[str, Any] = {"id": "pullquote", "object": "model", "created": 1793500000, "owned_by": "pullquote"}

COMPLETION_REQUEST: dict[str, Any] = {"model": "pullquote", "messages": _MESSAGES, "stream": False}

COMPLETION: dict[str, Any] = {
    "id": "chatcmpl-5f2a90c1",
    "object": "chat.completion",
    "created": 1793500000,
    "model": "pullquote",
    "choices": [
        {
            "index": 0,
            "message": {
                "role": "assistant",
                "content": _TEXT,
                "refusal": None,
                "annotations": [{"type": "url_citation", "url_citation": _PLACE}],
            },
            "logprobs": None,
            "finish_reason": "stop",
        }
    ],
    "usage": {"prompt_tokens": 9, "completion_tokens": 41, "total_tokens": 50},
    "pullquote": examples.ANSWERS,
}

MESSAGE_REQUEST: dict[str, Any] = {"model": "pullquote", "max_tokens": 1024, "messages": _MESSAGES}

MESSAGE: dict[str, Any] = {
    "id": "msg_5f2a90c1",
    "type": "message",
    "role": "assistant",
    "model": "pullquote",
    "content": [
        {
            "type": "text",
            "text": _HEAD,
            "citations": [
                {
                    "type": "search_result_location",
                    "cited_text": examples.CITATION["quote"],
                    "source": _LINK,
                    "title": _TITLE,
                    "search_result_index": 0,
                    "start_block_index": 0,
                    "end_block_index": 1,
                }
            ],
        },
        {"type": "text", "text": _TEXT.removeprefix(_HEAD), "citations": None},
    ],
    "stop_reason": "end_turn",
    "stop_sequence": None,
    "usage": {"input_tokens": 9, "output_tokens": 41},
}

RESPONSE_REQUEST: dict[str, Any] = {"model": "pullquote", "input": _QUESTION}

RESPONSE: dict[str, Any] = {
    "id": "resp_5f2a90c1",
    "object": "response",
    "created_at": 1793500000,
    "status": "completed",
    "model": "pullquote",
    "output": [
        {
            "type": "file_search_call",
            "id": "fs_5f2a90c1",
            "status": "completed",
            "queries": [_QUESTION],
            "results": [
                {
                    "file_id": examples.CITATION["article_id"],
                    "filename": "000_c02cb47a3876a1ac.txt",
                    "score": 0.87,
                    "text": examples.CITATION["quote"],
                    "attributes": {"title": _TITLE, "published": "2024-10-23", "answer": "1,500"},
                }
            ],
        },
        {
            "type": "message",
            "id": "msg_5f2a90c1",
            "status": "completed",
            "role": "assistant",
            "content": [
                {
                    "type": "output_text",
                    "text": _TEXT,
                    "annotations": [{"type": "url_citation", **_PLACE}],
                    "logprobs": [],
                }
            ],
        },
    ],
}

UI_REQUEST: dict[str, Any] = {
    "messages": [{"id": "1", "role": "user", "parts": [{"type": "text", "text": _QUESTION}]}],
}

UI_STREAM = (
    'data: {"type":"start","messageId":"msg-5f2a90c1"}\n\ndata: {"type":"start-step"}\n\n'
    'data: {"type":"text-start","id":"text-1"}\n\n'
    'data: {"type":"text-delta","id":"text-1","delta":"**1,500** [1]"}\n\n…\n\ndata: [DONE]\n\n'
)
