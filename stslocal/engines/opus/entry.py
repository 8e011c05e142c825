"""The entry of OPUS-MT in the registry: one for each pair that its models reach."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from importlib.resources import files

from stslocal.engines.entry import TRANSLATOR, EngineEntry, Weights
from stslocal.engines.pairs import Direction, pivoted
from stslocal.engines.protocols import Capabilities


def published() -> tuple[Direction, ...]:
    """The directions of the models `opus-XX-YY` in the manifest."""
    table = files("stslocal").joinpath("opus_models.tsv").read_text(encoding="utf-8")
    rows = (line.split("\t") for line in table.splitlines()[1:])
    return tuple(dict.fromkeys((source, target) for source, target, *_ in rows))


def weights_of(published: Iterable[Direction]) -> tuple[Weights, ...]:
    """The weights for every pair that these directions reach, directly or through English.

    Only a model of its own can continue a forced prefix.
    """
    models = {(source, target): f"opus-{source}-{target}" for source, target in published}
    through_english = [
        Weights(both, _capabilities(pair, continues=False), name=f"opus-{'-'.join(pair)}")
        for pair, both in pivoted(models).items()
    ]
    direct = [
        Weights((model,), _capabilities(pair, continues=True), name=model)
        for pair, model in models.items()
    ]
    return (*through_english, *direct)


def _capabilities(pair: Direction, *, continues: bool) -> Callable[[], Capabilities]:
    return lambda: Capabilities(pairs=frozenset([pair]), continues=continues)


ENTRY = EngineEntry(
    name="opus",
    role=TRANSLATOR,
    target="stslocal.engines.opus.translator:OpusTranslator",
    preference=2,
    weights=weights_of(published()),
    options=("capabilities", "device", "compute_type", "threads", "announce"),
    packages=("ctranslate2", "sentencepiece"),
)
