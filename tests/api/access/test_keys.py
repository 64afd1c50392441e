"""Keys: made, listed and taken back by command; roles, expiry, origins; Bearer in every dialect; wrong ones slowed."""

import base64
import json
import re
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from api.access import guesses
from api.access.guesses import network
from api.access.keys import FILE, KeyNotFoundError, KeyStore
from api.app import create_app
from api.cli.serving import who_may
from api.settings import load_settings
from tests.conftest import HERE
from tests.support.command_line import run
from tests.support.killed import leave_half_written

ASK = {"question": "Who is the NATO spokeswoman?"}
CHAT = {"messages": [{"role": "user", "content": ASK["question"]}]}
CALL = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "ask", "arguments": ASK}}
DIALECTS: dict[str, dict[str, Any]] = {
    "/v1/ask": ASK,
    "/v1/chat/completions": CHAT,
    "/v1/responses": {"input": ASK["question"]},
    "/v1/messages": CHAT,
    "/v1/ai-sdk/chat": CHAT,
    "/mcp": CALL,
}
MCP = {"accept": "application/json, text/event-stream"}
TOKEN = "a-token-of-many-letters"
ANSWER = "Farah Dakhlallah"


def client_of(data_dir: Path, **given: Any) -> TestClient:
    settings = load_settings(data_dir=data_dir, threads=1, build_delay=1e6, build_delay_most=1e6, **given)
    return TestClient(create_app(settings), base_url=HERE, raise_server_exceptions=False)


@pytest.fixture(scope="module")
def closed(data_dir: Path) -> Iterator[TestClient]:
    """A service that answers nobody without a key."""
    with client_of(data_dir, public_ask=False, cors_origins="https://www.example.org") as client:
        yield client


@pytest.fixture(scope="module")
def public(data_dir: Path) -> Iterator[TestClient]:
    """A service that answers everybody."""
    with client_of(data_dir) as client:
        yield client


def bearer(text: str) -> dict[str, str]:
    return {"authorization": f"Bearer {text}"}


def test_a_key_is_printed_once_listed_and_revoked(store: KeyStore, data_dir: Path) -> None:
    made = run("keys", "create", "the intranet", "--days", "30", "--tag", "news", "--data-dir", str(data_dir))
    text = made.stdout.strip()
    assert re.fullmatch(r"pq_[0-9a-f]{8}_[A-Za-z0-9_-]{43}", text)
    assert "PULLQUOTE_PUBLIC_ASK=false" in made.stderr
    (key,) = json.loads(run("keys", "list", "--json", "--data-dir", str(data_dir)).stdout)
    assert (key["name"], key["role"], key["tags"], key["used"], key["usable"]) == (
        "the intranet",
        "ask",
        ["news"],
        None,
        True,
    )
    assert 29 < (time.mktime(time.strptime(key["expires"], "%Y-%m-%dT%H:%M:%SZ")) - time.time()) / 86_400 < 31
    listed = run("keys", "list", "--data-dir", str(data_dir)).stdout
    assert key["id"] in listed
    assert text not in listed
    assert "revoked" in run("keys", "revoke", key["id"], "--data-dir", str(data_dir)).stdout
    (key,) = store.all()
    assert key.trouble == "was revoked"
    with pytest.raises(KeyNotFoundError):
        store.revoke("00000000")
    audit = (data_dir / "audit.jsonl").read_text()
    assert '"key.create"' in audit
    assert '"key.revoke"' in audit
    assert text not in audit


@pytest.mark.parametrize(
    "arguments",
    [
        ["x", "--role", "root"],
        ["x", "--role", "write", "--tag", "news"],
        ["x", "--role", "admin", "--origin", "https://a.example"],
        ["x", "--origin", "www.example.org/path"],
        ["x", "--days", "0"],
        [" "],
    ],
)
def test_what_is_no_key_is_told(store: KeyStore, data_dir: Path, arguments: list[str]) -> None:
    done = run("keys", "create", *arguments, "--data-dir", str(data_dir))
    assert done.exit_code == 2, done.stderr
    assert done.stderr.startswith("pullquote: ")
    assert store.all() == []


