"""Gives the calls of many sessions their turns at the one recognizer that they share.

A recognizer does one thing at a time, whoever asks. So its calls are made one after the other, the
one that is due first: a recognition at a speaker's pause at once, because somebody waits for it;
one in the middle of speech two seconds after it was asked for; one of a recording after ten. A
session asks for one recognition at a time, so none gets a second turn before the others had theirs,
and none waits without end.

What waits together is recognized together, where the recognizer gains by it. There is no thread for
this: the caller whose turn it is does the work, also for those whose sounds go along. Where nobody
else asks, a call is made at once, as without turns.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from itertools import count
from typing import Any, TypeVar, cast

from stslocal.engines.protocols import SpeechRecognizer, Task, TogetherRecognizer
from stslocal.errors import EngineError
from stslocal.loading.engines import Engines, RecognitionEngines
from stslocal.types import RECOGNITION_RATE, Recognition, Samples

PAUSE_DUE_S = 0.0
SPEECH_DUE_S = 2.0
"""A speaker in the middle of a sentence can wait so long for words that may still change."""
RECORDING_DUE_S = 10.0
"""Nobody listens to a recording while it is recognized."""
_APART_S = 1.0
"""Seconds by which sounds that are recognized together differ at most: all are padded to the
longest one."""


@dataclass(slots=True, eq=False)
class _Call:
    """A call that waits for its turn, has it, or is done."""

    work: Callable[[], Any]
    owner: SessionRecognizer
    due: tuple[float, int]
    """When it is due, by the clock, and its number among all calls."""
    sound: tuple[Samples, str] | None
    """The sound of a hypothesis and its language; None for what is never done together."""
    woken: threading.Event = field(default_factory=threading.Event)
    """Set when it is this call's turn, or when it is done."""
    batch: Sequence[_Call] = ()
    """The calls to be made now in this one's thread, itself first; empty before its turn, and
    where another thread makes it."""
    result: Any = None
    error: BaseException | None = None

    def outcome(self) -> Any:
        """What the call gave. Raises what it raised."""
        if self.error is not None:
            raise self.error
        return self.result


class RecognizerTurns:
    """The order of the calls. Any thread may use it."""

    def __init__(
        self, recognizer: SpeechRecognizer, *, now: Callable[[], float] = time.monotonic
    ) -> None:
        self.recognizer = recognizer
        self._now = now
        self._lock = threading.Lock()
        self._numbers = count()
        self._waiting: list[_Call] = []
        self._is_busy = False
        self.together: dict[int, int] = {}
        """How often so many hypotheses were made at once."""

    @property
    def waiting(self) -> int:
        """The calls that wait for their turn."""
        return len(self._waiting)

    def session(self, *, live: bool) -> SessionRecognizer:
        """The recognizer as one session sees it, or one recording."""
        return SessionRecognizer(self, live=live)

    def take(
        self,
        owner: SessionRecognizer,
        due_s: float,
        work: Callable[[], Any],
        sound: tuple[Samples, str] | None = None,
    ) -> Any:
        """Do `work` when it is its turn; it is due in `due_s` seconds. Returns what it gives.

        Raises what it raises, and EngineError where the owner withdrew it.
        """
        call = _Call(work, owner, (self._now() + due_s, next(self._numbers)), sound)
        with self._lock:
            if owner.is_withdrawn:
                raise _withdrawn()
            if self._is_busy:
                self._waiting.append(call)
            else:
                self._is_busy, call.batch = True, (call,)
        if not call.batch:
            call.woken.wait()
        if call.batch:
            try:
                self._do(call.batch)
            finally:
                self._pass_on()
        return call.outcome()

    def withdraw(self, owner: SessionRecognizer) -> None:
        """Let no call of a session wait any longer. One that is being made goes on."""
        with self._lock:
            owner.is_withdrawn = True
            gone = [call for call in self._waiting if call.owner is owner]
            self._waiting = [call for call in self._waiting if call.owner is not owner]
        for call in gone:
            call.error = _withdrawn()
            call.woken.set()

    def _do(self, batch: Sequence[_Call]) -> None:
        """Make these calls, and wake those whose callers wait for this thread."""
        try:
            if not self._are_made_together(batch):
                for call in batch:
                    try:
                        call.result = call.work()
                    except BaseException as error:  # noqa: BLE001 - its own caller raises it
                        call.error = error
        finally:
            for call in batch[1:]:
                call.woken.set()

    def _are_made_together(self, batch: Sequence[_Call]) -> bool:
        """Make several calls at once; False for one alone, and where any of them fails."""
        sounds = [call.sound for call in batch if call.sound is not None]
        if sounds:
            self.together[len(sounds)] = self.together.get(len(sounds), 0) + 1
        if len(batch) < 2:
            return False
        try:
            found = cast(TogetherRecognizer, self.recognizer).hypothesize_together(sounds)
        except Exception:  # noqa: BLE001 - each is made alone, and the one at fault fails
            return False
        for call, recognition in zip(batch, found, strict=True):
            call.result = recognition
        return True

    def _pass_on(self) -> None:
        """Give the turn to the call that is due first, if any waits."""
        with self._lock:
            if not self._waiting:
                self._is_busy = False
                return
            self._waiting.sort(key=lambda call: call.due)
            first = self._waiting[0]
            batch = [first, *self._companions(first)][: self.recognizer.capabilities.together]
            self._waiting = [call for call in self._waiting if call not in batch]
            first.batch = batch
        first.woken.set()

    def _companions(self, first: _Call) -> list[_Call]:
        """What waits and may be recognized together with the first one, in order."""
        if first.sound is None:
            return []
        length = len(first.sound[0])
        apart = _APART_S * RECOGNITION_RATE
        return [
            call
            for call in self._waiting[1:]
            if call.sound is not None and abs(len(call.sound[0]) - length) <= apart
        ]


