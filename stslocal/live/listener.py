"""Recognizes live speech word by word while somebody speaks, and yields segments.

An open utterance is recognized again and again, each time with a little more of its sound. A
commit policy decides which words are final, and a segmenter decides which of them make a segment.
At the first silence the utterance is recognized at once. If the utterance ends there, its last
recognition is done; if the speaker goes on, it counts like any other. After a short pause the last
words before it, and their sound, are the context of what follows.

One thread calls a listener, and all work is done inside its methods. The next call brings what
arrived meanwhile: a slow machine recognizes less often and loses nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from stslocal.clock import Clock
from stslocal.engines.protocols import SpeechRecognizer, VoiceActivityDetector
from stslocal.live.anchors import count_committed
from stslocal.live.context import Context, misled
from stslocal.live.dropped_speech import DroppedSpeech
from stslocal.live.endpointing import Boundary, Endpointer, TextSoFar
from stslocal.live.hypotheses import CommitPolicy, HoldBack, Hypothesis, shifted
from stslocal.live.listener_limits import ListenerLimits
from stslocal.live.open_sound import OpenSound
from stslocal.live.recognition_time import RecognitionTime
from stslocal.live.segmentation import LiveSegmenter
from stslocal.live.speech_windows import SpeechWindows
from stslocal.metrics import Emit, PartialText, SpeechEnded, SpeechStarted, TextCommitted, ignore
from stslocal.text.sentences import ends_sentence
from stslocal.translation.spoken_language import SpokenLanguage
from stslocal.types import Recognition, Samples, Segment, Word


class StreamingListener:
    """A `Listener` made of a voice activity detector and a recognizer."""

    def __init__(
        self,
        vad: VoiceActivityDetector,
        recognizer: SpeechRecognizer,
        segmenter: LiveSegmenter,
        *,
        language: str | None,
        clock: Clock,
        policy: CommitPolicy | None = None,
        limits: ListenerLimits | None = None,
        emit: Emit = ignore,
    ) -> None:
        """`clock` is the stream's clock, which gives events their times.

        `language=None` detects the language anew in every utterance.
        """
        self._windows = SpeechWindows(vad)
        self._recognizer = recognizer
        self._segmenter = segmenter
        self._language = SpokenLanguage(language)
        self._clock = clock
        self._policy = policy or HoldBack()
        self._limits = limits = limits or ListenerLimits()
        self._emit = emit
        self._dropped = DroppedSpeech(clock, emit)
        self._endpointer = Endpointer(limits.endpoint)
        self._sound = OpenSound()
        """The sound that is still recognized; between utterances, the context and the margin."""
        self._context: Context | None = None
        """What was said before the next utterance, while none is open."""
        self._start_s = 0.0
        """Where the sound of the open utterance starts, without its context."""
        self._hypothesis: Hypothesis | None = None
        self._recognized_until_s = 0.0
        """The open utterance is recognized up to here."""
        self._utterance = -1
        self._was_rejected = False
        """Whether a guard rejected the last recognition."""
        self._in_undecided_pause = False
        """Whether the last recognition was in a pause that may be the end of the utterance."""
        self._time = RecognitionTime(limits)
        self.revisions = 0
        """Partial words that were shown and then changed or disappeared."""

    def feed(self, samples: Samples) -> Iterator[Segment]:
        """Take the next samples of the stream, at 16 kHz, shape (n,)."""
        for window, probability in self._windows.of(samples):
            self._sound.append(window)
            boundary = self._endpointer.push(probability, self._text_so_far())
            if boundary == Boundary.START:
                self._start_utterance()
            elif boundary == Boundary.END:
                yield from self._finish_utterance()
            elif self._hypothesis is not None and self._hypothesis.partial:
                yield from self._commit_at_pause(self._hypothesis)
            if self._hypothesis is not None:
                self._dropped.add_window(self._sound.end_s, probability)
                if self._sound.end_s - self._sound.start_s >= self._limits.most_s:
                    yield from self._recognize_open()
        if self._hypothesis is None:
            self._drop_old_sound()
            yield from self._time.given_to(self._segmenter.cut_waiting(self._endpointer.silence_s))
        elif self._is_recognition_due():
            yield from self._recognize_open()

    def finish(self) -> Iterator[Segment]:
        """Commit the open words at the end of the stream."""
        if self._hypothesis is not None:
            yield from self._finish_utterance()
        yield from self._time.given_to(self._segmenter.flush())

    def correct(self, samples: Samples) -> None:
        """Replace the newest samples, shape (n,), and recognize the open words again."""
        self._sound.correct(self._windows.correct(samples))
        self._recognized_until_s = self._start_s

    def recognize_less_often(self, less: bool) -> None:
        """Recognize an open utterance less often, or as often as usual again."""
        self._time.seldom = less

    @property
    def _is_pause(self) -> bool:
        return self._endpointer.silence_s >= self._limits.pause_s

    @property
    def _speech_end_s(self) -> float:
        return self._sound.end_s - self._endpointer.silence_s

    def _text_so_far(self) -> TextSoFar:
        if self._hypothesis is None or self._recognized_until_s < self._speech_end_s:
            return "words"
        if not (last := self._hypothesis.last_word):
            return "nothing"
        return "sentence" if ends_sentence(last, None, self._hypothesis.language) else "words"

    def _is_recognition_due(self) -> bool:
        limits = self._limits
        if self._is_pause:
            return self._recognized_until_s < self._speech_end_s and self._is_long_enough()
        least_s = limits.first_s if self._language.is_given else limits.language_s
        hop_s = self._time.hop_s(self._segmenter.spare_s())
        is_new = self._sound.end_s - self._recognized_until_s >= hop_s
        return is_new and self._endpointer.speech_s >= least_s

    def _is_long_enough(self) -> bool:
        return self._endpointer.speech_s >= self._limits.shortest_s

    def _start_utterance(self) -> None:
        self._utterance += 1
        self._drop_old_sound()
        now_s = self._sound.end_s
        self._start_s = max(self._sound.start_s, now_s - self._limits.margin_s)
        certain_s = self._limits.certain_s
        self._hypothesis = Hypothesis(self._policy, self._start_s, self._context, certain_s)
        self._recognized_until_s = self._start_s
        self._in_undecided_pause = self._was_rejected = False
        self._emit(SpeechStarted(self._clock.now(), self._utterance, now_s))

    def _recognize_open(self) -> Iterator[Segment]:
        """Recognize the open utterance once more, and yield the segments that it then gives."""
        hypothesis = self._hypothesis
        assert hypothesis is not None
        recognition = self._recognize()
        if not recognition.rejected:
            self._update(hypothesis, recognition)
            self._report_text(hypothesis, ())
            self._in_undecided_pause = self._is_pause
            if not self._in_undecided_pause:
                yield from self._commit_segment(hypothesis, hypothesis.stable_count)
        else:
            self._restart_after_committed(hypothesis)
            yield from self._time.given_to(self._segmenter.cut_waiting(0.0))
        hypothesis.trim(self._recognized_until_s, self._limits.trim)
        self._sound.drop_before(hypothesis.start_s)
        if self._recognized_until_s - hypothesis.start_s >= self._limits.longest_s:
            if recognition.rejected:
                self._update(hypothesis, self._recognize(thoroughly=True))
            yield from self._commit(hypothesis, hypothesis.finish())
            hypothesis.restart(self._recognized_until_s)
            self._sound.drop_before(self._recognized_until_s)

    def _restart_after_committed(self, hypothesis: Hypothesis) -> None:
        """Recognize only the sound after the committed words: theirs may be what misleads."""
        if hypothesis.committed:
            hypothesis.restart(max(self._start_s, hypothesis.committed[-1].end_s))
            self._sound.drop_before(hypothesis.start_s)

    def _commit_at_pause(self, hypothesis: Hypothesis) -> Iterator[Segment]:
        """Commit words before a silence, once it is known whether it is a pause.

        After `closing_s` it is one, and all words are stable if they were recognized to their end.
        If the speaker goes on earlier, it is none, and the commit policy says which are stable.
        """
        silence_s = self._endpointer.silence_s
        if silence_s >= self._limits.closing_s and self._recognized_until_s >= self._speech_end_s:
            yield from self._commit_segment(hypothesis, len(hypothesis.partial))
        elif self._in_undecided_pause and not silence_s:
            self._in_undecided_pause = False
            yield from self._commit_segment(hypothesis, hypothesis.stable_count)

    def _commit_segment(self, hypothesis: Hypothesis, stable: int) -> Iterator[Segment]:
        """Commit those of the first `stable` partial words that make segments now.

        Words are committed with their segment, so that each recognition may correct them until
        then; except for words that are certain.
        """
        segmenter, silence_s = self._segmenter, self._endpointer.silence_s
        yield from self._time.given_to(segmenter.change_language(hypothesis.language))
        while count := segmenter.count_due(hypothesis.partial, stable, silence_s=silence_s):
            words = hypothesis.commit(max(0, count - len(segmenter.pending)))
            stable -= len(words)
            self._report_text(hypothesis, words)
            yield from self._time.given_to([segmenter.cut(words, count, hypothesis.partial)])
        if certain := hypothesis.commit(hypothesis.certain_count):
            segmenter.wait(certain)
            self._report_text(hypothesis, certain)

    def _recognize(self, *, thoroughly: bool = False) -> Recognition:
        """Recognize the open utterance: the words after the committed ones, in stream time."""
        hypothesis = self._hypothesis
        assert hypothesis is not None
        began_s = self._clock.now()
        self._recognized_until_s = self._sound.end_s
        if not hypothesis.language:
            self._set_language(hypothesis)
        engine, sound, language = self._recognizer, self._sound.samples, hypothesis.language
        if thoroughly:
            recognition = engine.transcribe(sound, language=language)
        else:
            recognition = engine.hypothesize(sound, language=language, paused=self._is_pause)
        self._time.add(self._clock.now() - began_s)
        words = shifted(recognition.words, self._sound.start_s)
        self._dropped.rejected(recognition.dropped, self._sound.start_s)
        new_words = words[count_committed(words, hypothesis.committed) :]
        unwritten_s = self._dropped.speech_after(words[-1].end_s if words else 0.0)
        rejected = recognition.rejected or misled(new_words, hypothesis.committed, unwritten_s)
        self._was_rejected = bool(rejected)
        return replace(recognition, words=() if rejected else new_words, rejected=rejected)

    def _update(self, hypothesis: Hypothesis, recognition: Recognition) -> None:
        if not recognition.rejected:
            until_s = self._recognized_until_s
            hypothesis.update(recognition.words, until_s=until_s, final=self._is_pause)

    def _set_language(self, hypothesis: Hypothesis) -> None:
        """Decide in which language to recognize the utterance, from its own sound alone."""
        language, code = self._language, self._language.code
        is_long_enough = self._endpointer.speech_s >= self._limits.language_s
        if code is None or (not language.is_given and is_long_enough):
            own_sound = self._sound.since(self._start_s)
            code = language.update(*self._recognizer.detect_language(own_sound))
        hypothesis.language = code
        if self._context is not None and self._context.language != code:
            self._restart_after_committed(hypothesis)

    def _finish_utterance(self) -> Iterator[Segment]:
        hypothesis = self._hypothesis
        assert hypothesis is not None
        if self._is_long_enough():
            if self._recognized_until_s < self._speech_end_s:
                self._update(hypothesis, self._recognize())
            if self._was_rejected:  # before it is given up
                self._restart_after_committed(hypothesis)
                self._update(hypothesis, self._recognize(thoroughly=True))
        self._emit(SpeechEnded(self._clock.now(), self._utterance, self._speech_end_s))
        yield from self._commit(hypothesis, hypothesis.finish())
        self._dropped.report(self._utterance)
        self.revisions += hypothesis.revisions
        self._context = hypothesis.context(self._limits.context_s)
        self._hypothesis = None
        self._drop_old_sound()

    def _commit(self, hypothesis: Hypothesis, words: Sequence[Word]) -> Iterator[Segment]:
        self._report_text(hypothesis, words)
        if words:
            yield from self._time.given_to(self._segmenter.change_language(hypothesis.language))
            yield from self._time.given_to(self._segmenter.push(words))

    def _report_text(self, hypothesis: Hypothesis, words: Sequence[Word]) -> None:
        """Emit newly committed words, and the partial words."""
        now_s = self._clock.now()
        if words:
            self._dropped.add_words(words)
            self._emit(TextCommitted(now_s, self._utterance, tuple(words)))
        self._emit(PartialText(now_s, self._utterance, hypothesis.shown_text))

    def _drop_old_sound(self) -> None:
        """Between utterances, forget the sound that the next one does not need."""
        context, now_s = self._context, self._sound.end_s
        if context is not None and now_s - context.end_s > self._limits.context_pause_s:
            context = self._context = None
        margin_s = now_s - self._limits.margin_s
        self._sound.drop_before(margin_s if context is None else min(context.start_s, margin_s))