def test_nothing_of_a_key_is_kept_but_its_hash(store: KeyStore, data_dir: Path) -> None:
    key, text = store.create("x")
    kept = b"".join(path.read_bytes() for path in data_dir.glob(f"{FILE}*"))
    assert key.id.encode() in kept
    assert text.partition(f"{key.id}_")[2].encode() not in kept
    assert ((data_dir / FILE).stat().st_mode & 0o777) == 0o600


@pytest.mark.parametrize("path", DIALECTS)
def test_every_dialect_takes_a_key_and_does_without_one_only_where_asking_is_public(
    closed: TestClient, public: TestClient, store: KeyStore, path: str
) -> None:
    _, text = store.create("x")
    for client, given, status in (
        (closed, {}, 401),
        (closed, bearer("sk-none"), 401),
        (closed, bearer(text), 200),
        (closed, {"x-api-key": text}, 200),
        (public, {}, 200),
        (public, bearer("sk-none"), 200),
        (public, bearer(text), 200),
    ):
        response = client.post(path, json=DIALECTS[path], headers={**MCP, **given})
        assert response.status_code == status, (given, response.text)
        assert (ANSWER in response.text) == (status == 200)
        if status == 401:
            assert response.headers["www-authenticate"].startswith("Bearer")
            assert response.json()["error"]["code"] == "unauthorized"


def test_its_last_use_is_noted(closed: TestClient, store: KeyStore) -> None:
    key, text = store.create("x")
    assert closed.get("/v1/index", headers=bearer(text)).status_code == 200
    (used,) = store.all()
    assert key.used is None
    assert used.used is not None


def test_a_key_ends_when_it_expires_or_is_revoked(closed: TestClient, public: TestClient, store: KeyStore) -> None:
    key, text = store.create("x", expires=time.time() + 3600)
    assert closed.post("/v1/ask", json=ASK, headers=bearer(text)).status_code == 200
    store.revoke(key.id)
    for client in (closed, public):
        response = client.post("/v1/ask", json=ASK, headers=bearer(text))
        assert response.status_code == 401
        assert "revoked" in response.json()["detail"]
    _, old = store.create("old", expires=time.time() - 1)
    assert "expired" in closed.post("/v1/ask", json=ASK, headers=bearer(old)).json()["detail"]


def test_roles_are_what_they_say(data_dir: Path, store: KeyStore) -> None:
    keys = {role: bearer(store.create(role, role)[1]) for role in ("ask", "write", "admin")}  # type: ignore[arg-type]
    new = {"id": "new", "text": "The bridge opened on Monday.", "replace": True}
    with client_of(data_dir, public_ask=False, host="0.0.0.0") as client:
        for role, written, administered in (("ask", 403, 403), ("write", 202, 403), ("admin", 202, 200)):
            assert client.post("/v1/ask", json=ASK, headers=keys[role]).status_code == 200
            assert client.post("/v1/articles", json=new, headers=keys[role]).status_code == written
            assert client.post("/v1/index/rebuild", headers=keys[role]).status_code == written
            pruned = client.post("/v1/index/prune", json={}, headers=keys[role])
            assert pruned.status_code == administered, pruned.text
        by = [json.loads(line)["by"] for line in (data_dir / "audit.jsonl").read_text().splitlines()]
        assert {f"key {key.id}" for key in store.all() if key.role != "ask"} <= set(by)


def test_a_key_that_may_write_ends_writing_without_one(public: TestClient, store: KeyStore, data_dir: Path) -> None:
    settings = load_settings(data_dir=data_dir)
    assert public.post("/v1/index/rebuild").status_code == 202
    store.create("asks")
    assert public.post("/v1/index/rebuild").status_code == 202
    key, text = store.create("writes", "write")
    assert public.post("/v1/index/rebuild").status_code == 401
    assert public.post("/v1/index/rebuild", headers=bearer(text)).status_code == 202
    assert "without a token" not in "\n".join(who_may(settings))
    store.revoke(key.id)
    assert public.post("/v1/index/rebuild").status_code == 401, "taking a key back opens nothing"


