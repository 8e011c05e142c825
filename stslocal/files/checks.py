"""What can be known of a recording's translation before any model is loaded."""

from __future__ import annotations

import errno
import os
from pathlib import Path

from stslocal.audio.decode import check_sound
from stslocal.audio.form import check_form
from stslocal.errors import AudioDecodeError, output_error
from stslocal.files.options import FileOptions
from stslocal.files.plan import FileTask
from stslocal.files.speakers.channels import count_channels
from stslocal.foreign_files import PathKind, kind_of
from stslocal.storage import temporary_path


def check_task(task: FileTask, options: FileOptions) -> None:
    """Refuse a recording that cannot be read or whose results cannot be written.

    The beginning of its sound is decoded. Raises AudioDecodeError, OutputError, or SettingsError
    for a recording without a channel for each speaker and a video that cannot be made of it.
    """
    check_sound(task.source, options.sound)
    if task.is_video:
        check_form(task.source, task.output_format)
    if options.speakers is not None and options.speakers.by_channel:
        count_channels(task.source, options.sound)
    for path in task.target_paths(options.subtitles, report=options.report):
        check_writable(path)


def check_length(duration_s: float, longest_s: float | None) -> None:
    """Raise AudioDecodeError where a recording is longer than it may be; None takes any length.

    It is called while the recording is read, because its header may declare anything.
    """
    if longest_s is not None and duration_s > longest_s:
        raise AudioDecodeError(
            f"the recording is longer than {longest_s / 60:g} min, which is the most here: "
            "cut it into parts"
        )


def check_writable(path: Path, *, makes_folder: bool = True) -> None:
    """Raise OutputError where a file at `path` cannot be written. Nothing stays on the disk.

    With `makes_folder` its folder need not exist: the lowest one above it that exists is tried.
    """
    try:
        if kind_of(path) is PathKind.FOLDER:
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
        folder = path.parent
        while makes_folder and kind_of(folder) is PathKind.MISSING and folder != folder.parent:
            folder = folder.parent
        if kind_of(folder / path.name) is PathKind.TOO_LONG:
            raise OSError(errno.ENAMETOOLONG, os.strerror(errno.ENAMETOOLONG))
        trial = temporary_path(folder / path.name)
        os.close(os.open(trial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        trial.unlink()
    except OSError as error:
        raise output_error(path, error) from error
