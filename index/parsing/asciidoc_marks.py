"""Where the marks of AsciiDoc stand: what of a paragraph's source is emphasis, macros and references, not words.

Each mark has a replacement as long as itself, which keeps every offset.
Syntax: https://docs.asciidoctor.org/asciidoc/latest/syntax-quick-reference/
"""

import re
from collections.abc import Iterator, Mapping

from index.parsing.markdown_marks import UNSEEN, Edits

_MOST = 1000
"""Code points between two marks that belong together."""

_PASSED = re.compile(
    r"\+\+\+(.{1,1000}?)\+\+\+|pass:\w{0,9}\[(.{0,1000}?)\]|(?<![\w+\\])\+(?=\S)(.{1,300}?)(?<=\S)\+(?![\w+])"
)
"""What no other mark counts in."""
_SHOWN = re.compile(
    r"(?P<term>\(\(\([^()]{1,300}\)\)\)|indexterm:\[[^\]]{0,300}\])"
    r"|(?P<anchor>\[\[[\w:.,-][^\[\]]{0,200}\]\]|anchor:[\w.-]{1,100}\[[^\]]{0,200}\])"
    r"|(?P<picture>(?:image|icon):[^\s:\[][^\[\r\n]{0,500}\[[^\]]{0,500}\])"
    r"|(?P<note>(?:footnote(?:ref)?:[\w-]{0,50}\[))(?P<in_note>(?:[^\[\]]|\[[^\[\]]{0,300}\]){0,1000})(?P<note_end>\])"
    r"|(?P<before>\(\((?=[^()]{1,300}\)\))|<<[^<>,]{1,200},[ \t]*(?=[^<>]{1,300}>>)|<<(?=[^<>]{1,200}>>)"
    r"|(?:link|xref|mailto):[^\s\[\]]{1,1000}\[(?=[^\]\r\n])"
    r"|\\?https?://[^\s\[\]<>]{1,1000}\[(?=[^\]\r\n])"
    r"|(?:kbd|btn|menu|stem|latexmath|asciimath|indexterm2|[a-z]{2,12}):(?:[^\s\[\]:]{0,100})\[(?=[^\]]))"
    r"|(?P<after>\)\)|>>|(?:,\w{1,20}=[^\[\]\r\n]{0,100}|\^)?\])"
)
_EMPTY_MACRO = re.compile(r"(?:link:|mailto:)?(?P<shown>(?<![\w])(?:https?://)?[^\s\[\]:]{1,1000})(?P<mark>\[\])")
_ROLE = re.compile(r"\[[.#%][\w.#%-]{1,80}\](?=[*_`#])")
_PAIRS = [
    re.compile(rf"{mark}(?=[^{sign}\s])((?:[^{sign}]|{sign}(?!{sign})){{1,{_MOST}}}?){mark}")
    for sign, mark in ((r"\*", r"\*\*"), ("_", "__"), ("`", "``"), ("#", "##"))
]
_WORDS = [
    re.compile(rf"(?<![\w{sign}\\]){sign}(?=[^\s{sign}])([^{sign}]{{0,{_MOST}}}[^\s{sign}])?{sign}(?![\w{sign}])")
    for sign in (r"\*", "_", "`", "#")
]
_QUOTES = re.compile(r"(?P<open>[\"'])`(?=\S)|(?<=\S)`(?P<close>[\"'])")
_CURVED = {('"', True): "“", ('"', False): "”", ("'", True): "‘", ("'", False): "’"}
_RAISED = re.compile(r"\^(?=\S)([^\s^]{1,60})\^")
_LOWERED = re.compile(r"~(?=\S)([^\s~]{1,60})~")
_ESCAPE = re.compile(r"\\(?=[*_`#^~{<\[+:]|https?:|link:|\w+:\[)")
_HARD_BREAK = re.compile(r"[ \t]\+[ \t]*(?=[\r\n]|\Z)")
_REFERENCE = re.compile(r"(?<!\\)\{([\w-]{1,60})\}")
_ANY_MARK = re.compile(r"[*_`#^~{<\[+\\(]")
_CHARACTERS = {
    "nbsp": " ", "sp": " ", "empty": "", "blank": "", "zwsp": "", "wj": "", "plus": "+", "amp": "&", "lt": "<",
    "gt": ">", "startsb": "[", "endsb": "]", "vbar": "|", "caret": "^", "asterisk": "*", "tilde": "~", "apos": "'",
    "quot": '"', "lsquo": "‘", "rsquo": "’", "ldquo": "“", "rdquo": "”", "deg": "°", "backslash": "\\", "backtick": "`",
    "two-colons": "::", "two-semicolons": ";;", "cpp": "C++",
}  # fmt: skip
"""What AsciiDoc itself defines."""


