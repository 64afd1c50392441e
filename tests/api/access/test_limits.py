"""Limits by key and by address: 429 with when to come again, and what is left on every response."""

from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from api.access.keys import KeyStore
from api.access.limits import HEADERS
from api.app import create_app
from api.settings import ConfigurationError, load_settings
from tests.conftest import HERE


def client_of(data_dir: Path, **given: Any) -> TestClient:
    settings = load_settings(data_dir=data_dir, threads=1, **given)
    return TestClient(create_app(settings), base_url=HERE, raise_server_exceptions=False)


def bearer(text: str) -> dict[str, str]:
    return {"authorization": f"Bearer {text}"}


def test_an_address_gets_429_when_it_asked_too_much(data_dir: Path) -> None:
    with client_of(data_dir, limit_by_address="3/hour") as client:
        for left in (2, 1, 0):
            response = client.get("/v1/index")
            assert response.status_code == 200
            told = [response.headers[name] for name in HEADERS]
            assert told[:2] == ["3", str(left)]
            assert 3590 <= int(told[2]) <= 3600
            assert told[3] == "3;w=3600"
        for path in ("/v1/index", "/", "/nothing"):
            response = client.get(path)
            assert (response.status_code, response.json()["error"]["code"]) == (429, "too_many_requests")
            assert response.headers["ratelimit-remaining"] == "0"
            assert 3580 <= int(response.headers["retry-after"]) <= 3600
        assert client.get("/healthz").status_code == 200
        assert "ratelimit-limit" not in client.get("/readyz").headers


def test_keys_have_a_limit_of_their_own(data_dir: Path, store: KeyStore) -> None:
    one, other = bearer(store.create("one")[1]), bearer(store.create("other")[1])
    with client_of(data_dir, limit_by_key="2/hour", limit_by_address="1/hour") as client:
        assert [client.get("/v1/index", headers=one).status_code for _ in range(3)] == [200, 200, 429]
        assert client.get("/v1/index", headers=other).status_code == 200
        assert [client.get("/v1/index").status_code for _ in range(2)] == [200, 429]
        assert client.get("/v1/index", headers=bearer("sk-none")).status_code == 429, "an unknown key opens nothing"


def test_a_key_in_pages_counts_by_the_address_too(data_dir: Path, store: KeyStore) -> None:
    origin = "https://www.example.org"
    page = {**bearer(store.create("widget", origins=[origin])[1]), "origin": origin}
    given = {"limit_by_key": "3/hour", "limit_by_address": "1/hour", "trusted_proxies": "127.0.0.1"}
    with TestClient(
        create_app(load_settings(data_dir=data_dir, threads=1, **given)), base_url=HERE, client=("127.0.0.1", 1)
    ) as client:
        codes = [
            client.get("/v1/index", headers={**page, "x-forwarded-for": address}).status_code
            for address in ("203.0.113.1", "203.0.113.1", "203.0.113.2", "2001:db8::1", "203.0.113.9")
        ]
    assert codes == [200, 429, 200, 200, 429]


def test_what_an_untrusted_client_says_of_its_address_changes_nothing(data_dir: Path) -> None:
    with client_of(data_dir, limit_by_address="1/hour", trusted_proxies="10.0.0.1") as client:
        codes = [
            client.get("/v1/index", headers={"x-forwarded-for": f"203.0.113.{each}"}).status_code for each in range(2)
        ]
    assert codes == [200, 429]


def test_without_limits_nothing_is_counted(data_dir: Path) -> None:
    with client_of(data_dir) as client:
        assert not set(HEADERS) & client.get("/v1/index").headers.keys()


@pytest.mark.parametrize("value", ["many", "60", "0/minute", "-1/minute", "1/fortnight"])
def test_what_is_no_limit_is_told(value: str) -> None:
    with pytest.raises(ConfigurationError, match="PULLQUOTE_LIMIT_BY_KEY"):
        load_settings(limit_by_key=value)
    assert load_settings(limit_by_key=" ").limit_by_key is None


def test_a_browser_gets_a_page_with_the_way_to_try_again(data_dir: Path) -> None:
    with client_of(data_dir, limit_by_address="1/hour") as client:
        client.headers["accept"] = "text/html"
        client.get("/articles")
        refused = client.get("/articles?q=a+b&sort=title")
        assert refused.status_code == 429
        assert refused.headers["content-type"].startswith("text/html")
        assert refused.headers["retry-after"]
        assert "content-security-policy" in refused.headers
        assert "Too many requests" in refused.text
        assert '<a href="/articles?q=a+b&amp;sort=title">Try again</a>' in refused.text
        assert client.get("/v1/articles").headers["content-type"] == "application/problem+json"
