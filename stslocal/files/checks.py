"""What can be known of a recording's translation before any model is loaded."""

from __future__ import annotations

from stslocal.audio.decode import check_sound
from stslocal.files.options import FileOptions
from stslocal.files.plan import FileTask
from stslocal.storage import check_writable


def check_task(task: FileTask, options: FileOptions) -> None:
    """Refuse a recording that cannot be read or whose results cannot be written.

    The beginning of its sound is decoded. Raises AudioDecodeError or OutputError.
    """
    check_sound(task.source, options.sound)
    for path in task.target_paths(options.subtitles):
        check_writable(path)
