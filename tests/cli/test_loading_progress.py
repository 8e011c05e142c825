"""How far the models are loaded is shown on a terminal."""

from __future__ import annotations

import io

import pytest

from stslocal.cli.loading_progress import loading_shown
from stslocal.cli.output import Printer

pytestmark = pytest.mark.unit


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def shown(stream: io.StringIO, monkeypatch: pytest.MonkeyPatch, *, verbosity: int = 0) -> str:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setattr("sys.stderr", stream)
    with loading_shown(Printer(verbosity=verbosity)) as on_progress:
        on_progress(0, 3, "")
        on_progress(1, 3, "recognizer whisper-base")
        on_progress(3, 3, "synthesizer kokoro")
    return stream.getvalue()


def test_a_terminal_shows_which_model_was_loaded_and_how_many_there_are(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    text = shown(Terminal(), monkeypatch)
    assert "loading the models" in text
    assert "3 / 3" in text
    assert "synthesizer kokoro" in text


def test_a_pipe_gets_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    assert shown(io.StringIO(), monkeypatch) == "loading the models ...\n"


def test_quiet_shows_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    assert shown(Terminal(), monkeypatch, verbosity=-1) == ""
