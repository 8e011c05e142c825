"""`stslocal doctor`: its output and its exit code on machines of several kinds."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from stslocal.audio.levels import Level
from stslocal.cli import main
from tests.doctor_kit import Machine, damage, install

pytestmark = pytest.mark.unit

HARDWARE = """\
✓ processor    8 cores, AVX2, AVX-512, VNNI (Fast One)
✓ memory       9.4 GB free of 16.0 GB
✓ disk         80.0 GB free for models
✓ CUDA         no GPU: the processor does all the work
"""
CARDS = """\
✓ PortAudio    2 devices
✓ microphone   Webcam (ALSA, 48000 Hz)
✓ loudspeaker  Headphones (ALSA, 48000 Hz)
"""
NO_CARDS = """\
✓ PortAudio    0 devices
! microphone   no microphone was found: connect one, install
               `libasound2-plugins` (PulseAudio) or `pipewire-alsa` (PipeWire),
               or join the group that may use sound cards
               (`sudo usermod -aG audio $USER`)
! loudspeaker  no loudspeaker was found either
"""
NO_PORTAUDIO = """\
! PortAudio    PortAudio is missing, and microphones and loudspeakers cannot be
               used without it: run `sudo apt install libportaudio2` (Debian,
               Ubuntu), `sudo dnf install portaudio` (Fedora) or
               `sudo pacman -S portaudio` (Arch); files can be translated
               without it
"""
NO_MODELS = """\
✗ models       whisper-base, bergamot-en-pt, kokoro-82m-int8, kokoro-voices,
               ge2e: not installed (6 MB); run `stslocal models pull starter`
"""
DAMAGED_MODEL = """\
✓ models       whisper-base, bergamot-en-pt, kokoro-voices, ge2e: every byte
               right (4 MB)
✗ models       models/kokoro-82m-int8/model.bin is damaged, its sha256 is
               7a98d3c46295... instead of bf73a81d8e97...: run
               `stslocal models pull kokoro-82m-int8`
"""
SPEAKERS = """\
✓ speakers     found by ge2e, the speaker encoder; where two persons speak at
               once is not found: `stslocal models pull speakers`
"""
NO_SENTENCE = """\
! speed        not measured: first install or repair the models above
"""
SENTENCE = (
    """\
✓ models       whisper-base, bergamot-en-pt, kokoro-82m-int8, kokoro-voices,
               ge2e: every byte right (6 MB)
"""
    + SPEAKERS
    + """\
✓ engines      whisper-base, bergamot-en-pt, kokoro-82m-int8
✓ loading      models loaded in 2.5 s
✓ recognition  3.7 s of speech in 0.40 s, 9.3 × faster than it is spoken
✓ translation  0.05 s, English (en) to Portuguese (pt)
✓ voice        cloned, made in 0.25 s
✓ synthesis    first sound after 0.46 s, 2.8 s of speech in 1.13 s, 2.5 × faster
               than it is spoken
✓ live         1.2 s from a sentence's end to its translation's start (end
               noticed 0.50 + translation 0.05 + first sound 0.46 + sound cards
               0.20)
