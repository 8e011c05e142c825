"""Corrections of a translation that fakes made, done again by fakes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import soundfile

from stslocal.files.placement import PlacementLimits
from stslocal.files.project import Project
from stslocal.files.redo.plan import plan_lines
from stslocal.files.redo.redo import RedoResult, redo
from stslocal.files.redo.speech import SessionVoices
from stslocal.files.redo.voices import Voices
from stslocal.loading.engines import Engines
from stslocal.loading.parts import LoadedParts
from stslocal.results.corrections import Correction
from tests.fake_engines import NAMES
from tests.fakes import Lexicon


def parts_of(engines: Engines) -> LoadedParts:
    """What `load_parts` gives of engines."""
    return LoadedParts(NAMES, engines.translators_with(None), engines.voices, engines.vad, ())


def correct(project: Project, corrections: dict[int, Correction]) -> Project:
    """Store corrections, by the number of the line."""
    segments = [
        replace(one, correction=corrections.get(number, one.correction))
        for number, one in enumerate(project.session.segments, 1)
    ]
    return project.with_session(replace(project.session, segments=segments))


def run(
    project: Project,
    engines: Engines,
    numbers: Sequence[int] | None = None,
    *,
    recording: Path | None = None,
    taken: Sequence[Path] = (),
    overwrite: bool = False,
    thorough: bool | None = None,
) -> RedoResult:
    """Do lines again; with `thorough`, what is spoken is checked."""
    parts = parts_of(engines)
    if project.keeps_background:
        parts = replace(parts, separator=engines.load_separator())
    voices = Voices(project.session, parts, project.recording)
    return redo(
        project,
        plan_lines(project.session, numbers),
        parts,
        SessionVoices(
            engines.synthesizer,
            voices.voice_of,
            PlacementLimits(),
            None if thorough is None else engines.recognizer,
            thorough=bool(thorough),
        ),
        recording=recording,
        taken=taken,
        overwrite=overwrite,
    )


def samples_of(path: Path) -> tuple[Any, int]:
    """The samples of a sound file as they are in it, and their rate."""
    samples, rate = soundfile.read(path, dtype="int16")
    return samples, rate


def hashes(path: Path, spans: Sequence[tuple[float, float]]) -> list[str]:
    """The hash of the samples between each two times."""
    samples, rate = samples_of(path)
    return [
        sha256(samples[round(a * rate) : round(b * rate)].tobytes()).hexdigest() for a, b in spans
    ]


def spoken_words(path: Path, lexicon: Lexicon) -> list[str]:
    """The words in a sound file of a fake synthesizer."""
    samples, rate = soundfile.read(path, dtype="float32")
    return [word.text for word in lexicon.recognize(samples, rate)]
