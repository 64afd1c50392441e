"""The front page, the chat page and the widget, without a browser."""

import gzip
import html
import re
import time
from pathlib import Path
from urllib.parse import urljoin

import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute
from fastapi.testclient import TestClient
from starlette.routing import Mount, Route

from api.app import create_app
from api.settings import load_settings
from api.web.widget import PATH
from index.storage.snapshot import Snapshot
from tests.conftest import DataDir

SPOKESWOMAN = "Who is the NATO spokeswoman?"
STORM = "How fast were the gusts of Storm Ottilie?"
MOST_BYTES = 20_000
LINKS = re.compile(r'<a\b[^>]*\bhref="([^"]+)"')
CITED = r'href="http://[^/]+/c/([^?"]+)\.[0-9a-z]+\.[0-9a-z]+\.[0-9a-f]{10}\.[0-9a-f]{10}[?"]'
CARDS = re.compile(rf'<p class="title" dir="auto"><a {CITED}')
SENTENCES = re.compile(r'<p class="sentence" dir="auto">(.*?)</p>', re.DOTALL)
EXAMPLES = re.compile(r'<li><a href="/\?q=[^"]+" dir="auto">([^<]+)</a></li>')


def test_the_examples_are_answered(client: TestClient, articles_client: TestClient) -> None:
    for each in (client, articles_client):
        questions = examples_of(each)
        assert 3 <= len(questions) <= 5
        assert len(set(questions)) == len(questions)
        assert all(each.post("/v1/ask", json={"question": question}).json()["answerable"] for question in questions)


def examples_of(client: TestClient) -> list[str]:
    """Those of the page once they don't get more any more: a busy machine needs a while to make them."""
    shown: list[str] = []
    for _ in range(60):
        now = [html.unescape(found) for found in EXAMPLES.findall(client.get("/").text)]
        if now and now == shown:
            return now
        shown = now
        time.sleep(1 if not now else 0.3)
    raise AssertionError("there are no examples")


def test_the_state_of_the_index_is_told(articles_client: TestClient) -> None:
    text = articles_client.get("/").text
    index = articles_client.get("/v1/index").json()
    assert f"{index['articles']} articles" in text
    assert f"{index['passages']} passages" in text
    assert f'data-version="{index["version"]}"' in text
    assert re.search(r"built <time [^>]+>\d+ \w+ \d{4}, \d\d:\d\d UTC</time>", text)


def test_every_link_of_every_page_opens(articles_client: TestClient) -> None:
    waiting, seen = ["/", "/?q=Who+is+it%3F", f"/?q={STORM.replace(' ', '+')}", "/nothing-here"], set()
    while waiting:
        address = waiting.pop()
        seen.add(address)
        answer = articles_client.get(address, headers={"accept": "text/html"})
        assert answer.status_code == 200 or address == "/nothing-here", address
        is_narrowed = address.startswith("/articles?")  # its links narrow it further, in every combination
        if answer.headers["content-type"].startswith("text/html") and not is_narrowed:
            base = str(articles_client.base_url)
            links = {urljoin(address, html.unescape(link).removeprefix(base)) for link in LINKS.findall(answer.text)}
            waiting += {link.partition("#")[0] for link in links if link.startswith("/")} - seen - set(waiting)
    assert {"/", "/chat", "/check", "/articles", "/admin"} <= seen
    assert any(address.startswith("/articles/") for address in seen)


def test_what_is_not_there_is_a_page_for_people_and_a_problem_for_programs(client: TestClient) -> None:
    for path in ("/admin/none", "/nothing-here", "/v1x", "/static/none.css"):
        shown = client.get(path, headers={"accept": "text/html,*/*;q=0.8"})
        assert (shown.status_code, shown.headers["content-type"]) == (404, "text/html; charset=utf-8")
        assert "<h1>There is no such page</h1>" in shown.text
        assert client.get(path).headers["content-type"] == "application/problem+json"
    assert client.get("/v1/none", headers={"accept": "text/html"}).headers["content-type"] == "application/problem+json"
    assert client.post("/none", headers={"accept": "text/html"}).headers["content-type"] == "application/problem+json"
    refused = client.get("/v1x/<b>", headers={"accept": "text/html"}).text
    assert "<b>" not in refused


def test_a_question_without_an_answer_shows_what_is_near(articles_client: TestClient) -> None:
    text = articles_client.get("/", params={"q": "price of oil"}).text
    assert "No article here answers that." in text
    sentences = [html.unescape(each) for each in SENTENCES.findall(text)]
    assert any("the <b>price</b> of water" in each for each in sentences)
    found = articles_client.post("/v1/search", json={"question": "price of oil"}).json()["passages"]
    passages = {each["article_id"] for each in found}
    cards = CARDS.findall(text)
    assert len(cards) == len(sentences) <= 6
    assert set(cards) <= passages


