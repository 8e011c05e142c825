"""An echo differs from somebody who speaks by how it changes with what was played."""

from __future__ import annotations

import numpy as np
import pytest

from stslocal.audio.echo_state import EchoState
from stslocal.clock import VirtualClock
from stslocal.live.duplex import CancellingDuplex
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


def session(
    got: Samples,
    *,
    delay_s: float = 0.12,
    plays: bool = True,
    captured: Samples | None = None,
) -> EchoLikeness:
    """What the recognizer got while our voice played; both begin at 1 s."""
    likeness = EchoLikeness()
    if plays:
        for number in range(6):
            piece = voice(1, 6.0, RATE)[number * RATE : (number + 1) * RATE]
            likeness.played(piece, RATE, 1.0 + number)
    silence = np.zeros(round((1.0 + delay_s) * RECOGNITION_RATE), np.float32)
    stream = np.concatenate([silence, got])
    before = np.concatenate([silence, got if captured is None else captured])
    for start in range(0, len(stream), 777):
        block = slice(start, start + 777)
        likeness.got(stream[block], start / RECOGNITION_RATE, before[block])
    return likeness


OURS = voice(1, 6.0, RECOGNITION_RATE)
THEIRS = voice(2, 6.0, RECOGNITION_RATE)


def echo() -> Samples:
    """Our voice as it was played, at the recognizer's rate.

    Voices of equal pitch draw the same noise only at the same rate, so it is resampled.
    """
    at_s = np.arange(len(OURS)) / RECOGNITION_RATE
    played = np.interp(at_s, np.arange(6 * RATE) / RATE, voice(1, 6.0, RATE))
    return np.asarray(played, np.float32)


@pytest.mark.parametrize("delay_s", [0.0, 0.12, 0.55])
@pytest.mark.parametrize("gain", [0.05, 1.0, 3.0])
def test_our_own_voice_is_an_echo(delay_s: float, gain: float) -> None:
    assert session(gain * echo(), delay_s=delay_s).is_echo(2.0, 4.5)


def left_of_the_echo() -> Samples:
    """What a canceller leaves: quiet, and not in time with the sound everywhere."""
    left = 0.06 * echo()
    left[: 3 * RECOGNITION_RATE] += 0.06 * THEIRS[: 3 * RECOGNITION_RATE]
    return left


def test_what_a_canceller_leaves_of_our_voice_is_an_echo() -> None:
    assert session(left_of_the_echo(), captured=echo()).is_echo(2.0, 4.5)
    assert not session(left_of_the_echo()).is_echo(2.0, 4.5), "nothing was taken out"


class LeavesALittle:
    """A canceller that leaves of the echo what `left_of_the_echo` says."""

    state = EchoState(is_audible=True, works=True)

    def played(
        self, samples: Samples, sample_rate: int, at_s: float, position: float | None = None
    ) -> None:
        pass

    def process(self, samples: Samples, start_s: float) -> tuple[Samples, bool]:
        first = round(start_s * RECOGNITION_RATE)
        return left_of_the_echo()[first : first + len(samples)], False

    def take_corrected(self) -> Samples:
        return np.zeros(0, np.float32)


def test_a_duplex_that_takes_the_echo_out_knows_how_much_it_took() -> None:
    duplex = CancellingDuplex(LeavesALittle, clock=VirtualClock())
    duplex.played(voice(1, 6.0, RATE), RATE, 0.0)
    captured = echo()
    for start in range(0, len(captured), 8000):
        duplex.process(captured[start : start + 8000], start / RECOGNITION_RATE)
    assert duplex.is_echo(1.0, 3.5)


def test_somebody_who_speaks_beside_an_echo_that_was_taken_out_is_none() -> None:
    for louder in (1.0, 3.0, 8.0):
        likeness = session(THEIRS + 0.05 * echo(), captured=THEIRS + louder * echo())
        assert not likeness.is_echo(2.0, 4.5)


def test_somebody_who_speaks_is_none() -> None:
    assert not session(THEIRS).is_echo(2.0, 4.5)
    assert not session(OURS, plays=False).is_echo(2.0, 4.5)


def test_somebody_who_speaks_as_loudly_as_the_echo_is_none() -> None:
    assert not session(OURS + THEIRS).is_echo(2.0, 4.5)


def test_a_short_sound_and_a_silent_one_are_none() -> None:
    assert not session(OURS).is_echo(2.0, 2.3)
    assert not session(0 * OURS).is_echo(2.0, 4.5)
