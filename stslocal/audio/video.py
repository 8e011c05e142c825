"""Writes a video with translated sound: the recording's streams as they are, and new ones.

The packets of the recording are copied and not encoded again, so pictures and sound lose nothing.
New are the translated sound, which is encoded, and subtitles. Time 0 of both is time 0 of
`read_blocks`, so what was placed by the times of the recognized sound is in sync with the pictures.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Mapping
from contextlib import closing, suppress
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import av
from av.audio.stream import AudioStream

from stslocal.audio.containers import (
    CONTAINERS,
    add_copy,
    has_moving_pictures,
    is_cover,
    not_carried,
    sentence_of,
)
from stslocal.audio.covers import add_cover, covers_of
from stslocal.audio.new_tracks import (
    DEFAULT,
    ORIGINAL,
    NewTracks,
    TextTrack,
    add_sound,
    add_text,
    sound_packets,
    text_packets,
)
from stslocal.audio.opening import (
    name_of_source,
    open_container,
    open_source,
    readable_packets,
    size_of,
)
from stslocal.audio.packet_times import PacketTimes, seconds
from stslocal.audio.sinks import StreamSink, sink_for
from stslocal.audio.tracks import language_tag, number_of
from stslocal.errors import AudioDecodeError, OutputError
from stslocal.storage import UnfinishedFile

if TYPE_CHECKING:
    from av.container import InputContainer, OutputContainer
    from av.packet import Packet
    from av.stream import Stream

_OF_THE_FILE = frozenset(
    "major_brand minor_version compatible_brands encoder duration vendor_id _statistics_tags"
    " _statistics_writing_app _statistics_writing_date_utc".split()
)
"""Tags that say how a file was written: the new one has its own."""
_COPIES_OF_FILE = 2
_COPIES_BYTES = 64 << 20
"""The packets of a recording have no more bytes than the recording. In a damaged one they may lie
over each other a million times: reading stops at twice its size and this."""
_GENERATE_PTS = 0x1
"""FFmpeg's flag to find out when a picture is shown where a container has no such time (AVI)."""


def write_video(
    source: Path | BinaryIO, target: UnfinishedFile, form: str, new: NewTracks
) -> list[str]:
    """Write the recording `source` with new tracks to a file of the format `form`.

    `target` is sealed, and left to its owner. Returns warnings: which streams were left out.

    Raises AudioDecodeError for a recording that cannot be read or is damaged, OutputError when the
    file cannot be written.
    """
    name = name_of_source(source)
    with open_source(source) as file:
        size = size_of(file)
        covers = covers_of(file, name)
        file.seek(0)
        with closing(open_container(file, name)) as given:
            given.flags |= _GENERATE_PTS
            writing = _Writing(name, given, form, new)
            sink = sink_for(target)
            output = av.open(
                sink,
                "w",
                format=CONTAINERS[form].muxer,
                container_options=writing.options(),
                metadata_errors="replace",
            )
            try:
                writing.write(output, sink, covers, size)
                writing.end(output, sink)
                if writing.lost and not _is_video(target.part):
                    raise _unwritable(name, form)
            except BaseException as error:
                sink.discard()
                with suppress(Exception):  # FFmpeg raises the earlier error again
                    output.close()
                if isinstance(error, av.FFmpegError):
                    raise _unwritable(name, form) from error
                raise
    return writing.warnings


