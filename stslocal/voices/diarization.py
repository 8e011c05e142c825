"""Finds who speaks when, by the speaker encoder: for machines without a diarization model.

Overlapping windows of the sound are embedded, and those that sound alike are joined to groups, from
the most alike on (agglomerative clustering with average linkage). A group is a person. Then each
tenth of a second gets the person whom the windows around it resemble most, where a change of the
person costs something (Viterbi), so that one odd window makes no turn.

It does not find two persons who speak at the same time. docs/benchmarks.md has its errors.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from stslocal.engines.protocols import (
    CountedDiarizer,
    SpeakerEncoder,
    VadState,
    VoiceActivityDetector,
)
from stslocal.types import RECOGNITION_RATE, WINDOW, WINDOW_S, Embedding, Samples, Turn

_log = logging.getLogger(__name__)

_Floats: TypeAlias = NDArray[np.float32]

ALIKE = 0.59
"""Groups are joined while the mean cosine similarity of their windows is at least this. With 0.62
two more persons than speak were found in one dialogue of nine, with 0.54 one too few in four."""
_LEAST_S = 2.8
"""Seconds for which a person speaks at least, where their number is not given: the windows of a
smaller group are given to the other persons."""
_CHANGE_COST, _PAUSE_CHANGE_COST = 0.6, 0.1
"""What a change of the person costs in speech and in a pause, in cosine similarity summed over
tenths of a second."""
_EMBEDDED_S, _HOP_S = 1.6, 0.4
"""Seconds of a window: the encoder is made for 1.6 s."""
_SPEECH = 0.5
_NEAR_S = 0.25
"""A window is embedded where there is speech so near to its middle."""
_STEP_S = 0.1
_PAUSE_S = 0.3
"""A longer pause ends a turn."""
_MOST_COMPARED = 1500
"""Windows that are compared with each other, 10 min of speech. Of a longer recording these are
evenly spread over it."""
_ROUNDS = 5


class EncoderDiarizer:
    """A `SpeakerDiarizer` that uses a detector of speech and a speaker encoder.

    Keeps a few seconds of the recording in memory, and 1 KB for each window.
    """

    def __init__(self, vad: VoiceActivityDetector, encoder: SpeakerEncoder) -> None:
        self._vad = vad
        self._encoder = encoder

    def diarize(
        self, blocks: Iterable[Samples], *, speakers: int | None = None
    ) -> tuple[Turn, ...]:
        """The turns of a recording in order; no two overlap."""
        embedded = _Embedded(self._vad, self._encoder)
        for block in blocks:
            embedded.add(block)
        embedded.finish()
        speaking = np.array(embedded.speaking, np.bool_)
        if not embedded.windows:
            return ()
        windows = np.stack(embedded.windows)
        centres = find_persons(windows, speakers)
        scores = windows @ centres.T
        return _turns(speaking, _path(speaking, np.array(embedded.middles_s), scores))


class CountingDiarizer:
    """A `SpeakerDiarizer` that counts the persons by their voices for another one.

    Diarization models count too many or too few by themselves, each in its own way; this count was
    measured (docs/benchmarks.md).
    """

    def __init__(
        self, diarizer: CountedDiarizer, vad: VoiceActivityDetector, encoder: SpeakerEncoder
    ) -> None:
        self._diarizer = diarizer
        self._vad = vad
        self._encoder = encoder

    def diarize(
        self, blocks: Iterable[Samples], *, speakers: int | None = None
    ) -> tuple[Turn, ...]:
        """The turns that the other diarizer finds."""
        if speakers is not None:
            return self._diarizer.diarize(blocks, speakers=speakers)
        embedded = _Embedded(self._vad, self._encoder)

        def passed_on() -> Iterator[Samples]:
            for block in blocks:
                embedded.add(block)
                yield block

        def count() -> int:
            embedded.finish()
            found = len(find_persons(np.stack(embedded.windows))) if embedded.windows else 1
            _log.info("%d persons by their voices", found)
            return found

        return self._diarizer.diarize(passed_on(), speakers=count)


@dataclass(slots=True)
class _Embedded:
    """The windows of a recording, embedded as it comes."""

    vad: VoiceActivityDetector
    encoder: SpeakerEncoder
    speaking: list[bool] = field(default_factory=list)
    """Of each window of the detector."""
    middles_s: list[float] = field(default_factory=list)
    windows: list[Embedding] = field(default_factory=list)
    _sound: Samples = field(
        default_factory=lambda: np.zeros(round(_EMBEDDED_S / 2 * RECOGNITION_RATE), np.float32)
    )
    """The end of the sound; before the recording there is silence."""
    _first: int = 0
    """Position of its first sample, half a window behind that in the recording."""
    _judged: int = 0
    """Samples that the detector has judged."""
    _next_s: float = _HOP_S / 2
    _state: VadState | None = None

    def add(self, block: Samples) -> None:
        """Take the next samples."""
        self._state = self._state or self.vad.initial_state()
        self._sound = np.concatenate([self._sound, block])
        half = round(_EMBEDDED_S / 2 * RECOGNITION_RATE)
        start = self._judged + half - self._first
        count = (len(self._sound) - start) // WINDOW * WINDOW
        probabilities, self._state = self.vad.probabilities(
            self._sound[start : start + count], self._state
        )
        self.speaking += (probabilities >= _SPEECH).tolist()
        self._judged += count
        while self._next_s * RECOGNITION_RATE + half <= self._judged:
            self._embed(self._next_s)
            self._next_s += _HOP_S
        done = round(self._next_s * RECOGNITION_RATE) - self._first
        self._sound, self._first = self._sound[done:], self._first + done

    def finish(self) -> None:
        """Embed the rest."""
        self.add(np.zeros(round(_EMBEDDED_S / 2 * RECOGNITION_RATE) + WINDOW, np.float32))

    def _embed(self, middle_s: float) -> None:
        first, behind = (int(max(0.0, middle_s + side) / WINDOW_S) for side in (-_NEAR_S, _NEAR_S))
        start = round(middle_s * RECOGNITION_RATE) - self._first
        window = self._sound[start : start + round(_EMBEDDED_S * RECOGNITION_RATE)]
        if any(self.speaking[first:behind]) and window.any():
            self.windows.append(self.encoder.embed(window))
            self.middles_s.append(middle_s)


def find_persons(windows: _Floats, count: int | None = None) -> _Floats:
    """Group embeddings, shape (n, d), by person: the centres, shape (persons, d), unit length.

    `count` is the number of persons, where it is known.
    """
    compared = windows[:: -(-len(windows) // _MOST_COMPARED)]
    groups = _joined(compared, count)
    if count is None:
        least = _LEAST_S / (_HOP_S * len(windows) / len(compared))
        large = [group for group in groups if len(group) >= least]
        groups = large or [max(groups, key=len)]
    centres = _unit(np.stack([compared[group].mean(axis=0) for group in groups]))
    for _ in range(_ROUNDS):
        nearest = np.argmax(windows @ centres.T, axis=1)
        for number in range(len(centres)):
            if (nearest == number).any():
                centres[number] = windows[nearest == number].mean(axis=0)
        centres = _unit(centres)
    return centres


def _joined(windows: _Floats, count: int | None) -> list[list[int]]:
    """Join the most alike groups, until they are `count`, or not alike enough."""
    alike = (windows @ windows.T).astype(np.float64)
    np.fill_diagonal(alike, -np.inf)
    groups = {number: [number] for number in range(len(windows))}
    while len(groups) > (count or 1):
        one, other = map(int, np.unravel_index(np.argmax(alike), alike.shape))
        if count is None and alike[one, other] < ALIKE:
            break
        sizes = len(groups[one]), len(groups[other])
        mean = (sizes[0] * alike[one] + sizes[1] * alike[other]) / sum(sizes)
        alike[one], alike[:, one] = mean, mean
        alike[one, one] = -np.inf
        alike[other], alike[:, other] = -np.inf, -np.inf
        groups[one] += groups.pop(other)
    return list(groups.values())


def _path(
    speaking: NDArray[np.bool_], middles_s: NDArray[np.float64], scores: _Floats
) -> NDArray[np.int64]:
    """The person of each tenth of a second. `scores` has the shape (windows, persons)."""
    times = np.arange(0.0, len(speaking) * WINDOW_S, _STEP_S) + _STEP_S / 2
    persons = scores.shape[1]
    heights = np.stack([np.interp(times, middles_s, scores[:, one]) for one in range(persons)], 1)
    is_speech = speaking[np.minimum((times / WINDOW_S).astype(int), len(speaking) - 1)]
    total = np.zeros(persons)
    before = np.zeros((len(times), persons), np.int64)
    for step, (height, spoken) in enumerate(zip(heights, is_speech, strict=True)):
        best = int(np.argmax(total))
        changed = total[best] - (_CHANGE_COST if spoken else _PAUSE_CHANGE_COST)
        before[step] = np.where(total >= changed, np.arange(persons), best)
        total = np.maximum(total, changed) + (height if spoken else 0.0)
    path = np.zeros(len(times), np.int64)
    person = int(np.argmax(total))
    for step in range(len(times) - 1, -1, -1):
        path[step] = person
        person = int(before[step, person])
    return path


def _turns(speaking: NDArray[np.bool_], path: NDArray[np.int64]) -> tuple[Turn, ...]:
    """The turns by the person of each tenth of a second, without the pauses between them."""
    turns: list[tuple[float, float, int]] = []
    for number in np.flatnonzero(speaking):
        start_s, end_s = int(number) * WINDOW_S, (int(number) + 1) * WINDOW_S
        person = int(path[min(int(start_s / _STEP_S), len(path) - 1)])
        if turns and turns[-1][2] == person and start_s - turns[-1][1] < _PAUSE_S:
            start_s = turns.pop()[0]
        turns.append((start_s, end_s, person))
    names = {person: f"S{at}" for at, person in enumerate(dict.fromkeys(t[2] for t in turns), 1)}
    return tuple(Turn(start_s, end_s, names[person]) for start_s, end_s, person in turns)


def _unit(rows: _Floats) -> _Floats:
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), np.float32)
