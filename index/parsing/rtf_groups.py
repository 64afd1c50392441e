"""Groups of Rich Text Format that are not running text: pictures, hidden words, notes, raised characters, headings.

The control words: https://en.wikipedia.org/wiki/Rich_Text_Format, version 1.9.1.
"""

import re
from dataclasses import dataclass, field

from index.parsing.superscripts import raised

HEADING = "\ue000"
"""What a heading begins with in the text that is made of the source that :func:`arranged` gives."""
_HEADING_SOURCE = f"\\u{ord(HEADING)}?"
_TOKEN = re.compile(r"\\([a-z]+)(-?\d+)?[ ]?|\\'[0-9a-fA-F]{2}|\\[^a-z]|[{}]|[^\\{}]+|\\", re.DOTALL)
_DROPPED = {"pict", "shppict", "nonshppict", "object", "v", "annotation", "atnid", "atnauthor", "listtable"}
_NOTES = {"footnote"}
_ENDS = {"par", "sect", "page", "row"}
_PARAGRAPH = re.compile(r"\\(?:par|pard|plain)(?![a-z]) ?")
_DEEPEST = 200
"""Levels of groups; what is nested deeper was made to break readers and stays as it is."""
_LOWEST_LEVEL = 8
"""Of outline levels, which count from 0; the next one is body text."""


@dataclass
class _Group:
    """A group that is read: what it becomes, its words, and what it is."""

    source: list[str] = field(default_factory=list)
    words: list[str] = field(default_factory=list)
    is_dropped: bool = False
    is_note: bool = False
    is_raised: bool = False
    has_end: bool = False


def arranged(source: str) -> str:
    """The source without pictures and hidden words, with notes behind their paragraphs, and what is raised in line.

    What begins a heading is followed by :data:`HEADING`.
    """
    groups = [_Group()]
    notes: list[str] = []
    before = ""
    at = too_deep = 0
    while match := _TOKEN.match(source, at):
        at = match.end()
        token, word, number = match[0], match[1], match[2]
        group = groups[-1]
        if too_deep or (token == "{" and len(groups) > _DEEPEST):
            too_deep += {"{": 1, "}": -1}.get(token, 0)
        if too_deep:
            group.source.append(token)
            continue
        if token == "{":
            groups.append(_Group(is_dropped=group.is_dropped))
            continue
        if token == "}":
            if len(groups) > 1:
                groups.pop()
                before = _close(group, groups[-1], notes, before)
            else:
                group.source.append(token)
            continue
        if word == "bin":
            at += int(number) if number and 0 < int(number[:9]) <= len(source) - at else 0
            continue
        if word in _DROPPED and number != "0":
            group.is_dropped = True
        elif word in _NOTES:
            group.is_note, group.source = True, []  # without the sign that it may be skipped
            continue
        elif word == "super" or (word == "up" and number not in {None, "0"}):
            group.is_raised = True
        elif word in _ENDS or word == "cell":
            held = "".join(notes)
            notes.clear()
            token = f" {_PARAGRAPH.sub(' ', held)}{token}" if word == "cell" else f"{token}{held}"
            before, group.has_end = "", True
        elif word == "outlinelevel" and number and 0 <= int(number[:3]) <= _LOWEST_LEVEL:
            token += _HEADING_SOURCE
        elif word is None and not token.startswith("\\"):
            group.words.append(token)
            before = (before + token)[-40:] if not group.is_raised and not group.is_dropped else before
        group.source.append(token)
    while len(groups) > 1:
        group = groups.pop()
        _close(group, groups[-1], notes, before)
    whole = "".join(groups[0].source)
    end = whole.rfind("}")
    return f"{whole[:end]}\\par {''.join(notes)}{whole[end:]}" if notes else whole


def _close(group: _Group, around: _Group, notes: list[str], before: str) -> str:
    """Add a group that ends to the one around it; what stands before the following text."""
    if group.is_dropped:
        return before
    inner = "".join(group.source)
    if group.is_note:
        notes.append(f"{{\\pard\\plain {inner}\\par }}")
        return before
    if group.is_raised and not group.has_end and group.words and "{" not in inner:
        text = raised(before, "".join(group.words).strip())
        around.source.append("".join(f"\\u{ord(sign)}?" if ord(sign) > 126 else sign for sign in text))
        around.words.append(text)
        return (before + text)[-40:]
    around.source.append(f"{{{inner}}}")
    around.words += group.words
    return before
