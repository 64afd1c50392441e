"""The chat widget in a real browser: on the chat page, and on a page of another origin."""

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import httpx2
import pytest

from tests.browser.conftest import SIZES
from tests.support.host import Host
from tests.support.paths import ROOT

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page, Route

    from tests.browser.conftest import Open

pytestmark = pytest.mark.browser

MASTER = "Who is the harbour master?"
WIDENING = "How much does map lichen widen in a year?"
LICHENS = "Who led the study of the lichens?"
MERCURY = "What is the boiling point of mercury?"


def ask(page: "Page", question: str) -> "Locator":
    """Ask by typing, and wait for the answer; the turn it is in."""
    turns = page.locator(".turn").count()
    box = page.get_by_role("textbox")
    box.fill(question)
    box.press("Enter")
    turn = page.locator(".turn").nth(turns)
    turn.locator(".finding, .trouble").or_(turn.locator("details")).first.wait_for()
    return turn


def paragraphs(text: str) -> list[str]:
    """The paragraphs between blank lines, with single spaces."""
    return [" ".join(each.split()) for each in re.split(r"\r?\n\r?\n", text)]


def focused(page: "Page") -> dict[str, str]:
    """What has the focus, in the widget or around it."""
    told: dict[str, str] = page.evaluate(
        """() => {
          let found = document.activeElement;
          while (found?.shadowRoot?.activeElement) found = found.shadowRoot.activeElement;
          return { tag: found.localName, name: found.className, note: found.dataset.note ?? '' };
        }"""
    )
    return told


def test_an_answer_comes_as_a_stream_and_its_footnote_opens_the_passage(
    page: "Page", address: str, violations: Callable[["Page"], list[str]]
) -> None:
    page.goto(f"{address}/chat")
    assert violations(page) == []
    with page.expect_response("**/v1/ask") as answered:
        turn = ask(page, LICHENS)
    assert answered.value.headers["content-type"].startswith("text/event-stream")
    body = httpx2.post(f"{address}/v1/ask", json={"question": LICHENS, "include_passages": True}, timeout=60).json()
    best = body["answers"][0]
    citation = best["citations"][0]
    assert turn.locator(".answer").first.inner_text() == best["text"]
    assert turn.locator(".quote strong").first.inner_text() == best["text"]
    turn.get_by_role("button", name="Source 1").click()
    passage = turn.get_by_role("region", name=re.compile("Source 1"))
    passage.wait_for()
    log, mark = page.locator(".log").bounding_box(), passage.locator("mark").bounding_box()
    assert log is not None
    assert mark is not None
    assert log["y"] <= mark["y"]
    assert mark["y"] + mark["height"] <= log["y"] + log["height"]
    assert passage.locator("mark").text_content() == citation["quote"]
    passages = [each["text"] for each in body["passages"] if each["start"] <= citation["start"] < each["end"]]
    assert passage.locator("blockquote").text_content() in passages
    if page.viewport_size == SIZES["desktop"]:  # a phone shows the paragraph of the quote only
        shown = passage.locator("blockquote").inner_text()
        assert paragraphs(shown) in list(map(paragraphs, passages)), "a blank line beside the mark is lost"
    assert passage.get_by_role("link").get_attribute("href") == citation["link"]
    assert citation["title"] in passage.inner_text()
    assert violations(page) == []
    assert not page.evaluate("document.documentElement.scrollWidth > innerWidth")


def test_the_passage_leads_to_the_article(open_page: "Open", address: str) -> None:
    page = open_page()
    page.goto(f"{address}/chat")
    turn = ask(page, LICHENS)
    turn.get_by_role("button", name="Source 1").click()
    with page.context.expect_page() as opened:
        turn.get_by_role("link", name="Open the article").click()
    assert "Dana Okolie" in opened.value.locator("#quote").inner_text()


