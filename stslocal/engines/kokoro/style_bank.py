"""The style bank: measurements of Kokoro's built-in voices in the languages they were tried in.

scripts/build_style_bank.py measures them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class StyleBank:
    """Measurements of each built-in style in one language."""

    names: tuple[str, ...]
    embeddings: NDArray[np.float32]
    """Shape (styles, 256), unit length."""
    pitches_hz: NDArray[np.float32]
    """Median F0, shape (styles,)."""
    character_error_rates: NDArray[np.float32]
    """Of the style's speech recognized by whisper-base, as shares, shape (styles,)."""


@cache
def style_banks() -> Mapping[str, StyleBank]:
    """The banks of the package, by language."""
    with files("stslocal.engines.kokoro").joinpath("style_bank.npz").open("rb") as file:
        stored: dict[str, NDArray[Any]] = dict(np.load(file))
    names = tuple(str(name) for name in stored["styles"])
    languages = [key.split("/")[0] for key in stored if key.endswith("/embedding")]
    banks = {}
    for language in languages:
        embeddings = stored[f"{language}/embedding"].astype(np.float32)
        embeddings /= np.linalg.norm(embeddings, axis=1, keepdims=True)
        banks[language] = StyleBank(
            names=names,
            embeddings=embeddings,
            pitches_hz=stored[f"{language}/pitch_hz"],
            character_error_rates=stored[f"{language}/character_error_rate"],
        )
    return banks
