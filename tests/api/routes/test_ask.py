"""``/v1/ask``: answers, abstention, filters, and every way to ask wrongly."""

import json
from typing import Any

import pytest
from fastapi.testclient import TestClient

SPOKESWOMAN = "Who is the NATO spokeswoman?"
JSON = {"content-type": "application/json"}


def ask(client: TestClient, question: str, **fields: Any) -> dict[str, Any]:
    response = client.post("/v1/ask", json={"question": question, **fields})
    assert response.status_code == 200, response.text
    body: dict[str, Any] = response.json()
    return body


def test_an_answer_is_the_words_of_the_article_and_says_where_they_stand(client: TestClient) -> None:
    body = ask(client, SPOKESWOMAN)
    assert body["answerable"] is True
    assert body["best_guess"] is None
    assert body["passages"] is None
    best = body["answers"][0]
    citation = best["citations"][0]
    article = client.get(f"/v1/articles/{citation['article_id']}").json()
    assert "Farah Dakhlallah" in best["text"]
    assert 0 <= best["confidence"] <= 1
    assert article["text"][citation["start"] : citation["end"]] == best["text"]
    assert article["text"][citation["quote_start"] : citation["quote_end"]] == citation["quote"]
    assert best["text"] in citation["quote"]
    assert citation["sha256"] == article["sha256"]
    assert citation["index_version"] == body["index_version"]
    assert citation["authors"] == ["AFP"]
    assert citation["published"] == "2024-10-23"
    assert citation["link"].startswith(f"http://127.0.0.1:8000/c/{article['id']}.")
    assert len(citation["link"]) < 100
    assert citation["long_link"].startswith(f"http://127.0.0.1:8000/articles/{article['id']}?start=")
    assert body["models"]["embedder"] == "sentence-transformers/all-MiniLM-L6-v2"
    assert set(body["timings_ms"]) == {"embed", "retrieve", "read", "total"}


def test_a_question_that_nothing_answers_gets_no_citation_but_a_guess(client: TestClient) -> None:
    body = ask(client, "What is the boiling point of mercury?")
    assert body["answerable"] is False
    assert body["answers"] == []
    assert body["best_guess"]["confidence"] < 0.5


def test_get_answers_as_post_does(client: TestClient) -> None:
    posted = ask(client, SPOKESWOMAN, limit=1, include_passages=True)
    got = client.get("/v1/ask", params={"q": SPOKESWOMAN, "limit": 1, "include_passages": "true"}).json()
    for body in (posted, got):
        body.pop("timings_ms")
    assert got == posted
    assert got["passages"][0]["article_id"] == got["answers"][0]["citations"][0]["article_id"]


def test_white_space_around_the_question_does_not_count(client: TestClient) -> None:
    assert ask(client, f" \n{SPOKESWOMAN}\t")["question"] == SPOKESWOMAN


def test_a_whole_number_may_be_written_with_a_point(client: TestClient) -> None:
    """JSON Schema takes 1.0 for an integer, and so do the clients that are made from it."""
    whole, pointed = ask(client, SPOKESWOMAN, limit=1), ask(client, SPOKESWOMAN, limit=1.0)
    assert pointed["answers"] == whole["answers"]
    assert client.post("/v1/search", json={"question": SPOKESWOMAN, "limit": 2.0}).status_code == 200
    citation = whole["answers"][0]["citations"][0]
    for name in ("start", "end", "quote_start", "quote_end"):
        citation[name] = float(citation[name])
    if citation["attribution"]:
        citation["attribution"]["start"] = float(citation["attribution"]["start"])
    assert client.post("/v1/citations/verify", json={"citation": citation}).json()["status"] == "found"


def test_the_limit_and_the_least_confidence_hold(client: TestClient) -> None:
    body = ask(client, "Who said something?", limit=20, min_confidence=0)
    assert 1 < len(body["answers"]) <= 20
    confidences = [answer["confidence"] for answer in body["answers"]]
    assert confidences == sorted(confidences, reverse=True)
    assert ask(client, SPOKESWOMAN, min_confidence=1)["answers"] == []


