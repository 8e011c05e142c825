"""The covers of recordings: one picture each, without a time."""

from __future__ import annotations

from contextlib import closing, suppress
from typing import TYPE_CHECKING, BinaryIO

from stslocal.audio.containers import is_cover
from stslocal.audio.opening import open_container

if TYPE_CHECKING:
    from av.container import OutputContainer
    from av.stream import Stream


def covers_of(file: BinaryIO, name: str) -> dict[int, bytes]:
    """The pictures of the covers, by the index of their streams."""
    found: dict[int, bytes] = {}
    with closing(open_container(file, name)) as container:
        covers = [stream for stream in container.streams.video if is_cover(stream)]
        if covers:
            with suppress(Exception):  # a cover that cannot be read is left out
                for packet in container.demux(covers):
                    if packet.size:
                        found[packet.stream.index] = bytes(packet)
                    if len(found) == len(covers):
                        break
    return found


def add_cover(output: OutputContainer, stream: Stream, data: bytes) -> None:
    """Add a cover as Matroska has it: a file that is attached."""
    is_png = data.startswith(b"\x89PNG")
    kind = "png" if is_png else "jpeg"
    named = stream.metadata.get("filename") or f"cover.{'png' if is_png else 'jpg'}"
    output.add_attachment(named, stream.metadata.get("mimetype") or f"image/{kind}", data)
