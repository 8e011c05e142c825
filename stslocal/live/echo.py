"""Keeps our own voice out of the translation when it was recognized all the same.

The duplex keeps it from the recognizer (see `duplex`). The guard is the last line behind it: it
finds that words are what we have just said, while we said it, and drops them. A recognizer that
expects another language translates what it is given, so our words also come back as the ones that
they were translated from; without a guard, that is a loop that never ends.
"""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from difflib import Match, SequenceMatcher

from stslocal.clock import Clock
from stslocal.metrics import DropReason, Emit, SegmentDropped, ignore
from stslocal.types import Segment, TranslatedSegment

_log = logging.getLogger(__name__)

_MEMORY = 32
"""Texts that are remembered."""
_EARLY_S, _LATE_S = 0.5, 1.5
"""An echo comes up to so much before and after the sound: no device knows its latency exactly."""
_LIKENESS = 0.6
"""The share of words in common, in order, from which a text is ours."""
_LIKENESS_OF_SOURCE, _LIKENESS_TAKEN_OUT = 0.7, 0.9
"""The same of the words that we translated from; and while our voice is known to be taken out,
because a speaker uses the same words again."""
_FEWEST_OF_SOURCE = 4
"""Somebody who says the same twice must not be taken for us, so the words that we translated from
count only where there are so many, and while we speak their translation."""
_RUN = 3
"""So many words in a row are ours at the beginning or the end of what somebody else said."""


@dataclass(slots=True)
class _Spoken:
    """A text that we speak."""

    index: int
    words: list[str] = field(repr=False)
    source: list[str] = field(repr=False)
    remembered_s: float
    start_s: float | None = None
    """When it sounds; None as long as that is not known."""
    end_s: float | None = None

    def sounds_within(self, start_s: float, end_s: float) -> bool:
        """Whether its echo may lie between these times."""
        if self.start_s is None or self.end_s is None:
            return end_s > self.remembered_s
        return start_s < self.end_s + _LATE_S and end_s > self.start_s - _EARLY_S

    def covers_half(self, start_s: float, end_s: float) -> bool:
        """Whether it sounds for at least half of the time between these."""
        if self.start_s is None or self.end_s is None:
            return False
        common_s = min(end_s, self.end_s + _LATE_S) - max(start_s, self.start_s - _EARLY_S)
        return common_s >= 0.5 * (end_s - start_s)