@pytest.mark.parametrize(
    ("filters", "is_found"),
    [
        ({"authors": ["petra sandoval"]}, True),
        ({"authors": ["AFP"]}, False),
        ({"published_from": "2024-02-15", "published_to": "2024-02-15"}, True),
        ({"published_from": "2024-02-16"}, False),
        ({"sources": ["nobody"]}, False),
        ({"tags": ["nothing"]}, False),
        ({"article_ids": ["no-such-article"]}, False),
    ],
)
def test_filters_choose_the_articles(articles_client: TestClient, filters: dict[str, Any], is_found: bool) -> None:
    body = ask(articles_client, "How fast were the gusts of Storm Ottilie?", filters=filters, min_confidence=0)
    titles = {citation["title"] for answer in body["answers"] for citation in answer["citations"]}
    assert ("Storm Ottilie Tears Ferry From Its Moorings in Port Callory" in titles) is is_found


def test_filters_in_the_address_are_repeated_names(articles_client: TestClient) -> None:
    query = "/v1/ask?q=How+fast+were+the+gusts%3F&authors=Nobody&authors=Petra+Sandoval&min_confidence=0"
    answers = articles_client.get(query).json()["answers"]
    assert answers
    assert {citation["authors"][0] for answer in answers for citation in answer["citations"]} == {"Petra Sandoval"}


def test_a_followup_is_asked_with_what_the_conversation_says(client: TestClient) -> None:
    history = [
        {"role": "system", "content": "Answer in French."},
        {"role": "user", "content": "How many additional troops were South Korean lawmakers told about?"},
        {"role": "assistant", "content": "**1,500** [1]\n\n> … an additional 1,500 troops were sent.\n\n[1] AFP"},
    ]
    body = ask(client, "And when?", history=history, min_confidence=0)
    assert body["question"] == "And when?"
    assert body["standalone_question"] == "And when? (additional troops, South Korean lawmakers)"
    assert "Wednesday" in body["answers"][0]["text"]
    assert ask(client, "And when?")["standalone_question"] == "And when?"


def test_a_question_that_stands_alone_is_asked_as_it_is(client: TestClient) -> None:
    history = [{"role": "user", "content": "Who is Lloyd Austin?"}, {"role": "assistant", "content": "…"}]
    body = ask(client, SPOKESWOMAN, history=history)
    assert body["standalone_question"] == SPOKESWOMAN
    assert body["answerable"]


@pytest.mark.parametrize("question", ["😀😀🎉", "؟", "?", "a" * 2000, "\u202eabc", "何?", "\ufeff…", "🏳️‍🌈"])
def test_strange_questions_are_questions(client: TestClient, question: str) -> None:
    ask(client, question)


@pytest.mark.parametrize("question", ["", "   ", "\n\t", "\u200b", "\u00a0", "\x00"])
def test_an_empty_question_is_refused(client: TestClient, question: str) -> None:
    body = refused(client, {"question": question})
    assert body["detail"] == "question: it is empty: write a question of 1 to 2000 characters"
    assert body["errors"] == [{"field": "question", "message": body["detail"].removeprefix("question: ")}]


