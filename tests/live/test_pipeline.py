"""Whole live sessions on fakes, on virtual time where time matters."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pytest

from stslocal.audio.simulated import SilentOutput
from stslocal.clock import RealClock
from stslocal.errors import StageError
from stslocal.live.full_duplex import FullDuplex
from stslocal.live.half_duplex import HalfDuplex
from stslocal.live.pipeline import LiveSession
from stslocal.live.ports import Duplex, PlayedSegment
from stslocal.live.stream_clock import StreamClock
from stslocal.metrics import (
    InputLevel,
    LagMeasured,
    PlaybackEnded,
    PlaybackStarted,
    ReliefChanged,
    SegmentCommitted,
    SegmentDropped,
    ignore,
    summarize,
)
from stslocal.types import ONLY_END, RECOGNITION_RATE, Samples, Segment
from tests.fakes import Cost, FakeTranslator, Lexicon
from tests.live_helpers import EchoingInput, EndlessInput, FakeLive, ScriptedInput
from tests.live_program import wait_until

pytestmark = pytest.mark.unit


def test_half_a_minute_of_speech_is_translated_and_played_in_time() -> None:
    live = FakeLive()
    recording = live.lexicon.script(
        (0.5, "good morning everybody."),
        (4.0, "this is the first time that we meet,"),
        (7.5, "and not the last one I hope."),
        (12.0, "shall we begin?"),
        (20.0, "yes."),
        (26.0, "then let us read what there is to say about it."),
    )
    played = live.run(recording)
    assert [segment.item.text for segment in played] == [
        "pt:good pt:morning pt:everybody.",
        "pt:this pt:is pt:the pt:first pt:time pt:that pt:we pt:meet,",
        "pt:and pt:not pt:the pt:last pt:one pt:I pt:hope.",
        "pt:shall pt:we pt:begin?",
        "pt:yes.",
        "pt:then pt:let pt:us pt:read pt:what pt:there pt:is pt:to pt:say pt:about pt:it.",
    ]
    summary = summarize(live.events)
    assert summary.end_of_speech_latency is not None
    assert summary.end_of_speech_latency.p50 < 2.0
    assert summary.output_underrun_samples == 0
    started, ended = live.seen(PlaybackStarted), live.seen(PlaybackEnded)
    assert [event.segment for event in started] == [0, 1, 2, 3, 4, 5]
    assert [event.segment for event in ended] == [0, 1, 2, 3, 4, 5]
    for segment, start, end in zip(played, started, ended, strict=True):
        assert segment.start_s == pytest.approx(start.at_s, abs=1e-3)
        assert segment.end_s == pytest.approx(end.at_s, abs=0.06)
    assert not live.seen(SegmentDropped)
    assert len(live.seen(SegmentCommitted)) == len(live.seen(LagMeasured)) == 6


class Scripted:
    """A listener that gives its segments when their words were said."""

    def __init__(self, *segments: Segment) -> None:
        self._segments = list(segments)
        self._until = 0

    def feed(self, samples: Samples) -> Iterator[Segment]:
        self._until += len(samples)
        while self._segments and self._segments[0].end_s <= self._until / RECOGNITION_RATE:
            yield self._segments.pop(0)

    def finish(self) -> Iterator[Segment]:
        yield from self._segments

    def recognize_less_often(self, less: bool) -> None:
        pass


class Copies(FakeTranslator):
    """Copies the words, and reads the last one of a beginning differently."""

    def translate(self, texts: Sequence[str], **_: Any) -> list[str]:
        return [text if text.endswith(".") else f"{text}?" for text in texts]


def test_a_sentence_that_was_cut_is_spoken_once_and_whole() -> None:
    live = FakeLive()
    live.translator = Copies()
    said = [
        Segment(0, 0.0, 1.0, "we saw the old", "en", complete=False, followed=True),
        Segment(1, 1.0, 2.0, "house of", "en", complete=False, followed=True),
        Segment(2, 2.0, 3.0, "cards.", "en"),
        Segment(3, 3.0, 4.0, "then they all", "en", complete=False, followed=True),
        Segment(4, 4.0, 4.0, ONLY_END, "en"),
    ]
    played = live.run(np.zeros(6 * RECOGNITION_RATE, np.float32), listener=Scripted(*said))
    words = " ".join(segment.item.text for segment in played).replace("?", "").split()
    assert words == "we saw the old house of cards. then they all".split()
    assert [segment.index for segment in played] == [0, 1, 2, 3, 4]
    assert not live.seen(SegmentDropped)


def test_the_same_speech_gives_the_same_events_twice() -> None:
    logs = []
    for _ in range(2):
        live = FakeLive()
        live.run(live.lexicon.script((0.5, "one two three."), (2.5, "four five six.")))
        logs.append(live.events)
    assert logs[0] == logs[1]


def lecture(lexicon: Lexicon, minutes: float, *, words: int = 8) -> Samples:
    """Sentences of `words` words with very short pauses between them."""
    sentence_s = 0.3 * words + 0.3
    lines = []
    for index in range(int(60 * minutes / sentence_s)):
        text = " ".join(f"w{(index * words + n) % 300}" for n in range(words - 1))
        lines.append((0.2 + index * sentence_s, f"Sentence {text}."))
    return lexicon.script(*lines)


def test_with_a_synthesizer_three_times_too_slow_lag_is_bounded_and_drops_are_reported() -> None:
    live = FakeLive(synthesis=Cost(0.1, 3.0))
    played = live.run(lecture(live.lexicon, 5.0))
    committed, dropped = live.seen(SegmentCommitted), live.seen(SegmentDropped)
    spoken = [segment for segment in played if segment.start_s is not None]
    assert len(played) == len(committed), "no segment is missing"
    assert len(spoken) + len(dropped) == len(committed)
    assert {event.reason for event in dropped} == {"too slow"}
    assert len(spoken) > len(committed) / 6
    latencies = [event.end_of_speech_latency_s for event in live.seen(PlaybackStarted)]
    # One thread does everything here, so a segment also waits for the sentence before it.
    assert max(latencies) < 3 * 4.0 + 9.0
    first, last = latencies[: len(latencies) // 2], latencies[len(latencies) // 2 :]
    assert np.mean(last) < np.mean(first) + 1.0, "lag does not grow"
    taken = [event.relief for event in live.seen(ReliefChanged) if event.taken]
    assert list(dict.fromkeys(taken))[:2] == ["pauses", "speed"]
    assert "text" in taken


def test_ten_minutes_of_continuous_speech_do_not_build_up_lag() -> None:
    live = FakeLive()
    played = live.run(lecture(live.lexicon, 10.0))
    lags = live.seen(LagMeasured)
    minute_one = [lag.lag_s for lag in lags if lag.at_s < 60]
    minute_ten = [lag.lag_s for lag in lags if lag.at_s > 540]
    assert np.mean(minute_ten) < np.mean(minute_one) + 1.0
    assert all(segment.start_s is not None for segment in played)
    assert not live.seen(SegmentDropped)


@pytest.mark.parametrize("duplex", [HalfDuplex(), FullDuplex()])
def test_our_own_voice_in_the_microphone_starts_no_loop(duplex: Duplex) -> None:
    live = FakeLive()
    said = live.lexicon.script((0.5, "Good morning."), (20.0, "And good night."), (40.0, "End."))
    microphone = EchoingInput(said, live.clock)

    class DuplexWithEcho(type(duplex)):  # type: ignore[misc]
        def played(
            self, samples: Samples, sample_rate: int, at_s: float, position: float | None = None
        ) -> None:
            super().played(samples, sample_rate, at_s, position)
            microphone.add_echo(samples, sample_rate, at_s)

    played = live.run(said, input=microphone, duplex=DuplexWithEcho())
    assert [segment.item.segment.text for segment in played] == [
        "Good morning.", "And good night.", "End.",
    ]  # fmt: skip
    dropped = [(event.reason, event.text) for event in live.seen(SegmentDropped)]
    if isinstance(duplex, HalfDuplex):
        assert dropped == []
        assert any(event.muted for event in live.seen(InputLevel))
    else:
        assert {reason for reason, _ in dropped} == {"echo"}
        assert len(dropped) >= 2


@pytest.mark.parametrize("engine", ["vad", "recognizer", "translator", "synthesizer"])
@pytest.mark.parametrize("call", [0, 2])
def test_any_failing_engine_ends_every_thread(engine: str, call: int) -> None:
    live = FakeLive(fails={engine: call})
    said = live.lexicon.script((0.1, "One."), (0.9, "Two."), (1.7, "Three."), (2.5, "Four."))
    session, microphone = threaded(live, said)
    with pytest.raises(StageError, match="the fake engine failed"):
        list(session)
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("live")]
    assert microphone.closed


def threaded(live: FakeLive, said: Samples) -> tuple[LiveSession, ScriptedInput]:
    """A session in real time, with threads and with engines that take no time."""
    live.recognition = live.translation = live.synthesis = Cost()
    live.__post_init__()
    clock = StreamClock(RealClock())
    microphone = ScriptedInput(said, clock)
    output = SilentOutput(live.synthesizer.sample_rate, clock)
    session = live.session(said, run=None, clock=clock, input=microphone, output=output)
    return session, microphone


def test_after_a_stop_the_captured_speech_is_still_played() -> None:
    live = FakeLive()
    said = live.lexicon.script((0.1, "One."), (0.9, "Two."), (8.0, "Never captured."))
    session, microphone = threaded(live, said)

    def stop() -> None:
        wait_until(lambda: microphone.captured_s >= 1.5, "both are captured")
        session.stop()

    stopping = threading.Thread(target=stop)
    stopping.start()
    played: list[PlayedSegment] = list(session)
    stopping.join()
    assert [segment.item.segment.text for segment in played] == ["One.", "Two."]
    assert len(live.seen(PlaybackEnded)) == 2


@pytest.mark.skipif(sys.platform == "win32", reason="no signals to a thread on Windows")
@pytest.mark.parametrize("after_s", [0.1, 0.3, 0.5, 0.9])
def test_ctrl_c_at_any_moment_ends_everything(after_s: float) -> None:
    live = FakeLive()
    said = live.lexicon.script((0.1, "One."), (0.6, "Two."), (8.0, "Never captured."))
    session, microphone = threaded(live, said)
    main = threading.main_thread().ident or 0

    def interrupt() -> None:
        # Before its first sound is asked for, a session has not taken the microphone to close it.
        wait_until(lambda: microphone.captured_s >= after_s, "it captures")
        signal.pthread_kill(main, signal.SIGINT)

    ctrl_c = threading.Thread(target=interrupt)

    def run_until_ctrl_c() -> None:
        ctrl_c.start()
        list(session)

    with pytest.raises(KeyboardInterrupt):
        run_until_ctrl_c()
    ctrl_c.join()
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("live")]
    assert microphone.closed


@pytest.mark.skipif(sys.platform == "win32", reason="Windows reports memory in another way")
def test_memory_does_not_grow_in_two_hours() -> None:
    import resource

    live = FakeLive(synthesis=Cost(0.05, 0.2))
    round_s = 40
    said = np.zeros(round_s * RECOGNITION_RATE, np.float32)
    part = live.lexicon.script(
        (1.0, "Good morning everybody."), (5.0, "This is a longer sentence than the first one."),
        (12.0, "And a short one."), (20.0, "Then silence."),
    )  # fmt: skip
    said[: len(part)] = part
    times = 2 * 3600 // round_s
    microphone = EndlessInput(said, live.clock, times=times)
    played = 0
    peaks: list[int] = []
    for _ in live.session(said, input=microphone, emit=ignore):
        played += 1
        if played % 100 == 0:
            peaks.append(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
    assert played == 4 * times
    assert peaks[-1] - peaks[1] < 8_000, "kB"
