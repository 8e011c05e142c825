"""The entry of OPUS-MT in the registry: one for each pair that its models reach."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from stslocal.direction_tables import OPUS_TABLE, Direction, directions
from stslocal.engines.entry import TRANSLATOR, EngineEntry, Weights
from stslocal.engines.pairs import pivoted
from stslocal.engines.protocols import Capabilities


def weights_of(listed: Mapping[str, Direction]) -> tuple[Weights, ...]:
    """The weights for every pair that these models reach, directly or through English.

    Only a model of its own can continue a forced prefix, and has alternatives.
    """
    models = {pair: name for name, pair in listed.items()}
    through_english = [
        Weights(both, _capabilities(pair, is_direct=False), name=f"opus-{'-'.join(pair)}")
        for pair, both in pivoted(models).items()
    ]
    direct = [
        Weights((model,), _capabilities(pair, is_direct=True), name=model)
        for pair, model in models.items()
    ]
    return (*through_english, *direct)


def _capabilities(pair: Direction, *, is_direct: bool) -> Callable[[], Capabilities]:
    return lambda: Capabilities(
        pairs=frozenset([pair]),
        continues=is_direct,
        takes_sentences=True,
        has_alternatives=is_direct,
    )


ENTRY = EngineEntry(
    name="opus",
    role=TRANSLATOR,
    target="stslocal.engines.opus.translator:OpusTranslator",
    preference=2,
    weights=weights_of(directions(OPUS_TABLE)),
    options=("capabilities", "device", "compute_type", "threads", "announce"),
    packages=("ctranslate2", "sentencepiece"),
)
