"""The names that the service answers to, for every route alike."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from api.access.hosts import allowed_hosts, host_name, is_behind_proxy, is_loopback
from api.app import create_app
from api.settings import ConfigurationError, load_settings
from tests.conftest import HERE
from tests.support.routes import every_route

CALL = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "tools/call",
    "params": {"name": "ask", "arguments": {"question": "Who is the NATO spokeswoman?"}},
}
MCP = {"accept": "application/json, text/event-stream"}


@pytest.fixture(scope="module")
def named(seed_data: Path) -> Iterator[TestClient]:
    settings = load_settings(
        data_dir=seed_data, threads=1, allowed_hosts="Answers.example.org, *.lorn.example", host="0.0.0.0"
    )
    with TestClient(create_app(settings), base_url=HERE) as client:
        yield client


def test_no_route_answers_to_a_foreign_name(client: TestClient) -> None:
    routes = [(method, re.sub(r"\{[^}]*\}", "x", path)) for method, path in every_route(client.app)]  # type: ignore[arg-type]
    asked = [*routes, ("GET", "/nothing"), ("GET", "/static/style.css"), ("OPTIONS", "/v1/ask")]
    assert ("POST", "/mcp") in asked
    assert len(asked) > 30
    for method, path in asked:
        headers = {"host": "attacker.example:8000", "origin": "http://attacker.example:8000"}
        response = client.request(method, path, headers=headers)
        assert response.status_code == 421, (method, path)
        assert response.headers["x-request-id"]
        if method != "HEAD":
            assert response.json()["error"]["code"] == "host_not_allowed"
            assert "PULLQUOTE_ALLOWED_HOSTS" in response.json()["detail"]


def test_a_name_led_here_reads_nothing_over_the_context_protocol(client: TestClient) -> None:
    led = {"host": "attacker.example:8000", "origin": "http://attacker.example:8000"}
    assert client.post("/mcp", json=CALL, headers=MCP | led).status_code == 421
    assert client.post("/mcp", json=CALL, headers=MCP | {"origin": "http://attacker.example"}).status_code == 403
    assert client.post("/mcp", json=CALL, headers=MCP | {"origin": HERE}).status_code == 200


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:80", "127.0.0.1", "[::1]:9", "a.localhost", "127.1.2.3:8000"])
def test_loopback_names_are_answered(client: TestClient, named: TestClient, host: str) -> None:
    assert client.get("/healthz", headers={"host": host}).status_code == 200
    assert named.get("/healthz", headers={"host": host}).status_code == 200


@pytest.mark.parametrize(
    "host", ["answers.example.org", "ANSWERS.example.org.:443", "a.lorn.example", "b.a.lorn.example"]
)
def test_names_of_the_setting_are_answered_and_links_begin_with_them(named: TestClient, host: str) -> None:
    response = named.get("/v1/articles?limit=1", headers={"host": host})
    assert response.status_code == 200
    assert response.json()["articles"][0]["page"].lower().startswith(f"http://{host.lower()}/articles/")


@pytest.mark.parametrize(
    "host",
    [
        "",
        "lorn.example",
        "xlorn.example",
        "answers.example.org.attacker.example",
        "127.0.0.1.attacker.example",
        "localhost@attacker.example",
        "attacker.example@localhost",
        "localhost/attacker.example",
        "localhost attacker.example",
        "localhost:80:80",
        "[::1",
        "192.168.0.1",
        "0.0.0.0",
        "2130706433",
        "é.localhost",
    ],
)
def test_others_are_not(named: TestClient, host: str) -> None:
    assert named.get("/healthz", headers={"host": host.encode("latin-1")}).status_code == 421


def test_a_request_with_two_hosts_is_refused(named: TestClient) -> None:
    headers = [("host", "127.0.0.1"), ("host", "answers.example.org")]
    assert named.get("/healthz", headers=headers).status_code == 421  # type: ignore[arg-type]


def test_the_list_has_the_public_name_and_the_address_that_is_listened_on() -> None:
    public = load_settings(public_url="https://Answers.example.org:8443/a", host="192.168.7.1")
    assert allowed_hosts(public) == ("answers.example.org", "192.168.7.1")
    assert allowed_hosts(load_settings(host="::")) == allowed_hosts(load_settings()) == ()


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, False),
        ({"allowed_hosts": "box.localhost"}, False),
        ({"public_url": "http://127.0.0.1:8000"}, False),
        ({"allowed_hosts": "answers.example.org"}, True),
        ({"public_url": "https://answers.example.org"}, True),
        ({"trusted_proxies": "127.0.0.1"}, True),
        ({"root_path": "/answers"}, True),
    ],
)
def test_a_public_name_or_a_named_proxy_tells_of_a_proxy(given: dict[str, str], expected: bool) -> None:
    assert is_behind_proxy(load_settings(**given)) is expected


@pytest.mark.parametrize("given", ["*", "https://a.example", "a.example:80", "a b", "*.*.example", ""])
def test_what_is_no_name_is_told(given: str) -> None:
    if given:
        with pytest.raises(ConfigurationError, match="PULLQUOTE_ALLOWED_HOSTS"):
            load_settings(allowed_hosts=given)
    else:
        assert load_settings(allowed_hosts=given).allowed_hosts == []


def test_what_is_no_proxy_is_told() -> None:
    with pytest.raises(ConfigurationError, match="PULLQUOTE_TRUSTED_PROXIES"):
        load_settings(trusted_proxies="*")
    assert load_settings(trusted_proxies="10.0.0.0/8, ::1").trusted_proxies == ["10.0.0.0/8", "::1"]


def test_names_are_read_without_their_port() -> None:
    assert host_name("[::1]:80") == "::1"
    assert host_name("A.example.:80") == "a.example"
    assert host_name("a" * 254) is None


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.8.8", "::1", "[::1]", "localhost", "LOCALHOST.", "a.localhost"])
def test_loopback_names(host: str) -> None:
    assert is_loopback(host)


@pytest.mark.parametrize("host", ["", "0.0.0.0", "::", "192.168.0.1", "localhost.example", "127.0.0.1.example"])
def test_other_names(host: str) -> None:
    assert not is_loopback(host)
