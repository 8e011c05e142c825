"""Translation by ear in a live session: for languages that only the recognizer can translate.

A few words cut from a sentence may be too short for Whisper's translate task, so that a guard
rejects the result. Their sound is then translated once more, together with the next segment's.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from stslocal.engines.protocols import SpeechRecognizer
from stslocal.translation.by_ear import ByEar
from stslocal.types import Segment, Sound

_MARGIN_S = 0.15
_JOINED_S = 12.0
"""Longest sound, in seconds, that is translated at once when a rejected segment is translated
together with the next one."""


class LiveByEar:
    """Translates the segments of a session for which there is no translator."""

    def __init__(self, recognizer: SpeechRecognizer, wanted: Callable[[str], bool]) -> None:
        """`wanted` says whether the recognizer is to translate segments in a language."""
        self._by_ear = ByEar(recognizer, margin_s=_MARGIN_S)
        self._wanted = wanted
        self._rejected: Segment | None = None
        """The previous segment, if its translation was rejected. Its `start_s` is that of the
        first of the rejected segments in a row."""

    def translate(self, segment: Segment, sound: Sound) -> Segment:
        """Return the segment with its translation, or unchanged if none is wanted."""
        if not self._wanted(segment.language):
            return segment
        if not segment.has_words:
            return replace(segment, translation="")
        start_s = self._start_s(segment)
        translated, is_rejected = self._by_ear.translate(segment, sound, start_s=start_s)
        self._rejected = replace(segment, start_s=start_s) if is_rejected else None
        return translated

    def _start_s(self, segment: Segment) -> float:
        """Where the sound to translate starts: it includes rejected segments shortly before."""
        rejected = self._rejected
        if rejected is None or rejected.language != segment.language:
            return segment.start_s
        is_near = segment.end_s - rejected.start_s <= _JOINED_S
        return rejected.start_s if is_near else segment.start_s
