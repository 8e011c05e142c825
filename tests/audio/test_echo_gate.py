"""The gate tells what is left of the echo from somebody who speaks."""

from __future__ import annotations

import numpy as np
import pytest
from rooms import speechlike

from stslocal.audio.echo_canceller import EchoCanceller
from stslocal.audio.echo_gate import EchoGate
from stslocal.audio.kalman_filter import HOP, KalmanFilter
from stslocal.types import RECOGNITION_RATE, Samples

pytestmark = pytest.mark.unit

SECOND = RECOGNITION_RATE // HOP * HOP


def gated(gate: EchoGate, echo: Samples, rest: Samples) -> float:
    """The share of the hops that the gate takes for nothing but echo."""
    hops = range(0, len(echo), HOP)
    judged = [gate.only_echo((echo + rest)[at : at + HOP], echo[at : at + HOP]) for at in hops]
    return sum(judged) / len(judged)


def noise(seed: int, seconds: int, db: float) -> Samples:
    """White noise of this level against full scale."""
    samples = np.random.default_rng(seed).standard_normal(seconds * SECOND)
    return np.asarray(10 ** (db / 20) * samples, np.float32)


def after_the_best_hops() -> EchoGate:
    """A gate that has seen the echo reduced by 45 dB for some seconds."""
    gate = EchoGate()
    assert gated(gate, noise(0, 4, -20), noise(1, 4, -65)) > 0.9
    assert gate.best_db > 40
    return gate


def test_a_sound_that_the_filter_knows_less_well_is_still_an_echo() -> None:
    gate = after_the_best_hops()
    assert gated(gate, noise(2, 1, -20), noise(3, 1, -38)) == 1.0


def test_somebody_who_speaks_much_more_quietly_than_the_echo_opens_the_gate() -> None:
    gate = after_the_best_hops()
    assert gated(gate, noise(2, 1, -20), noise(3, 1, -32)) < 0.1


def test_a_voice_in_a_few_bands_opens_the_gate_although_most_is_reduced() -> None:
    gate = after_the_best_hops()
    time_s = np.arange(SECOND) / RECOGNITION_RATE
    tones = [np.sin(2 * np.pi * hertz * time_s) for hertz in (250, 350, 450, 560, 700)]
    voice = np.asarray(0.006 * sum(tones), np.float32)
    assert 10 * np.log10(np.square(voice).mean()) < -37
    assert gated(gate, noise(2, 1, -20), voice) < 0.1


def loud_voice() -> Samples:
    """Speech-like sound whose echo goes beyond full scale now and then."""
    sound = speechlike(3, 16.0, pauses=False)
    return np.asarray(sound * (0.7 / np.abs(sound).max()), np.float32)


def test_the_predicted_echo_is_not_beyond_what_a_microphone_can_capture() -> None:
    played = loud_voice()
    captured = np.clip(3 * played, -1.0, 1.0)
    assert np.count_nonzero(np.abs(captured) == 1.0) > 500
    filter_ = KalmanFilter()
    left = []
    for at in range(0, len(played), HOP):
        hop = slice(at, at + HOP)
        echo = filter_.step(played[hop], captured[hop])
        assert np.abs(echo).max() <= 1.0
        left.append(captured[hop] - echo)
    later = np.concatenate(left)[8 * RECOGNITION_RATE :]
    louder = np.square(captured[8 * RECOGNITION_RATE :]).mean() / np.square(later).mean()
    assert 10 * np.log10(louder) > 25


def test_an_echo_that_clips_is_not_taken_for_somebody_who_speaks() -> None:
    played = loud_voice()
    late = round(0.08 * RECOGNITION_RATE)
    captured = np.clip(3 * np.concatenate([np.zeros(late, np.float32), played]), -1.0, 1.0)
    canceller = EchoCanceller()
    canceller.played(played, RECOGNITION_RATE, 0.0, 0)
    given = [
        canceller.process(captured[at : at + 800], at / RECOGNITION_RATE)[0]
        for at in range(0, len(played), 800)
    ]
    later = np.concatenate(given)[6 * RECOGNITION_RATE :]
    silent = np.mean(np.abs(later) < 1e-6)
    assert silent > 0.95
