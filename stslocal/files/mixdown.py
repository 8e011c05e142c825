"""Mixes the sound of a translation: the speech at its places, and what is beneath it.

Beneath it is the tone of its room, or the original sound. That is mixed with the finished speech,
which lies in a file: so a translation in which a sentence was corrected is mixed in the same way,
and has the same samples where nothing changed. Only a second of all is in memory at once.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import numpy as np

from stslocal.audio.decode import AudioInfo, SoundChoice, Source, read_blocks
from stslocal.audio.limiter import Limiter
from stslocal.engines.protocols import SourceSeparator
from stslocal.files.background import with_quieter_voice
from stslocal.files.beneath import GainCurve, curve_for
from stslocal.files.levels import RecordingLevels, sentence_gains
from stslocal.files.speak import ORIGINAL
from stslocal.files.spoken_sentences import SpokenSentences
from stslocal.results.session_segment import SessionSegment, Span
from stslocal.types import Samples

ORIGINAL_RATE = 48_000
"""Sample rate of a mix with the original sound, which may hold music."""


@dataclass(frozen=True, slots=True)
class Original:
    """The original sound, as it is beneath the translation."""

    source: Source
    """A stream is read from where it stands."""
    choice: SoundChoice
    gain: GainCurve
    """How loud it is, or its voice where there is a separator."""
    stereo: bool
    separator: SourceSeparator | None = None
    """Finds the voice, so that music and noise stay at their level."""

    @classmethod
    def of(
        cls,
        source: Source,
        info: AudioInfo,
        choice: SoundChoice,
        level: str,
        rows: Sequence[SessionSegment],
        separator: SourceSeparator | None = None,
    ) -> Original | None:
        """The original beneath the translation `rows`; None where it is left out.

        `level` is `off`, `duck`, `full` or such as `-20dB`. The original goes down under the
        translated speech and also where the speech that it replaces is said. With a separator the
        level is that of its voice alone, and may be `out`.
        """
        if level == "off" and separator is None:
            return None
        stereo = info.channels > 1 and choice.channel is None
        gain = curve_for(level, _spoken_spans(rows), _kept_spans(rows))
        return cls(source, choice, gain, stereo, separator)

    @property
    def channels(self) -> int:
        """1, or 2 where the original has more than one."""
        return 2 if self.stereo else 1

    def mixed_with(self, speech: Path) -> Generator[Samples, None, None]:
        """Yield the mix with a sound file at ORIGINAL_RATE: blocks of shape (n,) or (n, 2).

        It is as long as the speech. Raises AudioDecodeError where one of them cannot be read.
        """
        limiter = Limiter(ORIGINAL_RATE)
        with closing(self._blocks()) as beneath:
            for block in read_blocks(
                speech, sample_rate=ORIGINAL_RATE, on_warning=lambda warning: None
            ):
                sound = next(beneath)[: len(block)]
                yield limiter.push((block if sound.ndim == 1 else block[:, np.newaxis]) + sound)
        yield limiter.finish()

    def _blocks(self) -> Generator[Samples, None, None]:
        """The original as loud as it is to be, and silence behind it, in blocks of a second."""
        rate = ORIGINAL_RATE
        blocks = read_blocks(
            self.source,
            sample_rate=rate,
            choice=self.choice,
            stereo=self.stereo,
            on_warning=lambda warning: None,  # the same as when it was read for its speech
        )
        if self.separator is None:
            loud = self._gained(blocks)
        else:
            loud = with_quieter_voice(blocks, rate, self.channels, self.separator, self.gain)
        for block in loud:
            yield np.pad(block, [(0, rate - len(block)), *[(0, 0)] * (block.ndim - 1)])
        while True:
            yield np.zeros((rate, 2) if self.stereo else rate, np.float32)

    def _gained(self, blocks: Iterator[Samples]) -> Iterator[Samples]:
        start = 0
        for block in blocks:
            gains = self.gain.between(start, start + len(block), ORIGINAL_RATE)
            start += len(block)
            yield block * (gains if block.ndim == 1 else gains[:, np.newaxis])


def _spoken_spans(rows: Sequence[SessionSegment]) -> list[tuple[float, float]]:
    """Where speech is translated, and where its translation is spoken."""
    spans: list[Span] = []
    for row in rows:
        if row.target is not None and row.voice != ORIGINAL:
            spans += [row.source, row.target]
    return [(one.start_s, one.end_s) for one in spans]


def _kept_spans(rows: Sequence[SessionSegment]) -> list[tuple[float, float]]:
    """Where speech keeps its own sound, because it is in the target language."""
    return [(row.source.start_s, row.source.end_s) for row in rows if row.voice == ORIGINAL]


@dataclass(frozen=True, slots=True)
class Mixdown:
    """The speech of one translation at its places."""

    spoken: SpokenSentences
    levels: RecordingLevels
    duration_s: float
    """Seconds of the recording: the mix is as long, or longer where speech lasts longer."""
    over_original: bool = False
    """Whether the original sound will be beneath it; else the tone of its room is."""

    @property
    def sample_rate(self) -> int:
        """Hertz."""
        return self.spoken.sample_rate

    def blocks(self) -> Generator[Samples, None, None]:
        """Yield the mix: blocks of shape (n,)."""
        limiter = Limiter(self.sample_rate)
        size = self.sample_rate
        # Where nobody speaks, silence says that nothing is translated.
        has_tone = self.spoken.sentences and not self.over_original
        tone = self.levels.room_tone(size) if has_tone else None
        for start, speech in zip(count(step=size), self._speech(), strict=False):
            beneath = 0 if tone is None else tone.between(start, start + size)[: len(speech)]
            yield limiter.push(speech + beneath)
        yield limiter.finish()

    def _end(self) -> int:
        """Samples of the mix."""
        rate = self.sample_rate
        ends_s = [one.start_s + one.count / rate for one in self.spoken.sentences]
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
        for sentence, gain, samples in zip(
            self.spoken.sentences, gains, self.spoken.samples(), strict=True
        ):
            if sentence.is_original and self.over_original:
                continue  # it is in the original, which is at full level there
            yield round(sentence.start_s * self.sample_rate), samples * np.float32(gain)
