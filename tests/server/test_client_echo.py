"""What a client played is taken out of what its microphone captured, where it says both."""

from __future__ import annotations

import json

import numpy as np
import pytest
from rooms import Room, decibels, speechlike

from stslocal.audio.resample import resample
from stslocal.live.capture import Capture
from stslocal.live.ports import NoRecord
from stslocal.live.stream_clock import StreamClock
from stslocal.metrics import ignore
from stslocal.server.realtime.needs import Part
from stslocal.server.realtime.protocol import WIRE_RATE, Append, ProtocolError, audio_delta, parse
from stslocal.server.realtime.sound import ReceivedInput
from stslocal.types import RECOGNITION_RATE, Samples
from tests.server.test_sound import SetClock

pytestmark = pytest.mark.unit

SECONDS = 12.0
LEARNT_S = 4.0
"""By then the canceller has found the echo."""
PIECE = WIRE_RATE // 10


def wired(samples: Samples) -> Samples:
    return resample(samples, RECOGNITION_RATE, WIRE_RATE)


def received(captured: Samples, played: Samples | None) -> Samples:
    """What the recognizer gets of pieces of 100 ms, shape (n,), at 16 kHz."""
    clock = SetClock()
    clock.time_s = 2 * SECONDS
    taking = ReceivedInput(clock, late_s=2 * SECONDS)
    captured, played = wired(captured), None if played is None else wired(played)
    taken = []
    for start in range(0, len(captured), PIECE):
        piece = slice(start, start + PIECE)
        taking.feed(captured[piece], None if played is None else played[piece])
        taken.append(taking.read())
    taking.stop()
    while len(rest := taking.read()):
        taken.append(rest)
    return np.concatenate(taken)


class FedInput(ReceivedInput):
    """Gets 100 ms of a client before each is read."""

    def __init__(self, captured: Samples, played: Samples) -> None:
        clock = SetClock()
        clock.time_s = 2 * SECONDS
        super().__init__(clock, late_s=2 * SECONDS)
        self._both = wired(captured), wired(played)
        self._starts = iter(range(0, len(self._both[0]), PIECE))

    def read(self) -> Samples:
        start = next(self._starts, None)
        if start is None:
            self.stop()
        else:
            self.feed(*(samples[start : start + PIECE] for samples in self._both))
        return super().read()


def recognized(captured: Samples, played: Samples) -> tuple[Samples, list[int]]:
    """What the recognizer has in the end, shape (n,), at 16 kHz, and how much was corrected."""
    taking = FedInput(captured, played)
    taken = np.zeros(0, np.float32)
    counts = []

    def correct(samples: Samples) -> None:
        nonlocal taken
        counts.append(len(samples))
        taken = np.concatenate([taken[: len(taken) - len(samples)], samples])

    for block in Capture(
        taking, Part("pt", taking).duplex, NoRecord(),
        clock=StreamClock(SetClock()), emit=ignore, correct=correct,
    ):  # fmt: skip
        taken = np.concatenate([taken, block])
    return taken, counts


def learnt(samples: Samples) -> Samples:
    return samples[round(LEARNT_S * RECOGNITION_RATE) :]


def test_the_loudspeaker_is_taken_out_and_the_speaker_stays() -> None:
    played, speaker = speechlike(1, SECONDS), speechlike(2, SECONDS)
    captured = Room(echo_db=6.0).captured(played, speaker)
    cleaned = received(captured, played)
    assert len(cleaned) == len(captured)
    delay = 256  # a hop of the canceller
    left = learnt(cleaned)[delay:] - learnt(speaker)[:-delay]
    before = learnt(captured) - learnt(speaker)
    assert decibels(left) < decibels(before) - 10


def test_what_was_captured_before_the_echo_was_found_is_corrected() -> None:
    played = speechlike(1, SECONDS)
    captured = Room(echo_db=0.0).captured(played)
    before = received(captured, played)
    after, (corrected,) = recognized(captured, played)
    assert len(after) == len(before) == len(captured)
    changed = np.flatnonzero(after != before)
    assert corrected > RECOGNITION_RATE // 4
    assert changed[-1] - changed[0] < corrected, "and nothing else is another"
    there = slice(changed[0], changed[-1])
    assert decibels(after[there]) < decibels(before[there]) - 5


def test_only_the_echo_becomes_silence() -> None:
    played = speechlike(1, SECONDS)
    captured = Room(echo_db=0.0).captured(played)
    assert decibels(learnt(received(captured, played))) < decibels(learnt(captured)) - 20


@pytest.mark.parametrize("played", [None, np.zeros(round(SECONDS * RECOGNITION_RATE), np.float32)])
def test_without_a_loudspeaker_nothing_is_changed(played: Samples | None) -> None:
    speaker = speechlike(2, SECONDS)
    taken = received(speaker, played)
    assert len(taken) == len(speaker)
    assert np.abs(taken - resample(wired(speaker), WIRE_RATE, RECOGNITION_RATE)).max() < 1e-4


def test_what_was_played_is_read() -> None:
    event = {"type": "session.input_audio_buffer.append"}
    both = [np.array(values, np.float32) for values in ([0.5, 0.25], [-0.5, 0.0])]
    event |= {"audio": audio_delta(both[0]), "played": audio_delta(both[1])}
    parsed = parse(json.dumps(event))
    assert isinstance(parsed, Append)
    assert parsed.played is not None
    assert np.abs(parsed.played - both[1]).max() < 1e-4
    silent = parse(json.dumps(event | {"played": None}))
    assert isinstance(silent, Append)
    assert silent.played is None


@pytest.mark.parametrize("played", ["AAA=", "!", 1, audio_delta(np.zeros(3, np.float32)), {}])
def test_what_was_not_played_beside_it_is_refused(played: object) -> None:
    audio = audio_delta(np.zeros(2, np.float32))
    event = {"type": "session.input_audio_buffer.append", "audio": audio, "played": played}
    with pytest.raises(ProtocolError) as refused:
        parse(json.dumps(event))
    assert (refused.value.code, refused.value.param) == ("invalid_audio", "played")
