"""Input that must be refused: one sentence, the next step, the exit code, no incomplete file."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile
from corpus import Clip

from stslocal.audio.decode import read_audio
from stslocal.audio.encode import AudioWriter
from stslocal.cli import main
from stslocal.results.session import read_session
from stslocal.types import RECOGNITION_RATE, Samples
from tests.real.conftest import Command, CommandResult
from tests.sounds import NOT_SPOKEN

pytestmark = pytest.mark.real

PORTUGUESE = Path(__file__).parents[2] / "stslocal" / "samples" / "public-domain.pt.ogg"


def refused(ran: CommandResult, code: int, *said: str) -> None:
    """The command ended with `code` and one sentence on stderr that says `said`."""
    assert ran.code == code
    assert ran.out == ""
    sentences = [line for line in ran.err.splitlines() if line.startswith("stslocal: ")]
    assert len(sentences) == 1, ran.err
    assert "Traceback" not in ran.err
    for words in said:
        assert words in sentences[0]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "does not exist"),
        (b"", "is empty"),
        (b"Dear all, this is no sound at all.\n" * 50, "not a recording"),
    ],
    ids=["missing", "empty", "text"],
)
def test_a_file_that_is_no_recording(
    stslocal: Command, tmp_path: Path, content: bytes | None, said: str
) -> None:
    path = tmp_path / "talk.wav"
    if content is not None:
        path.write_bytes(content)
    out = tmp_path / "out"
    refused(stslocal("translate", path, "--to", "pt", "-o", out), 1, "talk.wav", said)
    assert not out.exists() or not list(out.iterdir())


def test_a_recording_without_samples(stslocal: Command, tmp_path: Path) -> None:
    path = tmp_path / "talk.wav"
    soundfile.write(path, np.zeros(0, np.float32), 16_000)
    refused(stslocal("translate", path, "--to", "pt", "-o", tmp_path / "out"), 1, "talk.wav")
    assert not (tmp_path / "out").exists()


def test_a_recording_without_channels(stslocal: Command, tmp_path: Path) -> None:
    path = tmp_path / "talk.wav"
    soundfile.write(path, np.zeros(1600, np.float32), 16_000, subtype="PCM_16")
    header = bytearray(path.read_bytes())
    header[22:24] = b"\0\0"
    path.write_bytes(header)
    refused(stslocal("translate", path, "--to", "pt"), 1, "talk.wav")


def test_a_truncated_mp3_is_translated_to_its_end(stslocal: Command, tmp_path: Path) -> None:
    path = tmp_path / "talk.mp3"
    with AudioWriter(path, 24_000, "mp3") as writer:
        writer.write(read_audio(PORTUGUESE, sample_rate=24_000))
    path.write_bytes(path.read_bytes()[: path.stat().st_size * 2 // 3])
    ran = stslocal("translate", path, "--to", "en", "-o", tmp_path / "out", "--json")
    assert ran.code == 0
    (row,) = ran.recordings
    assert row["segments"] >= 1
    assert any("cut off" in warning or "damaged" in warning for warning in row["warnings"])


def silence() -> Samples:
    return np.zeros(RECOGNITION_RATE * 12, np.float32)


@pytest.mark.parametrize("name", ["silence", *NOT_SPOKEN])
@pytest.mark.parametrize("source", ["auto", "en"])
def test_nothing_is_invented_without_speech(
    stslocal: Command, tmp_path: Path, name: str, source: str
) -> None:
    path = tmp_path / "no-speech.wav"
    soundfile.write(path, {"silence": silence, **NOT_SPOKEN}[name](), RECOGNITION_RATE)
    check_nothing_is_invented(stslocal, tmp_path, path, source)


@pytest.mark.parametrize(
    "clip",
    ["larger/noise2", "larger/noise4", "larger/manolo_camp-morning_coffee"],
    indirect=True,
)
@pytest.mark.parametrize("source", ["auto", "en"])
def test_nothing_is_invented_for_recorded_noise_and_music(
    stslocal: Command, tmp_path: Path, clip: Clip, source: str
) -> None:
    check_nothing_is_invented(stslocal, tmp_path, clip.path, source)


def check_nothing_is_invented(stslocal: Command, tmp_path: Path, path: Path, source: str) -> None:
    ran = stslocal("translate", path, "--from", source, "--to", "pt", "-o", tmp_path / "out",
                   "--json")  # fmt: skip
    assert ran.code == 0
    (row,) = ran.recordings
    session = read_session(Path(row["session"]))
    assert [segment.text for segment in session.segments] == []
    assert "silent" in row["warnings"][0]
    assert not read_audio(Path(row["audio"])).any()
    assert session.duration_s == pytest.approx(len(read_audio(path)) / RECOGNITION_RATE, abs=0.01)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--to", "klingon"), ("klingon",)),
        (("--to", "pt", "--from", "portugese"), ("portugese", "Portuguese")),
        ((), ("--to",)),
        (("--to", "pt", "--from", "pt"), ("nothing to translate",)),
        (("--to", "fr"), ("into French (fr) needs firefox-en-fr", "models pull firefox-en-fr` (")),
        (("--to", "sw", "--from", "en"), ("Swahili (sw) is not spoken by any engine",)),
        (("--to", "pt", "--from", "en", "--mt", "whisper"), ("use `--mt bergamot`",)),
        (("--to", "pt", "--mt", "bergamont"), ("bergamot",)),
        (("--to", "pt", "--voice", "pf_dorra"), ("pf_dora",)),
        (("--to", "pt", "--threads", "-1"), ("-1",)),
        (("--to", "pt", "--speed-cap", "9"), ("9",)),
        (("--to", "pt", "--output-format", "midi"), ("midi",)),
        (("--to", "pt", "--subtitles", "doc"), ("doc",)),
        (("--to", "pt", "--device", "abacus"), ("abacus",)),
        (("--to", "pt", "--frmo", "en"), ("--from",)),
    ],
)
def test_wrong_usage(
    stslocal: Command, tmp_path: Path, arguments: tuple[str, ...], said: tuple[str, ...]
) -> None:
    refused(stslocal("translate", PORTUGUESE, *arguments, "-o", tmp_path / "out"), 2, *said)


def test_speech_that_is_already_in_the_target_language(stslocal: Command, tmp_path: Path) -> None:
    ran = stslocal("translate", PORTUGUESE, "--to", "pt", "-o", tmp_path)
    refused(ran, 2, "already in Portuguese", "--from")


def test_a_result_that_would_replace_its_recording(stslocal: Command, tmp_path: Path) -> None:
    path = tmp_path / "talk.ogg"
    path.write_bytes(PORTUGUESE.read_bytes())
    ran = stslocal("translate", path, "--to", "en", "--output-format", "ogg", "-o", path)
    refused(ran, 1, "replaced")
    assert path.read_bytes() == PORTUGUESE.read_bytes()


def without_engines(capfd: pytest.CaptureFixture[str], *arguments: str | Path) -> CommandResult:
    """Run a command line that loads its engines from the store."""
    capfd.readouterr()
    code = main([str(argument) for argument in arguments])
    return CommandResult(code, *capfd.readouterr())


def test_a_missing_model_names_the_command_that_fetches_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("STSLOCAL_MODELS", str(tmp_path / "models"))
    ran = without_engines(capfd, "translate", PORTUGUESE, "--to", "en", "-o", tmp_path / "out")
    refused(
        ran,
        2,
        "ge2e, which are not installed",
        "run `stslocal models pull starter` (288 MB, MIT",
    )


def test_a_flipped_byte_is_found_before_it_is_used(
    starter_models: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    store = tmp_path / "models"
    store.mkdir()
    for model in ("kokoro-82m-int8", "kokoro-voices", "ge2e"):
        (store / model).symlink_to(starter_models / model)
    shutil.copytree(starter_models / "whisper-base", store / "whisper-base")
    damaged = store / "whisper-base" / "model.bin"
    with damaged.open("r+b") as stream:
        stream.seek(1_000_000)
        byte = stream.read(1)[0]
        stream.seek(1_000_000)
        stream.write(bytes([byte ^ 1]))
    monkeypatch.setenv("STSLOCAL_MODELS", str(store))
    ran = without_engines(capfd, "translate", PORTUGUESE, "--to", "en", "-o", tmp_path / "out")
    refused(ran, 1, "model.bin is damaged", "stslocal models pull whisper-base")


@pytest.fixture
def full_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 64 KiB."""
    place = tmp_path / "disk"
    place.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(place)],
        capture_output=True,
        check=False,
    )
    if mounted.returncode:
        if os.environ.get("CI") == "true":
            pytest.fail("a small tmpfs cannot be mounted")
        pytest.skip("mounting a small tmpfs needs root")
    yield place
    subprocess.run(["umount", str(place)], check=True)


def test_a_full_disk(stslocal: Command, full_disk: Path) -> None:
    refused(stslocal("translate", PORTUGUESE, "--to", "en", "-o", full_disk), 1, "disk is full")
    assert not list(full_disk.iterdir())


def test_a_folder_that_may_not_be_written(stslocal: Command, tmp_path: Path) -> None:
    folder = tmp_path / "out"
    folder.mkdir()
    folder.chmod(0o500)
    if os.access(folder, os.W_OK):  # root writes anywhere, but not below a file
        folder.chmod(0o700)
        (tmp_path / "file").write_text("")
        folder = tmp_path / "file" / "out"
    ran = stslocal("translate", PORTUGUESE, "--to", "en", "-o", folder)
    refused(ran, 1, "choose another folder")
