"""Corrects the lines of a finished translation from a program, with engines that are loaded.

`stslocal edit` and `stslocal redo` do the same from the command line, and load what is needed.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from stslocal.errors import SettingsError, StslocalError
from stslocal.files.project import Project, open_project
from stslocal.files.redo.files import check_files, recording_of
from stslocal.files.redo.plan import LinePlan, plan_lines
from stslocal.files.redo.redo import RedoResult, redo
from stslocal.files.redo.speech import SessionVoices
from stslocal.files.redo.voices import Voices, check_reference, needs_sound
from stslocal.loading.engines import Engines
from stslocal.loading.parts import LoadedParts, selection_of
from stslocal.models.store import ModelStore
from stslocal.results.line_edits import Line, lines_of, with_corrections
from stslocal.results.session_segment import SessionSegment
from stslocal.settings import Settings
from stslocal.translation.glossary import Glossary
from stslocal.types import VoiceProfile
from stslocal.voices.choose import check_voice
from stslocal.voices.store import VoiceStore

Corrections = Mapping[int, Mapping[str, Any]]
"""By the number of the line, some of the fields that `Line` has: text, translation, start_s, end_s,
voice, speed, skip."""


def read_lines(session: str | os.PathLike[str]) -> list[Line]:
    """The sentences of a translation, with what was corrected in them, from its session file.

    Raises SettingsError for what is no session file of a recording.
    """
    return lines_of(open_project(Path(session)).session)


def correct_lines(session: str | os.PathLike[str], corrections: Corrections) -> list[Line]:
    """Store corrections in a session file, as `stslocal edit` does, and return its lines.

    `SpeechTranslator.redo` and `stslocal redo` do them. Nothing is loaded. Raises SettingsError,
    and OutputError where the file cannot be written.
    """
    project = open_project(Path(session))
    return lines_of(stored(project, corrections, voice_fault(project)).session)


def stored(
    project: Project, corrections: Corrections, fault_of_voice: Callable[[str], str]
) -> Project:
    """The project with corrections, stored in its file. Raises as `correct_lines` does."""
    project.refuse_without_speech()
    session = with_corrections(project.session, corrections, fault_of_voice)
    return project if session == project.session else project.with_session(session)


def corrected_project(
    engines: Engines, session: str | os.PathLike[str], corrections: Corrections
) -> Project:
    """The project of a session file with corrections, stored; voices are those of the engines."""
    project = open_project(Path(session))
    fault = loaded_voice_fault(engines, project.session.target_language)
    return stored(project, corrections, fault)


def voice_fault(project: Project) -> Callable[[str], str]:
    """The function that says what is wrong with the name of a voice, by what is installed."""
    selection = selection_of(dict(project.session.settings))
    store = ModelStore.discover()

    def fault(name: str) -> str:
        try:
            check_voice(name, selection.synthesizer, store, VoiceStore(), selection.converter)
        except SettingsError as error:
            return str(error)
        except StslocalError:
            return ""  # its models are not installed: `redo` says which
        return ""

    return fault


def loaded_voice_fault(engines: Engines, language: str) -> Callable[[str], str]:
    """The function that says what is wrong with the name of a voice, by the engines."""

    def fault(name: str) -> str:
        try:
            engines.check(Settings(target=language, voice=name))
        except SettingsError as error:
            return str(error)
        return ""

    return fault


def redo_with(
    engines: Engines,
    settings: Settings,
    project: Project,
    lines: Iterable[int] = (),
    *,
    recording: str | os.PathLike[str] | None = None,
    reference: str | os.PathLike[str] | None = None,
    overwrite: bool = False,
    on_spoken: Callable[[int, int], None] = lambda done, of: None,
) -> RedoResult | None:
    """Do again what was corrected, and the lines of these numbers; None where nothing is to do.

    `recording` is that of the session, where it is not beside it; `reference` the one that was
    given for the voice. `on_spoken` gets how many of the lines are spoken, before each of them;
    what it raises ends the work, and all files stay as they were.

    Raises SettingsError where these engines are not those of the session or lack something, and
    what `redo` raises.
    """
    session = project.session
    changed = {number for number, one in enumerate(session.segments, 1) if one.is_changed}
    plans = plan_lines(session, sorted({*lines, *changed}))
    if not plans:
        return None
    check_files(project, plans, (), overwrite=overwrite)
    named = None if recording is None else Path(recording)
    of_voice = None if reference is None else Path(reference)
    glossary = _checked(engines, settings, project, plans, of_voice)
    parts = LoadedParts(
        engines.selection,
        engines.translators_with(glossary),
        engines.voices,
        engines.vad,
        engines.models_for(session.source_language, session.target_language),
        separator=engines.load_separator() if project.keeps_background else None,
    )
    for_voice = needs_sound(session, plans) and of_voice is None
    found = recording_of(project, named, for_voice=for_voice)
    voices = Voices(session, parts, lambda: found or project.recording(named), of_voice)
    spoken = sum(plan.is_spoken for plan in plans)
    begun = 0

    def voice_of(segment: SessionSegment) -> VoiceProfile:
        nonlocal begun
        on_spoken(begun, spoken)
        begun += 1
        return voices.voice_of(segment)

    speaking = SessionVoices(
        engines.synthesizer_with(glossary),
        voice_of,
        project.limits,
        None if project.check == "none" else engines.recognizer,
        thorough=project.check == "all",
    )
    result = redo(project, plans, parts, speaking, recording=found, overwrite=overwrite)
    return replace(result, warnings=[*voices.warnings, *result.warnings])


def _checked(
    engines: Engines,
    settings: Settings,
    project: Project,
    plans: list[LinePlan],
    reference: Path | None,
) -> Glossary | None:
    """The glossary. Raises SettingsError where these engines cannot do the lines as before."""
    session = project.session
    before, now = selection_of(dict(session.settings)), engines.selection
    if any(plan.is_spoken for plan in plans):
        if (before.synthesizer, before.converter) != (now.synthesizer, now.converter):
            raise SettingsError(
                f"{project.path.name} is spoken by {before.synthesizer}, and {now.synthesizer} is "
                f"loaded here: load it with `tts` {before.synthesizer}, or run `stslocal redo`"
            )
        engines.coverage.check_target(session.target_language)
    if needs_sound(session, plans):
        check_reference(session, reference)
    is_translated = any(plan.translation is None for plan in plans)
    if session.settings.get("glossary") and is_translated and not settings.glossary:
        raise SettingsError(
            f"{project.path.name} was made with a glossary: name it with `glossary`, so that its "
            "terms stay"
        )
    return Glossary.from_settings(settings)