def marks(source: str, start: int, end: int, attributes: Mapping[str, str]) -> Edits:
    """The marks of a paragraph, heading or cell that stands at ``source[start:end]``, and what stands for each.

    :param attributes: what ``{name}`` stands for; a value that is longer than its reference is not put in.
    """
    edits: Edits = {}
    if not _ANY_MARK.search(source, start, end):
        return edits
    text = source[start:end]
    passed = [span for match in _PASSED.finditer(text) for span in _around(match)]
    text = _blanked(text, [match.span() for match in _PASSED.finditer(text)])
    for low, high, shown in [*passed, *_references(text, attributes), *_macros(text), *_emphasis(text)]:
        if low < high and all(start + at not in edits for at in range(low, high)):
            edits[start + low] = shown + UNSEEN * (high - low - len(shown))
    return edits


_Mark = tuple[int, int, str]
"""Where a mark begins and ends, and what is shown in its place."""


def _around(match: re.Match[str]) -> Iterator[_Mark]:
    """The marks around the first group of a match that there is."""
    number = next((at for at, group in enumerate(match.groups(), 1) if group is not None), 0)
    low, high = match.span(number) if number else (match.end(), match.end())
    yield match.start(), low, ""
    yield high, match.end(), ""


def _blanked(text: str, spans: list[tuple[int, int]]) -> str:
    for low, high in spans:
        text = text[:low] + "\0" * (high - low) + text[high:]
    return text


def _references(text: str, attributes: Mapping[str, str]) -> Iterator[_Mark]:
    for match in _REFERENCE.finditer(text):
        name = match[1].lower()
        value = _CHARACTERS.get(name, attributes.get(name))
        if value is not None and len(value) <= len(match[0]):
            yield *match.span(), value


def _macros(text: str) -> Iterator[_Mark]:
    for match in _HARD_BREAK.finditer(text):
        yield *match.span(), ""
    for match in _EMPTY_MACRO.finditer(text):
        yield match.start(), match.start("shown"), ""
        yield *match.span("mark"), ""
    opened = 0
    for match in _SHOWN.finditer(text):
        kind = match.lastgroup
        if kind == "note_end":
            yield *match.span("note"), " ("
            yield *match.span("note_end"), ")"
        elif kind == "before":
            opened += 1
            yield *match.span(), ""
        elif kind == "after":
            if opened:
                yield *match.span(), ""
            opened -= opened > 0
        else:
            yield *match.span(), ""


def _emphasis(text: str) -> Iterator[_Mark]:
    for match in _ROLE.finditer(text):
        yield *match.span(), ""
    for match in _QUOTES.finditer(text):
        sign = match["open"] or match["close"]
        yield *match.span(), _CURVED[sign, bool(match["open"])]
    for pattern in (*_PAIRS, *_WORDS):
        for match in pattern.finditer(text):
            yield from _around(match)
    for match in _RAISED.finditer(text):
        is_exponent = match.start() > 0 and text[match.start() - 1].isdigit()
        yield match.start(), match.start(1), "^" if is_exponent else ""
        yield match.end(1), match.end(), ""
    for match in _LOWERED.finditer(text):
        yield from _around(match)
    for match in _ESCAPE.finditer(text):
        yield *match.span(), ""
