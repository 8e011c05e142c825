"""A TOML table that is read key by key, so that unknown keys are detected."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from typing import Any


class Mistake(Exception):  # noqa: N818 - the caller raises an error with the file's name from it
    """A mistake in a file; the message gives its place in the file."""


class Table:
    """A TOML table whose keys are taken one by one. `end` refuses those that are left."""

    def __init__(self, values: object, where: str) -> None:
        if not isinstance(values, dict):
            raise Mistake(f"{where} is not a table")
        self._values: dict[str, Any] = dict(values)
        self._known: list[str] = []
        self.where = where

    def take(self, key: str, kind: type, *default: object) -> Any:
        """Take a value and check its type. Without a default the key must exist."""
        self._known.append(key)
        if key not in self._values:
            if default:
                return default[0]
            raise Mistake(f"{self.where} has no '{key}'")
        value = self._values.pop(key)
        if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
            raise Mistake(f"{self.where}: '{key}' is not a {kind.__name__}")
        return value

    def match(self, key: str, pattern: str, what: str, *default: object) -> Any:
        """Take a string that the whole pattern matches; `what` describes the pattern."""
        value = self.take(key, str, *default)
        if isinstance(value, str) and not re.fullmatch(pattern, value):
            raise Mistake(f"{self.where}: '{key}' is not {what}: {value!r}")
        return value

    def strings(self, key: str, *default: tuple[str, ...]) -> tuple[str, ...]:
        """Take a list of strings."""
        values = self.take(key, list, *default)
        if not all(isinstance(value, str) for value in values):
            raise Mistake(f"{self.where}: '{key}' is not a list of strings")
        return tuple(values)

    def tables(self, key: str, *default: object) -> list[Table]:
        """Take an array of tables."""
        values = self.take(key, list, *default)
        return [Table(value, f"{self.where}.{key}[{n}]") for n, value in enumerate(values)]

    def maybe_table(self, key: str) -> list[Table]:
        """Take a table that may be missing. Returns a list with it, or an empty list."""
        value = self.take(key, dict, None)
        return [] if value is None else [Table(value, f"{self.where}.{key}")]

    def named_tables(self, key: str) -> list[tuple[str, Table]]:
        """Take a table of tables. Returns their names with them."""
        values = self.take(key, dict, {})
        return [(name, Table(value, f"{key}.{name}")) for name, value in values.items()]

    def end(self) -> None:
        """Refuse keys that were not taken. The message gives the nearest known key."""
        for key in self._values:
            raise Mistake(f"{self.where}: " + unknown("key", key, self._known))


def unknown(what: str, name: str, known: Iterable[str]) -> str:
    """The message for an unknown name, with the nearest known name or all known names."""
    near = difflib.get_close_matches(name, list(known), n=1)
    hint = f": did you mean '{near[0]}'?" if near else f"; there are {', '.join(known)}"
    return f"there is no {what} '{name}'{hint}"