def test_the_token_of_the_settings_goes_on_working(data_dir: Path, store: KeyStore) -> None:
    store.create("asks")
    with client_of(data_dir, write_token=TOKEN, public_ask=False) as client:
        assert client.post("/v1/ask", json=ASK, headers=bearer(TOKEN)).status_code == 200
        assert client.post("/v1/index/rebuild", headers=bearer(TOKEN)).status_code == 202
        assert client.post("/v1/index/prune", json={}, headers=bearer(TOKEN)).status_code == 200
        assert client.post("/v1/index/rebuild").status_code == 401


def test_a_browser_asks_for_the_key_and_gives_no_more_than_the_right_to_ask(
    closed: TestClient, store: KeyStore
) -> None:
    _, text = store.create("boss", "admin")
    basic = {"authorization": "Basic " + base64.b64encode(f"me:{text}".encode()).decode()}
    refused = closed.get("/")
    assert refused.status_code == 401
    assert refused.headers["www-authenticate"].startswith("Basic")
    assert closed.get("/", params={"q": ASK["question"]}, headers=basic).status_code == 200
    response = closed.post("/v1/index/rebuild", headers=basic)
    assert (response.status_code, response.json()["error"]["code"]) == (403, "role_too_small")


def test_a_key_of_an_origin_works_in_its_pages_only(closed: TestClient, store: KeyStore) -> None:
    _, text = store.create("widget", origins=["https://www.example.org"])
    for origin, status in (("https://www.example.org", 200), ("https://evil.example", 403), (None, 403)):
        headers = {**bearer(text), **({"origin": origin} if origin else {})}
        response = closed.post("/v1/ask", json=ASK, headers=headers)
        assert response.status_code == status
        if status == 200:
            assert response.headers["access-control-allow-origin"] == origin
    asked = {"origin": "https://www.example.org", "access-control-request-method": "POST"}
    preflight = closed.options("/v1/ask", headers={**asked, "access-control-request-headers": "authorization"})
    assert preflight.status_code == 200
    assert "authorization" in preflight.headers["access-control-allow-headers"]


def test_health_is_for_everybody_and_tells_only_those_who_may_ask_of_everything(
    closed: TestClient, store: KeyStore
) -> None:
    assert closed.get("/healthz").status_code == closed.get("/readyz").status_code == 200
    assert closed.get("/openapi.json").status_code == 200
    bound = bearer(store.create("x", tags=["news"])[1])
    assert closed.get("/metrics", headers=bound).status_code == 403
    assert closed.get("/metrics", headers=bearer(store.create("y")[1])).status_code == 200


def test_a_path_of_its_own_changes_nothing_about_who_may(data_dir: Path, store: KeyStore) -> None:
    _, text = store.create("x")
    with client_of(data_dir, public_ask=False, root_path="/answers") as client:
        for path in ("/answers/healthz", "/healthz", "/answers/widget.js", "/answers/static/style.css"):
            assert client.get(path).status_code == 200, path
        for path in ("/answers/v1/index", "/v1/index", "/answers", "/answers/", "/answers/healthz/../v1/index"):
            assert client.get(path).status_code == 401, path
        assert client.get("/answers/").headers["www-authenticate"].startswith("Basic")
        assert client.get("/answers/v1/index", headers=bearer(text)).status_code == 200


