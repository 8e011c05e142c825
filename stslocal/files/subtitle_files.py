"""Writes the subtitles of a translation, each kind for both languages."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from stslocal.files.earlier import EarlierFiles
from stslocal.files.options import FileOptions
from stslocal.files.plan import FileTask
from stslocal.files.publication import ResultFiles
from stslocal.files.translation import FileTranslation
from stslocal.results.session_segment import SessionSegment
from stslocal.results.subtitle_kinds import SUBTITLE_FORMATS
from stslocal.results.subtitles import Cue
from stslocal.results.writing import source_cue, target_cue


def target_cues(
    rows: Sequence[SessionSegment], options: FileOptions, *, has_pictures: bool
) -> list[Cue]:
    """The cues of a translation, for its subtitles."""
    target, both = options.request.target_language, options.bilingual
    times = options.subtitle_times_for(has_pictures=has_pictures)
    return [target_cue(row, target, times=times, bilingual=both) for row in rows]


def write_subtitles(
    task: FileTask,
    running: FileTranslation,
    rows: Sequence[SessionSegment],
    cues: Sequence[Cue],
    files: ResultFiles,
    earlier: EarlierFiles | None,
) -> Iterator[Path]:
    """Write the subtitles of what was said in `rows` and of the translation; yield their paths.

    Those of the source get another name where `earlier` says that the person's own have theirs.
    There are none where only a translation was given.
    """
    source_cues = [source_cue(row) for row in rows]
    is_known = not rows or any(row.text for row in rows)
    for kind in running.options.subtitles:
        write = SUBTITLE_FORMATS[kind]
        path = named = task.source_subtitles(kind, running.source_language)
        if is_known and earlier is not None and (path := earlier.free_path(named)) != named:
            running.warnings.append(
                f"{named.name} was not written by stslocal or was changed since, and stays: what "
                f"was said is in {path.name}"
            )
        if is_known:
            files.write(path, write(source_cues).encode())
            yield path
        path = task.subtitles(kind)
        files.write(path, write(cues).encode())
        yield path
