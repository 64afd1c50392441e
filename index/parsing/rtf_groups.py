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
_DROPPED = {"pict", "shppict", "nonshppict", "object", "annotation", "atnid", "atnauthor", "listtable"}
_HIDES, _RAISES = {"v", "deleted"}, {"super", "up"}
_ENDS_STYLE = {"plain": _HIDES | _RAISES, "nosupersub": _RAISES, "sub": _RAISES}
"""Which of them a control word ends; each ends itself where its number is 0."""
_NOTES = {"footnote"}
_ENDS = {"par", "sect", "page", "row"}
_PARAGRAPH = re.compile(r"\\(?:par|pard|plain)(?![a-z]) ?")
_DEEPEST = 200
"""Levels of groups; what is nested deeper was made to break readers and stays as it is."""
_LOWEST_LEVEL = 8
"""Of outline levels, which count from 0; the next one is body text."""


@dataclass
class _Group:
    """A group that is read: what it becomes, its words, and what it is.

    ``style`` is the control word that a stretch of hidden or raised characters begins with, which needs no braces.
    """

    source: list[str] = field(default_factory=list)
    words: list[str] = field(default_factory=list)
    is_dropped: bool = False
    is_note: bool = False
    has_end: bool = False
    style: str = ""

    @property
    def is_raised(self) -> bool:
        """Whether its characters stand above the line."""
        return self.style in _RAISES


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
            while groups[-1].style:
                before = _close(groups, notes, before)
            if len(groups) > 1:
                before = _close(groups, notes, before)
            else:
                groups[0].source.append(token)
            continue
        if word == "bin":
            at += int(number) if number and 0 < int(number[:9]) <= len(source) - at else 0
            continue
        if group.style and group.style in _ended(word, number):
            before = _close(groups, notes, before)
        elif word in _HIDES | _RAISES and number != "0" and (word, number) != ("up", None):
            if group.style != word:
                groups.append(_Group(is_dropped=group.is_dropped or word in _HIDES, style=word))
            continue
        is_end = word in _ENDS or word == "cell"
        going_on = group.style if is_end else ""
        if going_on:
            before = _close(groups, notes, before)
        group = groups[-1]
        if word in _DROPPED and number != "0":
            group.is_dropped = True
        elif word in _NOTES:
            group.is_note, group.source = True, []  # without the sign that it may be skipped
            continue
        elif is_end:
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
        if going_on:
            groups.append(_Group(is_dropped=group.is_dropped or going_on in _HIDES, style=going_on))
    while len(groups) > 1:
        before = _close(groups, notes, before)
    whole = "".join(groups[0].source)
    end = whole.rfind("}")
    return f"{whole[:end]}\\par {''.join(notes)}{whole[end:]}" if notes else whole


def _ended(word: str | None, number: str | None) -> set[str]:
    """The styles that a control word ends."""
    return {word} if word and number == "0" else _ENDS_STYLE.get(word or "", set())


def _close(groups: list[_Group], notes: list[str], before: str) -> str:
    """Add the innermost group, which ends, to the one around it; what stands before the following text."""
    group = groups.pop()
    around = groups[-1]
    if group.is_dropped:
        return before
    inner = "".join(group.source)
    if group.is_note:
        notes.append(f"{{\\pard\\plain {inner}\\par }}")
        return before
    if group.is_raised and not group.has_end and group.words and "\\*" not in inner:  # a group that may be skipped
        text = raised(before, "".join(group.words).strip())
        around.source.append("".join(f"\\u{ord(sign)}?" if ord(sign) > 126 else sign for sign in text))
        around.words.append(text)
        return (before + text)[-40:]
    around.source.append(inner if group.style else f"{{{inner}}}")
    around.words += group.words
    return before
