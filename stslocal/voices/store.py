"""Voice profiles on disk: one `.safetensors` file a voice, with its arrays and its provenance.

The file holds numbers and text and no code, so a profile from another person can be opened
safely. Its name is the voice's name. Voices lie in STSLOCAL_VOICES if that is set, else in the
person's data folder.
"""

from __future__ import annotations

import difflib
import json
import re
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from stslocal.errors import OutputError, SettingsError, output_error
from stslocal.foreign_files import PathKind, kind_of, may_be_entered, open_file, parse_json
from stslocal.storage import VOICES_VARIABLE, voices_folder, write_bytes
from stslocal.types import VoiceProfile

FORMAT = "stslocal-voice-1"
"""Written into every file; another value is refused."""

_SUFFIX = ".safetensors"
_MOST_SEMITONES = 48.0
"""Largest pitch change of a voice: four octaves, far beyond what any voice needs."""
_LARGEST = 1e4
"""Largest value of a voice: those of Kokoro and XTTS are below 100."""
_NAME = re.compile(r"[^\W_][\w. -]{0,63}")
_RESERVED = re.compile(r"con|prn|aux|nul|com\d|lpt\d|match|convert|none|auto", re.IGNORECASE)
"""Names of devices on Windows, and words with a meaning of their own where a voice is named."""


@dataclass(frozen=True, slots=True)
class SavedVoice:
    """A row in the list of saved voices."""

    name: str
    engine: str
    """The synthesizer that can speak in it."""
    provenance: dict[str, str]
    path: Path


class VoiceStore:
    """The voices of one folder, which need not exist yet."""

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = voices_folder() if folder is None else folder

    def save(self, profile: VoiceProfile, *, overwrite: bool = False) -> Path:
        """Write `profile` under its name and return the path.

        Raises SettingsError for a name that cannot be used or is taken, OutputError when the
        file cannot be written; a voice of that name then stays as it was.
        """
        from safetensors.numpy import save

        path = self.path_for_new(profile.name, overwrite=overwrite)
        if fault := _fault(profile):
            raise SettingsError(f"the voice {profile.name} {fault}: make it anew")
        about = {
            "format": FORMAT,
            "name": profile.name,
            "engine": profile.engine,
            "pitch_semitones": repr(profile.pitch_semitones),
            "provenance": json.dumps(dict(profile.provenance), ensure_ascii=False),
        }
        arrays = {
            name: np.ascontiguousarray(values, np.float32)
            for name, values in profile.arrays.items()
        }
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise output_error(self.folder, error) from error
        write_bytes(path, save(arrays, about))
        return path

    def path_for_new(self, name: str, *, overwrite: bool = False) -> Path:
        """The path where a new voice `name` is to be saved.

        Raises SettingsError for a name that cannot be used or is taken.
        """
        path = self._path(name)
        self._refuse_forbidden()
        if path.exists() and not overwrite:
            raise SettingsError(
                f"there is already a voice {name!r}: choose another name, or delete that voice "
                "with `stslocal voices remove`"
            )
        return path

    def load(self, name: str) -> VoiceProfile:
        """Read the voice `name`.

        Raises SettingsError, with the nearest names, when there is none, and for a file that is
        not a voice.
        """
        return _read(self.path(name))

    def voices(self) -> list[SavedVoice]:
        """All voices by name. Files that are not voices are left out."""
        self._refuse_forbidden()
        found = []
        for path in sorted(self.folder.glob(f"*{_SUFFIX}")):
            try:
                about = _about(path)
            except SettingsError:
                continue
            found.append(
                SavedVoice(path.stem, about["engine"], json.loads(about["provenance"]), path)
            )
        return found

    def remove(self, name: str) -> None:
        """Delete the voice `name`. Raises SettingsError when there is none."""
        path = self.path(name)
        try:
            path.unlink()
        except OSError as error:
            raise OutputError(f"{path} cannot be removed: {error.strerror}") from error

    def export(self, name: str, path: Path) -> Path:
        """Copy the voice `name` into a folder or to a new file, and return the copy's path.

        Raises SettingsError when there is no such voice, OutputError when it cannot be written.
        """
        source = self.path(name)
        target = path / source.name if path.is_dir() else path
        if target.exists():
            raise OutputError(f"{target} exists already: choose another name")
        write_bytes(target, source.read_bytes())
        return target

    def import_file(
        self, path: Path, *, name: str | None = None, overwrite: bool = False
    ) -> VoiceProfile:
        """Save a voice that `export` wrote, under its own name or another.

        Raises SettingsError for a file that is not a voice, and the errors of `save`.
        """
        if (kind := kind_of(path)) is not PathKind.FILE:
            raise SettingsError(f"{path} {kind.value}")
        profile = replace(_read(path), name=_about(path)["name"] if name is None else name)
        self.save(profile, overwrite=overwrite)
        return profile

    def names(self) -> list[str]:
        """The names of all voices."""
        return [voice.name for voice in self.voices()]

    def __contains__(self, name: object) -> bool:
        return (
            isinstance(name, str) and _usable(name) and kind_of(self._path(name)) is PathKind.FILE
        )

    def path(self, name: str) -> Path:
        """The file of the voice `name`. Raises SettingsError, with the nearest names."""
        if name in self:
            return self._path(name)
        self._refuse_forbidden()
        known = [path.stem for path in sorted(self.folder.glob(f"*{_SUFFIX}"))]
        near = difflib.get_close_matches(name, known, n=3)
        hint = f"did you mean {', '.join(near)}?" if near else f"{self.folder} has none"
        if known and not near:
            hint = "`stslocal voices list` shows those that there are"
        raise SettingsError(f"there is no saved voice {name!r}: {hint}")

    def _refuse_forbidden(self) -> None:
        if not may_be_entered(self.folder):
            raise SettingsError(
                f"the folder of voices {self.folder} may not be entered: change its permissions, "
                f"or name another one with {VOICES_VARIABLE}"
            )

    def _path(self, name: str) -> Path:
        if not _usable(name):
            raise SettingsError(
                f"{name!r} cannot be the name of a voice: use letters, digits, spaces, - and _"
            )
        return self.folder / f"{name}{_SUFFIX}"


