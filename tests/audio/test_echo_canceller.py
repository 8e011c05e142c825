"""The echo of the loudspeaker is taken out of the input, in simulated rooms."""

from __future__ import annotations

import numpy as np
import pytest
from rooms import Room, decibels, speechlike

from stslocal.audio.echo_canceller import EchoCanceller
from stslocal.audio.kalman_filter import HOP
from stslocal.types import RECOGNITION_RATE, Samples

pytestmark = pytest.mark.unit

BLOCK = 800


def cancelled(
    room: Room,
    played: Samples,
    speaker: Samples | None = None,
    *,
    jitter_s: float = 0.0,
    canceller: EchoCanceller | None = None,
) -> Samples:
    """What the recognizer gets, aligned with the input; the last hop is missing."""
    canceller = canceller or EchoCanceller()
    captured = room.captured(played, speaker)
    rng = np.random.default_rng(0)
    given = []
    sent, piece = 0, 3200
    for start in range(0, len(captured), BLOCK):
        while sent < min(len(played), start + 6400):
            at_s = sent / RECOGNITION_RATE + rng.uniform(-jitter_s, jitter_s)
            canceller.played(played[sent : sent + piece], RECOGNITION_RATE, at_s, sent)
            sent += piece
        samples, _ = canceller.process(captured[start : start + BLOCK], start / RECOGNITION_RATE)
        given.append(samples)
    return np.concatenate(given)[HOP:]


def part(samples: Samples, from_s: float, until_s: float) -> Samples:
    return samples[round(from_s * RECOGNITION_RATE) : round(until_s * RECOGNITION_RATE)]


@pytest.mark.parametrize("jitter_s", [0.0, 0.005])
def test_the_echo_is_cancelled_and_the_speaker_is_kept(jitter_s: float) -> None:
    played, speaker = speechlike(1, 12.0), speechlike(2, 12.0)
    room = Room()
    left = cancelled(room, played, speaker, jitter_s=jitter_s) - speaker[:-HOP]
    echo = room.echo(played)
    assert decibels(part(left, 6, 11)) < decibels(part(echo, 6, 11)) - 10


def test_while_only_the_echo_is_there_the_recognizer_gets_silence() -> None:
    played = speechlike(1, 12.0)
    canceller = EchoCanceller()
    room = Room()
    given = cancelled(room, played, canceller=canceller)
    assert canceller.muted_s > 4.0
    assert decibels(part(given, 4, 11)) < decibels(part(room.echo(played), 4, 11)) - 25
    assert canceller.state.is_audible
    assert canceller.state.works
