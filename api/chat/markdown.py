"""Words of an article as Markdown that shows exactly these words, whatever they are."""

import re
import unicodedata

_SPECIAL = re.compile(r"[\\`*\]<~$]|(?<![^\W_])_|_(?![^\W_])|&(?=#?\w+;)")
"""What starts something in a line of CommonMark, of its GitHub dialect, or of mathematics between dollar signs.

A link and an image need their closing bracket; the opening one stays, because ``\\[`` opens a formula in some clients.
"""

_ADDRESS = re.compile(r"https?://")
_ESCAPED_IN_ADDRESS = {ord(character): f"%{ord(character):02X}" for character in ' ()<>"\\`'}


def one_line(text: str) -> str:
    """``text`` with every run of white space as one space."""
    return re.sub(r"\s+", " ", text)


def escaped(text: str) -> str:
    """``text`` in one line, with a backslash before each character that Markdown would take for a sign."""
    return _SPECIAL.sub(r"\\\g<0>", one_line(text))


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
