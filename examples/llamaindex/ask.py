# /// script
# requires-python = ">=3.11"
# dependencies = ["llama-index-llms-openai-like==0.8.1", "llama-index-llms-openai>=0.6"]
# ///
"""LlamaIndex: ``uv run examples/llamaindex/ask.py [QUESTION...]``.

``ENDPOINT`` is the address of the service, http://127.0.0.1:8000 unless it is set.
"""

import os
import sys

from llama_index.core.llms import ChatMessage
from llama_index.llms.openai_like import OpenAILike

QUESTIONS = ["How many special forces soldiers did Pyongyang send to Vladivostok?", "Who said that?"]

endpoint = os.environ.get("ENDPOINT", "http://127.0.0.1:8000")
model = OpenAILike(model="pullquote", api_base=f"{endpoint}/v1", api_key="none", is_chat_model=True)
conversation = []
for question in sys.argv[1:] or QUESTIONS:
    conversation.append(ChatMessage(role="user", content=question))
    response = model.chat(conversation)
    conversation.append(response.message)

    text = response.message.content
    print(f"> {question}\n\n{text}\n\nCited:")
    for citation in (annotation.url_citation for annotation in response.raw.choices[0].message.annotations):
        print(text[citation.start_index : citation.end_index], citation.title, citation.url)
    print()
