"""Decodes the packets of an audio stream to frames, and reads their samples, without crashes.

Two faults of PyAV (15 to 18) end the process, and no exception can prevent that:

* `AudioFrame.planes` (and so `to_ndarray`) counts planes up to a null pointer that FFmpeg does not
  promise: with 8 or more planar channels it reads memory that is not the frame's. Here each plane
  is opened by its index, below the frame's channel count.
* `AudioLayout` copies a layout without its channel map and frees the map with each copy. A
  recording whose channels have an order of their own (CAF and MOV with right before left) frees
  it twice. Here the decoder gets a layout without a map before it decodes.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import av
import numpy as np
from av.audio import plane
from numpy.typing import NDArray

from stslocal.audio.resample import from_int16

if TYPE_CHECKING:
    from av.audio.codeccontext import AudioCodecContext
    from av.audio.frame import AudioFrame
    from av.audio.stream import AudioStream
    from av.container import InputContainer
    from av.packet import Packet

LOWEST_RATE = 1000
"""Hertz. Lower rates are damage: one frame of them would be hours of sound."""
HIGHEST_RATE = 1 << 22
"""Hertz. Higher rates are damage."""

_DTYPES = {"u8": "u1", "s16": "i2", "s32": "i4", "s64": "i8", "flt": "f4", "dbl": "f8"}


def make_layouts_safe(container: InputContainer) -> None:
    """Give each decoder a layout without a channel map.

    Must be called before anything asks a stream for its layout or its number of channels.
    """
    for stream in container.streams.audio:
        if stream.codec_context is not None:
            layout = stream.codec_context.layout
            plain = layout.name
            if " channels" in plain or plain.startswith("ambisonic"):
                plain = f"{layout.nb_channels} channels"
            # `layout` is now the only owner of a channel map, which it frees once.
            if layout.nb_channels:
                stream.codec_context.layout = plain


class FrameDecoder:
    """Decodes the packets of one stream. Leaves out damaged packets and counts them."""

    def __init__(self, stream: AudioStream) -> None:
        self.names = tuple(channel.name for channel in stream.codec_context.layout.channels)
        """The declared channels."""
        self.damaged = 0
        """Packets and frames that were left out."""
        self._original = self._context = stream.codec_context
        self._channels = len(self.names)
        self._held: AudioFrame | None = None
        """A frame with another channel count than the ones before, until the next confirms it."""

    def decode(self, packet: Packet[Any]) -> Iterator[AudioFrame]:
        """Decode a packet; the empty packet at the end of a stream gives the last frames."""
        try:
            frames = self._context.decode(packet)
        except Exception:  # noqa: BLE001 - whatever it is: one packet is lost, the others are not
            self.damaged += 1
            return
        for frame in frames:
            yield from self._accept(frame)

    def _accept(self, frame: AudioFrame) -> Iterator[AudioFrame]:
        count = frame.layout.nb_channels
        if count < 1 or not LOWEST_RATE <= frame.sample_rate <= HIGHEST_RATE:
            self.damaged += 1
            return
        held, self._held = self._held, None
        if held is not None and held.layout.nb_channels == count:
            yield held
            self._channels = count
        elif held is not None:
            self.damaged += 1
        if count != self._channels and count > 2:
            # A real change goes on with the next frame; a count that damage made does not, unless
            # the decoder keeps it, as that of AAC does.
            self._held = frame
            if self._context.name.startswith("aac"):
                self._context = self._fresh()
            return
        self._channels = count
        yield frame

    def _fresh(self) -> AudioCodecContext:
        old = self._original
        fresh: Any = av.CodecContext.create(old.name, "r")
        fresh.extradata = old.extradata
        fresh.sample_rate = old.sample_rate
        fresh.layout = old.layout.name
        return fresh  # type: ignore[no-any-return]


def samples_of(frame: AudioFrame) -> NDArray[np.float32]:
    """The samples of a frame, shape (n, channels), full scale 1. Raises ValueError for damage."""
    channels = frame.layout.nb_channels
    planar = frame.format.is_planar
    dtype = np.dtype(_DTYPES[frame.format.name.removesuffix("p") if planar else frame.format.name])
    count = frame.samples if planar else frame.samples * channels
    planes = [
        np.frombuffer(memoryview(_plane(frame, index)), dtype, count)
        for index in range(channels if planar else 1)
    ]
    pcm: NDArray[Any] = np.stack(planes, axis=1) if planar else planes[0].reshape(-1, channels)
    return _from_pcm(pcm)


def _plane(frame: AudioFrame, index: int) -> plane.AudioPlane:
    make: Any = plane.AudioPlane  # takes these arguments, which its type stub does not declare
    return make(frame, index)  # type: ignore[no-any-return]


def _from_pcm(pcm: NDArray[Any]) -> NDArray[np.float32]:
    if pcm.dtype == np.uint8:
        pcm = (pcm.astype(np.int16) - 128) << 8
    if pcm.dtype == np.int16:
        return from_int16(pcm)
    if pcm.dtype.kind == "i":
        pcm = pcm * 0.5 ** (8 * pcm.dtype.itemsize - 1)
    with np.errstate(over="ignore", invalid="ignore"):
        return pcm.astype(np.float32, copy=False)