class SessionRecognizer:
    """A SpeechRecognizer whose calls wait for their turns."""

    def __init__(self, turns: RecognizerTurns, *, live: bool) -> None:
        self.capabilities = turns.recognizer.capabilities
        self.turns = turns
        self.is_withdrawn = False
        self._live = live

    def transcribe(
        self, audio: Samples, *, language: str | None = None, task: Task = "transcribe"
    ) -> Recognition:
        """As a SpeechRecognizer."""
        engine = self.turns.recognizer

        def work() -> Recognition:
            return engine.transcribe(audio, language=language, task=task)

        found: Recognition = self.turns.take(self, self._due_s(PAUSE_DUE_S), work)
        return found

    def hypothesize(self, audio: Samples, *, language: str, paused: bool = False) -> Recognition:
        """As a SpeechRecognizer."""
        engine = self.turns.recognizer

        def work() -> Recognition:
            return engine.hypothesize(audio, language=language, paused=paused)

        due_s = self._due_s(PAUSE_DUE_S if paused else SPEECH_DUE_S)
        found: Recognition = self.turns.take(self, due_s, work, (audio, language))
        return found

    def detect_language(self, audio: Samples) -> tuple[str, float]:
        """As a SpeechRecognizer."""
        engine = self.turns.recognizer
        due_s = self._due_s(SPEECH_DUE_S)
        found: tuple[str, float] = self.turns.take(
            self, due_s, lambda: engine.detect_language(audio)
        )
        return found

    def withdraw(self) -> None:
        """End all waiting of this session, which is over: its calls raise EngineError."""
        self.turns.withdraw(self)

    def _due_s(self, live_s: float) -> float:
        return live_s if self._live else RECORDING_DUE_S


E = TypeVar("E", Engines, RecognitionEngines)


def in_turn(engines: E) -> tuple[E, Callable[[], None]]:
    """The engines for one live session, and a function that ends its waiting for the recognizer.

    Engines whose recognizer is shared without turns stay as they are.
    """
    shared = engines.recognizer
    if not isinstance(shared, SessionRecognizer):
        return engines, lambda: None
    own = shared.turns.session(live=True)
    return replace(engines, recognizer=own), own.withdraw


def _withdrawn() -> EngineError:
    return EngineError("the session is over")
