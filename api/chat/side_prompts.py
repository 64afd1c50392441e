"""What chat frontends ask a model besides the user's question: a title, tags, follow-ups, search queries.

These prompts are no questions to the articles: they are answered at once, without searching, in the format they want.
"""

import json
import re

from api.chat.conversation import Conversation

_TASK = re.compile(r"#+ ?Task:", re.IGNORECASE)
_KEY = re.compile(r'\{\s*"(title|tags|follow_ups|queries|prompt|text)"\s*:')
_TITLE = re.compile(
    r"(?:please )?(?:provide|generate|write|create|give|suggest|return)\b[^.?\n]{0,60}\btitle\b[^?\n]{0,60}"
    r"\b(?:conversation|chat|discussion|message|query)\b"
    r"|please generate a [^.?\n]{0,40}\btitle summarizing our conversation",
    re.IGNORECASE,
)
_LANGUAGE_AND_TITLE = re.compile(r"analyze this conversation and provide:", re.IGNORECASE)
_QUOTED_QUESTION = re.compile(
    r"^[^\w\n]*+(?:user query|user|human|you|message)[^\w:]*+:\W*+(\w.*)", re.IGNORECASE | re.MULTILINE
)

_WORDS_OF_TITLE = 8
_DEFAULT_TITLE = "Questions"


def answer_aside(conversation: Conversation) -> str | None:
    """The reply to a prompt of the frontend itself, None when the user is asking."""
    prompt = conversation.last
    if _LANGUAGE_AND_TITLE.match(prompt):
        return json.dumps({"language": "English", "title": _title(conversation)}, ensure_ascii=False)
    if _TITLE.match(prompt):
        return _title(conversation)
    key = _KEY.search(prompt) if _TASK.match(prompt) else None
    match key and key[1]:
        case "title":
            return json.dumps({"title": _title(conversation)}, ensure_ascii=False)
        case "tags":
            return '{"tags": ["General"]}'
        case "follow_ups" | "queries" as lists:
            return json.dumps({lists: []})
        case "prompt" | "text" as texts:
            return json.dumps({texts: ""})
    return None


def _title(conversation: Conversation) -> str:
    """The first words of the first question that the message quotes."""
    first = next((turn.content for turn in conversation.history if turn.role == "user"), None)
    quoted = _QUOTED_QUESTION.search(conversation.last)
    question = first or (quoted[1] if quoted else "")
    words = re.sub(r"[\"'`*#?]+", "", question).split()
    return " ".join(words[:_WORDS_OF_TITLE]) or _DEFAULT_TITLE
