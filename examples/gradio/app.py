# /// script
# requires-python = ">=3.11"
# dependencies = ["gradio==6.31.0", "openai==3.54.0"]
# ///
"""Gradio: ``uv run examples/gradio/app.py``, then open http://127.0.0.1:7860.

``ENDPOINT`` is the address of the service, http://127.0.0.1:8000 unless it is set;
``GRADIO_SERVER_PORT`` is the page's port.
"""

import os

os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")

import gradio as gr
from openai import OpenAI

client = OpenAI(base_url=os.environ.get("ENDPOINT", "http://127.0.0.1:8000") + "/v1", api_key="none")


def answer(question: str, history: list[dict]) -> list[str | gr.ChatMessage]:
    """The answer, and below it each source, which opens on a click."""
    said = [{"role": each["role"], "content": each["content"]} for each in history if not each["metadata"]]
    messages = [*said, {"role": "user", "content": question}]
    completion = client.chat.completions.create(model="pullquote", messages=messages)
    citations = [each for found in completion.model_extra["pullquote"]["answers"] for each in found["citations"]]
    sources = [
        gr.ChatMessage(
            content=f"{each['quote']}\n\n[Read it in the article]({each['link']})",
            metadata={"title": f"[{number}] {each['title']}", "status": "done"},
        )
        for number, each in enumerate(citations, start=1)
    ]
    return [completion.choices[0].message.content, *sources]


gr.ChatInterface(answer, title="Ask the articles", examples=["Who is the NATO spokeswoman?"]).launch()
