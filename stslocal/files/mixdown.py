"""Mixes the sound of a translation: the speech at its places, and what is beneath it.

Beneath it is the original sound, or the tone of its room. Only a second of it is in memory at once.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from contextlib import closing
from dataclasses import dataclass
from itertools import count

import numpy as np

from stslocal.audio.decode import AudioInfo, SoundChoice, Source
from stslocal.audio.limiter import Limiter
from stslocal.audio.resample import resample
from stslocal.engines.protocols import SourceSeparator
from stslocal.files.beneath import curve_for
from stslocal.files.levels import RecordingLevels, sentence_gains
from stslocal.files.original_sound import ORIGINAL_RATE, OriginalSound
from stslocal.files.spoken_sentences import SpokenSentences
from stslocal.types import Samples


@dataclass(frozen=True, slots=True)
class Mixdown:
    """The sound of one translation."""

    spoken: SpokenSentences
    levels: RecordingLevels
    duration_s: float
    """Seconds of the recording: the mix is as long, or longer where speech lasts longer."""
    original: OriginalSound | None = None
    """None leaves the original out: the tone of its room takes its place."""

    @property
    def sample_rate(self) -> int:
        """Hertz."""
        return self.spoken.sample_rate if self.original is None else ORIGINAL_RATE

    @property
    def channels(self) -> int:
        """1, or 2 where the original is beneath and has more than one."""
        return 2 if self.original is not None and self.original.stereo else 1

    @classmethod
    def of(
        cls,
        spoken: SpokenSentences,
        levels: RecordingLevels,
        duration_s: float,
        source: Source,
        info: AudioInfo,
        choice: SoundChoice,
        level: str,
        separator: SourceSeparator | None = None,
    ) -> Mixdown:
        """Plan the mix of a whole translation.

        `level` is that of the original beneath: `off`, `duck`, `full` or such as `-20dB`. The
        original goes down under the translated speech and also where the speech that it replaces
        is said. With a separator the level is that of its voice alone, and may be `out`.
        """
        if level == "off" and separator is None:
            return cls(spoken, levels, duration_s)
        translated = [one for one in spoken.sentences if not one.is_original]
        spans = [(one.source_start_s, one.source_end_s) for one in translated]
        kept = [(o.source_start_s, o.source_end_s) for o in spoken.sentences if o.is_original]
        spans += [(one.start_s, one.start_s + one.count / spoken.sample_rate) for one in translated]
        stereo = info.channels > 1 and choice.channel is None
        gain = curve_for(level, spans, kept)
        original = OriginalSound(source, choice, gain, stereo, separator)
        return cls(spoken, levels, duration_s, original)

    def blocks(self) -> Generator[Samples, None, None]:
        """Yield the mix: blocks of shape (n,), or (n, 2) in stereo.

        Raises AudioDecodeError where the original cannot be read any more.
        """
        limiter = Limiter(self.sample_rate)
        with closing(self._beneath()) as beneath:
            for speech in self._speech():
                sound = next(beneath)[: len(speech)]
                shaped = speech if sound.ndim == 1 else speech[:, np.newaxis]
                yield limiter.push(shaped + sound)
        yield limiter.finish()

    def _end(self) -> int:
        """Samples of the mix."""
        rate, spoken_rate = self.sample_rate, self.spoken.sample_rate
        ends_s = [one.start_s + one.count / spoken_rate for one in self.spoken.sentences]
        return max(round(end_s * rate) for end_s in (self.duration_s, *ends_s[-1:]))

    def _speech(self) -> Iterator[Samples]:
        """The sentences at their places, with silence between them, in blocks of a second."""
        placed = self._placed()
        current = next(placed, None)
        end = self._end()
        for start in range(0, end, self.sample_rate):
            block = np.zeros(min(self.sample_rate, end - start), np.float32)
            while current is not None and current[0] < start + len(block):
                at, samples = current
                into, taken = max(0, at - start), max(0, start - at)
                part = samples[taken : taken + len(block) - into]
                block[into : into + len(part)] += part
                if taken + len(part) < len(samples):
                    break
                current = next(placed, None)
            yield block

    def _placed(self) -> Iterator[tuple[int, Samples]]:
        """The first position of each sentence, and its samples as loud as they are to be."""
        gains = sentence_gains(self.spoken.sentences, self.levels)
        rate = self.sample_rate
        for sentence, gain, samples in zip(
            self.spoken.sentences, gains, self.spoken.samples(), strict=True
        ):
            if sentence.is_original and self.original is not None:
                continue  # it is in the original, which is at full level there
            loud = samples * np.float32(gain)
            yield round(sentence.start_s * rate), resample(loud, self.spoken.sample_rate, rate)

    def _beneath(self) -> Generator[Samples, None, None]:
        """What is beneath the speech, without an end, in blocks of a second."""
        size = self.sample_rate
        if self.original is not None:
            for block in self.original.blocks():
                yield np.pad(block, [(0, size - len(block)), *[(0, 0)] * (block.ndim - 1)])
            tone = None
        else:
            # Where nobody speaks, silence says that nothing is translated.
            tone = self.levels.room_tone(size) if self.spoken.sentences else None
        silence = np.zeros(size if self.channels == 1 else (size, 2), np.float32)
        for start in count(step=size):
            yield silence if tone is None else tone.between(start, start + size)
