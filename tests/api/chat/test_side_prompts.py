"""Prompts of frontends themselves are answered in their format, at once; questions of people never are."""

import json
import threading
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.chat.conversation import ChatMessage, Conversation, read_conversation
from api.chat.side_prompts import answer_aside
from api.settings import load_settings

ASKED = "Who is the NATO spokeswoman?"
CHAT = f"### Chat History:\n<chat_history>\nUSER: {ASKED}\nASSISTANT: **Farah Dakhlallah** [1]\n</chat_history>"
TITLE = "Who is the NATO spokeswoman"

OPEN_WEBUI = [
    (
        f'### Task:\nGenerate a concise title.\n### Output:\nJSON format: {{ "title": "your title" }}\n{CHAT}',
        {"title": TITLE},
    ),
    (
        f'### Task:\nGenerate 1-3 broad tags.\n### Output:\nJSON format: {{ "tags": ["tag1"] }}\n{CHAT}',
        {"tags": ["General"]},
    ),
    (
        f'### Task:\nSuggest 3-5 follow-ups.\n### Output:\nJSON format: {{ "follow_ups": ["1?"] }}\n{CHAT}',
        {"follow_ups": []},
    ),
    (
        "### Task:\nAnalyze the chat history to determine the necessity of generating search queries.\n"
        f'- respond in the format: {{ "queries": ["query1", "query2"] }}\n{CHAT}',
        {"queries": []},
    ),
    (f'### Task:\nDescribe a picture.\n### Output:\n{{\n    "prompt": "Your description"\n}}\n{CHAT}', {"prompt": ""}),
    ('### Task:\nComplete the text.\n### Output:\n{ "text": "<completion>" }\n<text>Who</text>', {"text": ""}),
]

PLAIN_TITLES = [
    "Provide a concise, 5-word-or-less title for the conversation, using title case conventions. Only return the title "
    f"itself.\n\nConversation:\nUser: {ASKED}\nAI: **Farah Dakhlallah** [1]",
    "Please generate a concise, 5-word-or-less title for the conversation.\nUser: " + ASKED,
    f"Generate a short chat title (3-5 words only) for this message. Reply with ONLY the title.\n\nMessage: {ASKED}",
]


@pytest.mark.parametrize(("prompt", "expected"), OPEN_WEBUI)
def test_tasks_are_answered_in_json(prompt: str, expected: dict[str, Any]) -> None:
    assert json.loads(answer_aside(Conversation(prompt)) or "") == expected


@pytest.mark.parametrize("prompt", PLAIN_TITLES)
def test_titles_are_the_first_question(prompt: str) -> None:
    assert answer_aside(Conversation(prompt)) == TITLE


def test_a_title_asked_for_at_the_end_of_a_conversation() -> None:
    turns = [("user", ASKED), ("assistant", "**Farah Dakhlallah**"), ("user", PLAIN_TITLES[1].partition("\n")[0])]
    conversation = read_conversation([ChatMessage(role=role, content=text) for role, text in turns])
    assert answer_aside(conversation) == TITLE


def test_language_and_title() -> None:
    prompt = f"Analyze this conversation and provide:\n1. The detected language\n2. A title\n\nUser: {ASKED}\nAI: x"
    assert json.loads(answer_aside(Conversation(prompt)) or "") == {"language": "English", "title": TITLE}


@pytest.mark.parametrize(
    "question",
    [
        ASKED,
        "What is the title of the book they had a conversation about?",
        "Who won the chess title after a chat with the press?",
        "Give me the title of the report.",
        "Task: find the mayor",
        "### Task:\nWho is the mayor?",
        "Provide the number of troops sent.",
        "What tags did the scientists put on the bees?",
    ],
)
def test_questions_of_people_are_asked(question: str) -> None:
    assert answer_aside(Conversation(question)) is None


def test_the_question_behind_documents_of_the_frontend_is_asked() -> None:
    template = (
        "### Task:\nRespond to the user query using the provided context.\n"
        '<context>\n<source id="1">Who? ten\n</source>\n</context>\n\n'
    )
    assert Conversation(template + ASKED).asked().text == ASKED
    assert answer_aside(Conversation(template + ASKED)) is None


@pytest.mark.parametrize("streaming", [False, True])
def test_a_side_prompt_waits_for_no_model(seed_data: Path, streaming: bool) -> None:
    app = create_app(load_settings(data_dir=seed_data, queue_size=1, workers=1))
    release = threading.Event()
    body = {"messages": [{"role": "user", "content": OPEN_WEBUI[0][0]}], "stream": streaming}
    with TestClient(app, base_url="http://127.0.0.1:8000") as client:
        held = [app.state.runtime.workers.submit(release.wait) for _ in range(2)]
        try:
            response = client.post("/v1/chat/completions", json=body)
            assert response.status_code == 200
            assert TITLE in response.text
        finally:
            release.set()
        assert all(each.result() for each in held)
