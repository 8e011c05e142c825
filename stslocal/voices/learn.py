"""The speaker's voice, learnt while they speak.

What was recognized was speech, so the sound of recognized words is what the voice is made from:
first after a few seconds, and better each time as much more is there. Making it costs the
processor a moment and happens beside the pipeline; the new voice speaks from the next segment.
"""

from __future__ import annotations

import threading
from concurrent.futures import Executor, Future

import numpy as np

from stslocal.clock import Clock
from stslocal.engines.protocols import VoiceCloner
from stslocal.metrics import Emit, VoiceLearnt, ignore
from stslocal.types import RECOGNITION_RATE, Samples, Segment, Sound, VoiceProfile

LEARN_AT_S = (3.0, 8.0, 20.0)
"""Seconds of good speech after which the voice is made, and made again."""

QUIETEST_RMS = 0.005
"""-46 dBFS: softer speech is mostly room."""
CLIPPED = 0.999
MOST_CLIPPED = 1e-3
"""Share of samples at full scale beyond which speech is not used."""
SUREST = 0.5
"""Mean probability of a segment's words below which it is not taken for clear speech."""


class VoiceLearner:
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
        steps_s: tuple[float, ...] = LEARN_AT_S,
    ) -> None:
        """`language` is the one to be spoken, `name` the voice's."""
        self._cloner = cloner
        self._executor = executor
        self._language = language
        self._name = name
        self._clock = clock
        self._emit = emit
        self._steps_s = list(steps_s)
        self._speech: list[Samples] = []
        self.speech_s = 0.0
        """Seconds of good speech so far."""
        self._lock = threading.Lock()
        self._making: tuple[float, Future[VoiceProfile]] | None = None
        self.profile: VoiceProfile | None = None
        """The voice that speaks."""

    def add(self, segment: Segment, sound: Sound) -> None:
        """Learn from a recognized segment, if it was said clearly. `sound` gives its samples."""
        if not self._steps_s or not segment.words:
            return
        probability = sum(word.probability for word in segment.words) / len(segment.words)
        speech = sound(segment.start_s, segment.end_s)
        if probability < SUREST or not is_clean(speech):
            return
        self._speech.append(speech)
        self.speech_s += len(speech) / RECOGNITION_RATE
        with self._lock:
            if self._making is None and self.speech_s >= self._steps_s[0]:
                self._steps_s = [step_s for step_s in self._steps_s if step_s > self.speech_s]
                reference = np.concatenate(self._speech)
                self._making = (self.speech_s, self._executor.submit(self._make, reference))

    def voice(self) -> VoiceProfile | None:
        """The voice to speak the next segment in; None before there is one.

        Raises what making it raised.
        """
        with self._lock:
            making = self._making
            if making is None or not making[1].done():
                return self.profile
            self._making = None
        speech_s, future = making
        self.profile = voice = future.result()
        self._emit(VoiceLearnt(self._clock.now(), voice.name, speech_s, describe(voice)))
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


def is_clean(speech: Samples) -> bool:
    """Whether speech is loud enough and not clipped, so that a voice can be made from it."""
    if not len(speech):
        return False
    rms = float(np.sqrt(np.mean(np.square(speech, dtype=np.float64))))
    clipped = float(np.mean(np.abs(speech) >= CLIPPED))
    return rms >= QUIETEST_RMS and clipped <= MOST_CLIPPED


def describe(voice: VoiceProfile) -> str:
    """What a voice was made of, for a person."""
    made_of = voice.provenance.get("styles", voice.name)
    similarity = voice.provenance.get("similarity")
    return f"{made_of} ({similarity} alike)" if similarity else made_of
