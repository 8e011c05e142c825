"""Segments while somebody speaks: cut when the listener has nothing else to hear.

As long as earlier speech is still being heard, a segment that left sooner would not be heard
sooner; so words wait, the segment becomes a sentence where time allows, and no short end of a
sentence queues up behind its long beginning. When the loudspeaker is about to fall silent, the
words that are there are cut where a cut does the least harm: behind a sentence or a clause,
before a conjunction or a preposition, and in the end anywhere but behind a word that belongs
to the next one. The worse the place, the more words it needs before it.

Since the next segment is cut when this one is nearly over, segments become as long as the speech
before them lasts: of even length, which keeps any of them from waiting behind a long one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import IntEnum

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
    """When a segment ends before its sentence does."""

    least_s: tuple[float, ...] = (0.0, 1.0, 1.6, 2.4, 3.5)
    """Seconds of source that a segment needs to end in each kind of Cut."""
    fewest_words: int = 3
    """That it needs to end anywhere but behind a sentence."""
    early_s: float = 0.3
    """Words wait while a segment is not wanted for longer than this: half of the time until they
    are heard again, when it might be too late."""
    longest_s: float = 4.5
    """No longer do words wait."""
    pause_s: float = 0.7
    """A pause this long between two words ends a segment, if one is wanted, and else is a place
    for a cut as good as the end of a clause."""
    phrase_pause_s: float = 0.15
    """A pause this long shows where a phrase ends."""
    harm_s: float = 0.25
    """A cut of the next worse kind must leave this much less behind to be chosen."""


class LiveSegmenter(Segmenter):
    """Collects words and gives segments out, numbered from 0. One for each stream."""

    def __init__(
        self,
        language: str,
        *,
        spare_s: Callable[[], float] = lambda: 0.0,
        limits: LiveLimits = LiveLimits(),
    ) -> None:
        """`spare_s` tells how long it is until a segment is wanted; negative when it is late."""
        super().__init__(language, SegmentLimits(pause_s=limits.pause_s))
        self._live = limits
        self.spare_s = spare_s

    def push(self, words: Sequence[Word]) -> list[Segment]:
        """Take committed words, in order, and give out the segment that is due, if one is.

        A pause between two words gives out all before it as well.
        """
        segments: list[Segment] = []
        for word in words:
            segments += self._append(word)
        if count := self.due((), 0):
            segments.append(self._take(count))
        return segments

    def rest(self, *, complete: bool) -> list[Segment]:
        """Give out what waits while nobody speaks, if it is wanted.

        `complete` says that nobody will go on with it, so that it leaves however it ends.
        """
        return self.flush() if complete and self._wanted else self.push(())

    def cut(self, words: Sequence[Word], count: int) -> Segment:
        """Take committed words, and give out the first `count` of all that wait, as `due` said."""
        self._pending += words
        return self._take(count)

    def due(self, following: Sequence[Word], sure: int, *, silence_s: float = 0.0) -> int:
        """How many words make a segment now, those that wait and then `following`; 0 for none.

        Of `following` only the first `sure` may be among them. The others, which may still
        change, show what would be torn apart. `silence_s` is how long nothing was said after them.
        """
        words = [*self._pending, *following]
        most = len(self._pending) + sure
        if not most:
            return 0
        waits_s = words[most - 1].end_s - words[0].start_s
        if not self._wanted and waits_s < self._live.longest_s:
            return 0
        best, least = 0, float("inf")
        for count in range(1, most + 1):
            kind = self._kind(words, count, silence_s)
            covered_s = words[count - 1].end_s - words[0].start_s
            if kind is None or covered_s < self._live.least_s[kind]:
                continue
            if kind != Cut.SENTENCE and count < self._live.fewest_words:
                continue
            harm = waits_s - covered_s + self._live.harm_s * kind
            if harm <= least:
                best, least = count, harm
        return best

    @property
    def _wanted(self) -> bool:
        return self.spare_s() <= self._live.early_s

    def _append(self, word: Word) -> list[Segment]:
        if self._wanted:
            return super()._append(word)
        self._pending.append(word)
        return []

    def _kind(self, words: Sequence[Word], count: int, silence_s: float) -> Cut | None:
        """What a cut behind the first `count` words would be; None where it may not be."""
        language = self._language
        last, following = words[count - 1], words[count] if count < len(words) else None
        if ends_sentence(last.text, following.text if following else None, language):
            return Cut.SENTENCE
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
