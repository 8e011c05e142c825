"""Writes the translation of a recording: audio, subtitles and session file, or only a stream."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path
from time import perf_counter
from typing import BinaryIO

from stslocal import __version__
from stslocal.audio.encode import AudioWriter
from stslocal.audio.form import check_form
from stslocal.audio.peaks import Peaks
from stslocal.errors import SettingsError
from stslocal.files.earlier import EarlierFiles
from stslocal.files.mixdown import Mixdown, Original
from stslocal.files.options import FileOptions
from stslocal.files.plan import FileTask
from stslocal.files.publication import ResultFiles, make_folder, only_writer
from stslocal.files.resume import resumable
from stslocal.files.rows import row_of
from stslocal.files.soundtrack import Soundtrack, write_sound
from stslocal.files.source import opened
from stslocal.files.speak import PlacedSegment
from stslocal.files.speakers.turns import Speakers
from stslocal.files.spoken_sentences import SpokenSentences
from stslocal.files.stream_levels import StreamLevels
from stslocal.files.subtitle_files import target_cues, write_subtitles
from stslocal.files.translation import FileTranslation
from stslocal.files.video import Dubbing, write_video_of
from stslocal.loading.engines import Engines
from stslocal.metrics import real_time_factor
from stslocal.results.report import Track, report_page
from stslocal.results.session import OutputFile, Session, SessionModel, SessionSource, sealed
from stslocal.results.session_segment import SessionSegment
from stslocal.results.writing import session_speakers, session_voice
from stslocal.storage import sha256_of


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
    """The sound or the video; None when the speech was written to a stream, and where the result
    is text alone."""
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
    overwrite: bool = False,
    check: Callable[[], None] = lambda: None,
    on_progress: Callable[[FileProgress], None] = lambda _: None,
    on_segment: Callable[[PlacedSegment], None] = lambda _: None,
    on_resumed: Callable[[int], None] = lambda _: None,
    on_mixing: Callable[[FileProgress], None] = lambda _: None,
) -> TranslatedSpeech:
    """Translate one recording and write audio, subtitles and session file, complete or not at all.

    What stslocal wrote there before, and nobody changed since, is replaced; anything else only with
    `overwrite`. The source's subtitles then get a name beside the file that has theirs. `check` is
    called after each segment and before the files get their names: what it raises ends the work.

    What is done is kept, so that the same translation goes on there after an error or a signal;
    `on_resumed` then gets the number of sentences that are spoken already. `on_mixing` is called
    while the voice is taken out of the background, which comes after the last sentence.

    Raises what `FileTranslation.segments` raises, and OutputError when a file cannot be written or
    may not be replaced.
    """
    began = perf_counter()
    options = options.in_format(task.output_format)
    separator = engines.load_separator() if options.keeps_background else None
    with opened(task.source) as recording:
        info = recording.probed(options.sound)
        level = options.original_for(has_pictures=info.has_pictures)
        is_beneath = level != "off" or options.keeps_background
        speech_too = task.is_spoken and (task.is_video or is_beneath)
        target_paths = task.target_paths(
            options.subtitles, report=options.report, speech=speech_too
        )
        if task.is_video:
            check_form(recording.stream, task.output_format)
        make_folder(task.folder)

        def show(placed: PlacedSegment) -> None:
            check()
            on_segment(placed)
            done_s = placed.spoken.translated.segment.end_s
            on_progress(FileProgress(done_s, info.duration_s, perf_counter() - began))

        def show_mixing(done_s: float) -> None:
            if separator is not None:
                elapsed_s = perf_counter() - mixing_began
                on_mixing(FileProgress(done_s, running.duration_s, elapsed_s))

        with (
            only_writer(task.session, task.main),
            ResultFiles(task.session) as files,
            resumable(engines, task, options.request, recording, on_resumed) as resumed,
            SpokenSentences(task.folder, engines.synthesizer.sample_rate) as sentences,
        ):
            earlier = EarlierFiles(task)
            if not overwrite:
                earlier.refuse_to_replace(target_paths, options.shown_name)
            for path in target_paths:  # so that what cannot be written is known before the work
                files.create(path)
            running = FileTranslation(
                resumed.engines, recording.stream, options, warnings=resumed.warnings
            )
            rows = _speak(running, sentences, show)
            mixing_began = perf_counter()
            sound: Soundtrack | None = None
            if task.is_spoken:
                recording.stream.seek(0)
                original = Original.of(
                    recording.stream, info, options.sound, level, rows,
                    None if separator is None else separator.engine,
                )  # fmt: skip
                mix = Mixdown(sentences, running.levels, running.duration_s, original is not None)
                with closing(mix.blocks()) as speech:
                    sound = write_sound(
                        speech, mix.sample_rate, task, files, original, check, show_mixing
                    )
            beside = None if overwrite else earlier
            cues = target_cues(rows, options, has_pictures=info.has_pictures)
            if task.is_video:
                dubbing = Dubbing.of(running, rows, cues)
                running.warnings += write_video_of(recording.stream, sound, task, files, dubbing)
            written = [] if task.media is None else [task.media]
            written += write_subtitles(task, running, rows, cues, files, beside)
            written += () if sound is None else sound.beside
            source = recording.described(running.duration_s, running.warnings)
            name = options.shown_name or source.name
            source = replace(source, name=name, has_pictures=info.has_pictures)
            session = _session(running, source, sound, rows)
            if separator is not None:
                session = replace(session, models=[*session.models, *separator.models])
            if options.report:
                said = Track(running.levels.peaks.values, Peaks.STEP_S)
                spoken = None if sound is None else sound.peaks
                files.write(task.report, report_page(session, said, spoken).encode())
                written.append(task.report)
            session = replace(
                session,
                output={path.name: _output_file(files.create(path).part) for path in written},
                earlier_output=earlier.left_over(written),
            )
            files.write(task.session, sealed(session))
            check()
            if not overwrite:  # the work may have taken hours
                EarlierFiles(task).refuse_to_replace(target_paths, options.shown_name)
            files.publish()
    return TranslatedSpeech(session, task.media, [*written, task.session], perf_counter() - began)


def translate_to_stream(
    engines: Engines,
    source: BinaryIO,
    sink: BinaryIO,
    options: FileOptions,
    on_segment: Callable[[PlacedSegment], None] = lambda _: None,
) -> list[str]:
    """Translate a recording from one stream to another; returns the warnings.

    Raises SettingsError where nothing is spoken, and what `FileTranslation.segments` raises.
    """
    if not engines.selection.is_spoken:
        raise SettingsError("a stream takes speech, and nothing is spoken: write files instead")
    running = FileTranslation(engines, source, options)
    levels = StreamLevels(running.levels, engines.synthesizer.sample_rate)
    with closing(running.segments()) as segments:
        first = next(segments, None)  # what cannot be translated writes nothing
        with AudioWriter(sink, engines.synthesizer.sample_rate, options.output_format) as writer:
            for placed in chain([first] if first else [], segments):
                writer.write_silence_until(placed.start_s)
                writer.write(levels.levelled(placed))
                on_segment(placed)
            writer.write_silence_until(running.duration_s)
    return running.warnings


def _speak(
    running: FileTranslation, sentences: SpokenSentences, show: Callable[[PlacedSegment], None]
) -> list[SessionSegment]:
    """Keep the translated speech, and return a row a segment. `show` gets each segment."""
    rows = []
    with closing(running.segments()) as segments:
        for placed in segments:
            sentences.add(placed)
            rows.append(row_of(placed))
            show(placed)
    speakers = Speakers(running.turns)
    return [replace(row, also=speakers.beside(row.speaker, row.source)) for row in rows]


def _session(
    running: FileTranslation,
    source: SessionSource,
    sound: Soundtrack | None,
    rows: Sequence[SessionSegment],
) -> Session:
    """Describe the translation, but for its files."""
    engines, options = running.engines, running.options
    target = options.request.target_language
    return Session(
        program=f"stslocal {__version__}",
        source=source,
        source_language=running.source_language,
        source_probability=running.source_probability,
        target_language=target,
        models=_models(engines, [running.source_language, *(row.language for row in rows)], target),
        voice=session_voice(running.voice),
        settings=options.fingerprint(engines.selection),
        output={},
        sample_rate=0 if sound is None else sound.sample_rate,
        duration_s=0.0 if sound is None else sound.duration_s,
        segments=rows,
        warnings=running.warnings,
        dropped=running.dropped,
        speakers=session_speakers(rows, running.voices, running.voice),
        turns=running.turns,
    )


def _models(engines: Engines, languages: Sequence[str], target: str) -> list[SessionModel]:
    """The models that took part in translating speech in these languages."""
    used: list[SessionModel] = []
    for language in dict.fromkeys(languages):
        used += [model for model in engines.models_for(language, target) if model not in used]
    return used


def _output_file(path: Path) -> OutputFile:
    return OutputFile(path.stat().st_size, sha256_of(path))
