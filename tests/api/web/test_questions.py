"""What people ask and think, from the page to the export, and answers that an editor chose."""

import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.settings import load_settings
from tests.conftest import HERE
from tests.support.command_line import run

MASTER = "Who is the harbour master of Port Callory?"
MERCURY = "What is the boiling point of mercury?"
FROM_HERE = {"origin": HERE, "accept": "text/html"}


@pytest.fixture(scope="module")
def data_dir(articles_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return shutil.copytree(articles_data, tmp_path_factory.mktemp("questions") / "data", symlinks=True)


@pytest.fixture(scope="module")
def service(data_dir: Path) -> Iterator[TestClient]:
    with TestClient(create_app(load_settings(data_dir=data_dir, threads=1)), base_url=HERE) as client:
        client.post("/admin/questions/switch", data={"on": "true"}, headers=FROM_HERE)
        yield client


def ask(service: TestClient, question: str) -> dict[str, Any]:
    body: dict[str, Any] = service.post("/v1/ask", json={"question": question}).json()
    return body


def place_of(answer: dict[str, Any]) -> dict[str, Any]:
    cited = answer["citations"][0]
    return {"text": answer["text"], **{name: cited[name] for name in ("article_id", "start", "end")}}


def test_unanswered_and_disputed_questions_are_shown_exported_and_erased(service: TestClient, tmp_path: Path) -> None:
    ask(service, MERCURY)
    asked = ask(service, MASTER)
    assert asked["takes_feedback"]
    shown = service.get("/admin/questions").text
    assert MERCURY in shown
    assert MASTER not in shown
    said = {
        "question": MASTER,
        "helpful": False,
        "reason": "wrong",
        "comment": "She left.",
        "answer": place_of(asked["answers"][0]),
    }
    assert service.post("/v1/feedback", json=said).json() == {"kept": True}
    back = service.post(
        "/feedback",
        data={"question": MERCURY, "reason": "not_in_articles", "helpful": "false", "back": "?q=x"},
        headers=FROM_HERE,
    )
    assert back.url.path == "/"
    shown = service.get("/admin/questions").text
    assert "She left." in shown
    export = service.get("/admin/questions.jsonl")
    assert [re.search('"kind": "([a-z ]+)"', line)[1] for line in export.text.splitlines()] == ["no answer"]  # type: ignore[index]
    erased = service.post("/admin/questions/forget", data={"all": "true"}, headers=FROM_HERE)
    assert MERCURY not in erased.text


def test_words_that_an_editor_chose_come_first_say_so_and_can_be_verified(service: TestClient, tmp_path: Path) -> None:
    question = "How deep is the cabbage?"
    assert not ask(service, question)["answerable"]
    article = next(each for each in service.get("/v1/articles").json()["articles"] if "meteorite" in each["title"])
    text = service.get(f"/v1/articles/{article['id']}").json()["text"]
    words = text[text.index("cabbage") : text.index("cabbage") + 7]
    assert "Choose the answer" in service.get("/admin/choose", params={"q": question}).text
    refused = service.post(
        "/admin/questions/pin",
        data={"question": question, "article_id": article["id"], "words": "no such words"},
        headers=FROM_HERE,
    )
    assert refused.status_code == 422
    service.post(
        "/admin/questions/pin",
        data={"question": question, "article_id": article["id"], "words": words},
        headers=FROM_HERE,
    )
    asked = ask(service, "how deep is the cabbage")
    [answer] = asked["answers"]
    assert (answer["text"], answer["curated"], answer["confidence"], asked["best_guess"]) == (words, True, 1.0, None)
    cited = answer["citations"][0]
    assert text[cited["start"] : cited["end"]] == words
    assert service.post("/v1/citations/verify", json={"citation": cited}).json()["status"] == "found"
    assert "Chosen by an editor" in service.get("/", params={"q": question}).text
    messages = {"messages": [{"role": "user", "content": question}]}
    said = service.post("/v1/chat/completions", json=messages).json()["choices"][0]["message"]["content"]
    assert said.startswith("Chosen by an editor: ")
    elsewhere = service.post("/v1/ask", json={"question": question, "filters": {"article_ids": ["none"]}}).json()
    assert not any(each["curated"] for each in elsewhere["answers"])
    assert "pinned" in service.get("/admin/questions.jsonl").text
    service.post("/admin/questions/unpin", data={"question": question}, headers=FROM_HERE)
    assert not ask(service, question)["answerable"]


def test_what_an_editor_chose_answers_like_questions_too(service: TestClient) -> None:
    chosen, alike, other = "Who led the study of the lichens?", "Who was in charge of the lichen study?", MASTER
    cited = ask(service, chosen)["answers"][0]["citations"][0]
    text = service.get(f"/v1/articles/{cited['article_id']}").json()["text"]
    for question in (alike, other):
        ask(service, question)
    choosing = service.get("/admin/choose", params={"q": chosen}).text
    assert f'name="also" value="{alike}"' in choosing
    assert other not in choosing
    ticked = "How deep is the lichen?"
    pin = {"question": chosen, "article_id": cited["article_id"], "words": text[cited["start"] : cited["end"]]}
    shown = service.post("/admin/questions/pin", data={**pin, "also": [ticked]}, headers=FROM_HERE).text
    assert f'<li dir="auto">{alike}</li>' in shown
    for question, is_curated in ((chosen, True), (alike, True), (ticked, True), (other, False)):
        assert any(each["curated"] for each in ask(service, question)["answers"]) is is_curated, question
    for question in (chosen, ticked):
        service.post("/admin/questions/unpin", data={"question": question}, headers=FROM_HERE)
    assert not ask(service, alike)["answers"][0]["curated"]


def test_questions_asked_to_look_around_are_not_kept(service: TestClient) -> None:
    service.post("/admin/questions/forget", data={"all": "true"}, headers=FROM_HERE)
    service.get("/follow-ups", params={"q": MERCURY})
    service.get("/admin/choose", params={"q": MERCURY})
    assert "There is none." in service.get("/admin/questions").text


def test_where_nothing_is_kept_no_opinion_is_taken(articles_client: TestClient) -> None:
    refused = articles_client.post("/v1/feedback", json={"question": "Who?", "helpful": True})
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "questions_not_kept")
    assert not ask(articles_client, MERCURY)["takes_feedback"]
    assert 'class="thumbs"' not in articles_client.get("/", params={"q": MERCURY}).text


