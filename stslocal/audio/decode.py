"""Decodes recordings of any format, video included, to blocks of mono samples."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, BinaryIO

import av
import numpy as np
from numpy.typing import NDArray

from stslocal.audio.blocks import in_blocks, silence
from stslocal.audio.containers import has_moving_pictures
from stslocal.audio.frames import FrameDecoder, samples_of
from stslocal.audio.mixing import ChannelMix, MeasuredMix, StereoMix
from stslocal.audio.opening import (
    Source,
    declared_growth,
    declared_s,
    name_of_source,
    open_container,
    open_source,
    readable_packets,
    size_of,
    total_s,
)
from stslocal.audio.resample import Resampler
from stslocal.audio.timeline import Timeline
from stslocal.audio.tracks import SoundChoice, by_preference, describe, number_of
from stslocal.errors import AudioDecodeError
from stslocal.types import RECOGNITION_RATE, Samples

if TYPE_CHECKING:
    from av.audio.frame import AudioFrame
    from av.audio.stream import AudioStream
    from av.container import InputContainer

__all__ = [
    "AudioInfo",
    "SoundChoice",
    "Source",
    "check_sound",
    "probe",
    "read_audio",
    "read_blocks",
    "track_to_read",
]

_log = logging.getLogger(__name__)

_ANY_SOUND = SoundChoice()
_SOUND_PEAK = 1e-3
"""A track whose peak is below this is silent: -60 dBFS."""
_SILENT_S = 3600.0
"""A track that is silent for so long gives way to another: a small file may hold days of it."""


@dataclass(frozen=True, slots=True)
class AudioInfo:
    """What a file declares about the audio track that is read; nothing is decoded for it."""

    name: str
    container: str
    """FFmpeg's name of the container, such as `wav` or `matroska,webm`."""
    codec: str
    sample_rate: int
    """Hertz."""
    channels: int
    duration_s: float | None
    """As declared: a damaged file may declare a wrong value. None if nothing is declared."""
    has_pictures: bool = False
    """Whether it is a video: it has moving pictures, and not only a cover."""


def probe(source: Source, choice: SoundChoice = _ANY_SOUND) -> AudioInfo:
    """Describe a recording without decoding it. Raises AudioDecodeError as `read_blocks` does."""
    name = name_of_source(source)
    with open_source(source) as file, closing(open_container(file, name)) as container:
        stream = by_preference(container, name, choice)[0]
        return AudioInfo(
            name=name,
            container=container.format.name,
            codec=stream.codec_context.name,
            sample_rate=stream.codec_context.sample_rate,
            channels=stream.codec_context.channels,
            duration_s=declared_s(container, stream) or total_s(container),
            has_pictures=has_moving_pictures(container),
        )


def check_sound(source: Source, choice: SoundChoice = _ANY_SOUND) -> None:
    """Decode the beginning of a recording. Raises AudioDecodeError as `read_blocks` does."""
    for _ in read_blocks(source, choice=choice, on_warning=lambda warning: None):
        return


def read_blocks(
    source: Source,
    *,
    sample_rate: int = RECOGNITION_RATE,
    block_s: float = 1.0,
    choice: SoundChoice = _ANY_SOUND,
    stereo: bool = False,
    measured: bool = False,
    on_warning: Callable[[str], None] = _log.warning,
) -> Iterator[Samples]:
    """Decode an audio track to mono at `sample_rate`, in blocks of `block_s` seconds.

    Each block is a new array of shape (n,), (n, 2) in `stereo`, or (n, 3) where it is `measured`:
    mono, and stereo, which is as loud as the recording. The last one may be shorter. Only one
    block is in memory at a time. Sample 0 is the container's time 0: silence fills the time before
    a stream that starts later, and gaps in it. Damaged packets are left out. At the end
    `on_warning` reports them, a recording that ends before its declared end, and tracks that were
    not read.

    Raises AudioDecodeError at the first block or a later one, with the file's name and the fault.
    """
    name = name_of_source(source)
    with open_source(source) as file:
        number = track_to_read(file, name, choice)
        growth, bytes_ = declared_growth(file), size_of(file)
        with closing(open_container(file, name)) as container:
            tracks = container.streams.audio
            stream = tracks[number - 1] if number else by_preference(container, name, choice)[0]
            decoding = _Decoding(
                name, FrameDecoder(stream), Timeline(total_s(container), bytes_), growth
            )
            mixing = (MeasuredMix if measured else StereoMix if stereo else ChannelMix)(
                choice.channel
            )
            pieces = decoding.pieces(container, stream, sample_rate, choice.channel, mixing)
            yield from in_blocks(pieces, max(1, round(block_s * sample_rate)))
            if not decoding.decoded:
                raise AudioDecodeError(f"{name}{decoding.why_nothing(container, bytes_ is None)}")
            for warning in decoding.warnings(declared_s(container, stream)):
                on_warning(f"{name}: {warning}")
            if choice.track is None and len(tracks) > 1:
                on_warning(
                    f"{name}: it has {len(tracks)} audio tracks, and track "
                    f"{describe(container, stream)} was read: --audio-track chooses another"
                )