def test_the_keyboard_is_enough(open_page: "Open", address: str) -> None:
    page = open_page()
    page.goto(f"{address}/chat")
    page.locator("pre").focus()
    for _ in range(2):
        page.keyboard.press("Shift+Tab")
    assert focused(page)["tag"] == "textarea"
    page.keyboard.type(LICHENS)
    page.keyboard.press("Shift+Enter")
    page.keyboard.type("?")
    assert page.get_by_role("textbox").input_value() == f"{LICHENS}\n?"
    page.keyboard.press("Enter")
    page.locator(".finding").first.wait_for()
    assert focused(page)["tag"] == "textarea"
    assert page.get_by_role("textbox").input_value() == ""
    for _ in range(20):
        page.keyboard.press("Shift+Tab")
        if focused(page)["note"] == "1":
            break
    page.keyboard.press("Enter")
    page.locator(".passage").wait_for()
    assert focused(page)["name"] == "passage"
    page.keyboard.press("Escape")
    page.locator(".passage").wait_for(state="detached")
    assert focused(page)["note"] == "1"


def test_it_speaks_to_screen_readers(open_page: "Open", address: str) -> None:
    page = open_page()
    page.goto(f"{address}/chat")
    ask(page, LICHENS).get_by_role("button", name="Source 1").click()
    page.locator(".passage").wait_for()
    tree = page.locator("pullquote-chat").aria_snapshot()
    assert 'log "Conversation"' in tree
    assert f"You asked: {LICHENS}" in tree
    assert re.search(r'button "Source 1: [^"]+" \[expanded\]', tree)
    assert 'textbox "Your question"' in tree
    assert 'button "Clear the conversation"' in tree
    assert "- status" in tree


def test_no_answer_is_told_and_the_nearest_offered(open_page: "Open", address: str) -> None:
    page = open_page()
    page.goto(f"{address}/chat")
    turn = ask(page, MERCURY)
    assert "No article here answers that." in turn.inner_text()
    assert turn.locator(".finding").count() == 0 or not turn.locator(".finding").first.is_visible()
    turn.locator("summary").click()
    assert turn.locator(".finding .answer").is_visible()
    assert "Nearest in the articles" in turn.inner_text()
    with page.expect_popup() as opened:
        turn.locator(".near a").first.click()
    assert opened.value.locator("#quote").first.text_content()


def test_a_quote_whose_passage_did_not_come_is_shown_in_whole_sentences(open_page: "Open", address: str) -> None:
    page = open_page()
    page.route("**/v1/ask", lambda route: route.fulfill(json=without_passages(route.request.post_data_json, address)))
    page.goto(f"{address}/chat")
    turn = ask(page, WIDENING)
    turn.locator("button.note").first.click()
    shown = turn.locator("blockquote").inner_text()
    assert shown == turn.locator("mark").inner_text()
    assert shown.endswith(".")


def without_passages(body: dict[str, Any], address: str) -> dict[str, Any]:
    answered: dict[str, Any] = httpx2.post(f"{address}/v1/ask", json=body, timeout=60).json()
    return {**answered, "passages": []}


def test_source_and_date_stand_below_an_answer_before_any_click(open_page: "Open", address: str) -> None:
    page = open_page(locale="en-US")
    page.goto(f"{address}/chat")
    turn = ask(page, WIDENING)
    assert (
        "Slow-Growing Lichens Put a Date on the Walls of Quillhaven · 3 June 2022"
        in turn.locator(".by").first.inner_text()
    )


def test_an_open_passage_keeps_its_answer_in_view(open_page: "Open", address: str) -> None:
    page = open_page(viewport={"width": 700, "height": 900})
    page.goto(f"{address}/chat")
    turn = ask(page, WIDENING)
    turn.locator("button.note").first.click()
    log, mark, answer = (page.locator(each).first.bounding_box() for each in (".log", "mark", ".finding .answer"))
    assert log
    assert mark
    assert answer
    assert answer["y"] >= log["y"]
    assert mark["y"] + mark["height"] <= log["y"] + log["height"] + 1


