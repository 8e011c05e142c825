"""Live speech in a language that only the recognizer itself can translate."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from time import perf_counter
from typing import Protocol

from stslocal.engines.protocols import SpeechRecognizer
from stslocal.live.voice_learning import SoundMemory
from stslocal.types import Samples, Segment

_MARGIN_S = 0.15
"""Heard beside a segment: its first and last word may be timed a little narrowly."""
_JOINED_S = 12.0
"""As much is heard at once when what one segment alone did not tell is heard with the next."""


class _Listener(Protocol):
    def feed(self, samples: Samples) -> Iterable[Segment]: ...

    def finish(self) -> Iterable[Segment]: ...


class Interpreting:
    """A listener whose segments bring their translation where no translator has their language.

    Whisper's translate task hears the sound of the segment again, and gives English. A few words
    cut from a sentence may be too little for it, so that a guard rejects what it makes of them:
    then they are heard once more, together with the segment after them.
    """

    def __init__(
        self, listener: _Listener, recognizer: SpeechRecognizer, wanted: Callable[[str], bool]
    ) -> None:
        """`wanted` tells whether the recognizer is to translate segments of a language."""
        self._listener = listener
        self._recognizer = recognizer
        self._wanted = wanted
        self._memory = SoundMemory()
        self._missed: Segment | None = None
        """The segment before, when its translation was rejected; it starts where those that were
        rejected before it do."""

    def feed(self, samples: Samples) -> Iterable[Segment]:
        self._memory.add(samples)
        return map(self._interpreted, self._listener.feed(samples))

    def finish(self) -> Iterable[Segment]:
        return map(self._interpreted, self._listener.finish())

    def _interpreted(self, segment: Segment) -> Segment:
        if not self._wanted(segment.language):
            return segment
        began = perf_counter()
        start_s = self._missed_before(segment)
        sound = self._memory.between(start_s - _MARGIN_S, segment.end_s + _MARGIN_S)
        heard = self._recognizer.transcribe(sound, language=segment.language, task="translate")
        self._missed = replace(segment, start_s=start_s) if heard.rejected else None
        work_s = segment.recognition_s + perf_counter() - began
        return replace(segment, translation=heard.text, recognition_s=work_s)

    def _missed_before(self, segment: Segment) -> float:
        """From where on a segment is heard: with what was missed before it, if that is near."""
        missed = self._missed
        if missed is None or missed.language != segment.language:
            return segment.start_s
        return missed.start_s if segment.end_s - missed.start_s <= _JOINED_S else segment.start_s
