"""A key that is bound to a collection learns nothing of any other, by whatever route or dialect it asks.

The default collection and one of its own hold what the first audience must never see.
"""

import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from api.access.keys import KeyStore
from api.app import create_app
from api.settings import load_settings
from index.collection.folders import CollectionFolders
from tests.conftest import HERE, DataDir
from tests.support.audiences import (
    ASKING,
    CHANGES,
    MANAGING,
    NOT_FOR_BOUND_KEYS,
    OURS,
    SECRET,
    THEIRS,
    bearer,
    without_echo,
)

OF_ALL = {*MANAGING, ("GET", "/v1/collections"), ("GET", "/v1/collections/{name}"), ("GET", "/metrics")}
"""What no collection has of its own."""

QUESTION = "Who is the harbour master?"
SAID = {"messages": [{"role": "user", "content": QUESTION}]}
DIALECTS: dict[str, dict[str, Any]] = {
    "/v1/chat/completions": SAID,
    "/v1/responses": {"input": QUESTION},
    "/v1/ai-sdk/chat": SAID,
}


@pytest.fixture(scope="module")
def data_dir(make_data_dir: DataDir, tmp_path_factory: pytest.TempPathFactory) -> Path:
    def made(name: str, articles: list[dict[str, Any]]) -> Path:
        wire = tmp_path_factory.mktemp("wire") / f"{name}.jsonl"
        wire.write_text("".join(json.dumps(each) + "\n" for each in articles))
        return make_data_dir(wire)

    theirs, ours = made("badger", THEIRS), made("heron", OURS)
    folders = CollectionFolders(theirs)
    for name, source in (("heron", ours), ("badger", theirs)):
        folders.create(name, {})
        shutil.copytree(source / "index", folders.path(name) / "index", symlinks=True)
    return theirs


@pytest.fixture(scope="module")
def service(data_dir: Path) -> Iterator[TestClient]:
    given = {"public_ask": False, "question_log": True, "build_delay": 1e6, "build_delay_most": 1e6}
    settings = load_settings(data_dir=data_dir, threads=1, **given)
    with TestClient(create_app(settings), base_url=HERE, raise_server_exceptions=False) as client:
        yield client


@pytest.fixture(scope="module")
def bound(data_dir: Path) -> dict[str, str]:
    return bearer(KeyStore(data_dir).create("heron", collections=["heron"])[1])


@pytest.fixture(scope="module")
def administers(data_dir: Path) -> dict[str, str]:
    return bearer(KeyStore(data_dir).create("heron's", "admin", collections=["heron"])[1])


def moved(path: str, collection: str) -> list[str]:
    """Where a collection has a route: below its own path, and below the version's."""
    below = [f"/collections/{collection}{path}"]
    if path.startswith("/v1/"):
        return [*below, f"/v1/collections/{collection}{path.removeprefix('/v1')}"]
    return [*below, f"/v1/collections/{collection}{path}"] if path == "/mcp" else below


def answers(
    client: TestClient, route: tuple[str, str], key: dict[str, str], collection: str | None = None
) -> Iterator[tuple[int, str]]:
    for path, given in ASKING[route]:
        for place in moved(path, collection) if collection else [path]:
            response = client.request(route[0], place, **{**given, "headers": {**given.get("headers", {}), **key}})
            yield response.status_code, f"{response.headers} {response.text}"


@pytest.mark.parametrize("route", sorted(ASKING.keys() - OF_ALL), ids=" ".join)
def test_a_bound_key_learns_nothing_of_other_collections(
    service: TestClient, route: tuple[str, str], bound: dict[str, str]
) -> None:
    for status, text in answers(service, route, bound, "heron"):
        assert status in {200, 404}
        assert not SECRET.search(without_echo(text)), text
    for status, text in answers(service, route, bound, "badger"):
        assert status == 404 or route == ("POST", "/mcp")
        assert not SECRET.search(re.sub("collections/badger", "", without_echo(text))), text
    for status, text in answers(service, route, bound):
        assert status == 403 or route[1] in {"/mcp", "/v1/models", "/v1/models/{model:path}"}
        assert not SECRET.search(without_echo(text)), text


@pytest.mark.parametrize("route", sorted(CHANGES | NOT_FOR_BOUND_KEYS - OF_ALL), ids=" ".join)
def test_a_key_that_administers_a_collection_touches_no_other(
    service: TestClient, route: tuple[str, str], administers: dict[str, str]
) -> None:
    method, path = route[0], re.sub(r"\{[^}]*\}", "1", route[1])
    assert service.request(method, path, headers=administers).status_code == 403
    for place in moved(path, "badger"):
        assert service.request(method, place, headers=administers).status_code == 404
    for place in moved(path, "heron"):
        assert service.request(method, place, headers=administers).status_code not in {401, 403}


