"""The register of a voice: a man's, a woman's or a child's.

Pitch alone does not tell it: a man who speaks to a crowd is as high as a woman who does not. So the
speaker encoder decides between man and others, and the pitch moves the limit. The direction in
which men and women differ is that of the built-in voices (linear discriminant analysis), whose sex
their names say. Source: Fisher 1936, "The use of multiple measurements in taxonomic problems".

Measured on 61 speakers of six languages whose sex is known or clear: 2 errors in 393 pieces of 3 s,
and none in 107 of 8 s. The nearest voice alone was of the other sex in 7 % for Portuguese and 6 %
for English.
"""

from __future__ import annotations

from functools import cache
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from stslocal.engines.kokoro.style_bank import StyleBank, style_banks
from stslocal.types import Embedding

Register: TypeAlias = Literal["man", "woman", "child"]

OWNERS: dict[Register, str] = {"man": "a man's", "woman": "a woman's", "child": "a child's"}
"""How a voice of each register is named for a person."""
_CHILD_STYLE_HZ = 250.0
"""A built-in voice of at least this median F0 sounds like a child's."""
_CHILD_HZ = 270.0
"""The median F0 of a speaker from which the voice is a child's, or as high as one."""
_RIDGE = 0.015
"""Added to the variance of each dimension: 108 voices are few for 256 dimensions."""
_LIMIT, _LIMIT_PER_OCTAVE, _LIMIT_AT_HZ = 0.045, 0.25, 160.0
"""A voice is a man's above this limit, which is higher for a higher voice."""
_LOWEST_LIMIT, _HIGHEST_LIMIT = -0.05, 0.1


def speaker_register(embedding: Embedding, pitch_hz: float) -> Register:
    """The register of a speaker.

    `embedding` is the speaker encoder's, shape (256,), unit length. `pitch_hz` is the median F0; 0
    where it is not known.
    """
    direction, middle = man_direction()
    octaves = np.log2(pitch_hz / _LIMIT_AT_HZ) if pitch_hz > 0.0 else 0.0
    limit = np.clip(_LIMIT + _LIMIT_PER_OCTAVE * octaves, _LOWEST_LIMIT, _HIGHEST_LIMIT)
    if float(embedding @ direction) - middle > limit:
        return "man"
    return "child" if pitch_hz >= _CHILD_HZ else "woman"


def style_registers(bank: StyleBank) -> tuple[Register, ...]:
    """The register of each style of a bank."""
    return tuple(
        "child" if pitch_hz >= _CHILD_STYLE_HZ else "man" if is_male(name) else "woman"
        for name, pitch_hz in zip(bank.names, bank.pitches_hz, strict=True)
    )


def is_male(name: str) -> bool:
    """Whether a built-in voice is a man's or a boy's: the second letter of its name says it."""
    return name[1:2] == "m"


@cache
def man_direction() -> tuple[NDArray[np.float64], float]:
    """The direction from women's to men's voices, shape (256,), unit length, and its middle."""
    voices = np.concatenate([bank.embeddings for bank in style_banks().values()], dtype=np.float64)
    male = np.array([is_male(name) for bank in style_banks().values() for name in bank.names])
    men, women = voices[male].mean(axis=0), voices[~male].mean(axis=0)
    apart = np.concatenate([voices[male] - men, voices[~male] - women])
    spread = apart.T @ apart / len(apart) + _RIDGE * np.eye(apart.shape[1])
    direction = np.linalg.solve(spread, men - women)
    direction /= np.linalg.norm(direction)
    return direction, float(direction @ (men + women)) / 2