✓ network      not used while the sentence was translated
"""
)
READY = "\nReady, for files and live.\n"
READY_FOR_FILES = "\nReady for files. The lines marked ! concern live or speed.\n"
LISTEN = "`stslocal doctor --listen` checks the microphone's level too.\n"
MODELS_MISSING = "\nNot ready: models are missing.\n"
BROKEN = "\nNot ready: something is broken.\n"


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    monkeypatch.setenv("COLUMNS", "80")
    return Machine(tmp_path, monkeypatch)


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str]:
    """The exit code and the output of `stslocal doctor`, without its line about versions."""
    code = main(["doctor", *arguments])
    out, err = capsys.readouterr()
    assert err == ""
    first, _, rest = out.partition("\n")
    assert first.startswith("✓ program      stslocal ")
    assert all(len(line) <= 80 for line in rest.splitlines())
    return code, rest


def test_with_nothing_set_up(machine: Machine, capsys: pytest.CaptureFixture[str]) -> None:
    machine.remove_portaudio()
    code, out = run(capsys)
    assert out == HARDWARE + NO_PORTAUDIO + NO_MODELS + NO_SENTENCE + MODELS_MISSING
    assert code == 2
    assert not machine.loaded_with
    assert not machine.store.root.exists(), "the doctor changes nothing"


def test_with_starter(machine: Machine, capsys: pytest.CaptureFixture[str]) -> None:
    install(machine.store)
    code, out = run(capsys)
    assert out == HARDWARE + CARDS + SENTENCE + READY + LISTEN
    assert code == 0


def test_with_a_corrupted_model(machine: Machine, capsys: pytest.CaptureFixture[str]) -> None:
    install(machine.store)
    damage(machine.store, "kokoro-82m-int8")
    code, out = run(capsys)
    assert out == HARDWARE + CARDS + DAMAGED_MODEL + SPEAKERS + NO_SENTENCE + BROKEN
    assert code == 1


def test_without_portaudio(machine: Machine, capsys: pytest.CaptureFixture[str]) -> None:
    install(machine.store)
    machine.remove_portaudio()
    code, out = run(capsys)
    assert out == HARDWARE + NO_PORTAUDIO + SENTENCE + READY_FOR_FILES
    assert code == 0


def test_without_sound_cards(machine: Machine, capsys: pytest.CaptureFixture[str]) -> None:
    install(machine.store)
    machine.disconnect("Webcam", "Headphones")
    code, out = run(capsys)
    assert out == HARDWARE + NO_CARDS + SENTENCE + READY_FOR_FILES
    assert code == 0


def test_as_json(machine: Machine, capsys: pytest.CaptureFixture[str]) -> None:
    install(machine.store, "whisper-base")
    assert main(["doctor", "--json"]) == 2
    out, err = capsys.readouterr()
    assert err == ""
    document = json.loads(out)
    assert document["exit_code"] == 2
    found = {(finding["check"], finding["state"]): finding for finding in document["findings"]}
    assert found["processor", "ok"]["figures"]["cores"] == 8
    assert found["models", "ok"]["figures"]["models"] == ["whisper-base"]
    assert len(found["models", "missing"]["figures"]["models"]) == 4
    assert "pull starter" in found["models", "missing"]["text"]


def test_it_listens_only_when_asked(
    machine: Machine, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    install(machine.store)
    measured: list[str] = []

    def levels(device: Any, *, every_s: float) -> Iterator[Level]:
        for _ in range(1000):
            measured.append(device.name)
            yield Level(-12.0, -30.0)

    monkeypatch.setattr("stslocal.doctor.sound.measure_levels", levels)
    run(capsys)
    assert not machine.cards.streams
    assert not measured
    assert main(["doctor", "--listen", "2"]) == 0
    out, err = capsys.readouterr()
    assert err == "listening to Webcam for 2 s: say something\n"
    assert "\n✓ input level  loudest -12 dB, average -30 dB\n" in out
    assert out.endswith(READY)
    assert measured == ["Webcam"] * 20


def test_where_everything_lies(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STSLOCAL_CONFIG", str(tmp_path / "mine.toml"))
    monkeypatch.setenv("STSLOCAL_MODELS", str(tmp_path / "weights"))
    monkeypatch.setenv("STSLOCAL_VOICES", str(tmp_path / "voices"))
    monkeypatch.setenv("STSLOCAL_CACHE", "")
    monkeypatch.setenv("STSLOCAL_SERVER", str(tmp_path / "jobs"))
    assert main(["doctor", "--folders"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        f"settings  {tmp_path / 'mine.toml'}",
        f"models    {tmp_path / 'weights'}",
        f"voices    {tmp_path / 'voices'}",
        "cache     none",
        f"server    {tmp_path / 'jobs'}",
    ]
    assert main(["doctor", "--folders", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)["folders"]
    assert document["models"] == str(tmp_path / "weights")
    assert document["cache"] is None
    assert list(tmp_path.iterdir()) == [], "it changes nothing"


@pytest.mark.parametrize("seconds", ["-1", "61", "nan"])
def test_how_long_it_may_listen(
    machine: Machine, capsys: pytest.CaptureFixture[str], seconds: str
) -> None:
    assert main(["doctor", f"--listen={seconds}"]) == 2
    assert "--listen takes 0 to 60 seconds" in capsys.readouterr().err


def test_marks_that_any_terminal_can_show(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A device's name is written with escapes and does not end the program."""
    install(machine.store, "whisper-base")
    machine.cards.plugged[0].name = machine.cards.default_input = "Füße"
    stdout = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    monkeypatch.setattr(sys, "stdout", stdout)
    assert main(["doctor"]) == 2
    stdout.seek(0)
    out = stdout.read()
    assert "\n+ processor    8 cores" in out
    assert "\n+ microphone   F\\xfc\\xdfe (ALSA" in out
    assert "\nx models " in out
    assert "\n! speed " in out


@pytest.mark.parametrize(("columns", "widest"), [("60", 60), ("10", 60), ("300", 100)])
def test_it_fits_the_terminal(
    machine: Machine,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    columns: str,
    widest: int,
) -> None:
    """A command stays on one line, even if it is too long."""
    monkeypatch.setenv("COLUMNS", columns)
    machine.remove_portaudio()
    main(["doctor"])
    lines = capsys.readouterr().out.splitlines()[1:]
    assert max(map(len, lines)) <= widest
    assert any("`sudo apt install libportaudio2`" in line for line in lines)
