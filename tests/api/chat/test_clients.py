"""The OpenAI client and the client of the Model Context Protocol against a running service."""

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import mcp
import openai
import pytest

from tests.support.chat import ANSWER, QUESTION, UNANSWERED, messages
from tests.support.running_server import running_server

FOLLOW_UP = "What did she say?"


@pytest.fixture(scope="module")
def address(seed_data: Path) -> Iterator[str]:
    with running_server(seed_data) as (found, _):
        yield found


@pytest.fixture
def client(address: str) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(base_url=f"{address}/v1", api_key="none", max_retries=0) as found:
        yield found


def ask(client: openai.OpenAI, *contents: str) -> Any:
    return client.chat.completions.create(model="pullquote", messages=messages(*contents))  # type: ignore[arg-type]


def test_openai_completion(client: openai.OpenAI) -> None:
    (model,) = client.models.list().data
    assert client.models.retrieve(model.id) == model
    message = ask(client, QUESTION).choices[0].message
    assert ANSWER in message.content
    citation = message.annotations[0].url_citation
    assert message.content[citation.start_index : citation.end_index] == "[1]"
    assert httpx2.get(citation.url, timeout=60).status_code == 200


def test_openai_completion_stream(client: openai.OpenAI) -> None:
    with client.chat.completions.stream(
        model="pullquote",
        messages=messages(QUESTION),  # type: ignore[arg-type]
        stream_options={"include_usage": True},
    ) as stream:
        final = stream.get_final_completion()
    said = final.choices[0].message
    assert said.content == ask(client, QUESTION).choices[0].message.content
    assert said.annotations is not None
    assert said.annotations[0].url_citation.title.startswith("U.S. Officials")
    assert final.usage is not None
    assert final.usage.completion_tokens > 0


def test_openai_response(client: openai.OpenAI) -> None:
    response = client.responses.create(model="pullquote", input=QUESTION)
    assert response.output_text.startswith(f"**{ANSWER}** [1]")
    search, message = response.output
    assert search.type == "file_search_call"
    assert search.results is not None
    assert ANSWER in (search.results[0].text or "")
    assert message.type == "message"
    assert message.content[0].type == "output_text"
    (annotation,) = message.content[0].annotations
    assert annotation.type == "url_citation"
    assert httpx2.get(annotation.url, timeout=60).status_code == 200


def test_openai_response_stream(client: openai.OpenAI) -> None:
    with client.responses.stream(model="pullquote", input=QUESTION) as stream:
        text = "".join(event.delta for event in stream if event.type == "response.output_text.delta")
        final = stream.get_final_response()
    assert final.output_text == text
    assert final.output_text == client.responses.create(model="pullquote", input=QUESTION).output_text


def test_openai_follow_up(client: openai.OpenAI) -> None:
    first = ask(client, QUESTION).choices[0].message.content
    told = ask(client, QUESTION, first, FOLLOW_UP).model_extra["pullquote"]
    history = messages(QUESTION, first, FOLLOW_UP)[:-1]
    body = {"question": FOLLOW_UP, "history": history}
    asked = httpx2.post(f"{client.base_url}ask", json=body, timeout=60).json()
    assert told["standalone_question"] == asked["standalone_question"]


def test_openai_no_answer(client: openai.OpenAI) -> None:
    message = ask(client, UNANSWERED).choices[0].message
    assert message.content.startswith("No article answers that.")
    assert message.annotations == []


def test_openai_error(client: openai.OpenAI) -> None:
    with pytest.raises(openai.UnprocessableEntityError, match="may have 2000: shorten it") as caught:
        ask(client, "Why? " * 500)
    assert caught.value.request_id
    with pytest.raises(openai.NotFoundError, match="GET /v1/models lists them"):
        client.models.retrieve("gpt-9")


def test_openai_error_in_a_stream(seed_data: Path, client: openai.OpenAI) -> None:
    with pytest.raises(openai.UnprocessableEntityError):
        client.chat.completions.create(model="pullquote", messages=[], stream=True)