def test_wrong_keys_are_slowed_counted_and_then_not_looked_at(
    data_dir: Path, store: KeyStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    pauses: list[float] = []

    async def pause(seconds: float) -> None:
        pauses.append(seconds)

    monkeypatch.setattr(guesses.asyncio, "sleep", pause)
    _, right = store.create("x")
    _, late = store.create("y")
    wrong = right[:-1] + ("A" if right[-1] != "A" else "B")
    with client_of(data_dir, public_ask=False, metrics=True) as client:
        assert client.get("/v1/index", headers=bearer(right)).status_code == 200
        for _ in range(guesses.MOST_A_MINUTE):
            assert client.get("/v1/index", headers=bearer(wrong)).status_code == 401
        monkeypatch.undo()
        assert pauses == sorted(pauses)
        assert 0 < pauses[0] < pauses[4]
        response = client.get("/v1/index", headers=bearer(wrong))
        assert (response.status_code, response.json()["error"]["code"]) == (429, "too_many_wrong_keys")
        assert 1 <= int(response.headers["retry-after"]) <= 60
        assert client.get("/v1/index", headers=bearer(late)).status_code == 429, "it can't be told from a guess"
        assert client.get("/v1/index", headers=bearer(right)).status_code == 200, "it was right a moment ago"
        counted = client.get("/metrics", headers=bearer(right)).text
        assert re.search(r'pullquote_refusals_total\{code="unauthorized"\} \d', counted)


def test_guesses_at_the_token_are_slowed_where_all_may_ask(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guesses, "_FIRST_PAUSE", 0.0)
    with client_of(data_dir, write_token=TOKEN) as client:
        statuses = [
            client.post("/v1/index/rebuild", headers=bearer(f"guess-{number}")).status_code
            for number in range(guesses.MOST_A_MINUTE + 1)
        ]
        assert statuses == [401] * guesses.MOST_A_MINUTE + [429]
        assert client.post("/v1/ask", json=ASK, headers=bearer("sk-none")).status_code == 200


def test_one_client_of_ipv6_is_a_network() -> None:
    assert network("2001:db8::1") == network("2001:db8::ffff") == "2001:db8::/64"
    assert network("::ffff:192.0.2.7") == network("192.0.2.7") == "192.0.2.7"
    assert network("testclient") == "testclient"


def test_keys_that_can_not_be_read_let_nobody_in(closed: TestClient, store: KeyStore, data_dir: Path) -> None:
    _, text = store.create("x")
    (data_dir / FILE).write_bytes(b"no database at all" * 100)
    response = closed.post("/v1/ask", json=ASK, headers=bearer(text))
    assert (response.status_code, response.json()["error"]["code"]) == (503, "keys_unusable")
    assert str(data_dir) not in response.text


def test_a_file_that_another_process_is_just_making_has_no_keys_yet(closed: TestClient, data_dir: Path) -> None:
    (data_dir / FILE).touch()
    assert closed.post("/v1/ask", json=ASK).status_code == 401
    assert KeyStore(data_dir).all() == []


def test_what_a_killed_process_left_half_written_is_undone(store: KeyStore, data_dir: Path) -> None:
    key, text = store.create("x")
    leave_half_written(data_dir / FILE, "UPDATE keys SET name = 'Half'")
    assert store.find(text) == key


def test_a_file_of_keys_is_a_plain_database(store: KeyStore, data_dir: Path) -> None:
    key, _ = store.create("x", tags=["a"], sources=["b"])
    with closing(sqlite3.connect(data_dir / FILE)) as connection:
        assert connection.execute("SELECT id, role FROM keys").fetchall() == [(key.id, "ask")]
    assert KeyStore(data_dir).all() == [key]


def test_the_description_says_which_operation_needs_a_key(closed: TestClient, public: TestClient) -> None:
    for client, needed in ((closed, [{"key": []}]), (public, [{}, {"key": []}])):
        document = client.get("/openapi.json").json()
        assert document["components"]["securitySchemes"]["key"]["scheme"] == "bearer"
        assert document["paths"]["/v1/ask"]["post"]["security"] == needed
        assert document["paths"]["/healthz"]["get"]["security"] == []
        assert {"401", "403", "421", "429"} <= document["paths"]["/v1/ask"]["post"]["responses"].keys()


def test_keys_from_before_there_were_collections_are_taken(store: KeyStore, data_dir: Path) -> None:
    _, text = store.create("old")
    with closing(sqlite3.connect(data_dir / FILE)) as connection, connection:
        connection.execute("ALTER TABLE keys DROP COLUMN collections")
    found = store.find(text)
    assert found
    assert found.collections == ()
    store.note_use(found)
    bound, _ = store.create("new", collections=["news"])
    assert [key.collections for key in store.all()] == [(), ("news",)]
    assert [key.id for key in store.forget_collection("news")] == [bound.id]
