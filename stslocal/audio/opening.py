"""Opens recordings, and finds what their headers say about their length.

FFmpeg decodes, through PyAV. This module opens the file and gives FFmpeg the open stream. FFmpeg
may open nothing by itself, so a playlist cannot make it read other files or use the network.
"""

from __future__ import annotations

import io
import os
import re
import struct
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, TypeAlias

import av

from stslocal.audio.frames import make_layouts_safe
from stslocal.errors import AudioDecodeError
from stslocal.foreign_files import PathKind, UnreadableFileError, open_file

if TYPE_CHECKING:
    from av.audio.stream import AudioStream
    from av.container import InputContainer
    from av.packet import Packet

Source: TypeAlias = Path | str | BinaryIO
"""A path or a binary stream. The stream need not be seekable: a pipe will do."""

_FORMATS = (
    "3g2,3gp,aac,ac3,aiff,amr,amrnb,amrwb,ape,asf,au,avi,caf,dsf,dts,dtshd,dv,eac3,flac,flv,gsm,"
    "iff,loas,m4a,matroska,mj2,mlp,mov,mp3,mp4,mpc,mpc8,mpeg,mpegts,mxf,nut,ogg,rm,sox,tak,truehd,"
    "tta,voc,w64,wav,webm,wtv,wv"
)
"""The containers that FFmpeg may open. It knows three hundred more, of games mostly, whose readers
are little tested: a damaged ADX ends the process with a division by zero."""
_HEADER_BYTES = 1 << 16
"""The header's chunks before the sound are looked for in the first bytes only."""
_MOST_CHUNKS = 64
_UNKNOWN_BYTES = 0x7FFF_0000
"""A WAV of unknown length, written to a pipe, declares this much or more."""
_LENGTH_TAG = re.compile(r"(\d{1,4}):(\d\d):(\d\d(?:\.\d+)?)")
_W64_RIFF, _W64_DATA = b"riff\x2e\x91\xcf\x11", b"data\xf3\xac\xd3\x11"


def name_of_source(source: Source) -> str:
    """The name of a recording for messages."""
    return str(source if isinstance(source, Path | str) else getattr(source, "name", "the input"))


def open_source(source: Source) -> AbstractContextManager[BinaryIO]:
    """Open a recording's file; a stream is used as it is. Raises AudioDecodeError, never waits."""
    if not isinstance(source, Path | str):
        return nullcontext(source)
    try:
        file = open_file(source)
    except UnreadableFileError as error:
        fault = "is a folder: name a recording in it" if error.kind is PathKind.FOLDER else error
        raise AudioDecodeError(f"{source} {fault}") from None
    if os.fstat(file.fileno()).st_size == 0:
        file.close()
        raise AudioDecodeError(f"{source} is empty (0 bytes): copy or record it again")
    return file


def open_container(file: BinaryIO, name: str) -> InputContainer:
    """Let FFmpeg find the format of an open file. Raises AudioDecodeError."""
    start = _start_of(file)
    try:
        # Tags are not read, so their encoding is no reason to refuse a recording.
        container = av.open(
            file,
            "r",
            options={"protocol_whitelist": "none", "format_whitelist": _FORMATS},
            metadata_errors="replace",
        )
    except Exception as error:
        if start[4:8] in (b"ftyp", b"mdat", b"wide", b"free") and isinstance(error, av.FFmpegError):
            raise AudioDecodeError(
                f"{name} cannot be read: its index is missing, which recorders write at the end:"
                " copy or record it again"
            ) from error
        raise AudioDecodeError(
            f"{name} is not a recording that FFmpeg can read, or a part of it is missing:"
            " check that it plays"
        ) from error
    make_layouts_safe(container)
    return container


def size_of(file: BinaryIO) -> int | None:
    """The size of an open file in bytes; None for a pipe."""
    try:
        if not file.seekable():
            return None
        here = file.tell()
        size = file.seek(0, os.SEEK_END)
        file.seek(here)
    except (OSError, AttributeError, ValueError):
        return None
    return size


