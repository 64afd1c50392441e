r"""Commands that a LaTeX document defines for itself (``\newcommand``, ``\def``), written out where they are used."""

import re
from dataclasses import dataclass, field

_NAME = r"\\[A-Za-z@]+"
_COMMAND = re.compile(
    r"(?P<verbatim>\\begin\{(verbatim|lstlisting)\*?\}.*?(?:\\end\{\2\*?\}|\Z)|\\verb\*?(?P<mark>[^A-Za-z\s*])[^\n]{0,500}?(?P=mark))|"
    rf"\\(?P<how>(?:re)?newcommand|providecommand|DeclareRobustCommand)\*?\s*+(?:\{{\s*+(?P<braced>{_NAME})\s*+\}}|(?P<bare>{_NAME}))"
    r"\s*+(?:\[(?P<count>\d)\]\s*+)?(?:\[(?P<default>[^\[\]]{0,300})\]\s*+)?(?=\{)|"
    rf"\\def\s*+(?P<plain>{_NAME})(?P<parameters>(?:#\d)*+)(?=\{{)|"
    rf"(?P<use>{_NAME})",
    re.DOTALL,
)
_SPACE = re.compile(r"\s*+")
_OPTION = re.compile(r"\s*+\[([^\[\]]{0,300})\]")
_TOKEN = re.compile(rf"\s*+({_NAME}|[^\s{{}}])")
_PARAMETER = re.compile(r"#([1-9])")
_ENDS_IN_NAME = re.compile(rf"{_NAME}\Z")
_XSPACE = r"\xspace"
_DEEPEST = 20
"""How deep commands are written out that use each other, or themselves."""
_MOST_USES = 100_000
_MOST_TEXT = 5_000_000
"""Code points that are put in for commands: a few short definitions could make any number of them."""


@dataclass(frozen=True, slots=True)
class _Macro:
    body: str
    count: int
    default: str | None = None


@dataclass(slots=True)
class _Document:
    macros: dict[str, _Macro] = field(default_factory=dict)
    uses: int = 0
    length: int = 0


def written_out(source: str) -> str:
    r"""A document without its definitions, and with what they stand for.

    Of a command of LaTeX that the document changes (``\renewcommand``), the meaning stays. A use whose arguments are
    missing, or one beyond what is sensible, is left as it is.
    """
    return _written_out(source, _Document(), 0)


def _written_out(source: str, document: _Document, depth: int) -> str:
    pairs = _pairs(source) if "{" in source else {}
    pieces, at = [], 0
    while match := _COMMAND.search(source, at):
        pieces.append(source[at : match.start()])
        at = match.end()
        if match["verbatim"]:
            pieces.append(match[0])
        elif match["use"]:
            text, at = _used(source, match, pairs, document, depth)
            pieces.append(text)
        elif (end := pairs.get(at)) is None:
            pieces.append(match[0])
        else:
            _define(match, source[at + 1 : end], document)
            at = end + 1
    return "".join([*pieces, source[at:]])


def _define(match: re.Match[str], body: str, document: _Document) -> None:
    name = match["plain"] or match["braced"] or match["bare"]
    is_known = name in document.macros
    if (match["how"] == "renewcommand" and not is_known) or (match["how"] == "providecommand" and is_known):
        return
    count = len(match["parameters"]) // 2 if match["plain"] else int(match["count"] or 0)
    document.macros[name] = _Macro(body, count, match["default"])


def _used(source: str, match: re.Match[str], pairs: dict[int, int], document: _Document, depth: int) -> tuple[str, int]:
    """What stands for a command and its arguments, and where these end."""
    macro = document.macros.get(match["use"])
    found = _arguments(source, match.end(), macro, pairs) if macro else None
    if macro is None or found is None or depth >= _DEEPEST or document.uses >= _MOST_USES:
        return match[0], match.end()
    arguments, end = found
    text = _PARAMETER.sub(lambda number: _argument(arguments, int(number[1])), macro.body)
    document.uses += 1
    document.length += len(text)
    if document.length > _MOST_TEXT:
        document.uses = _MOST_USES
        return match[0], match.end()
    if text.endswith(_XSPACE):
        text = text.removesuffix(_XSPACE)
    elif not macro.count:
        end = _space(source, end)
    text = _written_out(text, document, depth + 1)
    return (f"{text}{{}}" if _ENDS_IN_NAME.search(text) else text), end


def _argument(arguments: list[str], number: int) -> str:
    return arguments[number - 1] if number <= len(arguments) else ""


def _arguments(source: str, at: int, macro: _Macro, pairs: dict[int, int]) -> tuple[list[str], int] | None:
    """The arguments of a command that ends at ``at``, and where they end; None where one is missing."""
    arguments = []
    if macro.default is not None and macro.count:
        option = _OPTION.match(source, at)
        arguments.append(option[1] if option else macro.default)
        at = option.end() if option else at
    while len(arguments) < macro.count:
        start = _space(source, at)
        token = _TOKEN.match(source, at)
        if start in pairs:
            arguments.append(source[start + 1 : pairs[start]])
            at = pairs[start] + 1
        elif token:
            arguments.append(token[1])
            at = token.end()
        else:
            return None
    return arguments, at


def _space(source: str, at: int) -> int:
    found = _SPACE.match(source, at)
    return found.end() if found else at


def _pairs(source: str) -> dict[int, int]:
    """Where each brace that opens is closed."""
    pairs, opened = {}, []
    for found in re.finditer(r"\\.|[{}]", source, re.DOTALL):
        if found[0] == "{":
            opened.append(found.start())
        elif found[0] == "}" and opened:
            pairs[opened.pop()] = found.start()
    return pairs
