"""A TOML table that is read key by key, so that what nobody reads is found to be a mistake."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from typing import Any


class Mistake(Exception):  # noqa: N818 - whoever reads the file makes an error that names it
    """What is wrong and where, inside a file."""


class Table:
    """A TOML table whose keys are taken one by one; what is left over is a mistake."""

    def __init__(self, values: object, where: str) -> None:
        if not isinstance(values, dict):
            raise Mistake(f"{where} is not a table")
        self._values: dict[str, Any] = dict(values)
        self._known: list[str] = []
        self.where = where

    def take(self, key: str, kind: type, *default: object) -> Any:
        """Take a value of a type; without a default it must be there."""
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
        """Take a string that a pattern matches whole; `what` is the pattern in words."""
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
        """Take a table that may be missing: a list of one, or an empty one."""
        value = self.take(key, dict, None)
        return [] if value is None else [Table(value, f"{self.where}.{key}")]

    def named_tables(self, key: str) -> list[tuple[str, Table]]:
        """Take the tables inside a table, with their names."""
        values = self.take(key, dict, {})
        return [(name, Table(value, f"{key}.{name}")) for name, value in values.items()]

    def end(self) -> None:
        """Refuse what was not taken, with the nearest known key."""
        for key in self._values:
            raise Mistake(f"{self.where}: " + unknown("key", key, self._known))


def unknown(what: str, name: str, known: Iterable[str]) -> str:
    """Say that there is no such name, and which one may be meant."""
    near = difflib.get_close_matches(name, list(known), n=1)
    hint = f": did you mean '{near[0]}'?" if near else f"; there are {', '.join(known)}"
    return f"there is no {what} '{name}'{hint}"
