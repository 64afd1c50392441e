"""The schemas of an OpenAPI description, flat enough to be read: fields with their types, which link to one another."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

_LIMITS = {"minimum": "at least", "maximum": "at most", "maxLength": "at most", "maxItems": "at most"}
_COUNTED = {"maxLength": " characters", "maxItems": " of them"}


@dataclass(frozen=True, slots=True)
class Word:
    """Part of the name of a type; ``schema`` is the schema that it names, if it names one."""

    text: str
    schema: str | None = None


@dataclass(frozen=True, slots=True)
class Field:
    """A field of an object, or a parameter; ``default`` is JSON, empty where there is none."""

    name: str
    type: tuple[Word, ...]
    is_required: bool
    default: str
    description: str


@dataclass(frozen=True, slots=True)
class Schema:
    """An object that is sent or comes back."""

    name: str
    description: str
    fields: tuple[Field, ...]


def schemas(description: Mapping[str, Any]) -> list[Schema]:
    """The objects of a description, by name."""
    found = sorted(description["components"]["schemas"].items())
    return [Schema(name, each.get("description", ""), fields_of(each)) for name, each in found if "properties" in each]


def fields_of(schema: Mapping[str, Any]) -> tuple[Field, ...]:
    """The fields of an object."""
    required = schema.get("required", ())
    return tuple(field(name, each, name in required) for name, each in schema.get("properties", {}).items())


def field(name: str, schema: Mapping[str, Any], is_required: bool, description: str = "") -> Field:
    """A field, or a parameter with its own description."""
    default = schema.get("default")
    written = "" if default in (None, [], "", {}) or isinstance(default, dict) else json.dumps(default)
    meaning = description or schema.get("description", "")
    return Field(name, tuple(type_of(schema)), is_required, written, meaning)


def type_of(schema: Mapping[str, Any]) -> Iterator[Word]:
    """What values are: “text”, “list of CitationModel”, “whole number, at least 1, at most 20”."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        yield Word(name, name)
    elif "anyOf" in schema or "oneOf" in schema:
        for at, each in enumerate(schema.get("anyOf") or schema["oneOf"]):
            yield from [Word(" or ")] if at else []
            yield from type_of(each)
    elif "enum" in schema or "const" in schema:
        yield Word(" or ".join(json.dumps(each) for each in schema.get("enum", [schema.get("const")])))
    elif schema.get("type") == "array":
        yield Word("list of ")
        yield from type_of(schema.get("items", {}))
        yield from _limits(schema)
    else:
        names = {"string": "text", "integer": "whole number", "boolean": "true or false", "null": "null"}
        given = schema.get("type", "anything")
        yield Word({"date": "day", "date-time": "moment"}.get(schema.get("format", ""), names.get(given, given)))
        yield from _limits(schema)


def _limits(schema: Mapping[str, Any]) -> Iterator[Word]:
    for name, words in _LIMITS.items():
        if name in schema:
            yield Word(f", {words} {schema[name]:g}{_COUNTED.get(name, '')}")