def read_audio(source: Source, *, sample_rate: int = RECOGNITION_RATE) -> Samples:
    """Decode a short recording, such as a reference, at once: mono, shape (n,)."""
    return np.concatenate(list(read_blocks(source, sample_rate=sample_rate, block_s=30.0)))


def track_to_read(file: BinaryIO, name: str, choice: SoundChoice) -> int | None:
    """The number of the first track in order of preference that is not silent.

    None for a pipe, which cannot be read twice: there the first one in order is read.
    """
    if size_of(file) is None:
        return None
    start = file.tell()
    with closing(open_container(file, name)) as container:
        numbers = [number_of(container, t) for t in by_preference(container, name, choice)]
    file.seek(start)
    if len(numbers) == 1:
        return numbers[0]
    for number in numbers:
        with closing(open_container(file, name)) as container:
            found = _has_sound(container, container.streams.audio[number - 1])
        file.seek(start)
        if found:
            return number
    return numbers[0]


def _has_sound(container: InputContainer, stream: AudioStream) -> bool:
    silent_s = 0.0
    for frame, samples in _frames(container, stream, FrameDecoder(stream), _End()):
        silent_s += len(samples) / max(1, frame.sample_rate)
        if (np.abs(samples) > _SOUND_PEAK).any():
            return True
        if silent_s > _SILENT_S:
            return False
    return False


@dataclass(slots=True)
class _End:
    """Why reading stopped before the end; empty when it did not."""

    reason: str = ""


def _frames(
    container: InputContainer, stream: AudioStream, decoder: FrameDecoder, end: _End
) -> Iterator[tuple[AudioFrame, NDArray[np.float32]]]:
    """Yield each frame with its samples, shape (n, channels)."""

    def stopped(reason: str) -> None:
        end.reason = reason

    for packet in readable_packets(container.demux(stream), stopped):
        for frame in decoder.decode(packet):
            try:
                samples = samples_of(frame)
            except (KeyError, ValueError):  # planes that are shorter than the frame declares
                decoder.damaged += 1
            else:
                yield frame, samples


@dataclass(slots=True)
class _Decoding:
    """One recording while it is decoded."""

    name: str
    decoder: FrameDecoder
    timeline: Timeline
    growth: float
    """How many times longer the recording is by its header than in the file."""
    end: _End = field(default_factory=_End)
    decoded: int = 0
    """Frames so far."""

    def pieces(
        self,
        container: InputContainer,
        stream: AudioStream,
        sample_rate: int,
        channel: int | None,
        mixing: ChannelMix | StereoMix | MeasuredMix,
    ) -> Iterator[Samples]:
        """Yield pieces at `sample_rate`, with silence where the stream has a gap."""
        declared = self.decoder.names
        if channel is not None and not 1 <= channel <= len(declared):
            raise AudioDecodeError(
                f"{self.name} has no channel {channel}: name one from 1 to {len(declared)} with "
                "--channel"
            )
        zero_s = max(0, container.start_time or 0) / av.time_base
        rate = stream.codec_context.sample_rate
        resampler = Resampler(rate, sample_rate, mixing.channels)
        for frame, samples in _frames(container, stream, self.decoder, self.end):
            if frame.sample_rate != rate:
                yield resampler.flush()
                rate = frame.sample_rate
                resampler = Resampler(rate, sample_rate, mixing.channels)
            names = declared
            if len(names) != samples.shape[1]:
                names = tuple(channel.name for channel in frame.layout.channels)
            start_s = None if frame.time is None else frame.time - zero_s
            silence_s = self.timeline.place(start_s, len(samples) / rate)
            for chunk in silence(round(rate * silence_s), rate, mixing.channels):
                yield resampler.process(chunk)
            yield resampler.process(mixing.mix(samples, names, rate))
            self.decoded += len(samples)
        yield resampler.flush()

    def why_nothing(self, container: InputContainer, is_pipe: bool) -> str:
        """Why no sound was decoded, to follow the recording's name."""
        if is_pipe and "mp4" in container.format.name:
            return " has its index at its end, which a pipe brings too late: name the file instead"
        fault = "nothing in it can be decoded" if self.decoder.damaged else "it holds no sound"
        return f": {fault} (0 s): record or copy it again"

    def warnings(self, length_s: float | None) -> Iterator[str]:
        """Say what is missing; `length_s` is the length that FFmpeg believes."""
        end_s = self.timeline.position_s
        if self.growth > 1.0:
            length_s = end_s * self.growth
        if self.decoder.damaged:
            yield f"damaged packets left out: {self.decoder.damaged}"
        if self.end.reason:
            yield f"reading stopped at {end_s:.1f} s: {self.end.reason}"
        elif length_s is not None and end_s < length_s - max(0.25, 0.02 * length_s):
            declared = f"declares {length_s:.1f} s"
            yield f"it ends at {end_s:.1f} s but {declared}: it may have been cut off"
        if self.timeline.jumps:
            yield (
                f"its clock jumps ({self.timeline.jumps} times): the parts are joined without a gap"
            )