def test_a_chat_is_printed_whole(open_page: "Open", address: str) -> None:
    page = open_page()
    page.goto(f"{address}/chat")
    for question in (WIDENING, LICHENS, MERCURY):
        ask(page, question)
    page.emulate_media(media="print")
    cut = page.locator(".log").evaluate("log => log.scrollHeight > log.clientHeight + 1")
    assert not cut
    assert not page.locator("pullquote-chat textarea").is_visible()
    assert page.locator(".question").first.is_visible()


def test_suggestions_are_asked(open_page: "Open", address: str) -> None:
    page = open_page()
    page.goto(f"{address}/chat")
    suggestion = page.locator(".suggestion").first
    question = suggestion.inner_text()
    suggestion.click()
    page.locator(".finding").first.wait_for()
    assert question in page.locator(".question").inner_text()
    assert focused(page)["tag"] == "textarea"


def test_what_was_typed_is_completed_and_asked_with_the_keyboard(
    page: "Page", address: str, violations: Callable[["Page"], list[str]]
) -> None:
    page.goto(f"{address}/chat")
    box = page.get_by_role("textbox")
    box.press_sequentially("who is th")
    with page.expect_response(lambda found: found.url.endswith("/suggest?q=who+is+the")):
        box.press_sequentially("e")
    offered = page.get_by_role("group", name="Suggestions").get_by_role("button")
    offered.first.wait_for()
    assert violations(page) == []
    question = offered.last.inner_text()
    box.press("Escape")
    offered.first.wait_for(state="hidden")
    assert box.input_value() == "who is the"
    box.press_sequentially(" ")
    offered.first.wait_for()
    box.press("ArrowUp")
    page.keyboard.press("Enter")
    page.locator(".turn .question", has_text=question).wait_for()
    assert box.input_value() == ""
    page.locator(".finding").first.wait_for()
    assert offered.count() == 0


def test_what_comes_after_escape_is_not_offered(open_page: "Open", address: str) -> None:
    page = open_page()
    late: list[Route] = []

    def offer(route: "Route") -> None:
        if route.request.url.endswith("who"):
            route.fulfill(json=[MASTER])
        else:
            late.append(route)

    page.route(re.compile(r"/suggest\?"), offer)
    page.goto(f"{address}/chat")
    box = page.get_by_role("textbox")
    offered = page.get_by_role("group", name="Suggestions").get_by_role("button")
    box.fill("who")
    offered.first.wait_for()
    with page.expect_request(re.compile("who[+]is")):
        box.fill("who is")
    box.press("Escape")
    with page.expect_response(re.compile("who[+]is")):
        late[0].fulfill(json=[MASTER])
    page.evaluate("new Promise(done => setTimeout(done, 100))")
    assert offered.count() == 0


@pytest.mark.parametrize("is_hostile", [False, True], ids=["plain", "hostile"])
def test_it_works_on_a_page_of_another_origin(
    page: "Page", address: str, host: Host, is_hostile: bool, violations: Callable[["Page"], list[str]]
) -> None:
    page.goto(host.hold(address, is_hostile=is_hostile))
    turn = ask(page, LICHENS)
    turn.get_by_role("button", name="Source 1").click()
    page.locator(".passage").wait_for()
    frame = page.locator(".frame")
    look = frame.evaluate(
        "e => ['fontSize', 'textTransform', 'visibility', 'letterSpacing', 'textIndent', 'pointerEvents', 'color']"
        ".map(name => getComputedStyle(e)[name])"
    )
    assert look[:-1] == ["16px", "none", "visible", "normal", "0px", "auto"]
    assert look[-1] != "rgb(255, 0, 0)"
    assert page.get_by_role("button", name="Ask").is_visible()
    box = frame.bounding_box()
    assert box is not None
    assert box["width"] > 300
    if not is_hostile:
        assert violations(page) == []


