"""Committed words to segments: the stretches of text that are translated and spoken at once.

A segment is a sentence where possible. A long one is cut at a clause, before a conjunction or
in its longest pause; a pause also ends one that has no full stop. Sentences reach over the
borders of utterances: words wait here until their sentence ends. Live, where nobody waits for
the end of a long sentence, `live_segmentation` cuts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from stslocal.text.phrases import opens_clause
from stslocal.text.sentences import ends_clause, ends_sentence
from stslocal.types import Segment, Word


@dataclass(frozen=True, slots=True)
class SegmentLimits:
    """When a segment ends before its sentence does."""

    characters: int = 220
    """A longer one is cut: translators and synthesizers lose the thread."""
    seconds: float = 15.0
    pause_s: float = 1.0
    """A pause this long between two words ends a segment."""
    fewest_words: int = 4
    """A cut is not made earlier in the sentence than this, nor in its first half."""


class Segmenter:
    """Collects words and gives segments out, numbered from 0. One for each stream."""

    def __init__(self, language: str, limits: SegmentLimits = SegmentLimits()) -> None:
        self._language = language
        self._limits = limits
        self._pending: list[Word] = []
        self._index = 0

    @property
    def pending(self) -> Sequence[Word]:
        """Words that wait for the end of their segment."""
        return tuple(self._pending)

    def change_language(self, language: str) -> list[Segment]:
        """Say that the words from here on are of `language`; gives out those of another one."""
        if language == self._language:
            return []
        rest = self.flush()
        self._language = language
        return rest

    def push(self, words: Sequence[Word]) -> list[Segment]:
        """Take committed words, in order, and give out the segments that they complete."""
        segments: list[Segment] = []
        for word in words:
            segments += self._append(word)
            while (count := self._complete()) > 0:
                segments.append(self._take(count))
        if self._pending and ends_sentence(self._pending[-1].text, None, self._language):
            segments.append(self._take(len(self._pending)))
        return segments

    def flush(self) -> list[Segment]:
        """Give out what is pending, at the end of the stream or when nobody goes on."""
        return [self._take(len(self._pending))] if self._pending else []

    def _append(self, word: Word) -> list[Segment]:
        """Take a word. A long pause before it gives out what is pending."""
        last = self._pending[-1] if self._pending else None
        paused = last is not None and word.start_s - last.end_s >= self._limits.pause_s
        ended = self.flush() if paused else []
        self._pending.append(word)
        return ended

    def _complete(self) -> int:
        """How many of the pending words make a segment, now that the last one is known."""
        words, limits = self._pending, self._limits
        before = len(words) - 1
        if before and ends_sentence(words[-2].text, words[-1].text, self._language):
            return before
        too_long = _length(words) > limits.characters
        if before and (too_long or words[-1].end_s - words[0].start_s > limits.seconds):
            return self._best_cut()
        return 0

    def _best_cut(self) -> int:
        """Where to cut a sentence that is too long: a clause, a conjunction, a pause."""
        words = self._pending
        fewest = max(self._limits.fewest_words, len(words) // 2)
        inner = range(fewest, len(words)) or range(1, len(words))
        clauses = [at for at in inner if ends_clause(words[at - 1].text)]
        if clauses:
            return clauses[-1]
        conjunctions = [at for at in inner if opens_clause(words[at].text, self._language)]
        if conjunctions:
            return conjunctions[-1]
        return max(inner, key=lambda at: (words[at].start_s - words[at - 1].end_s, at))

    def _take(self, count: int) -> Segment:
        words, self._pending = tuple(self._pending[:count]), self._pending[count:]
        segment = Segment(
            index=self._index,
            start_s=words[0].start_s,
            end_s=words[-1].end_s,
            text=" ".join(word.text for word in words),
            language=self._language,
            words=words,
        )
        self._index += 1
        return segment


def _length(words: Sequence[Word]) -> int:
    return sum(len(word.text) + 1 for word in words)
