# /// script
# requires-python = ">=3.11"
# dependencies = ["langchain-openai==1.7.3"]
# ///
"""LangChain: ``uv run examples/langchain/ask.py [QUESTION...]``.

``ENDPOINT`` is the address of the service, http://127.0.0.1:8000 unless it is set.
"""

import os
import sys

from langchain_openai import ChatOpenAI

QUESTIONS = ["How many special forces soldiers did Pyongyang send to Vladivostok?", "Who said that?"]

model = ChatOpenAI(
    base_url=os.environ.get("ENDPOINT", "http://127.0.0.1:8000") + "/v1",
    api_key="none",
    model="pullquote",
    use_responses_api=True,  # LangChain keeps citations of responses only
)
conversation = []
for question in sys.argv[1:] or QUESTIONS:
    conversation.append(("user", question))
    message = model.invoke(conversation)
    conversation.append(message)

    print(f"> {question}\n\n{message.text}\n\nCited:")
    for block in message.content_blocks:
        for citation in block.get("annotations", []):
            print(block["text"][citation["start_index"] : citation["end_index"]], citation["title"], citation["url"])
    print()
