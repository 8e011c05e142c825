"""`stslocal devices`: the list and the meter, on fake sound cards."""

from __future__ import annotations

import builtins
import io
import json
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from stslocal.audio import devices
from stslocal.audio.levels import Level
from stslocal.cli import main
from tests.fake_sounddevice import FakeCard, FakeSoundDevice

pytestmark = pytest.mark.unit

QUIET, LOUD = Level(-40.0, -50.0), Level(0.0, -10.0)


@pytest.fixture(autouse=True)
def cards(monkeypatch: pytest.MonkeyPatch) -> FakeSoundDevice:
    fake = FakeSoundDevice(
        [
            FakeCard("HDA Intel: ALC257", inputs=2, outputs=2, rate=44_100),
            FakeCard("USB Headset", inputs=1),
            FakeCard("HDMI", outputs=8, api=1),
        ],
        default_input="USB Headset",
        default_output="HDA Intel: ALC257",
    )
    monkeypatch.setitem(sys.modules, "sounddevice", fake)
    monkeypatch.setattr(devices, "_SYSTEM", "linux")
    return fake


class FakeLevels:
    """Gives levels to the meter, and keeps the name of the device that the meter opened."""

    def __init__(self) -> None:
        self.levels = [QUIET, LOUD] * 1000
        self.device = ""
        self.closed = False
        self.interrupted_after = 0

    def measure_levels(self, device: Any, *, every_s: float) -> Iterator[Level]:
        self.device = device.name
        try:
            for number, level in enumerate(self.levels, 1):
                yield level
                if number == self.interrupted_after:
                    raise KeyboardInterrupt
        finally:
            self.closed = True


@pytest.fixture
def fake_levels(monkeypatch: pytest.MonkeyPatch) -> FakeLevels:
    fake = FakeLevels()
    monkeypatch.setattr("stslocal.audio.listening.measure_levels", fake.measure_levels)
    return fake


def test_list(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["devices"]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    assert out == (
        "microphones\n"
        "    0    2 ch   44100 Hz  ALSA  HDA Intel: ALC257\n"
        "*   1    1 ch   48000 Hz  ALSA  USB Headset\n"
        "loudspeakers\n"
        "*   0    2 ch   44100 Hz  ALSA  HDA Intel: ALC257\n"
        "    2    8 ch   48000 Hz  OSS   HDMI\n"
    )


def test_list_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["devices", "--json"]) == 0
    first, second, third = json.loads(capsys.readouterr().out)["devices"]
    assert second == {
        "index": 1,
        "name": "USB Headset",
        "host_api": "ALSA",
        "input_channels": 1,
        "output_channels": 0,
        "sample_rate": 48_000,
        "is_default_input": True,
        "is_default_output": False,
    }
    assert (first["is_default_output"], third["host_api"]) == (True, "OSS")


def test_only_loudspeakers(cards: FakeSoundDevice, capsys: pytest.CaptureFixture[str]) -> None:
    cards.plugged = cards.plugged[2:]
    cards._initialize()
    assert main(["devices"]) == 0
    out, err = capsys.readouterr()
    assert out.startswith("microphones\n  none\nloudspeakers\n")
    assert err.startswith("warning: no microphone was found: connect one, ")


@pytest.mark.parametrize("options", [[], ["--json"], ["--meter"]])
def test_no_device_at_all(
    cards: FakeSoundDevice, capsys: pytest.CaptureFixture[str], options: list[str]
) -> None:
    cards.plugged = []
    cards._initialize()
    assert main(["devices", *options]) == 1
    out, err = capsys.readouterr()
    assert out == "" or (options == ["--json"] and json.loads(out)["error"]["exit_code"] == 1)
    assert err.startswith("stslocal: no microphone was found: connect one, install `libasound2-")
    assert err.count("\n") == 1


@pytest.mark.parametrize("options", [[], ["--json"], ["--meter"]])
def test_no_portaudio(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], options: list[str]
) -> None:
    real_import = builtins.__import__

    def without_portaudio(name: str, *rest: Any) -> Any:
        if name == "sounddevice":
            raise OSError("PortAudio library not found")
        return real_import(name, *rest)

    monkeypatch.setattr(builtins, "__import__", without_portaudio)
    assert main(["devices", *options]) == 1
    out, err = capsys.readouterr()
    assert out == "" or (options == ["--json"] and json.loads(out)["error"]["exit_code"] == 1)
    assert err.startswith("stslocal: PortAudio is missing, ")
    assert "`sudo apt install libportaudio2`" in err
    assert err.count("\n") == 1


