"""The page that checks a text: a form that works without a script, and what is wrong in words."""

import pytest
from fastapi.testclient import TestClient


def test_a_text_comes_back_with_what_the_articles_say(articles_client: TestClient) -> None:
    form = articles_client.get("/check").text
    assert 'method="post"' in form
    shown = articles_client.post(
        "/check", data={"text": "The ferry can carry 240 passengers.\r\n<b>Oslo</b> sings."}
    ).text
    assert 'class="contradicted"' in shown
    assert "420 passengers" in shown
    assert "&lt;b&gt;Oslo" in shown


@pytest.mark.parametrize("text", ["", "12 …", "It rains. " * 200])
def test_what_can_not_be_checked_is_told(client: TestClient, text: str) -> None:
    shown = client.post("/check", data={"text": text})
    assert shown.status_code == 422
    assert 'role="alert"' in shown.text


def test_a_collection_has_the_page(client: TestClient) -> None:
    assert client.get("/collections/default/check").status_code in {200, 404}
    assert client.get("/collections/none/check").status_code == 404
