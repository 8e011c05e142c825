"""Tells speech that came through a telephone, with nothing above 4 kHz, from other speech."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from stslocal.types import Samples

_FRAME_S = 0.032
_LOW, _HIGH = slice(10, 110), slice(141, 244)
"""Bins of 31.25 Hz: 0.3 to 3.4 kHz, which a telephone carries, and 4.4 to 7.6 kHz."""
_TELEPHONE_DB = -58.0
"""Level of the high band, in the pieces that have most of it, over that of the low one. Wideband
speech has -45 dB or more: the least of 95 recordings in 20 collections, one of 1961. The same
speech sampled at 8 kHz has -93 dB or less."""


def bands(sound: Samples, sample_rate: int) -> tuple[float, float]:
    """The power of a piece of sound, shape (n,), in the low and in the high band.

    `sample_rate` is 16 kHz or more, so that the high band can be there.
    """
    frame = round(_FRAME_S * sample_rate)
    window = np.hanning(frame).astype(np.float32)
    frames = sound[: len(sound) // frame * frame].reshape(-1, frame) * window
    power = (np.abs(np.fft.rfft(frames)) ** 2).sum(axis=0)
    return float(power[_LOW].sum()), float(power[_HIGH].sum())


def is_telephone(pieces: Iterable[tuple[float, float]]) -> bool:
    """Whether speech whose pieces have these bands came through a telephone."""
    low, high = np.array(list(pieces)).T
    loud, most = float(np.percentile(low, 90)), float(np.percentile(high, 95))
    return loud > 0 and most < loud * 10 ** (_TELEPHONE_DB / 10)
