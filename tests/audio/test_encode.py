from __future__ import annotations

import io
import os
import struct
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile

from stslocal.audio.decode import probe, read_audio
from stslocal.audio.encode import OUTPUT_FORMATS, AudioWriter
from stslocal.errors import OutputError
from stslocal.types import Samples

pytestmark = pytest.mark.unit

LOSSLESS = ("wav", "flac")


def speechlike(rate: int, seconds: float = 2.0) -> Samples:
    """Silence with a tone burst at 0.5 s and another at 1.6 s."""
    samples = np.zeros(round(rate * seconds) + 123, np.float32)
    for start_s, frequency in ((0.5, 440), (1.6, 900)):
        time = np.arange(rate // 10) / rate
        start = round(rate * start_s)
        samples[start : start + len(time)] = 0.5 * np.sin(2 * np.pi * frequency * time)
    return samples


def write(path: Path, samples: Samples, rate: int, format: str, chunk: int = 777) -> None:
    with AudioWriter(path, rate, format) as writer:
        for start in range(0, len(samples), chunk):
            writer.write(samples[start : start + chunk])
        assert writer.position == len(samples)


def fill_the_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make every new file accept no byte, as on a full disk."""
    real = os.open

    def open_full(path: Path, flags: int, mode: int = 0o777) -> int:
        os.close(real(path, flags, mode))
        return real("/dev/full", os.O_WRONLY)

    monkeypatch.setattr("os.open", open_full)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def shift(decoded: Samples, written: Samples) -> int:
    """How many samples later `decoded` is than `written`."""
    size = 1 << (len(decoded) + len(written)).bit_length()
    product = np.fft.rfft(decoded, size) * np.conj(np.fft.rfft(written, size))
    peak = int(np.fft.irfft(product, size).argmax())
    return peak if peak < size // 2 else peak - size


@pytest.mark.parametrize("rate", [8000, 16000, 22050, 24000, 37800, 44100, 48000])
@pytest.mark.parametrize("format", OUTPUT_FORMATS)
def test_written_samples_are_read_back_at_their_positions(
    tmp_path: Path, format: str, rate: int
) -> None:
    path = tmp_path / f"speech.{format}"
    written = speechlike(rate)
    write(path, written, rate, format)
    decoded = read_audio(path, sample_rate=rate)
    assert shift(decoded, written) == 0
    padding = 1024 * rate // 48_000 + 1 if format == "m4a" else 0
    assert 0 <= len(decoded) - len(written) <= padding
    error = decoded[: len(written)] - written
    if format in LOSSLESS:
        assert np.abs(error).max() <= 0.5 / 32768
    else:
        assert np.mean(error**2) < 0.02 * np.mean(written**2)
    assert names(tmp_path) == [path.name]


@pytest.mark.parametrize("format", OUTPUT_FORMATS)
def test_the_same_samples_give_the_same_bytes_for_any_chunks(tmp_path: Path, format: str) -> None:
    samples = speechlike(24_000)
    write(tmp_path / "a", samples, 24_000, format, chunk=100)
    write(tmp_path / "b", samples, 24_000, format, chunk=100_000)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


@pytest.mark.parametrize("format", OUTPUT_FORMATS)
def test_samples_beyond_full_scale_are_clipped_and_do_not_wrap(tmp_path: Path, format: str) -> None:
    time = np.arange(24_000) / 24_000
    loud = (4 * np.sin(2 * np.pi * 100 * time)).astype(np.float32)
    write(tmp_path / "loud", loud, 24_000, format)
    decoded = read_audio(tmp_path / "loud", sample_rate=24_000)[: len(loud)]
    clipped = np.clip(loud, -1, 1)
    assert np.mean((decoded - clipped) ** 2) < 0.02 * np.mean(clipped**2)


@pytest.mark.parametrize("format", LOSSLESS)
def test_without_samples_the_file_is_valid_and_empty(tmp_path: Path, format: str) -> None:
    path = tmp_path / "nothing"
    with AudioWriter(path, 24_000, format):
        pass
    info = probe(path)
    assert (info.sample_rate, info.channels) == (24_000, 1)


def test_a_wav_header_has_room_for_a_length_past_4_gb(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    write(path, speechlike(16_000), 16_000, "wav")
    data = path.read_bytes()
    assert data[:4] == b"RIFF"
    assert data[12:20] == b"JUNK" + struct.pack("<I", 28), "no room for RF64's sizes"


def test_a_stream_gets_wav_while_it_is_written() -> None:
    class Pipe(io.RawIOBase):
        """Takes at most 100 bytes at a time, and cannot seek."""

        name = "<stdout>"

        def __init__(self) -> None:
            self.data = bytearray()

        def writable(self) -> bool:
            return True

        def write(self, data: object) -> int:
            taken = memoryview(data)[:100]  # type: ignore[arg-type]
            self.data += taken
            return len(taken)

    pipe = Pipe()
    samples = speechlike(24_000)
    with AudioWriter(pipe, 24_000) as writer:  # type: ignore[arg-type]
        writer.write(samples)
    assert not pipe.closed
    decoded = read_audio(io.BytesIO(bytes(pipe.data)), sample_rate=24_000)
    np.testing.assert_allclose(decoded, samples, atol=0.5 / 32768)


def test_standard_output_may_be_appended_to_a_file(tmp_path: Path) -> None:
    """`stslocal ... -o - >> file` must not seek back into the earlier content."""
    program = (
        "import sys, numpy as np\n"
        "from stslocal.audio.encode import AudioWriter\n"
        "with AudioWriter(sys.stdout.buffer, 8000) as writer:\n"
        "    writer.write(np.zeros(800, np.float32))\n"
    )
    with (tmp_path / "out").open("ab") as out:
        out.write(b"before")
        out.flush()
        subprocess.run([sys.executable, "-u", "-c", program], stdout=out, check=True)
    data = (tmp_path / "out").read_bytes()
    assert data.startswith(b"beforeRIFF")
    assert len(read_audio(io.BytesIO(data[6:]), sample_rate=8000)) == 800


def test_standard_output_that_is_a_file_gets_a_header_with_its_length(tmp_path: Path) -> None:
    program = (
        "import sys, numpy as np\n"
        "from stslocal.audio.encode import AudioWriter\n"
        "with AudioWriter(sys.stdout.buffer, 8000) as writer:\n"
        "    writer.write(np.zeros(800, np.float32))\n"
        "print('after')\n"
    )
    with (tmp_path / "out").open("wb") as out:
        out.write(b"before")
        out.flush()
        subprocess.run([sys.executable, "-c", program], stdout=out, check=True)
    data = (tmp_path / "out").read_bytes()
    assert data.startswith(b"beforeRIFF")
    assert data.endswith(b"after\n")
    (tmp_path / "alone.wav").write_bytes(data[6:-6])
    assert soundfile.info(tmp_path / "alone.wav").frames == 800
    assert struct.unpack_from("<I", data, 10) == (len(data) - 6 - 6 - 8,)


@pytest.mark.parametrize("format", OUTPUT_FORMATS)
@pytest.mark.parametrize("failure", [RuntimeError, KeyboardInterrupt])
def test_an_error_or_ctrl_c_leaves_no_new_file_and_keeps_the_old_one(
    tmp_path: Path, format: str, failure: type[BaseException]
) -> None:
    path = tmp_path / "speech"
    path.write_bytes(b"an earlier result")
    with (  # noqa: PT012
        pytest.raises(failure),
        AudioWriter(path, 24_000, format) as writer,
    ):
        writer.write(speechlike(24_000))
        assert len(names(tmp_path)) == 2
        assert path.read_bytes() == b"an earlier result"
        raise failure
    assert names(tmp_path) == ["speech"]
    assert path.read_bytes() == b"an earlier result"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has /dev/full")
@pytest.mark.parametrize("format", OUTPUT_FORMATS)
@pytest.mark.parametrize("seconds", [0.1, 20])
def test_a_full_disk_is_reported_and_no_file_is_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, format: str, seconds: float
) -> None:
    path = tmp_path / "speech"
    fill_the_disk(monkeypatch)
    noise = np.random.default_rng(0).uniform(-1, 1, round(8000 * seconds)).astype(np.float32)
    with (
        pytest.raises(OutputError, match=f"cannot write {path}: the disk is full: free"),
        AudioWriter(path, 8000, format) as writer,
    ):
        writer.write(noise)
    assert names(tmp_path) == []


def test_a_pipe_whose_reader_has_ended_is_reported() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with (
        os.fdopen(writing, "wb", buffering=0) as pipe,
        pytest.raises(OutputError, match="the program that reads it has ended"),
        AudioWriter(pipe, 24_000) as writer,
    ):
        writer.write(np.zeros(100_000, np.float32))


class TestRefused:
    def refusal(self, path: Path) -> str:
        with pytest.raises(OutputError) as caught:
            AudioWriter(path, 24_000)
        assert str(path) in str(caught.value)
        return str(caught.value)

    def test_a_folder_that_does_not_exist(self, tmp_path: Path) -> None:
        assert "folder does not exist: create it" in self.refusal(tmp_path / "no" / "a.wav")

    def test_a_folder_with_the_name_of_the_file(self, tmp_path: Path) -> None:
        assert "a folder has this name" in self.refusal(tmp_path)
        assert not list(tmp_path.parent.glob(".stslocal-*"))

    def test_a_file_in_place_of_the_folder(self, tmp_path: Path) -> None:
        (tmp_path / "file").touch()
        assert "its folder is a file" in self.refusal(tmp_path / "file" / "a.wav")

    def test_no_permission(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        def denied(*_: object) -> None:
            raise PermissionError(13, "Permission denied")

        monkeypatch.setattr("os.open", denied)
        assert "permission denied: choose another folder" in self.refusal(tmp_path / "a.wav")