def test_a_very_long_question_is_refused(client: TestClient) -> None:
    assert "100000 characters" in refused(client, {"question": "why " * 25_000})["detail"].replace("99999", "100000")
    assert client.get("/v1/ask", params={"q": "w" * 5000}).status_code == 422


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"question": 5}, "question"),
        ({"question": None}, "question"),
        ({"question": ["who?"]}, "question"),
        ({"limit": 0}, "limit"),
        ({"limit": 21}, "limit"),
        ({"limit": "many"}, "limit"),
        ({"limit": 1.5}, "limit"),
        ({"min_confidence": 1.1}, "min_confidence"),
        ({"min_confidence": -0.1}, "min_confidence"),
        ({"unknown": 1}, "unknown"),
        ({"filters": {"colour": "red"}}, "filters.colour"),
        ({"filters": {"sources": "AFP"}}, "filters.sources"),
        ({"filters": {"sources": [" "]}}, "filters.sources[0]"),
        ({"filters": {"published_from": "yesterday"}}, "filters.published_from"),
        ({"filters": {"published_to": "2024-13-01"}}, "filters.published_to"),
        ({"filters": {"published_from": "2024-10-02", "published_to": "2024-10-01"}}, "filters"),
        ({"history": [{"role": "tool", "content": "x"}]}, "history[0].role"),
        ({"history": [{"role": "user"}]}, "history[0].content"),
        ({"include_passages": "perhaps"}, "include_passages"),
        ({"include_passages": "yes"}, "include_passages"),
        ({"include_passages": 1}, "include_passages"),
        ({"limit": True}, "limit"),
        ({"limit": "3"}, "limit"),
        ({"min_confidence": "0.5"}, "min_confidence"),
        ({"min_confidence": True}, "min_confidence"),
        ({"filters": {"published_from": 0}}, "filters.published_from"),
        ({"filters": {"published_from": "1729641600"}}, "filters.published_from"),
        ({"filters": {"published_to": "2024-10-23T00:00:00"}}, "filters.published_to"),
        ({"filters": {"published_to": True}}, "filters.published_to"),
    ],
)
def test_a_bad_field_is_named(client: TestClient, fields: dict[str, Any], field: str) -> None:
    body = refused(client, {"question": SPOKESWOMAN, **fields})
    assert body["errors"][0]["field"] == field
    assert body["detail"].startswith(field)


def refused(client: TestClient, body: Any) -> dict[str, Any]:
    response = client.post("/v1/ask", content=json.dumps(body), headers=JSON)
    assert response.status_code == 422, response.text
    assert response.headers["content-type"] == "application/problem+json"
    problem: dict[str, Any] = response.json()
    return problem


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        ("{bad", "the body is not valid JSON"),
        ("", "the body is missing"),
        ("[]", "this must be a JSON object"),
        ('"who?"', "this must be a JSON object"),
        ("null", "this must be a JSON object"),
        ("{}", "question: it is missing"),
    ],
)
def test_a_bad_body_is_told(client: TestClient, body: str, detail: str) -> None:
    response = client.post("/v1/ask", content=body.encode(), headers=JSON)
    assert response.status_code == 422
    assert response.json()["detail"].startswith(detail)


def test_a_body_without_its_header_is_told_which(client: TestClient) -> None:
    response = client.post("/v1/ask", content=b'{"question": "who?"}')
    assert response.status_code == 422
    assert "Content-Type: application/json" in response.json()["detail"]


@pytest.mark.parametrize(
    ("more", "detail"),
    [
        ({"history": [{"role": "user", "content": "a"}] * 201}, "history: it has 201 items and may have 200"),
        ({"filters": {"sources": "X"}}, 'filters.sources: it is "X": put it into a list'),
    ],
)
def test_lists_that_are_none_or_too_long_are_told_how_to_mend(
    client: TestClient, more: dict[str, Any], detail: str
) -> None:
    assert refused(client, {"question": "who?", **more})["detail"].startswith(detail)


