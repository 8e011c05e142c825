"""A live session of one client: sound in, events out, whoever is connected at the moment."""

from __future__ import annotations

import logging
import queue
import secrets
import threading
from collections.abc import Callable
from contextlib import closing
from datetime import datetime, timezone
from typing import Any

from stslocal.errors import StslocalError, root_cause
from stslocal.languages import name_of
from stslocal.live.options import LiveOptions
from stslocal.live.transcription import LiveTranscription
from stslocal.live.translation import LiveTranslation
from stslocal.loading.turns import in_turn
from stslocal.metrics import Event
from stslocal.server.realtime.handover import Handover, Progress
from stslocal.server.realtime.needs import Needs, Part
from stslocal.server.realtime.outbox import Outbox
from stslocal.server.realtime.protocol import WIRE_RATE, SessionConfig
from stslocal.server.realtime.report import Report
from stslocal.server.realtime.sound import MOST_WAITING_S, ReceivedInput, SentOutput
from stslocal.types import Samples

_log = logging.getLogger(__name__)

LONGEST_S = 86_400
"""A session is said to end after a day. It is not ended while it is used."""
_LATE_S = 60.0
"""Sound that a session may take at once which was taken over, because its client sends it again."""
_STEP_MS = 200
"""`elapsed_ms` goes on in steps of this, as the protocol says."""


