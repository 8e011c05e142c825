"""Plans where the results of the recordings of a command line go."""

from __future__ import annotations

import logging
import os
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from stslocal.errors import OutputError, SettingsError
from stslocal.files.finding import (
    RECORDING_SUFFIXES,
    REPORT_SUFFIX,
    SESSION_SUFFIX,
    SPEECH_SUFFIX,
    recordings_of,
)
from stslocal.files.shard import Shard
from stslocal.foreign_files import PathKind, kind_of
from stslocal.settings import AUTO_FORMAT, NO_SPEECH, OUTPUT_FORMATS, VIDEO_FORMATS

_log = logging.getLogger(__name__)

STDIN = "-"
"""This input stands for WAV from stdin, translated to WAV on stdout."""

_SOUND_SUFFIXES = frozenset(
    ".aac .ac3 .aif .aiff .amr .ape .au .caf .flac .m4a .m4b .mka .mp2 .mp3 .oga .ogg .opus .ra "
    ".spx .tta .w64 .wav .wma .wv".split()
)
"""Of these names none is a video, so that a large folder of sound is not opened twice."""


@dataclass(frozen=True, slots=True)
class FileTask:
    """One recording and the files of its translation."""

    source: Path
    audio: Path
    """The translated sound: a sound file, or a video with it. Without speech only a video is
    written: see `media`."""
    stem: str
    """The result's name without its suffix, such as `talk.pt`."""
    target: str = ""
    """The language of the translation."""
    is_spoken: bool = True
    """Whether the result has the translation as speech; else it is text alone."""

    @property
    def folder(self) -> Path:
        return self.audio.parent

    @property
    def output_format(self) -> str:
        """The format of `media`, as its name says: wav, mp3, mp4 and so on; `none` without one."""
        return NO_SPEECH if self.media is None else self.media.suffix[1:].lower()

    @property
    def is_video(self) -> bool:
        """Whether a video is written."""
        return self.audio.suffix[1:].lower() in VIDEO_FORMATS

    @property
    def media(self) -> Path | None:
        """The sound or the video that is written; None where the result is text alone."""
        return self.audio if self.is_spoken or self.is_video else None

    @property
    def main(self) -> Path:
        """The file that stands for the result: its sound or video, else its session file."""
        return self.media or self.session

    def shown(self, subtitles: Sequence[str]) -> Path:
        """The file that a person wants to see: the sound, the video or the translated text."""
        return self.subtitles(subtitles[0]) if subtitles and not self.media else self.main

    @property
    def name(self) -> str:
        """The result's name without its language, such as `talk`."""
        return self.stem.removesuffix(f".{self.target}") if self.target else self.stem

    @property
    def session(self) -> Path:
        return self.folder / f"{self.stem}{SESSION_SUFFIX}"

    @property
    def report(self) -> Path:
        return self.folder / f"{self.stem}{REPORT_SUFFIX}"

    @property
    def speech(self) -> Path:
        """The translated speech alone: beside a video, and a sound with the original beneath."""
        return self.folder / f"{self.stem}{SPEECH_SUFFIX}"

    def target_paths(
        self, subtitles: Sequence[str], *, report: bool = False, speech: bool = False
    ) -> list[Path]:
        """All files of the result but the source's subtitles, whose language is not known yet."""
        more = [self.speech] * speech + [self.report] * report
        media = [] if self.media is None else [self.media]
        return [*media, *map(self.subtitles, subtitles), *more, self.session]

    def subtitles(self, kind: str) -> Path:
        """The file for the subtitles of the translation; `kind` is one of SUBTITLE_FORMATS."""
        return self.folder / f"{self.stem}.{kind}"

    def source_subtitles(self, kind: str, language: str) -> Path:
        """The file for the subtitles of the source text, which is in `language`."""
        return self.folder / f"{self.name}.{language}.{kind}"


