# /// script
# requires-python = ">=3.11"
# dependencies = ["openai==3.54.0"]
# ///
"""The OpenAI client for Python: ``uv run examples/openai-python/ask.py [QUESTION...]``.

``ENDPOINT`` is the address of the service, http://127.0.0.1:8000 unless it is set.
"""

import os
import sys

from openai import OpenAI

QUESTIONS = ["How many special forces soldiers did Pyongyang send to Vladivostok?", "Who said that?"]

client = OpenAI(base_url=os.environ.get("ENDPOINT", "http://127.0.0.1:8000") + "/v1", api_key="none")
messages = []
for question in sys.argv[1:] or QUESTIONS:
    messages.append({"role": "user", "content": question})
    completion = client.chat.completions.create(model="pullquote", messages=messages)
    message = completion.choices[0].message
    messages.append({"role": "assistant", "content": message.content})

    print(f"> {question}\n\n{message.content}\n\nCited:")
    for citation in (annotation.url_citation for annotation in message.annotations):
        print(message.content[citation.start_index : citation.end_index], citation.title, citation.url)
    print()
