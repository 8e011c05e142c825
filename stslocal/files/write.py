"""Writes the translation of a recording: audio, subtitles and session file, or only a stream."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import BinaryIO

import numpy as np

from stslocal import __version__
from stslocal.audio.decode import probe
from stslocal.audio.encode import AudioWriter
from stslocal.errors import output_error
from stslocal.files.options import FileOptions
from stslocal.files.plan import FileTask
from stslocal.files.translation import FileTranslation, PlacedSegment
from stslocal.foreign_files import PathKind, kind_of
from stslocal.loading.engines import Engines
from stslocal.loading.selection import EngineSelection
from stslocal.metrics import real_time_factor
from stslocal.results.session import (
    OutputFile,
    Session,
    SessionFormatError,
    SessionSource,
    is_complete,
    read_session,
)
from stslocal.results.session_segment import SessionSegment, Span
from stslocal.results.subtitles import to_srt, to_vtt
from stslocal.results.writing import (
    recognized_row,
    session_voice,
    source_cue,
    spoken_row,
    target_cue,
    translated_row,
)
from stslocal.storage import sha256_of, write_text

SUBTITLE_FORMATS = {"srt": to_srt, "vtt": to_vtt}

_SILENCE_BLOCK_S = 1.0


@dataclass(frozen=True, slots=True)
class FileProgress:
    """How much of a recording is translated."""

    done_s: float
    """Seconds of the recording whose translation is finished."""
    total_s: float | None
    """Seconds of the whole recording; None when its file does not say."""
    elapsed_s: float
    """Seconds since the translation began."""

    @property
    def real_time_factor(self) -> float:
        """Seconds of work a second of recording; below 1 is faster than real time."""
        return real_time_factor(self.elapsed_s, self.done_s)


@dataclass(frozen=True, slots=True)
class TranslatedSpeech:
    """A finished translation and its files."""

    session: Session
    audio: Path | None
    """None when the speech was written to a stream."""
    files: Sequence[Path] = ()
    """All files that were written, the session file last."""
    elapsed_s: float = 0.0

    @property
    def text(self) -> str:
        """The source text, one segment a line."""
        return "\n".join(segment.text for segment in self.session.segments)

    @property
    def translation(self) -> str:
        """The translated text, one segment a line."""
        return "\n".join(segment.translation for segment in self.session.segments)

    @property
    def real_time_factor(self) -> float:
        """Seconds of work a second of recording."""
        return real_time_factor(self.elapsed_s, self.session.source.duration_s)


def translate_to_files(
    engines: Engines,
    task: FileTask,
    options: FileOptions,
    *,
    on_progress: Callable[[FileProgress], None] = lambda _: None,
) -> TranslatedSpeech:
    """Translate one recording and write audio, subtitles and session file, complete or not at all.

    Raises what `FileTranslation.segments` raises, and OutputError when a file cannot be written.
    """
    began = perf_counter()
    info = probe(task.source, options.sound)
    running = FileTranslation(engines, task.source, options)
    rows: list[SessionSegment] = []
    try:
        task.folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise output_error(task.folder, error) from error
    with AudioWriter(task.audio, engines.synthesizer.sample_rate, options.output_format) as writer:
        for placed in running.segments():
            _write_at(writer, placed)
            rows.append(_row(placed))
            done_s = placed.spoken.translated.segment.end_s
            on_progress(FileProgress(done_s, info.duration_s, perf_counter() - began))
        _write_silence(writer, running.duration_s)
    written = [task.audio, *_write_subtitles(task, options, rows)]
    request = options.request
    session = Session(
        program=f"stslocal {__version__}",
        source=SessionSource(
            name=task.source.name,
            duration_s=running.duration_s,
            bytes=task.source.stat().st_size,
            sha256=sha256_of(task.source),
        ),
        source_language=running.source_language,
        source_probability=running.source_probability,
        target_language=request.target_language,
        models=engines.models_for(running.source_language, request.target_language),
        voice=session_voice(running.voice),
        settings=options.fingerprint(engines.selection),
        output={path.name: OutputFile(path.stat().st_size, sha256_of(path)) for path in written},
        sample_rate=writer.sample_rate,
        duration_s=writer.position / writer.sample_rate,
        segments=rows,
        warnings=running.warnings,
        dropped=running.dropped,
    )
    write_text(task.session, session.to_json())
    return TranslatedSpeech(session, task.audio, [*written, task.session], perf_counter() - began)


def translate_to_stream(
    engines: Engines, source: BinaryIO, sink: BinaryIO, options: FileOptions
) -> list[str]:
    """Translate a recording from one stream to another; returns the warnings."""
    running = FileTranslation(engines, source, options)
    with AudioWriter(sink, engines.synthesizer.sample_rate, options.output_format) as writer:
        for placed in running.segments():
            _write_at(writer, placed)
        _write_silence(writer, running.duration_s)
    return running.warnings


def session_of_earlier_run(
    task: FileTask, options: FileOptions, engines: EngineSelection
) -> Session | None:
    """The session of an earlier run with the same request on the same recording.

    None when there is no such run, or when one of its files is missing or changed.
    """
    try:
        session = read_session(task.session)
    except SessionFormatError:
        return None
    same_source = (
        kind_of(task.source) is PathKind.FILE
        and session.source.bytes == task.source.stat().st_size
        and session.source.sha256 == sha256_of(task.source)
    )
    same_request = (
        session.settings == options.fingerprint(engines) and task.audio.name in session.output
    )
    return session if same_source and same_request and is_complete(session, task.folder) else None


def _write_at(writer: AudioWriter, placed: PlacedSegment) -> None:
    _write_silence(writer, placed.start_s)
    writer.write(placed.spoken.samples)


def _write_silence(writer: AudioWriter, until_s: float) -> None:
    """Write silence up to `until_s`; nothing when the audio is already that long."""
    missing = round(until_s * writer.sample_rate) - writer.position
    block = round(_SILENCE_BLOCK_S * writer.sample_rate)
    while missing > 0:
        writer.write(np.zeros(min(missing, block), np.float32))
        missing -= block


def _write_subtitles(
    task: FileTask, options: FileOptions, rows: Sequence[SessionSegment]
) -> list[Path]:
    source, target = [source_cue(row) for row in rows], [target_cue(row) for row in rows]
    written = []
    for kind in options.subtitles:
        for path, cues in ((task.source_subtitles(kind), source), (task.subtitles(kind), target)):
            write_text(path, SUBTITLE_FORMATS[kind](cues))
            written.append(path)
    return written


def _row(placed: PlacedSegment) -> SessionSegment:
    spoken = placed.spoken
    row = translated_row(recognized_row(spoken.translated.segment), spoken.translated)
    return spoken_row(
        row,
        Span(placed.start_s, placed.end_s) if len(spoken.samples) else None,
        voice=spoken.voice,
        speed=spoken.speed,
        synthesis_s=spoken.synthesis_s,
    )
