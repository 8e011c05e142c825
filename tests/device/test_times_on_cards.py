"""What the program says of when something was heard, against a recording of the room.

No engines: noise is said into the microphone, other noise is what is spoken. Both are recorded on
the clock of one card, and both are known, so where they lie in the recording is seen from outside.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from stslocal.audio.loudspeaker import Loudspeaker
from stslocal.audio.microphone import Microphone
from stslocal.audio.resample import resample
from stslocal.clock import RealClock
from stslocal.live.playback import Play
from stslocal.live.playhead import Playhead
from stslocal.live.speak import SpeechChunk
from stslocal.live.stream_clock import StreamClock
from stslocal.metrics import Event, PlaybackEnded, PlaybackStarted
from stslocal.types import RECOGNITION_RATE, Samples, Segment, TranslatedSegment
from tests.device.conftest import (
    ROOM_FEED,
    ROOM_LOUDSPEAKER,
    ROOM_MICROPHONE,
    SoundServer,
    place,
    speechlike,
)
from tests.live_program import until

pytestmark = pytest.mark.device

RATE = 24_000
BURSTS = 5
BURST_S = 0.7
AGREE_S = 0.06
"""The server moves sound in blocks of half as long."""


class Ear(threading.Thread):
    """Reads the microphone and keeps the clock, as a live session does."""

    def __init__(self, microphone: Microphone, clock: StreamClock, play: Play) -> None:
        super().__init__()
        self._microphone, self._clock, self._play = microphone, clock, play
        self._pieces: list[Samples] = []

    def run(self) -> None:
        self._clock.begin()
        while len(samples := self._microphone.read()):
            self._clock.delivered(self._microphone.captured_s, self._microphone.latency_s)
            self._pieces.append(samples)
            self._play.look()

    def heard(self) -> Samples:
        """The stream so far, at RATE."""
        stream = np.concatenate([*self._pieces, np.zeros(0, np.float32)])
        return resample(stream, RECOGNITION_RATE, RATE)


@contextlib.contextmanager
def listening(microphone: Microphone, clock: StreamClock, play: Play) -> Iterator[Ear]:
    ear = Ear(microphone, clock, play)
    ear.start()
    try:
        until(lambda: len(ear.heard()) > RATE, "the microphone begins")
        yield ear
    finally:
        microphone.stop()
        ear.join()


def say(play: Play, index: int, samples: Samples) -> None:
    """Send a segment through, as the stage before would."""
    item = TranslatedSegment(Segment(index, 0.0, 0.0, "said", "en"), "fim.", "pt", 0.1)
    for part, ends in ((samples, {"first": True}), (samples[:0], {"last": True})):
        list(play.process(SpeechChunk(item, part, "alto", 1.0, 1.0, **ends)))


def test_what_is_told_of_when_speech_is_heard_is_what_the_room_heard(
    sound_server: SoundServer, tmp_path: Path
) -> None:
    bursts = [speechlike(BURST_S, RATE, seed=index) for index in range(BURSTS)]
    said = speechlike(4.0, RATE, seed=100)
    room, events = tmp_path / "room", list[Event]()
    sound_server.record(room, RATE, of="room", channels=2)
    clock = StreamClock(RealClock())
    with (
        closing(Microphone(ROOM_MICROPHONE)) as microphone,
        closing(Loudspeaker(RATE, ROOM_LOUDSPEAKER)) as loudspeaker,
    ):
        play = Play(loudspeaker, Playhead(), clock=clock, emit=events.append)
        with listening(microphone, clock, play) as ear:
            sound_server.speak(said, RATE, into=ROOM_FEED)
            for index, burst in enumerate(bursts):
                say(play, index, burst)
                time.sleep(BURST_S + 0.5)
            list(play.finish())
            time.sleep(1.0)
    sound_server.hang_up()
    spoken, fed = np.fromfile(room, np.float32).reshape(-1, 2).T

    second = said[2 * RATE : 3 * RATE]
    (in_room, room_alike), (in_stream, stream_alike) = (
        place(sound, second) for sound in (fed, ear.heard())
    )
    assert min(room_alike, stream_alike) > 0.8, "what was said was not heard"
    began = in_room - in_stream

    errors = []
    for event in events:
        if isinstance(event, PlaybackStarted | PlaybackEnded):
            burst = bursts[event.segment]
            at, alike = place(spoken, burst)
            if alike > 0.8:
                at += len(burst) if isinstance(event, PlaybackEnded) else 0
                errors.append(event.at_s - (at - began) / RATE)
    assert len(errors) > BURSTS, "the room heard less than half of what was spoken"
    assert np.median(errors) == pytest.approx(0.0, abs=AGREE_S), errors
