"""The events for one client, numbered and kept, so that a lost connection loses no text."""

from __future__ import annotations

import json
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from typing import Any

_AUDIO_BYTES = 4 << 20
"""Of sound: a minute. When a slow client leaves more waiting, the oldest is dropped."""
_NOT_KEPT = ("session.output_audio.delta", "stslocal.event")
_TEXT_BYTES = 2 << 20
"""Of everything else: hours of speech."""


class Outbox:
    """Takes events from any thread, and gives them in order to the connection that is open now."""

    def __init__(
        self,
        session_id: str,
        *,
        on_dropped: Callable[[], None] = lambda: None,
        keep: Callable[[int, str, str], bool] = lambda number, kind, text: True,
        on_taken: Callable[[], None] = lambda: None,
    ) -> None:
        """`on_dropped` is called when a piece of sound is dropped that was not sent.

        `keep` gets number, type and line of each event with text before it can be sent. Where it is
        False, another server has the session now: `on_taken` is called, and this takes no more.
        """
        self._keep_text, self._on_taken = keep, on_taken
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
            taken = kind not in _NOT_KEPT and not self._keep_text(self.last, kind, text)
            self.closed = last or taken
            self._events[self.last] = text
            self._keep(kind == "session.output_audio.delta", len(text))
        if taken:
            self._on_taken()
        self._wake()

    def restore(self, events: Iterable[tuple[int, str, str]], last: int) -> None:
        """Go on with the events that another server has kept; the next one comes after `last`."""
        for number, _, text in events:
            self._events[number] = text
            self._text.append(number)
            self._text_bytes += len(text)
        self.last = self.sent = last

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
        number = number_of(event_id)
        return None if event_id != self.event_id(number) else min(number, self.last)

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


def number_of(event_id: str) -> int:
    """The number at the end of an `event_id`; 0 for any other text."""
    digits = event_id.rpartition("_")[2]
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) <= 12 else 0
