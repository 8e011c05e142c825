"""Live speech in a language that only the recognizer itself can translate.

A few words cut from a sentence may be too little for Whisper's translate task, so that a guard
rejects what it makes of them: then it is given their sound once more, together with that of the
segment after them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from stslocal.engines.protocols import SpeechRecognizer
from stslocal.translation.by_ear import ByEar
from stslocal.types import Segment, Sound

_MARGIN_S = 0.15
_JOINED_S = 12.0
"""So much sound is translated at once when what one segment alone did not tell is translated with
the next."""


class LiveByEar:
    """Translates the segments of a session that no translator can."""

    def __init__(self, recognizer: SpeechRecognizer, wanted: Callable[[str], bool]) -> None:
        """`wanted` tells whether the recognizer is to translate segments of a language."""
        self._by_ear = ByEar(recognizer, margin_s=_MARGIN_S)
        self._wanted = wanted
        self._rejected: Segment | None = None
        """The segment before, when its translation was rejected; it starts where those that were
        rejected before it do."""

    def translate(self, segment: Segment, sound: Sound) -> Segment:
        """Return the segment with its translation, or as it is when that is not wanted."""
        if not self._wanted(segment.language):
            return segment
        start_s = self._start_s(segment)
        translated, is_rejected = self._by_ear.translate(segment, sound, start_s=start_s)
        self._rejected = replace(segment, start_s=start_s) if is_rejected else None
        return translated

    def _start_s(self, segment: Segment) -> float:
        """From where on its sound is taken: with what was rejected before it, if that is near."""
        before = self._rejected
        if before is None or before.language != segment.language:
            return segment.start_s
        return before.start_s if segment.end_s - before.start_s <= _JOINED_S else segment.start_s
