"""The program's times of playback, compared with a recording of the room.

There are no engines: noise is played into the microphone, and other noise is the speech. Both are
known and recorded on the clock of one card, so their places are measured outside the program.
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
from tests.device.busy import up_to_three_times
from tests.device.conftest import (
    ROOM_FEED,
    ROOM_LOUDSPEAKER,
    ROOM_MICROPHONE,
    SoundServer,
    find_sound,
    speechlike,
)
from tests.live_program import wait_until

pytestmark = pytest.mark.device

RATE = 24_000
BURSTS = 5
BURST_S = 0.7
AGREE_S = 0.06
"""The sound server's blocks are half as long."""


class MicrophoneReader(threading.Thread):
    """Reads the microphone and corrects the clock, as a live session does."""

    def __init__(self, microphone: Microphone, clock: StreamClock, play: Play) -> None:
        super().__init__()
        self._microphone, self._clock, self._play = microphone, clock, play
        self._pieces: list[Samples] = []

    def run(self) -> None:
        self._clock.begin()
        while len(samples := self._microphone.read()):
            self._clock.delivered(self._microphone.captured_s, self._microphone.latency_s)
            self._pieces.append(samples)
            self._play.report_played()

    def captured(self) -> Samples:
        """The stream so far, at RATE."""
        stream = np.concatenate([*self._pieces, np.zeros(0, np.float32)])
        return resample(stream, RECOGNITION_RATE, RATE)


@contextlib.contextmanager
def reading(microphone: Microphone, clock: StreamClock, play: Play) -> Iterator[MicrophoneReader]:
    reader = MicrophoneReader(microphone, clock, play)
    reader.start()
    try:
        wait_until(lambda: len(reader.captured()) > RATE, "the microphone begins")
        yield reader
    finally:
        microphone.stop()
        reader.join()


def send(play: Play, index: int, samples: Samples) -> None:
    """Send a segment to the stage, as the stage before it does."""
    item = TranslatedSegment(Segment(index, 0.0, 0.0, "said", "en"), "fim.", "pt", 0.1)
    for part, ends in ((samples, {"first": True}), (samples[:0], {"last": True})):
        list(play.process(SpeechChunk(item, part, "alto", 1.0, 1.0, **ends)))


@up_to_three_times
def test_reported_playback_times_are_those_in_the_room(
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
        with reading(microphone, clock, play) as reader:
            sound_server.play_into(said, RATE, into=ROOM_FEED)
            for index, burst in enumerate(bursts):
                send(play, index, burst)
                time.sleep(BURST_S + 0.5)
            list(play.finish())
            time.sleep(1.0)
    sound_server.end_clients()
    spoken, fed = np.fromfile(room, np.float32).reshape(-1, 2).T

    second = said[2 * RATE : 3 * RATE]
    (in_room, room_alike), (in_stream, stream_alike) = (
        find_sound(sound, second) for sound in (fed, reader.captured())
    )
    assert min(room_alike, stream_alike) > 0.8, "the noise was not captured"
    began = in_room - in_stream

    errors = []
    for event in events:
        if isinstance(event, PlaybackStarted | PlaybackEnded):
            burst = bursts[event.segment]
            at, alike = find_sound(spoken, burst)
            if alike > 0.8:
                at += len(burst) if isinstance(event, PlaybackEnded) else 0
                errors.append(event.at_s - (at - began) / RATE)
    assert len(errors) > BURSTS, "less than half of the speech is in the room's recording"
    assert np.median(errors) == pytest.approx(0.0, abs=AGREE_S), errors
