"""The live ear: sound to segments, word by word while somebody speaks.

An open utterance is heard again and again, with a little more of it each time; a commit policy
says which words are final, and a segmenter which of them make a segment. At the first silence
the utterance is heard once more at once: when the silence proves to be its end, that hearing is
already there, and when it does not, it was a hearing like the others.

One thread drives it. It works inside `feed`, and whoever calls takes the audio that arrived
meanwhile with the next call: a slow machine hears less often, and never less.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from stslocal.clock import Clock
from stslocal.engines.protocols import SpeechRecognizer, VoiceActivityDetector
from stslocal.live.endpointing import Endpointer, EndpointLimits, Said, Turn
from stslocal.live.hypotheses import (
    CommitPolicy,
    HoldBack,
    Hypothesis,
    TrimLimits,
    after_committed,
)
from stslocal.live.segmentation import LiveSegmenter
from stslocal.live.spoken_language import SpokenLanguage
from stslocal.metrics import Emit, PartialText, SpeechEnded, SpeechStarted, TextCommitted, ignore
from stslocal.text.sentences import ends_sentence
from stslocal.types import RECOGNITION_RATE, Recognition, Samples, Segment, Word

_RECOGNITION_S = 0.3
"""What a hearing takes, until there were some."""
_LEARNING = 0.2
"""Weight of the newest hearing in what is expected of the next."""
_RARER = 2
"""Partial results come so many times less often when the machine has too much to do."""


@dataclass(frozen=True, slots=True)
class ListenerLimits:
    """How often and how long an utterance is heard."""

    hop_s: float = 0.6
    """New audio that a hearing needs when a segment is wanted soon. With 0.5 s latency and errors
    were the same, within what two runs differ by, for more work."""
    longest_hop_s: float = 1.2
    """New audio that it needs when the listener has enough to hear."""
    first_s: float = 0.6
    """Speech that the first hearing of an utterance needs."""
    language_s: float = 1.2
    """Speech that it needs when the language has to be found too."""
    pause_s: float = 0.1
    """Silence after which the utterance may be over, and is heard at once."""
    closing_s: float = 0.2
    """Silence after which words that were heard to their end are heard well enough."""
    margin_s: float = 0.3
    """Sound kept before an utterance: VADs come late."""
    shortest_s: float = 0.12
    """Less speech than this is a click or a breath, and is not heard at all."""
    longest_s: float = 24.0
    """An utterance of which nothing could be committed for so long is taken as it is."""
    flush_s: float = 0.9
    """Silence after which words that wait for the end of their sentence wait no longer."""
    endpoint: EndpointLimits = field(default_factory=EndpointLimits)
    trim: TrimLimits = field(default_factory=TrimLimits)


class StreamingListener:
    """A `Listener` over a voice activity detector and a recognizer."""

    def __init__(
        self,
        vad: VoiceActivityDetector,
        recognizer: SpeechRecognizer,
        segmenter: LiveSegmenter,
        *,
        language: str | None,
        clock: Clock,
        policy: CommitPolicy | None = None,
        limits: ListenerLimits = ListenerLimits(),
        emit: Emit = ignore,
    ) -> None:
        """`clock` is the stream's: it says when something was committed.

        `language=None` finds the language, and looks at it again with every utterance.
        """
        self._vad = vad
        self._vad_state = vad.initial_state()
        self._recognizer = recognizer
        self._segmenter = segmenter
        self._language = SpokenLanguage(language)
        self._clock = clock
        self._policy = policy or HoldBack()
        self._limits = limits
        self._emit = emit
        self._endpointer = Endpointer(limits.endpoint)
        self._rest: Samples = np.zeros(0, np.float32)
        """Samples that do not fill a window yet."""
        self._sound: Samples = np.zeros(0, np.float32)
        """What is still heard, or the margin before a possible start."""
        self._end = 0
        """Position of the sample behind `_sound` in the stream."""
        self._hypothesis: Hypothesis | None = None
        self._recognized_until_s = 0.0
        """Up to here the open utterance was heard."""
        self._utterance = -1
        self._paused = False
        """Whether it was heard in a pause, and it is open what of that is sure."""
        self._work_s = 0.0
        """Time that hearing took since the last segment."""
        self._recognition_s = _RECOGNITION_S
        """Time that a hearing takes."""
        self._least_hop_s = limits.hop_s
        self.revisions = 0
        """Partial words that were shown and then changed or went away."""

    def feed(self, samples: Samples) -> Iterator[Segment]:
        """Hear the next samples of the stream, at 16 kHz, shape (n,)."""
        stream = np.concatenate([self._rest, samples])
        size = self._vad.window
        whole = len(stream) // size * size
        windows, self._rest = stream[:whole], stream[whole:]
        probabilities, self._vad_state = self._vad.probabilities(windows, self._vad_state)
        for number, probability in enumerate(probabilities):
            self._append(windows[number * size : (number + 1) * size])
            turn = self._endpointer.push(float(probability), self._said())
            if turn == Turn.STARTED:
                self._start()
            elif turn == Turn.ENDED:
                yield from self._finish_utterance()
            elif self._hypothesis is not None and self._hypothesis.partial:
                yield from self._decide(self._hypothesis)
        if self._hypothesis is None:
            self._forget(self._end_s - self._limits.margin_s)
            yield from self._segments(self._waiting())
        elif self._due():
            yield from self._hear_more()

    def finish(self) -> Iterator[Segment]:
        """The stream is over: commit what is open."""
        if self._hypothesis is not None:
            yield from self._finish_utterance()
        yield from self._segments(self._segmenter.flush())

    def work_less(self, less: bool) -> None:
        """Recognize partial results less often, or as usual again."""
        limits = self._limits
        self._least_hop_s = _RARER * limits.longest_hop_s if less else limits.hop_s

    def _waiting(self) -> list[Segment]:
        """What is given out, between two utterances, of the words that wait."""
        return self._segmenter.rest(complete=self._endpointer.silence_s >= self._limits.flush_s)

    @property
    def _end_s(self) -> float:
        return self._end / RECOGNITION_RATE

    @property
    def _speech_end_s(self) -> float:
        return self._end_s - self._endpointer.silence_s

    def _said(self) -> Said:
        if self._hypothesis is None or self._recognized_until_s < self._speech_end_s:
            return "words"
        last = self._hypothesis.last_word
        if not last:
            return "nothing"
        return "sentence" if ends_sentence(last, None, self._hypothesis.language) else "words"

    def _due(self) -> bool:
        limits = self._limits
        if self._endpointer.silence_s >= limits.pause_s:
            return self._recognized_until_s < self._speech_end_s and self._long_enough()
        if self._endpointer.speech_s < (
            limits.language_s if self._language.wanted else limits.first_s
        ):
            return False
        return self._end_s - self._recognized_until_s >= self._hop_s()

    def _hop_s(self) -> float:
        """New audio until the next hearing, which is over when a segment is wanted."""
        spare_s = self._segmenter.spare_s() - self._recognition_s
        return max(self._least_hop_s, min(spare_s, self._limits.longest_hop_s))

    def _long_enough(self) -> bool:
        return self._endpointer.speech_s >= self._limits.shortest_s

    def _start(self) -> None:
        self._utterance += 1
        start_s = max(self._end_s - len(self._sound) / RECOGNITION_RATE, 0.0)
        self._hypothesis = Hypothesis(self._policy, start_s=start_s)
        self._recognized_until_s = start_s
        self._paused = False
        self._emit(SpeechStarted(self._clock.now(), self._utterance, self._end_s))

    def _hear_more(self) -> Iterator[Segment]:
        hypothesis = self._hypothesis
        assert hypothesis is not None
        heard = self._hear()
        if not heard.rejected:
            hypothesis.update(heard.words, until_s=self._recognized_until_s)
            self._tell(hypothesis, ())
            self._paused = self._endpointer.silence_s >= self._limits.pause_s
            if not self._paused:
                yield from self._give_out(hypothesis, hypothesis.sure)
        else:
            if hypothesis.committed:
                # What was said before may be what misleads the recognizer.
                hypothesis.restart(hypothesis.committed[-1].end_s)
            yield from self._segments(self._segmenter.rest(complete=False))
        hypothesis.trim(self._recognized_until_s, self._limits.trim)
        self._forget(hypothesis.start_s)
        if self._recognized_until_s - hypothesis.start_s >= self._limits.longest_s:
            yield from self._commit(hypothesis.finish())
            hypothesis.restart(self._recognized_until_s)
            self._forget(self._recognized_until_s)

    def _decide(self, hypothesis: Hypothesis) -> Iterator[Segment]:
        """Say what is sure of the words before a pause, once it is known to be one.

        All of them are when they were heard to their end and it is long enough. When the speaker
        goes on before, those are that would be without it.
        """
        silence_s = self._endpointer.silence_s
        if silence_s >= self._limits.closing_s and self._recognized_until_s >= self._speech_end_s:
            yield from self._give_out(hypothesis, len(hypothesis.partial))
        elif self._paused and not silence_s:
            self._paused = False
            yield from self._give_out(hypothesis, hypothesis.sure)

    def _give_out(self, hypothesis: Hypothesis, sure: int) -> Iterator[Segment]:
        """Commit, of the first `sure` words, those that make a segment now.

        Words are committed with their segment: until then each hearing may better them.
        """
        yield from self._segments(self._segmenter.change_language(hypothesis.language))
        waiting = len(self._segmenter.pending)
        count = self._segmenter.due(hypothesis.partial, sure, silence_s=self._endpointer.silence_s)
        if count:
            words = hypothesis.commit(max(0, count - waiting))
            self._tell(hypothesis, words)
            yield from self._segments([self._segmenter.cut(words, count)])

    def _hear(self, *, thoroughly: bool = False) -> Recognition:
        """Recognize what is open: the words after the committed ones, with times in the stream."""
        hypothesis = self._hypothesis
        assert hypothesis is not None
        began_s = self._clock.now()
        self._recognized_until_s = self._end_s
        if not hypothesis.language:
            hypothesis.language = self._find_language()
        recognize = self._recognizer.transcribe if thoroughly else self._recognizer.hypothesize
        heard = recognize(self._sound, language=hypothesis.language)
        took_s = self._clock.now() - began_s
        self._work_s += took_s
        self._recognition_s += _LEARNING * (took_s - self._recognition_s)
        words = _moved(heard.words, self._end_s - len(self._sound) / RECOGNITION_RATE)
        return replace(heard, words=words[after_committed(words, hypothesis.committed) :])

    def _find_language(self) -> str:
        language = self._language
        long_enough = self._endpointer.speech_s >= self._limits.language_s
        if language.code is not None and not (language.wanted and long_enough):
            return language.code
        return language.update(*self._recognizer.detect_language(self._sound))

    def _finish_utterance(self) -> Iterator[Segment]:
        hypothesis = self._hypothesis
        assert hypothesis is not None
        if self._recognized_until_s < self._speech_end_s and self._long_enough():
            heard = self._hear()
            if heard.rejected:
                heard = self._hear(thoroughly=True)
            if not heard.rejected:
                hypothesis.update(heard.words, until_s=self._recognized_until_s)
        self._emit(SpeechEnded(self._clock.now(), self._utterance, self._speech_end_s))
        yield from self._commit(hypothesis.finish())
        self.revisions += hypothesis.revisions
        self._hypothesis = None
        self._forget(self._end_s - self._limits.margin_s)

    def _commit(self, words: Sequence[Word]) -> Iterator[Segment]:
        assert self._hypothesis is not None
        self._tell(self._hypothesis, words)
        if words:
            yield from self._segments(self._segmenter.change_language(self._hypothesis.language))
            yield from self._segments(self._segmenter.push(words))

    def _tell(self, hypothesis: Hypothesis, words: Sequence[Word]) -> None:
        """Tell of committed words, and of those that are open."""
        now_s = self._clock.now()
        if words:
            self._emit(TextCommitted(now_s, self._utterance, tuple(words)))
        self._emit(PartialText(now_s, self._utterance, hypothesis.partial_text))

    def _segments(self, segments: list[Segment]) -> Iterator[Segment]:
        for segment in segments:
            work_s, self._work_s = self._work_s, 0.0
            yield replace(segment, recognition_s=work_s)

    def _append(self, window: Samples) -> None:
        self._sound = np.concatenate([self._sound, window])
        self._end += len(window)

    def _forget(self, before_s: float) -> None:
        keep = self._end - round(before_s * RECOGNITION_RATE)
        self._sound = self._sound[max(0, len(self._sound) - keep) :]


def _moved(words: Sequence[Word], by_s: float) -> tuple[Word, ...]:
    return tuple(
        replace(word, start_s=word.start_s + by_s, end_s=word.end_s + by_s) for word in words
    )
