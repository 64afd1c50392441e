"""What stands before the text of a Markdown file about it: YAML (``---``), TOML (``+++``) or a JSON object."""

import json
import re
import tomllib
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field

import yaml
from yaml.composer import ComposerError

from index.parsing.types import Note

_YAML = re.compile(r"---[ \t]*(?:\r\n|\r|\n)(.*?)(?<=[\r\n])(?:---|\.\.\.)[ \t]*(?=[\r\n]|\Z)", re.DOTALL)
_TOML = re.compile(r"\+\+\+[ \t]*(?:\r\n|\r|\n)(.*?)(?<=[\r\n])\+\+\+[ \t]*(?=[\r\n]|\Z)", re.DOTALL)
_JSON = re.compile(r"\{\s*\"")
_AFTER_JSON = re.compile(r"[ \t]*(?:[\r\n]|\Z)")
_PLAIN_FIELD = re.compile(r"([A-Za-z][\w-]*):[ \t]+([^\s\[\]{}&*!|>%@`'\"#,].*?)[ \t]*")
_FIELD = re.compile(r"\s*(?:#[^\r\n]*\s+)*\[?[\w-]+[\"']?\s*[:=\]]")
"""How front matter begins; other lines between two rules are text."""
_NESTED = ("extra", "taxonomies", "params")
"""Tables in which site generators (Zola, Hugo) keep authors and tags."""
_LONGEST = 100_000
"""Code points."""

Fields = dict[str, object]


class _Loader(yaml.SafeLoader):
    """YAML without references: a few lines of them grow without end."""

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            mark = self.peek_event().start_mark  # type: ignore[no-untyped-call]
            raise ComposerError(None, None, "it refers to another value with *: write the value out", mark)
        return super().compose_node(parent, index)


@dataclass(frozen=True, slots=True)
class FrontMatter:
    """The fields, where the body begins, and what of the fields can't be read."""

    fields: Fields = field(default_factory=dict)
    end: int = 0
    notes: tuple[Note, ...] = ()


def front_matter(source: str) -> FrontMatter:
    """Read what stands before the text: of invalid YAML and TOML each line by itself; invalid JSON is text."""
    if match := _YAML.match(source):
        return _read(match, "YAML", _read_yaml, _read_yaml_line)
    if match := _TOML.match(source):
        return _read(match, "TOML", _read_toml, _read_toml_line)
    return FrontMatter(*_read_json(source)) if _JSON.match(source) else FrontMatter()


def _read(
    match: re.Match[str],
    language: str,
    read: Callable[[str], Fields | None],
    read_line: Callable[[str], Fields | None],
) -> FrontMatter:
    text, end = match[1], match.end()
    if len(text) > _LONGEST:
        return FrontMatter(
            {}, end, (Note(f"the front matter is not read, it has {len(text)} characters, more than {_LONGEST}"),)
        )
    try:
        fields = read(text)
        return FrontMatter(fields, end) if fields is not None else FrontMatter()
    except _InvalidError as error:
        if not _FIELD.match(text):
            return FrontMatter()
        fields = {}
        for line in text.splitlines():
            with suppress(_InvalidError):
                fields |= read_line(line) or {}
        kept = f"of its fields {', '.join(map(str, fields))} are read" if fields else "it is not read"
        return FrontMatter(fields, end, (Note(f"the front matter is not valid {language} {error}: {kept}; mend it"),))


class _InvalidError(ValueError):
    """What is not valid in front matter, and where."""


def _read_yaml(text: str) -> Fields | None:
    """The fields; none where it is empty, None where it holds something else and is text."""
    try:
        fields = yaml.load(text, _Loader)
    except MemoryError:
        raise
    except Exception as error:  # a tag with a value that is not of its type raises whatever its constructor stumbles on
        mark = getattr(error, "problem_mark", None)
        where = f"at line {mark.line + 2}" if mark else "in a value"
        reason = " ".join(str(getattr(error, "problem", None) or f"{type(error).__name__}: {error}").split())
        raise _InvalidError(f"{where} ({reason})") from None
    return {} if fields is None else fields if isinstance(fields, dict) else None


def _read_yaml_line(line: str) -> Fields | None:
    """The field of a line; a value that is no YAML, such as a title with a colon, is text."""
    try:
        return _read_yaml(line)
    except _InvalidError:
        match = _PLAIN_FIELD.fullmatch(line)
        return {match[1]: match[2]} if match else None


def _read_toml(text: str) -> Fields | None:
    try:
        return _flat(tomllib.loads(text.replace("\r\n", "\n").replace("\r", "\n")))
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise _InvalidError(f"({error})") from None


def _read_toml_line(line: str) -> Fields | None:
    return None if line.lstrip().startswith("[") else _read_toml(line)


def _read_json(source: str) -> tuple[Fields, int]:
    try:
        fields, end = json.JSONDecoder(strict=False).raw_decode(source[:_LONGEST])
    except (ValueError, RecursionError):
        return {}, 0
    return (_flat(fields), end) if isinstance(fields, dict) and _AFTER_JSON.match(source, end) else ({}, 0)


def _flat(fields: Fields) -> Fields:
    nested = [table for name in _NESTED if isinstance(table := fields.get(name), dict)]
    return {name: value for table in [*nested, fields] for name, value in table.items()}