def _usable(name: str) -> bool:
    if not _NAME.fullmatch(name) or name[-1] in ". ":
        return False
    return _RESERVED.fullmatch(name.split(".")[0]) is None


def _about(path: Path) -> dict[str, str]:
    """Read and check the text in a voice's file. Raises SettingsError for another file."""
    from safetensors import safe_open

    try:
        open_file(path).close()  # safe_open would wait for a pipe
        with safe_open(path, framework="numpy") as file:
            about: dict[str, str] = file.metadata() or {}
            provenance = parse_json(about["provenance"])
            if not abs(float(about["pitch_semitones"])) <= _MOST_SEMITONES:
                raise ValueError(f"its pitch is {about['pitch_semitones']} semitones")
            if about["format"] != FORMAT or not about["engine"] or not about["name"]:
                raise ValueError(f"its format is {about['format']!r}")
            if not all(isinstance(text, str) for text in provenance.values()):
                raise ValueError("its provenance is not text")
    except Exception as error:  # whatever is in a file that somebody passed on
        raise SettingsError(f"{path} is not a voice that stslocal has saved: {error}") from error
    return about


def _read(path: Path) -> VoiceProfile:
    from safetensors.numpy import load_file

    about = _about(path)
    try:
        arrays = load_file(path)
        if kinds := {str(values.dtype) for values in arrays.values()} - {"float32"}:
            raise ValueError(f"it has {', '.join(sorted(kinds))}, not float32")
        profile = VoiceProfile(
            name=path.stem,
            engine=about["engine"],
            arrays=arrays,
            provenance=json.loads(about["provenance"]),
            pitch_semitones=float(about["pitch_semitones"]),
        )
        fault = _fault(profile)
    except Exception as error:  # types that numpy lacks, as BF16
        raise SettingsError(f"{path} is not a voice that stslocal has saved: {error}") from error
    if fault:
        raise SettingsError(f"{path} is damaged: it {fault}: make it anew")
    return profile


def _fault(profile: VoiceProfile) -> str:
    """What is wrong with the numbers of a voice; empty if nothing is. They would give no sound."""
    if not profile.arrays:
        return "has no numbers"
    for values in profile.arrays.values():
        if not np.isfinite(values).all():
            return "has values that are no numbers"
        if len(values) and float(np.abs(values).max()) > _LARGEST:
            return f"has values above {_LARGEST:g}"
    if not abs(profile.pitch_semitones) <= _MOST_SEMITONES:
        return f"has a pitch of {profile.pitch_semitones} semitones"
    return ""
