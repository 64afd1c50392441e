"""Anthropic messages, read by Anthropic's own client."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import anthropic
import httpx2
import pytest

from tests.support.chat import ANSWER, QUESTION, UNANSWERED, messages
from tests.support.running_server import running_server


@pytest.fixture(scope="module")
def address(seed_data: Path) -> Iterator[str]:
    with running_server(seed_data) as (found, _):
        yield found


@pytest.fixture
def client(address: str) -> Iterator[anthropic.Anthropic]:
    with anthropic.Anthropic(base_url=address, api_key="none", max_retries=0) as found:
        yield found


def ask(client: anthropic.Anthropic, *contents: str) -> anthropic.types.Message:
    return client.messages.create(model="pullquote", max_tokens=1024, messages=messages(*contents))  # type: ignore[arg-type]


def text_of(message: anthropic.types.Message) -> str:
    return "".join(block.text for block in message.content if block.type == "text")


def test_the_quote_is_the_citation_of_the_block_that_ends_with_its_number(client: anthropic.Anthropic) -> None:
    message = ask(client, QUESTION)
    assert message.stop_reason == "end_turn"
    first = message.content[0]
    assert first.type == "text"
    assert first.text == f"**{ANSWER}** [1]"
    assert first.citations is not None
    (citation,) = first.citations
    assert citation.type == "search_result_location"
    assert ANSWER in citation.cited_text
    assert citation.title == "U.S. Officials Confirm North Korea Sent Troops to Russia"
    assert httpx2.get(citation.source, timeout=60).status_code == 200
    assert all(not block.citations for block in message.content[1:] if block.type == "text")


def test_a_stream_adds_up_to_the_whole_message(client: anthropic.Anthropic) -> None:
    asked: Any = messages(QUESTION)
    with client.messages.stream(model="pullquote", max_tokens=1024, messages=asked) as stream:
        pieces = "".join(stream.text_stream)
        final = stream.get_final_message()
    whole = ask(client, QUESTION)
    assert pieces == text_of(final) == text_of(whole)
    streamed, asked_for = final.content[0], whole.content[0]
    assert streamed.type == asked_for.type == "text"
    assert streamed.citations == asked_for.citations
    assert final.stop_reason == "end_turn"
    assert final.usage.output_tokens == whole.usage.output_tokens > 0


def test_the_words_are_those_of_every_dialect(address: str, client: anthropic.Anthropic) -> None:
    body = {"messages": messages(QUESTION)}
    completion = httpx2.post(f"{address}/v1/chat/completions", json=body, timeout=60).json()
    assert text_of(ask(client, QUESTION)) == completion["choices"][0]["message"]["content"]


def test_no_answer_has_no_citation(client: anthropic.Anthropic) -> None:
    message = ask(client, UNANSWERED)
    assert text_of(message).startswith("No article answers that.")
    assert all(not block.citations for block in message.content if block.type == "text")


def test_content_in_blocks_and_fields_without_effect_are_taken(client: anthropic.Anthropic) -> None:
    blocks: Any = [{"role": "user", "content": [{"type": "text", "text": QUESTION}]}]
    tool: Any = {"name": "x", "input_schema": {"type": "object"}}
    message = client.messages.create(
        model="claude-none", max_tokens=1, messages=blocks, system="Be brief.", tools=[tool]
    )
    assert ANSWER in text_of(message)


def test_errors_are_raised_as_what_they_are(client: anthropic.Anthropic) -> None:
    with pytest.raises(anthropic.UnprocessableEntityError, match="may have 2000: shorten it"):
        ask(client, "Why? " * 500)
