"""The screen of a live session in terminals of every size, and what it says of devices."""

from __future__ import annotations

import io
import math
from dataclasses import dataclass
from itertools import takewhile

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from stslocal.cli.device_lines import DeviceLines
from stslocal.cli.live_screen import ScreenView, lag_part
from stslocal.cli.live_view import JsonView, LineView, QuietView, make_view
from stslocal.cli.output import Printer
from stslocal.cli.screen_parts import first_words, last_words, line_count, parts_in_lines
from stslocal.cli.wrapping import columns_of, wrapped
from stslocal.live.options import LiveOptions
from stslocal.metrics import (
    DeviceChanged,
    DeviceXrun,
    Event,
    InputLevel,
    LagMeasured,
    MicrophoneFault,
    Notice,
    PartialText,
    PlaybackStarted,
    ReliefChanged,
    SegmentCommitted,
    SegmentTranslated,
    TextCommitted,
)
from stslocal.translation.request import TranslationRequest
from stslocal.types import Word

pytestmark = pytest.mark.unit

OPTIONS = LiveOptions(TranslationRequest("pt", "en"), duplex="full", max_lag_s=4.0)
SAID = "which requires full use of the best resources of many parts of our government"
SPOKEN = "que requer pleno uso dos melhores recursos de muitas partes do nosso governo."
WORDS = [*SAID.split(), *SPOKEN.split(), "playing:", "pt"]
FALLING_BEHIND: tuple[Event, ...] = (
    SegmentCommitted(8.0, 0, 1.0, 6.0, SAID, "en"),
    SegmentTranslated(8.1, 0, 8.0, SPOKEN, "pt"),
    PlaybackStarted(9.0, 0, 1.0, 6.0),
    TextCommitted(9.0, 1, tuple(Word(text, 6.0, 6.5, 0.9) for text in SAID.split())),
    PartialText(9.0, 1, " ".join(SPOKEN.split())),
    InputLevel(9.0, 0.12345, 0.02, True),
    LagMeasured(9.0, 16.25, 6.0),
    DeviceXrun(9.0, "output", 480),
    DeviceXrun(9.0, "output", 480),
    DeviceXrun(9.0, "output", 480),
    DeviceXrun(9.0, "input", 8000),
    ReliefChanged(9.0, "pauses", True, 5.0),
    ReliefChanged(9.0, "speed", True, 5.0),
    Notice(9.0, "'dense reading' of the glossary was translated freely"),
    DeviceChanged(9.0, "output", "USB headphones", False),
    MicrophoneFault(9.0, "quiet", True),
)
FIGURES = (
    "lag 10.2 s, far behind", "3 gaps", "0.5 s not captured", "faster speech", "shorter pauses",
    "muted",
)  # fmt: skip


@dataclass(frozen=True)
class Shown:
    """What a person sees: the lines that scroll up, and those at the foot of the screen."""

    above: list[str]
    foot: list[str]

    @property
    def flowing(self) -> str:
        """The lines above, without line breaks."""
        return " ".join(" ".join(self.above).split())


def shown(width: int, height: int, *events: Event, utf: bool = True) -> Shown:
    file = io.TextIOWrapper(io.BytesIO(), encoding="utf-8" if utf else "ascii")
    console = Console(
        width=width, height=height, file=file, force_terminal=True, color_system=None,
        legacy_windows=False, record=True,
    )  # fmt: skip
    view = ScreenView(Printer(), console)
    view.announce("Built-in Audio Analog Stereo", "Speakers", OPTIONS)
    for event in events:
        view.show(event)
    above = console.export_text(clear=True)
    console.print(view.moving_lines())
    foot = console.export_text()
    return Shown(*([line.rstrip() for line in text.splitlines()] for text in (above, foot)))


@pytest.mark.parametrize("utf", [True, False])
@pytest.mark.parametrize("height", [24, 6])
@pytest.mark.parametrize("width", [120, 80, 40, 33])
def test_nothing_is_cut_in_the_middle(width: int, height: int, utf: bool) -> None:
    seen = shown(width, height, *FALLING_BEHIND, utf=utf)
    assert all(cell_len(line) <= width for line in (*seen.above, *seen.foot))
    assert len(seen.foot) < height
    assert utf or "".join((*seen.above, *seen.foot)).isascii()
    texts = takewhile(lambda line: not line.startswith("["), seen.foot)
    speech = [word for line in texts for word in line.split() if word[0].isalpha()]
    assert {word.rstrip(".…") for word in speech} <= {word.rstrip(".") for word in WORDS}
    assert SAID in seen.flowing
    assert SPOKEN in seen.flowing
    assert 'the loudspeaker "USB headphones" is gone' in seen.flowing
    if height == 24:
        figures = "\n".join(seen.foot)
        assert all(figure in figures for figure in FIGURES)