def test_cards_show_other_passages_than_the_answers(articles_client: TestClient) -> None:
    text = articles_client.get("/", params={"q": STORM}).text
    assert CARDS.findall(text)
    assert not any("143 kilometres per hour" in each for each in SENTENCES.findall(text))
    assert CARDS.findall(articles_client.get("/", params={"q": "Who is the chief librarian?"}).text)


def test_a_guess_is_told_as_one_and_none_shown_that_is_surely_wrong(articles_client: TestClient) -> None:
    held_back = articles_client.get("/", params={"q": STORM, "min_confidence": "0.999"}).text
    assert re.search(r"Only a guess</span>.*% sure", held_back)
    assert "Only a guess" not in articles_client.get("/", params={"q": "What is the boiling point of mercury?"}).text


def test_a_question_may_follow_up_on_those_before(articles_client: TestClient) -> None:
    asked = {"q": "And who runs a net-mending workshop on Cooper's Row?", "after": ["Who is the harbour master?", " "]}
    text = html.unescape(articles_client.get("/", params=asked).text)
    assert '<span>Who is the harbour master?</span> <span class="said">Ilse Marchetti</span>' in text
    assert 'name="after" value="Who is the harbour master?"' in text
    asked = {"q": "When was she elected?", "after": ["Who was elected mayor of Port Callory?"]}
    text = articles_client.get("/", params=asked).text
    understood = re.search(r"Understood as <bdi>“([^”]+)”", text)
    assert understood is not None
    assert "Marchetti" in understood[1]


def test_a_follow_up_may_lean_on_the_guess_that_was_shown(articles_client: TestClient) -> None:
    asked = {"q": "How old is she?", "after": "Who is the harbour master?", "min_confidence": "0.999"}
    text = articles_client.get("/", params=asked).text
    assert '<span class="said">No article here answers that.</span>' in text
    assert "Understood as <bdi>“How old is she? (harbour master, Ilse Marchetti)”" in text


def test_what_could_be_asked_next_is_answered_and_new(articles_client: TestClient) -> None:
    asked = {"q": "How much does map lichen widen in a year?"}
    questions = articles_client.get("/follow-ups", params=asked).json()
    assert 1 <= len(questions) <= 3
    assert asked["q"] not in questions
    for question in questions:
        best = articles_client.post("/v1/ask", json={"question": question}).json()["answers"][0]
        assert best["confidence"] >= 0.6
        assert best["text"] != "0.4 millimetres"
    later = articles_client.get("/follow-ups", params={**asked, "after": questions[0]}).json()
    assert questions[0] not in later
    assert articles_client.get("/follow-ups", params={"q": "What is the boiling point of mercury?"}).json() == []
    assert articles_client.get("/follow-ups", params={"q": "a", "limit": "0"}).status_code == 422


def test_what_it_is_good_at_is_told_without_examples_too(make_data_dir: DataDir, tmp_path: Path) -> None:
    (tmp_path / "rain.txt").write_text("Rain\n\nIt rained.\n")
    with TestClient(
        create_app(load_settings(data_dir=make_data_dir(tmp_path), threads=1)), base_url="http://127.0.0.1"
    ) as service:
        shown = service.get("/").text
    assert "For example" not in shown
    assert "It quotes what stands in one place" in shown


def test_one_step_leads_past_what_is_on_every_page(articles_client: TestClient) -> None:
    for path, to in (("/", "main"), (f"/?q={STORM}", "answers"), ("/articles", "main"), ("/check", "main")):
        shown = articles_client.get(path).text
        assert shown.index(f'<a class="skip" href="#{to}">') < shown.index("<header"), path
        assert shown.count(f' id="{to}"') == 1, path


def test_blank_parameters_are_taken_out_of_the_address(client: TestClient) -> None:
    asked = client.get("/?q=Who+is+it%3F&sources=&authors=+&published_from=&utm=", follow_redirects=False)
    assert (asked.status_code, asked.headers["location"]) == (303, "/?q=Who+is+it%3F&utm=".replace("&utm=", ""))
    assert client.get("/?q=&sources=", follow_redirects=False).headers["location"] == "/"


def test_without_an_index_a_visitor_is_told_so_and_no_folder_is_named(tmp_path: Path) -> None:
    with TestClient(
        create_app(load_settings(data_dir=tmp_path / "var", threads=1)), base_url="http://127.0.0.1"
    ) as empty:
        for path in ("/", "/chat", "/check", "/articles/a", f"/c/a.0.5.{'0' * 10}.{'0' * 10}"):
            shown = empty.get(path, headers={"accept": "text/html"})
            assert shown.status_code == 503
            assert "There are no articles here yet." in shown.text
            assert "make index" not in shown.text
            assert str(tmp_path) not in shown.text


