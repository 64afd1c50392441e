"""What stands before the text of a Markdown file about it: YAML (``---``), TOML (``+++``) or a JSON object."""

import json
import re
import tomllib

import yaml
from yaml.composer import ComposerError

from index.parsing.types import LoadError

_YAML = re.compile(r"---[ \t]*(?:\r\n|\r|\n)(.*?)(?<=[\r\n])(?:---|\.\.\.)[ \t]*(?=[\r\n]|\Z)", re.DOTALL)
_TOML = re.compile(r"\+\+\+[ \t]*(?:\r\n|\r|\n)(.*?)(?<=[\r\n])\+\+\+[ \t]*(?=[\r\n]|\Z)", re.DOTALL)
_JSON = re.compile(r"\{\s*\"")
_AFTER_JSON = re.compile(r"[ \t]*(?:[\r\n]|\Z)")
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


def front_matter(source: str) -> tuple[Fields, int]:
    """The fields of the front matter, and where the body begins.

    :raises LoadError: if it is not valid YAML or TOML, or too long. What is no valid JSON is text.
    """
    if match := _YAML.match(source):
        return _read_yaml(_within_limits(match[1]), match.end())
    if match := _TOML.match(source):
        return _read_toml(_within_limits(match[1])), match.end()
    return _read_json(source) if _JSON.match(source) else ({}, 0)


def _within_limits(text: str) -> str:
    if len(text) > _LONGEST:
        raise LoadError(f"the front matter has {len(text)} characters, more than {_LONGEST}: shorten it")
    return text


def _read_yaml(text: str, end: int) -> tuple[Fields, int]:
    try:
        fields = yaml.load(text, _Loader)
    except MemoryError:
        raise
    except Exception as error:  # a tag with a value that is not of its type raises whatever its constructor stumbles on
        mark = getattr(error, "problem_mark", None)
        where = f"at line {mark.line + 2}" if mark else "in a value"
        reason = " ".join(str(getattr(error, "problem", None) or f"{type(error).__name__}: {error}").split())
        raise LoadError(f"the front matter is not valid YAML {where} ({reason}): mend it or remove it") from None
    if fields is None:
        return {}, end
    return (fields, end) if isinstance(fields, dict) else ({}, 0)


def _read_toml(text: str) -> Fields:
    try:
        fields: Fields = tomllib.loads(text.replace("\r\n", "\n").replace("\r", "\n"))
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise LoadError(f"the front matter is not valid TOML ({error}): mend it or remove it") from None
    return _flat(fields)


def _read_json(source: str) -> tuple[Fields, int]:
    try:
        fields, end = json.JSONDecoder(strict=False).raw_decode(source[:_LONGEST])
    except (ValueError, RecursionError):
        return {}, 0
    return (_flat(fields), end) if isinstance(fields, dict) and _AFTER_JSON.match(source, end) else ({}, 0)


def _flat(fields: Fields) -> Fields:
    nested = [table for name in _NESTED if isinstance(table := fields.get(name), dict)]
    return {name: value for table in [*nested, fields] for name, value in table.items()}
