"""What ``/metrics`` tells is what happened, with one process and with several."""

import json
import re
import time
from pathlib import Path

import httpx2
import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.settings import Settings, load_settings
from tests.conftest import HERE
from tests.support.paths import ROOT
from tests.support.running_server import running_server

QUESTION = "Who is the NATO spokeswoman?"


def figures(text: str) -> dict[str, float]:
    """Each sample with its labels."""
    lines = (line for line in text.splitlines() if line and not line.startswith("#"))
    return {name: float(value) for name, _, value in (line.rpartition(" ") for line in lines)}


def risen(before: dict[str, float], after: dict[str, float]) -> dict[str, float]:
    return {name: after[name] - before.get(name, 0) for name in after if after[name] != before.get(name, 0)}


def asked_for(client: TestClient) -> dict[str, float]:
    response = client.get("/metrics")
    assert response.status_code == 200
    assert response.headers["content-type"].startswith("text/plain; version=")
    return figures(response.text)


def test_a_question_is_counted_with_its_stages_and_its_confidence(seed_settings: Settings) -> None:
    with TestClient(create_app(seed_settings), base_url=HERE) as client:
        before = asked_for(client)
        for _ in range(2):
            assert client.post("/v1/ask", json={"question": QUESTION}).json()["answerable"]
        client.post("/v1/ask", json={"question": "What does a blue whale weigh?"})
        rise = risen(before, asked_for(client))
    assert rise['pullquote_asks_total{cached="no",collection="default",outcome="answered"}'] == 1
    assert rise['pullquote_asks_total{cached="yes",collection="default",outcome="answered"}'] == 1
    assert rise['pullquote_asks_total{cached="no",collection="default",outcome="unanswered"}'] == 1
    assert rise['pullquote_confidence_count{collection="default"}'] == 3
    assert rise["pullquote_queue_seconds_count"] == 3
    for stage in ("embed", "retrieve", "read", "total"):
        assert rise[f'pullquote_ask_stage_seconds_count{{stage="{stage}"}}'] == 2
    assert rise['pullquote_requests_total{method="POST",route="/v1/ask",status="200"}'] == 3


def test_the_index_is_described(client: TestClient) -> None:
    found, index = asked_for(client), client.get("/v1/index").json()
    assert found['pullquote_ready{collection="default"}'] == 1
    assert found['pullquote_index_articles{collection="default"}'] == index["articles"]
    assert found['pullquote_index_passages{collection="default"}'] == index["passages"]
    assert found['pullquote_index_bytes{collection="default"}'] == index["size_bytes"]
    assert found['pullquote_index_versions{collection="default"}'] == 1
    assert 0 <= found['pullquote_index_age_seconds{collection="default"}'] < 86_400
    assert found['pullquote_jobs{collection="default",state="failed"}'] == 0
    assert any(name.startswith("pullquote_index_info{") and index["version"] in name for name in found)


def test_a_service_without_an_index_says_so(tmp_path: Path) -> None:
    with TestClient(create_app(load_settings(data_dir=tmp_path)), base_url=HERE) as client:
        found = asked_for(client)
    assert found['pullquote_ready{collection="default"}'] == 0
    assert not any(name.startswith("pullquote_index_articles") for name in found)


def test_labels_are_routes_and_codes_and_never_what_a_client_sent(client: TestClient) -> None:
    before = asked_for(client)
    client.get("/v1/articles/no-such-article")
    client.get("/no/such/page")
    client.request("BREW", "/v1/ask")
    client.post("/v1/ask", json={"question": " "})
    rise = risen(before, asked_for(client))
    assert rise['pullquote_requests_total{method="GET",route="/v1/articles/{article_id}",status="404"}'] == 1
    assert rise['pullquote_requests_total{method="GET",route="(none)",status="404"}'] == 1
    assert rise['pullquote_refusals_total{code="article_not_found"}'] == 1
    assert rise['pullquote_refusals_total{code="invalid_request"}'] == 1
    assert not re.search("no-such-article|BREW|/no/such", " ".join(rise))


def test_a_full_queue_is_a_refusal(seed_data: Path) -> None:
    settings = load_settings(data_dir=seed_data, threads=1, max_body_bytes=1024)
    with TestClient(create_app(settings), base_url=HERE) as client:
        before = asked_for(client)
        assert client.post("/v1/ask", json={"question": "a" * 2000}).status_code == 413
        rise = risen(before, asked_for(client))
    assert rise['pullquote_refusals_total{code="body_too_large"}'] == 1


def test_figures_can_be_switched_off(seed_data: Path) -> None:
    with TestClient(create_app(load_settings(data_dir=seed_data, threads=1, metrics=False)), base_url=HERE) as client:
        assert client.get("/metrics").status_code == 404


@pytest.mark.slow
def test_several_processes_add_up_and_one_that_was_killed_leaves_the_queue(seed_data: Path) -> None:
    with running_server(seed_data, PULLQUOTE_PROCESSES="2", PULLQUOTE_THREADS="1") as (address, _):
        for number in range(12):
            with httpx2.Client(timeout=60) as one:  # a connection each, so that both processes get some
                one.get(f"{address}/v1/ask", params={"q": f"{QUESTION} {number}"}, timeout=60).raise_for_status()
        counted = [figures(httpx2.get(f"{address}/metrics", timeout=60).text) for _ in range(4)]
        time.sleep(0.1)
    for found in counted:
        asked = sum(value for name, value in found.items() if name.startswith("pullquote_asks_total"))
        assert asked == 12
        assert found["pullquote_queue"] == 0
        assert found['pullquote_index_articles{collection="default"}'] == 1


def test_the_dashboard_shows_figures_that_there_are(client: TestClient) -> None:
    text = client.get("/metrics").text
    families = set(re.findall(r"^# TYPE (\w+) ", text, re.MULTILINE))
    dashboard = json.loads((ROOT / "deploy" / "grafana" / "pullquote.json").read_text(encoding="utf-8"))
    shown = [target["expr"] for panel in dashboard["panels"] for target in panel.get("targets", [])]
    assert len(shown) > 15
    for expression in shown:
        for name in re.findall(r"\b((?:pullquote|process)_\w+)\{", expression):
            # a build that nobody read yet has no figure
            assert {name, name.removesuffix("_bucket")} & (families | {"pullquote_documents_failed"}), name


def test_every_figure_is_documented(client: TestClient) -> None:
    page = (ROOT / "docs" / "watching.md").read_text(encoding="utf-8")
    for name in re.findall(r"^# TYPE (pullquote_\w+) ", client.get("/metrics").text, re.MULTILINE):
        assert f"`{name}`" in page, name