class _Writing:
    """One video while it is written."""

    def __init__(self, name: str, given: InputContainer, form: str, new: NewTracks) -> None:
        self.name = name
        self.warnings: list[str] = []
        self._given = given
        self._form = form
        self._new = new
        self._container = CONTAINERS[form]
        self._zero_s = Fraction(max(0, given.start_time or 0), av.time_base)
        """Where the recording begins: `read_blocks` has it as time 0."""
        self._times = PacketTimes(self._zero_s)
        self.lost = 0
        """Packets that the muxer refused."""

    def options(self) -> dict[str, str]:
        """The options of the muxer."""
        options = {"fflags": "+bitexact", "max_interleave_delta": "2000000"}
        if self._container.is_mov and any(key.startswith("com.") for key in self._given.metadata):
            options["movflags"] = "+use_metadata_tags"  # else the place and the phone are lost
        return options

    def write(
        self,
        output: OutputContainer,
        sink: StreamSink,
        covers: Mapping[int, bytes],
        size: int | None,
    ) -> None:
        """Write everything but the end of the file."""
        left_out = not_carried(self._given, self._form)
        if sentence := sentence_of(self._given, left_out, self._form):
            self.warnings.append(f"{self.name}: {sentence}")
        copies, sound, texts = self._add_streams(output, {s.index for s in left_out}, covers)
        output.metadata.update(_tags(self._given.metadata))
        if chapters := list(self._chapters()):
            output.set_chapters(chapters)  # type: ignore[arg-type]
        with sink.checked():
            output.start_encoding()
            new = heapq.merge(
                sound_packets(self._new.sound, sound),
                *(text_packets(track, stream) for track, stream in texts),
                key=seconds,
            )
            self._write_packets(output, copies, new, size)

    def _add_streams(
        self, output: OutputContainer, left_out: set[int], covers: Mapping[int, bytes]
    ) -> tuple[dict[int, Stream], Any, list[tuple[TextTrack, Any]]]:
        """Add all streams. Returns the copies by the index of the original, and the new ones.

        The translated sound stands before the other sound: some players know the first one only.
        """
        copies: dict[int, Stream] = {}
        sound: Any = None
        is_due = self._new.sound is not None
        given = [one for one in self._given.streams if one.index not in left_out]
        for stream in sorted(given, key=_is_at_the_end):
            if is_due and (stream.type != "video" or is_cover(stream)):
                sound, is_due = add_sound(output, self._container, self._new), False
            if is_cover(stream) and not self._container.has_covers:
                if data := covers.get(stream.index):
                    add_cover(output, stream, data)
            elif isinstance(stream, AudioStream):
                if copy := self._copy_of_sound(output, stream):
                    copies[stream.index] = copy
            else:
                copy = add_copy(output, stream, self._form)
                copy.metadata.update(_tags(stream.metadata))
                if stream.type != "attachment":
                    copies[stream.index] = copy
        if is_due:
            sound = add_sound(output, self._container, self._new)
        texts = [(text, add_text(output, self._container, text)) for text in self._new.texts]
        return copies, sound, texts

    def _copy_of_sound(self, output: OutputContainer, stream: AudioStream) -> Stream | None:
        """Add a sound of the recording: beside a translated one it is no player's first choice."""
        new = self._new
        is_source = number_of(self._given, stream) == new.source_track
        if is_source and new.replaces_source:
            return None
        copy = add_copy(output, stream, self._form)
        copy.metadata.update(_tags(stream.metadata))
        if new.sound is not None:
            flags = int(stream.disposition) & ~DEFAULT
            copy.disposition = flags | (ORIGINAL if is_source else 0)  # type: ignore[assignment]
        if is_source and new.source_language and not language_tag(stream):
            copy.metadata["language"] = new.source_language
        return copy

    def _chapters(self) -> Iterator[dict[str, Any]]:
        for chapter in self._given.chapters():
            base = chapter["time_base"]
            if base:
                shift = round(self._zero_s / base)
                start, end = max(0, chapter["start"] - shift), chapter["end"] - shift
                if end > start:
                    tags = _tags(chapter["metadata"])
                    yield {**chapter, "start": start, "end": end, "metadata": tags}

    def _write_packets(
        self,
        output: OutputContainer,
        copies: Mapping[int, Stream],
        new: Iterator[Packet[Any]],
        size: int | None,
    ) -> None:
        """Copy the packets of the recording, with the new ones between them by their times."""
        waiting, written = next(new, None), 0
        pictures = {stream.index for stream in copies.values() if stream.type == "video"}
        seen: set[int] = set()
        for packet in self._copied(copies):
            written += packet.size
            if size is not None and written > _COPIES_OF_FILE * size + _COPIES_BYTES:
                raise AudioDecodeError(
                    f"{self.name} is damaged: its index names more bytes than it has; "
                    "--output-format wav writes the translated sound alone"
                )
            time_s = seconds(packet)
            while waiting is not None and seconds(waiting) <= time_s:
                self._mux(output, waiting)
                waiting = next(new, None)
            self._mux(output, packet)
            seen.add(packet.stream.index)
        while waiting is not None:
            self._mux(output, waiting)
            waiting = next(new, None)
        if not pictures & seen:
            raise AudioDecodeError(
                f"{self.name}: none of its pictures can be read: --output-format wav writes the "
                "translated sound alone"
            )

    def _mux(self, output: OutputContainer, packet: Packet[Any]) -> None:
        """Write a packet. A damaged one is left out; FFmpeg may refuse it at the next one only."""
        try:
            output.mux(packet)
        except av.FFmpegError:
            self.lost += 1

    def end(self, output: OutputContainer, sink: StreamSink) -> None:
        """Write the end of the file. Raises OutputError."""
        with sink.checked():
            try:
                output.close()
            except av.FFmpegError:  # of a packet that waited; the end is written all the same
                self.lost += 1
            sink.finish()
        if self.lost:
            self.warnings.append(f"{self.name}: damaged packets left out of the video: {self.lost}")

    def _copied(self, copies: Mapping[int, Stream]) -> Iterator[Packet[Any]]:
        """The packets of the recording at their times in the new file, in its order."""
        if not copies:
            return

        def stopped(reason: str) -> None:
            self.warnings.append(f"{self.name}: reading its streams stopped: {reason}")

        packets = self._given.demux([self._given.streams[index] for index in copies])
        for packet in readable_packets(packets, stopped):
            if packet.size and self._times.place(packet):
                packet.stream = copies[packet.stream.index]
                yield packet


def _unwritable(name: str, form: str) -> OutputError:
    return OutputError(
        f"{name} is damaged and cannot be written as {form}: choose another --output-format"
    )


def _is_video(path: Path) -> bool:
    """Whether a file that was written can be read."""
    try:
        with path.open("rb") as file, closing(open_container(file, str(path))) as container:
            return has_moving_pictures(container)
    except (AudioDecodeError, OSError):
        return False


def _is_at_the_end(stream: Stream) -> bool:
    return is_cover(stream) or stream.type == "attachment"


def _tags(tags: Mapping[str, str]) -> dict[str, str]:
    """The tags of the recording that are true of the new file too."""
    return {key: value for key, value in tags.items() if key.lower() not in _OF_THE_FILE}