def test_collections_are_listed_made_changed_and_deleted_by_keys_that_are_not_bound(
    service: TestClient, bound: dict[str, str], administers: dict[str, str]
) -> None:
    for key in (bound, administers):
        listed = service.get("/v1/collections", headers=key)
        assert [each["name"] for each in listed.json()["collections"]] == ["heron"]
        assert not SECRET.search(listed.text)
        for name in ("badger", "default", "nothing"):
            assert service.get(f"/v1/collections/{name}", headers=key).status_code == 404
            assert service.delete(f"/v1/collections/{name}", headers=key).status_code == 403
            changed = service.patch(f"/v1/collections/{name}", json={"settings": {"public_ask": True}}, headers=key)
            assert changed.status_code == 403
        assert service.post("/v1/collections", json={"name": "mine"}, headers=key).status_code == 403
        assert service.get("/metrics", headers=key).status_code == 403
        assert service.get("/collections/heron/metrics", headers=key).status_code == 404


@pytest.mark.parametrize("route", DIALECTS)
def test_a_dialect_chooses_by_the_name_of_the_model(
    service: TestClient, route: str, bound: dict[str, str], data_dir: Path
) -> None:
    free = bearer(KeyStore(data_dir).create("free")[1])
    for key, model, status, answer in (
        (bound, "pullquote/heron", 200, "Ada Finch"),
        (bound, "pullquote/badger", 404, None),
        (bound, "pullquote/none", 404, None),
        (bound, "pullquote", 403, None),
        (free, "pullquote/heron", 200, "Ada Finch"),
        (free, "pullquote/badger", 200, "Bruno Quarr"),
        (free, "pullquote/default", 200, "Bruno Quarr"),
        (free, "another-model", 200, "Bruno Quarr"),
        (free, "pullquote/none", 404, None),
    ):
        response = service.post(route, json={**DIALECTS[route], "model": model}, headers=key)
        assert response.status_code == status, (model, response.text)
        if answer:
            assert answer in response.text.replace("**", "")
        elif status == 404:
            assert response.json()["error"]["code"] == "model_not_found"
    there = service.post(
        f"/v1/collections/heron{route.removeprefix('/v1')}",
        json={**DIALECTS[route], "model": "pullquote/badger"},
        headers=free,
    )
    assert there.status_code == 404


def test_models_are_those_of_the_collections_that_are_there(
    service: TestClient, bound: dict[str, str], data_dir: Path
) -> None:
    def names(key: dict[str, str], path: str = "/v1/models") -> list[str]:
        return [each["id"] for each in service.get(path, headers=key).json()["data"]]

    free = bearer(KeyStore(data_dir).create("free")[1])
    assert names(bound) == ["pullquote/heron"]
    assert names(free) == ["pullquote", "pullquote/badger", "pullquote/heron"]
    assert names(free, "/v1/collections/heron/models") == ["pullquote/heron"]
    assert service.get("/v1/models/pullquote/heron", headers=bound).json()["id"] == "pullquote/heron"
    assert service.get("/v1/models/pullquote/badger", headers=bound).status_code == 404


def test_links_of_a_collection_lead_into_it(service: TestClient, bound: dict[str, str]) -> None:
    asked = {**SAID, "model": "pullquote/heron"}
    answered = service.post("/v1/chat/completions", json=asked, headers=bound).json()["pullquote"]
    link = answered["answers"][0]["citations"][0]["link"]
    assert link.startswith(f"{HERE}/collections/heron/c/heron-1.")
    assert "Ada Finch" in service.get(link, headers=bound).text
    page = service.get("/collections/heron/", headers=bound).text
    for address in re.findall(r'(?:href|src|action)="(/[^"]*)"', page):
        assert address.startswith("/collections/heron/"), address
        assert service.get(address.replace("&amp;", "&"), headers=bound).status_code == 200


def test_a_browser_is_asked_for_the_key_of_a_collection(data_dir: Path) -> None:
    """A collection may need a key where the service does not."""
    CollectionFolders(data_dir).create("private", {"public_ask": False})
    settings = load_settings(data_dir=data_dir, threads=1)
    with TestClient(create_app(settings), base_url=HERE, raise_server_exceptions=False) as client:
        assert client.get("/v1/index").status_code == 200
        assert client.get("/v1/collections/heron/index").status_code == 200
        refused = client.get("/v1/collections/private/index")
        assert (refused.status_code, refused.headers["www-authenticate"][:6]) == (401, "Bearer")
        refused = client.get("/collections/private/")
        assert (refused.status_code, refused.headers["www-authenticate"][:5]) == (401, "Basic")
        listed = client.get("/v1/collections").json()["collections"]
        assert [each["name"] for each in listed] == ["default", "badger", "heron"]
    CollectionFolders(data_dir).delete("private")