def test_the_api_is_a_page(client: TestClient) -> None:
    text = html.unescape(client.get("/docs").text)
    described = client.get("/openapi.json").json()["paths"]
    for path, methods in described.items():
        for method in methods:
            is_there = f"<code>{method.upper()} {path}</code></h3>" in text
            assert is_there == ("{collection}/" not in path)  # of a collection, all are there once more
    assert f"curl '{client.base_url}/v1/ask' -H 'content-type: application/json'" in text
    assert f"curl '{client.base_url}/v1/ask?q=Who%20is%20Lloyd%20Austin%3F'" in text
    tried = set(re.findall(r'data-method="(\w+)" data-path="([^"]+)"', text))
    of_all = {(method.upper(), path) for path, methods in described.items() for method in methods}
    assert tried == {each for each in of_all if "{collection}/" not in each[1]} - {("GET", "/v1/index/export")}
    warned = set(re.findall(r'data-method="(\w+)" data-path="([^"]+)">\s*<p class="note">This changes', text))
    assert {("DELETE", "/v1/articles/{article_id}"), ("POST", "/v1/index/rebuild")} <= warned
    assert not any(method == "GET" for method, _ in warned)
    assert '<a href="/docs" aria-current="page">API</a>' in text


def test_the_api_page_tells_fields_statuses_and_where_each_schema_stands(client: TestClient) -> None:
    text = html.unescape(client.get("/docs").text)
    places = re.findall(r'id="([^"]+)"', text)
    assert len(places) == len(set(places))
    assert set(re.findall(r'href="#([^"]+)"', text)) <= set(places)
    row = text[text.index('id="schema-AskRequest"') :].partition('id="schema-AskResponse"')[0]
    assert re.search(r"<code>question</code> <span class=\"needed\">required</span>", row)
    assert re.search(r"<code>limit</code></dt>\s*<dd><span class=\"type\">whole number, at least 1, at most 20", row)
    asked = text[text.index('id="get-v1-ask"') :].partition('id="post-v1-search"')[0]
    assert re.search(r'<select id="get-v1-ask.prefer"[^>]*><option></option><option>newest</option>', asked)
    assert re.search(r'<dt><code>200</code></dt><dd>.*<a href="#schema-AskResponse">AskResponse</a>', asked)


def test_no_two_routes_bear_one_name(articles_client: TestClient) -> None:
    """A link to a name opens the first route of it, whatever that is."""
    app = articles_client.app
    assert isinstance(app, FastAPI)
    names = [route.name for route in app.routes if isinstance(route, Route | APIRoute | Mount)]
    assert len(names) == len(set(names)), sorted(name for name in names if names.count(name) > 1)


@pytest.mark.parametrize(
    ("query", "is_found"),
    [
        ({"authors": "petra sandoval"}, True),
        ({"authors": ["Nobody", "Petra Sandoval"]}, True),
        ({"authors": "Nobody"}, False),
        ({"sources": "", "authors": " ", "tags": "", "published_from": "", "published_to": ""}, True),
        ({"published_from": "2024-02-15", "published_to": "2024-02-15"}, True),
        ({"published_from": "2024-02-16"}, False),
        ({"utm_source": "letter", "fbclid": "1"}, True),
    ],
)
def test_filters_narrow_the_search(articles_client: TestClient, query: dict[str, str], is_found: bool) -> None:
    response = articles_client.get("/", params={"q": STORM, "min_confidence": "0", **query})
    assert response.status_code == 200
    assert ("Storm Ottilie Tears Ferry" in response.text) is is_found


def test_chosen_filters_stay_chosen(articles_client: TestClient) -> None:
    text = articles_client.get("/", params={"q": STORM, "authors": ["Petra Sandoval", "Nobody <b>"]}).text
    assert "<option selected>Petra Sandoval</option>" in text
    assert "<option selected>Nobody &lt;b&gt;</option>" in text
    assert text.count("multiple") == 1


def test_an_article_can_be_asked(articles_client: TestClient, articles_snapshot: Snapshot) -> None:
    article = next(each for each in articles_snapshot.store.articles() if "Ottilie Tears" in each.title)
    page = articles_client.get(f"/articles/{article.id}").text
    assert f'<input type="hidden" name="article_ids" value="{article.id}">' in page
    text = articles_client.get("/", params={"q": STORM, "article_ids": article.id}).text
    assert f'name="article_ids" value="{article.id}" checked> Only in' in text
    cited = set(re.findall(CITED, text))
    assert cited == {article.id}


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("q=a&q=b", "gives q 2 times"),
        ("q=a&limit=1&limit=2&limit=3", "gives limit 3 times"),
        ("q=who&published_from=soon", "Published from: 'soon' is no date"),
        ("q=who&published_from=2024-10-02&published_to=2024-10-01", "later than Published until"),
        ("q=who&limit=0", "Limit: it is"),
        ("q=%E2%80%8B", "it is empty"),
    ],
)
def test_an_address_that_can_not_be_used_is_told(client: TestClient, query: str, told: str) -> None:
    response = client.get(f"/?{query}")
    assert response.status_code == 422
    assert response.headers["content-type"].startswith("text/html")
    assert told in html.unescape(response.text)
    assert "<form" in response.text


