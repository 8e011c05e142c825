"""Cuts committed words into segments, which are translated and spoken as a whole.

A segment is a sentence where possible, also if the speaker pauses within it. A long sentence is cut
in a long pause, after a clause, before a conjunction or in its longest pause; only a silence ends a
sentence without a full stop. Sentences may reach over the borders of utterances, so words wait here
until their sentence ends. Live translation, which
cannot wait for the end of a long sentence, uses `stslocal.live.segmentation`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from stslocal.text.cuts import without_false_stops
from stslocal.text.phrases import opens_clause
from stslocal.text.sentences import ends_clause, ends_sentence
from stslocal.types import ONLY_END, Segment, Word


@dataclass(frozen=True, slots=True)
class SegmentLimits:
    """The limits above which a segment ends before its sentence does."""

    characters: int = 220
    """A longer segment is cut, because translators and synthesizers fail on long texts."""
    seconds: float = 15.0
    """A segment with more speech than this is cut. Pauses do not count."""
    silence_s: float = 2.5
    """A silence of this length between two words ends a segment. Speakers pause for one or two
    seconds within a sentence."""
    ending_s: float = 2.5
    """A silence of this length between two words ends a sentence that has no full stop."""
    pause_s: float = 1.0
    """A pause of this length is the best place to cut a long sentence."""
    fewest_words: int = 4
    """The part before a cut has at least so many words, and at least half of the words."""


class Segmenter:
    """Collects the words of one stream and returns segments, numbered from 0."""

    def __init__(self, language: str, limits: SegmentLimits = SegmentLimits()) -> None:
        self._language = language
        self._limits = limits
        self._pending: list[Word] = []
        self._index = 0
        self._last: Segment | None = None
        """The last segment, if words of its sentence were already recognized after it."""

    @property
    def pending(self) -> Sequence[Word]:
        """Words that wait for the end of their segment."""
        return tuple(self._pending)

    def change_language(self, language: str) -> list[Segment]:
        """Set the language of the next words. Returns the pending words as a segment."""
        if language == self._language:
            return []
        rest = self.flush()
        self._language = language
        return rest

    def push(self, words: Sequence[Word]) -> list[Segment]:
        """Take committed words, in order, and return the segments that they complete."""
        segments: list[Segment] = []
        for word in words:
            segments += self._append(word)
            while (count := self._complete()) > 0:
                segments.append(self._take(count))
        if self._pending and ends_sentence(self._pending[-1].text, None, self._language):
            segments.append(self._take(len(self._pending)))
        return segments

    def flush(self) -> list[Segment]:
        """Return the pending words as a segment, at the end of the stream or of speech."""
        return self._take_all(ends=True)

    def _append(self, word: Word) -> list[Segment]:
        """Take a word. After a silence, return the words before it as a segment."""
        last = self._pending[-1] if self._pending else None
        silence_s = 0.0 if last is None else word.start_s - last.end_s
        is_long = silence_s >= self._limits.ending_s
        ended = self._take_all(ends=is_long) if silence_s >= self._limits.silence_s else []
        self._pending.append(word)
        return ended

    def _complete(self) -> int:
        """The number of pending words that make a segment now; 0 when there is none yet."""
        words, limits = self._pending, self._limits
        before = len(words) - 1
        if before and ends_sentence(words[-2].text, words[-1].text, self._language):
            return before
        too_long = _length(words) > limits.characters or _speech_s(words) > limits.seconds
        if before and too_long:
            return self._best_cut()
        return 0

    def _best_cut(self) -> int:
        """The number of words before the cut of a long sentence.

        The cut is in a long pause, else after a clause, else before a conjunction, else in the
        longest pause.
        """
        words = self._pending
        fewest = max(self._limits.fewest_words, len(words) // 2)
        inner = range(fewest, len(words)) or range(1, len(words))
        pauses_s = {at: words[at].start_s - words[at - 1].end_s for at in inner}
        longest = max(inner, key=lambda at: (pauses_s[at], at))
        if pauses_s[longest] >= self._limits.pause_s:
            return longest
        clauses = [at for at in inner if ends_clause(words[at - 1].text)]
        if clauses:
            return clauses[-1]
        conjunctions = [at for at in inner if opens_clause(words[at].text, self._language)]
        if conjunctions:
            return conjunctions[-1]
        return longest

    def _take_all(self, *, ends: bool) -> list[Segment]:
        """Return the pending words as a segment; `ends` says that its sentence ends in any case.

        Where words were expected and none are pending, the segment only says so.
        """
        if self._pending:
            return [self._take(len(self._pending), ends=ends)]
        if self._last is None:
            return []
        end_s, self._last = self._last.end_s, None
        self._index += 1
        return [Segment(self._index - 1, end_s, end_s, ONLY_END, self._language, complete=ends)]

    def _take(self, count: int, *, ends: bool = False, following: Sequence[Word] = ()) -> Segment:
        """Return the first `count` pending words as a segment.

        `ends` says that its sentence ends in any case; `following` come after the pending words.
        """
        words, self._pending = tuple(self._pending[:count]), self._pending[count:]
        after = [*self._pending[:1], *following[:1]]
        next_text = after[0].text if after else None
        complete = ends or ends_sentence(words[-1].text, next_text, self._language)
        segment = Segment(
            index=self._index,
            start_s=words[0].start_s,
            end_s=words[-1].end_s,
            text=" ".join(without_false_stops([word.text for word in words], self._language)),
            language=self._language,
            words=words,
            complete=complete,
            followed=bool(after),
        )
        self._index += 1
        self._last = segment if segment.followed and not complete else None
        return segment


def _length(words: Sequence[Word]) -> int:
    return sum(len(word.text) + 1 for word in words)


def _speech_s(words: Sequence[Word]) -> float:
    return sum(word.end_s - word.start_s for word in words)
