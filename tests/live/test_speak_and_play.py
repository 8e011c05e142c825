"""Live synthesis and playback on virtual time."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import count, pairwise
from threading import Barrier
from typing import Any

import numpy as np
import pytest

from stslocal.audio.simulated import SilentOutput
from stslocal.clock import VirtualClock
from stslocal.live.lag import MAX_LIVE_SPEED, VOICE_SPEED, LagController, LagLimits, Pace
from stslocal.live.playback import CLAUSE_PAUSE_S, CUT_PAUSE_S, SENTENCE_PAUSE_S, Play
from stslocal.live.playhead import Playhead
from stslocal.live.ports import PlayedSegment
from stslocal.live.speak import Speak, SpeechChunk
from stslocal.metrics import (
    DeviceXrun,
    Event,
    Notice,
    PlaybackEnded,
    PlaybackStarted,
    SegmentDropped,
)
from stslocal.types import Samples, Segment, TranslatedSegment
from tests.fakes import Cost, FakeSynthesizer, Lexicon

pytestmark = pytest.mark.unit

RATE = 24_000


def item(index: int, text: str, *, start_s: float = 0.0, end_s: float = 1.0) -> TranslatedSegment:
    return TranslatedSegment(Segment(index, start_s, end_s, "said", "en"), text, "pt", 0.1)


def chunk(index: int, seconds: float, text: str = "fim.", **options: Any) -> SpeechChunk:
    samples = np.full(round(seconds * RATE), 0.5, np.float32)
    return SpeechChunk(item(index, text), samples, "alto", 1.0, 1.0, **options)


class PlayOnFakes:
    """A Play stage on a silent output, with the audio that it sent and the events."""

    def __init__(self, latency_s: float = 0.1) -> None:
        self.clock = VirtualClock()
        self.events: list[Event] = []
        self.audio: list[tuple[float, Samples]] = []
        self.output = SilentOutput(RATE, self.clock, latency_s=latency_s)
        self.play = Play(
            self.output, Playhead(), clock=self.clock, emit=self.events.append,
            on_audio=lambda samples, at_s, _: self.audio.append((at_s, samples)),
        )  # fmt: skip

    def send(self, *chunks: SpeechChunk) -> list[PlayedSegment]:
        return [segment for chunk in chunks for segment in self.play.process(chunk)]

    def end(self) -> None:
        assert list(self.play.finish()) == []

    def seen(self, kind: type[Any]) -> list[Any]:
        return [event for event in self.events if isinstance(event, kind)]


def test_a_segment_sounds_one_latency_after_it_was_sent() -> None:
    stage = PlayOnFakes(latency_s=0.1)
    (played,) = stage.send(chunk(0, 1.0, first=True), chunk(0, 0.0, last=True))
    stage.end()
    assert played.start_s == pytest.approx(0.1)
    assert played.end_s == pytest.approx(1.1)
    (started,), (ended,) = stage.seen(PlaybackStarted), stage.seen(PlaybackEnded)
    assert started.at_s == pytest.approx(0.1, abs=1e-3)
    assert ended.at_s == pytest.approx(1.1, abs=1e-3)


def test_reported_times_do_not_depend_on_when_they_are_reported() -> None:
    stage = PlayOnFakes(latency_s=0.1)
    stage.send(chunk(0, 1.0, first=True), chunk(0, 0.0, last=True))
    stage.clock.work(5.0)
    stage.send(chunk(1, 1.0, first=True), chunk(1, 0.0, last=True))
    stage.clock.work(5.0)
    stage.play.report_played()
    started, ended = stage.seen(PlaybackStarted), stage.seen(PlaybackEnded)
    assert [event.at_s for event in started] == pytest.approx([0.1, 5.1], abs=1e-3)
    assert [event.at_s for event in ended] == pytest.approx([1.1, 6.1], abs=1e-3)


@pytest.mark.parametrize(
    ("text", "pause_s"), [("e então,", CLAUSE_PAUSE_S), ("fim.", SENTENCE_PAUSE_S)]
)
def test_there_is_a_pause_after_a_clause_and_a_longer_one_after_a_sentence(
    text: str, pause_s: float
) -> None:
    stage = PlayOnFakes()
    first, second = stage.send(
        chunk(0, 1.0, text, first=True), chunk(0, 0.0, text, last=True),
        chunk(1, 1.0, first=True), chunk(1, 0.0, last=True),
    )  # fmt: skip
    assert second.start_s == pytest.approx(first.end_s + pause_s, abs=1e-3)


@pytest.mark.parametrize(
    ("text", "pause_s"), [("e então,", CLAUSE_PAUSE_S), ("e então", CUT_PAUSE_S)]
)
def test_the_pause_within_a_sentence_is_short(text: str, pause_s: float) -> None:
    stage = PlayOnFakes()
    torn = replace(item(0, text), segment=Segment(0, 0.0, 1.0, "said", "en", complete=False))
    first, last = chunk(0, 1.0, text, first=True), chunk(0, 0.0, text, last=True)
    (one,) = stage.send(replace(first, item=torn), replace(last, item=torn))
    (other,) = stage.send(chunk(1, 1.0, first=True), chunk(1, 0.0, last=True))
    assert one.end_s is not None
    assert other.start_s == pytest.approx(one.end_s + pause_s, abs=1e-3)


def test_playback_waits_until_there_will_be_no_underrun() -> None:
    stage = PlayOnFakes(latency_s=0.0)
    stage.send(chunk(0, 1.0, first=True, lead_s=0.5))
    stage.clock.work(1.4)
    stage.send(chunk(0, 1.0), chunk(0, 0.0, last=True))
    assert stage.seen(DeviceXrun) == []
    assert stage.audio[0][0] == pytest.approx(0.5)


def test_a_chunk_that_comes_too_late_is_reported_as_an_underrun() -> None:
    stage = PlayOnFakes(latency_s=0.0)
    stage.send(chunk(0, 1.0, first=True))
    stage.clock.work(1.5)
    stage.send(chunk(0, 1.0), chunk(0, 0.0, last=True))
    (underrun,) = stage.seen(DeviceXrun)
    assert underrun.device == "output"
    assert underrun.samples == pytest.approx(0.5 * RATE, abs=0.02 * RATE)


def test_speech_fades_in_and_out_and_is_otherwise_unchanged() -> None:
    stage = PlayOnFakes()
    stage.send(chunk(0, 0.5, first=True), chunk(0, 0.5), chunk(0, 0.0, last=True))
    speech = np.concatenate([samples for _, samples in stage.audio])
    assert len(speech) == RATE
    assert speech[0] == 0
    assert speech[-1] == 0
    fade = round(0.015 * RATE)
    assert (speech[fade:-fade] == 0.5).all()
    assert np.abs(np.diff(speech)).max() < 0.01


def test_a_device_with_inexact_times_makes_no_gaps_in_speech(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stage = PlayOnFakes()
    exactly, chance = stage.output.sounds_in_s, random.Random(0)
    monkeypatch.setattr(
        stage.output,
        "sounds_in_s",
        lambda position: exactly(position) + chance.uniform(-0.005, 0.005),
    )
    stage.send(chunk(0, 0.5, first=True), chunk(0, 0.5), chunk(0, 0.5), chunk(0, 0.0, last=True))
    assert len(stage.audio) == 4
    for (at_s, samples), (next_s, _) in pairwise(stage.audio):
        assert next_s == pytest.approx(at_s + len(samples) / RATE)


def test_a_segment_without_sound_adds_no_pause() -> None:
    stage = PlayOnFakes()
    (played,) = stage.send(chunk(0, 0.0, last=True))
    assert played.start_s is None
    assert stage.output.written == 0


def speak(clock: VirtualClock, synthesizer: FakeSynthesizer) -> Speak:
    return Speak(synthesizer, lambda: None, LagController(), Playhead(), clock=clock)


def test_a_long_sentence_is_synthesized_in_pieces_of_which_the_first_is_short() -> None:
    clock = VirtualClock()
    synthesizer = FakeSynthesizer(clock, Cost(0.0, 0.5), chunk_words=100)
    text = " ".join(f"palavra{n}" for n in range(24))
    chunks = list(speak(clock, synthesizer).process(item(0, text)))
    assert chunks[0].first
    assert 0.5 < len(chunks[0].samples) / RATE < 1.6
    assert [each.last for each in chunks] == [False] * (len(chunks) - 1) + [True]
    assert sum(len(each.samples) for each in chunks) / RATE == pytest.approx(
        24 * 0.3 / 1.08, rel=0.1
    )


class HurriedController(LagController):
    """Asks for the highest speed at once."""

    def pace(self, segment: Segment, **times: float) -> Pace:
        return replace(super().pace(segment, **times), speed=MAX_LIVE_SPEED)


@dataclass(slots=True)
class AskedSynthesizer(FakeSynthesizer):
    """Keeps the speeds that it was asked for."""

    speeds: list[float] = field(default_factory=list)

    def synthesize(self, text: str, **options: Any) -> Iterator[Samples]:
        self.speeds.append(options["speed"])
        yield (np.sin(np.arange(24_000) / 20) / 2).astype(np.float32)


def test_a_voice_is_not_asked_for_more_than_it_can_and_the_sound_is_shortened_instead() -> None:
    clock = VirtualClock()
    synthesizer = AskedSynthesizer(clock, Cost(0.1), lexicon=Lexicon())
    stage = Speak(synthesizer, lambda: None, HurriedController(), Playhead(), clock=clock)
    chunks = list(stage.process(item(0, "bom dia.")))
    assert synthesizer.speeds == [VOICE_SPEED]
    spoken = sum(len(chunk.samples) for chunk in chunks)
    assert spoken == pytest.approx(24_000 * VOICE_SPEED / MAX_LIVE_SPEED, rel=0.05)


@pytest.mark.parametrize(("work_s", "notices"), [(0.2, 0), (3.0, 1)])
def test_a_machine_that_is_too_slow_is_named_as_the_cause_once(work_s: float, notices: int) -> None:
    clock, events = VirtualClock(), list[Event]()
    lexicon = Lexicon()
    lexicon.script((0.0, "bom dia."))
    stage = Speak(
        FakeSynthesizer(clock, Cost(0.0, work_s), lexicon=lexicon),
        lambda: None,
        LagController(LagLimits(0.5), available=()),
        Playhead(),
        clock=clock,
        emit=events.append,
    )
    for number in range(8):
        list(stage.process(item(number, "bom dia.")))
    said = [event.text for event in events if isinstance(event, Notice)]
    assert len(said) == notices
    assert all("this machine is too slow for the voice" in text for text in said)


def test_a_first_segment_without_words_does_no_harm() -> None:
    clock = VirtualClock()
    stage = speak(clock, FakeSynthesizer(clock))
    (ending,) = stage.process(item(0, ""))
    assert ending.last
    assert len(list(stage.process(item(1, "uma frase com palavras")))) > 1


class Listed(FakeSynthesizer):
    """Lists the texts that it is given."""

    texts: tuple[str, ...] = ()

    def synthesize(self, text: str, **options: Any) -> Iterator[Samples]:
        self.texts += (text,)
        yield from super().synthesize(text, **options)


@pytest.mark.parametrize(
    ("text", "complete", "said"),
    [
        ("uma casa", False, "uma casa,"),
        ("uma casa:", False, "uma casa:"),
        ("uma casa", True, "uma casa"),
        ("uma casa.", True, "uma casa."),
    ],
)
def test_the_voice_does_not_fall_where_a_sentence_goes_on(
    text: str, complete: bool, said: str
) -> None:
    synthesizer = Listed(VirtualClock())
    part = replace(item(0, text), segment=Segment(0, 0.0, 1.0, "said", "en", complete=complete))
    list(speak(VirtualClock(), synthesizer).process(part))
    assert synthesizer.texts == (said,)


def test_a_part_whose_words_all_come_later_is_not_reported_as_dropped() -> None:
    events: list[Event] = []
    clock = VirtualClock()
    stage = Speak(
        FakeSynthesizer(clock), lambda: None, LagController(), Playhead(), clock=clock,
        emit=events.append,
    )  # fmt: skip
    list(stage.process(replace(item(0, ""), is_part=True)))
    assert not [event for event in events if isinstance(event, SegmentDropped)]
    list(stage.process(item(1, "")))
    assert [event for event in events if isinstance(event, SegmentDropped)]


class Mute(FakeSynthesizer):
    """Gives one value in place of speech."""

    value = 0.0

    def synthesize(self, text: str, **options: Any) -> Iterator[Samples]:
        for samples in super().synthesize(text, **options):
            yield np.full_like(samples, self.value)


@pytest.mark.parametrize("value", [0.0, np.nan, np.inf])
def test_words_that_get_no_sound_are_reported(value: float) -> None:
    """An engine gives that for a damaged voice. Values that are no numbers are not played."""
    clock, events = VirtualClock(), list[Event]()
    synthesizer = Mute(clock)
    synthesizer.value = value
    stage = Speak(
        synthesizer, lambda: None, LagController(), Playhead(), clock=clock, emit=events.append
    )
    chunks = list(stage.process(item(4, "uma frase com palavras")))
    assert not any(chunk.samples.any() for chunk in chunks)
    (dropped,) = (event for event in events if isinstance(event, SegmentDropped))
    assert (dropped.segment, dropped.reason) == (4, "no sound")
    assert dropped.text == "uma frase com palavras"


class WaitsForThirdPiece(FakeSynthesizer):
    """Synthesizes the second piece only when the synthesis of the third has begun too."""

    def __init__(self, lexicon: Lexicon) -> None:
        super().__init__(VirtualClock(), lexicon=lexicon, chunk_words=100)
        self.both_begun = Barrier(2, timeout=60.0)
        self.numbers = count(1)

    def synthesize(self, text: str, **options: Any) -> Iterator[Samples]:
        if next(self.numbers) in (2, 3):
            self.both_begun.wait()
        yield from super().synthesize(text, **options)


def test_the_later_pieces_are_synthesized_at_once_and_come_in_order() -> None:
    text = " ".join(f"palavra{n}" for n in range(24))
    alone = FakeSynthesizer(VirtualClock(), chunk_words=100)
    one_by_one = list(speak(VirtualClock(), alone).process(item(0, text)))
    lag, together = LagController(), WaitsForThirdPiece(alone.lexicon)
    stage = Speak(together, lambda: None, lag, Playhead(), clock=VirtualClock(), workers=2)
    chunks = list(stage.process(item(0, text)))
    stage.close()
    assert len(chunks) > 3
    for actual, expected in zip(chunks, one_by_one, strict=True):
        np.testing.assert_array_equal(actual.samples, expected.samples)
