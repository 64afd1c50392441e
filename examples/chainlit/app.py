# /// script
# requires-python = ">=3.11"
# dependencies = ["chainlit==2.12.0", "openai==3.54.0"]
# ///
"""Chainlit: ``uv run examples/chainlit/app.py``, then open http://127.0.0.1:8080.

``ENDPOINT`` is the address of the service, http://127.0.0.1:8000 unless it is set;
``CHAINLIT_PORT`` is the page's port.
"""

import os
import tempfile

os.environ.setdefault("CHAINLIT_PORT", "8080")
os.environ.setdefault("CHAINLIT_APP_ROOT", tempfile.mkdtemp(prefix="chainlit-"))  # where it writes its settings

import chainlit as cl
from chainlit.cli import run_chainlit
from chainlit.server import app
from openai import AsyncOpenAI

client = AsyncOpenAI(base_url=os.environ.get("ENDPOINT", "http://127.0.0.1:8000") + "/v1", api_key="none")


@app.middleware("http")
async def stay_here(request, call_next):
    """Let the page load nothing from elsewhere: its fonts are not needed."""
    response = await call_next(request)
    response.headers["content-security-policy"] = "default-src 'self' 'unsafe-inline' 'unsafe-eval' data: blob:"
    return response


@cl.on_message
async def answer(_: cl.Message) -> None:
    """Answer the conversation; a click on [1] shows the quote at the side."""
    completion = await client.chat.completions.create(model="pullquote", messages=cl.chat_context.to_openai())
    citations = [each for found in completion.model_extra["pullquote"]["answers"] for each in found["citations"]]
    quotes = [
        cl.Text(name=f"[{number}]", content=f"{each['quote']}\n\n[{each['title']}]({each['link']})", display="side")
        for number, each in enumerate(citations, start=1)
    ]
    await cl.Message(completion.choices[0].message.content, elements=quotes).send()


if __name__ == "__main__":
    run_chainlit(__file__)