def test_meter_in_a_pipe(fake_levels: FakeLevels, capsys: pytest.CaptureFixture[str]) -> None:
    fake_levels.levels[:10] = [QUIET] * 10
    assert main(["devices", "--meter", "--seconds", "2.5"]) == 0
    out, err = capsys.readouterr()
    assert err == "listening to USB Headset\n"
    assert out == (
        "   1.0 s  average  -50.0  loudest  -40.0 dB\n"
        "   2.0 s  average  -13.0  loudest    0.0 dB  TOO LOUD\n"
        "   2.5 s  average  -14.0  loudest    0.0 dB  TOO LOUD\n"
    )
    assert fake_levels.closed


def test_meter_as_json(fake_levels: FakeLevels, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["devices", "--meter", "--seconds", "2", "--json", "--input-device", "hda"]) == 0
    lines = capsys.readouterr().out.splitlines()
    first, second = (json.loads(line)["level"] for line in lines)
    assert first == {
        "at_s": 1.0,
        "peak_dbfs": 0.0,
        "rms_dbfs": pytest.approx(-13.01, abs=0.01),
        "clipped": True,
    }
    assert second["at_s"] == 2.0
    assert fake_levels.device == "HDA Intel: ALC257"


@pytest.mark.parametrize(("encoding", "bar"), [("utf-8", "███████│··"), ("ascii", "#######|..")])
def test_meter_on_a_terminal(
    fake_levels: FakeLevels, monkeypatch: pytest.MonkeyPatch, encoding: str, bar: str
) -> None:
    fake_levels.levels = [Level(-10.0, -20.0), Level(-50.0, -55.0)]

    class Terminal(io.TextIOWrapper):
        def isatty(self) -> bool:
            return True

    terminal = Terminal(io.BytesIO(), encoding=encoding, newline="")
    monkeypatch.setattr(sys, "stdout", terminal)
    monkeypatch.setenv("COLUMNS", "50")
    assert main(["devices", "--meter"]) == 0
    terminal.seek(0)
    start, first, second = terminal.read().rstrip("\n").split("\r")
    assert start == ""
    assert len(first) == len(second) == 50 - 1
    assert first.rstrip() == f"{bar}  average  -20.0  loudest  -10.0 dB"
    assert second.rstrip().endswith("average  -55.0  loudest  -10.0 dB"), "the peak is kept"


def test_ctrl_c_ends_the_meter_without_an_error(
    fake_levels: FakeLevels, capsys: pytest.CaptureFixture[str]
) -> None:
    fake_levels.interrupted_after = 12
    assert main(["devices", "--meter"]) == 0
    out, err = capsys.readouterr()
    assert err == "listening to USB Headset; Ctrl-C ends it\n"
    assert len(out.splitlines()) == 1
    assert fake_levels.closed


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--seconds", "3"], "--seconds is for the meter: add --meter"),
        (["--input-device", "hda"], "--input-device is for the meter: add --meter"),
        (["--meter", "--seconds", "0"], "--seconds must be more than 0, not 0"),
        (["--meter", "--seconds", "nan"], "--seconds must be more than 0, not nan"),
    ],
)
def test_wrong_usage(capsys: pytest.CaptureFixture[str], options: list[str], message: str) -> None:
    assert main(["devices", *options]) == 2
    assert capsys.readouterr() == ("", f"stslocal: {message}\n")


def test_a_device_that_does_not_exist(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["devices", "--meter", "--input-device", "hdmi"]) == 1
    assert "no microphone matches 'hdmi': choose one of these\n" in capsys.readouterr().err


def test_the_mark_is_at_the_devices_of_the_settings(
    monkeypatch: pytest.MonkeyPatch, fake_levels: FakeLevels, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("STSLOCAL_INPUT_DEVICE", "hda")
    monkeypatch.setenv("STSLOCAL_OUTPUT_DEVICE", "2")
    assert main(["devices"]) == 0
    out, err = capsys.readouterr()
    assert [line.split()[1] for line in out.splitlines() if line.startswith("*")] == ["0", "2"]
    assert err == ""
    assert main(["devices", "--meter", "--seconds", "1"]) == 0
    assert fake_levels.device == "HDA Intel: ALC257"


def test_a_device_of_the_settings_that_is_not_here_is_reported(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("STSLOCAL_OUTPUT_DEVICE", "bluetooth")
    assert main(["devices"]) == 0
    out, err = capsys.readouterr()
    assert "HDA Intel" in out
    assert out.count("*") == 1, "the microphone's"
    assert err.startswith("warning: no loudspeaker matches 'bluetooth': choose one of these\n")
