"""A worker of a Ray cluster: loads the engines once, and translates one recording after the other.

It is an ordinary class, which `ray_pool` makes an actor of.
"""

from __future__ import annotations

import pickle
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, TypeAlias

from stslocal.errors import StslocalError, root_cause
from stslocal.files.claims import ClaimLostError, Claims
from stslocal.files.earlier import EarlierFiles
from stslocal.files.options import FileOptions
from stslocal.files.plan import FileTask
from stslocal.files.summary import FileSummary
from stslocal.files.write import translate_to_files
from stslocal.loading.engines import Engines
from stslocal.loading.load import load_engines
from stslocal.loading.selection import EngineSelection
from stslocal.models.store import ModelStore
from stslocal.settings import Settings

HELD: Literal["held"] = "held"
"""Another process has claimed the recording."""
EARLIER: Literal["earlier"] = "earlier"
"""Its result is there already."""

LoadEngines: TypeAlias = Callable[[Settings, EngineSelection], Engines]


class CannotLoadError(StslocalError):
    """A worker cannot load its engines, so it can translate nothing."""


Outcome: TypeAlias = FileSummary | Exception | Literal["held", "earlier"]
"""What became of a recording: translated, failed, or left alone."""


@dataclass(frozen=True, slots=True)
class Work:
    """What all workers of a command are to do."""

    settings: Settings
    selection: EngineSelection
    options: FileOptions
    overwrite: bool
    load: LoadEngines


class Worker:
    """Translates recordings. `stop` may be called while `translate` runs."""

    def __init__(self, work: Work) -> None:
        self._work = work
        self._claims = Claims()
        self._engines: Engines | None = None
        self._stopping = threading.Event()
        self._idle = threading.Lock()

    def translate(self, task: FileTask, again: bool) -> Outcome:
        """Translate a recording under a claim; `again` also where its result is there.

        An error is returned and not raised, because Ray would wrap it.
        """
        with self._idle:
            try:
                return self._translate(task, again=again)
            except Exception as error:  # noqa: BLE001 - reported by the command, with its name
                return _portable(error)

    def stop(self) -> None:
        """End what is in work at its next sentence, and return when its files are removed."""
        self._stopping.set()
        with self._idle:
            pass

    def _translate(self, task: FileTask, *, again: bool) -> Outcome:
        work = self._work
        engines = self._loaded()  # a claim is not held while models are loaded
        claim = self._claims.take(task)
        if claim is None:
            return HELD

        def check() -> None:
            if self._stopping.is_set():
                raise StslocalError("the worker was asked to stop")
            claim.check()

        with claim:
            if not again and EarlierFiles(task).result(work.options, work.selection):
                return EARLIER
            try:
                speech = translate_to_files(
                    engines, task, work.options, overwrite=work.overwrite, check=check
                )
            except ClaimLostError:
                return HELD
        return FileSummary.of(speech)

    def _loaded(self) -> Engines:
        if self._engines is None:
            try:
                self._engines = self._work.load(self._work.settings, self._work.selection)
            except StslocalError as error:
                raise CannotLoadError(f"a worker cannot start: {root_cause(error)}") from error
        return self._engines


def load_worker_engines(settings: Settings, selection: EngineSelection) -> Engines:
    """Load the engines of a worker from the models of its machine. Raises as `load_engines`."""
    engines = load_engines(settings, ModelStore.discover(), selection=selection)
    engines.check(settings)
    return engines


def _portable(error: Exception) -> Exception:
    """The error, or one with its message where it cannot go to another process."""
    if isinstance(error, StslocalError):
        error = root_cause(error)
    try:
        pickle.loads(pickle.dumps(error))
    except Exception:  # noqa: BLE001 - whatever a class does when it is pickled
        kind = StslocalError if isinstance(error, StslocalError) else RuntimeError
        return kind(str(error))
    error.__traceback__ = error.__cause__ = error.__context__ = None
    return error
