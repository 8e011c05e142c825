"""The speaker's voice, learnt while they speak.

What was recognized was speech, so the sound of recognized words is what the voice is made from:
first after a few seconds, and better each time as much more is there. Making it costs the
processor a moment and happens beside the pipeline; the new voice speaks from the next segment.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Executor, Future

import numpy as np

from stslocal.clock import Clock
from stslocal.engines.protocols import VoiceCloner
from stslocal.metrics import Emit, VoiceEnrolled, ignore
from stslocal.types import RECOGNITION_RATE, Samples, Segment, VoiceProfile

ENROL_AT_S = (3.0, 8.0, 20.0)
"""Seconds of good speech after which the voice is made, and made again."""

QUIETEST_RMS = 0.005
"""-46 dBFS: softer speech is mostly room."""
CLIPPED = 0.999
MOST_CLIPPED = 1e-3
"""Share of samples at full scale beyond which speech is not used."""
SUREST = 0.5
"""Mean probability of a segment's words below which it is not taken for clear speech."""


class SoundMemory:
    """The last seconds of a stream, to be asked for by their place in it. For one thread."""

    def __init__(self, capacity_s: float = 30.0) -> None:
        self._buffer = np.zeros(round(capacity_s * RECOGNITION_RATE), np.float32)
        self._end = 0

    def add(self, samples: Samples) -> None:
        samples = samples[-len(self._buffer) :]
        at = (self._end + np.arange(len(samples))) % len(self._buffer)
        self._buffer[at] = samples
        self._end += len(samples)

    def between(self, start_s: float, end_s: float) -> Samples:
        """A copy of what lies between two times, as far as it is remembered."""
        first = max(round(start_s * RECOGNITION_RATE), self._end - len(self._buffer), 0)
        behind = min(round(end_s * RECOGNITION_RATE), self._end)
        copied: Samples = self._buffer[np.arange(first, max(first, behind)) % len(self._buffer)]
        return copied


class Enrolment:
    """Makes the speaker's voice from segments, and keeps the best one so far.

    `add` belongs to the thread that recognizes, `voice` to the one that speaks.
    """

    def __init__(
        self,
        cloner: VoiceCloner,
        executor: Executor,
        *,
        language: str,
        name: str,
        clock: Clock,
        emit: Emit = ignore,
        steps_s: tuple[float, ...] = ENROL_AT_S,
        describe: Callable[[VoiceProfile], str] = lambda profile: profile.name,
    ) -> None:
        """`language` is the one to be spoken, `name` the voice's."""
        self._cloner = cloner
        self._executor = executor
        self._language = language
        self._name = name
        self._clock = clock
        self._emit = emit
        self._steps_s = list(steps_s)
        self._describe = describe
        self._memory = SoundMemory()
        self._speech: list[Samples] = []
        self.heard_s = 0.0
        """Seconds of good speech so far."""
        self._lock = threading.Lock()
        self._making: tuple[float, Future[VoiceProfile]] | None = None
        self.profile: VoiceProfile | None = None
        """The voice that speaks."""

    def listen(self, samples: Samples) -> None:
        """Remember the input, at 16 kHz, as the recognizer hears it."""
        if self._steps_s:
            self._memory.add(samples)

    def add(self, segment: Segment) -> None:
        """Learn from a recognized segment, if it was said clearly."""
        if not self._steps_s or not segment.words:
            return
        probability = sum(word.probability for word in segment.words) / len(segment.words)
        sound = self._memory.between(segment.start_s, segment.end_s)
        if probability < SUREST or not is_clean(sound):
            return
        self._speech.append(sound)
        self.heard_s += len(sound) / RECOGNITION_RATE
        with self._lock:
            if self._making is None and self.heard_s >= self._steps_s[0]:
                self._steps_s = [step_s for step_s in self._steps_s if step_s > self.heard_s]
                reference = np.concatenate(self._speech)
                self._making = (self.heard_s, self._executor.submit(self._make, reference))

    def voice(self) -> VoiceProfile | None:
        """The voice to speak the next segment in; None before there is one.

        Raises what making it raised.
        """
        with self._lock:
            making = self._making
            if making is None or not making[1].done():
                return self.profile
            self._making = None
        heard_s, future = making
        self.profile = voice = future.result()
        self._emit(VoiceEnrolled(self._clock.now(), voice.name, heard_s, self._describe(voice)))
        return voice

    def latest(self) -> VoiceProfile | None:
        """The newest voice that was begun, waited for; None when too little was said for one.

        For when everything was said, so that no later segment would take it up. Raises what
        making it raised.
        """
        with self._lock:
            making = self._making
        return self.profile if making is None else making[1].result()

    def _make(self, reference: Samples) -> VoiceProfile:
        return self._cloner.clone(
            reference, RECOGNITION_RATE, name=self._name, language=self._language
        )


def is_clean(sound: Samples) -> bool:
    """Whether speech is loud enough and not clipped, so that a voice can be made from it."""
    if not len(sound):
        return False
    rms = float(np.sqrt(np.mean(np.square(sound, dtype=np.float64))))
    clipped = float(np.mean(np.abs(sound) >= CLIPPED))
    return rms >= QUIETEST_RMS and clipped <= MOST_CLIPPED
