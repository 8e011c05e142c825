"""Checks what a program gives to be translated while it is spoken."""

from __future__ import annotations

import numpy as np

from stslocal.audio.arrays import checked_rate
from stslocal.errors import AudioDecodeError, SettingsError


def checked_stream(
    chunks: object, kinds: type | tuple[type, ...], sample_rate: object, on_audio: object
) -> int:
    """Refuse at once what cannot be streamed; returns the rate in hertz.

    `kinds` are the types that `chunks` may have. Raises AudioDecodeError or SettingsError.
    """
    rate = checked_rate(sample_rate, "the stream")
    if isinstance(chunks, np.ndarray | str | bytes) or not isinstance(chunks, kinds):
        raise AudioDecodeError(
            f"the chunks are a {type(chunks).__name__}: give an iterable of arrays, such as "
            "`[samples]`"
        )
    if not callable(on_audio):
        raise SettingsError(f"on_audio is {on_audio!r}: give a function that takes samples")
    return rate
