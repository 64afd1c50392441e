"""Browsers enter with a key, and what they may do then ends at these pages."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from api.access.keys import KeyStore
from api.access.sessions import COOKIE, SECONDS, holds, name_in, sealed
from api.app import create_app
from api.settings import load_settings
from tests.conftest import HERE

TOKEN = "a-token-of-many-letters"
FROM_HERE = {"origin": HERE, "sec-fetch-site": "same-origin"}


@pytest.fixture
def service(data_dir: Path) -> Iterator[TestClient]:
    given = {"write_token": TOKEN, "public_ask": False, "build_delay": 1e6, "build_delay_most": 1e6}
    with TestClient(create_app(load_settings(data_dir=data_dir, threads=1, **given)), base_url=HERE) as client:
        yield client


def enter(service: TestClient, key: str) -> int:
    return service.post("/admin/enter", data={"key": key}, headers=FROM_HERE, follow_redirects=False).status_code


def test_a_seal_holds_for_its_key_and_its_time() -> None:
    cookie = sealed("0a1b2c3d", b"kept")
    assert name_in(cookie) == "0a1b2c3d"
    assert holds(cookie, b"kept")
    assert not holds(cookie, b"other")
    assert not holds(cookie.replace("0a1b", "ffff"), b"kept")
    assert name_in(sealed("0a1b2c3d", b"kept", now=0)) is None
    assert name_in(sealed("0a1b2c3d", b"kept", now=1e11)) is None
    assert [name_in(each) for each in ("", "a.b.c", "x" * 5000)] == [None] * 3
    assert SECONDS == 12 * 3600


@pytest.mark.parametrize(
    ("role", "may_change", "may_administer"), [("ask", False, False), ("write", True, False), ("admin", True, True)]
)
def test_a_session_may_what_its_key_may(
    service: TestClient, store: KeyStore, role: str, may_change: bool, may_administer: bool
) -> None:
    assert enter(service, store.create("k", role)[1]) == 303  # type: ignore[arg-type]
    assert ("Add articles" in service.get("/articles").text) == may_change
    assert ('<h2 id="builds">' in service.get("/admin").text) == may_administer
    added = service.post("/articles", data={"title": role, "text": "Some words."}, headers=FROM_HERE)
    assert (added.status_code == 200) == may_change


def test_the_token_of_the_service_opens_it_and_leaving_ends_it(service: TestClient) -> None:
    assert enter(service, TOKEN) == 303
    assert service.get("/admin").text.count("<h2") > 4
    service.post("/admin/leave", headers=FROM_HERE)
    assert "token of the service" in service.get("/admin").text


def test_a_session_ends_with_its_key(service: TestClient, store: KeyStore) -> None:
    key, text = store.create("k", "admin")
    assert enter(service, text) == 303
    store.revoke(key.id)
    assert service.get("/articles").status_code == 401


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"origin": "null"},
        {"origin": "http://evil.example"},
        {"origin": "http://127.0.0.1:9000"},
        {"origin": HERE, "sec-fetch-site": "cross-site"},
        {"origin": HERE, "sec-fetch-site": "same-site"},
    ],
)
def test_another_page_that_makes_the_browser_send_it_changes_nothing(
    service: TestClient, store: KeyStore, headers: dict[str, str]
) -> None:
    assert enter(service, store.create("k", "admin")[1]) == 303
    for path in ("/articles", "/articles/x/delete", "/admin/rebuild", "/admin/rollback"):
        assert service.post(path, data={"title": "T", "text": "Words."}, headers=headers).status_code == 403, path


def test_a_session_changes_nothing_over_the_interface_for_programs(service: TestClient, store: KeyStore) -> None:
    assert enter(service, store.create("k", "admin")[1]) == 303
    assert service.post("/v1/ask", json={"question": "Who?"}, headers=FROM_HERE).status_code == 200
    assert service.post("/v1/articles", json={"text": "Words."}, headers=FROM_HERE).status_code == 403
    assert service.post("/v1/index/rollback", json={}, headers=FROM_HERE).status_code == 403


@pytest.mark.slow
def test_a_wrong_key_is_told_and_counted_and_no_cookie_is_set(service: TestClient, store: KeyStore) -> None:
    widget = store.create("w", origins=["https://a.example"])[1]
    assert [enter(service, key) for key in ("", "pq_wrong", "no key", widget)] == [422, 401, 401, 403]
    told = service.post("/admin/enter", data={"key": "pq_wrong"}, headers=FROM_HERE).text
    assert "This key is not known here." in told
    assert "Authorization" not in told
    assert COOKIE not in service.cookies
    assert [enter(service, f"guess {number}") for number in range(9)][-1] == 429


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(service: TestClient, store: KeyStore) -> None:
    text = store.create("k", "admin")[1]
    answer = service.post("/admin/enter", data={"key": text}, headers=FROM_HERE, follow_redirects=False)
    cookie = answer.headers["set-cookie"]
    assert [part in cookie for part in ("HttpOnly", "SameSite=strict", "Path=/", f"Max-Age={SECONDS}")] == [True] * 4
    assert text not in cookie
