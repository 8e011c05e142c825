"""Whether a reference is the speech of one person: music and second speakers are found.

The detector of speech says how much of the sound is speech. The speaker encoder compares the parts
of that speech with each other: the parts are divided into the two groups that differ most, and
where two persons speak these differ much more than two halves of one person's speech.

The limits were measured. In 234 recordings of one speaker, speech was found in 66 % or more of the
sound, and the groups were 0.82 alike or more: none is refused. In music and noise speech was 2 % or
less. Of two speakers one after the other 60 of 60 recordings are refused, of two who take turns of
3 s 56 of 60, and of one with 4 s of another one at the end 49 of 60.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from stslocal.engines.protocols import SpeakerEncoder, VoiceActivityDetector
from stslocal.engines.speaker.reference import is_loud
from stslocal.types import RECOGNITION_RATE, Samples

LEAST_SPEECH_SHARE = 0.4
"""Share of the sound that must be speech."""
LEAST_LIKENESS = 0.76
"""Cosine similarity of the two groups of parts: below it they are two speakers."""
_LEAST_PARTS = 3
"""Parts in the smaller group: about three seconds. One part alone may be a laugh."""
_PART_S, _HOP_S = 1.6, 0.77
"""Seconds: the encoder is made for parts of 1.6 s."""
MEASURED_S = 60.0
"""Seconds of a longer recording that are measured, from its beginning."""
_SPEECH = 0.5
"""Probability from which a window is speech."""
_ROUNDS = 20

_Embeddings: TypeAlias = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class SpeakerEvidence:
    """What was measured, and the fault that follows from it."""

    speech_share: float
    """Share of the sound that is speech, 0 to 1."""
    likeness: float | None
    """Cosine similarity of the two groups of parts; None where there are too few parts."""
    second_share: float = 0.0
    """Share of the parts that are in the smaller group."""

    @property
    def fault(self) -> str:
        """Why no voice is to be made of the recording, for a person; empty if there is nothing."""
        if self.speech_share < LEAST_SPEECH_SHARE:
            return (
                f"it seems to be music or noise: {self.speech_share:.0%} of its sound is speech, "
                f"and {LEAST_SPEECH_SHARE:.0%} are needed"
            )
        if self.likeness is not None and self.likeness < LEAST_LIKENESS:
            return (
                f"two persons seem to speak in it: {self.second_share:.0%} of the speech differs "
                f"from the rest ({self.likeness:.2f} alike, and one voice has {LEAST_LIKENESS} or "
                "more)"
            )
        return ""


def judge_speakers(
    audio: Samples, detector: VoiceActivityDetector, encoder: SpeakerEncoder | None
) -> SpeakerEvidence:
    """Measure a reference at 16 kHz, shape (n,). Without an encoder, speakers are not compared."""
    audio = audio[: round(MEASURED_S * RECOGNITION_RATE)]
    windows = audio[: len(audio) // detector.window * detector.window]
    probabilities, _ = detector.probabilities(windows, detector.initial_state())
    framed = windows.reshape(-1, detector.window)
    levels = np.sqrt(np.mean(np.square(framed, dtype=np.float64), axis=1)).astype(np.float32)
    loud = is_loud(levels)
    is_speech = probabilities > _SPEECH
    share = float(is_speech[loud].mean()) if loud.any() else 0.0
    if encoder is None or share < LEAST_SPEECH_SHARE:
        return SpeakerEvidence(share, None)
    parts = _embedded(framed[is_speech].reshape(-1), encoder)
    likeness, second_share = _compared(parts)
    return SpeakerEvidence(share, likeness, second_share)


def _embedded(speech: Samples, encoder: SpeakerEncoder) -> _Embeddings:
    """Embed overlapping parts of speech: shape (parts, n), unit length."""
    length, hop = (round(seconds * RECOGNITION_RATE) for seconds in (_PART_S, _HOP_S))
    starts = range(0, len(speech) - length + 1, hop)
    parts = [encoder.embed(speech[start : start + length]) for start in starts]
    return np.stack(parts) if parts else np.zeros((0, 1), np.float32)


def _compared(parts: _Embeddings) -> tuple[float | None, float]:
    """Divide the parts into two groups (k-means): their likeness and the share of the smaller one.

    The likeness is None where the smaller group has too few parts to tell.
    """
    if len(parts) < 2 * _LEAST_PARTS:
        return None, 0.0
    alike = parts @ parts.T
    centres = parts[list(np.unravel_index(np.argmin(alike), alike.shape))]
    for _ in range(_ROUNDS):
        group = np.argmax(parts @ centres.T, axis=1)
        if group.all() or not group.any():
            break
        means = np.stack([parts[group == number].mean(axis=0) for number in (0, 1)])
        centres = means / np.linalg.norm(means, axis=1, keepdims=True)
    smaller = int(min(np.sum(group == 0), np.sum(group == 1)))
    likeness = float(centres[0] @ centres[1]) if smaller >= _LEAST_PARTS else None
    return likeness, smaller / len(parts)
