from __future__ import annotations

import io
import json
import re

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
        printer.result_json("voice", {"file": "ação.wav"})
        out = capsys.readouterr().out
        if as_json:
            assert json.loads(out) == {"voice": {"file": "ação.wav"}}
            assert "ação" in out
        else:
            assert out == "made a.wav\n"


def test_progress_in_a_pipe_is_its_last_line(capsys: pytest.CaptureFixture[str]) -> None:
    with Printer().progress("a.mp3", total=120, unit="audio") as bar:
        bar.update(30)
        bar.update(60, note="2.0 × faster")
    assert capsys.readouterr().err == "a.mp3: 1:00 / 2:00, 2.0 × faster\n"


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
        bar.update(60, note="2.0 × faster")
    shown = terminal.getvalue()
    for text in ("all files", "1:00 / 2:00", "2.0 × faster", "a.mp3 is quiet [sic]", "again"):
        assert text in shown
    assert "\x1b[?25h" in shown[-80:], "the cursor is shown again"


def test_sentences_are_shown_above_the_bar_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = on_a_terminal(monkeypatch)
    monkeypatch.setenv("COLUMNS", "80")
    long = "This sentence is so long that it does not fit into one line of a terminal."
    with Printer().progress("a.mp3", total=120, unit="audio") as bar:
        printer = Printer()
        bar.update(60)
    printer = Printer()
    with printer.progress("a.mp3", total=120, unit="audio") as bar:
        printer.sentence(65.2, [("en", long), ("pt", "Uma frase [longa].")])
        for name in ("a.mp3", "a.mp3", "b.mp3"):
            printer.sentence(70.0, [("en", "Yes.")], name=name)
        bar.update(60)
    plain = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", terminal.getvalue()).replace("\r", "\n")
    lines = [line.rstrip() for line in plain.splitlines()]
    assert f"  1:05 en {long.removesuffix(' terminal.')}" in lines
    assert " " * 10 + "terminal." in lines
    assert "       pt Uma frase [longa]." in lines
    assert [line for line in lines if line in ("a.mp3", "b.mp3")] == ["a.mp3", "b.mp3"]
    assert all(len(line) <= 80 for line in lines)


def test_sentences_are_plain_lines_in_a_pipe(capsys: pytest.CaptureFixture[str]) -> None:
    printer = Printer()
    texts = [("en", "Good\x1bday."), ("pt", "Bom dia.")]
    with printer.progress("a.mp3", total=120, unit="audio"):
        printer.sentence(65.2, texts)
    printer.sentence(66.0, texts, name="a.mp3")
    out, err = capsys.readouterr()
    assert err.splitlines() == [
        "1:05 en Good\\x1bday.", "1:05 pt Bom dia.",
        "a.mp3: 1:06 en Good\\x1bday.", "a.mp3: 1:06 pt Bom dia.",
    ]  # fmt: skip
    assert out == ""


def test_a_text_is_shown_once_and_one_that_is_not_known_not_at_all(
    capsys: pytest.CaptureFixture[str],
) -> None:
    printer = Printer()
    printer.sentence(1.0, [("pt", "Bom dia."), ("pt", "Bom dia.")])
    printer.sentence(2.0, [("en", ""), ("pt", "Boa noite.")])
    assert capsys.readouterr().err.splitlines() == ["0:01 pt Bom dia.", "0:02 pt Boa noite."]


@pytest.mark.parametrize(("verbosity", "is_terminal"), [(-1, False), (-2, False), (-1, True)])
def test_q_hides_sentences(
    verbosity: int,
    is_terminal: bool,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    terminal = on_a_terminal(monkeypatch) if is_terminal else None
    printer = Printer(verbosity=verbosity)
    with printer.progress("a.mp3", total=120, unit="audio"):
        printer.sentence(1.0, [("en", "Good day.")])
    shown = capsys.readouterr().err if terminal is None else terminal.getvalue()
    assert shown == ""


def test_a_long_name_leaves_room_for_the_bar(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = on_a_terminal(monkeypatch)
    monkeypatch.setenv("COLUMNS", "80")
    name = "a-recording-with-a-name-that-is-far-too-long-for-a-line.mp3"
    with Printer().progress(name, total=3600, unit="audio") as bar:
        bar.update(1800, note="2.0 × faster")
    shown = terminal.getvalue()
    assert name[:20] in shown
    assert name not in shown
    assert "30:00 / 1:00:00" in shown
    assert "2.0 × faster" in shown


def test_what_a_stream_cannot_show_is_written_in_ascii(monkeypatch: pytest.MonkeyPatch) -> None:
    out, err = (io.TextIOWrapper(io.BytesIO(), encoding="ascii") for _ in range(2))
    monkeypatch.setattr("sys.stdout", out)
    monkeypatch.setattr("sys.__stderr__", err)
    monkeypatch.setattr("sys.stderr", err)
    Printer().result("2.0 × faster")
    Printer().status("1.4 × slower")
    for stream, text in ((out, b"2.0 x faster\n"), (err, b"1.4 x slower\n")):
        stream.flush()
        assert stream.buffer.getvalue() == text


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
