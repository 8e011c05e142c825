"""An echo differs from somebody who speaks by how it changes with what was played."""

from __future__ import annotations

import numpy as np
import pytest

from stslocal.live.echo_likeness import EchoLikeness
from stslocal.types import RECOGNITION_RATE, Samples

pytestmark = pytest.mark.unit

RATE = 24_000


def voice(seed: int, seconds: float, rate: int) -> Samples:
    """Noise in bands whose loudness changes like that of syllables, each by itself."""
    rng = np.random.default_rng(seed)
    time_s = np.arange(round(seconds * rate)) / rate
    sound = np.zeros(len(time_s))
    for low, high in ((150, 600), (700, 1700), (1900, 3700)):
        carrier = sum(
            np.sin(2 * np.pi * f * time_s + rng.uniform(0, 6)) for f in rng.uniform(low, high, 8)
        )
        knots = np.arange(0, seconds + 1, 0.12)
        loud = np.interp(time_s, knots, rng.uniform(0, 1, len(knots)) ** 2)
        sound += loud * carrier
    return np.asarray(0.02 * sound, np.float32)


def session(captured: Samples, *, delay_s: float = 0.12, plays: bool = True) -> EchoLikeness:
    """What the recognizer got while our voice played; both begin at 1 s."""
    likeness = EchoLikeness()
    if plays:
        for number in range(6):
            piece = voice(1, 6.0, RATE)[number * RATE : (number + 1) * RATE]
            likeness.played(piece, RATE, 1.0 + number)
    silence = np.zeros(round((1.0 + delay_s) * RECOGNITION_RATE), np.float32)
    stream = np.concatenate([silence, captured])
    for start in range(0, len(stream), 777):
        likeness.got(stream[start : start + 777], start / RECOGNITION_RATE)
    return likeness


OURS = voice(1, 6.0, RECOGNITION_RATE)
THEIRS = voice(2, 6.0, RECOGNITION_RATE)


@pytest.mark.parametrize("delay_s", [0.0, 0.12, 0.55])
@pytest.mark.parametrize("gain", [0.05, 1.0, 3.0])
def test_our_own_voice_is_an_echo(delay_s: float, gain: float) -> None:
    # Voices of equal pitch draw the same noise only at the same rate, so ours is resampled.
    ours = np.interp(
        np.arange(len(OURS)) / RECOGNITION_RATE, np.arange(6 * RATE) / RATE, voice(1, 6.0, RATE)
    ).astype(np.float32)
    assert session(gain * ours, delay_s=delay_s).is_echo(2.0, 4.5)


def test_somebody_who_speaks_is_none() -> None:
    assert not session(THEIRS).is_echo(2.0, 4.5)
    assert not session(OURS, plays=False).is_echo(2.0, 4.5)


def test_somebody_who_speaks_as_loudly_as_the_echo_is_none() -> None:
    assert not session(OURS + THEIRS).is_echo(2.0, 4.5)


def test_a_short_sound_and_a_silent_one_are_none() -> None:
    assert not session(OURS).is_echo(2.0, 2.3)
    assert not session(0 * OURS).is_echo(2.0, 4.5)