def test_the_example_of_a_static_page(
    open_page: "Open", address: str, host: Host, violations: Callable[["Page"], list[str]]
) -> None:
    page = open_page()
    page.goto(host.site(ROOT / "examples" / "widget", address))
    ask(page, LICHENS).get_by_role("button", name="Source 1").click()
    page.locator(".passage").wait_for()
    assert page.get_by_role("heading", name="Ask our archive").is_visible()
    assert page.get_by_role("button", name="Ask", exact=True).evaluate("e => getComputedStyle(e).backgroundColor") == (
        "rgb(11, 93, 105)"
    )
    assert violations(page) == []


def test_it_goes_from_right_to_left(
    page: "Page", address: str, host: Host, violations: Callable[["Page"], list[str]]
) -> None:
    page.goto(host.hold(address, lang="ar"))
    turn = ask(page, LICHENS)
    assert page.locator(".frame").get_attribute("dir") == "rtl"
    assert page.get_by_role("button", name="اسأل").is_visible()
    frame, question = page.locator(".frame").bounding_box(), turn.locator(".question").bounding_box()
    assert frame is not None
    assert question is not None
    assert question["x"] - frame["x"] < frame["x"] + frame["width"] - question["x"] - question["width"]
    turn.locator("button.note").first.click()
    assert page.get_by_role("link", name="افتح المقال").is_visible()
    assert violations(page) == []


@pytest.mark.parametrize(
    ("attributes", "lang", "locale", "button"),
    [
        ("", "de-AT", "en-US", "Fragen"),
        ("", "", "fr-CA", "Demander"),
        ('lang="es"', "de", "en-US", "Preguntar"),
        ("", "is", "is-IS", "Ask"),
        ('strings=\'{"send":"Spyrja"}\'', "is", "en-US", "Spyrja"),
    ],
)
def test_the_language_is_that_of_the_page_or_the_reader(
    open_page: "Open", address: str, host: Host, attributes: str, lang: str, locale: str, button: str
) -> None:
    page = open_page(locale=locale)
    page.goto(host.hold(address, attributes, lang=lang))
    page.get_by_role("button", name=button).wait_for()


def test_what_is_written_in_attributes_holds(open_page: "Open", address: str, host: Host) -> None:
    page = open_page()
    attributes = (
        'heading="Harbour news" placeholder="Storm?" welcome="Hello." limit="1" '
        'filters=\'{"authors":["Petra Sandoval"]}\' suggestions=\'["How strong was the wind?"]\''
    )
    page.goto(host.hold(address, attributes))
    assert page.get_by_role("heading", name="Harbour news").is_visible()
    assert page.get_by_text("Hello.").is_visible()
    assert page.locator("textarea[placeholder='Storm?']").is_visible()
    with page.expect_request("**/v1/ask") as asked:
        page.get_by_role("button", name="How strong was the wind?").click()
    sent = asked.value.post_data_json
    assert sent["limit"] == 1
    assert sent["filters"] == {"authors": ["Petra Sandoval"]}
    assert not asked.value.headers.get("referer")


def test_the_conversation_stays_in_the_tab(open_page: "Open", address: str) -> None:
    page = open_page()
    page.goto(f"{address}/chat")
    ask(page, LICHENS)
    page.reload()
    assert LICHENS in page.locator(".turn .question").inner_text()
    page.locator("button.note").first.click()
    page.locator(".passage mark").wait_for()
    with page.expect_request("**/v1/ask") as asked:
        ask(page, MASTER)
    history = asked.value.post_data_json["history"]
    assert [message["role"] for message in history] == ["user", "assistant"]
    assert history[0]["content"] == LICHENS
    page.get_by_role("button", name="Clear the conversation").click()
    assert page.locator(".turn").count() == 0
    assert focused(page)["tag"] == "textarea"
    page.reload()
    assert page.locator(".turn").count() == 0
    assert page.evaluate("localStorage.length") == 0
    assert page.context.cookies() == []


