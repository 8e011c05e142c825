"""Recordings with many channels or tracks, made by FFmpeg in memory, for the tests of decoding."""

from __future__ import annotations

import io
import struct
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

import av
import numpy as np

from stslocal.types import Samples


def tone(seconds: float, rate: int = 48_000, frequency: float = 440.0) -> Samples:
    time = np.arange(round(rate * seconds)) / rate
    return (0.5 * np.sin(2 * np.pi * frequency * time)).astype(np.float32)


def encoded(
    tracks: Sequence[Samples],
    *,
    container: str,
    codec: str,
    layout: str,
    rate: int = 48_000,
    tags: Mapping[str, str] | None = None,
    languages: Sequence[str] = (),
    default: int | None = None,
    format: str = "flt",
) -> bytes:
    """Encode tracks, each of shape (channels, n); `default` is the index of the default track."""
    file = io.BytesIO()
    with av.open(file, "w", format=container) as output:
        output.metadata.update(tags or {})
        streams: list[Any] = [output.add_stream(codec, rate=rate, layout=layout) for _ in tracks]
        for index, stream in enumerate(streams):
            if languages:
                stream.metadata["language"] = languages[index]
            if default is not None:
                stream.disposition = 1 if index == default else 0
        for stream, channels in zip(streams, tracks, strict=True):
            step = 960
            for at in range(0, channels.shape[1], step):
                packed = np.ascontiguousarray(channels[:, at : at + step].T).reshape(1, -1)
                if format == "s16":
                    packed = np.round(packed * 32767).astype(np.int16)
                frame = av.AudioFrame.from_ndarray(packed, format=format, layout=layout)
                frame.sample_rate, frame.time_base, frame.pts = rate, Fraction(1, rate), at
                output.mux(stream.encode(frame))
            output.mux(stream.encode(None))
    return file.getvalue()


def caf(labels: Sequence[int], channels: Samples, rate: int = 16_000) -> bytes:
    """A CAF whose channels have an order of their own: 1 is left, 2 right, 3 the centre."""
    pcm = np.round(channels.T * 32767).astype(">i2").tobytes()
    count = len(labels)
    description = struct.pack(">d4sIIIII", rate, b"lpcm", 0, 2 * count, 1, count, 16)
    layout = struct.pack(">III", 0, 0, count)
    layout += b"".join(struct.pack(">IIfff", label, 0, 0, 0, 0) for label in labels)
    chunks = [(b"desc", description), (b"chan", layout), (b"data", bytes(4) + pcm)]
    return b"caff" + struct.pack(">HH", 1, 0) + b"".join(
        kind + struct.pack(">q", len(data)) + data for kind, data in chunks
    )  # fmt: skip
