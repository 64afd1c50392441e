"""Problems, request ids, limits, headers, and a service that has no index."""

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from api.app import create_app
from api.settings import Settings, load_settings
from tests.conftest import HERE

ASK = {"question": "Who is the NATO spokeswoman?"}


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/nothing/here", 404, "not_found"),
        ("GET", "/v1/articles/unknown", 404, "article_not_found"),
        ("DELETE", "/v1/ask", 405, "method_not_allowed"),
        ("POST", "/healthz", 405, "method_not_allowed"),
        ("POST", "/v1/ask", 422, "invalid_request"),
        ("GET", "/static/../app.py", 404, "not_found"),
        ("GET", "/static/nothing.css", 404, "not_found"),
        ("GET", "/redoc", 404, "not_found"),
        ("GET", "/v1/ask/", 404, "not_found"),
        ("GET", "/static", 404, "not_found"),
        ("DELETE", "/static/style.css", 405, "method_not_allowed"),
    ],
)
def test_every_error_is_a_problem(client: TestClient, method: str, path: str, status: int, code: str) -> None:
    response = client.request(method, path)
    assert response.status_code == status
    assert response.headers["content-type"] == "application/problem+json"
    problem = response.json()
    assert problem["status"] == status
    assert problem["type"] == f"urn:pullquote:problem:{code}"
    assert problem["error"] == {"message": problem["detail"], "type": "invalid_request_error", "code": code}
    assert problem["request_id"] == response.headers["x-request-id"]


def test_a_refused_method_names_those_that_are_taken(client: TestClient) -> None:
    response = client.delete("/v1/ask")
    assert response.headers["allow"] == "GET, POST"
    assert response.json()["detail"] == "/v1/ask does not take DELETE: use GET, POST"
    response = client.post("/static/style.css")
    assert response.headers["allow"] == "GET, HEAD"
    assert response.json()["detail"] == "/static/style.css does not take POST: use GET, HEAD"


def test_the_request_id_of_the_client_is_kept_if_it_is_sane(client: TestClient) -> None:
    assert client.get("/healthz", headers={"x-request-id": "abc-1.2:3"}).headers["x-request-id"] == "abc-1.2:3"
    for insane in ("", "a b", "x" * 129, "<script>", "é".encode()):
        made = client.get("/healthz", headers={"x-request-id": insane}).headers["x-request-id"]
        assert made != insane
        assert len(made) == 24


