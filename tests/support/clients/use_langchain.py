"""LangChain against a service: ``use_langchain.py ADDRESS QUESTION FOLLOW_UP UNANSWERED`` prints JSON."""

import json
import sys
from typing import Any

from langchain_openai import ChatOpenAI

address, question, follow_up, unanswered = sys.argv[1:]
options: dict[str, Any] = {"base_url": f"{address}/v1", "api_key": "none", "model": "pullquote", "max_retries": 0}
completions = ChatOpenAI(**options)
responses = ChatOpenAI(**options, use_responses_api=True)


def citations(message: Any) -> list[Any]:
    return [
        [each["title"], each["url"], block["text"][each["start_index"] : each["end_index"]]]
        for block in message.content_blocks
        for each in block.get("annotations", [])
        if each["type"] == "citation"
    ]


first = completions.invoke(question)
told = responses.invoke(question)
streamed = None
for chunk in responses.stream(question):
    streamed = chunk if streamed is None else streamed + chunk
try:
    completions.invoke("Why? " * 500)
    failed = ""
except Exception as error:
    failed = str(error)
result = {
    "answer": first.content,
    "streamed": "".join(str(chunk.content) for chunk in completions.stream(question)),
    "citations": citations(told),
    "streamed_citations": citations(streamed),
    "follow_up": completions.invoke([("user", question), ("ai", first.content), ("user", follow_up)]).content,
    "no_answer": completions.invoke(unanswered).content,
    "no_answer_citations": citations(responses.invoke(unanswered)),
    "error": failed,
}
print(json.dumps(result))