@pytest.mark.parametrize(("width", "height"), [(1, 1), (5, 3), (12, 4), (20, 2)])
def test_a_tiny_terminal_is_no_error(width: int, height: int) -> None:
    seen = shown(width, height, *FALLING_BEHIND)
    assert 1 <= len(seen.foot) <= max(1, height)


def test_the_lag_is_judged_by_the_one_that_is_allowed() -> None:
    assert lag_part(2.0, 4.0) == Text("lag 2.0 s, in time", style="green")
    assert lag_part(2.1, 4.0).style == "yellow"
    assert lag_part(4.0, 4.0).plain == "lag 4.0 s, a little behind"
    assert lag_part(4.1, 4.0) == Text("lag 4.1 s, far behind", style="bold red")
    assert lag_part(4.1, 10.0).style == "green"
    assert lag_part(99.0, math.inf).style == "green", "nothing is known of what is allowed"


def test_a_silent_microphone_stays_on_the_screen_until_sound_comes() -> None:
    silent = MicrophoneFault(5.0, "silent", True)
    seen = shown(80, 24, InputLevel(5.0, 0.0, 0.0, False), silent)
    assert '! no sound comes from "Built-in Audio Analog Stereo": is it muted, or' in seen.flowing
    assert "the wrong one? `stslocal devices` lists them" in seen.flowing
    assert seen.foot[-1].endswith("-60 dB  no sound")
    seen = shown(80, 24, silent, MicrophoneFault(7.0, "silent", False))
    assert 'sound comes from "Built-in Audio Analog Stereo" again' in seen.flowing
    assert seen.foot[-1].endswith("dB")


def test_what_follows_in_a_remark_is_indented() -> None:
    seen = shown(60, 24, MicrophoneFault(5.0, "silent", True))
    first = next(n for n, line in enumerate(seen.above) if line.startswith(" ! "))
    assert len(seen.above) > first + 1
    assert all(line.startswith("   ") for line in seen.above[first + 1 :])
    assert any("`stslocal devices`" in line for line in seen.above), "a command is on one line"


@pytest.mark.parametrize(
    ("event", "line"),
    [
        (DeviceChanged(1.0, "input", "webcam", False), 'the microphone "webcam" is gone: the sess'),
        (DeviceChanged(1.0, "output", "hdmi", True), 'the loudspeaker "hdmi" is back'),
        (MicrophoneFault(1.0, "quiet", True), 'speech from "mic" is very quiet: come closer to'),
        (MicrophoneFault(1.0, "too loud", True), '"mic" is too loud and distorted: turn its'),
        (MicrophoneFault(1.0, "telephone", True), '"mic" sounds like a telephone, and words are'),
        (MicrophoneFault(1.0, "silent", False), 'sound comes from "mic" again'),
    ],
)
def test_what_is_said_of_devices(event: DeviceChanged | MicrophoneFault, line: str) -> None:
    lines = DeviceLines()
    lines.ready("mic", "speaker")
    assert lines.line(event).startswith(line)


