"""Decodes recordings of any format, video included, to blocks of mono samples.

FFmpeg decodes, through PyAV. This module opens the file and gives FFmpeg the open stream. FFmpeg
may open nothing by itself, so a playlist cannot make it read other files or use the network.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, TypeAlias

import av
import numpy as np
from numpy.typing import NDArray

from stslocal.audio.resample import Resampler, downmix, from_int16
from stslocal.audio.timeline import Timeline
from stslocal.errors import AudioDecodeError
from stslocal.types import RECOGNITION_RATE, Samples

if TYPE_CHECKING:
    from av.audio.frame import AudioFrame
    from av.audio.stream import AudioStream
    from av.container import InputContainer

Source: TypeAlias = Path | str | BinaryIO
"""A path or a binary stream. The stream need not be seekable: a pipe will do."""

_log = logging.getLogger(__name__)

# Share of each channel of a surround mix in mono, from ITU-R BS.775. Other channels count as
# surround channels.
_MONO_GAINS = {"FL": 0.7071, "FR": 0.7071, "FC": 1.0, "FLC": 0.7071, "FRC": 0.7071, "LFE": 0.0}
_SURROUND_GAIN = 0.5


@dataclass(frozen=True, slots=True)
class AudioInfo:
    """What a file declares about its first audio stream; nothing is decoded for it."""

    name: str
    container: str
    """FFmpeg's name of the container, such as `wav` or `matroska,webm`."""
    codec: str
    sample_rate: int
    """Hertz."""
    channels: int
    duration_s: float | None
    """As declared: a damaged file may declare a wrong value. None if nothing is declared."""


def probe(source: Source) -> AudioInfo:
    """Describe a recording without decoding it. Raises AudioDecodeError as `read_blocks` does."""
    name = _name(source)
    with open_recording(source) as file, closing(_open_container(file, name)) as container:
        stream = _audio_stream(container, name)
        return AudioInfo(
            name=name,
            container=container.format.name,
            codec=stream.codec_context.name,
            sample_rate=stream.codec_context.sample_rate,
            channels=stream.codec_context.channels,
            duration_s=_declared_s(container, stream) or _total_s(container),
        )


def read_blocks(
    source: Source,
    *,
    sample_rate: int = RECOGNITION_RATE,
    block_s: float = 1.0,
    on_warning: Callable[[str], None] = _log.warning,
) -> Iterator[Samples]:
    """Decode the first audio stream to mono at `sample_rate`, in blocks of `block_s` seconds.

    Each block is a new array of shape (n,); the last one may be shorter. Only one block is in
    memory at a time. Sample 0 is the container's time 0: silence fills the time before a stream
    that starts later, and gaps in it. Damaged packets are left out. At the end `on_warning`
    reports them, and a recording that ends before its declared end.

    Raises AudioDecodeError at the first block or a later one, with the file's name and the fault.
    """
    size = max(1, round(block_s * sample_rate))
    name = _name(source)
    with open_recording(source) as file, closing(_open_container(file, name)) as container:
        pieces = _decode(container, _audio_stream(container, name), name, sample_rate, on_warning)
        block, filled = np.empty(size, np.float32), 0
        for piece in pieces:
            taken = 0
            while taken < len(piece):
                count = min(size - filled, len(piece) - taken)
                block[filled : filled + count] = piece[taken : taken + count]
                filled, taken = filled + count, taken + count
                if filled == size:
                    yield block
                    block, filled = np.empty(size, np.float32), 0
        if filled:
            yield block[:filled]


def read_audio(source: Source, *, sample_rate: int = RECOGNITION_RATE) -> Samples:
    """Decode a short recording, such as a reference, at once: mono, shape (n,)."""
    return np.concatenate(list(read_blocks(source, sample_rate=sample_rate, block_s=30.0)))


def _name(source: Source) -> str:
    return str(source if isinstance(source, Path | str) else getattr(source, "name", "the input"))


def open_recording(source: Source) -> AbstractContextManager[BinaryIO]:
    """Open a file to read; a stream is given back, and not closed at the end of the block."""
    if not isinstance(source, Path | str):
        return nullcontext(source)
    path = Path(source)
    try:
        file = path.open("rb")
    except FileNotFoundError:
        raise AudioDecodeError(f"{path} does not exist: check the name") from None
    except IsADirectoryError:
        raise AudioDecodeError(f"{path} is a folder: name a recording in it") from None
    except PermissionError:
        if path.is_dir():  # Windows refuses to open a folder with this error
            raise AudioDecodeError(f"{path} is a folder: name a recording in it") from None
        raise AudioDecodeError(f"{path} may not be read: change its permissions") from None
    except OSError as error:
        raise AudioDecodeError(f"{path} cannot be read: {error.strerror}") from error
    if os.fstat(file.fileno()).st_size == 0 and path.is_file():
        file.close()
        raise AudioDecodeError(f"{path} is empty (0 bytes): copy or record it again")
    return file


