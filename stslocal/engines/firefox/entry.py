"""The entry of the Firefox models in the registry: one for each pair that they reach."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from stslocal.direction_tables import (
    FIREFOX_TABLE,
    PACKED,
    PACKED_MODEL,
    SMALLER,
    Direction,
    directions,
    has_packed_models,
)
from stslocal.engines.entry import TRANSLATOR, EngineEntry, Weights
from stslocal.engines.pairs import pivoted
from stslocal.engines.protocols import Capabilities


def weights_of(listed: Mapping[str, Direction], *, packed: bool) -> tuple[Weights, ...]:
    """The weights for every pair that these models reach, directly or through English.

    `listed` has the direction of each model by its id. A pair through English has the models of
    both directions. Where a direction has a smaller model too, its pairs have smaller weights,
    behind the best ones. `packed` says that a package has the models for English and Portuguese;
    they are the last weights.
    """
    best = {pair: name for name, pair in listed.items() if not name.endswith(SMALLER)}
    if packed:
        best |= dict.fromkeys(PACKED, PACKED_MODEL)
    smallest = best | {pair: name for name, pair in listed.items() if name.endswith(SMALLER)}
    both_ways = Weights(
        tuple(dict.fromkeys(best[pair] for pair in PACKED if pair in best)),
        _capabilities(*PACKED),
        name="firefox-en-pt",
        auto=not packed,  # bergamot runs the same files; see docs/benchmarks.md
        by_engine_name=True,
    )
    ways, smaller_ways = _ways(best), _ways(smallest)
    return (
        *(_weights(pair, models) for pair, models in ways.items()),
        *(
            _weights(pair, models, smaller=True)
            for pair, models in smaller_ways.items()
            if models != ways[pair]
        ),
        both_ways,
    )


def _ways(models: Mapping[Direction, str]) -> dict[Direction, tuple[str, ...]]:
    """The models of each pair but English and Portuguese: direct ones, then through English."""
    ways: dict[Direction, tuple[str, ...]] = {}
    ways.update((pair, (model,)) for pair, model in models.items() if pair not in PACKED)
    ways.update(pivoted(models))
    return ways


def _weights(pair: Direction, models: tuple[str, ...], *, smaller: bool = False) -> Weights:
    end = SMALLER if smaller else ""
    name = f"firefox-{'-'.join(pair)}{end}"
    return Weights(models, _capabilities(pair), name=name, smaller=smaller)


def _capabilities(*pairs: Direction) -> Callable[[], Capabilities]:
    return lambda: Capabilities(pairs=frozenset(pairs), takes_sentences=True)


ENTRY = EngineEntry(
    name="firefox",
    role=TRANSLATOR,
    target="stslocal.engines.firefox.translator:FirefoxTranslator",
    preference=3,
    weights=weights_of(directions(FIREFOX_TABLE), packed=has_packed_models()),
    options=("capabilities", "announce"),
    packages=("fxtranslate",),
)
