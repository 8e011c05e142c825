"""How a live session is ended from outside, and how it does not even begin."""

from __future__ import annotations

import argparse
import signal
import sys
import time
from types import SimpleNamespace
from typing import Any

import pytest

from stslocal.cli.live import _ended_by_signals, _Sound
from stslocal.cli.output import Printer
from stslocal.errors import AudioDeviceError
from tests.fake_sounddevice import FakeCard, FakeSoundDevice

pytestmark = pytest.mark.unit


class Session:
    """Counts how often it was asked to end."""

    def __init__(self) -> None:
        self.stops = 0

    def stop(self) -> None:
        self.stops += 1


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has other signals")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_first_signal_ends_in_order_and_ctrl_c_then_at_once(
    number: signal.Signals, capsys: pytest.CaptureFixture[str]
) -> None:
    session: Any = Session()
    before = signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)
    with _ended_by_signals(session, Printer()):
        signal.raise_signal(number)
        assert session.stops == 1
        assert "what was said is still translated" in capsys.readouterr().err
        with pytest.raises(KeyboardInterrupt):  # noqa: PT012 - the signal comes a moment later
            signal.raise_signal(signal.SIGINT)
            time.sleep(5)
        assert session.stops == 1
    assert (signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)) == before


@pytest.mark.parametrize(("refused", "word"), [("mic", "microphone"), ("speaker", "loudspeaker")])
def test_a_refused_device_is_named_and_the_other_is_let_go(
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
    arguments = argparse.Namespace(simulate=None, input_device=None, output_device=None)
    engines: Any = SimpleNamespace(synthesizer=SimpleNamespace(sample_rate=24_000))
    with pytest.raises(AudioDeviceError, match=f"the {word} '{refused}' cannot be opened"):
        _Sound(arguments, engines, lambda event: None)
    assert all(stream.closed for stream in cards.streams)
