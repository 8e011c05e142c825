"""Keeps our own voice out of the translation: half duplex, and a guard over recognized segments.

The microphone captures the loudspeaker's speech a moment after it is played. *Half duplex* mutes
the input during that time; *full duplex* relies on headphones; echo cancellation is in
`stslocal.audio.echo_canceller`. If some of our voice is recognized all the same, the guard finds
that its text is what we have just said, and drops it.
"""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from difflib import SequenceMatcher

from stslocal.clock import Clock
from stslocal.live.ports import Duplex, FullDuplex
from stslocal.metrics import DropReason, Emit, SegmentDropped, ignore
from stslocal.types import RECOGNITION_RATE, Samples, Segment

_log = logging.getLogger(__name__)

TAIL_S = 0.2
"""The sound of our voice stays in the room for this long after the loudspeaker is done."""


def make_duplex(mode: str) -> Duplex:
    """Make the duplex of a mode: `half`, `full` or `aec`."""
    if mode == "aec":
        from stslocal.audio.echo_canceller import EchoCanceller

        return EchoCanceller()
    return FullDuplex() if mode == "full" else HalfDuplex()


class HalfDuplex:
    """Mutes the input while the loudspeaker plays, and for `tail_s` after."""

    def __init__(self, tail_s: float = TAIL_S) -> None:
        self.muted_s = 0.0
        self._tail_s = tail_s
        self._lock = threading.Lock()
        self._audible: deque[tuple[float, float]] = deque()
        """(start, end) of each stretch of our speech with its tail, in stream time, in order."""

    def played(
        self, samples: Samples, sample_rate: int, at_s: float, position: float | None = None
    ) -> None:
        end_s = at_s + len(samples) / sample_rate + self._tail_s
        with self._lock:
            if self._audible and at_s <= self._audible[-1][1]:
                at_s, end_s = self._audible[-1][0], max(end_s, self._audible.pop()[1])
            self._audible.append((at_s, end_s))

    def process(self, samples: Samples, start_s: float) -> tuple[Samples, bool]:
        end_s = start_s + len(samples) / RECOGNITION_RATE
        with self._lock:
            while self._audible and self._audible[0][1] <= start_s:
                self._audible.popleft()
            muted = [stretch for stretch in self._audible if stretch[0] < end_s]
        if not muted:
            return samples, False
        kept = samples.copy()
        for from_s, until_s in muted:
            first = max(0, round((from_s - start_s) * RECOGNITION_RATE))
            behind = min(len(kept), round((until_s - start_s) * RECOGNITION_RATE))
            kept[first:behind] = 0.0
            self.muted_s += max(0, behind - first) / RECOGNITION_RATE
        return kept, True


class OwnVoice:
    """Finds our own words when they are recognized in what the microphone captured."""

    def __init__(self, *, memory_s: float = 20.0, likeness: float = 0.6) -> None:
        """`memory_s` is how long a spoken text is remembered.

        `likeness` is the share of words in common, in order, from which two texts are the same.
        """
        self._memory_s = memory_s
        self._likeness = likeness
        self._spoken: deque[tuple[float, list[str]]] = deque()
        self._lock = threading.Lock()

    def remember(self, text: str, at_s: float) -> None:
        """Remember a text that we speak at `at_s`."""
        with self._lock:
            self._spoken.append((at_s, _plain_words(text)))

    def is_ours(self, text: str, at_s: float) -> bool:
        """Whether `text`, captured at `at_s`, is what we spoke not long before."""
        words = _plain_words(text)
        with self._lock:
            while self._spoken and self._spoken[0][0] < at_s - self._memory_s:
                self._spoken.popleft()
            spoken = [word for _, text_words in self._spoken for word in text_words]
        return len(words) > 1 and _share_contained(words, spoken) >= self._likeness


class Guard:
    """Drops segments that are our own voice, are in the target language, or have no translator."""

    name = "guard"

    def __init__(
        self,
        own_voice: OwnVoice,
        *,
        target: str,
        clock: Clock,
        has_translator: Callable[[str], bool] = lambda language: True,
        emit: Emit = ignore,
    ) -> None:
        """`has_translator` says whether a language can be translated into the target."""
        self._own_voice = own_voice
        self._target = target
        self._has_translator = has_translator
        self._clock = clock
        self._emit = emit

    def process(self, segment: Segment) -> Iterator[Segment]:
        now_s = self._clock.now()
        if self._own_voice.is_ours(segment.text, segment.end_s):
            self._drop(segment, "echo", now_s)
        elif segment.language == self._target:
            self._drop(segment, "already translated", now_s)
        elif segment.translation is None and not self._has_translator(segment.language):
            self._drop(segment, "no translator", now_s)
        else:
            yield segment

    def finish(self) -> Iterator[Segment]:
        yield from ()

    def _drop(self, segment: Segment, reason: DropReason, now_s: float) -> None:
        _log.debug("segment %d is not spoken (%s): %r", segment.index, reason, segment.text)
        self._emit(SegmentDropped(now_s, segment.index, reason, segment.text))


def _plain_words(text: str) -> list[str]:
    letters = (c.lower() if c.isalnum() or c.isspace() else "" for c in text)
    return "".join(letters).split()


def _share_contained(words: Sequence[str], spoken: Sequence[str]) -> float:
    """The share of `words` found in `spoken`, in order and close together."""
    matcher = SequenceMatcher(None, spoken, words, autojunk=False)
    blocks = [block for block in matcher.get_matching_blocks() if block.size]
    best = 0
    for start, first in enumerate(blocks):
        # Words far from the start of the match are not of the same sentence.
        reach = first.a + 2 * len(words)
        best = max(best, sum(block.size for block in blocks[start:] if block.a < reach))
    return best / len(words)
