"""Pairs of languages that models with one direction each reach, directly or through English."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from stslocal.direction_tables import Direction
from stslocal.errors import SettingsError
from stslocal.languages import name_of

PIVOT = "en"
"""The language through which pairs without a model of their own are translated."""


def route(source: str, target: str, known: Collection[Direction]) -> list[Direction]:
    """The directions that lead from one language to another: one, or two through English.

    Empty where there is no way.
    """
    ways: list[list[Direction]] = [
        [(source, target)],
        [(source, PIVOT), (PIVOT, target)],
    ]
    return next((way for way in ways if all(direction in known for direction in way)), [])


def pivoted(models: Mapping[Direction, str]) -> dict[Direction, tuple[str, str]]:
    """The models into English and out of it for each pair that has no model of its own."""
    return {
        (source, target): (into, out_of)
        for (source, first), into in models.items()
        for (second, target), out_of in models.items()
        if first == second == PIVOT and source != target and (source, target) not in models
    }


def check_pair(
    engine: str, pairs: Collection[Direction], source: str, target: str, *, why: str = ""
) -> None:
    """Raise SettingsError for a pair that is not among those that an engine translates."""
    if (source, target) not in pairs:
        supported = ", ".join(f"{one} to {other}" for one, other in sorted(pairs))
        raise SettingsError(
            f"{engine} does not translate {name_of(source)} to {name_of(target)}{why}; "
            f"it translates {supported}"
        )