def _open_container(file: BinaryIO, name: str) -> InputContainer:
    try:
        return av.open(file, "r", options={"protocol_whitelist": "none"})
    except av.FFmpegError as error:
        raise AudioDecodeError(
            f"{name} is not a recording that FFmpeg can read, or it is cut off at the start:"
            " check that it plays"
        ) from error


def _audio_stream(container: InputContainer, name: str) -> AudioStream:
    if not container.streams.audio:
        raise AudioDecodeError(f"{name} has no audio stream: choose a recording with sound")
    stream = container.streams.audio[0]
    if stream.codec_context is None:
        raise AudioDecodeError(f"{name} has audio in a format unknown to FFmpeg: convert it first")
    if stream.codec_context.channels == 0 or stream.codec_context.sample_rate == 0:
        raise AudioDecodeError(f"{name} declares 0 channels or 0 Hz: convert or record it again")
    return stream


def _declared_s(container: InputContainer, stream: AudioStream) -> float | None:
    """Length in seconds: the stream's, else the container's if it holds no other stream."""
    if stream.duration is not None and stream.time_base is not None:
        return float(stream.duration * stream.time_base)
    return _total_s(container) if len(container.streams) == 1 else None


def _total_s(container: InputContainer) -> float | None:
    return None if container.duration is None else container.duration / av.time_base


def _decode(
    container: InputContainer,
    stream: AudioStream,
    name: str,
    sample_rate: int,
    on_warning: Callable[[str], None],
) -> Iterator[Samples]:
    """Yield mono pieces at `sample_rate`, with silence where the stream has a gap."""
    zero_s = max(0, container.start_time or 0) / av.time_base
    timeline = Timeline(_total_s(container))
    resampler = Resampler(stream.codec_context.sample_rate, sample_rate)
    damage = _Damage()
    decoded = 0
    for frame in _frames(container, stream, damage):
        rate = frame.sample_rate
        if rate != resampler.source_rate:
            yield resampler.flush()
            resampler = Resampler(rate, sample_rate)
        start_s = None if frame.time is None else frame.time - zero_s
        for chunk in _silence(round(rate * timeline.place(start_s, frame.samples / rate)), rate):
            yield resampler.process(chunk)
        yield resampler.process(_mono(frame))
        decoded += frame.samples
    if not decoded:
        fault = "nothing in it can be decoded" if damage.packets else "it holds no sound"
        raise AudioDecodeError(f"{name}: {fault} (0 s): record or copy it again")
    yield resampler.flush()
    for warning in _warnings(timeline, damage, _declared_s(container, stream)):
        on_warning(f"{name}: {warning}")


def _warnings(timeline: Timeline, damage: _Damage, declared_s: float | None) -> Iterator[str]:
    end_s = timeline.position_s
    if damage.packets:
        yield f"damaged packets left out: {damage.packets}"
    if damage.end:
        yield f"reading stopped at {end_s:.1f} s: {damage.end}"
    elif declared_s is not None and end_s < declared_s - max(0.25, 0.02 * declared_s):
        yield f"it ends at {end_s:.1f} s but declares {declared_s:.1f} s: it may have been cut off"
    if timeline.jumps:
        yield f"its clock jumps ({timeline.jumps} times): the parts are joined without a gap"


@dataclass(slots=True)
class _Damage:
    packets: int = 0
    end: str = ""


def _frames(
    container: InputContainer, stream: AudioStream, damage: _Damage
) -> Iterator[AudioFrame]:
    packets = container.demux(stream)
    while True:
        try:
            packet = next(packets)
        except StopIteration:
            return
        except (av.FFmpegError, OSError) as error:
            damage.end = error.strerror or str(error)
            return
        try:
            frames = packet.decode()
        except av.FFmpegError:
            damage.packets += 1
            continue
        yield from frames


def _silence(count: int, rate: int) -> Iterator[Samples]:
    for start in range(0, count, rate):
        yield np.zeros(min(rate, count - start), np.float32)


def _mono(frame: AudioFrame) -> Samples:
    pcm: NDArray[Any] = frame.to_ndarray()
    channels = frame.layout.channels
    frames = _from_pcm(pcm.T if frame.format.is_planar else pcm.reshape(-1, len(channels)))
    gains = None
    if len(channels) > 2:
        gains = [_MONO_GAINS.get(channel.name, _SURROUND_GAIN) for channel in channels]
    mixed = downmix(frames, gains)
    if not np.isfinite(mixed).all():  # one such value would spoil all later ones in the resampler
        return np.nan_to_num(mixed, nan=0.0, posinf=1.0, neginf=-1.0)
    return mixed


def _from_pcm(pcm: NDArray[Any]) -> NDArray[np.float32]:
    if pcm.dtype == np.uint8:
        pcm = (pcm.astype(np.int16) - 128) << 8
    if pcm.dtype == np.int16:
        return from_int16(pcm)
    if pcm.dtype.kind == "i":
        pcm = pcm * 0.5 ** (8 * pcm.dtype.itemsize - 1)
    return pcm.astype(np.float32, copy=False)
