"""What a person, a pipe or a program sees of a live session."""

from __future__ import annotations

import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import TracebackType
from typing import TYPE_CHECKING, Protocol

from stslocal.cli.output import Printer, format_duration
from stslocal.languages import name_of
from stslocal.metrics import (
    DeviceXrun,
    Event,
    FirstAudio,
    Notice,
    PlaybackStarted,
    ReliefChanged,
    SegmentCommitted,
    SegmentDropped,
    SegmentPaced,
    SegmentTranslated,
    VoiceLearnt,
    summarize,
    to_json,
)
from stslocal.rings import MessageRing, RingClosed

if TYPE_CHECKING:
    from stslocal.live.options import LiveOptions
    from stslocal.live.pipeline import LiveSession

_QUEUE = 2048
"""Events that may wait to be shown: half a minute of a busy session."""


class EventQueue:
    """Shows events in a thread of its own, so that a slow terminal holds up no stage."""

    def __init__(self, show: Callable[[Event], None]) -> None:
        self._show = show
        self._ring: MessageRing[Event] = MessageRing(_QUEUE)
        self._missed = 0
        self._thread = threading.Thread(target=self._run, name="view")

    def emit(self, event: Event) -> None:
        """Show an event soon. One that finds no room is counted and told of at the end."""
        try:
            self._ring.put(event, timeout=0)
        except TimeoutError:
            self._missed += 1
        except RingClosed:
            pass  # the session is over

    def __enter__(self) -> EventQueue:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._missed:
            self.emit(Notice(0.0, f"{self._missed} events could not be shown in time"))
        self._ring.close()
        self._thread.join()

    def _run(self) -> None:
        try:
            for event in self._ring:
                self._show(event)
        except (BrokenPipeError, ValueError):
            self._ring.abort()  # whoever read stdout has left; the session goes on


class View(Protocol):
    """One way to show a session."""

    def ready(self, input_name: str, output_name: str, options: LiveOptions) -> None:
        """The session begins."""
        ...

    def show(self, event: Event) -> None:
        """Something happened. Called by one thread."""
        ...


@contextmanager
def make_view(printer: Printer) -> Iterator[View]:
    """The view that fits the output: a screen, lines, JSON, or nothing with -q."""
    if printer.json:
        yield JsonView(printer)
    elif printer.verbosity < 0:
        yield QuietView()
    elif sys.stdout.isatty():
        from stslocal.cli.live_screen import ScreenView

        with ScreenView(printer) as screen:
            yield screen
    else:
        yield LineView(printer)


class QuietView:
    """Nothing."""

    def ready(self, input_name: str, output_name: str, options: LiveOptions) -> None:
        pass

    def show(self, event: Event) -> None:
        pass


class JsonView:
    """Every event as a line of JSON."""

    def __init__(self, printer: Printer) -> None:
        self._printer = printer

    def ready(self, input_name: str, output_name: str, options: LiveOptions) -> None:
        self._printer.status(ready_line(input_name, output_name, options))

    def show(self, event: Event) -> None:
        print(to_json(event), flush=True)


class LineView:
    """A line for each segment as it is recognized, and one as its translation is heard."""

    def __init__(self, printer: Printer) -> None:
        self._printer = printer
        self._log = SegmentLog()

    def ready(self, input_name: str, output_name: str, options: LiveOptions) -> None:
        self._printer.status(ready_line(input_name, output_name, options))

    def show(self, event: Event) -> None:
        self._log.add(event)
        if isinstance(event, SegmentCommitted):
            print(f"{format_duration(event.start_s)} {event.language}  {event.text}", flush=True)
        elif isinstance(event, PlaybackStarted):
            row = self._log.rows[event.segment]
            print(
                f"{format_duration(event.source_start_s)} {row.target}  {row.translation}"
                f"  ({row.latencies()})",
                flush=True,
            )
        elif isinstance(event, SegmentDropped):
            print(f"not spoken, {event.reason}: {event.text}", flush=True)
        elif isinstance(event, Notice):
            self._printer.warning(event.text)
        elif isinstance(event, VoiceLearnt):
            self._printer.status(voice_line(event))
        elif isinstance(event, ReliefChanged):
            self._printer.detail(relief_line(event))