@pytest.mark.parametrize(
    ("question", "asked_at"),
    [
        ("What happened yesterday?", "0001-01-01"),
        ("What opens after today?", "9999-12-31"),
        ("What opened on Fr\u0131day?", "2024-10-23"),
        ("What opened in Augu\u017ft 2024?", "2024-10-23"),
    ],
)
def test_no_day_and_no_letter_is_too_much(client: TestClient, question: str, asked_at: str) -> None:
    response = client.post("/v1/ask", json={"question": question, "asked_at": asked_at})
    assert response.status_code == 200, response.text


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        (b'{"question": "\xff\xfe"}', "the body is no UTF-8 (at byte 14): send it encoded in UTF-8"),
        (b"[" * 100_000, "the body has lists or objects too deep inside each other: send it with fewer levels"),
        (b'{"limit": %s}' % (b"9" * 5000), "the body has a number with too many digits: shorten it"),
    ],
)
def test_a_body_that_can_not_be_read_is_told(client: TestClient, body: bytes, detail: str) -> None:
    response = client.post("/v1/ask", content=body, headers=JSON)
    assert response.status_code == 422
    assert response.headers["content-type"] == "application/problem+json"
    assert response.json()["detail"] == detail


@pytest.mark.parametrize("depth", [50, 300, 500, 700, 900, 960, 990, 1000])
def test_a_field_of_many_levels_is_refused(client: TestClient, depth: int) -> None:
    body = '{"question": "who?", "limit": ' + "[" * depth + "]" * depth + "}"
    assert client.post("/v1/ask", content=body, headers=JSON).status_code == 422


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (r'{"question": "who \udc00 is it?"}', 200),
        (r'{"question": "\ud83d"}', 422),
        (r'{"question": "a\u0000b"}', 200),
        (r'{"question": "who?", "filters": {"authors": ["\ud83d"]}}', 200),
        (r'{"question": "who?", "history": [{"role": "user", "content": "\ud83d"}]}', 200),
        (r'{"question": "who?", "\ud83d": 1}', 422),
        (r'{"question": "who?", "limit": "\ud83d"}', 422),
    ],
)
def test_code_points_that_can_not_be_stored_do_no_harm(client: TestClient, body: str, status: int) -> None:
    assert client.post("/v1/ask", content=body, headers=JSON).status_code == status


@pytest.mark.parametrize("media_type", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data"])
def test_another_content_type_is_refused(client: TestClient, media_type: str) -> None:
    response = client.post("/v1/ask", content=b'{"question": "who?"}', headers={"content-type": media_type})
    assert response.status_code == 415
    assert "application/json" in response.json()["detail"]


@pytest.mark.parametrize(
    "query",
    [
        "",
        "?q=",
        "?q=%20",
        "?q=who&limit=0",
        "?q=who&colour=red",
        "?q=who&published_to=x",
        "?q=who&published_to=1729641600",
    ],
)
def test_bad_addresses_are_refused(client: TestClient, query: str) -> None:
    assert client.get(f"/v1/ask{query}").status_code == 422


def test_an_address_has_no_types(client: TestClient) -> None:
    response = client.get("/v1/ask?q=who&limit=3&min_confidence=0.5&include_passages=yes&published_from=2024-10-01")
    assert response.status_code == 200, response.text


@pytest.mark.parametrize(("path", "name"), [("/v1/ask?q=a&q=b", "q"), ("/v1/articles?limit=1&limit=2", "limit")])
def test_a_parameter_of_one_value_is_given_once(client: TestClient, path: str, name: str) -> None:
    response = client.get(path)
    assert response.status_code == 422
    assert response.json()["errors"] == [
        {"field": name, "message": "it is given 2 times and takes one value: give it once"}
    ]


def test_the_day_of_asking_and_what_is_preferred_may_be_given(client: TestClient) -> None:
    asked = {"asked_at": "2024-10-24", "prefer": "newest"}
    body = ask(client, "How many troops did lawmakers say were sent on Wednesday?", **asked, min_confidence=0)
    assert body["answers"]
    assert client.get("/v1/ask", params={"q": SPOKESWOMAN, **asked}).status_code == 200


@pytest.mark.parametrize("wrong", [{"asked_at": "yesterday"}, {"asked_at": "2024-02-30"}, {"prefer": "best"}])
def test_a_day_of_asking_that_is_none_is_an_error(client: TestClient, wrong: dict[str, str]) -> None:
    assert client.post("/v1/ask", json={"question": SPOKESWOMAN, **wrong}).status_code == 422
