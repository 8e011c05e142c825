"""The view of a live session for a terminal.

Finished segments scroll up like any output. The last lines are drawn again and again: the words
being recognized (committed bright, partial dim), the segment being played, and the figures. Every
line has a gutter at its left, for the language or a mark. What does not fit the terminal goes on
below, or is left out word by word.
"""

from __future__ import annotations

import math
import time
from contextlib import suppress
from types import TracebackType

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.text import Text

from stslocal.audio.levels import SILENCE, level_of
from stslocal.cli.device_lines import DeviceLines
from stslocal.cli.level_meter import ASCII_SYMBOLS, LOWEST_DBFS, SYMBOLS, level_bar
from stslocal.cli.live_lines import (
    RELIEF_NAMES,
    SegmentLog,
    dropped_line,
    duplex_line,
    ready_line,
    voice_line,
)
from stslocal.cli.output import Printer
from stslocal.cli.screen_parts import (
    GUTTER,
    first_words,
    in_gutter,
    last_words,
    parts_in_lines,
    rows_in_gutter,
)
from stslocal.cli.visible import encodable, visible, visible_fields
from stslocal.cli.wrapping import wrapped
from stslocal.live.options import LiveOptions
from stslocal.metrics import (
    DeviceChanged,
    DeviceXrun,
    DuplexChanged,
    Event,
    InputLevel,
    LagMeasured,
    MicrophoneFault,
    Notice,
    PartialText,
    PlaybackEnded,
    PlaybackStarted,
    ReliefChanged,
    SegmentCommitted,
    SegmentDropped,
    SegmentPaced,
    SegmentTranslated,
    SpeechDropped,
    TextCommitted,
    VoiceLearnt,
)
from stslocal.types import RECOGNITION_RATE

DRAWINGS_A_SECOND = 8
_METER_CELLS = 10
_LINES_OF_SPEECH = 2
"""Lines that the words being recognized may take."""
_LOW_TERMINAL = 10
"""In a terminal of fewer lines the words being recognized take one."""


