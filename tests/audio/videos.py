"""Small videos for the tests of containers, made by FFmpeg: a flash and a click each second or so.

The picture is black, and white for one frame where a click begins, so that a test can find how far
sound and picture are apart.
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np

from stslocal.types import Samples

WIDTH, HEIGHT = 64, 48
RATE = 48_000
MUXERS = {"mp4": "mp4", "mov": "mov", "mkv": "matroska", "webm": "webm", "ts": "mpegts",
          "avi": "avi"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Track:
    """An audio track of a test video."""

    samples: Samples
    language: str = ""
    codec: str = ""
    disposition: int = 0
    start_s: float = 0.0
    """When its first sample sounds."""


def clicks(times_s: Sequence[float], length_s: float, rate: int = RATE) -> Samples:
    """Short bursts of noise, each one different, so that a correlation finds one place only."""
    sound = np.zeros(round(length_s * rate), np.float32)
    for number, time_s in enumerate(times_s):
        burst = 0.7 * np.random.default_rng(number).standard_normal(round(0.02 * rate))
        at = round(time_s * rate)
        sound[at : at + len(burst)] = np.clip(burst, -1, 1)[: len(sound) - at]
    return sound


def make_video(
    path: Path,
    flashes_s: Sequence[float],
    length_s: float,
    tracks: Sequence[Track],
    *,
    form: str = "",
    codec: str = "",
    frame_times_s: Sequence[float] | None = None,
    options: Mapping[str, str] | None = None,
    offset_s: float = 0.0,
    tags: Mapping[str, str] | None = None,
    chapters: Sequence[tuple[float, float, str]] = (),
    texts: Sequence[tuple[float, float, str]] = (),
    attachment: bytes = b"",
    cover: bytes = b"",
) -> Path:
    """Write a video of 25 pictures a second, or with `frame_times_s`; all times grow by `offset_s`.

    `form` is a key of MUXERS; by default the suffix of `path`.
    """
    form = form or path.suffix[1:]
    is_webm = form == "webm"
    times = frame_times_s or [number / 25 for number in range(round(25 * length_s))]
    with av.open(path, "w", format=MUXERS[form], container_options=dict(options or {})) as output:
        output.metadata.update(tags or {})
        pictures: Any = output.add_stream(
            codec or ("libvpx" if is_webm else "mpeg4" if form == "avi" else "libx264"),
            rate=25,
            options={} if codec else {"cpu-used": "8", "deadline": "realtime"}
            if is_webm
            else {} if form == "avi" else {"preset": "ultrafast", "bf": "2"},
        )  # fmt: skip
        pictures.width, pictures.height = WIDTH, HEIGHT
        pictures.codec_context.time_base = Fraction(1, 1000)
        pictures.time_base = Fraction(1, 1000)
        sounds = []
        for track in tracks:
            sound: Any = output.add_stream(
                track.codec or ("libopus" if is_webm else "mp2" if form == "avi" else "aac"),
                rate=RATE,
                layout="mono",
            )
            if track.language:
                sound.metadata["language"] = track.language
            sound.disposition = track.disposition
            sounds.append(sound)
        text: Any = output.add_mux_stream("subrip") if texts else None
        if cover:
            picture: Any = output.add_mux_stream("mjpeg", width=WIDTH, height=HEIGHT)
            picture.disposition = 0x400
        if attachment:
            output.add_attachment("letters.ttf", "application/x-truetype-font", attachment)
        if chapters:
            output.set_chapters([
                {
                    "id": number,
                    "start": round(1000 * start_s),
                    "end": round(1000 * end_s),
                    "time_base": Fraction(1, 1000),
                    "metadata": {"title": title},
                }
                for number, (start_s, end_s, title) in enumerate(chapters, 1)
            ])  # fmt: skip
        packets: list[Any] = []
        for time_s in times:
            is_lit = any(time_s <= flash + 1e-6 < time_s + 0.04 for flash in flashes_s)
            shade = np.full((HEIGHT, WIDTH, 3), 255 if is_lit else 0, np.uint8)
            frame = av.VideoFrame.from_ndarray(shade, format="rgb24")
            frame.pts, frame.time_base = round(1000 * (time_s + offset_s)), Fraction(1, 1000)
            packets += pictures.encode(frame)
        packets += pictures.encode(None)
        for sound, track in zip(sounds, tracks, strict=True):
            for at in range(0, len(track.samples), 960):
                part = np.ascontiguousarray(track.samples[np.newaxis, at : at + 960])
                chunk = av.AudioFrame.from_ndarray(part, format="flt", layout="mono")
                chunk.sample_rate, chunk.time_base = RATE, Fraction(1, RATE)
                chunk.pts = at + round((track.start_s + offset_s) * RATE)
                packets += sound.encode(chunk)
            packets += sound.encode(None)
        for start_s, end_s, words in texts:
            packets.append(_packet(text, words.encode(), start_s + offset_s, end_s - start_s))
        if cover:
            packets.append(_packet(picture, cover, 0.0, 0.0))
        for packet in sorted(packets, key=lambda one: float(one.dts * one.time_base)):
            output.mux(packet)
    return path


def jpeg() -> bytes:
    """A small picture."""
    file = io.BytesIO()
    with av.open(file, "w", format="mjpeg") as output:
        stream: Any = output.add_stream("mjpeg", rate=1)
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuvj420p"
        shade = np.full((HEIGHT, WIDTH, 3), 90, np.uint8)
        output.mux(stream.encode(av.VideoFrame.from_ndarray(shade, format="rgb24")))
        output.mux(stream.encode(None))
    return file.getvalue()


def rotated(video: bytes) -> bytes:
    """An mp4 whose picture is turned by a quarter, as phones write it: in the track's header."""
    at = video.index(b"tkhd")
    upright = b"".join(n.to_bytes(4, "big") for n in (1 << 16, 0, 0, 0, 1 << 16, 0, 0, 0, 1 << 30))
    turned = b"".join(
        n.to_bytes(4, "big") for n in (0, 1 << 16, 0, (1 << 32) - (1 << 16), 0, 0, 0, 0, 1 << 30)
    )
    place = video.index(upright, at)
    return video[:place] + turned + video[place + len(upright) :]


def flash_times(path: Path) -> list[float]:
    """When the white pictures of a video are shown, in seconds from its beginning."""
    with closing(av.open(path)) as container:
        zero_s = max(0, container.start_time or 0) / av.time_base
        stream = container.streams.video[0]
        return [
            float(frame.time) - zero_s
            for frame in container.decode(stream)
            if frame.to_ndarray(format="gray").mean() > 128
        ]


def packets_of(path: Path, kind: str, number: int = 0) -> list[bytes]:
    """The packets of a stream; `kind` is video, audio or subtitle."""
    with closing(av.open(path)) as container:
        stream = [one for one in container.streams if one.type == kind][number]
        return [bytes(packet) for packet in container.demux(stream) if packet.size]


def offset_s(sound: Samples, other: Samples, rate: int) -> float:
    """How much later `other` is than `sound`, in seconds, by their cross-correlation."""
    size = len(sound) + len(other)
    product = np.fft.rfft(other, size) * np.conj(np.fft.rfft(sound, size))
    at = int(np.argmax(np.fft.irfft(product, size)))
    return (at if at < size // 2 else at - size) / rate


def _packet(stream: Any, data: bytes, start_s: float, length_s: float) -> Any:
    packet: Any = av.Packet(data)
    packet.stream, packet.time_base = stream, Fraction(1, 1000)
    packet.pts = packet.dts = round(1000 * start_s)
    packet.duration = round(1000 * length_s)
    packet.is_keyframe = True
    return packet