def test_what_a_follow_up_was_taken_for_is_shown_and_can_be_taken_back(open_page: "Open", address: str) -> None:
    page = open_page()
    page.goto(f"{address}/chat")
    ask(page, LICHENS)
    turn = ask(page, "And when?")
    assert "Understood as: " in turn.inner_text()
    with page.expect_request("**/v1/ask") as asked:
        turn.get_by_role("button", name="Ask it as written").click()
    assert asked.value.post_data_json["question"] == "And when?"
    assert asked.value.post_data_json["history"] == []
    page.locator(".turn").nth(1).locator(".finding, details").first.wait_for()
    assert "Understood as" not in page.locator(".log").inner_text()


def test_a_quote_is_copied_with_its_citation(open_page: "Open", address: str) -> None:
    page = open_page(permissions=["clipboard-read", "clipboard-write"])
    page.goto(f"{address}/chat")
    ask(page, LICHENS).get_by_role("button", name="Source 1").click()
    page.get_by_role("button", name="Copy with citation").click()
    page.get_by_role("button", name="Copied").wait_for()
    copied = page.evaluate("navigator.clipboard.readText()")
    quote, origin, link = copied.split("\n")
    assert "Dana Okolie" in quote
    assert origin.startswith("— Slow-Growing Lichens Put a Date on the Walls of Quillhaven, Nuria Castell-Brandt")
    assert link.startswith(f"{address}/c/")


def test_a_quote_is_copied_on_a_page_without_a_clipboard(open_page: "Open", address: str) -> None:
    page = open_page(permissions=["clipboard-read"])
    page.add_init_script("Object.defineProperty(navigator, 'clipboard', { value: undefined })")
    page.goto(f"{address}/chat")
    ask(page, LICHENS).get_by_role("button", name="Source 1").click()
    page.get_by_role("button", name="Copy with citation").click()
    page.get_by_role("button", name="Copied").wait_for()
    assert focused(page)["tag"] == "button"
    page.get_by_role("textbox").fill("")
    page.keyboard.press("Control+V")
    assert "Dana Okolie" in page.get_by_role("textbox").input_value()


def test_what_is_being_read_is_shown_until_the_answer_is_there(
    open_page: "Open", address: str, host: Host, violations: Callable[["Page"], list[str]]
) -> None:
    host.answer = httpx2.post(
        f"{address}/v1/ask", json={"question": LICHENS, "include_passages": True}, timeout=60
    ).json()
    page = open_page()
    page.goto(host.hold(address, f'endpoint="{host.slow()}"'))
    page.get_by_role("textbox").fill(LICHENS)
    page.keyboard.press("Enter")
    page.get_by_text("Looking for an answer…").wait_for()
    assert page.locator(".waiting li").count() == 0
    host.found.set()
    page.locator(".waiting li").first.wait_for()
    assert [line.inner_text() for line in page.locator(".waiting li").all()] == ["The Storm", "The Ferry"]
    assert violations(page) == []
    host.answered.set()
    page.locator(".finding").first.wait_for()
    assert page.locator(".waiting").count() == 0


@pytest.mark.parametrize("how", ["button", "escape"])
def test_a_question_can_be_given_up(open_page: "Open", address: str, host: Host, how: str) -> None:
    page = open_page()
    page.goto(host.hold(address, f'endpoint="{host.slow()}"'))
    host.found.set()
    page.get_by_role("textbox").fill(LICHENS)
    page.keyboard.press("Enter")
    page.locator(".waiting li").first.wait_for()
    if how == "button":
        page.get_by_role("button", name="Stop").click()
    else:
        page.keyboard.press("Escape")
    page.get_by_text("Stopped.").wait_for()
    assert host.left.wait(60)
    host.answer = httpx2.post(f"{address}/v1/ask", json={"question": LICHENS}, timeout=60).json()
    host.answered.set()
    page.get_by_role("button", name="Try again").click()
    page.locator(".finding").first.wait_for()
    assert page.locator(".turn").count() == 1