def plan_files(
    inputs: Sequence[str],
    *,
    target: str,
    output: Path | None,
    output_format: str,
    is_spoken: bool = True,
    shard: Shard | None = None,
    may_be_empty: bool = False,
    on_skipped: Callable[[str], None] = _log.warning,
) -> list[FileTask]:
    """Expand files, folders (recursively) and globs into tasks, in order, each recording once.

    `output` is a folder, or for a single recording a file name, whose suffix then chooses the
    format; None puts each result beside its recording. With `output_format` auto each recording is
    opened: a video gives a video, also where nothing `is_spoken`. Results of earlier runs are not
    taken as input. With a `shard`, only the recordings of this share become tasks.

    `on_skipped` gets a sentence for each thing in a folder that is left out: a folder that may not
    be entered, a pipe, a loop of links, a file in which macOS keeps what another disk cannot.

    Raises AudioDecodeError when a folder or pattern holds no recording, unless it `may_be_empty`,
    OutputError when a result would replace a recording, SettingsError when one file name is given
    for several recordings or names a format that cannot be written.
    """
    roots: dict[Path, Path] = {}
    known: set[tuple[str, str]] = set()
    for path, root in recordings_of(inputs, on_skipped, may_be_empty=may_be_empty):
        # `d/a.wav` and `d/../d/./a.wav` are one recording. A link to another one is its own.
        place = (_real(path.parent), path.name)
        if place not in known:
            known.add(place)
            roots[path] = root
    sources = list(roots)
    if output is not None and _is_file_name(output):
        if len(sources) > 1:
            raise SettingsError(
                f"{output} is one file, but there are {len(sources)} recordings: "
                "give a folder with -o"
            )
        tasks = [FileTask(sources[0], output, output.stem, target, is_spoken)]
        if tasks[0].media is None:
            raise SettingsError(
                f"{output} would have no sound, because nothing is spoken: give a folder with -o"
            )
    else:
        tasks = _name_tasks(sources, roots, target, output, output_format, on_skipped)
        tasks = [replace(task, is_spoken=is_spoken) for task in tasks]
    _refuse_overwriting(tasks)
    if shard is None:
        return tasks
    return [task for task in tasks if shard.holds(task.source.relative_to(roots[task.source]))]


def _real(path: Path) -> str:
    """The path without links, also where there is a loop of them."""
    try:
        return os.path.realpath(path)
    except (OSError, ValueError):
        return str(path)


def _is_file_name(output: Path) -> bool:
    """Whether `output` names a file of a format that is written, else a folder.

    Raises SettingsError for a sound file of another format, which nobody means as a folder.
    """
    suffix = output.suffix.lower()
    if suffix not in RECORDING_SUFFIXES or kind_of(output) is PathKind.FOLDER:
        return False
    if suffix[1:] not in OUTPUT_FORMATS:
        raise SettingsError(
            f"{output} cannot be written: end the name in one of "
            f"{', '.join('.' + name for name in OUTPUT_FORMATS)}, or give a folder with -o"
        )
    return True


def _name_tasks(
    sources: Sequence[Path],
    roots: dict[Path, Path],
    target: str,
    output: Path | None,
    output_format: str,
    on_skipped: Callable[[str], None],
) -> list[FileTask]:
    folders = [
        source.parent if output is None else output / source.parent.relative_to(roots[source])
        for source in sources
    ]
    # Talk.mp3 and talk.wav share a name on disks that do not tell capital letters.
    taken = Counter(
        (folder, source.stem.casefold()) for folder, source in zip(folders, sources, strict=True)
    )
    tasks = []
    for folder, source in zip(folders, sources, strict=True):
        # talk.mp3 and talk.wav in one folder keep their suffixes, so that their results differ.
        name = source.stem if taken[folder, source.stem.casefold()] == 1 else source.name
        stem = f"{name}.{target}"
        form = _own_form(source, on_skipped) if output_format == AUTO_FORMAT else output_format
        tasks.append(FileTask(source, folder / f"{stem}.{form}", stem, target))
    paths = Counter(task.audio for task in tasks)
    for task in tasks:
        if paths[task.audio] > 1:
            raise SettingsError(
                f"two recordings would both be written to {task.audio}: translate them separately"
            )
    return tasks


def _own_form(source: Path, on_skipped: Callable[[str], None]) -> str:
    """The format for a recording: a video for a video, else WAV."""
    if source.suffix.lower() in _SOUND_SUFFIXES or kind_of(source) is not PathKind.FILE:
        return "wav"
    from stslocal.audio.form import form_of

    form = form_of(source)
    if form.lost_pictures:
        on_skipped(
            f"{source} has pictures ({form.lost_pictures}) that no container here can carry: only "
            "its sound is written"
        )
    return form.name


def _refuse_overwriting(tasks: Sequence[FileTask]) -> None:
    sources = {_real(task.source) for task in tasks}
    for task in tasks:
        if task.media is not None and _real(task.media) in sources:
            raise OutputError(
                f"{task.audio} is a recording to translate and would be replaced by a translation: "
                "choose another place with -o"
            )
