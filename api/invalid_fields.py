"""What pydantic finds wrong with a field, in words that say how to mend it.

Each ``found`` is one of ``error.errors()``.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any


def field_name(location: Sequence[int | str]) -> str:
    """A name such as ``filters.published_from`` or ``history[0].role``; empty for what is wrong as a whole."""
    if len(location) == 1 and isinstance(location[0], int):
        return ""
    name = ""
    for part in location:
        name += f"[{part}]" if isinstance(part, int) else f".{part}" if name else str(part)
    return name


def reason(found: Mapping[str, Any]) -> str:
    """What pydantic says, as the end of a sentence."""
    message = str(found["msg"]).removeprefix("Value error, ")
    return message[:1].lower() + message[1:]


def complaint(found: Mapping[str, Any], patterns: Mapping[str, str]) -> str:
    """What is wrong with a field of something that was sent.

    :param patterns: for each pattern that a text may have to match, what it asks for.
    """
    context = found.get("ctx") or {}
    value = found.get("input")
    match found["type"]:
        case "json_invalid":
            return f"the body is not valid JSON ({context.get('error', 'cut short')}, at character {found['loc'][-1]})"
        case "missing":
            return "it is missing: add it" if found["loc"] else "the body is missing: send a JSON object"
        case "extra_forbidden":
            return "there is no such field here: remove it, or check its spelling in /openapi.json"
        case "string_too_long":
            length = len(value) if isinstance(value, str) else 0
            return f"it has {length} characters and may have {context['max_length']}: shorten it"
        case "string_too_short":
            return "it is empty: write something"
        case "string_pattern_mismatch":
            return f"it is {value!r:.80}: {patterns.get(context['pattern'], reason(found))}"
        case "too_long":
            return f"it has {len(value or ())} items and may have {context['max_length']}: leave some out"
        case "list_type" | "tuple_type" | "set_type":
            return f"it is {json.dumps(value, default=str):.80}: put it into a list, in square brackets"
        case "model_attributes_type" | "model_type" if isinstance(value, str | bytes) and value[:1] in ("{", b"{"):
            return "the body was read as text: send a JSON object, with the header Content-Type: application/json"
        case "model_attributes_type" | "model_type":
            return "this must be a JSON object"
    said = reason(found)
    return f"it is {value!r:.80} and {said.removeprefix('input ')}" if said.startswith("input should be") else said
