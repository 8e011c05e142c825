"""The files of a session that is corrected: which may be replaced, and what is in them then."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

from stslocal.audio.decode import probe, read_blocks
from stslocal.audio.opening import open_source
from stslocal.audio.peaks import Peaks
from stslocal.engines.protocols import SourceSeparator
from stslocal.errors import OutputError, SettingsError
from stslocal.files.mixdown import Original
from stslocal.files.project import Project
from stslocal.files.publication import ResultFiles
from stslocal.files.redo.patching import Piece, patched
from stslocal.files.redo.plan import LinePlan
from stslocal.files.redo.sound import OldSound
from stslocal.files.redo.subtitles import SubtitleFile, subtitle_files, texts_of
from stslocal.files.redo.voices import sound_choice
from stslocal.files.soundtrack import Soundtrack, write_sound
from stslocal.files.video import Dubbing, write_video_of
from stslocal.results.report import Track, report_page
from stslocal.results.session import Session
from stslocal.results.session_segment import SessionSegment
from stslocal.types import RECOGNITION_RATE, Samples


def check_files(
    project: Project, plans: Sequence[LinePlan], taken: Sequence[Path], *, overwrite: bool
) -> None:
    """Refuse, before any model is loaded, what `redo` refuses of the files of a session.

    `taken` are the files that a person changed and gave as corrections. Raises OutputError, and
    SettingsError for a mix without the speech alone.
    """
    project.refuse_without_speech()
    state = "whole" if project.media is None else project.state(project.audio.name)
    if state == "missing" and not project.is_ready(project.audio):
        raise OutputError(
            f"{project.audio} is not there any more: translate the recording again with --overwrite"
        )
    if state == "changed":
        raise OutputError(
            f"{project.audio} was changed since stslocal wrote it, so no sentence of it can be "
            "replaced: put the file back that was there, or translate again with --overwrite"
        )
    source_too = any(plan.wants_text for plan in plans)
    for file in subtitle_files(project):
        if source_too or not file.is_of_source:
            _refuse_changed(project, file, taken, overwrite=overwrite)
    report = project.task.report
    if has_report(project) and not overwrite and project.state(report.name) == "changed":
        raise OutputError(
            f"{report} was changed since stslocal wrote it: rename it to keep it, or give "
            "--overwrite to replace it"
        )


def recording_of(project: Project, named: Path | None, *, for_voice: bool) -> Path | None:
    """The recording, where a file of the result or a voice is made of it; None where it is not.

    `named` is where a person says that it is. Raises SettingsError where it is not there. A report
    alone does without it, and stays as it was.
    """
    if project.keeps_speech or project.task.is_video:
        return project.recording(named, of_voice=False)
    if for_voice:
        return project.recording(named)
    if not has_report(project):
        return None
    try:
        return project.recording(named, of_voice=False)
    except SettingsError:
        if named is not None:
            raise
        return None


def has_report(project: Project) -> bool:
    """Whether the result has a report."""
    return project.task.report.name in project.session.output


def rate_of(project: Project) -> int:
    """Hertz of the sound in which a sentence is replaced."""
    if project.keeps_speech:
        return probe(project.speech).sample_rate
    return project.session.sample_rate  # Opus and AAC have another one in their files


def write_new_sound(
    project: Project,
    pieces: Sequence[Piece],
    rows: Sequence[SessionSegment],
    files: ResultFiles,
    recording: Path | None,
    separator: SourceSeparator | None,
) -> Soundtrack:
    """Write the sound of a result with new pieces, and with the original where it has that.

    `rows` are the segments as they are now. `recording` is needed where the result is made of it,
    and `separator` where the project `keeps_background`.
    """
    session = project.session
    rate = rate_of(project)
    before = OldSound.measure(_blocks(project.speech, rate), rate, session.segments)
    speech = patched(
        _blocks(project.speech, rate),
        rate,
        [before.levelled(number, one) for number, one in enumerate(pieces, 1)],
        least_s=session.source.duration_s,
        last_s=max((one.target.end_s for one in session.segments if one.target), default=0),
        beneath=before.beneath,
    )
    original, choice = None, sound_choice(session)
    if project.original != "off" or project.keeps_background:
        assert recording is not None, "it is named where the original is beneath"
        info = probe(recording, choice)
        original = Original.of(recording, info, choice, project.original, rows, separator)
    return write_sound(speech, rate, project.task, files, original)


def write_new_video(
    project: Project,
    session: Session,
    sound: Soundtrack | None,
    files: ResultFiles,
    recording: Path,
) -> None:
    """Write the video of a corrected session: the recording, its new sound and its new subtitles.

    What was left out of it was said in the warnings of the session when it was made.
    """
    settings = session.settings
    target_cues, source_cues = texts_of(session) if settings.get("subtitles") else ((), ())
    dubbing = Dubbing(
        session.target_language,
        session.source_language,
        sound_choice(session),
        settings.get("replace_audio") is True,
        target_cues,
        source_cues,
    )
    with open_source(recording) as stream:
        task = replace(project.task, source=recording)
        write_video_of(stream, sound, task, files, dubbing)


def write_new_report(
    project: Project,
    session: Session,
    sound: Soundtrack | None,
    files: ResultFiles,
    recording: Path,
) -> None:
    """Write the report of a corrected session."""
    peaks = Peaks(RECOGNITION_RATE)
    for block in read_blocks(recording, choice=sound_choice(session), on_warning=lambda _: None):
        peaks.push(block)
    spoken = None if sound is None else sound.peaks
    page = report_page(session, Track(peaks.values, Peaks.STEP_S), spoken)
    files.write(project.task.report, page.encode())


def write_new_subtitles(
    project: Project,
    session: Session,
    files: ResultFiles,
    taken: Sequence[Path],
    *,
    overwrite: bool,
) -> Iterator[Path]:
    """Write the subtitles that a correction changes, and yield their paths. Raises OutputError."""
    for file in subtitle_files(project):
        data = file.render(session)
        if not _is_as_written(project, file, data):
            _refuse_changed(project, file, taken, overwrite=overwrite)
            files.write(file.path, data)
            yield file.path


def _blocks(path: Path, rate: int) -> Iterator[Samples]:
    """A finished sound in blocks."""
    return read_blocks(path, sample_rate=rate, on_warning=lambda _: None)


def _refuse_changed(
    project: Project, file: SubtitleFile, taken: Sequence[Path], *, overwrite: bool
) -> None:
    """Raise OutputError where subtitles are a person's, and were not given as corrections."""
    name = file.path.name
    is_taken = any(path.exists() and path.samefile(file.path) for path in taken if
                   file.path.exists())  # fmt: skip
    if overwrite or is_taken or project.state(name) != "changed":
        return
    option = "--source-srt" if file.is_of_source else "--target-srt"
    raise OutputError(
        f"{file.path} was changed since stslocal wrote it: `{option} {name}` takes its texts, "
        "--overwrite replaces it"
    )


def _is_as_written(project: Project, file: SubtitleFile, data: bytes) -> bool:
    """Whether subtitles are to stay: they would be the same, and are there."""
    name = file.path.name
    before = project.session.output[name]
    return before.sha256 == sha256(data).hexdigest() and project.state(name) != "missing"