@dataclass(slots=True)
class SegmentRow:
    """What is known of a segment by now."""

    text: str
    language: str
    end_s: float
    committed_s: float
    translation: str = ""
    target: str = ""
    translation_s: float | None = None
    first_audio_s: float | None = None
    played_after_s: float | None = None
    """End-of-speech latency."""
    speed: float = 1.0

    def latencies(self) -> str:
        """The way from the speaker's mouth to the listener's ear, step by step."""
        steps = [
            ("recognized", self.committed_s - self.end_s),
            ("translation", self.translation_s),
            ("voice", self.first_audio_s),
            ("heard after", self.played_after_s),
        ]
        parts = [f"{name} {seconds:.2f}" for name, seconds in steps if seconds is not None]
        faster = f", {self.speed:.2f}x" if self.speed > 1.005 else ""
        return ", ".join(parts) + " s" + faster


@dataclass(slots=True)
class SegmentLog:
    """The last segments, put together from events."""

    rows: dict[int, SegmentRow] = field(default_factory=dict)
    kept: int = 64

    def add(self, event: Event) -> None:
        if isinstance(event, SegmentCommitted):
            self.rows[event.segment] = SegmentRow(
                event.text, event.language, event.end_s, event.at_s
            )
            while len(self.rows) > self.kept:
                del self.rows[next(iter(self.rows))]
            return
        row = self.rows.get(getattr(event, "segment", -1))
        if row is None:
            return
        if isinstance(event, SegmentTranslated):
            row.translation, row.target = event.text, event.language
            row.translation_s = event.translation_s
        elif isinstance(event, SegmentPaced):
            row.speed = event.speed
        elif isinstance(event, FirstAudio):
            row.first_audio_s = event.time_to_first_audio_s
        elif isinstance(event, PlaybackStarted):
            row.played_after_s = event.end_of_speech_latency_s


def ready_line(input_name: str, output_name: str, options: LiveOptions) -> str:
    """Say that one may speak now."""
    source = (
        name_of(options.request.source_language)
        if options.request.source_language
        else "any language"
    )
    return (
        f"ready: {source} from {input_name} to {name_of(options.request.target_language)}"
        f" for {output_name} ({options.duplex} duplex); Ctrl-C ends"
    )


def voice_line(event: VoiceLearnt) -> str:
    """Say whose voice speaks from now on."""
    return f"voice: {event.description}, from {event.speech_s:.0f} s of speech"


RELIEF_NAMES = {
    "pauses": "shorter pauses",
    "speed": "faster speech",
    "hop": "rarer partial results",
    "text": "text without speech",
}


def relief_line(event: ReliefChanged) -> str:
    """Say what is done about lag."""
    state = "on" if event.taken else "off"
    return f"{RELIEF_NAMES[event.relief]} {state}, {event.behind_s:.1f} s behind"


def summary_lines(events: Sequence[Event], session: LiveSession) -> list[str]:
    """What a session was like, in a few lines."""
    summary = summarize(events)
    lines = []
    heard = summary.end_of_speech_latency
    if heard is None:
        lines.append("nothing was translated")
    else:
        lines.append(
            f"{heard.count} segments, heard {heard.p50:.1f} s after they were said"
            f" (95 % within {heard.p95:.1f} s)"
        )
    if summary.lag is not None:
        lines.append(f"lag {summary.lag.p50:.1f} s, at most {summary.lag.maximum:.1f} s")
    if session.lag.counts:
        taken = [f"{RELIEF_NAMES[name]} {count}" for name, count in session.lag.counts.items()]
        lines.append("segments with measures against lag: " + ", ".join(taken))
    dropped = Counter(e.reason for e in events if isinstance(e, SegmentDropped))
    if dropped:
        lines.append(
            "segments not spoken: " + ", ".join(f"{n} ({why})" for why, n in dropped.items())
        )
    gaps = sum(isinstance(event, DeviceXrun) and event.device == "output" for event in events)
    if summary.input_overrun_samples or gaps:
        lines.append(
            f"sound lost at the microphone: {summary.input_overrun_samples / 16_000:.2f} s;"
            f" gaps within speech: {gaps}"
        )
    return lines
