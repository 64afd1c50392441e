"""Words of an article as Markdown that shows exactly these words, whatever they are."""

import re
import unicodedata

_SPECIAL = re.compile(r"[\\`*\]<~$]|(?<![^\W_])_|_(?![^\W_])|&(?=#?\w*(?:;|\Z))")
"""What starts something in a line of CommonMark, of its GitHub dialect, or of mathematics between dollar signs.

An entity may end in the text behind. A link and an image need their closing bracket; the opening one stays, because
``\\[`` opens a formula in some clients.
"""

_AS_ENTITY = {"<": "&lt;", "&": "&amp;"}
"""Not every renderer knows a backslash before these: Showdown would take the markup for its own."""

_BLOCK = re.compile(r"(?:\d{1,9}(?=[.)](?:\s|\Z))|(?=[#>]|[-+](?:[\s-]|\Z)))")
"""What makes a line another kind of block: a heading, a quotation, an item of a list, a rule."""

_CLOSED_BY = {**dict.fromkeys("\u202a\u202b", "\u202c"), **dict.fromkeys("\u2066\u2067\u2068", "\u2069")}
"""What opens text of another direction, and what closes it: Unicode Standard Annex 9."""
_DIRECTED = re.compile("[\u202a-\u202c\u2066-\u2069]")
_UNSEEN = dict.fromkeys([*range(32), *range(127, 160), 0x202D, 0x202E], "\N{REPLACEMENT CHARACTER}")
"""Characters that steer a terminal, or show words in another order than they have (the overrides)."""

_ADDRESS = re.compile(r"https?://")
_ESCAPED_IN_ADDRESS = {ord(character): f"%{ord(character):02X}" for character in ' ()<>"\\`'}


def one_line(text: str) -> str:
    """``text`` with every run of white space as one space, and nothing in it that changes how the rest is shown."""
    return _closed(re.sub(r"\s+", " ", text).translate(_UNSEEN))


def _closed(text: str) -> str:
    """The text with an end for every stretch of another direction that it begins, and no end of anything else."""
    if not _DIRECTED.search(text):
        return text
    written, left = [], dict.fromkeys(_CLOSED_BY.values(), 0)
    for character in text:
        if character in _CLOSED_BY:
            left[_CLOSED_BY[character]] += 1
        elif character in left and not left[character]:
            continue
        elif character in left:
            left[character] -= 1
        written.append(character)
    return "".join(written) + "".join(closes * count for closes, count in left.items())


def escaped(text: str) -> str:
    """``text`` in one line, with a backslash before each character that Markdown would take for a sign."""
    return _SPECIAL.sub(_sign, one_line(text))


def _sign(found: re.Match[str]) -> str:
    if found[0] == "]" and found.string.startswith("(", found.end()):
        return "&#93;"  # a link even to those that know no backslash
    return _AS_ENTITY.get(found[0]) or f"\\{found[0]}"


def on_a_line(markdown: str) -> str:
    """Words of a paragraph, with a backslash where their first sign would make them something else."""
    block = _BLOCK.match(markdown)
    return f"{markdown[: block.end()]}\\{markdown[block.end() :]}" if block else markdown


def strong(words: str, before: str = "", after: str = "") -> str:
    """``words`` in bold between the texts ``before`` and ``after``; plain where Markdown has no bold.

    The rule of flanking: https://spec.commonmark.org/0.31.2/#emphasis-and-strong-emphasis
    """
    words = words.strip()
    opens = words and (not _is_sign(words[0]) or _is_gap(before[-1:]))
    closes = words and (not _is_sign(words[-1]) or _is_gap(after[:1]))
    return f"**{escaped(words)}**" if opens and closes else escaped(words)


def linked(text: str, address: str) -> str:
    """``text`` as a link, or by itself when ``address`` is none of the web.

    An opening bracket in it would begin the link, or with ``!`` before it an image, so it is written as an entity.
    """
    if not _ADDRESS.match(address):
        return escaped(text)
    words = escaped(text).replace("[", "&#91;")
    return f"[{words}]({address.translate(_ESCAPED_IN_ADDRESS)})"


def _is_sign(character: str) -> bool:
    return unicodedata.category(character)[0] in "PS"


def _is_gap(character: str) -> bool:
    return not character or character.isspace() or _is_sign(character)
