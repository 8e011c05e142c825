"""Text to encoded speech, a piece as soon as it is spoken."""

from __future__ import annotations

from collections.abc import Iterator
from math import sqrt

import numpy as np

from stslocal.audio.encode import AudioWriter
from stslocal.audio.resample import Resampler, to_pcm16
from stslocal.audio.tempo import TempoChanger
from stslocal.engines.protocols import SpeechSynthesizer
from stslocal.files.placement import COMFORTABLE_SPEED
from stslocal.files.speech import unspeakable
from stslocal.text.chunks import SENTENCE_PAUSE_S
from stslocal.text.sentences import split_sentences
from stslocal.types import Samples, VoiceProfile

PCM = "pcm"
PCM_RATE = 24_000
"""Hertz of speech without a container: 16-bit mono, the low byte first."""
SLOWEST, FASTEST = 0.25, 4.0
_SLOWEST_VOICE = 0.8
"""Voices that are asked for less, or for more than COMFORTABLE_SPEED, speak badly. The rest is done
to their sound."""


def speech_of(
    text: str,
    synthesizer: SpeechSynthesizer,
    *,
    language: str,
    voice: VoiceProfile | None = None,
    speed: float = 1.0,
) -> Iterator[Samples]:
    """Yield the speech of a text in chunks, shape (n,), sentence by sentence.

    `speed` is from SLOWEST to FASTEST times the voice's own. Raises SettingsError where nothing of
    the text can be spoken, before any sound.
    """
    own_speed = min(max(speed, _SLOWEST_VOICE), COMFORTABLE_SPEED)
    rate = synthesizer.sample_rate
    pause = np.zeros(round(SENTENCE_PAUSE_S / own_speed * rate), np.float32)
    # One changer reaches from half to twice the tempo, two of them over all speeds.
    changers = [TempoChanger(rate, sqrt(speed / own_speed)) for _ in range(2)]
    is_first = True
    for sentence in split_sentences(text, language):
        begins = True
        for chunk in synthesizer.synthesize(
            sentence, language=language, voice=voice, speed=own_speed
        ):
            if not len(chunk):
                continue
            if begins and not is_first:
                yield _changed(pause, changers)
            begins = is_first = False
            yield _changed(chunk, changers)
    if is_first:
        raise unspeakable(language)
    yield _changed(changers[0].finish(), changers[1:])
    yield changers[1].finish()


def _changed(samples: Samples, changers: list[TempoChanger]) -> Samples:
    for changer in changers:
        samples = changer.push(samples)
    return samples


def encoded(chunks: Iterator[Samples], sample_rate: int, form: str) -> Iterator[bytes]:
    """Yield speech as bytes of a format: PCM, or one of `stslocal.audio.encode.STREAM_FORMATS`."""
    if form == PCM:
        resampler = Resampler(sample_rate, PCM_RATE)
        for chunk in chunks:
            yield to_pcm16(resampler.process(chunk))
        yield to_pcm16(resampler.flush())
        return
    sink = _Collected()
    writer = AudioWriter(sink, sample_rate, form)  # type: ignore[arg-type]
    try:
        for chunk in chunks:
            writer.write(chunk)
            yield sink.taken()
        writer.close()
        yield sink.taken()
    finally:
        writer.abort()


class _Collected:
    """The stream that the encoder writes to."""

    name = "the speech"

    def __init__(self) -> None:
        self._parts: list[bytes] = []

    def write(self, data: bytes) -> int:
        self._parts.append(bytes(data))
        return len(data)

    def flush(self) -> None:
        """Nothing waits here."""

    def taken(self) -> bytes:
        """What was written since the last call."""
        data, self._parts = b"".join(self._parts), []
        return data
