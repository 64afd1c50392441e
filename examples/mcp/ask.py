# /// script
# requires-python = ">=3.11"
# dependencies = ["mcp==2.3.0"]
# ///
"""A client of the Model Context Protocol: ``uv run examples/mcp/ask.py [QUESTION...]``.

``ENDPOINT`` is the address of the service, http://127.0.0.1:8000 unless it is set.
"""

import asyncio
import os
import sys

import mcp

QUESTIONS = ["How many special forces soldiers did Pyongyang send to Vladivostok?", "Who said that?"]


async def converse(endpoint: str, questions: list[str]) -> None:
    """Ask one question after another, and check what is cited."""
    async with mcp.Client(f"{endpoint}/mcp") as client:
        history = []
        for question in questions:
            result = await client.call_tool("ask", {"question": question, "history": history})
            text = result.content[0].text
            history += [{"role": "user", "content": question}, {"role": "assistant", "content": text}]

            print(f"> {question}\n\n{text}\n\nCited:")
            for answer in result.structured_content["answers"]:
                for citation in answer["citations"]:
                    checked = await client.call_tool("verify_citation", {"citation": citation})
                    print(citation["title"], checked.structured_content["status"], citation["link"])
            print()


asyncio.run(converse(os.environ.get("ENDPOINT", "http://127.0.0.1:8000"), sys.argv[1:] or QUESTIONS))
