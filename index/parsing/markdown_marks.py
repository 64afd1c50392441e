"""Where the marks of Markdown stand: what of a paragraph's source is emphasis, links and tags, not words.

markdown-it tells what a paragraph is made of, in order, but not where. So the source is walked along with its tokens.
Each mark has a replacement as long as itself, which keeps every offset. What the marks mean is told beside the text.
"""

import html
import re
from collections.abc import Sequence
from contextlib import suppress

from markdown_it.token import Token

from index.article import Look, Style

UNSEEN = "\u2060"
"""What stands for a mark: a character that is not seen and no place for a line break."""

_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
_CONTINUES = re.compile(r"[ \t]*[\r\n]+[ \t>]*")
_MORE_MARKS = re.compile(
    r"(?<![ \t])[ \t]*+\{#[\w:.-]{1,80}\}(?=[ \t#]*(?:[\r\n]|\Z))|"  # the id of a heading
    r"(?<![ \t])[ \t]*+\{/\*(?:(?!\*/\}).){0,300}\*/\}|"  # a comment in MDX
    r"\[\[(?:[^\[\]|\r\n]{1,200}\|)?(?=[^\[\]\r\n]{1,200}\]\])|(?<=[^\[\]\r\n])\]\]|"  # a link of a wiki
    r"\[\^[^\]\s]{1,40}\]:?|"  # the mark of a footnote
    r"~~|"
    r"(?<=[-*+.)] )\[[ xX]\][ \t]+|"  # the box of a task
    r"\[!\w{3,20}\][+-]?|"  # the kind of a callout
    r"(?<![^\s>]):{3,}[ \t]*(?:[\w-]{1,30}(?=[ \t]*(?:[\r\n]|\Z))|(?:(?<=[ \t])|\b)[\w-]{1,30}\b)?|"  # a container
    r"\{:?[ \t]?[.#][\w.:# -]{1,100}\}|"  # classes
    r"\{%(?:(?!%\}).){0,300}%\}|\{\{[<%](?:(?!\}\}).){0,300}\}\}|"  # instructions to what makes the pages
    r"==(?=[^=\s][^=\r\n]{0,200}==(?!=))|(?<=[^=\s])==(?![=\w])"  # a highlight
)
_ANY_MARK = re.compile(r"[*_\[\]<>&`\\~{}!]|==|:::")
_ANY_MORE = re.compile(r"[{~]|\[[\[^!]|(?<=[-*+.)] )\[[ xX]\]|==|:::")
_EXPRESSION = re.compile(r"\{(?:[^{}\r\n]++|\{(?:[^{}\r\n]++|\{[^{}\r\n]*+\})*+\})*+\}")
_LONGEST_DESTINATION = 5000

Edits = dict[int, str]
"""What to put where, by the offset in the source: as many code points as are replaced."""


_LOOKS: dict[str, Look] = {"strong": "strong", "em": "emphasis", "s": "strike", "link": "link"}
"""What tokens of markdown-it open, and how it looks."""

_TAG = re.compile(r"<(/?)([A-Za-z][A-Za-z0-9]*)[^<>]*+>")
_LOOKS_OF_TAGS: dict[str, Look] = {
    **dict.fromkeys(("b", "strong"), "strong"),
    **dict.fromkeys(("i", "em", "cite", "var", "dfn"), "emphasis"),
    **dict.fromkeys(("code", "kbd", "samp", "tt"), "code"),
    **dict.fromkeys(("del", "s", "strike"), "strike"),
}


class _Lost(Exception):  # noqa: N818  # it leaves one paragraph as it is written
    """The source is not what the token says."""


def marks(source: str, start: int, end: int, inline: Token, is_mdx: bool = False) -> tuple[Edits, list[Style]]:
    """The marks of a paragraph, heading or cell that stands at ``source[start:end]``, and how they let it look."""
    edits: Edits = {}
    styles: list[Style] = []
    if not _ANY_MARK.search(source, start, end):
        return edits, styles
    with suppress(_Lost):  # then the rest stays as it is written
        _Walk(source, start, end, edits, styles).over(inline.children or [])
    if not _ANY_MORE.search(source, start, end):
        return edits, styles
    for pattern in (_MORE_MARKS, *([_EXPRESSION] if is_mdx else [])):
        for match in pattern.finditer(source, start, end):
            edits.setdefault(match.start(), UNSEEN * len(match[0]))
    return edits, styles


def without_marks(source: str, edits: Edits) -> str:
    """The source with every mark replaced, as long as before."""
    pieces, done = [], 0
    for at in sorted(edits):
        if at >= done:
            pieces += [source[done:at], edits[at]]
            done = at + len(edits[at])
    return "".join([*pieces, source[done:]])


class OpenTags:
    """The tags of HTML that are open, and what stands between two of them that give words a look."""

    def __init__(self) -> None:
        self._open: dict[str, list[int]] = {}

    def meet(self, tag: str, start: int) -> Style | None:
        """Take note of the next tag, which stands at ``start``; the style that it ends, if it ends one."""
        match = _TAG.fullmatch(tag)
        name = match[2].lower() if match else ""
        if not match or name not in _LOOKS_OF_TAGS:
            return None
        begun = self._open.setdefault(name, [])
        if not match[1]:
            begun.append(start + len(tag))
        elif begun and (first := begun.pop()) < start:
            return Style(first, start, _LOOKS_OF_TAGS[name])
        return None


