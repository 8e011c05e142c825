"""What is new in a translated video: the translated sound, which is encoded, and subtitles."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from fractions import Fraction
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

import av
import numpy as np
from numpy.typing import NDArray

from stslocal.audio.containers import VideoContainer
from stslocal.audio.frames import FrameDecoder, samples_of
from stslocal.audio.opening import open_container
from stslocal.audio.resample import Resampler

if TYPE_CHECKING:
    from av.container import OutputContainer
    from av.packet import Packet

DEFAULT, DUB, ORIGINAL = 0x1, 0x2, 0x4
"""FFmpeg's dispositions of a track."""
_RATE = 48_000
"""Hertz; both AAC and Opus have it."""
_OTHER_CHANNEL = 0.6
"""Bits of each channel after the first one, as a part of those of mono."""
_MILLISECOND = Fraction(1, 1000)
_LONGEST_TEXT = 0xFFFF
_TEXT_HEADER = b"""[Script Info]
ScriptType: v4.00+
PlayResX: 384
PlayResY: 288

[V4+ Styles]
Format: Name, Fontname, Fontsize, PrimaryColour, SecondaryColour, OutlineColour, BackColour, Bold, \
Italic, Underline, StrikeOut, ScaleX, ScaleY, Spacing, Angle, BorderStyle, Outline, Shadow, \
Alignment, MarginL, MarginR, MarginV, Encoding
Style: Default,Arial,16,&Hffffff,&Hffffff,&H0,&H0,0,0,0,0,100,100,0,0,1,1,0,2,10,10,10,0

[Events]
Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text
"""
"""The style that FFmpeg's encoders of subtitles want to know: white, at the bottom."""


@dataclass(frozen=True, slots=True)
class TextTrack:
    """Subtitles that become a stream, which a player shows when a person wants it."""

    language: str
    """ISO 639, three letters."""
    title: str
    cues: Sequence[tuple[float, float, str]]
    """Start and end in seconds, and the text. In order, and never overlapping."""


@dataclass(frozen=True, slots=True)
class NewTracks:
    """What is added to a video."""

    sound: Path | None
    """The translated sound, mono or stereo: sample 0 is time 0 of `read_blocks`. None where there
    is none."""
    language: str
    """ISO 639, three letters."""
    title: str
    texts: Sequence[TextTrack] = ()
    source_track: int = 1
    """The audio track, from 1, that was translated."""
    source_language: str = ""
    """The language that was recognized in it, for a track without a tag; empty: not known."""
    replaces_source: bool = False
    """Whether the translated track is left out."""


def add_sound(output: OutputContainer, container: VideoContainer, new: NewTracks) -> Any:
    """Add the stream of the translated sound, which players choose by themselves."""
    assert new.sound is not None, "it is added only where there is one"
    with new.sound.open("rb") as file, closing(open_container(file, str(new.sound))) as given:
        layout = given.streams.audio[0].codec_context.layout
        channels = layout.nb_channels
        name = {1: "mono", 2: "stereo"}.get(channels, layout.name)
    stream: Any = output.add_stream(container.sound_codec, rate=_RATE, layout=name)
    stream.bit_rate = round(container.mono_bit_rate * (1 + _OTHER_CHANNEL * (channels - 1)))
    stream.time_base = Fraction(1, _RATE)
    _name(stream, new.language, new.title, is_mov=container.is_mov)
    stream.disposition = DEFAULT | DUB
    return stream


def add_text(output: OutputContainer, container: VideoContainer, track: TextTrack) -> Any:
    """Add a stream of subtitles, which a player shows when a person chooses it."""
    stream: Any = output.add_stream(container.text_codec)
    stream.codec_context.subtitle_header = _TEXT_HEADER
    stream.time_base = _MILLISECOND
    _name(stream, track.language, track.title, is_mov=container.is_mov)
    stream.disposition = 0
    return stream


def sound_packets(path: Path | None, stream: Any) -> Iterator[Packet[Any]]:
    """Encode a sound file for a stream of `add_sound`. A second of it is in memory at most."""
    if path is None:
        return
    layout, encoded = stream.codec_context.layout.name, 0
    for samples in _sound(path):
        packed = np.ascontiguousarray(np.clip(samples, -1.0, 1.0)).reshape(1, -1)
        frame = av.AudioFrame.from_ndarray(packed, format="flt", layout=layout)
        frame.sample_rate, frame.time_base = _RATE, Fraction(1, _RATE)
        frame.pts, encoded = encoded, encoded + len(samples)
        yield from stream.encode(frame)
    yield from stream.encode(None)


def text_packets(track: TextTrack, stream: Any) -> Iterator[Packet[Any]]:
    """The subtitles of a track for a stream of `add_text`: a packet a cue."""
    codec = stream.codec_context.codec.canonical_name
    for start_s, end_s, text in track.cues:
        data = (escape(text, quote=False) if codec == "webvtt" else text).encode(errors="replace")
        if codec == "mov_text":  # the length comes first
            data = struct.pack(">H", len(data[:_LONGEST_TEXT])) + data[:_LONGEST_TEXT]
        packet: Any = av.Packet(data)
        packet.stream, packet.time_base = stream, _MILLISECOND
        packet.pts = packet.dts = round(start_s * 1000)
        packet.duration = max(1, round(end_s * 1000) - packet.pts)
        packet.is_keyframe = True
        yield packet


def _sound(path: Path) -> Iterator[NDArray[np.float32]]:
    """The samples of a sound file at the rate of the stream, shape (n, channels)."""
    with path.open("rb") as file, closing(open_container(file, str(path))) as container:
        given = container.streams.audio[0]
        rate, channels = given.codec_context.sample_rate, given.codec_context.channels
        decoder = FrameDecoder(given)
        resamplers = [Resampler(rate, _RATE) for _ in range(channels)]
        for packet in container.demux(given):
            for frame in decoder.decode(packet):
                columns = samples_of(frame).T
                made = [one.process(each) for one, each in zip(resamplers, columns, strict=True)]
                if len(made[0]):
                    yield np.stack(made, axis=1)
        rest = [one.flush() for one in resamplers]
        if len(rest[0]):
            yield np.stack(rest, axis=1)


def _name(stream: Any, language: str, title: str, *, is_mov: bool) -> None:
    stream.metadata.update({"language": language, "title": title})
    if is_mov:
        stream.metadata["handler_name"] = title  # what most players show
