"""LlamaIndex against a service: ``use_llamaindex.py ADDRESS QUESTION FOLLOW_UP UNANSWERED`` prints JSON."""

import json
import sys
from typing import Any

from llama_index.core.llms import ChatMessage
from llama_index.llms.openai_like import OpenAILike

address, question, follow_up, unanswered = sys.argv[1:]
llm = OpenAILike(model="pullquote", api_base=f"{address}/v1", api_key="none", is_chat_model=True, max_retries=0)


def citations(response: Any) -> list[Any]:
    message = response.raw.choices[0].message
    places = [annotation.url_citation for annotation in message.annotations]
    return [[each.title, each.url, message.content[each.start_index : each.end_index]] for each in places]


first = llm.chat([ChatMessage(role="user", content=question)])
chunks = list(llm.stream_chat([ChatMessage(role="user", content=question)]))
history = [("user", question), ("assistant", first.message.content), ("user", follow_up)]
silent = llm.chat([ChatMessage(role="user", content=unanswered)])
try:
    llm.chat([ChatMessage(role="user", content="Why? " * 500)])
    failed = ""
except Exception as error:
    failed = str(error)
result = {
    "answer": first.message.content,
    "streamed": chunks[-1].message.content,
    "citations": citations(first),
    "follow_up": llm.chat([ChatMessage(role=role, content=text) for role, text in history]).message.content,
    "no_answer": silent.message.content,
    "no_answer_citations": citations(silent),
    "error": failed,
}
print(json.dumps(result))
