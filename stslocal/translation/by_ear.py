"""Translation by ear: the recognizer translates by itself, from the sound of a segment.

Whisper's translate task takes the sound a second time and writes English. It gives no word times,
so the source's words come from an earlier recognition. It gets the sound only as far as words
were recognized, because it would invent words for the breath and silence after them.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from time import perf_counter

from stslocal.engines.protocols import SpeechRecognizer
from stslocal.types import Segment, Sound

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ByEar:
    """Translates segments from their sound."""

    recognizer: SpeechRecognizer
    margin_s: float
    """Sound taken before and after a segment, because its word times may be a little narrow."""

    def translate(
        self, segment: Segment, sound: Sound, *, start_s: float | None = None
    ) -> tuple[Segment, bool]:
        """Return the segment with its translation, and whether a guard rejected it.

        With `start_s` the sound is taken from there on instead of from the segment's start.
        """
        began_s = perf_counter()
        first_s = segment.start_s if start_s is None else start_s
        recognition = self.recognizer.transcribe(
            sound(first_s - self.margin_s, segment.end_s + self.margin_s),
            language=segment.language,
            task="translate",
        )
        if recognition.rejected:
            _log.debug(
                "the translation by ear of %.1f to %.1f s is rejected: %s",
                first_s, segment.end_s, recognition.rejected,
            )  # fmt: skip
        work_s = segment.recognition_s + perf_counter() - began_s
        translated = replace(segment, translation=recognition.text, recognition_s=work_s)
        return translated, bool(recognition.rejected)
