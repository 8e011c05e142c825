"""Reading recordings. They are made here with FFmpeg, so that every sample's position is known."""

from __future__ import annotations

import io
import os
import struct
import threading
import tracemalloc
import zlib
from collections.abc import Sequence
from contextlib import suppress
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from stslocal.audio.decode import probe, read_audio, read_blocks
from stslocal.errors import AudioDecodeError
from stslocal.types import Samples
from tests.audio.recordings import encoded

pytestmark = pytest.mark.unit

RATE = 48_000
SILENCE_RATE = 8_000


def tone(seconds: float, rate: int = RATE, frequency: float = 440.0) -> Samples:
    time = np.arange(round(rate * seconds)) / rate
    return (0.5 * np.sin(2 * np.pi * frequency * time)).astype(np.float32)


def clicks(seconds: float, at_s: Sequence[float], rate: int = RATE) -> Samples:
    """Silence with a tone burst of 50 ms at each of `at_s`."""
    samples = np.zeros(round(rate * seconds), np.float32)
    burst = tone(0.05, rate, 1000)
    for start_s in at_s:
        start = round(rate * start_s)
        samples[start : start + len(burst)] = burst
    return samples


def onsets(samples: Samples, rate: int = 16_000) -> list[float]:
    """When each burst starts, in seconds."""
    loud = np.flatnonzero(np.abs(samples) > 0.1)
    starts = loud[np.flatnonzero(np.diff(loud, prepend=-rate) > rate // 10)]
    return [round(float(start) / rate, 3) for start in starts]


def encode(
    path: Path | io.BytesIO,
    samples: Samples,
    *,
    container: str,
    codec: str,
    rate: int = RATE,
    layout: str = "mono",
    start_s: float = 0.0,
    gap: tuple[float, float] | None = None,
    video_s: float = 0.0,
    options: dict[str, str] | None = None,
) -> None:
    """Mux samples, shape (n,) or (channels, n), from `start_s` on, with `video_s` seconds of video.

    `gap` = (at, length): from `at` on, packets declare times that are `length` seconds later.
    """
    with av.open(path, "w", format=container, options=options or {}) as output:
        picture: Any = None
        if video_s:
            picture = output.add_stream("mpeg4", rate=10, width=32, height=32, pix_fmt="yuv420p")
        stream: Any = output.add_stream(codec, rate=rate, layout=layout)
        if picture:
            for at in range(round(10 * video_s)):
                image = av.VideoFrame(32, 32, "yuv420p")
                image.pts = at
                output.mux(picture.encode(image))
            output.mux(picture.encode(None))
        frames = np.atleast_2d(samples)
        step = 960
        for at in range(0, frames.shape[1], step):
            planar = np.ascontiguousarray(frames[:, at : at + step])
            frame = av.AudioFrame.from_ndarray(planar, format="fltp", layout=layout)
            frame.sample_rate, frame.time_base, frame.pts = rate, Fraction(1, rate), at
            for packet in stream.encode(frame):
                output.mux(_moved(packet, start_s, gap))
        for packet in stream.encode(None):
            output.mux(_moved(packet, start_s, gap))


def _moved(
    packet: av.Packet[Any], start_s: float, gap: tuple[float, float] | None
) -> av.Packet[Any]:
    assert packet.time_base is not None
    assert packet.pts is not None
    later_s = start_s
    if gap and packet.pts * packet.time_base >= gap[0]:
        later_s += gap[1]
    packet.pts += round(later_s / packet.time_base)
    packet.dts = packet.pts
    return packet


def wav(pcm: bytes, *, rate: int = 16_000, channels: int = 1, declared: int | None = None) -> bytes:
    size = len(pcm) if declared is None else declared
    width = 2 * channels
    head = struct.pack("<IHHIIHH", 16, 1, channels, rate, rate * width, width, 16)
    riff = min(36 + size, 0xFFFFFFFF)
    return (
        b"RIFF" + struct.pack("<I", riff) + b"WAVEfmt " + head
        + b"data" + struct.pack("<I", size) + pcm
    )  # fmt: skip


def warnings_of(source: Path | io.BytesIO) -> tuple[Samples, list[str]]:
    warnings: list[str] = []
    blocks = list(read_blocks(source, on_warning=warnings.append))
    return np.concatenate(blocks), warnings


@pytest.mark.parametrize(
    ("container", "codec", "tolerance"),
    [
        ("wav", "pcm_s16le", 1e-4),
        ("wav", "pcm_s24le", 1e-6),
        ("wav", "pcm_s32le", 1e-6),
        ("wav", "pcm_f32le", 1e-6),
        ("wav", "pcm_f64le", 1e-6),
        ("wav", "pcm_u8", 0.01),
        ("wav", "pcm_alaw", 0.02),
        ("aiff", "pcm_s16be", 1e-4),
        ("flac", "flac", 1e-4),
        ("mp3", "libmp3lame", 0.08),
        ("ogg", "libopus", 0.05),
        ("matroska", "libopus", 0.05),
        ("mp4", "aac", 0.08),
        ("mpegts", "mp2", 0.02),
        ("avi", "mp2", 0.02),
        ("ipod", "alac", 1e-4),
        ("caf", "pcm_s16be", 1e-4),
    ],
)
def test_every_container_and_codec_gives_the_sound_at_its_position(
    tmp_path: Path, container: str, codec: str, tolerance: float
) -> None:
    path = tmp_path / "recording"
    encode(path, tone(1.0), container=container, codec=codec)
    decoded = read_audio(path, sample_rate=RATE)
    assert 0 <= len(decoded) - RATE <= 2 * 1152, "more than a codec's padding"
    inner = slice(RATE // 4, 3 * RATE // 4)
    shift = 0
    if container in ("mpegts", "avi"):  # these containers do not store the encoder's delay
        correlation = np.correlate(decoded[RATE // 4 : 3 * RATE // 4 + 600], tone(1.0)[inner])
        shift = int(np.argmax(correlation))
    np.testing.assert_allclose(
        decoded[inner.start + shift : inner.stop + shift], tone(1.0)[inner], atol=tolerance
    )


def test_blocks_have_the_requested_length_and_contain_all_samples(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    path.write_bytes(wav(np.arange(16_000, dtype="<i2").tobytes()))
    blocks = list(read_blocks(path, block_s=0.3))
    assert [len(block) for block in blocks] == [4800, 4800, 4800, 1600]
    np.testing.assert_array_equal(np.concatenate(blocks) * 32768, np.arange(16_000))
    assert all(block.dtype == np.float32 for block in blocks)


@pytest.mark.parametrize("rate", [8000, 11025, 22050, 32000, 44100, 96000])
def test_any_rate_is_converted_to_the_requested_one(tmp_path: Path, rate: int) -> None:
    path = tmp_path / "a.wav"
    encode(path, clicks(2, [0.5, 1.5], rate), container="wav", codec="pcm_s16le", rate=rate)
    decoded = read_audio(path)
    assert len(decoded) == pytest.approx(32_000, abs=1)
    assert onsets(decoded) == pytest.approx([0.5, 1.5], abs=0.001)


def test_in_a_surround_mix_the_centre_channel_is_loudest(tmp_path: Path) -> None:
    levels = {}
    for channel in range(6):
        surround = np.zeros((6, RATE), np.float32)
        surround[channel] = tone(1.0)
        path = tmp_path / f"{channel}.wav"
        encode(path, surround, container="wav", codec="pcm_s16le", layout="5.1")
        levels[channel] = float(np.abs(read_audio(path)).max())
    left, right, centre, deep, back_left, back_right = levels.values()
    assert centre > left == pytest.approx(right, rel=0.01)
    assert left > back_left == pytest.approx(back_right, rel=0.01)
    assert deep == 0
    assert centre == pytest.approx(0.7071 * float(np.abs(tone(1.0)).max()), rel=0.01)


def test_stereo_becomes_the_mean_of_both_channels(tmp_path: Path) -> None:
    path = tmp_path / "a.mp3"
    both = np.stack([tone(1.0), 0.1 * tone(1.0)])
    encode(path, both, container="mp3", codec="libmp3lame", layout="stereo")
    assert np.abs(read_audio(path)).max() == pytest.approx(0.275, rel=0.05)


def test_probe_describes_a_file(tmp_path: Path) -> None:
    path = tmp_path / "film.mkv"
    both = np.stack([tone(2.0)] * 2)
    encode(path, both, container="matroska", codec="flac", layout="stereo", video_s=3)
    info = probe(path)
    assert (info.codec, info.sample_rate, info.channels) == ("flac", RATE, 2)
    assert info.name == str(path)
    assert info.container.startswith("matroska")
    assert info.duration_s == pytest.approx(2.0, abs=0.1), "of the sound, not of the pictures"
    assert info.has_pictures


def test_a_cover_makes_no_video_of_a_recording(tmp_path: Path) -> None:
    path = tmp_path / "song.mp3"
    encode(path, tone(2.0), container="mp3", codec="libmp3lame")
    assert not probe(path).has_pictures
    path.write_bytes(id3_with_cover() + path.read_bytes())
    with av.open(path) as container:
        assert len(container.streams.video) == 1
    assert not probe(path).has_pictures


def id3_with_cover() -> bytes:
    """An ID3 tag with a picture: a grey PNG of 1 x 1."""
    chunks = [
        (b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)),
        (b"IDAT", zlib.compress(b"\0\x80")),
        (b"IEND", b""),
    ]
    png = b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        for name, data in chunks
    )
    picture = b"\0image/png\0\x03\0" + png
    frame = b"APIC" + struct.pack(">IH", len(picture), 0) + picture
    size = bytes(len(frame) >> shift & 0x7F for shift in (21, 14, 7, 0))
    return b"ID3\x03\0\0" + size + frame


@pytest.mark.parametrize(
    ("container", "codec"), [("matroska", "flac"), ("mp4", "aac"), ("mpegts", "mp2")]
)
def test_sound_that_starts_later_than_the_picture_keeps_its_times(
    tmp_path: Path, container: str, codec: str
) -> None:
    path = tmp_path / "film"
    encode(path, clicks(2, [0.5, 1.5]), container=container, codec=codec, start_s=1.25, video_s=4)
    assert onsets(read_audio(path)) == pytest.approx([1.75, 2.75], abs=0.03)


@pytest.mark.parametrize(
    ("container", "codec"), [("matroska", "flac"), ("mp4", "aac"), ("mpegts", "mp2")]
)
def test_a_gap_in_the_sound_becomes_silence_of_the_same_length(
    tmp_path: Path, container: str, codec: str
) -> None:
    path = tmp_path / "film"
    encode(path, clicks(3, [0.5, 2.5]), container=container, codec=codec, gap=(1.5, 4.0), video_s=7)
    decoded, warnings = warnings_of(path)
    assert onsets(decoded) == pytest.approx([0.5, 6.5], abs=0.03)
    assert len(decoded) / 16_000 == pytest.approx(7.0, abs=0.1)
    assert warnings == []


def test_sound_that_ends_before_the_picture_gives_no_warning(tmp_path: Path) -> None:
    path = tmp_path / "film.mkv"
    encode(path, tone(1.0), container="matroska", codec="flac", video_s=5)
    decoded, warnings = warnings_of(path)
    assert len(decoded) == 16_000
    assert warnings == []


def test_damaged_packets_are_left_out_and_reported_and_the_rest_is_decoded(tmp_path: Path) -> None:
    path = tmp_path / "a.m4a"
    encode(path, clicks(4, [0.5, 3.5]), container="mp4", codec="aac")
    data = bytearray(path.read_bytes())
    with av.open(str(path)) as container:
        packets = [packet for packet in container.demux() if packet.size]
        hit = packets[len(packets) // 2 : len(packets) // 2 + 8]
        spans = [(packet.pos, packet.size) for packet in hit]
    for position, size in spans:
        assert position is not None
        data[position : position + size] = b"\xff" * size
    decoded, warnings = warnings_of(io.BytesIO(bytes(data)))
    assert onsets(decoded) == pytest.approx([0.5, 3.5], abs=0.05), "later sound has moved"
    assert any("damaged packets left out" in warning for warning in warnings)


def test_a_truncated_mp3_gives_its_samples_and_a_warning(tmp_path: Path) -> None:
    path = tmp_path / "talk.mp3"
    encode(path, clicks(8, [0.5, 1.5, 7.5]), container="mp3", codec="libmp3lame")
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    decoded, warnings = warnings_of(path)
    assert onsets(decoded) == pytest.approx([0.5, 1.5], abs=0.005)
    assert 3 < len(decoded) / 16_000 < 5
    assert any("talk.mp3" in warning and "8.0 s" in warning for warning in warnings)


def test_a_truncated_flac_is_decoded_up_to_its_end(tmp_path: Path) -> None:
    path = tmp_path / "a.flac"
    noise = np.random.default_rng(0).uniform(-0.3, 0.3, 4 * RATE).astype(np.float32)
    encode(path, noise, container="flac", codec="flac")
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    decoded, warnings = warnings_of(path)
    assert 1.5 < len(decoded) / 16_000 < 2.5
    assert warnings


def test_a_rate_that_changes_in_the_middle_keeps_the_times(tmp_path: Path) -> None:
    halves = []
    for rate in (48_000, 24_000):
        half = io.BytesIO()
        encode(half, clicks(2, [0.5], rate), container="mp2", codec="mp2", rate=rate)
        halves.append(half.getvalue())
    decoded = read_audio(io.BytesIO(b"".join(halves)))
    assert onsets(decoded) == pytest.approx([0.5, 2.5], abs=0.05)
    assert len(decoded) / 16_000 == pytest.approx(4, abs=0.05)


def test_joined_recordings_follow_one_another_and_a_warning_is_given() -> None:
    parts = []
    for start_s in (100.0, 0.0):
        part = io.BytesIO()
        encode(part, clicks(2, [0.5]), container="mpegts", codec="mp2", start_s=start_s)
        parts.append(part.getvalue())
    decoded, warnings = warnings_of(io.BytesIO(b"".join(parts)))
    assert onsets(decoded) == pytest.approx([0.5, 2.5], abs=0.05)
    assert any("its clock jumps" in warning for warning in warnings)


def test_a_read_error_in_the_middle_ends_the_recording_there(tmp_path: Path) -> None:
    class Failing(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            if self.tell() > 100_000:
                raise OSError(5, "Input/output error")
            return super().read(size)

    decoded, warnings = warnings_of(Failing(wav(bytes(2 * 16_000 * 20))))
    assert 2 < len(decoded) / 16_000 < 6
    assert any("Input/output error" in warning for warning in warnings)


@pytest.mark.parametrize("declared", [None, 0xFFFFFFFF, 0, 0x7FFFFFFF])
def test_wav_is_read_from_a_pipe_with_any_declared_length(declared: int | None) -> None:
    pcm = (8000 * np.sin(np.arange(48_000) * 0.1)).astype("<i2")
    reading, writing = os.pipe()

    def feed() -> None:
        with os.fdopen(writing, "wb") as pipe:
            pipe.write(wav(pcm.tobytes(), declared=declared))

    feeder = threading.Thread(target=feed)
    feeder.start()
    with os.fdopen(reading, "rb") as pipe:
        decoded = read_audio(pipe)
    feeder.join()
    np.testing.assert_array_equal(decoded * 32768, pcm)


def test_not_a_number_in_a_float_recording_becomes_silence(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    samples = tone(0.5, 16_000)
    samples[100:200] = np.nan
    samples[200] = np.inf
    encode(path, samples, container="wav", codec="pcm_f32le", rate=16_000)
    decoded = read_audio(path)
    assert np.isfinite(decoded).all()
    assert not decoded[100:200].any()


def test_memory_does_not_grow_with_the_recording(tmp_path: Path) -> None:
    path = tmp_path / "long.flac"
    minutes = 6
    with av.open(str(path), "w", format="flac") as output:
        stream: Any = output.add_stream("flac", rate=SILENCE_RATE, layout="mono")
        second = np.zeros((1, SILENCE_RATE), np.int16)
        for at in range(60 * minutes):
            frame = av.AudioFrame.from_ndarray(second, format="s16", layout="mono")
            frame.sample_rate, frame.time_base = SILENCE_RATE, Fraction(1, SILENCE_RATE)
            frame.pts = at * SILENCE_RATE
            output.mux(stream.encode(frame))
        output.mux(stream.encode(None))
    tracemalloc.start()
    try:
        seconds = sum(len(block) for block in read_blocks(path)) / 16_000
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert seconds == 60 * minutes
    assert peak < 4 * 16_000 * 4 + 1_000_000, "more than a few blocks were in memory"


class TestRefused:
    """For each bad input the message is one sentence with the file's name and the next step."""

    def refusal(self, source: Path | io.BytesIO) -> str:
        with pytest.raises(AudioDecodeError) as caught:
            read_audio(source)
        with pytest.raises(AudioDecodeError):
            for _ in read_blocks(source):
                pass
        message = str(caught.value)
        assert "\n" not in message
        assert ": " in message, "the next step is missing"
        return message

    def test_a_missing_file(self, tmp_path: Path) -> None:
        message = self.refusal(tmp_path / "nowhere.mp3")
        assert f"{tmp_path / 'nowhere.mp3'} does not exist" in message
        with pytest.raises(AudioDecodeError, match="does not exist"):
            probe(tmp_path / "nowhere.mp3")

    def test_a_folder(self, tmp_path: Path) -> None:
        assert "is a folder" in self.refusal(tmp_path)

    def test_an_empty_file(self, tmp_path: Path) -> None:
        path = tmp_path / "empty.wav"
        path.touch()
        assert "empty.wav is empty (0 bytes)" in self.refusal(path)

    def test_text_named_wav(self, tmp_path: Path) -> None:
        path = tmp_path / "notes.wav"
        path.write_text("This is a text and not a recording.\n" * 50)
        assert "notes.wav is not a recording" in self.refusal(path)

    def test_text(self, tmp_path: Path) -> None:
        path = tmp_path / "notes.txt"
        path.write_text("This is a text and not a recording.\n" * 50)
        assert "notes.txt" in self.refusal(path)

    def test_random_bytes(self, tmp_path: Path) -> None:
        path = tmp_path / "noise.bin"
        path.write_bytes(np.random.default_rng(0).bytes(100_000))
        assert "noise.bin" in self.refusal(path)

    def test_a_film_without_sound(self, tmp_path: Path) -> None:
        path = tmp_path / "silent.mp4"
        with av.open(str(path), "w") as output:
            stream: Any = output.add_stream("mpeg4", rate=10)
            stream.width = stream.height = 32
            output.mux(stream.encode(av.VideoFrame(32, 32, "yuv420p")))
            output.mux(stream.encode(None))
        assert "silent.mp4 has no audio stream" in self.refusal(path)

    def test_no_samples(self, tmp_path: Path) -> None:
        path = tmp_path / "header.wav"
        path.write_bytes(wav(b""))
        assert "header.wav" in self.refusal(path)
        assert "(0 s)" in self.refusal(path)

    def test_no_channels(self, tmp_path: Path) -> None:
        path = tmp_path / "hollow.wav"
        path.write_bytes(wav(bytes(3200), channels=0))
        assert "0 channels" in self.refusal(path)

    def test_no_rate(self, tmp_path: Path) -> None:
        path = tmp_path / "still.wav"
        path.write_bytes(wav(bytes(3200), rate=0))
        assert "still.wav" in self.refusal(path)

    def test_a_file_without_read_permission(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        path = tmp_path / "secret.wav"
        path.write_bytes(wav(bytes(3200)))

        def denied(*_: object) -> int:
            raise PermissionError(13, "Permission denied")

        monkeypatch.setattr(os, "open", denied)
        assert "secret.wav may not be read: change its permissions" in self.refusal(path)

    @pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no named pipes here")
    def test_a_named_pipe_is_refused_at_once(self, tmp_path: Path) -> None:
        path = tmp_path / "pipe.wav"
        os.mkfifo(path)
        assert "pipe.wav is a pipe" in self.refusal(path)

    def test_an_mp4_without_its_index(self, tmp_path: Path) -> None:
        path = tmp_path / "cut.m4a"
        encode(path, tone(4.0), container="mp4", codec="aac")
        path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
        assert "its index is missing, which recorders write at the end" in self.refusal(path)

    @pytest.mark.parametrize("format", ["concat", "hls"])
    def test_a_playlist_opens_no_other_file(self, tmp_path: Path, format: str) -> None:
        other = tmp_path / "other.ts"
        encode(other, tone(1.0), container="mpegts", codec="mp2")
        if format == "concat":
            path = tmp_path / "list.wav"
            path.write_text(f"ffconcat version 1.0\nfile '{other.name}'\n")
        else:
            path = tmp_path / "list.m3u8"
            head = "#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXT-X-VERSION:3\n"
            path.write_text(f"{head}#EXTINF:1,\n{other}\n#EXT-X-ENDLIST\n")
        assert path.name in self.refusal(path)

    def test_the_message_for_a_stream_names_the_input(self) -> None:
        assert "the input" in self.refusal(io.BytesIO(b"nothing at all"))


@pytest.mark.parametrize(
    ("keep", "message"),
    [(1.0, "has its index at its end, which a pipe brings too late: name the file instead"),
     (0.6, "its index is missing, which recorders write at the end")],
)  # fmt: skip
def test_an_mp4_through_a_pipe_is_refused_with_its_fault(keep: float, message: str) -> None:
    noise = np.random.default_rng(1).normal(0, 0.1, (1, 20 * RATE)).astype(np.float32)
    data = encoded([noise], container="mp4", codec="aac", layout="mono")
    reading, writing = os.pipe()

    def feed() -> None:
        with suppress(BrokenPipeError), os.fdopen(writing, "wb") as pipe:
            pipe.write(data[: round(keep * len(data))])

    thread = threading.Thread(target=feed)
    thread.start()
    with os.fdopen(reading, "rb") as pipe, pytest.raises(AudioDecodeError, match=message):
        read_audio(pipe)
    thread.join()
