"""Finds the recordings that a command line names, and passes over results of earlier runs."""

from __future__ import annotations

import glob
import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from stslocal.errors import AudioDecodeError
from stslocal.foreign_files import PathKind, kind_of
from stslocal.languages import is_code
from stslocal.settings import OUTPUT_FORMATS

SESSION_SUFFIX = ".session.json"
REPORT_SUFFIX = ".report.html"
SPEECH_SUFFIX = ".speech.flac"

RECORDING_SUFFIXES = frozenset(
    ".3gp .aac .ac3 .aif .aiff .amr .ape .au .avi .caf .flac .flv .m2ts .m4a .m4b .m4v .mka .mkv "
    ".mov .mp2 .mp3 .mp4 .mpeg .mpg .mts .mxf .oga .ogg .ogv .opus .ra .spx .ts .tta .vob .w64 "
    ".wav .webm .wma .wmv .wv".split()
)
"""The files that are taken from a folder. A file that is named is tried whatever its suffix."""


def recordings_of(
    inputs: Sequence[str], on_skipped: Callable[[str], None], *, may_be_empty: bool
) -> Iterator[tuple[Path, Path]]:
    """Yield each recording, with the folder below which its relative place is kept.

    Raises AudioDecodeError when a folder or pattern holds none, unless it `may_be_empty`.
    """
    for text in inputs:
        path = Path(text)
        if kind_of(path) is PathKind.FOLDER:
            recordings = list(_recordings_below(path, on_skipped))
            if not recordings and not may_be_empty:
                raise AudioDecodeError(
                    f"there is no recording in the folder {path}: name a folder or a file that has "
                    "one"
                )
            yield from ((recording, path) for recording in recordings)
        elif kind_of(path) is not PathKind.MISSING or not glob.has_magic(text):
            yield path, path.parent  # what is no readable file fails later, alone
        else:
            names = sorted(glob.glob(text, recursive=True))  # noqa: PTH207 - it may be absolute
            matches = [Path(name) for name in names]
            matches = [match for match in matches if _is_recording(match, on_skipped)]
            if not matches:
                raise AudioDecodeError(f"nothing matches {text}: check the pattern")
            yield from ((match, match.parent) for match in matches)


def _recordings_below(folder: Path, on_skipped: Callable[[str], None]) -> Iterator[Path]:
    def skipped(error: OSError) -> None:
        on_skipped(f"{error.filename} cannot be entered, so it is left out: {error.strerror}")

    for parent, folders, names in os.walk(folder, onerror=skipped):
        folders.sort()
        for name in sorted(names):
            path = Path(parent, name)
            if path.suffix.lower() in RECORDING_SUFFIXES and _is_recording(path, on_skipped):
                yield path


def _is_recording(path: Path, on_skipped: Callable[[str], None]) -> bool:
    """Whether a file that was found, not named, is to be translated; says why one is not."""
    kind = kind_of(path)
    if kind is PathKind.FOLDER:
        return False
    if kind is not PathKind.FILE:
        on_skipped(f"{path} {kind.value.partition(':')[0]}, so it is left out")
        return False
    if path.name.startswith("._"):
        on_skipped(f"{path} is a file that macOS keeps beside another one, so it is left out")
        return False
    return not _is_result(path)


def _is_result(path: Path) -> bool:
    """Whether an earlier run wrote `path`.

    Then its session file lies beside it. A run that was cut off may have left no session file:
    then the name tells, as `talk.pt.wav` beside `talk.mp3` does.
    """
    stem = path.stem.removesuffix(Path(SPEECH_SUFFIX).stem)
    if kind_of(path.with_name(stem + SESSION_SUFFIX)) is PathKind.FILE:
        return True
    name, _, language = stem.rpartition(".")
    if not name or path.suffix[1:].lower() not in OUTPUT_FORMATS or not is_code(language):
        return False
    beside = (path.with_name(name), *path.parent.glob(f"{glob.escape(name)}.*"))
    return any(
        other.suffix.lower() in RECORDING_SUFFIXES
        and (other.name == name or other.stem == name)
        and other.is_file()
        for other in beside
    )
