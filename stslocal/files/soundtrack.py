"""Writes the sound of a translation and, where that has more in it, the speech alone too.

The speech alone (`NAME.speech.flac`) is kept beside a video and beside a sound that has the
original beneath it: a corrected sentence is replaced in it, and the whole is made of it again. The
other sentences could else only be taken from a lossy track, or with the original in them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from stslocal.audio.encode import AudioWriter
from stslocal.audio.peaks import Peaks
from stslocal.files.mixdown import ORIGINAL_RATE, Original
from stslocal.files.plan import FileTask
from stslocal.files.publication import ResultFiles
from stslocal.results.report import Track
from stslocal.types import Samples


@dataclass(frozen=True, slots=True)
class Soundtrack:
    """The sound of one translation, which was written."""

    file: Path
    """It, under the temporary name that it has until all files are published."""
    sample_rate: int
    """Hertz."""
    count: int
    """Its samples."""
    peaks: Track
    beside: Sequence[Path]
    """The results that were written beside the sound or the video."""

    @property
    def duration_s(self) -> float:
        return self.count / self.sample_rate


def write_sound(
    speech: Iterable[Samples],
    rate: int,
    task: FileTask,
    files: ResultFiles,
    original: Original | None,
    check: Callable[[], None] = lambda: None,
    on_mixed: Callable[[float], None] = lambda done_s: None,
) -> Soundtrack:
    """Write `speech`, blocks of shape (n,) at `rate` in hertz, and the original beneath it.

    For a video it is the sound that the video needs. `check` is called for each block: what it
    raises ends the work. `on_mixed` is called with the seconds that are mixed with the original.
    Raises OutputError, AudioDecodeError for the original, and EngineError for its separation.
    """

    def written(
        writer: AudioWriter,
        blocks: Iterable[Samples],
        on_done: Callable[[float], None] = lambda done_s: None,
    ) -> Track:
        peaks = Peaks(writer.sample_rate)
        with writer:
            for block in blocks:
                check()
                writer.write(block)
                peaks.push(block)
                on_done(writer.position / writer.sample_rate)
        return Track(peaks.values, Peaks.STEP_S)

    if original is None and not task.is_video:
        file = files.create(task.audio)
        writer = AudioWriter(file, rate, task.output_format)
        peaks = written(writer, speech)
        return Soundtrack(file.part, rate, writer.position, peaks, [])
    alone = files.create(task.speech)
    writer = AudioWriter(alone, rate, "flac")
    peaks = written(writer, speech)
    if original is None:
        return Soundtrack(alone.part, rate, writer.position, peaks, [task.speech])
    # The video needs the whole sound: a WAV that is gone at the end.
    file = files.scratch(task.audio) if task.is_video else files.create(task.audio)
    form = "wav" if task.is_video else task.output_format
    writer = AudioWriter(file, ORIGINAL_RATE, form, channels=original.channels)
    with closing(original.mixed_with(alone.part)) as blocks:
        peaks = written(writer, blocks, on_mixed)
    return Soundtrack(file.part, ORIGINAL_RATE, writer.position, peaks, [task.speech])