class ScreenView:
    """A View that draws on a terminal, as a context manager."""

    def __init__(self, printer: Printer, console: Console | None = None) -> None:
        self._console = console or Console()
        self._is_utf = self._console.encoding.lower().startswith("utf")
        self._dots = "…" if self._is_utf else "..."
        self._printer = printer
        self._log = SegmentLog()
        self._committed: list[str] = []
        """Committed words that are not part of a segment yet."""
        self._partial = ""
        self._played_segment: int | None = None
        """The segment that is being played."""
        self._is_spoken = True
        self._lag_s: float | None = None
        self._level = SILENCE
        self._muted = False
        self._silent = False
        """Whether no sound comes from the microphone."""
        self._devices = DeviceLines()
        self._max_lag_s = math.inf
        """The lag that is allowed; known when the session is ready."""
        self._relief: set[str] = set()
        """The kinds of relief from lag that are on."""
        self._gaps = 0
        """In the translated speech."""
        self._lost_s = 0.0
        """Seconds of sound that were lost at the microphone."""
        self._drawn_at = 0.0
        self._live = Live(console=self._console, auto_refresh=False, transient=True)

    def __enter__(self) -> ScreenView:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        with suppress(OSError):  # the terminal was closed
            self._live.stop()

    def ready(self, input_name: str, output_name: str | None, options: LiveOptions) -> None:
        self.announce(input_name, output_name, options)
        self._live.start()

    def announce(self, input_name: str, output_name: str | None, options: LiveOptions) -> None:
        """Print the first line, and draw nothing yet."""
        self._devices.ready(self._printable(input_name), output_name)
        self._max_lag_s, self._is_spoken = options.max_lag_s, options.is_spoken
        line = self._printable(ready_line(input_name, output_name, options))
        self._print_above(Text(wrapped(line, self._console.width), style="bold"))

    def show(self, event: Event) -> None:
        """Take an event in. Draw again, at most DRAWINGS_A_SECOND times a second."""
        event = visible_fields(event, self._printable)
        self._log.add(event)
        finished = self._update(event)
        if finished is not None:
            self._print_above(finished)
        now = time.perf_counter()
        if finished is not None or now - self._drawn_at >= 1 / DRAWINGS_A_SECOND:
            self._drawn_at = now
            self._live.update(self.moving_lines(), refresh=True)

    def moving_lines(self) -> RenderableType:
        """The lines at the foot of the screen, which are drawn again and again."""
        lines = [self._recognized(), self._played(), *self._figures()]
        return Group(*lines[: max(1, self._console.height - 1)])

    def _printable(self, text: str) -> str:
        """Text as this terminal can show it, before it is laid out."""
        return encodable(visible(text), self._console.encoding)

    def _update(self, event: Event) -> RenderableType | None:
        """Remember what changed. Return the lines that are finished, if there are any."""
        match event:
            case TextCommitted():
                self._committed += [word.text for word in event.words]
            case PartialText():
                self._partial = event.text
            case SegmentCommitted():
                self._committed = self._committed[len(event.text.split()) :]
            case SegmentTranslated() if not self._is_spoken:
                return self._segment(event.segment)
            case PlaybackStarted():
                self._played_segment = event.segment
                return self._segment(event.segment)
            case PlaybackEnded():
                if self._played_segment == event.segment:
                    self._played_segment = None
            case SegmentPaced() if self._lag_s is None:
                self._lag_s = event.behind_s  # before anything is played, the lag that is to come
            case LagMeasured():
                self._lag_s = event.lag_s
            case InputLevel():
                self._level, self._muted = level_of(event.peak, event.rms), event.muted
            case ReliefChanged():
                (self._relief.add if event.taken else self._relief.discard)(event.relief)
            case DeviceXrun(device="output"):
                self._gaps += 1
            case DeviceXrun():
                self._lost_s += event.samples / RECOGNITION_RATE
            case MicrophoneFault():
                self._silent = event.present if event.fault == "silent" else self._silent
                return self._remark("!", self._devices.line(event), "yellow")
            case DeviceChanged():
                return self._remark("!", self._devices.line(event), "yellow")
            case SegmentDropped():
                text = f"not spoken ({event.reason}): {event.text}"
                return self._remark("!", text, "yellow")
            case SpeechDropped():
                return self._remark("!", dropped_line(event), "yellow")
            case Notice():
                return self._remark("!", event.text, "yellow")
            case DuplexChanged():
                return self._remark("!", duplex_line(event), "yellow")
            case VoiceLearnt():
                return self._remark("", voice_line(event), "dim")
            case _:
                pass
        return None

    def _remark(self, mark: str, text: str, style: str) -> RenderableType:
        columns = max(1, self._console.width - GUTTER)
        return in_gutter(mark, Text(wrapped(text, columns, indent=""), style=style))

    def _segment(self, index: int) -> RenderableType | None:
        row = self._log.rows.get(index)
        if row is None:
            return None
        rows = [
            (row.language, Text(row.text)),
            (row.target, Text(row.translation, style="bold cyan")),
        ]
        if self._printer.verbosity > 0:
            rows.append(("", Text(row.latencies(), style="dim")))
        return rows_in_gutter(rows)

    def _recognized(self) -> RenderableType:
        """The words being recognized; only the last ones when they are too many."""
        committed, partial = " ".join(self._committed).split(), self._partial.split()
        columns = max(1, self._console.width - GUTTER - 1)
        lines = _LINES_OF_SPEECH if self._console.height >= _LOW_TERMINAL else 1
        kept = last_words([*committed, *partial], columns, lines, self._dots)
        newest = kept[max(0, len(kept) - len(partial)) :] if partial else []
        text = Text(" ".join(kept[: len(kept) - len(newest)]), style="bold")
        if newest:
            text.append(" " * bool(text.plain) + " ".join(newest), style="not bold dim")
        return in_gutter(">", text)

    def _played(self) -> RenderableType:
        """The translation that is being played."""
        row = None if self._played_segment is None else self._log.rows.get(self._played_segment)
        if row is None:
            return in_gutter("", Text("listening", style="dim"))
        columns = self._console.width - GUTTER - 1
        playing = first_words(f"playing: {row.translation}", columns, self._dots)
        return in_gutter(row.target, Text(playing, style="cyan"))

    def _figures(self) -> list[Text]:
        """Level, lag, gaps and reliefs: as many lines as they take."""
        parts = [self._level_part()]
        if self._silent:
            parts.append(Text("no sound", style="bold red"))
        elif self._muted:
            parts.append(Text("muted", style="yellow"))
        if self._lag_s is not None:
            parts.append(lag_part(self._lag_s, self._max_lag_s))
        if self._gaps:
            parts.append(Text("1 gap" if self._gaps == 1 else f"{self._gaps} gaps", style="red"))
        if self._lost_s:
            parts.append(Text(f"{self._lost_s:.1f} s not captured", style="red"))
        parts += [
            Text(RELIEF_NAMES.get(relief, relief), style="yellow")
            for relief in sorted(self._relief)
        ]
        return parts_in_lines(parts, self._console.width - 1)

    def _level_part(self) -> Text:
        symbols = SYMBOLS if self._is_utf else ASCII_SYMBOLS
        peak = f"{min(0.0, max(self._level.peak_dbfs, LOWEST_DBFS)):4.0f} dB"
        style = "red" if self._level.is_clipped else "green"
        cells = min(_METER_CELLS, self._console.width - len(peak) - 4)
        if cells < 3:
            return Text(peak.strip(), style=style)
        return Text(f"[{level_bar(self._level, cells, symbols)}] {peak}", style=style)

    def _print_above(self, lines: RenderableType) -> None:
        self._console.print(lines, highlight=False)


def lag_part(lag_s: float, max_lag_s: float) -> Text:
    """The lag, judged by the one that is allowed: in colour, and in words where there is none."""
    if lag_s <= max_lag_s / 2:
        return Text(f"lag {lag_s:.1f} s, in time", style="green")
    if lag_s <= max_lag_s:
        return Text(f"lag {lag_s:.1f} s, a little behind", style="yellow")
    return Text(f"lag {lag_s:.1f} s, far behind", style="bold red")
