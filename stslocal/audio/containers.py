"""The containers of videos that are written, and which streams of a recording each can carry."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import av

from stslocal.audio.tracks import language_tag

if TYPE_CHECKING:
    from av.container import InputContainer, OutputContainer
    from av.stream import Stream

STILL = 0x400 | 0x800 | 0x100000
"""FFmpeg's dispositions of a cover, of the thumbnails of chapters and of a still picture."""
_COVER = 0x400
_LONGEST_LOOK_PACKETS = 20_000
"""So many packets are read to find a second picture: some minutes of sound."""


@dataclass(frozen=True, slots=True)
class VideoContainer:
    """A container that can be written."""

    muxer: str
    sound_codec: str
    mono_bit_rate: int
    """Bits per second, ample for speech over music; stereo has 1.6 times as many."""
    text_codec: str
    """FFmpeg's encoder of the subtitles."""
    is_mov: bool = False
    """Whether it belongs to the family of QuickTime."""
    has_attachments: bool = False
    has_covers: bool = False
    """Whether a cover is a stream of it. Matroska has covers as attachments."""


CONTAINERS = {
    "mp4": VideoContainer("mp4", "aac", 96_000, "mov_text", is_mov=True, has_covers=True),
    "mkv": VideoContainer("matroska", "aac", 96_000, "srt", has_attachments=True),
    "webm": VideoContainer("webm", "libopus", 72_000, "webvtt"),
    "mov": VideoContainer("mov", "aac", 96_000, "mov_text", is_mov=True),
}
"""By the suffix of the file."""


class _Discard(io.RawIOBase):
    """A file that takes everything and keeps nothing."""

    def __init__(self) -> None:
        super().__init__()
        self._position = 0

    def writable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self._position += len(data)
        return len(data)

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        self._position = offset if whence == io.SEEK_SET else self._position + offset
        return self._position

    def tell(self) -> int:
        return self._position


def is_cover(stream: Stream) -> bool:
    """Whether a stream is the cover of the recording: one picture, without a time."""
    return stream.type == "video" and bool(int(stream.disposition) & _COVER)


def has_moving_pictures(container: InputContainer) -> bool:
    """Whether a recording is a video: covers and single pictures do not make it one.

    Packets are read until the second picture, as a damaged file may only declare them. So the
    caller must open the recording again to read it from its beginning.
    """
    moving = [video for video in container.streams.video if not int(video.disposition) & STILL]
    if not moving:
        return False
    seen: set[int] = set()
    try:
        for count, packet in enumerate(container.demux()):
            if packet.size and packet.stream in moving:
                if packet.stream.index in seen:
                    return True
                seen.add(packet.stream.index)
            if count >= _LONGEST_LOOK_PACKETS:
                return any(video.frames > 1 for video in moving)
    except Exception:  # noqa: BLE001 - a damaged recording: no second picture can be read
        return False
    return False


def own_format(container: InputContainer, suffix: str) -> str:
    """The format of a recording with this suffix, such as `.mp4`, if it can be written; else mkv.

    What the file holds decides, and the suffix only where two formats share a reader.
    """
    wanted = suffix[1:].lower()
    if "mp4" in container.format.name:
        return "mov" if wanted in ("mov", "qt") else "mp4"
    return "webm" if "webm" in container.format.name and wanted == "webm" else "mkv"


def format_for(container: InputContainer, suffix: str) -> str | None:
    """The format in which a video with this suffix keeps its pictures and its sound.

    Its own one where that can be written, else mkv. None where none can carry the pictures.
    """
    own = own_format(container, suffix)
    needed = [s for s in container.streams if s.type in ("video", "audio") and not is_cover(s)]
    if not [stream for stream in needed if not can_carry(own, stream)]:
        return own
    pictures = [stream for stream in needed if stream.type == "video"]
    for form in dict.fromkeys(("mkv", own)):
        if all(can_carry(form, stream) for stream in pictures):
            return form
    return None


def can_carry(form: str, stream: Stream) -> bool:
    """Whether a container of this format can hold a stream as it is.

    FFmpeg is asked to write the beginning of a file with this stream alone.
    """
    if is_cover(stream) and not CONTAINERS[form].has_covers:
        return CONTAINERS[form].has_attachments
    if stream.type in ("data", "unknown"):
        return False
    if stream.type == "attachment":
        return CONTAINERS[form].has_attachments
    try:
        with av.open(_Discard(), "w", format=CONTAINERS[form].muxer) as trial:
            add_copy(trial, stream, form)
            trial.start_encoding()
    except Exception:  # noqa: BLE001 - whatever it is: this stream cannot be written
        return False
    return True


def add_copy(output: OutputContainer, stream: Stream, form: str) -> Stream:
    """Add a stream that gets the packets of `stream`. Raises what PyAV raises."""
    copy: Any = output.add_stream_from_template(stream, opaque=True)
    if stream.type == "video" and CONTAINERS[form].is_mov and codec_of(stream) == "hevc":
        copy.codec_context.codec_tag = "hvc1"  # players of Apple read no other one
    copy.disposition = int(stream.disposition)
    return copy  # type: ignore[no-any-return]


def not_carried(container: InputContainer, form: str) -> list[Stream]:
    """The streams that a file of this format cannot hold."""
    return [stream for stream in container.streams if not can_carry(form, stream)]


def described(container: InputContainer, stream: Stream) -> str:
    """A stream for a message, such as `audio track 2 (eng, ac3)`."""
    kind = {"video": "video", "audio": "audio", "subtitle": "subtitle"}.get(stream.type)
    language = language_tag(stream)
    details = ", ".join(part for part in (language, codec_of(stream)) if part)
    if kind is None or is_cover(stream):
        name = {"video": "cover", "attachment": "attachment"}.get(stream.type, "stream of data")
        return f"{name}{f' ({details})' if details else ''}"
    of_kind = [other.index for other in container.streams if other.type == stream.type]
    number = of_kind.index(stream.index) + 1
    return f"{kind} track {number}{f' ({details})' if details else ''}"


def sentence_of(container: InputContainer, not_carried: Sequence[Stream], form: str) -> str:
    """A warning that streams are left out of a file of this format; empty where nothing is lost."""
    left_out = [one for one in not_carried if not _is_made_again(container, one, form)]
    if not left_out:
        return ""
    names = ", ".join(described(container, stream) for stream in left_out)
    text = f"{form} cannot carry {names}, so the video is without"
    if form == "mkv" or not all(can_carry("mkv", stream) for stream in left_out):
        return text
    return f"{text}: --output-format mkv keeps {'it' if len(left_out) == 1 else 'them'}"


def codec_of(stream: Stream) -> str:
    """FFmpeg's name of a stream's codec; empty where it has none."""
    context: Any = stream.codec_context  # None for what FFmpeg cannot decode
    if context is None:
        return str(getattr(stream, "name", None) or "")
    return str(context.codec.canonical_name)


def _is_made_again(container: InputContainer, stream: Stream, form: str) -> bool:
    """Whether a stream of data is what the muxer writes from metadata and chapters by itself."""
    if stream.type != "data":
        return False
    is_chapters = getattr(stream, "name", None) == "bin_data" and bool(container.chapters())
    return is_chapters or ("timecode" in stream.metadata and CONTAINERS[form].is_mov)