def test_a_muted_microphone_is_named_as_such(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("stslocal.cli.device_lines.muted_source", lambda name: "mic_source")
    lines = DeviceLines()
    lines.ready("mic", "speaker")
    line = lines.line(MicrophoneFault(1.0, "silent", True))
    assert 'no sound comes from "mic", because it is muted in the sound settings' in line
    assert line.endswith("`pactl set-source-mute mic_source 0`")


@pytest.mark.parametrize("fault", ["silent", "quiet", "too loud", "telephone"])
def test_a_recording_is_no_microphone(fault: str) -> None:
    lines = DeviceLines()
    lines.ready("talk.mp3", None)
    line = lines.line(MicrophoneFault(1.0, fault, True))  # type: ignore[arg-type]
    assert '"talk.mp3"' in line
    assert "mute" not in line
    assert "closer" not in line


def test_the_microphone_that_took_the_place_of_another_is_named() -> None:
    lines = DeviceLines()
    lines.ready("mic", "speaker")
    lines.line(DeviceChanged(1.0, "input", "other", True))
    assert '"other"' in lines.line(MicrophoneFault(1.0, "quiet", True))


@pytest.mark.parametrize("view", [LineView, JsonView, QuietView])
def test_every_view_says_that_the_microphone_is_silent(
    view: type[LineView | JsonView | QuietView], capsys: pytest.CaptureFixture[str]
) -> None:
    made = view(Printer())
    made.ready("mic", "speaker", OPTIONS)
    made.show(MicrophoneFault(1.0, "silent", True))
    assert 'warning: no sound comes from "mic"' in capsys.readouterr().err


@pytest.mark.parametrize(("terminal", "screen"), [("xterm", True), ("dumb", False)])
def test_a_terminal_that_cannot_draw_gets_lines(
    terminal: str, screen: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TERM", terminal)
    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
    with make_view(Printer()) as view:
        assert isinstance(view, ScreenView) is screen


@given(st.lists(st.text("abc漢", min_size=1, max_size=30)), st.integers(4, 50), st.integers(1, 3))
def test_the_last_words_fit_and_are_the_last(words: list[str], columns: int, lines: int) -> None:
    kept = last_words(words, columns, lines, "…")
    assert line_count(kept, columns) <= lines
    if kept != words:
        assert kept[0] == "…"
        assert "".join(words).endswith("".join(kept[1:]))


@given(st.text("abc 漢", max_size=90), st.integers(8, 50))
def test_the_first_words_fit_and_are_the_first(text: str, columns: int) -> None:
    kept = first_words(text, columns, "…")
    assert cell_len(kept) <= columns
    assert " ".join(text.split()).startswith(kept.rstrip("…"))


@given(st.lists(st.text("ab ", min_size=1, max_size=20)), st.integers(5, 60))
def test_parts_are_whole(texts: list[str], columns: int) -> None:
    lines = parts_in_lines([Text(text) for text in texts], columns)
    assert all(line.cell_len <= columns for line in lines)
    joined = "\n".join(line.plain for line in lines)
    assert all(text in joined for text in texts if len(text) <= columns)


def test_lines_are_broken_between_words_and_what_follows_is_indented() -> None:
    text = "the translation was 3.2 s behind the speaker (lag), at most 4.0 s"
    assert wrapped(text, 40) == (
        "the translation was 3.2 s behind the\n  speaker (lag), at most 4.0 s"
    )
    assert wrapped(text, 80) == text
    assert wrapped("  1: a device with a long name", 20) == "  1: a device with a\n    long name"


def test_a_number_stays_with_its_unit() -> None:
    text = "1 segment, played 7.1 s after it was said (95 % within 7.1 s)"
    assert wrapped(text, 59).splitlines()[-1] == "  7.1 s)"
    lines = [line for columns in range(8, 60) for line in wrapped(text, columns).split("\n")]
    assert not any(line.endswith(("7.1", "95")) for line in lines)


def test_a_terminal_without_accents_gets_plain_letters() -> None:
    spoken = "Não há ações em 漢字."
    events = (
        SegmentCommitted(8.0, 0, 1.0, 6.0, SAID, "en"),
        SegmentTranslated(8.1, 0, 8.0, spoken, "pt"),
        PlaybackStarted(9.0, 0, 1.0, 6.0),
    )
    assert "pt Nao ha acoes em ??." in shown(80, 24, *events, utf=False).above
    assert f"pt {spoken}" in shown(80, 24, *events).above


def test_a_command_stays_on_one_line() -> None:
    text = "it is not installed: run `stslocal models pull whisper-small --accept-licence`"
    assert wrapped(text, 40).splitlines()[-1].strip() == (
        "`stslocal models pull whisper-small --accept-licence`"
    )


@given(st.text("ab `\n", max_size=200), st.integers(1, 60))
def test_wrapping_loses_no_letter(text: str, columns: int) -> None:
    assert "".join(wrapped(text, columns).split()) == "".join(text.split())


def test_a_stream_without_a_terminal_has_the_usual_width(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("COLUMNS", raising=False)
    assert columns_of(io.StringIO()) == 80
    monkeypatch.setenv("COLUMNS", "50")
    assert columns_of(io.StringIO()) == 50
