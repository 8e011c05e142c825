"""The entry of NLLB-200 in the registry."""

from __future__ import annotations

from functools import cache
from itertools import permutations
from pathlib import Path

from stslocal.engines.entry import TRANSLATOR, EngineEntry, Weights
from stslocal.engines.model_json import read_strings
from stslocal.engines.protocols import Capabilities
from stslocal.engines.seq2seq.model_files import VOCABULARIES
from stslocal.errors import ModelIntegrityError
from stslocal.languages import languages


@cache
def capabilities() -> Capabilities:
    """NLLB-200 with all of its languages."""
    codes = [language.code for language in languages() if language.flores]
    return Capabilities(
        pairs=frozenset(permutations(codes, 2)), continues=True, has_alternatives=True
    )


def capabilities_of(folder: Path) -> Capabilities:
    """NLLB-200 with the languages in its vocabulary; with all, if that cannot be read."""
    try:
        known = set(read_strings(folder / VOCABULARIES[0]))
    except ModelIntegrityError:
        return capabilities()  # loading the model reports what is wrong
    codes = [language.code for language in languages() if language.flores in known]
    return Capabilities(
        pairs=frozenset(permutations(codes, 2)), continues=True, has_alternatives=True
    )


_MODELS = (
    "nllb-200-3.3b-meta",
    "nllb-200-3.3b",
    "nllb-200-distilled-1.3b-meta",
    "nllb-200-distilled-1.3b",
    "nllb-200-distilled-600m-meta",
    "nllb-200-distilled-600m",
)

ENTRY = EngineEntry(
    name="nllb",
    role=TRANSLATOR,
    target="stslocal.engines.nllb.translator:NllbTranslator",
    preference=1,
    weights=tuple(Weights((model,), capabilities, capabilities_of) for model in _MODELS),
    options=("device", "compute_type", "threads", "announce"),
    packages=("ctranslate2", "sentencepiece"),
)
