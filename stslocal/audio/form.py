"""Finds whether a recording is a video, and in which format its translation can be one."""

from __future__ import annotations

import os
from contextlib import closing
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from stslocal.audio.containers import (
    CONTAINERS,
    can_carry,
    codec_of,
    format_for,
    has_moving_pictures,
    is_cover,
)
from stslocal.audio.opening import Source, name_of_source, open_container, open_source, size_of
from stslocal.errors import AudioDecodeError, SettingsError


@dataclass(frozen=True, slots=True)
class ResultForm:
    """The format of a recording's translation."""

    name: str
    """The suffix, such as `mp4`; `wav` for a recording without moving pictures."""
    lost_pictures: str = ""
    """The codec of moving pictures that no container can carry."""


def form_of(source: Path) -> ResultForm:
    """Choose the format of a recording's translation; WAV where it cannot be read.

    A file that was looked at before is not opened again while it has the same size and time.
    """
    try:
        status = source.stat()
    except OSError:
        return ResultForm("wav")
    return _form_of(os.fspath(source), status.st_size, status.st_mtime_ns)


@lru_cache(maxsize=100_000)
def _form_of(source: str, size: int, changed_ns: int) -> ResultForm:
    try:
        with open_source(source) as file, closing(open_container(file, source)) as container:
            name = format_for(container, Path(source).suffix)
            codecs = [codec_of(one) for one in container.streams.video if not is_cover(one)]
            if not has_moving_pictures(container):
                return ResultForm("wav")
    except AudioDecodeError:
        return ResultForm("wav")  # the reason is reported when it is translated
    return ResultForm(name) if name else ResultForm("wav", ", ".join(dict.fromkeys(codecs)))


def check_form(source: Source, form: str) -> None:
    """Refuse a video of this format that cannot be made of a recording.

    A stream is left at its beginning. Raises AudioDecodeError where it cannot be read,
    SettingsError where it is no video or where the container cannot carry its pictures.
    """
    name = name_of_source(source)
    with open_source(source) as file:
        if size_of(file) is None:
            raise SettingsError(
                f"{name} is a pipe, and a video is read more than once: write it to a file first"
            )
        file.seek(0)
        with closing(open_container(file, name)) as container:
            pictures = [one for one in container.streams.video if not is_cover(one)]
            refused = [one for one in pictures if not can_carry(form, one)]
            codecs = ", ".join(dict.fromkeys(map(codec_of, refused)))
            others = [
                f"--output-format {other}"
                for other in CONTAINERS
                if all(can_carry(other, one) for one in pictures)
            ]
            is_video = has_moving_pictures(container)
        file.seek(0)
    if not is_video:
        raise SettingsError(
            f"{name} has no moving pictures, so no {form} is made of it: write its sound with "
            "--output-format wav"
        )
    if refused:
        raise SettingsError(
            f"{form} cannot carry the pictures of {name} ({codecs}): choose "
            f"{' or '.join(others) or '--output-format wav, for the sound alone'}"
        )
