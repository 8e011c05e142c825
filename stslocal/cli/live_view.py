"""The views of a live session: lines for a pipe, JSON for a program, or nothing with -q.

The view for a terminal is in `live_screen`.
"""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import TYPE_CHECKING, Protocol

from stslocal.cli.device_lines import DeviceLines
from stslocal.cli.live_lines import (
    SegmentLog,
    dropped_line,
    duplex_line,
    ready_line,
    relief_line,
    voice_line,
)
from stslocal.cli.output import Printer, format_duration
from stslocal.cli.streams import reader_has_ended
from stslocal.cli.wrapping import can_draw
from stslocal.errors import output_error
from stslocal.metrics import (
    DeviceChanged,
    DuplexChanged,
    Event,
    MicrophoneFault,
    Notice,
    PlaybackStarted,
    ReliefChanged,
    SegmentCommitted,
    SegmentDropped,
    SegmentTranslated,
    SpeechDropped,
    VoiceLearnt,
    to_json,
)
from stslocal.rings import MessageRing, RingClosed

if TYPE_CHECKING:
    from stslocal.live.options import LiveOptions

_QUEUE = 2048
"""Events that may wait to be shown: half a minute of a busy session."""
_LOOK_EVERY_S = 0.5
"""Seconds between two looks at whether stdout has a reader."""


class EventQueue:
    """Shows events in a thread of its own, so that a slow terminal delays no stage.

    When they cannot be shown any more, such as by `| head -1`, on a full disk or a terminal that
    was closed, `failure` says why and the session is stopped: nobody expects a microphone to stay
    open then. Whether stdout still has a reader is looked at even if there is nothing to show.
    """

    def __init__(self, show: Callable[[Event], None]) -> None:
        self.failure: Exception | None = None
        self._show = show
        self._stop: Callable[[], None] = lambda: None
        self._ring: MessageRing[Event] = MessageRing(_QUEUE)
        self._missed = 0
        self._thread = threading.Thread(target=self._run, name="view")

    def emit(self, event: Event) -> None:
        """Queue an event. When the queue is full the event is dropped and counted."""
        try:
            self._ring.put(event, timeout=0)
        except TimeoutError:
            self._missed += 1
        except RingClosed:
            pass  # the session is over

    def stop_on_failure(self, stop: Callable[[], None]) -> None:
        """Call `stop`, from another thread, when events cannot be shown; now if that was so."""
        self._stop = stop
        if self.failure is not None:
            stop()

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
            self._show_all()
        except BrokenPipeError as error:
            self._fail(error)
        except OSError as error:  # of a terminal
            self._fail(output_error("to stdout", error))
        except Exception as error:  # noqa: BLE001 - raised in the main thread
            self._fail(error)

    def _show_all(self) -> None:
        looked_at = time.perf_counter()
        while True:
            try:
                event = self._ring.get(timeout=_LOOK_EVERY_S)
            except RingClosed:
                return
            except TimeoutError:
                event = None
            if event is not None:
                self._show(event)
            if time.perf_counter() - looked_at >= _LOOK_EVERY_S:
                looked_at = time.perf_counter()
                if reader_has_ended():
                    raise BrokenPipeError

    def _fail(self, failure: Exception) -> None:
        self.failure = failure
        self._ring.abort()
        self._stop()


class View(Protocol):
    """One way to show a session."""

    def ready(self, input_name: str, output_name: str | None, options: LiveOptions) -> None:
        """Say that the session begins. `output_name` is None when it plays without sound."""
        ...

    def show(self, event: Event) -> None:
        """Show what happened. One thread calls it."""
        ...


@contextmanager
def make_view(printer: Printer) -> Iterator[View]:
    """Make the view that fits the output: a screen, lines, JSON, or nothing with -q."""
    if printer.json:
        yield JsonView(printer)
    elif printer.verbosity < 0:
        yield QuietView(printer)
    elif can_draw(sys.stdout):
        from stslocal.cli.live_screen import ScreenView

        with ScreenView(printer) as screen:
            yield screen
    else:
        yield LineView(printer)


class QuietView:
    """Shows nothing but faults of the microphone."""

    def __init__(self, printer: Printer) -> None:
        self._printer = printer
        self._devices = DeviceLines()

    def ready(self, input_name: str, output_name: str | None, options: LiveOptions) -> None:
        self._devices.ready(input_name, output_name)

    def show(self, event: Event) -> None:
        if isinstance(event, MicrophoneFault):
            self._printer.warning(self._devices.line(event))


class JsonView:
    """Prints every event as a line of JSON."""

    def __init__(self, printer: Printer) -> None:
        self._printer = printer
        self._devices = DeviceLines()

    def ready(self, input_name: str, output_name: str | None, options: LiveOptions) -> None:
        self._devices.ready(input_name, output_name)
        self._printer.status(ready_line(input_name, output_name, options))

    def show(self, event: Event) -> None:
        self._printer.live_json(to_json(event))
        if isinstance(event, MicrophoneFault):
            self._printer.warning(self._devices.line(event))


class LineView:
    """Prints a line for each segment when it is recognized, and one when its playback starts.

    Where nothing is spoken, the second one is printed as soon as the segment is translated.
    """

    def __init__(self, printer: Printer) -> None:
        self._printer = printer
        self._log = SegmentLog()
        self._devices = DeviceLines()
        self._is_spoken = True

    def ready(self, input_name: str, output_name: str | None, options: LiveOptions) -> None:
        self._is_spoken = options.is_spoken
        self._devices.ready(input_name, output_name)
        self._printer.status(ready_line(input_name, output_name, options))

    def show(self, event: Event) -> None:
        self._log.add(event)
        if isinstance(event, SegmentCommitted):
            start = format_duration(event.start_s)
            self._printer.live_result(f"{start} {event.language}  {event.text}")
        elif isinstance(event, SegmentTranslated if not self._is_spoken else PlaybackStarted):
            row = self._log.rows[event.segment]
            start = format_duration(row.start_s)
            figures = f"  ({row.latencies()})" if self._printer.verbosity > 0 else ""
            self._printer.live_result(f"{start} {row.target}  {row.translation}{figures}")
        elif isinstance(event, SegmentDropped):
            self._printer.live_result(f"not spoken, {event.reason}: {event.text}")
        elif isinstance(event, SpeechDropped):
            self._printer.live_result(dropped_line(event))
        elif isinstance(event, Notice):
            self._printer.warning(event.text)
        elif isinstance(event, DuplexChanged):
            self._printer.status(duplex_line(event))
        elif isinstance(event, MicrophoneFault | DeviceChanged):
            self._printer.warning(self._devices.line(event))
        elif isinstance(event, VoiceLearnt):
            self._printer.status(voice_line(event))
        elif isinstance(event, ReliefChanged):
            self._printer.detail(relief_line(event))
