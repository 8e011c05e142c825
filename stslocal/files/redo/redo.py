"""Does again what a person corrected in a translation, and nothing else.

The sound of every other sentence stays bit for bit as it was. A corrected sentence is placed as any
other: it uses the pause after it, then it is spoken faster, then those behind it start later.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from time import perf_counter

from stslocal import __version__
from stslocal.audio.decode import read_blocks
from stslocal.audio.encode import AudioWriter
from stslocal.errors import OutputError, SettingsError
from stslocal.files.project import Project
from stslocal.files.publication import ResultFiles, only_writer
from stslocal.files.redo.patching import patched
from stslocal.files.redo.plan import LinePlan
from stslocal.files.redo.sound import OldSound
from stslocal.files.redo.speech import Layout, SessionVoices, lay_out
from stslocal.files.redo.subtitles import SubtitleFile, subtitle_files
from stslocal.files.speech_check import DoubtfulSpeech
from stslocal.loading.parts import LoadedParts
from stslocal.results.corrections import Made
from stslocal.results.session import OutputFile, Session, sealed
from stslocal.results.session_segment import SessionSegment, Span
from stslocal.results.writing import spoken_row
from stslocal.storage import sha256_of
from stslocal.translation import dropped as missing
from stslocal.translation.losses import DOUBTS
from stslocal.translation.translators import Translators
from stslocal.types import Dropped, Samples

LOSSLESS = ("wav", "flac")
"""Formats in which the samples that are not replaced stay as they were."""
_SAME_S = 0.0015
"""A sentence that moves by less than this has not moved: times are rounded."""


@dataclass(frozen=True, slots=True)
class RedoResult:
    """What was done again."""

    session: Session
    audio: Path
    files: Sequence[Path]
    """The files that were written, the session file last."""
    translated: Sequence[int]
    """Numbers of the lines that were translated again."""
    spoken: Sequence[int]
    left_out: Sequence[int]
    moved: Sequence[tuple[int, float]]
    """The lines that start at another time, and how many seconds later that is."""
    warnings: Sequence[str] = ()
    elapsed_s: float = 0.0


def check_files(
    project: Project, plans: Sequence[LinePlan], taken: Sequence[Path], *, overwrite: bool
) -> None:
    """Refuse, before any model is loaded, what `redo` refuses of the files of a session.

    `taken` are the files that a person changed and gave as corrections. Raises OutputError.
    """
    project.refuse_mixed()
    state = project.state(project.audio.name)
    if state == "missing":
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


def redo(
    project: Project,
    plans: Sequence[LinePlan],
    parts: LoadedParts,
    voices: SessionVoices,
    *,
    taken: Sequence[Path] = (),
    overwrite: bool = False,
    on_line: Callable[[int, SessionSegment], None] = lambda number, row: None,
) -> RedoResult:
    """Do lines again, and write the files of the result, all of them or none.

    Raises OutputError when a file cannot be written or may not be replaced, SettingsError for a
    voice that there is not or a text that nothing translates, and EngineError.
    """
    began = perf_counter()
    session = project.session
    check_files(project, plans, taken, overwrite=overwrite)
    texts = {plan.number: translate_line(plan, session, parts.translators) for plan in plans}
    layout = lay_out(session, {plan.number: plan for plan in plans}, texts, voices)
    rows = _rows(session, plans, texts, layout)
    for plan in plans:
        on_line(plan.number, rows[plan.number - 1])
    lacking, warnings = _what_is_missing(session, plans, rows, layout)
    with only_writer(project.path, project.audio), ResultFiles(project.path) as files:
        written = [project.audio]
        rate, format = session.sample_rate, project.audio.suffix[1:].lower()
        before = OldSound.measure(_sound_of(project), rate, session.segments)
        pieces = [before.levelled(number, one) for number, one in enumerate(layout.pieces, 1)]
        with AudioWriter(files.create(project.audio), rate, format) as writer:
            for block in patched(
                _sound_of(project),
                rate,
                pieces,
                least_s=session.source.duration_s,
                last_s=max((one.target.end_s for one in session.segments if one.target), default=0),
                beneath=before.beneath,
            ):
                writer.write(block)
        session = replace(
            session,
            program=f"stslocal {__version__}",
            segments=rows,
            duration_s=writer.position / rate,
            models=[*session.models, *(m for m in parts.models if m not in session.models)],
            warnings=warnings,
            dropped=lacking,
        )
        output = {**session.output, project.audio.name: _written(files.create(project.audio).part)}
        for file in subtitle_files(project):
            data = file.render(session)
            if _is_as_written(project, file, data):
                continue
            _refuse_changed(project, file, taken, overwrite=overwrite)
            output[file.path.name] = _written(files.write(file.path, data).part)
            written.append(file.path)
        session = replace(session, output=output)
        files.write(project.path, sealed(session))
        project.refuse_if_changed()
        if project.state(project.audio.name) != "whole":
            raise OutputError(f"{project.audio} was changed meanwhile: it stays as it is")
        files.publish()
    return RedoResult(
        session=session,
        audio=project.audio,
        files=[*written, project.path],
        translated=[plan.number for plan in plans if plan.translation is None],
        spoken=[plan.number for plan in plans if plan.is_spoken],
        left_out=[plan.number for plan in plans if plan.segment.correction.skip],
        moved=_moved(project.session, rows),
        warnings=[*layout.warnings, *_format_warning(format), *_report_warning(project)],
        elapsed_s=perf_counter() - began,
    )


def _sound_of(project: Project) -> Iterator[Samples]:
    """The finished sound in blocks."""
    rate = project.session.sample_rate
    return read_blocks(project.audio, sample_rate=rate, on_warning=lambda _: None)


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


def _rows(
    session: Session, plans: Sequence[LinePlan], texts: Mapping[int, str], layout: Layout
) -> list[SessionSegment]:
    """The segments as they are in the files now."""
    rows = [_at(row, layout.places[number]) for number, row in enumerate(session.segments, 1)]
    for plan in plans:
        row, translation = rows[plan.number - 1], texts[plan.number]
        made, wanted = row.by_program, row.correction
        if wanted.text is None and wanted.translation is None:
            made = Made(plan.text, translation)  # another translator may have made it
        row = replace(
            row,
            text=plan.text,
            translation=translation,
            redone=wanted,
            made=None if made == Made(plan.text, translation) else made,
        )
        if spoken := layout.spoken.get(plan.number):
            row = spoken_row(
                row,
                row.target,
                voice=spoken.voice,
                speed=spoken.speed,
                synthesis_s=spoken.synthesis_s,
            )
        rows[plan.number - 1] = row
    return rows


def _at(row: SessionSegment, place: Span | None) -> SessionSegment:
    """The segment at its place; one that did not move stays as it is, to the last digit."""
    before = row.target
    if before is None or place is None:
        return replace(row, target=place)
    shift_s = abs(before.start_s - place.start_s) + abs(before.end_s - place.end_s)
    return row if shift_s < _SAME_S / 10 else replace(row, target=place)


def _moved(session: Session, rows: Sequence[SessionSegment]) -> list[tuple[int, float]]:
    """The lines that start at another time, with how many seconds later that is."""
    return [
        (number, round(after.target.start_s - before.target.start_s, 3))
        for number, (before, after) in enumerate(zip(session.segments, rows, strict=True), 1)
        if before.target and after.target
        if abs(after.target.start_s - before.target.start_s) > _SAME_S
    ]


def _what_is_missing(
    session: Session, plans: Sequence[LinePlan], rows: Sequence[SessionSegment], layout: Layout
) -> tuple[list[Dropped], list[str]]:
    """What the translation lacks, and the warnings: those of the lines that were done are new.

    A person's own translation is not doubted.
    """
    spans = {(p.segment.source.start_s, p.segment.source.end_s) for p in plans}
    after = [one for one in session.dropped if (one.start_s, one.end_s) not in spans]
    for number, spoken in layout.spoken.items():
        found = missing.without_result(spoken)
        by_person = rows[number - 1].correction.translation is not None
        if found is not None and not (by_person and found.reason in DOUBTS):
            after.append(found)
    after.sort(key=lambda one: one.start_s)
    before = {missing.sentence(session.dropped), _doubtful(session.segments)}
    warnings = [one for one in session.warnings if one not in before]
    now = [missing.sentence(after) if after else "", _doubtful(rows)]
    return after, [*warnings, *filter(None, now)]


def _doubtful(rows: Sequence[SessionSegment]) -> str:
    """The warning of doubtful speech; what is spoken now was not checked."""
    doubtful = DoubtfulSpeech()
    for row in rows:
        doubtful.add_row(row)
    return doubtful.sentence()


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


def _format_warning(format: str) -> list[str]:
    if format in LOSSLESS:
        return []
    return [
        f"{format} was decoded and encoded once more, which costs a little of its quality: a "
        "translation with `--output-format flac` is corrected without that"
    ]


def _report_warning(project: Project) -> list[str]:
    name = project.task.report.name
    if name not in project.session.output:
        return []
    return [f"{name} shows the translation as it was before this correction"]


def _written(part: Path) -> OutputFile:
    return OutputFile(part.stat().st_size, sha256_of(part))