def declared_growth(file: BinaryIO) -> float:
    """How many times longer the sound is by the header of a WAV, W64 or CAF than in the file.

    1 for a whole file, for one that declares no length, and for all other formats and pipes.
    FFmpeg corrects the declared length of these three formats, so it does not see the cut.
    """
    size = size_of(file)
    if size is None:
        return 1.0
    here = file.tell()
    try:
        file.seek(0)
        head = file.read(_HEADER_BYTES)
        file.seek(here)
    except (OSError, ValueError):
        return 1.0
    try:
        start, declared = _data_chunk(head)
    except (struct.error, ValueError):
        return 1.0
    present = size - start
    return declared / present if 0 < present < declared - 1 else 1.0


def declared_s(container: InputContainer, stream: AudioStream) -> float | None:
    """Length in seconds: the stream's, else the container's if it holds no other stream.

    Matroska and WebM have the length of a stream in a tag, such as 00:01:02.500000000.
    """
    whole_s = total_s(container)
    if stream.duration is not None and stream.time_base is not None:
        return float(stream.duration * stream.time_base)
    if whole_s is None or len(container.streams) == 1:
        return whole_s
    tags = (text for name, text in stream.metadata.items() if name.upper().startswith("DURATION"))
    found = next(filter(None, map(_LENGTH_TAG.fullmatch, tags)), None)
    if found is None:
        return None
    return min(whole_s, 3600 * int(found[1]) + 60 * int(found[2]) + float(found[3]))


def total_s(container: InputContainer) -> float | None:
    """Length of the whole container in seconds, as it declares it."""
    return None if container.duration is None else container.duration / av.time_base


def _data_chunk(head: bytes) -> tuple[int, int]:
    """Where the sound begins and how many bytes are declared. Raises ValueError or struct.error."""
    if head[:4] in (b"RIFF", b"RF64", b"BW64"):
        at, large = 12, 0
        for _ in range(_MOST_CHUNKS):
            kind, size = struct.unpack_from("<4sI", head, at)
            if kind == b"ds64":
                large = struct.unpack_from("<Q", head, at + 16)[0]
            if kind == b"data":
                if size == 0xFFFF_FFFF and large:
                    return at + 8, large
                return at + 8, 0 if size >= _UNKNOWN_BYTES else size
            at += 8 + size + size % 2
    elif head[:8] == _W64_RIFF:
        at = 40
        for _ in range(_MOST_CHUNKS):
            kind, size = head[at : at + 8], struct.unpack_from("<q", head, at + 16)[0]
            if kind == _W64_DATA:
                return at + 24, size - 24 if size < 1 << 62 else 0
            at += max(24, size + -size % 8)
    elif head[:4] == b"caff":
        at = 8
        for _ in range(_MOST_CHUNKS):
            kind, size = struct.unpack_from(">4sq", head, at)
            if kind == b"data":
                return at + 12, size
            at += 12 + max(0, size)
    raise ValueError("no chunk of sound in the header")


def readable_packets(
    packets: Iterator[Packet[Any]], on_fault: Callable[[str], None]
) -> Iterator[Packet[Any]]:
    """Yield packets as long as they can be read. Where they cannot, `on_fault` gets the reason."""
    while True:
        try:
            packet = next(packets)
        except StopIteration:
            return
        except Exception as error:  # noqa: BLE001 - FFmpeg's, and those of reading the file
            on_fault(getattr(error, "strerror", None) or str(error))
            return
        yield packet


def _start_of(file: BinaryIO) -> bytes:
    """The first bytes of a file; empty for a pipe that cannot show them before they are read."""
    try:
        if size_of(file) is None:
            return bytes(file.peek(12)[:12]) if isinstance(file, io.BufferedReader) else b""
        here = file.tell()
        start = file.read(12)
        file.seek(here)
    except (OSError, ValueError):
        return b""
    return start