def test_a_place_given_twice_is_no_place(client: TestClient, seed_snapshot: Snapshot) -> None:
    article = seed_snapshot.store.articles()[0]
    response = client.get(f"/articles/{article.id}?start=1&start=2&end=5")
    assert response.status_code == 422
    assert "gives start 2 times" in response.text
    assert "<mark" not in response.text


def test_neighbours_are_linked_in_the_order_of_ids(articles_client: TestClient, articles_snapshot: Snapshot) -> None:
    articles = articles_snapshot.store.articles(limit=100)
    for at, article in enumerate(articles):
        text = articles_client.get(f"/articles/{article.id}").text
        before = re.findall(r'rel="prev" href="/articles/([^"]+)"', text)
        after = re.findall(r'rel="next" href="/articles/([^"]+)"', text)
        assert before == [each.id for each in articles[max(0, at - 1) : at]]
        assert after == [each.id for each in articles[at + 1 : at + 2]]


def test_the_list_of_headings_leads_to_them(articles_client: TestClient, articles_snapshot: Snapshot) -> None:
    listed = 0
    for article in articles_snapshot.store.articles(limit=100):
        text = articles_client.get(f"/articles/{article.id}").text
        for number, heading in re.findall(r'<li><a href="#line-(\d+)" dir="auto">([^<]+)</a></li>', text):
            assert re.search(rf'id="line-{number}">{re.escape(heading)}</h[234]>', text)
            listed += 1
    assert listed >= 3


def test_the_chat_page_holds_the_widget(client: TestClient) -> None:
    assert SPOKESWOMAN in examples_of(client)
    text = client.get("/chat").text
    suggestions = re.search(r'<pullquote-chat id="chat" suggestions="([^"]+)"', text)
    assert suggestions is not None
    assert SPOKESWOMAN in html.unescape(suggestions[1])
    assert '<script src="/widget.js" defer></script>' in text
    assert 'endpoint="http://127.0.0.1:8000"' in html.unescape(text)


def test_a_page_with_all_that_it_loads_is_small(client: TestClient) -> None:
    text = client.get("/", params={"q": "Who is the NATO spokeswoman?"}).text
    loaded = re.findall(r'(?:src|<link rel="stylesheet" href)="(/[^"]+)"', text)
    assert len(loaded) >= 3
    assert sum(len(gzip.compress(client.get(path).content, 9)) for path in loaded) <= MOST_BYTES
    assert len(gzip.compress(text.encode(), 9)) <= 10_000


@pytest.mark.slow
def test_the_first_byte_of_a_page_comes_soon(client: TestClient) -> None:
    """Half a second at the most, of the fastest of five: what else runs on the machine slows the others."""
    client.get("/")
    assert min(client.get("/").elapsed.total_seconds() for _ in range(5)) < 0.5


def test_the_widget_is_small() -> None:
    assert len(gzip.compress(PATH.read_bytes(), 9)) <= MOST_BYTES


def test_the_widget_may_be_loaded_from_anywhere_and_kept(client: TestClient) -> None:
    response = client.get("/widget.js", headers={"origin": "https://elsewhere.example"})
    assert response.content == PATH.read_bytes()
    assert response.headers["content-encoding"] == "gzip"
    assert int(response.headers["content-length"]) <= MOST_BYTES
    assert response.headers["content-type"] == "text/javascript; charset=utf-8"
    assert response.headers["access-control-allow-origin"] == "*"
    assert response.headers["cross-origin-resource-policy"] == "cross-origin"
    assert "max-age=" in response.headers["cache-control"]
    again = client.get("/widget.js", headers={"if-none-match": response.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    plain = client.get("/widget.js", headers={"accept-encoding": "identity"})
    assert plain.content == PATH.read_bytes()
    assert "content-encoding" not in plain.headers


def test_the_policy_of_pages_allows_nothing_from_elsewhere(client: TestClient) -> None:
    policy = client.get("/").headers["content-security-policy"]
    directives = dict(each.strip().split(" ", 1) for each in policy.split(";"))
    assert directives["default-src"] == "'none'"
    assert {directives[name] for name in directives if name.endswith("-src") and name != "default-src"} == {"'self'"}
    assert directives["require-trusted-types-for"] == "'script'"
    assert "unsafe" not in policy
