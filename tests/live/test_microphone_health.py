"""Faults of a microphone are reported, and what is no fault is not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from stslocal.audio.decode import read_audio
from stslocal.audio.resample import resample
from stslocal.live.microphone_health import PIECE, REPORT_AGAIN_S, MicrophoneHealth
from stslocal.metrics import (
    DeviceChanged,
    Event,
    InputLevel,
    MicrophoneFault,
    SpeechEnded,
    SpeechStarted,
)
from stslocal.types import RECOGNITION_RATE, Samples
from tests.live_helpers import FakeLive
from tests.test_house_rules import CHECKOUT

pytestmark = pytest.mark.unit

BLOCK = 800
"""0.05 s, as a sound card gives them."""


def silence(seconds: float) -> Samples:
    return np.zeros(round(seconds * RECOGNITION_RATE), np.float32)


def noise(seconds: float, dbfs: float, seed: int = 1) -> Samples:
    """White noise of this RMS."""
    samples = np.random.default_rng(seed).standard_normal(round(seconds * RECOGNITION_RATE))
    return (samples * 10 ** (dbfs / 20)).astype(np.float32)


def as_samples(values: Any) -> Samples:
    return np.asarray(values, np.float32)


def speech(seconds: float, peak: float = 0.25) -> Samples:
    """Wideband sound with syllables and short pauses, above the noise of a room."""
    at_s = np.arange(round(seconds * RECOGNITION_RATE)) / RECOGNITION_RATE
    syllables = np.maximum(0.0, np.sin(2 * np.pi * 4 * at_s)) * (at_s % 1.5 < 1.2)
    spoken = noise(seconds, -10, seed=2) * syllables.astype(np.float32)
    return as_samples(peak * spoken / np.abs(spoken).max() + noise(seconds, -70))


class Microphone:
    """A MicrophoneHealth with what it reported."""

    def __init__(self, speech_in: Callable[[Samples], float] = lambda samples: 0.0) -> None:
        self.events: list[Event] = []
        self.health = MicrophoneHealth(self.events.append, speech_in=speech_in)

    def captures(self, samples: Samples, *, spoken: bool = False) -> Microphone:
        if spoken:
            self.health.observe(SpeechStarted(0.0, 0, 0.0))
        for start in range(0, len(samples), BLOCK):
            self.health.add(samples[start : start + BLOCK])
        self.health.observe(SpeechEnded(0.0, 0, 0.0))
        return self

    def speaks(self, samples: Samples) -> Microphone:
        return self.captures(samples, spoken=True)

    @property
    def faults(self) -> list[tuple[str, bool]]:
        return [(e.fault, e.present) for e in self.events if isinstance(e, MicrophoneFault)]


DEAD: dict[str, Samples] = {
    "digital zeros": silence(6),
    "a constant": as_samples(silence(6) + 0.2),
    "the last bit of 16": as_samples(np.sign(noise(6, 0)) / 32768),
    "a drifting constant": as_samples(np.linspace(0, 0.004, 6 * RECOGNITION_RATE)),
}


@pytest.mark.parametrize("sound", DEAD.values(), ids=DEAD)
def test_a_dead_microphone_is_silent_after_five_seconds(sound: Samples) -> None:
    microphone = Microphone().captures(sound[: round(4.9 * RECOGNITION_RATE)])
    assert microphone.faults == []
    assert microphone.captures(sound).faults == [("silent", True)]
    (event,) = microphone.events
    assert isinstance(event, MicrophoneFault)
    assert event.at_s == pytest.approx(5.0)


def test_an_input_with_nothing_connected_hums_evenly_and_is_silent() -> None:
    assert Microphone().captures(noise(19, -85)).faults == []
    assert Microphone().captures(noise(25, -85)).faults == [("silent", True)]


def test_sound_that_comes_again_is_reported_and_the_next_silence_only_after_long() -> None:
    microphone = Microphone().captures(silence(10)).captures(noise(3, -60))
    assert microphone.faults == [("silent", True), ("silent", False)]
    microphone.captures(silence(10)).captures(noise(REPORT_AGAIN_S, -60))
    assert len(microphone.faults) == 2
    microphone.captures(silence(10))
    assert microphone.faults[2:] == [("silent", True)]


def test_a_microphone_that_is_muted_in_a_session_is_reported() -> None:
    microphone = Microphone().captures(noise(30, -60)).speaks(speech(10)).captures(silence(6))
    assert microphone.faults == [("silent", True)]


def test_a_noise_gate_may_give_nothing_for_longer() -> None:
    microphone = Microphone()
    for _ in range(4):
        microphone.speaks(speech(2)).captures(silence(1))
    assert microphone.captures(silence(25)).faults == []
    assert microphone.captures(silence(10)).faults == [("silent", True)]


def room_with_knocks() -> Samples:
    sound = noise(60, -65)
    sound[:: 5 * RECOGNITION_RATE] = 1.0
    return sound


RIGHT: dict[str, Samples] = {
    "a quiet room": noise(90, -70),
    "a very quiet room with an input turned down": np.concatenate(
        [noise(10, -84), noise(10, -80), noise(40, -84)]
    ),
    "knocks": room_with_knocks(),
    "hum": as_samples(0.002 * np.sin(np.arange(60 * RECOGNITION_RATE) * 2 * np.pi / 320)),
}


@pytest.mark.parametrize("sound", RIGHT.values(), ids=RIGHT)
def test_a_room_in_which_nobody_speaks_has_no_fault(sound: Samples) -> None:
    assert Microphone().captures(sound).faults == []


@pytest.mark.parametrize("name", ["jfk", "ljspeech-4", "casmurro-1"])
def test_real_speech_has_no_fault_and_its_telephone_sound_has(name: str) -> None:
    (path,) = (CHECKOUT / "tests" / "data").rglob(f"{name}.*")
    said = np.concatenate([read_audio(path, sample_rate=RECOGNITION_RATE)] * 2)
    assert Microphone().speaks(said).captures(noise(20, -65)).faults == []
    narrow = resample(resample(said, RECOGNITION_RATE, 8000), 8000, RECOGNITION_RATE)
    assert Microphone().speaks(narrow).faults == [("telephone", True)]
    assert Microphone().captures(narrow).faults == [], "it was not taken for speech"


def test_quiet_speech_is_reported_once() -> None:
    microphone = Microphone().speaks(speech(20, peak=0.005))
    assert microphone.faults == [("quiet", True)]
    assert microphone.speaks(speech(60, peak=0.005)).faults == [("quiet", True)]
    assert Microphone().speaks(speech(20, peak=0.03)).faults == []


def test_speech_too_quiet_to_be_detected_is_found_when_it_is_amplified() -> None:
    given: list[Samples] = []

    def speech_in(samples: Samples) -> float:
        given.append(samples)
        return 5.0

    whispers = speech(16, peak=0.002)
    assert Microphone(speech_in).captures(whispers).faults == [("quiet", True)]
    assert np.abs(given[0]).max() == pytest.approx(0.25, rel=0.01)
    assert Microphone().captures(whispers).faults == [], "no speech is in it"
    assert Microphone(speech_in).captures(noise(60, -45)).faults == [], "it would be detected"


def test_sound_that_is_clipped_again_and_again_is_too_loud() -> None:
    clipped = np.clip(speech(10, peak=3.0), -1, 1)
    assert Microphone().speaks(clipped).faults == [("too loud", True)]
    assert Microphone().captures(clipped).faults == [("too loud", True)]
    loud = speech(30, peak=0.999)
    assert Microphone().speaks(loud).faults == []


def test_nothing_but_silence_is_judged_while_the_translation_plays() -> None:
    microphone = Microphone()
    microphone.health.observe(InputLevel(0.0, 1.0, 0.5, muted=True))
    assert microphone.captures(np.clip(speech(10, peak=3.0), -1, 1)).faults == []


def test_a_microphone_that_is_gone_is_not_silent() -> None:
    microphone = Microphone()
    microphone.health.observe(DeviceChanged(0.0, "input", "webcam", False))
    assert microphone.captures(silence(60)).faults == []
    microphone.health.observe(DeviceChanged(60.0, "output", "speaker", True))
    assert microphone.captures(silence(6)).faults == []
    microphone.health.observe(DeviceChanged(60.0, "input", "webcam", True))
    assert microphone.captures(silence(6)).faults == [("silent", True)]


def test_blocks_of_any_length_are_judged_alike() -> None:
    microphone = Microphone()
    microphone.health.add(silence(4.95))
    assert microphone.faults == []
    microphone.health.add(np.zeros(PIECE, np.float32))
    assert microphone.faults == [("silent", True)]


def test_a_session_gives_every_block_to_the_watch() -> None:
    live = FakeLive()
    blocks: list[Samples] = []
    recording = live.lexicon.script((0.5, "One two."))
    live.run(recording, watch=blocks.append)
    assert np.array_equal(np.concatenate(blocks), recording)
