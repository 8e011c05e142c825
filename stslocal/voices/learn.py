"""Learns the speaker's voice while they speak.

The voice is made from the sound of recognized segments, because recognized sound is speech. It is
made first after 2 s of good speech, and again after 8 s and 20 s. A clone is better each time, and
the newest one speaks; of matched voices the first one stays, unless a later one is much nearer.
It is made in a thread of its own, beside the pipeline; a new voice speaks from the next segment on.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from concurrent.futures import Executor, Future, wait

import numpy as np

from stslocal.clock import Clock
from stslocal.engines.protocols import VoiceCloner
from stslocal.metrics import Emit, VoiceLearnt, ignore
from stslocal.types import RECOGNITION_RATE, Samples, Segment, Sound, VoiceProfile
from stslocal.voices.choose import describe_voice, newest

_log = logging.getLogger(__name__)

LEARN_AT_S = (2.0, 8.0, 20.0)
"""Seconds of good speech after which the voice is made and made again.

Matched after 2 s, the register was right for 60 of 60 speakers, and the voice that spoke in the end
was as near to the speaker as one that was first matched after 3 or 4 s.
"""
_FIRST_WAIT_S = 0.3
"""Seconds that a segment waits for the first voice: a match takes a tenth of that, and is better
than a change of voice after the first sentence."""
_TRY_AGAIN_S = 1.0
"""Seconds of speech until the next try, where the first speech was too poor for a voice."""

LOWEST_RMS = 0.005
"""-46 dBFS: softer speech is mostly the noise of the room."""
CLIPPING_LEVEL = 0.999
"""Samples at or above this value count as clipped."""
HIGHEST_CLIPPED_SHARE = 1e-3
"""Speech with a larger share of clipped samples is not used."""
LOWEST_PROBABILITY = 0.5
"""A segment whose words have a lower mean probability is not clear speech, and is not used."""


class VoiceLearner:
    """Makes the speaker's voice from segments, and keeps the one that speaks.

    The thread that recognizes calls `add`; the thread that speaks calls `voice`.
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
        steady: Callable[[VoiceProfile, VoiceProfile], VoiceProfile] = newest,
        steps_s: tuple[float, ...] = LEARN_AT_S,
    ) -> None:
        """`language` is the language to speak, `name` the name of the voice.

        `steady` is given the voice that speaks and a later one, and returns the one that speaks on.
        """
        self._cloner = cloner
        self._executor = executor
        self._language = language
        self._name = name
        self._clock = clock
        self._emit = emit
        self._steady = steady
        self._steps_s = list(steps_s)
        self._speech: list[Samples] = []
        self.speech_s = 0.0
        """Seconds of good speech so far."""
        self._lock = threading.Lock()
        self._making: tuple[float, Future[VoiceProfile]] | None = None
        self.profile: VoiceProfile | None = None
        """The voice that speaks now; None before the first one."""

    def add(self, segment: Segment, sound: Sound) -> None:
        """Learn from a recognized segment, if its speech is clear. `sound` gives its samples."""
        if not self._steps_s or not segment.words:
            return
        probability = sum(word.probability for word in segment.words) / len(segment.words)
        speech = sound(segment.start_s, segment.end_s)
        if probability < LOWEST_PROBABILITY or not is_clean(speech):
            length_s = segment.end_s - segment.start_s
            _log.debug("no voice from %.1f s: probability %.2f, or quiet", length_s, probability)
            return
        self._speech.append(speech)
        self.speech_s += len(speech) / RECOGNITION_RATE
        with self._lock:
            if self._making is None and self.speech_s >= self._steps_s[0]:
                self._steps_s = [step_s for step_s in self._steps_s if step_s > self.speech_s]
                reference = np.concatenate(self._speech)
                self._making = (self.speech_s, self._executor.submit(self._make, reference))

    def voice(self) -> VoiceProfile | None:
        """The voice for the next segment; None before there is one.

        Raises the error that making the voice raised.
        """
        making = self._making
        if making is not None and self.profile is None:
            wait([making[1]], timeout=_FIRST_WAIT_S)
        with self._lock:
            making = self._making
            if making is None or not making[1].done():
                return self.profile
            self._making = None
            speech_s, made = making[0], making[1].result()
            if "default" in made.provenance and self._steps_s:
                if (again_s := speech_s + _TRY_AGAIN_S) < self._steps_s[0]:
                    self._steps_s.insert(0, again_s)
                return self.profile
        voice = self._speaking_on(made)
        if voice is not self.profile:
            self.profile = voice
            about = describe_voice(voice)
            _log.info("a voice is learnt from %.0f s of speech: %s", speech_s, about)
            self._emit(VoiceLearnt(self._clock.now(), voice.name, speech_s, about))
        return voice

    def latest(self) -> VoiceProfile | None:
        """Wait for the newest voice and return it; None when there was too little speech for one.

        For the end of a session, when no later segment takes the voice. Raises the error that
        making the voice raised.
        """
        with self._lock:
            making = self._making
        return self.profile if making is None else self._speaking_on(making[1].result())

    def _speaking_on(self, made: VoiceProfile) -> VoiceProfile:
        return made if self.profile is None else self._steady(self.profile, made)

    def _make(self, reference: Samples) -> VoiceProfile:
        return self._cloner.clone(
            reference, RECOGNITION_RATE, name=self._name, language=self._language
        )


def is_clean(speech: Samples) -> bool:
    """Whether speech, shape (n,), is loud enough and not clipped, so that a voice can be made."""
    if not len(speech):
        return False
    rms = float(np.sqrt(np.mean(np.square(speech, dtype=np.float64))))
    clipped_share = float(np.mean(np.abs(speech) >= CLIPPING_LEVEL))
    return rms >= LOWEST_RMS and clipped_share <= HIGHEST_CLIPPED_SHARE
