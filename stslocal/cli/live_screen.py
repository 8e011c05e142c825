"""The view of a live session for a terminal.

Finished segments scroll up like any output. The last lines are drawn again and again: the words
being recognized (committed bright, partial dim), the segment being played, and a line of figures.
Everything fits 80 columns.
"""

from __future__ import annotations

import time
from collections import Counter
from contextlib import suppress
from types import TracebackType
from typing import TYPE_CHECKING

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.table import Table
from rich.text import Text

from stslocal.audio.levels import SILENCE, level_of
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
from stslocal.cli.visible import visible, visible_fields
from stslocal.metrics import (
    DeviceXrun,
    DuplexChanged,
    Event,
    InputLevel,
    LagMeasured,
    Notice,
    PartialText,
    PlaybackEnded,
    PlaybackStarted,
    ReliefChanged,
    SegmentCommitted,
    SegmentDropped,
    SpeechDropped,
    TextCommitted,
    VoiceLearnt,
)

if TYPE_CHECKING:
    from stslocal.live.options import LiveOptions

DRAWINGS_A_SECOND = 8
_METER_CELLS = 10
_LINES_OF_SPEECH = 2
"""Lines that the words being recognized may take."""


class ScreenView:
    """A View that draws on a terminal, as a context manager."""

    def __init__(self, printer: Printer, console: Console | None = None) -> None:
        self._console = console or Console()
        self._is_utf = self._console.encoding.lower().startswith("utf")
        self._printer = printer
        self._log = SegmentLog()
        self._committed: list[str] = []
        """Committed words that are not part of a segment yet."""
        self._partial = ""
        self._played_segment: int | None = None
        """The segment that is being played."""
        self._lag_s: float | None = None
        self._level = SILENCE
        self._muted = False
        self._relief: set[str] = set()
        """The kinds of relief from lag that are on."""
        self._xruns: Counter[str] = Counter()
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
        line = visible(ready_line(input_name, output_name, options))
        self._print_above(Text(line, style="bold"))
        self._live.start()

    def show(self, event: Event) -> None:
        """Take an event in. Draw again, at most DRAWINGS_A_SECOND times a second."""
        event = visible_fields(event)
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
        return Group(self._recognized(), self._played(), self._figures())

    def _update(self, event: Event) -> RenderableType | None:
        """Remember what changed. Return the lines that are finished, if there are any."""
        match event:
            case TextCommitted():
                self._committed += [word.text for word in event.words]
            case PartialText():
                self._partial = event.text
            case SegmentCommitted():
                self._committed = self._committed[len(event.text.split()) :]
            case PlaybackStarted():
                self._played_segment = event.segment
                return self._segment(event.segment)
            case PlaybackEnded():
                if self._played_segment == event.segment:
                    self._played_segment = None
            case LagMeasured():
                self._lag_s = event.lag_s
            case InputLevel():
                self._level, self._muted = level_of(event.peak, event.rms), event.muted
            case ReliefChanged():
                (self._relief.add if event.taken else self._relief.discard)(event.relief)
            case DeviceXrun():
                self._xruns[event.device] += 1
            case SegmentDropped():
                return Text(f"   not spoken ({event.reason}): {event.text}", style="yellow")
            case SpeechDropped():
                return Text(f"   {dropped_line(event)}", style="yellow")
            case Notice():
                return Text(event.text, style="yellow")
            case DuplexChanged():
                return Text(duplex_line(event), style="yellow")
            case VoiceLearnt():
                return Text(voice_line(event), style="dim")
            case _:
                pass
        return None

    def _segment(self, index: int) -> RenderableType | None:
        row = self._log.rows.get(index)
        if row is None:
            return None
        lines = Table.grid(padding=(0, 1, 0, 0))
        lines.add_column(min_width=2, justify="right")
        lines.add_row(Text(row.language, style="dim"), Text(row.text))
        lines.add_row(Text(row.target, style="cyan"), Text(row.translation, style="bold cyan"))
        lines.add_row("", Text(row.latencies(), style="dim"))
        return lines

    def _recognized(self) -> Text:
        """The words being recognized; only the last ones when they are too many."""
        committed, partial = " ".join(self._committed), self._partial
        room = _LINES_OF_SPEECH * (self._console.width - 1) - 3
        over = len(committed) + 1 + len(partial) - room
        text = Text("🎙 " if self._is_utf else "> ")
        text.append(committed[max(0, over) :], style="bold")
        if partial:
            text.append(" " * bool(committed) + partial[-room:], style="dim")
        return text

    def _played(self) -> Text:
        """The translation that is being played."""
        row = None if self._played_segment is None else self._log.rows.get(self._played_segment)
        text = Text(no_wrap=True, overflow="ellipsis")
        if row is None:
            return text.append("   listening", style="dim")
        return text.append(f"{row.target:>2} playing: {row.translation}", style="cyan")

    def _figures(self) -> Text:
        text = Text(no_wrap=True, overflow="ellipsis", style="dim")
        symbols = SYMBOLS if self._is_utf else ASCII_SYMBOLS
        bar = level_bar(self._level, _METER_CELLS, symbols)
        peak = f"{max(self._level.peak_dbfs, LOWEST_DBFS):4.0f} dB"
        text.append(f"[{bar}] {peak}", style="red" if self._level.is_clipped else "green")
        text.append(" muted" if self._muted else "")
        text.append("  lag " + ("-" if self._lag_s is None else f"{self._lag_s:.1f} s"))
        if self._xruns:
            gaps = f"mic {self._xruns['input']}, speaker {self._xruns['output']}"
            text.append(f"  gaps: {gaps}", style="red")
        for relief in sorted(self._relief):
            text.append(f"  {RELIEF_NAMES[relief]}", style="yellow")
        return text

    def _print_above(self, lines: RenderableType) -> None:
        self._console.print(lines, highlight=False)
