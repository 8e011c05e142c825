"""The JSON Schema of a line of `stslocal live --json`, made from the classes of the events.

Source: https://json-schema.org/draft-07.
"""

from __future__ import annotations

import ast
import inspect
import textwrap
from dataclasses import fields, is_dataclass
from types import UnionType
from typing import Any, Literal, TypeAlias, Union, get_args, get_origin, get_type_hints

from stslocal.metrics.event_lines import event_name
from stslocal.metrics.events import Event

Schema: TypeAlias = dict[str, Any]

_TYPES = {
    bool: "boolean", int: "integer", float: "number", str: "string", type(None): "null",
}  # fmt: skip
_ERROR: Schema = {
    "description": "Why the command failed: the last line.",
    "type": "object",
    "properties": {
        "error": {
            "type": "object",
            "properties": {
                "message": {"description": "The sentence that is on stderr.", "type": "string"},
                "exit_code": {"description": "That of the program.", "type": "integer"},
                "command": {"type": ["string", "null"]},
            },
            "required": ["message", "exit_code", "command"],
        }
    },
    "required": ["error"],
}


def event_schema() -> Schema:
    """The schema of a line: an event, an error, or an event of a later release."""
    definitions: Schema = {}
    names = []
    for kind in get_args(Event):
        name = event_name(kind)
        names.append(name)
        definitions[name] = _object(kind, definitions, event=name)
    definitions["error"] = _ERROR
    definitions["later_event"] = {
        "description": "An event that came with a later release.",
        "type": "object",
        "properties": {"event": {"type": "string", "not": {"enum": names}}},
        "required": ["event"],
    }
    lines = [*names, "error", "later_event"]
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "A line of `stslocal live --json`",
        "description": (
            "Also of the file NAME.LANG.events.jsonl that `--record` writes. Names that end with "
            "`_s` are seconds; `at_s` and positions in the source count from the first sample "
            "that was captured. Any release may add events, fields of an event and words of an "
            "enumeration: ignore those that you do not know. What is there keeps its name and "
            "its meaning."
        ),
        "oneOf": [{"$ref": f"#/definitions/{name}"} for name in lines],
        "definitions": definitions,
    }


def field_notes(kind: type) -> dict[str, str]:
    """The string literal under each field of a class, by the field's name."""
    (cls,) = ast.parse(textwrap.dedent(inspect.getsource(kind))).body
    assert isinstance(cls, ast.ClassDef)
    found = {}
    for field, below in zip(cls.body, cls.body[1:], strict=False):
        if isinstance(field, ast.AnnAssign) and isinstance(below, ast.Expr):
            assert isinstance(below.value, ast.Constant)
            found[ast.unparse(field.target)] = " ".join(str(below.value.value).split())
    return found


def _object(kind: type, definitions: Schema, **constants: str) -> Schema:
    """The schema of a dataclass, with the names that stand beside its fields."""
    assert is_dataclass(kind)
    notes, hints = field_notes(kind), get_type_hints(kind)
    properties: Schema = {name: {"const": value} for name, value in constants.items()}
    for field in fields(kind):
        about = {"description": notes[field.name]} if field.name in notes else {}
        properties[field.name] = about | _value(hints[field.name], definitions)
    return {
        "description": " ".join((kind.__doc__ or "").split()),
        "type": "object",
        "properties": properties,
        "required": list(properties),
    }


def _value(hint: Any, definitions: Schema) -> Schema:
    """The schema of a field's value. A dataclass is added to the definitions."""
    if hint in _TYPES:
        return {"type": _TYPES[hint]}
    kinds = get_args(hint)
    if get_origin(hint) is Literal:
        return {"enum": list(kinds)}
    if get_origin(hint) is tuple and kinds[1:] == (...,):
        return {"type": "array", "items": _value(kinds[0], definitions)}
    if get_origin(hint) in (Union, UnionType):
        return {"anyOf": [_value(kind, definitions) for kind in kinds]}
    if is_dataclass(hint) and isinstance(hint, type):
        name = hint.__name__.lower()
        definitions[name] = _object(hint, definitions)
        return {"allOf": [{"$ref": f"#/definitions/{name}"}]}
    raise TypeError(f"no schema for a field of type {hint}")
