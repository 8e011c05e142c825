"""Foreign text reaches a terminal without its control characters."""

from __future__ import annotations

import io
import json
import logging
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from stslocal.cli import main
from stslocal.cli.live_screen import ScreenView
from stslocal.cli.live_view import JsonView, LineView
from stslocal.cli.logs import log_records_shown
from stslocal.cli.output import Printer
from stslocal.cli.visible import visible, visible_fields, visible_lines
from stslocal.metrics import (
    Notice,
    PartialText,
    SegmentCommitted,
    SegmentDropped,
    TextCommitted,
    from_json,
)
from stslocal.types import Word

pytestmark = pytest.mark.unit

EVIL = "\x1b]0;owned\x07\x1b[31m\r\x9b2J\x7f\u202egnp.\u2066\nstslocal: all is well"
SHOWN = r"\x1b]0;owned\x07\x1b[31m\r\x9b2J\x7f\u202egnp.\u2066\nstslocal: all is well"


def is_control(character: str) -> bool:
    """C0, DEL, C1, the separators of lines, or Unicode's Bidi_Control."""
    code = ord(character)
    bidi = code in (0x61C, 0x200E, 0x200F) or 0x202A <= code <= 0x202E or 0x2066 <= code <= 0x2069
    return code < 32 or 127 <= code < 160 or code in (0x2028, 0x2029) or bidi


@given(st.text())
def test_only_control_characters_change(text: str) -> None:
    shown = visible(text)
    assert not any(map(is_control, shown))
    kept = "".join(character for character in text if not is_control(character))
    if kept == text:
        assert shown == text
    else:
        assert len(shown) > len(kept)


def test_every_way_of_printing_escapes(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    printer = Printer(verbosity=3)
    for show in (
        printer.result, printer.live_result, printer.status, printer.show, printer.detail,
        printer.warning, printer.error,
    ):  # fmt: skip
        show(EVIL)
        out, err = capsys.readouterr()
        assert (out + err).endswith(f"{SHOWN}\n")
        assert (out + err).count("\n") == 1
    with printer.progress(EVIL) as bar:
        bar.update(1, note=EVIL)
    assert capsys.readouterr().err == f"{SHOWN}: 1, {SHOWN}\n"
    try:
        raise ValueError(EVIL)
    except ValueError as error:
        printer.traceback(error)
    assert not any(is_control(c) for c in capsys.readouterr().err.replace("\n", ""))


def test_bars_on_a_terminal_escape(monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "300")
    terminal = Terminal()
    monkeypatch.setattr("sys.stderr", terminal)
    printer = Printer()
    with printer.progress(EVIL) as bar:
        bar.update(1, note=EVIL)
        printer.warning(EVIL)
    shown = terminal.getvalue()
    assert f"warning: {SHOWN}" in shown
    for raw in ("\x1b]0;", "\x07", "\x1b[31m", "\x9b", "\u202e"):
        assert raw not in shown


def test_json_is_as_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    printer = Printer(json=True)
    printer.result_json("voice", {"name": EVIL})
    assert json.loads(capsys.readouterr().out) == {"voice": {"name": EVIL}}
    notice = Notice(1.0, EVIL)
    JsonView(printer).show(notice)
    assert from_json(capsys.readouterr().out) == notice


def test_our_own_lists_keep_their_lines_and_names_begin_none() -> None:
    assert visible_lines("choose one of these\n  0 mic\n  1 desk") == (
        "choose one of these\n  0 mic\n  1 desk"
    )
    assert visible_lines("no file a\nstslocal: done") == "no file a\\nstslocal: done"


@pytest.mark.parametrize("view", ["lines", "screen"])
def test_the_views_of_a_live_session_escape(view: str, capsys: pytest.CaptureFixture[str]) -> None:
    events = (
        TextCommitted(1.0, 0, (Word(EVIL, 0.2, 0.5, 0.9),)),
        PartialText(1.0, 0, EVIL),
        SegmentCommitted(1.0, 0, 0.2, 0.9, EVIL, "en"),
        SegmentDropped(1.0, 0, "echo", EVIL),
        Notice(1.0, EVIL),
    )
    shown = io.StringIO()
    if view == "lines":
        for event in events:
            LineView(Printer()).show(event)
    else:
        console = Console(file=shown, width=400, height=50, force_terminal=True, no_color=True)
        with ScreenView(Printer(), console) as screen:
            for event in events:
                screen.show(event)
            console.print(screen.moving_lines())
    out, err = capsys.readouterr()
    text = out + err + shown.getvalue()
    assert SHOWN in text
    for raw in ("\x1b]0;", "\x07", "\x1b[31m", "\x9b", "\u202e"):
        assert raw not in text


def test_parts_of_an_event_are_made_visible() -> None:
    event = TextCommitted(1.0, 0, (Word("a\x1bb", 0.2, 0.5, 0.9),))
    assert visible_fields(event) == TextCommitted(1.0, 0, (Word(r"a\x1bb", 0.2, 0.5, 0.9),))


def test_log_records_escape(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "log"
    log = logging.getLogger("stslocal.models")
    with log_records_shown(Printer(verbosity=2), path):
        try:
            raise ValueError(EVIL)
        except ValueError:
            log.warning("no voice %s", EVIL, exc_info=True)
    for text in (path.read_text(encoding="utf-8"), capsys.readouterr().err):
        assert f"no voice {SHOWN}" in text
        assert not any(is_control(c) for c in text.replace("\n", ""))


@pytest.mark.skipif(sys.platform == "win32", reason="Windows refuses such names")
def test_a_name_in_an_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    name = EVIL.replace("/", "")
    assert main(["translate", str(tmp_path / name), "--to", "pt"]) == 1
    assert SHOWN in capsys.readouterr().err
