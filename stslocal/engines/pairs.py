"""Pairs of languages that models with one direction each reach, directly or through English."""

from __future__ import annotations

from collections.abc import Callable, Collection, Container, Mapping
from typing import TypeVar

from stslocal.direction_tables import Direction
from stslocal.errors import SettingsError
from stslocal.languages import name_of

T = TypeVar("T")

PIVOT = "en"
"""The language through which pairs without a model of their own are translated."""


def route(source: str, target: str, *known: Container[Direction]) -> list[Direction]:
    """The directions that lead from one language to another: one, or two through English.

    Each must be in one of the containers. Empty where there is no way.
    """
    ways: list[list[Direction]] = [
        [(source, target)],
        [(source, PIVOT), (PIVOT, target)],
    ]

    def is_known(direction: Direction) -> bool:
        return any(direction in each for each in known)

    return next((way for way in ways if source != target and all(map(is_known, way))), [])


def pivoted(models: Mapping[Direction, str]) -> dict[Direction, tuple[str, str]]:
    """The models into English and out of it for each pair that has no model of its own."""
    return {
        (source, target): (into, out_of)
        for (source, first), into in models.items()
        for (second, target), out_of in models.items()
        if first == second == PIVOT and source != target and (source, target) not in models
    }


def legs(
    translators: Collection[T],
    pairs_of: Callable[[T], Collection[Direction]],
    source: str,
    target: str,
) -> tuple[list[T], list[T]]:
    """The translators from `source` into English, and those from English into `target`.

    One of either reach the pair together. `source` may be `auto`, for any language.
    """
    into, out_of = [], []
    for each in translators:
        pairs = pairs_of(each)
        if any(second == PIVOT and source in ("auto", first) for first, second in pairs):
            into.append(each)
        if (PIVOT, target) in pairs:
            out_of.append(each)
    return into, out_of


def reached(pairs: Collection[Direction], target: str) -> set[str]:
    """The languages that these pairs lead from to `target`, directly or through English."""
    last = {target, PIVOT} if (PIVOT, target) in pairs else {target}
    return {first for first, second in pairs if second in last and first != target}


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
