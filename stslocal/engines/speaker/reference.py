"""Measures whether a recording is good enough to make a voice from, with a verdict in words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from stslocal.audio.telephone import bands, is_telephone
from stslocal.engines.speaker.pitch import measure_pitch
from stslocal.types import RECOGNITION_RATE, Samples

_FRAME_S = 0.03
_LEAST_SPEECH_S = 1.0
_LEAST_VOICED_S = 0.4
"""Half of speech is voiced, and a part of that is too quiet to be measured."""
_GOOD_SPEECH_S = 6.0
_QUIETEST_DBFS, _QUIET_DBFS = -70.0, -45.0
"""Below the first a recording cannot be judged; below the second the converter's noise is near."""
_MEASURED_S = 60.0
"""Seconds. Only the beginning of a longer recording is measured."""
_PIECE_S = 0.1
"""Seconds whose bands are measured at once."""
_CLIP = 0.985
_MOST_CLIPPED = 0.005
_LEAST_SNR_DB = 12.0
_PAUSE_S = 0.2
"""Seconds that are kept of a longer pause, half on either side."""


@dataclass(frozen=True, slots=True)
class ReferenceQuality:
    """How good a recording is for a voice cloner."""

    speech_s: float
    """Seconds that are not pauses."""
    voiced_s: float
    """Seconds with a pitch."""
    pitch_hz: float
    """Median F0; 0.0 when nothing is voiced."""
    level_dbfs: float
    """Root mean square of the loud parts."""
    clipped_share: float
    """Share of the samples that touch full scale."""
    snr_db: float
    """Loud parts over quiet parts; 60 at most."""
    usable: bool
    faults: tuple[str, ...]
    """Each fault of the recording with its remedy, the worst first."""

    @property
    def verdict(self) -> str:
        """The faults, or the good quality, in one line."""
        if self.faults:
            return "; ".join(self.faults)
        return f"good: {self.speech_s:.0f} s of speech, {self.snr_db:.0f} dB above the noise"


def judge_reference(audio: Samples, sample_rate: int) -> ReferenceQuality:
    """Measure a reference recording, shape (n,).

    A recording with too little voice or too low a level is not usable. Other faults make the
    voice worse, but the recording stays usable.
    """
    audio = audio[: round(_MEASURED_S * sample_rate)]
    levels = _frame_levels(audio, sample_rate)
    loud = float(np.quantile(levels, 0.95)) if len(levels) else 0.0
    quiet = float(np.quantile(levels, 0.05)) if len(levels) else 0.0
    pitch = measure_pitch(audio, sample_rate)
    peak = float(np.abs(audio).max()) if len(audio) else 0.0
    # A resampler rounds the flat tops off, so the peak of a clipped sound is above full scale.
    full_scale = _CLIP * min(peak, 1.0)
    clipped = float(np.mean(np.abs(audio) >= full_scale)) if peak >= _CLIP else 0.0
    level = _decibels(loud)
    snr = min(60.0, level - _decibels(quiet))
    speech_s = float(np.count_nonzero(is_loud(levels))) * _FRAME_S
    enough = speech_s >= _LEAST_SPEECH_S and pitch.voiced_s >= _LEAST_VOICED_S
    faults = []
    if level <= _QUIETEST_DBFS:
        faults.append(f"too quiet to tell anything ({level:.0f} dBFS): check the microphone")
    elif not enough:
        faults.append(f"too little voice ({pitch.voiced_s:.1f} s of it): record 6 s of speech")
    else:
        faults += _faults(speech_s, level, clipped, snr)
        if _is_telephone(audio, sample_rate):
            faults.append("has the sound of a telephone: record it without a call or a headset")
    return ReferenceQuality(
        speech_s=speech_s,
        voiced_s=pitch.voiced_s,
        pitch_hz=pitch.median_hz,
        level_dbfs=level,
        clipped_share=clipped,
        snr_db=snr,
        usable=enough and level > _QUIETEST_DBFS,
        faults=tuple(faults),
    )


def _faults(speech_s: float, level: float, clipped: float, snr: float) -> Iterator[str]:
    if clipped > _MOST_CLIPPED:
        yield f"clipped ({clipped:.1%} of it): lower the input level"
    if snr < _LEAST_SNR_DB:
        yield f"noisy (speech is {snr:.0f} dB above the rest): find a quieter place"
    if level < _QUIET_DBFS:
        yield f"quiet ({level:.0f} dBFS): speak closer to the microphone"
    if speech_s < _GOOD_SPEECH_S:
        yield f"only {speech_s:.1f} s of speech: {_GOOD_SPEECH_S:.0f} s or more is better"


def _is_telephone(audio: Samples, sample_rate: int) -> bool:
    piece = round(_PIECE_S * sample_rate)
    whole = audio[: len(audio) // piece * piece].reshape(-1, piece)
    return sample_rate >= RECOGNITION_RATE and is_telephone(
        bands(each, sample_rate) for each in whole
    )


def without_pauses(audio: Samples, sample_rate: int, *, longest_s: float = 30.0) -> Samples:
    """The first `longest_s` seconds of `audio` after its pauses are cut to 0.2 s."""
    loud = is_loud(_frame_levels(audio, sample_rate))
    reach = round(_PAUSE_S / 2 / _FRAME_S)
    kept = np.convolve(loud, np.ones(2 * reach + 1), "same") > 0
    frame = round(_FRAME_S * sample_rate)
    mask = np.repeat(kept, frame)
    speech: Samples = audio[: len(mask)][mask]
    return speech[: round(longest_s * sample_rate)]


def _frame_levels(audio: Samples, sample_rate: int) -> Samples:
    frame = round(_FRAME_S * sample_rate)
    whole = audio[: len(audio) // frame * frame].reshape(-1, frame)
    return np.asarray(np.sqrt(np.mean(np.square(whole, dtype=np.float64), axis=1)), np.float32)


def is_loud(levels: Samples) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Which frames are well above the noise and not far below the loud frames.

    `levels` is the root mean square of each frame, shape (n,), as is the result.
    """
    if not len(levels):
        return np.zeros(0, np.bool_)
    floor, top = np.quantile(levels, [0.05, 0.95])
    threshold = max(min(2.0 * floor, 0.5 * top), 0.02 * top, 1e-5)
    return np.asarray(levels > threshold, np.bool_)


def _decibels(amplitude: float) -> float:
    return float(20 * np.log10(max(amplitude, 1e-6)))
