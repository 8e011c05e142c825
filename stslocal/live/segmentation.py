"""Segments while somebody speaks: a segment is cut when the loudspeaker is about to fall silent.

While earlier speech is still played, a segment cut sooner would not be played sooner. So words
wait. When the loudspeaker is about to fall silent, the waiting words are cut behind the last
sentence that ends among them. If none ends there, the sentence is cut where a cut does the least
harm: behind a clause, before a conjunction or a preposition, and otherwise anywhere but behind a
word that belongs to the next one. The worse the place, the more words are needed before it; how
many, the person's patience says. Until then the listener waits. So no segment has the end of one
sentence and a part of the next.

The next segment is cut when this one is nearly over. So a segment becomes as long as the speech
before it lasts: segments have an even length, and none waits long behind another.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import IntEnum

from stslocal.metrics import SegmentCommitted
from stslocal.text.phrases import leans_on_next, opens_clause, opens_phrase
from stslocal.text.sentences import ends_clause, ends_sentence
from stslocal.translation.segmentation import Segmenter, SegmentLimits
from stslocal.types import Segment, Word


class Cut(IntEnum):
    """Places where a segment can end, the best first."""

    SENTENCE = 0
    CLAUSE = 1
    CONJUNCTION = 2
    PHRASE = 3
    WORD = 4


@dataclass(frozen=True, slots=True)
class LiveLimits:
    """When a segment may end before its sentence does."""

    least_s: tuple[float, ...] = (0.0, 1.0, 1.6, 2.4, 3.5)
    """Seconds of source that a segment needs to end in each kind of Cut."""
    longest_s: float = 4.5
    """While speech is played, words wait until they cover this much source at most."""
    pause_s: float = 0.7
    """A pause this long between two words ends a segment, if one is wanted. If none is wanted, it
    is as good a place for a cut as the end of a clause."""
    flush_s: float = 0.9
    """In a silence of this length, the waiting words leave however they end."""
    fewest_words: int = 3
    """Words that a segment needs to end anywhere but behind a sentence."""
    early_s: float = 0.3
    """Words wait until a segment is wanted within this time. It is about half of a hop: after
    the next recognition it might be too late."""
    phrase_pause_s: float = 0.15
    """A pause this long shows where a phrase ends."""
    stop_s: float = 0.0
    """Silence after a full stop that no word follows yet, before it ends the sentence. A reader
    pauses within a sentence, and the recognizer writes a full stop there; then the next word, in
    lower case, says that the sentence goes on."""
    harm_s: float = 0.25
    """A cut of the next worse kind is chosen if it leaves this much less source waiting."""


LIMITS: Mapping[str, LiveLimits] = {
    "quick": LiveLimits((0.0, 0.8, 1.2, 1.8, 2.2), longest_s=3.0),
    "balanced": LiveLimits((0.0, 1.5, 2.5, 3.5, 4.5), longest_s=4.5, pause_s=1.0, flush_s=1.2),
    "sentence": LiveLimits(
        (0.0, 15.0, 16.0, 18.0, 20.0), 24.0, pause_s=2.5, flush_s=2.0, stop_s=0.7
    ),
}
"""The limits by patience. docs/benchmarks.md has the figures of some others."""

_USUAL_LAG_S = 4.0
"""The lag that LIMITS are for. Who allows twice as much waits twice as long."""


def limits_for(patience: str, max_lag_s: float) -> LiveLimits:
    """The limits of a patience for the lag that is allowed. Raises KeyError for another word."""
    limits = LIMITS[patience]
    scale = min(2.0, max(0.5, max_lag_s / _USUAL_LAG_S))
    return replace(
        limits,
        least_s=tuple(scale * least_s for least_s in limits.least_s),
        longest_s=scale * limits.longest_s,
    )


class LiveSegmenter(Segmenter):
    """Collects words and cuts them into segments, numbered from 0. One for each stream."""

    def __init__(
        self,
        language: str,
        *,
        spare_s: Callable[[], float] = lambda: 0.0,
        limits: LiveLimits = LiveLimits(),
    ) -> None:
        """`spare_s` returns the seconds until a segment is wanted; negative when it is late."""
        super().__init__(language, SegmentLimits(silence_s=limits.pause_s))
        self._live = limits
        self.spare_s = spare_s

    def push(self, words: Sequence[Word]) -> list[Segment]:
        """Take committed words, in order, and return the segment that is due, if one is.

        A long pause between two words also ends a segment before it.
        """
        segments: list[Segment] = []
        for word in words:
            segments += self._append(word)
        return segments + self._take_due(0.0)

    def wait(self, words: Sequence[Word]) -> None:
        """Take committed words that make no segment yet."""
        self._pending += words

    def cut_waiting(self, silence_s: float) -> list[Segment]:
        """Return the waiting words as segments while nobody speaks, if one is wanted.

        After a long silence they leave however they end.
        """
        is_long = silence_s >= self._live.flush_s
        is_over = is_long and self._is_wanted
        return self._take_all(ends=False) if is_over else self._take_due(silence_s)

    def cut(self, words: Sequence[Word], count: int, following: Sequence[Word] = ()) -> Segment:
        """Take committed words, and return the first `count` waiting words as a segment.

        `count` is from `count_due`. `following` are the words after them, which may still change.
        """
        self._pending += words
        return self._take(count, following=following)

    def count_due(self, following: Sequence[Word], stable: int, *, silence_s: float = 0.0) -> int:
        """Return how many words make a segment now, first the waiting, then `following`; or 0.

        The segment may take only the first `stable` of `following`. The others may still change;
        they show which words belong together. `silence_s` is the silence after the last word.
        """
        words = [*self._pending, *following]
        most = len(self._pending) + stable
        if not most:
            return 0
        waits_s = words[most - 1].end_s - words[0].start_s
        if not self._is_wanted and waits_s < self._live.longest_s:
            return 0
        is_known = most < len(words) or silence_s >= self._live.stop_s
        whole = most if is_known else most - 1  # the last word may not be the sentence's last
        return self._sentences(words, whole) or self._best_tear(words, most, silence_s)

    def _take_due(self, silence_s: float) -> list[Segment]:
        """Return the segment that the waiting words make now, if they make one."""
        count = self.count_due((), 0, silence_s=silence_s)
        return [self._take(count)] if count else []

    def _sentences(self, words: Sequence[Word], most: int) -> int:
        """How many of the first `most` words are whole sentences."""
        counts = range(most, 0, -1)
        return next((count for count in counts if self._ends_sentence(words, count)), 0)

    def _best_tear(self, words: Sequence[Word], most: int, silence_s: float) -> int:
        """How many of the first `most` words of a sentence leave before it ends; or 0."""
        best, least = 0, float("inf")
        waits_s = words[most - 1].end_s - words[0].start_s
        for count in range(self._live.fewest_words, most + 1):
            kind = self._cut_kind(words, count, silence_s)
            covered_s = words[count - 1].end_s - words[0].start_s
            if kind is None or covered_s < self._live.least_s[kind]:
                continue
            harm = waits_s - covered_s + self._live.harm_s * kind
            if harm <= least:
                best, least = count, harm
        return best

    @property
    def _is_wanted(self) -> bool:
        return self.spare_s() <= self._live.early_s

    def _append(self, word: Word) -> list[Segment]:
        if self._is_wanted:
            return super()._append(word)
        self._pending.append(word)
        return []

    def _take_all(self, *, ends: bool) -> list[Segment]:
        """Return the pending words: whole sentences, and what follows them as a second segment."""
        whole = self._sentences(self._pending, len(self._pending))
        first = [self._take(whole)] if 0 < whole < len(self._pending) else []
        return first + super()._take_all(ends=ends)

    def _ends_sentence(self, words: Sequence[Word], count: int) -> bool:
        following = words[count].text if count < len(words) else None
        return ends_sentence(words[count - 1].text, following, self._language)

    def _cut_kind(self, words: Sequence[Word], count: int, silence_s: float) -> Cut | None:
        """The kind of a cut behind the first `count` words of a sentence; None where none is."""
        language = self._language
        last, following = words[count - 1], words[count] if count < len(words) else None
        pause_s = following.start_s - last.end_s if following else silence_s
        if ends_clause(last.text) or pause_s >= self._live.pause_s:
            return Cut.CLAUSE
        if following and opens_clause(following.text, language):
            return Cut.CONJUNCTION
        if pause_s >= self._live.phrase_pause_s:
            return Cut.PHRASE
        if leans_on_next(last.text, language):
            return None
        return Cut.PHRASE if following and opens_phrase(following.text, language) else Cut.WORD


def segment_committed(segment: Segment, at_s: float) -> SegmentCommitted:
    """The event of a segment that was committed at a time."""
    return SegmentCommitted(
        at_s, segment.index, segment.start_s, segment.end_s, segment.text, segment.language
    )