class OwnVoice:
    """Finds our own words when they are recognized in what the microphone captured.

    Names and numbers are the same in both languages: words that the source has too prove nothing.
    """

    def __init__(self) -> None:
        self._spoken: deque[_Spoken] = deque(maxlen=_MEMORY)
        self._lock = threading.Lock()

    def remember(self, item: TranslatedSegment, at_s: float) -> None:
        """Remember a text that will be spoken from `at_s` on, or later."""
        words, source = _plain_words(item.text), _plain_words(item.segment.text)
        with self._lock:
            self._spoken.append(_Spoken(item.index, words, source, at_s))

    def played(self, index: int, start_s: float | None, end_s: float) -> None:
        """Take the times at which a remembered text sounds; `start_s` is None for none."""
        with self._lock:
            for text in [text for text in self._spoken if text.index == index]:
                if start_s is None:
                    self._spoken.remove(text)
                text.start_s, text.end_s = start_s, end_s

    def is_ours(
        self, segment: Segment, *, translated: bool = True, taken_out: bool = False
    ) -> bool:
        """Whether all of a segment is what we said while it was captured.

        `translated` says that our words may come back as those that we translated from;
        `taken_out` that our voice is taken out of what is captured, as far as is known.
        """
        words = _plain_words(segment.text)
        around = self._around(segment)
        if len(words) < 2 or not around:
            return False
        spoken = [word for text in around for word in text.words]
        if _share_contained(words, spoken) >= _LIKENESS and _distinct(words, around):
            return True
        if len(words) < _FEWEST_OF_SOURCE or not translated:
            return False
        source = [
            word
            for text in around
            if text.covers_half(segment.start_s, segment.end_s)
            for word in text.source
        ]
        likeness = _LIKENESS_TAKEN_OUT if taken_out else _LIKENESS_OF_SOURCE
        return _share_contained(words, source) >= likeness

    def without_ours(self, segment: Segment) -> Segment:
        """The segment without words of ours at its beginning and its end."""
        written = segment.text.split()
        words = ["".join(_plain_words(word)) for word in written]
        first, behind = 0, len(words)
        around = self._around(segment)
        for text in around:
            for match in _matches(text.words, words):
                if match.size < _RUN or not _distinct(
                    words[match.b : match.b + match.size], around, fewest=2
                ):
                    continue
                if match.b <= first:
                    first = max(first, match.b + match.size)
                elif match.b + match.size >= behind:
                    behind = min(behind, match.b)
        if (first, behind) == (0, len(words)) or first >= behind:
            return segment
        kept = replace(segment, text=" ".join(written[first:behind]))
        if len(segment.words) != len(written):
            return kept
        timed = segment.words[first:behind]
        return replace(kept, words=timed, start_s=timed[0].start_s, end_s=timed[-1].end_s)

    def _around(self, segment: Segment) -> list[_Spoken]:
        with self._lock:
            return [
                replace(text)
                for text in self._spoken
                if text.sounds_within(segment.start_s, segment.end_s)
            ]


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
        is_captured: Callable[[], bool] = lambda: True,
        is_taken_out: Callable[[], bool] = lambda: False,
        is_echo: Callable[[float, float], bool] = lambda start_s, end_s: False,
        emit: Emit = ignore,
    ) -> None:
        """`has_translator` says whether a language can be translated into the target.

        `is_captured` says whether the microphone may capture the loudspeaker at all: somebody on
        headphones who says nearly the same twice is not taken for us. `is_taken_out` says whether
        the loudspeaker's sound is known to be taken out.
        `is_echo` says whether our voice is all that was captured between two times.
        """
        self._own_voice = own_voice
        self._target = target
        self._has_translator = has_translator
        self._is_captured = is_captured
        self._is_taken_out = is_taken_out
        self._is_echo = is_echo
        self._clock = clock
        self._emit = emit

    def process(self, segment: Segment) -> Iterator[Segment]:
        if not segment.has_words:
            yield segment
        elif self._is_ours(segment) or self._is_echo(segment.start_s, segment.end_s):
            self._drop(segment, "echo", segment.text)
        elif segment.language == self._target:
            self._drop(segment, "already translated", segment.text)
        elif segment.translation is None and not self._has_translator(segment.language):
            self._drop(segment, "no translator", segment.text)
        elif segment.translation is not None:
            yield segment
        else:
            kept = self._own_voice.without_ours(segment)
            if kept is not segment:
                self._drop(segment, "echo", _removed(segment.text, kept.text))
            yield kept

    def finish(self) -> Iterator[Segment]:
        yield from ()

    def _is_ours(self, segment: Segment) -> bool:
        return self._own_voice.is_ours(
            segment, translated=self._is_captured(), taken_out=self._is_taken_out()
        )

    def _drop(self, segment: Segment, reason: DropReason, text: str) -> None:
        _log.debug("of segment %d is not spoken (%s): %r", segment.index, reason, text)
        self._emit(SegmentDropped(self._clock.now(), segment.index, reason, text))


def _removed(text: str, kept: str) -> str:
    before, _, after = text.partition(kept)
    return " … ".join(part.strip() for part in (before, after) if part.strip())


def _plain_words(text: str) -> list[str]:
    letters = (c.lower() if c.isalnum() or c.isspace() else "" for c in text)
    return "".join(letters).split()


def _distinct(words: Sequence[str], around: Sequence[_Spoken], *, fewest: int = 1) -> bool:
    """Whether at least so many of the words are ours alone, and not in what was translated."""
    ours = {word for text in around for word in text.words}
    theirs = {word for text in around for word in text.source}
    return sum(word in ours - theirs for word in words) >= fewest


def _matches(spoken: Sequence[str], words: Sequence[str]) -> list[Match]:
    matcher = SequenceMatcher(None, spoken, words, autojunk=False)
    return [block for block in matcher.get_matching_blocks() if block.size]


def _share_contained(words: Sequence[str], spoken: Sequence[str]) -> float:
    """The share of `words` found in `spoken`, in order and close together."""
    blocks = _matches(spoken, words)
    best = 0
    for start, first in enumerate(blocks):
        # Words far from the start of the match are not of the same sentence.
        reach = first.a + 2 * len(words)
        best = max(best, sum(block.size for block in blocks[start:] if block.a < reach))
    return best / len(words)
