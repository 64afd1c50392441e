"""Each chat dialect beside ``/v1/ask``: time to the first byte and to the end. ``python -m benchmarks.chat``.

Starts the service on the index of ``--data-dir`` (after ``make index``) and asks in turns: every round asks the same
question once each way, so that what else the machine does falls on all of them alike.
"""

import argparse
import os
import statistics
import time
from pathlib import Path
from typing import Any

import httpx2 as httpx

from benchmarks.service import QUESTIONS, start, stop

STREAM = "text/event-stream"


def ways(question: str) -> dict[str, tuple[str, dict[str, Any]]]:
    """Path and body of each way to ask. Those whose name says so are streamed."""
    messages = [{"role": "user", "content": question}]
    parts = [{"id": "1", "role": "user", "parts": [{"type": "text", "text": question}]}]
    call = {"jsonrpc": "2.0", "id": 1, "method": "tools/call"}
    return {
        "/v1/ask": ("/v1/ask", {"question": question}),
        "/v1/ask, streamed": ("/v1/ask", {"question": question}),
        "chat completions": ("/v1/chat/completions", {"messages": messages}),
        "chat completions, streamed": ("/v1/chat/completions", {"messages": messages, "stream": True}),
        "responses": ("/v1/responses", {"input": question}),
        "responses, streamed": ("/v1/responses", {"input": question, "stream": True}),
        "AI SDK, streamed": ("/v1/ai-sdk/chat", {"messages": parts}),
        "MCP": ("/mcp", {**call, "params": {"name": "ask", "arguments": {"question": question}}}),
        "title of a chat (no search)": (
            "/v1/chat/completions",
            {"messages": [{"role": "user", "content": '### Task:\nWrite a title: { "title": "…" }\nUSER: Who?'}]},
        ),
    }


def timed(client: httpx.Client, path: str, body: dict[str, Any], accept: str) -> tuple[float, float]:
    """Milliseconds to the first byte of the body, and to its end."""
    headers = {"accept": accept}
    begin = time.perf_counter()
    first = 0.0
    with client.stream("POST", path, json=body, headers=headers) as response:
        response.raise_for_status()
        for _ in response.iter_raw():
            first = first or time.perf_counter()
    return 1000 * (first - begin), 1000 * (time.perf_counter() - begin)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data-dir", type=Path, default=Path(os.environ.get("PULLQUOTE_DATA_DIR", "var")))
    parser.add_argument("--rounds", type=int, default=60)
    arguments = parser.parse_args()
    firsts: dict[str, list[float]] = {}
    ends: dict[str, list[float]] = {}
    process, address, _ = start(arguments.data_dir)
    try:
        with httpx.Client(base_url=address, timeout=60) as client:
            for number in range(-4, arguments.rounds):
                for name, (path, body) in ways(QUESTIONS[number % len(QUESTIONS)]).items():
                    both = path == "/mcp" or "streamed" in name
                    accept = f"application/json, {STREAM}" if both else "application/json"
                    first, end = timed(client, path, body, accept)
                    if number >= 0:
                        firsts.setdefault(name, []).append(first)
                        ends.setdefault(name, []).append(end)
    finally:
        stop(process)
    base = statistics.median(ends["/v1/ask"])
    print("| way | first byte, ms, median | end, ms, median | end, times /v1/ask |\n|---|---|---|---|")
    for name in ends:
        first, end = statistics.median(firsts[name]), statistics.median(ends[name])
        print(f"| {name} | {first:.1f} | {end:.1f} | {end / base:.2f} |")


if __name__ == "__main__":
    main()
