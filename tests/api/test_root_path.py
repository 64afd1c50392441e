"""Behind a proxy that shows the service under a path, everything that it names is under that path."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.settings import ConfigurationError, load_settings

PREFIX = "/team/answers"
QUESTION = "Who is the NATO spokeswoman?"

TOKEN = "a-token-of-many-letters"


@pytest.fixture(scope="module")
def shown(seed_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    data = shutil.copytree(seed_data, tmp_path_factory.mktemp("shown") / "data")
    settings = load_settings(
        data_dir=data,
        threads=1,
        build_delay=60,
        build_delay_most=60,
        root_path=f"{PREFIX}/",
        max_body_bytes=1024,
        write_token=TOKEN,
    )
    with TestClient(create_app(settings), base_url="http://127.0.0.1:8000") as client:
        yield client


def linked(page: str) -> set[str]:
    reading = re.sub(r'<form\b[^>]*method="post"[^>]*>', "", page)
    return {found.replace("&amp;", "&") for found in re.findall(r'(?:href|src|action|data-index)="([^"]+)"', reading)}


def test_every_link_of_every_page_leads_to_something_under_the_path(shown: TestClient) -> None:
    waiting, seen = [f"{PREFIX}/", f"{PREFIX}/chat", f"{PREFIX}/?q={QUESTION}"], set[str]()
    while waiting:
        address = waiting.pop()
        response = shown.get(address)
        assert response.status_code == 200, address
        if not response.headers["content-type"].startswith("text/html"):
            continue
        for link in linked(response.text):
            parts = urlsplit(urljoin(f"http://127.0.0.1:8000{address}", link))
            if parts.netloc != "127.0.0.1:8000":
                continue
            assert parts.path == f"{PREFIX}/" or parts.path.startswith(f"{PREFIX}/"), f"{address} links {link}"
            if parts.path not in seen and len(seen) < 60:
                seen.add(parts.path)
                waiting.append(f"{parts.path}?{parts.query}")
    assert {f"{PREFIX}/static/style.css", f"{PREFIX}/widget.js", f"{PREFIX}/v1/index"} <= seen
    assert any(path.startswith(f"{PREFIX}/articles/") for path in seen)


def test_links_in_answers_are_under_the_path(shown: TestClient) -> None:
    body = shown.post(f"{PREFIX}/v1/ask", json={"question": QUESTION}).json()
    link = body["answers"][0]["citations"][0]["link"]
    assert link.startswith(f"http://127.0.0.1:8000{PREFIX}/c/")
    assert shown.get(link).status_code == 200
    turn = {"role": "user", "content": QUESTION}
    said = shown.post(f"{PREFIX}/v1/chat/completions", json={"messages": [turn]}).json()
    assert f"http://127.0.0.1:8000{PREFIX}/c/" in said["choices"][0]["message"]["content"]


def test_a_proxy_may_strip_the_path_or_leave_it(shown: TestClient) -> None:
    for path in ("/v1/index", f"{PREFIX}/v1/index"):
        assert shown.get(path).status_code == 200
    assert shown.get(f"{PREFIX}x/v1/index").status_code == 404
    call = {"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {}}
    accept = {"accept": "application/json, text/event-stream"}
    assert shown.post(f"{PREFIX}/mcp", json=call, headers=accept).status_code == 200


def test_jobs_are_linked_and_uploads_have_their_own_limit_under_the_path(shown: TestClient) -> None:
    text = {"title": "Long", "text": "Otters sleep. " * 200}
    written = shown.put(f"{PREFIX}/v1/articles/otters", json=text, headers={"authorization": f"Bearer {TOKEN}"})
    assert written.status_code == 202
    assert written.headers["location"] == written.json()["job"]["link"]
    assert written.headers["location"].startswith(f"{PREFIX}/v1/jobs/")
    assert shown.get(written.headers["location"]).json()["link"] == written.headers["location"]


def test_the_description_says_where_the_service_is(shown: TestClient) -> None:
    assert shown.get(f"{PREFIX}/openapi.json").json()["servers"] == [{"url": PREFIX}]


@pytest.mark.parametrize("path", ["answers", "/a b", "/a?b", "//a", "https://a.example/b"])
def test_what_is_no_path_is_refused(path: str) -> None:
    with pytest.raises(ConfigurationError, match="/answers"):
        load_settings(root_path=path)


def test_a_public_address_without_the_path_is_refused() -> None:
    with pytest.raises(ConfigurationError, match=r"https://a\.example/answers"):
        load_settings(root_path="/answers", public_url="https://a.example")
    assert load_settings(root_path="/answers", public_url="https://a.example/answers/").root_path == "/answers"