def test_a_failure_tells_nothing_of_the_inside_but_to_the_log(
    seed_settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    app: FastAPI = create_app(seed_settings)
    app.add_api_route("/fail", lambda: 1 / 0)
    with TestClient(app, base_url="http://127.0.0.1:8000", raise_server_exceptions=False) as client:
        response = client.get("/fail", headers={"x-request-id": "mine"})
    assert response.status_code == 500
    assert response.headers["content-type"] == "application/problem+json"
    assert response.headers["x-request-id"] == "mine"
    assert response.json()["error"]["type"] == "server_error"
    assert "ZeroDivision" not in response.text
    assert "mine" in response.json()["detail"]
    assert "request mine failed: GET /fail (ZeroDivisionError)" in caplog.text


@pytest.mark.parametrize("is_announced", [True, False])
def test_a_large_body_is_refused(seed_data: Path, is_announced: bool) -> None:
    content = json.dumps({**ASK, "history": [{"role": "user", "content": "x" * 5000}]}).encode()
    settings = load_settings(data_dir=seed_data, max_body_bytes=2000)
    with TestClient(create_app(settings), base_url="http://127.0.0.1:8000") as client:
        response = client.post(
            "/v1/ask",
            content=content if is_announced else iter([content[:1000], content[1000:]]),
            headers={"content-type": "application/json"},
        )
    assert response.status_code == 413
    assert response.headers["content-type"] == "application/problem+json"
    assert response.json()["error"]["code"] == "body_too_large"
    assert response.headers["x-request-id"]


def test_headers_keep_browsers_careful(client: TestClient) -> None:
    page = client.get("/")
    assert "unsafe-inline" not in page.headers["content-security-policy"]
    assert page.headers["content-security-policy"].startswith("default-src 'none'")
    for response in (page, client.get("/healthz"), client.get("/static/style.css")):
        assert response.headers["x-content-type-options"] == "nosniff"
        assert response.headers["referrer-policy"] == "no-referrer"


def test_other_origins_may_not_call_unless_they_are_named(client: TestClient, seed_data: Path) -> None:
    origin = {"origin": "https://a.example"}
    assert "access-control-allow-origin" not in client.get("/healthz", headers=origin).headers
    with TestClient(
        create_app(load_settings(data_dir=seed_data, cors_origins="https://a.example")), base_url=HERE
    ) as open_client:
        allowed = open_client.get("/healthz", headers=origin)
        assert allowed.headers["access-control-allow-origin"] == "https://a.example"
        other = open_client.get("/healthz", headers={"origin": "https://b.example"})
        assert "access-control-allow-origin" not in other.headers


def test_links_begin_with_the_public_address(seed_data: Path) -> None:
    settings = load_settings(data_dir=seed_data, public_url="https://answers.example/a/")
    with TestClient(create_app(settings), base_url="http://127.0.0.1:8000") as client:
        citation = client.post("/v1/ask", json=ASK).json()["answers"][0]["citations"][0]
        assert citation["link"].startswith("https://answers.example/a/c/")


def _without_index(data: Path) -> str:
    shutil.rmtree(data / "index")
    return "there is no index"


def _without_vectors(data: Path) -> str:
    next(data.glob("index/versions/*/vectors.faiss")).unlink()
    return "index file missing"


def _cut(data: Path) -> str:
    file = next(data.glob("index/versions/*/text.sqlite"))
    file.write_bytes(file.read_bytes()[:-100])
    return "index file cut"


def _altered(data: Path) -> str:
    file = next(data.glob("index/versions/*/text.sqlite"))
    content = bytearray(file.read_bytes())
    content[-1] ^= 255
    file.write_bytes(content)
    return "index file altered"


def _without_manifest(data: Path) -> str:
    next(data.glob("index/versions/*/manifest.json")).unlink()
    return "index file missing"


def _bad_manifest(data: Path) -> str:
    next(data.glob("index/versions/*/manifest.json")).write_text("{", encoding="utf-8")
    return "can't be read as a manifest"


def _stray_pointer(data: Path) -> str:
    (data / "index" / "CURRENT").write_text("000099-00000000\n", encoding="utf-8")
    return "names the version '000099-00000000', which is not there"


def _folder_as_pointer(data: Path) -> str:
    (data / "index" / "CURRENT").unlink()
    (data / "index" / "CURRENT").mkdir()
    return "CURRENT"


def _file_as_index(data: Path) -> str:
    shutil.rmtree(data / "index")
    (data / "index").touch()
    return "index"


DAMAGES = [
    _without_index,
    _without_vectors,
    _cut,
    _altered,
    _without_manifest,
    _bad_manifest,
    _stray_pointer,
    _folder_as_pointer,
    _file_as_index,
]


@pytest.mark.parametrize("damage", DAMAGES)
def test_without_a_sound_index_the_process_lives_and_says_how_to_mend_it(
    seed_data: Path, tmp_path: Path, damage: Callable[[Path], str]
) -> None:
    data = tmp_path / "data"
    shutil.copytree(seed_data, data, symlinks=True)
    tells_how_to_mend_it(load_settings(data_dir=data), damage(data))


def test_without_a_place_for_a_model_the_process_lives_and_says_how_to_mend_it(seed_data: Path, tmp_path: Path) -> None:
    data = tmp_path / "data"
    shutil.copytree(seed_data, data)
    (data / "models").touch()
    tells_how_to_mend_it(load_settings(data_dir=data, embedder_precision="float32"), "models")


def tells_how_to_mend_it(settings: Settings, told: str) -> None:
    with TestClient(create_app(settings), base_url="http://127.0.0.1:8000") as client:
        assert client.get("/healthz").status_code == 200
        for response in (
            client.get("/readyz"),
            client.post("/v1/ask", json=ASK),
            client.get("/v1/index"),
            client.get("/v1/articles"),
        ):
            assert response.status_code == 503
            assert response.headers["content-type"] == "application/problem+json"
            assert response.headers["retry-after"]
            assert told in response.json()["detail"]
            assert re.search("make index|build again", response.json()["detail"])
            assert str(settings.data_dir) not in response.text, "where files lie is for the log"
        page = client.get("/")
        assert page.status_code == 503
        assert re.search("make index|pullquote build|build again", page.text)
        assert client.get("/articles/any").status_code == 503
