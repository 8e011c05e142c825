from __future__ import annotations

import io
import json

import pytest

from stslocal.cli.output import Printer, Unit, _PlainProgress, format_amount, format_duration

pytestmark = pytest.mark.unit


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    """Make stderr a terminal. Not a fixture: pytest puts its own stderr back after the set-up."""
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "120")
    monkeypatch.delenv("NO_COLOR", raising=False)
    stream = Terminal()
    monkeypatch.setattr("sys.stderr", stream)
    return stream


@pytest.mark.parametrize(
    ("verbosity", "said"),
    [
        (-2, "error"),
        (-1, "warning error"),
        (0, "status warning error"),
        (1, "detail status warning error"),
    ],
)
def test_verbosity_chooses_what_is_printed(
    capsys: pytest.CaptureFixture[str], verbosity: int, said: str
) -> None:
    printer = Printer(verbosity=verbosity)
    printer.detail("detail")
    printer.status("status")
    printer.warning("warning")
    printer.error("error")
    printer.result("result")
    out, err = capsys.readouterr()
    assert out == "result\n"
    assert [line.split()[-1] for line in err.splitlines()] == said.split()


def test_a_result_is_text_or_json(capsys: pytest.CaptureFixture[str]) -> None:
    for as_json in (False, True):
        printer = Printer(json=as_json)
        printer.result("made a.wav")
        printer.result_json({"file": "ação.wav"})
        out = capsys.readouterr().out
        if as_json:
            assert json.loads(out) == {"file": "ação.wav"}
            assert "ação" in out
        else:
            assert out == "made a.wav\n"


def test_progress_in_a_pipe_is_its_last_line(capsys: pytest.CaptureFixture[str]) -> None:
    with Printer().progress("a.mp3", total=120, unit="audio") as bar:
        bar.update(30)
        bar.update(60, note="real-time factor 0.50")
    assert capsys.readouterr().err == "a.mp3: 1:00 / 2:00, real-time factor 0.50\n"


def test_progress_in_a_pipe_prints_a_line_from_time_to_time(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_PlainProgress, "interval_s", 0.0)
    with Printer().progress("whisper", unit="bytes") as bar:
        bar.update(5e6)
        bar.update(1e7, total=1.5e8)
    assert capsys.readouterr().err == "whisper: 5 MB\nwhisper: 10 MB / 150 MB\n"


def test_progress_that_fails_prints_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    def fail() -> None:
        with Printer().progress("a.mp3") as bar:
            bar.update(1)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert capsys.readouterr().err == ""


def test_quiet_shows_no_progress(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = on_a_terminal(monkeypatch)
    with Printer(verbosity=-1).progress("a.mp3", total=2) as bar:
        bar.update(1)
    assert terminal.getvalue() == ""


def test_a_terminal_gets_bars_and_lines_above_them(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = on_a_terminal(monkeypatch)
    printer = Printer()
    with printer.progress("all files", total=2) as outer:
        with printer.progress("a.mp3", total=120, unit="audio"):
            printer.warning("a.mp3 is quiet [sic]")
        outer.update(1)
    with printer.progress("again", total=120, unit="audio") as bar:
        bar.update(60, note="real-time factor 0.50")
    shown = terminal.getvalue()
    for text in ("all files", "1:00 / 2:00", "factor 0.50", "a.mp3 is quiet [sic]", "again"):
        assert text in shown
    assert "\x1b[?25h" in shown[-80:], "the cursor is shown again"


def test_no_color_is_respected(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = on_a_terminal(monkeypatch)
    monkeypatch.setenv("NO_COLOR", "1")
    with Printer().progress("a.mp3", total=2) as bar:
        bar.update(1)
    assert "a.mp3" in terminal.getvalue()
    assert "\x1b[3" not in terminal.getvalue()


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (0, "bytes", "0 B"),
        (999, "bytes", "999 B"),
        (145_217_607, "bytes", "145 MB"),
        (1_230_000_000, "bytes", "1.23 GB"),
        (17_090, "bytes", "17.1 kB"),
        (187, "audio", "3:07"),
        (12, "items", "12"),
    ],
)
def test_amounts_are_written_for_people(value: float, unit: Unit, text: str) -> None:
    assert format_amount(value, unit) == text


def test_durations_have_hours_when_they_need_them() -> None:
    assert [format_duration(s) for s in (0, 59.6, 3599, 3723)] == [
        "0:00",
        "1:00",
        "59:59",
        "1:02:03",
    ]
