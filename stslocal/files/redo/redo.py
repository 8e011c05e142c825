"""Does again what a person corrected in a translation, and nothing else.

The sound of every other sentence stays bit for bit as it was. A corrected sentence is placed as any
other: it uses the pause after it, then it is spoken faster, then those behind it start later.

In a video, and where the original is beneath, that holds for the speech alone, which lies beside
the result. It is mixed with the original again, as it was when the recording was translated, and
the video gets the recording's own streams again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from time import perf_counter

from stslocal import __version__
from stslocal.errors import OutputError, SettingsError
from stslocal.files.project import Project
from stslocal.files.publication import ResultFiles, only_writer
from stslocal.files.redo.files import (
    check_files,
    has_report,
    rate_of,
    write_new_report,
    write_new_sound,
    write_new_subtitles,
    write_new_video,
)
from stslocal.files.redo.plan import LinePlan
from stslocal.files.redo.rows import moved_lines, redone_rows, what_is_missing
from stslocal.files.redo.speech import SessionVoices, lay_out
from stslocal.files.soundtrack import Soundtrack
from stslocal.loading.parts import LoadedParts
from stslocal.results.session import OutputFile, Session, sealed
from stslocal.results.session_segment import SessionSegment
from stslocal.storage import sha256_of
from stslocal.translation.translators import Translators

LOSSLESS = ("wav", "flac")
"""Formats in which the samples that are not replaced stay as they were."""


@dataclass(frozen=True, slots=True)
class RedoResult:
    """What was done again."""

    session: Session
    audio: Path | None
    """The sound or the video; None where the translation is text alone."""
    files: Sequence[Path]
    """The files that were written, the session file last."""
    translated: Sequence[int]
    """Numbers of the lines that were translated again."""
    spoken: Sequence[int]
    left_out: Sequence[int]
    written: Sequence[int]
    """Numbers of the lines whose texts were written again, where the translation is text alone."""
    moved: Sequence[tuple[int, float]]
    """The lines that start at another time, and how many seconds later that is."""
    warnings: Sequence[str] = ()
    elapsed_s: float = 0.0


def redo(
    project: Project,
    plans: Sequence[LinePlan],
    parts: LoadedParts,
    voices: SessionVoices,
    *,
    recording: Path | None = None,
    taken: Sequence[Path] = (),
    overwrite: bool = False,
    on_line: Callable[[int, SessionSegment], None] = lambda number, row: None,
) -> RedoResult:
    """Do lines again, and write the files of the result, all of them or none.

    `recording` is the recording of the session; it has to be given where the project
    `keeps_speech`, and without it a report stays as it is.

    Raises OutputError when a file cannot be written or may not be replaced, SettingsError for a
    voice that there is not or a text that nothing translates, AudioDecodeError for the recording,
    and EngineError.
    """
    began = perf_counter()
    session = project.session
    check_files(project, plans, taken, overwrite=overwrite)
    texts = {plan.number: translate_line(plan, session, parts.translators) for plan in plans}
    by_number = {plan.number: plan for plan in plans}
    rate = rate_of(project)
    layout = lay_out(session, by_number, texts, voices, rate=rate)
    rows = redone_rows(session, plans, texts, layout)
    for plan in plans:
        on_line(plan.number, rows[plan.number - 1])
    lacking, warnings = what_is_missing(session, plans, rows, layout)
    media = project.media
    with only_writer(project.path, project.task.main), ResultFiles(project.path) as files:
        sound: Soundtrack | None = None
        if session.is_spoken:
            separator = None if parts.separator is None else parts.separator.engine
            sound = write_new_sound(project, layout.pieces, rows, files, recording, separator)
            session = replace(session, sample_rate=sound.sample_rate, duration_s=sound.duration_s)
        session = replace(
            session,
            program=f"stslocal {__version__}",
            segments=rows,
            models=[*session.models, *(m for m in parts.models if m not in session.models)],
            warnings=warnings,
            dropped=lacking,
        )
        written = [] if media is None else [media]
        if project.task.is_video:
            assert recording is not None, "it is named where a video is made"
            write_new_video(project, session, sound, files, recording)
        written += write_new_subtitles(project, session, files, taken, overwrite=overwrite)
        written += () if sound is None else sound.beside
        if has_report(project) and recording is not None:
            write_new_report(project, session, sound, files, recording)
            written.append(project.task.report)
        output = {path.name: _written(files.create(path).part) for path in written}
        session = replace(session, output={**session.output, **output})
        files.write(project.path, sealed(session))
        project.refuse_if_changed()
        for path in () if media is None else {media, project.speech}:
            if not project.is_ready(path):
                raise OutputError(f"{path} was changed meanwhile: it stays as it is")
        files.publish()
    return RedoResult(
        session=session,
        audio=media,
        files=[*written, project.path],
        translated=[plan.number for plan in plans if plan.translation is None],
        spoken=[plan.number for plan in plans if plan.is_spoken],
        left_out=[plan.number for plan in plans if plan.segment.correction.skip],
        written=[] if session.is_spoken else [plan.number for plan in plans],
        moved=moved_lines(project.session, rows),
        warnings=[
            *layout.warnings,
            *_format_warning(project),
            *_report_warning(project, recording),
        ],
        elapsed_s=perf_counter() - began,
    )


def translate_line(plan: LinePlan, session: Session, translators: Translators | None) -> str:
    """The translation of a line. Raises SettingsError and EngineError."""
    if plan.translation is not None:
        return plan.translation
    source, target = plan.segment.language, session.target_language
    translator = None if translators is None else translators.for_pair(source, target)
    if translator is None:
        raise SettingsError(
            f"line {plan.number} was translated by Whisper from its sound, which does not follow a "
            "corrected text: correct its translation too, or name a translator with --mt"
        )
    (text,) = translator.translate([plan.text], source=source, target=target)
    return text


def _format_warning(project: Project) -> list[str]:
    format = project.task.output_format
    if format in LOSSLESS or project.keeps_speech or not project.session.is_spoken:
        return []
    return [
        f"{format} was decoded and encoded once more, which costs a little of its quality: a "
        "translation with `--output-format flac` is corrected without that"
    ]


def _report_warning(project: Project, recording: Path | None) -> list[str]:
    if not has_report(project) or recording is not None:
        return []
    return [
        f"{project.task.report.name} shows the translation as it was before this correction, "
        "because the recording is not beside it: name it with --recording"
    ]


def _written(part: Path) -> OutputFile:
    return OutputFile(part.stat().st_size, sha256_of(part))
