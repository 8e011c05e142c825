"""Tables of models with one direction of translation each: a row is a file of a model."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeAlias

from stslocal.errors import ModelError
from stslocal.models.manifest import Model

Row: TypeAlias = dict[str, str]


def models_of(
    table: Path, columns: Sequence[str], model_of: Callable[[str, str, Sequence[Row]], Model]
) -> dict[str, Model]:
    """The models by id, in the order of a TSV table whose first line is its header.

    `columns` are its columns, `source` and `target` among them. `model_of` makes a model of its
    source, its target and its rows. Raises ModelError for a damaged table.
    """
    try:
        lines = table.read_text(encoding="utf-8").splitlines()
        by_direction: dict[tuple[str, str], list[Row]] = {}
        for line in lines[1:]:
            row = dict(zip(columns, line.split("\t"), strict=True))
            by_direction.setdefault((row["source"], row["target"]), []).append(row)
        models = (model_of(source, target, rows) for (source, target), rows in by_direction.items())
        return {model.id: model for model in models}
    except (OSError, ValueError, KeyError) as error:
        raise ModelError(
            f"{table} cannot be read as a table of models ({error}): install stslocal again"
        ) from error