async def use(client: mcp.Client) -> None:
    tools = {tool.name: tool for tool in (await client.list_tools()).tools}
    assert set(tools) == {"ask", "check", "search", "get_article", "verify_citation"}
    assert all(tool.output_schema and tool.annotations and tool.annotations.read_only_hint for tool in tools.values())

    asked = await client.call_tool("ask", {"question": QUESTION})
    text, link = asked.content
    assert asked.structured_content["answers"][0]["text"] == ANSWER
    assert text.type == "text"
    assert text.text.startswith(f"**{ANSWER}** [1]")
    citation = asked.structured_content["answers"][0]["citations"][0]

    assert link.type == "resource_link"
    (contents,) = (await client.read_resource(link.uri)).contents
    assert isinstance(contents, mcp.types.TextResourceContents)
    assert contents.text[citation["start"] : citation["end"]] == ANSWER
    (resource,) = (await client.list_resources()).resources
    assert resource.uri == link.uri
    (template,) = (await client.list_resource_templates()).resource_templates
    assert template.uri_template.format(article_id=citation["article_id"]) == link.uri

    verified = await client.call_tool("verify_citation", {"citation": citation})
    assert verified.structured_content["status"] == "found"
    found = await client.call_tool("search", {"question": QUESTION, "limit": 1})
    assert ANSWER in found.structured_content["passages"][0]["text"]
    article = await client.call_tool("get_article", {"article_id": citation["article_id"]})
    assert article.structured_content["text"] == contents.text

    history = messages(QUESTION, text.text, FOLLOW_UP)[:-1]
    followed = await client.call_tool("ask", {"question": FOLLOW_UP, "history": history})
    assert followed.structured_content["question"] == FOLLOW_UP
    assert followed.structured_content["standalone_question"]

    silent = await client.call_tool("ask", {"question": UNANSWERED})
    assert not silent.structured_content["answerable"]
    assert [content.type for content in silent.content] == ["text"]

    for name, arguments, told in (
        ("ask", {"question": " "}, "question: it is empty"),
        ("ask", {"question": "Who?", "lim": 3}, "lim: there is no such field"),
        ("get_article", {"article_id": "none"}, "there is no article 'none'"),
    ):
        failed = await client.call_tool(name, arguments)
        assert failed.is_error
        assert isinstance(failed.content[0], mcp.types.TextContent)
        assert told in failed.content[0].text
    with pytest.raises(mcp.MCPError, match="there is no tool 'none'"):
        await client.call_tool("none", {})
    with pytest.raises(mcp.MCPError, match="there is no article"):
        await client.read_resource("pullquote://articles/none")
    with pytest.raises(mcp.MCPError, match="no cursor"):
        await client.list_resources(cursor="/")


@pytest.mark.parametrize("mode", ["auto", "legacy"])
def test_mcp_over_http(address: str, mode: Any) -> None:
    async def scenario() -> None:
        async with mcp.Client(f"{address}/mcp", mode=mode) as client:
            await use(client)

    asyncio.run(scenario())


def test_mcp_over_stdio(seed_data: Path) -> None:
    arguments = ["-m", "api", "mcp", "--data-dir", str(seed_data)]
    server = mcp.StdioServerParameters(command=sys.executable, args=arguments, env=dict(os.environ))

    async def scenario() -> None:
        async with mcp.Client(mcp.stdio_client(server)) as client:
            await use(client)

    asyncio.run(scenario())


@pytest.mark.slow
def test_mcp_over_stdio_writes_nothing_else_to_stdout(seed_data: Path) -> None:
    initialize = {
        "jsonrpc": "2.0",
        "id": 1,
        "method": "initialize",
        "params": {
            "protocolVersion": "2025-11-25",
            "capabilities": {},
            "clientInfo": {"name": "test", "version": "1"},
        },
    }
    done = subprocess.run(
        [sys.executable, "-m", "api", "mcp", "--data-dir", str(seed_data)],
        input=json.dumps(initialize) + "\n",
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    (line,) = done.stdout.splitlines()
    assert json.loads(line)["result"]["serverInfo"]["name"] == "pullquote"
    assert done.stderr == ""


def test_mcp_without_an_index_says_what_to_do(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "api", "mcp", "--data-dir", str(tmp_path)], capture_output=True, text=True, timeout=60
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert "make index" in done.stderr


def test_mcp_over_http_takes_posts_of_its_own_pages_only(address: str) -> None:
    assert httpx2.get(f"{address}/mcp", timeout=60).status_code == 405
    body = {"jsonrpc": "2.0", "id": 1, "method": "ping"}
    headers = {"accept": "application/json, text/event-stream"}
    assert (
        httpx2.post(f"{address}/mcp", json=body, headers={**headers, "origin": address}, timeout=60).status_code == 200
    )
    refused = httpx2.post(
        f"{address}/mcp", json=body, headers={**headers, "origin": "https://evil.example.org"}, timeout=60
    )
    assert refused.status_code == 403
    assert "PULLQUOTE_CORS_ORIGINS" in refused.json()["detail"]
