"""Cuts a recording into utterances, by the speech probability of each window."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from stslocal.types import RECOGNITION_RATE, WINDOW, WINDOW_S, Samples, Utterance


@dataclass(frozen=True, slots=True)
class UtteranceLimits:
    """The limits of an utterance. The thresholds are those of Silero's own example."""

    start_probability: float = 0.5
    """A window at or above this probability starts or continues speech."""
    end_probability: float = 0.35
    """A window below this probability is silence."""
    silence_s: float = 2.5
    """Silence that ends an utterance. Shorter ones do not, because words before a pause help to
    recognize the words after it: of a part of a sentence alone, a recognizer makes a sentence."""
    shortest_s: float = 0.2
    """An utterance with less speech than this is a click or a breath, and is dropped."""
    longest_s: float = 20.0
    """A longer utterance is cut at its quietest place. Whisper takes up to 30 s at once, but with
    28 s here as many words were wrong in eight minutes of reading (238 and 245 of 1374), for a
    fifth more work."""
    margin_s: float = 0.4
    """Sound kept before and after the speech, because the detector finds the start of speech too
    late and its end too early. With 0.25 s a recognizer gets one word in twelve more wrong."""
    answer_s: float = 1.0
    """An utterance with less speech than this is an answer of a word or two."""
    answer_margin_s: float = 0.25
    """The margin of such an utterance: with more silence Whisper may take one word for none."""


FILE_LIMITS = UtteranceLimits()


class UtteranceCutter:
    """Cuts a stream into utterances. Keeps no more than one utterance and its margins."""

    def __init__(self, limits: UtteranceLimits = FILE_LIMITS) -> None:
        self._limits = limits
        self._margin = _windows(limits.margin_s)
        self._answer_margin = _windows(limits.answer_margin_s)
        self._silence = max(1, _windows(limits.silence_s))
        self._sound: list[Samples] = []
        """The windows of the open utterance with its margin, or the margin of the next one."""
        self._first = 0
        """Number in the stream of the first of these windows."""
        self._scores: list[float] = []
        self._speaking = False
        self._last_speech = 0
        """Number in the stream of the window after the last one with speech."""
        self._speech = 0
        """Windows with speech in the open utterance."""
        self._index = 0

    def push(
        self, samples: Samples, probabilities: Sequence[float] | NDArray[np.float32]
    ) -> list[Utterance]:
        """Take n windows, `samples` of shape (n * 512,) at 16 kHz, and their n probabilities.

        Returns the utterances that end in them.
        """
        if len(samples) != len(probabilities) * WINDOW:
            raise ValueError(f"{len(samples)} samples are not {len(probabilities)} windows")
        ended: list[Utterance] = []
        for number, probability in enumerate(probabilities):
            window = samples[number * WINDOW : (number + 1) * WINDOW]
            ended += self._step(window, float(probability))
        return ended

    def flush(self) -> list[Utterance]:
        """Return the open utterance at the end of the stream, if there is one."""
        return self._end(len(self._sound)) if self._speaking else []

    def _step(self, window: Samples, probability: float) -> list[Utterance]:
        self._sound.append(window)
        self._scores.append(probability)
        behind = self._first + len(self._sound)
        if probability >= self._limits.start_probability:
            self._speaking = True
        if not self._speaking:
            self._forget(len(self._sound) - self._margin)
            return []
        if probability >= self._limits.end_probability:
            self._last_speech = behind
            self._speech += 1
        elif behind - self._last_speech >= self._silence:
            return self._end(len(self._sound))
        if len(self._sound) * WINDOW >= self._limits.longest_s * RECOGNITION_RATE:
            return self._cut()
        return []

    def _end(self, count: int) -> list[Utterance]:
        """Close the utterance. The last windows stay, as the margin of the next one."""
        keep = min(count, self._last_speech - self._first + self._margin)
        long_enough = self._speech * WINDOW >= self._limits.shortest_s * RECOGNITION_RATE
        if self._speech * WINDOW < self._limits.answer_s * RECOGNITION_RATE:
            keep = self._narrowed(keep)
        ended = [self._utterance(keep)] if long_enough else []
        self._speaking, self._speech = False, 0
        self._forget(max(keep, len(self._sound) - self._margin))
        return ended

    def _narrowed(self, keep: int) -> int:
        """Forget what is before the margin of a short answer, and return how much is kept of it."""
        least = self._limits.start_probability
        starts = next((number for number, s in enumerate(self._scores) if s >= least), 0)
        keep = min(keep, self._last_speech - self._first + self._answer_margin)
        before = max(0, starts - self._answer_margin)
        self._forget(before)
        return keep - before

    def _cut(self) -> list[Utterance]:
        """Cut a long utterance at the quietest place of its second half; the rest stays open."""
        half = len(self._scores) // 2
        smoothed = np.convolve(self._scores[half:], np.ones(5) / 5, mode="same")
        at = half + int(np.argmin(smoothed[2:-2])) + 2
        ended = [self._utterance(at)]
        self._forget(at)
        self._speech = sum(score >= self._limits.end_probability for score in self._scores)
        return ended

    def _utterance(self, count: int) -> Utterance:
        utterance = Utterance(
            index=self._index,
            start_s=self._first * WINDOW / RECOGNITION_RATE,
            samples=np.concatenate(self._sound[:count]),
            speech=speech_spans(self._scores[:count], self._first, self._limits.start_probability),
        )
        self._index += 1
        return utterance

    def _forget(self, count: int) -> None:
        count = max(0, count)
        del self._sound[:count]
        del self._scores[:count]
        self._first += count


def speech_spans(
    scores: Sequence[float], first: int, least: float
) -> tuple[tuple[float, float], ...]:
    """The spans of a stream, in seconds, whose windows have at least this probability of speech.

    `first` is the number in the stream of the first score's window.
    """
    spans: list[tuple[float, float]] = []
    for number, score in enumerate(scores, first):
        if score >= least:
            starts = number * WINDOW_S
            begins = spans.pop()[0] if spans and spans[-1][1] == starts else starts
            spans.append((begins, (number + 1) * WINDOW_S))
    return tuple(spans)


def _windows(seconds: float) -> int:
    return round(seconds * RECOGNITION_RATE / WINDOW)