class _Walk:
    def __init__(self, source: str, start: int, end: int, edits: Edits, styles: list[Style]) -> None:
        self._source, self._at, self._end, self._edits, self._styles = source, start, end, edits, styles
        self._open: list[tuple[int, Look, str]] = []
        self._tags = OpenTags()

    def over(self, tokens: Sequence[Token]) -> None:
        """Walk over tokens and note the marks among them."""
        for token in tokens:
            name, _, side = token.type.rpartition("_")
            if side == "close" and name in _LOOKS and self._open:
                self._style(*self._open.pop())
            if token.type == "text":
                self._text(token.content)
            elif token.type in {"softbreak", "hardbreak"}:
                self._break()
            elif token.type == "code_inline":
                self._code(token.markup)
            elif token.type == "image":
                start = self._at
                self._mark("![")
                self._to_closing_bracket()
                self._destination()
                self._style(start, "image", token.content)
            elif token.type == "link_close" and token.markup != "autolink":
                self._destination()
            elif token.type == "html_inline":
                if ended := self._tags.meet(token.content, self._at):
                    self._styles.append(ended)
                self._mark(token.content)
            elif token.type == "link_open" and token.markup != "autolink":
                self._mark("[")
            elif token.markup == "autolink":
                self._mark("<" if token.type == "link_open" else ">")
            else:
                self._mark(token.markup)
            if side == "open" and name in _LOOKS:
                self._open.append((self._at, _LOOKS[name], str(token.attrs.get("href", ""))))

    def _style(self, start: int, look: Look, value: str = "") -> None:
        if start < self._at:
            self._styles.append(Style(start, self._at, look, value))

    def _mark(self, mark: str) -> None:
        if not self._source.startswith(mark, self._at):
            raise _Lost
        self._hide(len(mark))

    def _hide(self, length: int) -> None:
        if length:
            self._edits[self._at] = UNSEEN * length
        self._at += length
        if self._at > self._end:
            raise _Lost

    def _text(self, words: str) -> None:
        if self._source.startswith(words, self._at):
            self._at += len(words)
            return
        at = 0
        while at < len(words):
            here = self._source[self._at : self._at + 1]
            entity = _ENTITY.match(self._source, self._at) if here == "&" else None
            meant = html.unescape(entity[0]) if entity else ""
            if entity and meant and words.startswith(meant, at) and meant != entity[0]:
                shown = " " if meant == "\u00a0" else meant
                self._edits[self._at] = shown + UNSEEN * (len(entity[0]) - len(shown))
                self._at += len(entity[0])
                at += len(meant)
            elif here == "\\" and self._source.startswith(words[at], self._at + 1):
                self._hide(1)
                self._at += 1
                at += 1
            elif here == words[at]:
                self._at += 1
                at += 1
            else:
                raise _Lost

    def _break(self) -> None:
        if self._source.startswith("\\", self._at):
            self._hide(1)
        match = _CONTINUES.match(self._source, self._at)
        if not match:
            raise _Lost
        self._at = match.end()

    def _code(self, mark: str) -> None:
        self._mark(mark)
        close = self._source.find(mark, self._at, self._end)
        while close >= 0 and self._source.startswith("`", close + len(mark)):  # a longer run of them closes nothing
            longer = re.compile("`+").match(self._source, close)
            close = self._source.find(mark, longer.end() if longer else self._end, self._end)
        if close < 0:
            raise _Lost
        start, self._at = self._at, close
        self._style(start, "code")
        self._hide(len(mark))

    def _to_closing_bracket(self) -> None:
        depth, at = 0, self._at
        while at < self._end and (depth or self._source[at] != "]"):
            depth += {"[": 1, "]": -1}.get(self._source[at], 0)
            at += 2 if self._source[at] == "\\" else 1
        self._hide(at - self._at)

    def _destination(self) -> None:
        """What follows the words of a link or picture: its address and title, or its name."""
        self._mark("]")
        opening = self._source[self._at : self._at + 1]
        if opening == "[":
            close = self._source.find("]", self._at, self._end)
            if close < 0:
                raise _Lost
            self._hide(close + 1 - self._at)
        elif opening == "(":
            self._hide(self._closing_parenthesis() + 1 - self._at)

    def _closing_parenthesis(self) -> int:
        depth, quote = 0, ""
        for at in range(self._at, min(self._end, self._at + _LONGEST_DESTINATION)):
            sign = self._source[at]
            if self._source[at - 1] == "\\":
                continue
            if quote:
                quote = "" if sign == quote else quote
            elif sign in "\"'" and self._source[at - 1].isspace():
                quote = sign
            else:
                depth += {"(": 1, ")": -1}.get(sign, 0)
                if not depth:
                    return at
        raise _Lost
