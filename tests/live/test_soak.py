"""Two hours of speech from microphone to loudspeaker, in seconds: memory does not grow.

The sound card is a thread that moves the virtual time: it writes the microphone's samples into
one ring and takes the loudspeaker's samples out of another one, as fast as the pipeline works.
Stages, threads and rings are the real ones; engines are fakes.
"""

from __future__ import annotations

import gc
import os
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from stslocal.clock import VirtualClock
from stslocal.files.speak import Synthesize
from stslocal.files.stages import Recognize, SegmentSpeech
from stslocal.files.utterances import UtteranceCutter
from stslocal.metrics import Event, JsonLines, SegmentTranslated, StageBusy, read_json_lines
from stslocal.pipeline.runner import PipelineRunner
from stslocal.pipeline.stage import chain
from stslocal.rings import SampleRing
from stslocal.translation.segmentation import Segmenter
from stslocal.translation.translate import Translate
from stslocal.types import RECOGNITION_RATE, Samples
from tests.fakes import (
    FakeRecognizer,
    FakeSynthesizer,
    FakeTranslator,
    FakeVad,
    Lexicon,
    only_translator,
)

pytestmark = pytest.mark.unit

DURATION_S = 2 * 3600
FILLED_S = 1200
"""Until then, pools, caches and rings may still fill up."""
BLOCK_S = 0.5
SPEAKER_RATE = 24_000


class SoundCard:
    """Repeats a recording into `microphone` for two hours, and empties `loudspeaker`."""

    def __init__(self, recording: Samples, clock: VirtualClock) -> None:
        self.microphone = SampleRing(RECOGNITION_RATE)
        self.loudspeaker = SampleRing(SPEAKER_RATE)
        self.played = 0
        self._recording = recording
        self._clock = clock
        self._thread = threading.Thread(target=self._run, name="sound card")

    def __enter__(self) -> SoundCard:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.microphone.close()
        self._thread.join()

    def captured(self) -> Iterator[Samples]:
        """The microphone's samples, for the pipeline."""
        count = round(BLOCK_S * RECOGNITION_RATE)
        while self.microphone.wait_available(count):
            block = np.empty(count, np.float32)
            self.microphone.read_into(block)
            yield block

    def _run(self) -> None:
        size = round(BLOCK_S * RECOGNITION_RATE)
        speaker = np.empty(round(BLOCK_S * SPEAKER_RATE), np.float32)
        for number in range(round(DURATION_S / BLOCK_S)):
            # A real card does not wait. This one waits, and goes on playing meanwhile, because the
            # pipeline may be waiting for room at the loudspeaker.
            while not self.microphone.wait_space(size, timeout=0.001):
                self.played += self.loudspeaker.read_into(speaker)
                if self.microphone.closed:
                    return
            start = number * size % len(self._recording)
            self.microphone.write(self._recording[start : start + size])
            self.played += self.loudspeaker.read_into(speaker)
            self._clock.sleep_until((number + 1) * BLOCK_S)
        self.microphone.close()
        while self.loudspeaker.wait_available(1):
            self.played += self.loudspeaker.read_into(speaker)


def resident_bytes() -> int:
    statm = Path("/proc/self/statm")
    return int(statm.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") if statm.exists() else 0


def running_threads() -> set[threading.Thread]:
    """All threads but the one that waits for the end of the program."""
    return {thread for thread in threading.enumerate() if thread.name != "end of program"}


class ResourceLog:
    """Memory blocks, resident bytes and threads, every ten minutes of virtual time."""

    def __init__(self, clock: VirtualClock) -> None:
        self._clock = clock
        self._next_s = 0.0
        self.rows: list[tuple[float, int, int, int]] = []

    def add_row_if_due(self) -> None:
        if self._clock.now() >= self._next_s:
            gc.collect()
            figures = sys.getallocatedblocks(), resident_bytes(), threading.active_count()
            self.rows.append((self._clock.now(), *figures))
            self._next_s += 600.0


def test_memory_and_threads_do_not_grow_in_two_hours(tmp_path: Path) -> None:
    lexicon, clock = Lexicon(), VirtualClock()
    minute = lexicon.script(
        (1.0, "good day to you all."),
        (6.0, "this is a longer sentence of ten words or more."),
        (20.0, "after a pause, somebody goes on to speak, and speak,"),
        (26.5, "and ends."),
        (45.0, "thank you."),
    )
    minute = np.concatenate([minute, np.zeros(60 * RECOGNITION_RATE - len(minute), np.float32)])
    recognizer = FakeRecognizer(lexicon=lexicon)
    synthesizer = FakeSynthesizer(lexicon=lexicon)
    voice = synthesizer.voice("pt_alto")
    log = tmp_path / "events.jsonl"
    spoken = samples = 0
    resources = ResourceLog(clock)
    threads_before = running_threads()
    with SoundCard(minute, clock) as card, JsonLines(log) as emit:
        flow = (
            chain(SegmentSpeech(FakeVad(), UtteranceCutter()))
            .then(Recognize(recognizer, Segmenter("en"), language="en"))
            .then(Translate(only_translator(FakeTranslator()), target="pt", clock=clock, emit=emit))
            .then(Synthesize(synthesizer, voice))
        )
        with PipelineRunner(card.captured(), flow, emit=emit, on_stop=card.microphone.close) as run:
            for placed in run:
                rest = placed.spoken.samples
                while len(rest):
                    card.loudspeaker.wait_space(1)
                    rest = rest[card.loudspeaker.write(rest[: card.loudspeaker.space]) :]
                spoken += 1
                samples += len(placed.spoken.samples)
                resources.add_row_if_due()
        card.loudspeaker.close()

    assert running_threads() == threads_before
    assert card.played == samples, "every synthesized sample was played"
    assert card.microphone.overrun == card.loudspeaker.overrun == 0
    assert card.microphone.read == DURATION_S * RECOGNITION_RATE
    assert clock.now() == pytest.approx(DURATION_S)

    events: list[Event] = read_json_lines(log)
    translated = [event for event in events if isinstance(event, SegmentTranslated)]
    assert spoken == len(translated) == DURATION_S // 60 * 5
    assert {event.stage for event in events if isinstance(event, StageBusy)} == {
        "source",
        "segment speech",
        "recognize",
        "translate",
        "synthesize",
    }

    rows = [row for row in resources.rows if FILLED_S <= row[0] < DURATION_S - 60]
    blocks, resident, threads = zip(*(row[1:] for row in rows), strict=True)
    assert len(rows) >= 9
    assert set(threads) == {threads[0]}
    growth = min(blocks[-3:]) - min(blocks[:3])
    # All objects of the interpreter are counted, and they vary by up to 400 from one moment to the
    # next. About 450 segments lie between the two figures: one kept object for each segment, whose
    # parts count too, would make 900 blocks or more.
    assert growth < 1.2 * spoken, "less than an object for each segment"
    assert resident[-1] - resident[0] < 8e6, "1.5 hours of speech would be far more"