class TranslationSession:
    """Translates the sound that it gets. `update`, `append`, `finish` and `end` never wait long.

    A thread of its own runs one LiveTranslation after the other: a new one for each change of the
    target language in the middle of the sound. What was said before is translated before.
    """

    def __init__(
        self,
        needs: Needs,
        config: SessionConfig,
        *,
        model: str,
        source: str = "auto",
        all_events: bool = False,
        taken: Handover | None = None,
        on_event: Callable[[Event], None] = lambda event: None,
        on_dropped: Callable[[], None] = lambda: None,
        on_end: Callable[[TranslationSession, bool], None] = lambda session, failed: None,
    ) -> None:
        """`model` is what the client asked for, and is only repeated. `all_events` also sends every
        event of the live session. `taken` is the session to go on with. `on_end` is called once, in
        the session's thread or the caller's.
        """
        self.id = f"sess_{secrets.token_hex(16)}" if taken is None else taken.id
        self.config = config
        self.outbox = Outbox(self.id, on_dropped=on_dropped, keep=self._keep, on_taken=self.end)
        self._all_events = all_events
        self._progress = Progress(taken)
        self._late_s = 0.0 if taken is None else _LATE_S
        self._needs = needs
        self._model = model
        self._source = source
        self._on_end = on_end
        self._expires_at = int(datetime.now(timezone.utc).timestamp()) + LONGEST_S
        self._input: ReceivedInput | None = None
        """Takes the sound that arrives; None before the first."""
        self._output: SentOutput | None = None
        self._stop_waiting: Callable[[], None] = lambda: None
        """Lets no recognition of the session wait for its turn any more."""
        self._parts: queue.SimpleQueue[Part | None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self._abandoned = self.is_finishing = self.is_over = False
        """Whether nobody waits any more, no more sound is taken, nothing more is put out."""
        self._lock = threading.Lock()
        self._report = Report(
            self.outbox, lambda: self.config, self._elapsed_ms, self._progress,
            all_events=all_events, on_event=on_event,
        )  # fmt: skip
        if taken is None:
            self.outbox.put("session.created", session=self.as_json())
        else:
            self.outbox.restore(taken.events, taken.last)
            self._report.restore(taken.events)

    @property
    def received_ms(self) -> int:
        """The sound that has come from the client, in milliseconds."""
        return round(1000 * self._progress.received_s)

    def as_json(self) -> dict[str, Any]:
        """The protocol's session object."""
        return {
            "id": self.id,
            "type": "translation",
            "model": self._model,
            "expires_at": self._expires_at,
            "audio": self.config.as_json(),
        }

    @property
    def waiting_s(self) -> float:
        """Seconds of sound that wait for the recognizer."""
        taking = self._input
        return 0.0 if taking is None else taking.waiting_s

    @property
    def lag_s(self) -> float:
        """How far the listener was behind the speaker when it was last measured."""
        return self._report.lag_s

    @property
    def has_room(self) -> bool:
        """Whether more sound may be appended; else the client waits."""
        return self.waiting_s < MOST_WAITING_S

    @property
    def has_begun(self) -> bool:
        """Whether any sound has come."""
        return self._thread is not None

    @property
    def is_leaving(self) -> bool:
        """Whether nobody waits for what the session still does; it ends in a moment."""
        return self._abandoned

    def check(self, language: str) -> None:
        """Load the engines for a target language, which takes seconds where they are new.

        Without one, those that recognize. Raises SettingsError or ModelError with the next step,
        where there are none.
        """
        if language:
            self._needs.engines_for(self._source, language)
        else:
            self._needs.recognition_for("live")

    def update(self, config: SessionConfig) -> None:
        """Take a changed configuration, whose language was checked."""
        with self._lock:
            changed = config.language != self.config.language
            self.config = config
            if changed and self._input is not None and not self.is_finishing:
                self._input.stop()
                self._input = None  # the next sound begins a new part
        self.outbox.put("session.updated", session=self.as_json())

    def append(self, samples: Samples, played: Samples | None = None) -> None:
        """Take the next samples, shape (n,), at WIRE_RATE, and what the client played meanwhile.

        Nothing after `finish`.
        """
        with self._lock:
            if self.is_finishing or not len(samples):
                return
            if self._input is None:
                sent_s, late_s, self._late_s = self._progress.received_s, self._late_s, 0.0
                self._input = ReceivedInput(self._needs.clock, sent_s=sent_s, late_s=late_s)
                self._parts.put(Part(self.config.language, self._input))
                self._start()
            self._progress.received_s += len(samples) / WIRE_RATE
            taking = self._input
        taking.feed(samples, played)

    def finish(self) -> None:
        """Translate what was said, send it, and end. For any thread; may be called again."""
        with self._lock:
            if self.is_finishing:
                return
            self.is_finishing = True
            if self._input is not None:
                self._input.stop()
            self._parts.put(None)
            started = self._thread is not None
        if not started:
            self._ended(failed=False)

    def end(self) -> None:
        """End soon, without sending what is not translated yet. For any thread."""
        self._abandoned = self._report.muted = True
        self.finish()
        taking, output = self._input, self._output
        if taking is not None:
            taking.drop()
        if output is not None:
            output.stop()
        self._stop_waiting()

    def join(self, timeout_s: float) -> bool:
        """Wait for the session's thread; False if it still works then."""
        if self._thread is not None:
            self._thread.join(timeout_s)
            return not self._thread.is_alive()
        return True

    def fail(self, code: str, message: str) -> None:
        """Send an error and end."""
        self._report.error("server_error", code, message)
        self.end()

    def refuse(self, code: str, message: str, *, param: str | None, event_id: str | None) -> None:
        """Send an error about an event of the client, and go on."""
        self._report.error("invalid_request_error", code, message, param, event_id)

    def _start(self) -> None:
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name=f"session {self.id[5:13]}")
            self._thread.start()

    def _run(self) -> None:
        """The body of the thread."""
        failed = False
        try:
            for part in iter(self._parts.get, None):
                self._progress.begin(part.input.at_s, is_translated=bool(part.target))
                if part.target:
                    self._translate(part)
                else:
                    self._transcribe(part)
        except StslocalError as error:
            failed = not self._abandoned
            reason = root_cause(error)
            if failed:
                _log.error("a session failed: %s", reason)
                self._report.error("server_error", "failed", str(reason))
        except BaseException:  # noqa: BLE001 - one session must not take others along
            failed = True
            _log.exception("a session failed")
            self._report.error("server_error", "failed", "the session failed: start a new one")
        self._ended(failed=failed)

    def _translate(self, part: Part) -> None:
        """Run one live session from the first sample of a part to its last one."""
        engines, self._stop_waiting = in_turn(self._needs.engines_for(self._source, part.target))
        settings = self._needs.settings_for(self._source, part.target)
        output = SentOutput(engines.synthesizer.sample_rate, self._needs.clock, self._report.audio)
        self._output = output
        if self._abandoned:
            return
        live = LiveTranslation(
            engines, LiveOptions.from_settings(settings, output=None), part.input, output,
            duplex=part.duplex, clock=self._needs.clock, emit=self._report.event,
        )  # fmt: skip
        with live, closing(iter(live.session)) as played:
            if not engines.selection.is_spoken:
                live.notify(f"no voice speaks {name_of(part.target)}: its translation is text")
            for _ in played:
                if self.is_leaving:
                    break

    def _transcribe(self, part: Part) -> None:
        """Recognize a part, and translate nothing."""
        engines, self._stop_waiting = in_turn(self._needs.recognition_for("live"))
        settings = self._needs.settings_for(self._source, "")
        clock, report = self._needs.clock, self._report
        live = LiveTranscription(
            engines, settings, part.input, duplex=part.duplex, clock=clock, emit=report.event
        )
        with closing(iter(live)) as segments:
            for _ in segments:
                if self.is_leaving:
                    break

    def _keep(self, number: int, kind: str, line: str) -> bool:
        at = self._progress
        return self._needs.handovers.keep(
            Handover(
                self.id, self._model, self._source, self._all_events, self.config,
                at.said_s, at.done_s, number, ((number, kind, line),),
            )
        )  # fmt: skip

    def _elapsed_ms(self) -> int:
        taking = self._input
        position_ms = 0.0 if taking is None else 1000 * (taking.captured_s - taking.waiting_s)
        return int(position_ms) // _STEP_MS * _STEP_MS

    def _ended(self, *, failed: bool) -> None:
        with self._lock:
            if self.is_over:
                return
            self.is_finishing = self.is_over = True
        self.outbox.put("session.closed", last=True)
        self._on_end(self, failed)
