"""Signals end a live session in order; a device that cannot be opened ends it at its start."""

from __future__ import annotations

import signal
import sys
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from stslocal.cli import main
from stslocal.cli.live_devices import LiveDevices
from stslocal.cli.output import Printer
from stslocal.cli.signals import session_stopped_by_signals
from stslocal.errors import AudioDeviceError
from tests.fake_sounddevice import FakeCard, FakeSoundDevice

pytestmark = pytest.mark.unit


ENDING = [signal.SIGINT, signal.SIGTERM, *([signal.SIGHUP] if sys.platform != "win32" else [])]


class Session:
    """Counts the calls of `stop`."""

    def __init__(self) -> None:
        self.stops = 0

    def stop(self) -> None:
        self.stops += 1


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has other signals")
@pytest.mark.parametrize("number", ENDING)
def test_the_first_signal_ends_in_order_and_ctrl_c_then_at_once(
    number: signal.Signals, capsys: pytest.CaptureFixture[str]
) -> None:
    session: Any = Session()
    before = signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)
    with session_stopped_by_signals(session.stop, Printer().status) as received:
        signal.raise_signal(number)
        assert session.stops == 1
        assert received == [number]
        assert "speech so far is still translated and played" in capsys.readouterr().err
        with pytest.raises(KeyboardInterrupt):  # noqa: PT012 - the signal comes a moment later
            signal.raise_signal(signal.SIGINT)
            time.sleep(60)
        assert session.stops == 1
    assert (signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)) == before


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGHUP")
def test_what_runs_with_nohup_goes_on_when_its_terminal_is_closed() -> None:
    session: Any = Session()
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with session_stopped_by_signals(session.stop, Printer().status):
            signal.raise_signal(signal.SIGHUP)
    finally:
        signal.signal(signal.SIGHUP, before)
    assert session.stops == 0


@pytest.mark.parametrize(
    ("flags", "wanted"),
    [
        ([], ("headset", "3")),
        (["--output-device", "hdmi"], ("headset", "hdmi")),
        (["--input-device", "1", "--output-device", "2"], ("1", "2")),
    ],
)
def test_the_settings_name_the_devices_unless_a_flag_does(
    flags: list[str],
    wanted: tuple[str, str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    file = tmp_path / "config.toml"
    file.write_text('input-device = "headset"\noutput-device = 3\n')
    monkeypatch.setenv("STSLOCAL_CONFIG", str(file))
    opened: list[tuple[str, str]] = []

    def open_devices(*, input_device: str, output_device: str, **_: object) -> None:
        opened.append((input_device, output_device))
        raise AudioDeviceError("enough")

    monkeypatch.setattr("stslocal.cli.live.check_live", lambda *_: None)
    engines = SimpleNamespace(synthesizer=SimpleNamespace(sample_rate=24_000))
    monkeypatch.setattr("stslocal.cli.live.load_live_engines", lambda *_: engines)
    monkeypatch.setattr("stslocal.cli.live_devices.LiveDevices", open_devices)
    assert main(["live", "--to", "pt", *flags]) == 1
    assert opened == [wanted]
    assert "stslocal: enough" in capsys.readouterr().err


@pytest.mark.parametrize(("refused", "word"), [("mic", "microphone"), ("speaker", "loudspeaker")])
def test_a_refused_device_is_named_and_the_other_one_is_closed(
    refused: str, word: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    cards = FakeSoundDevice(
        [FakeCard("mic", inputs=1), FakeCard("speaker", outputs=2)],
        default_input="mic",
        default_output="speaker",
    )
    for card in cards.plugged:
        card.refuses = "Device or resource busy" if card.name == refused else ""
    monkeypatch.setitem(sys.modules, "sounddevice", cards)
    with pytest.raises(AudioDeviceError, match=f"the {word} '{refused}' cannot be opened"):
        LiveDevices(
            input_device=None,
            output_device=None,
            simulate=None,
            channel=None,
            sample_rate=24_000,
            emit=lambda event: None,
        )
    assert all(stream.closed for stream in cards.streams)
