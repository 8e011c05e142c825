"""The events for one client, numbered and kept, so that a lost connection loses no text."""

from __future__ import annotations

import json
import threading
from collections import deque
from collections.abc import Callable, Iterator
from typing import Any

_AUDIO_BYTES = 4 << 20
"""Of sound: a minute. When a slow client leaves more waiting, the oldest is dropped."""
_TEXT_BYTES = 2 << 20
"""Of everything else: hours of speech."""


class Outbox:
    """Takes events from any thread, and gives them in order to the connection that is open now."""

    def __init__(self, session_id: str, *, on_dropped: Callable[[], None] = lambda: None) -> None:
        """`on_dropped` is called when a piece of sound is dropped that was not sent."""
        self._prefix = f"event_{session_id.removeprefix('sess_')[:12]}_"
        self._on_dropped = on_dropped
        self._events: dict[int, str] = {}
        self._audio: deque[int] = deque()
        self._text: deque[int] = deque()
        self._audio_bytes = self._text_bytes = 0
        self._lock = threading.Lock()
        self._wake: Callable[[], None] = lambda: None
        self.last = 0
        """The number of the newest event; the first one has 1."""
        self.sent = 0
        """The number of the newest event that was sent over a connection."""
        self.closed = False
        """Whether the newest event is the last one."""

    def put(self, kind: str, *, last: bool = False, **fields: Any) -> None:
        """Append an event of a type. After the one with `last`, all others are ignored."""
        with self._lock:
            if self.closed:
                return
            self.last += 1
            event_id = self.event_id(self.last)
            text = json.dumps({"type": kind, "event_id": event_id, **fields}, ensure_ascii=False)
            self._events[self.last] = text
            self.closed = last
            self._keep(kind == "session.output_audio.delta", len(text))
        self._wake()

    def on_news(self, wake: Callable[[], None]) -> None:
        """Call `wake` after each event from now on, in the thread that puts it."""
        self._wake = wake

    def after(self, number: int) -> Iterator[tuple[int, str]]:
        """The events behind that number, as lines of JSON, with their own numbers."""
        for each in range(number + 1, self.last + 1):
            text = self._events.get(each)
            if text is not None:
                yield each, text

    def event_id(self, number: int) -> str:
        """The `event_id` of the event with that number."""
        return f"{self._prefix}{number}"

    def number_of(self, event_id: str) -> int | None:
        """The number of an event of this session; None for any other text."""
        digits = event_id.removeprefix(self._prefix)
        if digits == event_id or not digits.isascii() or not digits.isdigit() or len(digits) > 12:
            return None
        return min(int(digits), self.last)

    def _keep(self, audio: bool, size: int) -> None:
        """Count the newest event, and drop the oldest ones of its kind above the bounds."""
        if audio:
            self._audio.append(self.last)
            self._audio_bytes += size
            while self._audio_bytes > _AUDIO_BYTES:
                oldest = self._audio.popleft()
                self._audio_bytes -= len(self._events.pop(oldest))
                if oldest > self.sent:
                    self._on_dropped()
        else:
            self._text.append(self.last)
            self._text_bytes += size
            while self._text_bytes > _TEXT_BYTES:
                self._text_bytes -= len(self._events.pop(self._text.popleft()))