def test_a_page_of_another_site_gives_no_opinion_and_sees_no_questions(service: TestClient) -> None:
    led = {"sec-fetch-site": "cross-site", "origin": "http://evil.example"}
    assert service.post("/feedback", data={"question": "Who?", "helpful": "true"}, headers=led).status_code == 403
    assert "keeping" not in service.get("/admin/questions", headers=led).text
    assert service.get("/admin/questions.jsonl", headers=led).status_code == 403


@pytest.mark.slow
def test_eval_reads_what_is_exported(service: TestClient, data_dir: Path, tmp_path: Path) -> None:
    service.post(
        "/v1/feedback",
        json={"question": MASTER, "helpful": True, "answer": place_of(ask(service, MASTER)["answers"][0])},
    )
    service.post("/v1/feedback", json={"question": MERCURY, "helpful": True})
    file = tmp_path / "questions.jsonl"
    file.write_text(service.get("/admin/questions.jsonl").text)
    ran = run("eval", file, "--json", tmp_path / "judged.json", "--data-dir", data_dir)
    assert ran.exit_code == 0, ran.output
    judged = json.loads((tmp_path / "judged.json").read_text())["questions"]
    outcomes = {each["question"]: each["outcome"] for each in judged}
    assert (outcomes[MASTER], outcomes[MERCURY]) == ("right", "silent")
    few = run("calibrate", file, "--data-dir", data_dir)
    assert (few.exit_code, "20" in few.stderr) == (1, True), few
