"""`stslocal live` in a room: the microphone captures what the loudspeaker plays.

The room is a loopback between two virtual cards. What counts is what a person who speaks without
pauses would notice: that all their words are translated, and that no others are.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import jiwer
import numpy as np
import pytest
from corpus import OWN, Corpus, normalized

from stslocal.audio.decode import read_audio
from stslocal.audio.resample import resample
from stslocal.metrics import (
    DuplexChanged,
    Event,
    InputMuted,
    PlaybackEnded,
    PlaybackStarted,
    SegmentCommitted,
    SegmentDropped,
    SegmentTranslated,
)
from stslocal.types import RECOGNITION_RATE, Samples
from tests.device.busy import skip_if_others_are_busy, up_to_three_times
from tests.device.conftest import LOUDSPEAKER, MICROPHONE, SoundServer
from tests.live_program import Program, running_stslocal, wait_until

pytestmark = [pytest.mark.device, pytest.mark.real]

RATE = 48_000
SPOKEN = ("ljspeech-4", "ljspeech-7")
DELAY_MS = 80
VOICE_PEAK = 0.35
"""About as loud as the voice that speaks the translation, so the echo is as loud as the reader."""


@pytest.fixture
def reading() -> tuple[Samples, str]:
    """Speech by one reader with no pause longer than a breath, at RATE, and its text."""
    clips = Corpus.read(OWN).named(*SPOKEN)
    breath = np.zeros(round(0.35 * RECOGNITION_RATE), np.float32)
    pieces = [piece for clip in clips for piece in (read_audio(clip.path), breath)]
    samples = np.concatenate(pieces)
    samples *= VOICE_PEAK / np.abs(samples).max()
    text = " ".join(clip.transcript or "" for clip in clips)
    return resample(samples, RECOGNITION_RATE, RATE), text


def session(
    sound_server: SoundServer, folder: Path, models: Path, samples: Samples, *options: str
) -> tuple[list[Event], Program]:
    """Read aloud before a loudspeaker, and wait until nothing is played any more."""
    command = (
        f"live --from en --to pt --input-device {MICROPHONE} --output-device {LOUDSPEAKER} --json"
    )
    with running_stslocal(folder, models, *command.split(), *options) as program:
        wait_until(program.is_ready, "the program is ready")
        with sound_server.echoing(delay_ms=DELAY_MS, gain_db=0.0):
            sound_server.play_into(samples, RATE)
            time.sleep(len(samples) / RATE + 2.0)
            wait_until(lambda: is_silent(program.events()), "all is played")
            time.sleep(3.0)  # what a loop would need to go on
            program.interrupt()
        return program.events(), program


def is_silent(events: list[Event]) -> bool:
    translated = {event.segment for event in events if isinstance(event, SegmentTranslated)}
    ended = {e.segment for e in events if isinstance(e, PlaybackEnded | SegmentDropped)}
    return translated <= ended


def translated(events: list[Event]) -> Iterator[SegmentCommitted]:
    """The segments that were translated."""
    numbers = {event.segment for event in events if isinstance(event, SegmentTranslated)}
    for event in events:
        if isinstance(event, SegmentCommitted) and event.segment in numbers:
            yield event


def late(events: list[Event], samples: Samples) -> list[str]:
    """What was translated though the reader had ended: our own voice."""
    ends_s = len(samples) / RATE + 3.0
    return [each.text for each in translated(events) if each.start_s > ends_s]


@up_to_three_times
def test_half_duplex_loses_nothing_on_a_loudspeaker(
    reading: tuple[Samples, str], sound_server: SoundServer, starter_models: Path, tmp_path: Path
) -> None:
    skip_if_others_are_busy()
    samples, text = reading
    events, program = session(sound_server, tmp_path, starter_models, samples, "--duplex", "half")
    recognized = " ".join(segment.text for segment in translated(events))
    words = jiwer.process_words(normalized(text), normalized(recognized))
    count = len(normalized(text).split())
    assert words.hits >= 0.9 * count, recognized
    assert words.insertions <= 0.2 * count, recognized
    assert len(late(events, samples)) <= 1, "a loop"
    muted_s = sum(event.muted_s for event in events if isinstance(event, InputMuted))
    assert muted_s > 0
    assert ("the microphone was off for" in program.reported()) == (muted_s >= 1.0)
    assert any(isinstance(event, PlaybackStarted) for event in events)


@up_to_three_times
def test_by_default_nothing_is_lost_on_a_loudspeaker(
    reading: tuple[Samples, str], sound_server: SoundServer, starter_models: Path, tmp_path: Path
) -> None:
    """scripts/bench/room.py measures a longer reading on an idle machine. Of this short one, up to
    seven words are said in the second before the echo is found for the first time."""
    skip_if_others_are_busy()
    samples, text = reading
    events, program = session(sound_server, tmp_path, starter_models, samples)
    recognized = " ".join(segment.text for segment in translated(events))
    words = jiwer.process_words(normalized(text), normalized(recognized))
    count = len(normalized(text).split())
    assert words.hits >= 0.7 * count, recognized
    assert words.insertions <= 0.1 * count, recognized
    assert len(late(events, samples)) <= 1, "a loop"
    if any(isinstance(event, DuplexChanged) and event.duplex == "half" for event in events):
        assert "pause, or wear headphones" in program.reported()