def test_without_a_network_it_says_so_and_tries_again(
    open_page: "Open", address: str, violations: Callable[["Page"], list[str]]
) -> None:
    page = open_page(expected="ERR_INTERNET_DISCONNECTED")
    page.goto(f"{address}/chat")
    page.context.set_offline(True)
    turn = ask(page, LICHENS)
    assert "can’t be reached" in turn.inner_text()
    assert violations(page) == []
    page.context.set_offline(False)
    turn.get_by_role("button", name="Try again").click()
    page.locator(".finding").first.wait_for()
    assert page.locator(".turn").count() == 1


@pytest.mark.parametrize(
    ("status", "told"),
    [(503, "The service is busy."), (422, "can’t take this question"), (500, "Something went wrong"), (404, "wrong")],
)
def test_an_error_is_told(open_page: "Open", address: str, status: int, told: str) -> None:
    page = open_page(expected=f"status of {status}")
    page.goto(f"{address}/chat")
    problem: dict[str, Any] = {"status": status, "detail": "<b>the reason</b>"}
    page.route("**/v1/ask", lambda route: route.fulfill(status=status, json=problem))
    turn = ask(page, LICHENS)
    assert told in turn.inner_text()
    assert "<b>the reason</b>" in turn.inner_text()
    assert turn.get_by_role("button", name="Try again").is_visible()


def test_a_page_that_does_not_let_it_ask_is_told_so(open_page: "Open", address: str, host: Host) -> None:
    """The service lets ``host`` ask, and not the page of another port: the browser refuses to give the answer."""
    with Host() as stranger:
        page = open_page(expected="")
        page.goto(stranger.hold(address))
        assert "can’t be reached" in ask(page, LICHENS).inner_text()


@pytest.mark.parametrize("mode", ["bubble", "modal"])
def test_a_bubble_and_a_dialog_open_by_key_and_close_by_escape(
    page: "Page", address: str, mode: str, violations: Callable[["Page"], list[str]]
) -> None:
    page.goto(f"{address}/chat")
    page.locator("pullquote-chat .frame").wait_for()
    page.evaluate("mode => { document.querySelector('pullquote-chat').mode = mode; }", mode)
    page.locator("pullquote-chat dialog").wait_for(state="attached")
    assert not page.get_by_role("dialog").is_visible()
    page.keyboard.press("Control+k")
    page.get_by_role("dialog").wait_for()
    assert focused(page)["tag"] == "textarea"
    assert violations(page) == []
    assert not page.evaluate("document.documentElement.scrollWidth > innerWidth")
    page.keyboard.press("Escape")
    page.get_by_role("dialog").wait_for(state="hidden")
    if mode == "bubble":
        assert focused(page)["name"] == "launcher"
        page.locator(".launcher").click()
        page.get_by_role("dialog").wait_for()
        page.get_by_role("button", name="Close").click()
        page.get_by_role("dialog").wait_for(state="hidden")


def test_what_a_reader_thinks_is_sent_where_it_is_taken(
    open_page: "Open", address: str, violations: Callable[["Page"], list[str]]
) -> None:
    page = open_page()
    page.goto(f"{address}/chat")
    body = httpx2.post(f"{address}/v1/ask", json={"question": MASTER, "include_passages": True}, timeout=60).json()
    page.route("**/v1/ask", lambda route: route.fulfill(json={**body, "takes_feedback": True}))
    page.route("**/v1/feedback", lambda route: route.fulfill(json={"kept": True}))
    turn = ask(page, MASTER)
    turn.get_by_role("button", name="This did not help").click()
    assert violations(page) == []
    with page.expect_request("**/v1/feedback") as sent:
        turn.get_by_role("button", name="It is wrong").click()
    turn.get_by_text("Thank you, it was noted.").wait_for()
    best = body["answers"][0]
    cited = best["citations"][0]
    assert sent.value.post_data_json == {
        "question": body["standalone_question"],
        "helpful": False,
        "reason": "wrong",
        "answer": {"text": best["text"], **{name: cited[name] for name in ("article_id", "start", "end")}},
    }
