"""The views of a live session, and what its command refuses."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from rich.console import Console

from stslocal.cli import main
from stslocal.cli.live_lines import SegmentLog, ready_line, summary_lines
from stslocal.cli.live_screen import ScreenView
from stslocal.cli.live_view import EventQueue, JsonView, LineView
from stslocal.cli.output import Printer
from stslocal.live.options import LiveOptions
from stslocal.metrics import (
    DeviceChanged,
    DeviceXrun,
    DuplexChanged,
    Event,
    FirstAudio,
    InputLevel,
    InputMuted,
    LagMeasured,
    MicrophoneFault,
    PartialText,
    PlaybackEnded,
    PlaybackStarted,
    ReliefChanged,
    SegmentCommitted,
    SegmentDropped,
    SegmentPaced,
    SegmentTranslated,
    TextCommitted,
    from_json,
)
from stslocal.translation.request import TranslationRequest
from stslocal.types import Word
from tests.live_helpers import FakeLive

pytestmark = pytest.mark.unit

OPTIONS = LiveOptions(TranslationRequest("pt", "en"), duplex="full")
EVENTS: tuple[Event, ...] = (
    TextCommitted(1.0, 0, (Word("Good", 0.2, 0.5, 0.9), Word("morning.", 0.5, 0.9, 0.9))),
    PartialText(1.0, 0, "How are"),
    SegmentCommitted(1.0, 0, 0.2, 0.9, "Good morning.", "en"),
    SegmentTranslated(1.1, 0, 1.05, "Bom dia.", "pt"),
    SegmentPaced(1.1, 0, 1.08, 1.0, 0.6),
    FirstAudio(1.5, 0, 1.1),
    InputLevel(1.5, 0.1, 0.02, False),
    PlaybackStarted(1.6, 0, 0.2, 0.9),
)


OFF = "While the translation plays the microphone is off: pause, or wear headphones (duplex half);"


@pytest.mark.parametrize(
    ("source", "output_name", "line"),
    [
        (
            "en",
            "headphones",
            'Speak English into "webcam"; the translation is played in Portuguese on "headphones".'
            f" {OFF} Ctrl-C ends.",
        ),
        (
            None,
            "headphones",
            'Speak any language into "webcam"; the translation is played in Portuguese on'
            f' "headphones". {OFF} Ctrl-C ends.',
        ),
        (
            "en",
            None,
            'Speech in English is read from "webcam"; the translation in Portuguese is played'
            f" without sound. {OFF} Ctrl-C ends.",
        ),
    ],
)
def test_the_first_line_says_where_to_speak_and_where_the_translation_is_played(
    source: str | None, output_name: str | None, line: str
) -> None:
    options = LiveOptions(TranslationRequest("pt", source), duplex="half")
    assert ready_line("webcam", output_name, options) == line


def test_lines_show_each_segment_and_when_it_was_played(
    capsys: pytest.CaptureFixture[str],
) -> None:
    view = LineView(Printer())
    view.ready("microphone", "headphones", OPTIONS)
    for event in (
        *EVENTS,
        SegmentDropped(2.0, 1, "echo", "bom dia"),
        DeviceChanged(2.0, "output", "headphones", False),
        MicrophoneFault(2.0, "too loud", True),
        DuplexChanged(3.0, "half", "the echo of the loudspeaker cannot be taken out"),
    ):
        view.show(event)
    out, err = capsys.readouterr()
    assert out.splitlines() == [
        "0:00 en  Good morning.",
        "0:00 pt  Bom dia.",
        "not spoken, echo: bom dia",
    ]
    assert 'Speak English into "microphone"; ' in err
    assert 'warning: the loudspeaker "headphones" is gone: the session goes on' in err
    assert 'warning: "microphone" is too loud' in err
    assert f"{OFF[:-1]}: the echo of the loudspeaker cannot be taken out" in err


def test_the_figures_of_a_segment_are_shown_with_v(capsys: pytest.CaptureFixture[str]) -> None:
    view = LineView(Printer(verbosity=1))
    for event in EVENTS:
        view.show(event)
    assert capsys.readouterr().out.splitlines()[1] == (
        "0:00 pt  Bom dia.  (recognized 0.10, translation 0.05, voice 0.40, "
        "played after 0.70 s, 1.08x)"
    )


def test_json_is_every_event_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    view = JsonView(Printer(json=True))
    for event in EVENTS:
        view.show(event)
    lines = capsys.readouterr().out.splitlines()
    assert [from_json(line) for line in lines] == list(EVENTS)
    assert json.loads(lines[0])["event"] == "text_committed"


def screen(width: int = 80, height: int = 24, *, verbosity: int = 0) -> tuple[ScreenView, Console]:
    console = Console(
        width=width, height=height, file=io.StringIO(), force_terminal=True, color_system=None
    )
    return ScreenView(Printer(verbosity=verbosity), console), console


def scrolled(console: Console) -> list[str]:
    """The lines that were printed above the foot of the screen."""
    text = console.file.getvalue()  # type: ignore[attr-defined]
    lines = [line.rstrip() for line in text.split("\x1b[?25l")[0].splitlines()]
    return [line for line in lines if line.strip() and "\x1b" not in line]


def foot(view: ScreenView, console: Console) -> list[str]:
    with console.capture() as captured:
        console.print(view.moving_lines())
    return captured.get().splitlines()


def test_the_screen_shows_speech_playback_and_figures_within_80_columns() -> None:
    view, console = screen()
    for event in EVENTS:
        view.show(event)
    view.show(TextCommitted(2.0, 1, (Word("How", 1.0, 1.2, 0.9),)))
    view.show(PartialText(2.0, 1, "are you"))
    view.show(ReliefChanged(2.0, "pauses", True, 2.5))
    view.show(LagMeasured(2.0, spoken_s=2.0, played_s=0.5))
    view.show(DeviceXrun(2.0, "output", 480))
    recognized, played, figures = foot(view, console)
    assert recognized.rstrip() == " > How are you"
    assert played.rstrip() == "pt playing: Bom dia."
    assert "lag 1.5 s, in time  1 gap  shorter pauses" in figures
    assert "-20" in figures
    view.show(PlaybackEnded(3.0, 0))
    assert foot(view, console)[1].rstrip() == "   listening"
    assert scrolled(console) == ["en Good morning.", "pt Bom dia."]


def test_a_segment_of_several_lines_is_indented() -> None:
    view, console = screen(verbosity=1)
    text = " ".join(f"word{n}" for n in range(20)) + "."
    view.show(SegmentCommitted(30.0, 0, 10.0, 18.12, text, "en"))
    view.show(SegmentTranslated(30.1, 0, 18.0, "bom dia " * 15, "pt"))
    view.show(SegmentPaced(30.1, 0, 1.25, 1.0, 0.6))
    view.show(FirstAudio(42.5, 0, 30.1))
    view.show(PlaybackStarted(42.6, 0, 10.0, 18.12))
    written = scrolled(console)
    assert written[0].startswith("en word0 ")
    assert written[1].startswith("   word")
    assert any(line.startswith("pt bom dia") for line in written)
    assert written[-1].endswith("played after 24.48 s, 1.25x")
    assert all(len(line) <= 80 for line in written)


def test_a_long_sentence_keeps_the_foot_of_the_screen_small() -> None:
    view, console = screen()
    words = tuple(Word(f"word{n}", 0.1 * n, 0.1 * n, 0.9) for n in range(200))
    view.show(TextCommitted(2.0, 0, words))
    view.show(PartialText(2.0, 0, "and then " * 5))
    lines = foot(view, console)
    assert len(lines) <= 5
    assert all(len(line) <= 80 for line in lines)


def test_only_the_last_segments_are_remembered() -> None:
    log = SegmentLog()
    for number in range(1000):
        log.add(SegmentCommitted(1.0, number, 0.2, 0.9, "text", "en"))
    assert list(log.rows) == list(range(936, 1000))


def test_the_event_queue_shows_events_until_it_is_closed() -> None:
    shown: list[Event] = []
    with EventQueue(shown.append) as queue:
        for event in EVENTS:
            queue.emit(event)
    assert shown == list(EVENTS)
    queue.emit(EVENTS[0])
    assert len(shown) == len(EVENTS), "the view is closed"


def test_the_summary_counts_everything_that_was_left_out() -> None:
    live = FakeLive()
    session = live.session(live.lexicon.script((0.5, "One two."), (3.0, "Three four.")))
    assert summary_lines([], session.lag.counts) == ["nothing was translated"]
    list(session)
    more: list[Event] = [
        SegmentDropped(2.0, 9, "echo", "bom dia"),
        InputMuted(2.0, 7.5),
        InputMuted(3.0, 4.5),
    ]
    lines = summary_lines([*live.events, *more], session.lag.counts)
    assert lines[0].startswith("2 segments, played ")
    assert "segments not spoken: 1 (echo)" in lines
    assert (
        "the microphone was off for 12 s while the translation played: pause, or wear headphones"
        in lines
    )


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["--from", "en"], "--to"),
        (["--from", "pt", "--to", "pt"], "nothing to translate"),
        (["--to", "pt", "--voice", "pm_alex", "--keep-voice", "me"], "--voice auto"),
        (["--to", "pt", "--simulate", "a.wav", "--input-device", "1"], "--simulate"),
        (["--to", "pt", "--max-lag", "0"], "--max-lag"),
        (["--to", "klingon"], "klingon"),
    ],
)
def test_wrong_options_are_refused_before_any_model_is_loaded(
    arguments: list[str], complaint: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["live", *arguments]) == 2
    assert complaint in capsys.readouterr().err


@pytest.mark.parametrize("flag", ["--simulate", "--reference"])
def test_a_missing_file_is_reported_before_any_model_is_loaded(
    flag: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STSLOCAL_MODELS", str(tmp_path))
    assert main(["live", "--to", "pt", flag, str(tmp_path / "talk.wav")]) == 1
    assert "talk.wav does not exist" in capsys.readouterr().err
