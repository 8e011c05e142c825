"""Keeps the speech of a translation in a file until the whole of it is known.

How loud a sentence has to be depends on all of them. So their samples wait in a file that has no
name, and only their places, and how loud they are, stay in memory.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryFile
from types import TracebackType
from typing import IO

import numpy as np
from numpy.typing import NDArray

from stslocal.audio.loudness import LoudnessMeter, blocks_of
from stslocal.errors import output_error
from stslocal.files.speak import ORIGINAL, PlacedSegment
from stslocal.types import Samples


@dataclass(frozen=True, slots=True)
class SpokenSentence:
    """One sentence of the translation that has a sound."""

    start_s: float
    """Where it starts in the translation, in whole milliseconds, as a session file has it."""
    count: int
    """Its samples."""
    source_start_s: float
    source_end_s: float
    is_original: bool
    """Whether it has kept its own sound, because it is in the target language."""
    blocks: NDArray[np.float64]
    """Weighted power of its blocks of 400 ms."""


class SpokenSentences:
    """The sentences of one translation, in order. Use it as a context manager."""

    def __init__(self, folder: Path | None, sample_rate: int) -> None:
        """Keep the samples in `folder`, with the sample rate of the synthesizer in hertz.

        Without a folder they stay in memory. Raises OutputError.
        """
        self.sample_rate = sample_rate
        self.sentences: list[SpokenSentence] = []
        self._folder = folder or Path()
        self._file: IO[bytes] = BytesIO()
        if folder is None:
            return
        try:
            self._file = TemporaryFile(dir=folder)  # noqa: SIM115 - closed by `__exit__`
        except OSError as error:
            raise output_error(folder, error) from error

    def add(self, placed: PlacedSegment) -> None:
        """Keep a sentence; one without a sound has nothing to keep. Raises OutputError."""
        samples, segment = placed.spoken.samples, placed.spoken.translated.segment
        if not len(samples):
            return
        meter = LoudnessMeter(self.sample_rate)
        meter.push(samples)
        meter.finish()
        try:
            self._file.write(samples.astype(np.float32).tobytes())
        except OSError as error:
            raise output_error(self._folder, error) from error
        self.sentences.append(
            SpokenSentence(
                round(placed.start_s, 3),
                len(samples),
                segment.start_s,
                segment.end_s,
                placed.spoken.voice == ORIGINAL,
                blocks_of(meter.powers),
            )
        )

    def samples(self) -> Iterator[Samples]:
        """Read the samples of each sentence, in order: shape (n,)."""
        self._file.seek(0)
        for sentence in self.sentences:
            yield np.frombuffer(self._file.read(4 * sentence.count), np.float32)

    def __enter__(self) -> SpokenSentences:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._file.close()
