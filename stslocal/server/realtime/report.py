"""Writes what a live session does as events of the protocol."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterable
from dataclasses import asdict

from stslocal.metrics import (
    Event,
    LagMeasured,
    Notice,
    SegmentDropped,
    SegmentTranslated,
    TextCommitted,
)
from stslocal.metrics.event_lines import event_name
from stslocal.server.realtime.handover import Progress
from stslocal.server.realtime.outbox import Outbox
from stslocal.server.realtime.protocol import WIRE_RATE, SessionConfig, audio_delta
from stslocal.server.realtime.transcript import Transcript
from stslocal.types import ONLY_END, Samples

_log = logging.getLogger(__name__)


class Report:
    """Puts events into an outbox. Any thread of the session may call it."""

    def __init__(
        self,
        outbox: Outbox,
        config: Callable[[], SessionConfig],
        elapsed_ms: Callable[[], int],
        progress: Progress,
        *,
        all_events: bool,
        on_event: Callable[[Event], None],
    ) -> None:
        """`all_events` also puts every event of the live session; `on_event` gets each of them."""
        self.muted = False
        """Whether the client has left, so that only errors and the end are put."""
        self.lag_s = 0.0
        self._outbox = outbox
        self._config = config
        self._elapsed_ms = elapsed_ms
        self._all_events = all_events
        self._on_event = on_event
        self._progress = progress
        self._said, self._spoken = Transcript(), Transcript()
        self._notice = ""

    def event(self, event: Event) -> None:
        """Take an event of the live session."""
        self._progress.take(event)
        if isinstance(event, TextCommitted):
            if self._config().transcription is not None:
                new = (word for word in event.words if not self._progress.is_again(word))
                said = " ".join(word.text for word in new)
                self._text("session.input_transcript.delta", self._said, said)
        elif isinstance(event, SegmentTranslated):
            if event.text != ONLY_END:
                self._text("session.output_transcript.delta", self._spoken, event.text)
        elif isinstance(event, LagMeasured):
            self.lag_s = event.lag_s
        elif isinstance(event, Notice):
            _log.info("a session: %s", event.text)
            self._notice = event.text
        elif isinstance(event, SegmentDropped) and event.reason == "no translator":
            message = self._notice or "nothing installed translates what was said"
            self.error("invalid_request_error", "no_translator", message)
        if self._all_events and not self.muted:
            about = {"name": event_name(type(event)), **asdict(event)}
            self._outbox.put("stslocal.event", event=about)
        self._on_event(event)

    def restore(self, events: Iterable[tuple[int, str, str]]) -> None:
        """Go on behind the texts that another server has sent."""
        for _, kind, line in events:
            for transcript, of in ((self._said, "input"), (self._spoken, "output")):
                if kind == f"session.{of}_transcript.delta":
                    transcript.delta(json.loads(line)["delta"])

    def audio(self, samples: Samples) -> None:
        """Take speech, shape (n,), at WIRE_RATE."""
        if not self.muted:
            self._outbox.put(
                "session.output_audio.delta",
                delta=audio_delta(samples),
                sample_rate=WIRE_RATE,
                channels=1,
                format="pcm16",
                elapsed_ms=self._elapsed_ms(),
            )

    def error(
        self,
        kind: str,
        code: str,
        message: str,
        param: str | None = None,
        event_id: str | None = None,
    ) -> None:
        """Put an error. `event_id` is that of the client's event that caused it."""
        error = {
            "type": kind, "code": code, "message": message, "param": param, "event_id": event_id,
        }  # fmt: skip
        self._outbox.put("error", error=error)

    def _text(self, kind: str, transcript: Transcript, text: str) -> None:
        delta = transcript.delta(text)
        if delta and not self.muted:
            self._outbox.put(kind, delta=delta, elapsed_ms=self._elapsed_ms())
