"""The engines of `stslocal redo`: those of the session, and of them only what its lines need."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any

from stslocal.cli.output import Printer
from stslocal.errors import SettingsError
from stslocal.settings import Settings

if TYPE_CHECKING:
    from stslocal.files.project import Project
    from stslocal.files.redo.plan import LinePlan
    from stslocal.files.redo.redo import RedoResult
    from stslocal.loading.parts import LoadedParts, Parts
    from stslocal.loading.selection import EngineSelection
    from stslocal.models.store import ModelStore
    from stslocal.results.session_segment import SessionSegment
    from stslocal.translation.glossary import Glossary


def redo_with_engines(
    project: Project,
    plans: Sequence[LinePlan],
    taken: Sequence[Path],
    arguments: argparse.Namespace,
    printer: Printer,
) -> RedoResult:
    """Load what the lines need, and do them again."""
    from stslocal.files.redo.files import recording_of
    from stslocal.files.redo.redo import redo
    from stslocal.files.redo.speech import SessionVoices
    from stslocal.files.redo.voices import Voices
    from stslocal.loading.parts import load_parts
    from stslocal.models.store import ModelStore

    session, store = project.session, ModelStore.discover()
    settings = _settings(project, arguments)
    selection = _selection(project, plans, settings, arguments, store)
    needed = _needed(project, plans, arguments, selection, store, printer)
    _check_voices(plans, selection, store)
    glossary = _glossary(project, settings, needed)
    for_voice = needed.voice_from_sound and arguments.reference is None
    # That it is missing is said before the loading.
    recording = recording_of(project, arguments.recording, for_voice=for_voice)
    began = perf_counter()
    with printer.progress("loading the models"):
        parts = load_parts(settings, store, selection, needed, glossary, announce=printer.status)
    printer.detail(f"models loaded in {perf_counter() - began:.1f} s")
    voices = Voices(
        session,
        parts,
        lambda: recording or project.recording(arguments.recording),
        arguments.reference,
    )
    speaking = SessionVoices(
        _synthesizer(parts, glossary),
        voices.voice_of,
        project.limits,
        parts.recognizer,
        thorough=(arguments.check or project.check) == "all",
    )

    def show(number: int, row: SessionSegment) -> None:
        texts = [(row.language, row.text), (session.target_language, row.translation)]
        printer.sentence(row.source.start_s, texts)

    with printer.progress("redo"):
        result = redo(
            project,
            plans,
            parts,
            speaking,
            recording=recording,
            taken=taken,
            overwrite=arguments.overwrite,
            on_line=show,
        )
    return replace(result, warnings=[*voices.warnings, *result.warnings])


def _needed(
    project: Project,
    plans: Sequence[LinePlan],
    arguments: argparse.Namespace,
    selection: EngineSelection,
    store: ModelStore,
    printer: Printer,
) -> Parts:
    """Which engines the lines need."""
    from stslocal.files.redo.voices import check_reference, needs_sound
    from stslocal.loading.parts import Parts, no_recognizer

    is_made = needs_sound(project.session, plans)
    if is_made:
        check_reference(project.session, arguments.reference)
    is_spoken = any(plan.is_spoken for plan in plans)
    check = arguments.check or project.check
    missing = "" if check != "auto" or not is_spoken else no_recognizer(selection, store)
    if missing:
        printer.warning(f"what is spoken is not checked, because {missing}")
    return Parts(
        translators=any(plan.translation is None for plan in plans),
        synthesizer=is_spoken,
        voice_from_sound=is_made,
        recognizer=is_spoken and check != "none" and not missing,
        separator=project.keeps_background,
    )


def _settings(project: Project, arguments: argparse.Namespace) -> Settings:
    """The settings of the session, with the options of this command."""
    written = project.session.settings
    flags = {
        name: getattr(arguments, name) for name in ("device", "compute_type", "threads", "glossary")
    }
    settings = Settings.load({**flags, "target": str(written["to"])})
    return replace(
        settings,
        source="auto",
        target_region=str(written.get("region", "")),
        voice=arguments.voice or str(written["voice"]),
        asr=str(written["asr"]),
        mt=arguments.mt or "auto",
        tts=arguments.tts or str(written["tts"]),
    )


def _selection(
    project: Project,
    plans: Sequence[LinePlan],
    settings: Settings,
    arguments: argparse.Namespace,
    store: ModelStore,
) -> EngineSelection:
    """The engines of the session, or those that options name."""
    from stslocal.loading.parts import selection_of
    from stslocal.loading.select import select_engines

    selection = selection_of(dict(project.session.settings))
    if arguments.mt is not None:
        languages = {plan.segment.language for plan in plans}
        source = languages.pop() if len(languages) == 1 else "auto"
        chosen = select_engines(replace(settings, source=source), store)
        selection = replace(selection, translator=arguments.mt, translators=chosen.translators)
        selection.coverage().check_target(settings.target)
    if arguments.tts is not None:
        chosen = select_engines(settings, store)
        selection = replace(selection, synthesizer=chosen.synthesizer, converter=chosen.converter)
        selection.coverage().check_target(settings.target)
    return selection


def _check_voices(plans: Sequence[LinePlan], selection: EngineSelection, store: ModelStore) -> None:
    """Refuse, before anything is loaded, a voice that there is not."""
    from stslocal.voices.choose import check_voice
    from stslocal.voices.store import VoiceStore

    for name in {plan.segment.correction.voice for plan in plans if plan.is_spoken} - {None}:
        check_voice(str(name), selection.synthesizer, store, VoiceStore(), selection.converter)


def _glossary(project: Project, settings: Settings, needed: Parts) -> Glossary | None:
    """The glossary of the session. Raises SettingsError where it had one and none is given."""
    from stslocal.translation.glossary import Glossary

    wanted = project.session.settings.get("glossary")
    if not needed or (wanted is None and not settings.glossary):
        return None
    if not settings.glossary:
        raise SettingsError(
            "the session was made with a glossary: name it with --glossary, so that its terms stay"
        )
    return Glossary.from_settings(settings)


def _synthesizer(parts: LoadedParts, glossary: Glossary | None) -> Any:
    from stslocal.translation.glossary_voice import GlossarySynthesizer

    if parts.voices is None or glossary is None:
        return parts.voices and parts.voices.synthesizer
    return GlossarySynthesizer(parts.voices.synthesizer, glossary)
