"""Translates recordings on a Ray cluster: workers that load the engines once and take them in turn.

A worker is an actor, which is a process of its own, perhaps on another machine. It reads and writes
the folder that all machines share, under a claim as every other process does. So a recording is the
unit of work and its session file the checkpoint: what is done stays done, whatever ends. These are
actors and not Ray Data, because a dataset that fails in one block does the others of it again, and
what comes out here are files.
"""

from __future__ import annotations

import asyncio
import os
import re
import signal
import threading
import time
from collections import Counter, deque
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeAlias

import ray
import ray._private.worker
from ray.exceptions import RayActorError, RayError

from stslocal.engines.process import disable_telemetry
from stslocal.errors import EngineError, SettingsError
from stslocal.files.options import FileOptions
from stslocal.files.plan import FileTask
from stslocal.files.ray_worker import (
    CannotLoadError,
    LoadEngines,
    Outcome,
    Work,
    Worker,
    load_worker_engines,
)
from stslocal.loading.selection import EngineSelection
from stslocal.settings import Settings

LOCAL = "local"
"""The address of a cluster that is started for this command, on this machine alone."""
# Ray prints the death of a worker to our stdout, where results stand, and has no option for that.
ray._private.worker.print_to_stdstream = lambda *_, **__: None

_MOST_DEATHS = 3
"""Workers that one recording may end, before it counts as failed."""
_STOP_S = 15.0
"""For workers that are asked to stop, to leave an engine and remove their unfinished files."""
_LOOK_EVERY_S = 0.05
_ANSWER_S = 5.0
"""For the cluster to take a connection."""
_OBJECTS_BYTES = 80 << 20
"""Ray's memory for what processes exchange: here only names and figures."""

_Ref: TypeAlias = Any
"""An ObjectRef of Ray, which has an Outcome."""
_Actor: TypeAlias = Any


@dataclass(frozen=True, slots=True)
class ClusterOptions:
    """Where the workers run and what each of them takes."""

    address: str
    """`local`, `auto`, or the address of a cluster, such as `10.0.0.1:6379`."""
    workers: int = 0
    """0 takes as many as the cluster has room for."""
    cpus: int = 2
    """Processors of a worker, and the threads of its engines."""
    gpus: float = 0.0
    """GPUs of a worker; 0.5 puts two workers on one."""


class RayPool:
    """The workers. Use it in a `with` block, which ends them and leaves the cluster."""

    def __init__(
        self,
        cluster: ClusterOptions,
        settings: Settings,
        selection: EngineSelection,
        options: FileOptions,
        *,
        overwrite: bool = False,
        load: LoadEngines | None = None,
    ) -> None:
        """Join the cluster. Raises SettingsError, with the next step, where that is not possible.

        `selection` names the engines of all workers. `load` is another source of them, for tests.
        """
        self._cluster = cluster
        self._work = Work(
            replace(settings, threads=settings.threads or cluster.cpus),
            selection, _absolute(options), overwrite, load or load_worker_engines,
        )  # fmt: skip
        _join(cluster)
        self.size = _room(cluster)
        """How many workers there are at most."""
        self._actors: list[_Actor] = []

    def __enter__(self) -> RayPool:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def translate(
        self, tasks: Iterable[tuple[FileTask, bool]]
    ) -> Iterator[tuple[FileTask, Outcome]]:
        """Translate recordings, several at once; yields each with its outcome, as it comes.

        The flag of a task says that a result of it which is there is to be made again. A recording
        whose worker dies is given to another one. Raises CannotLoadError.
        """
        waiting = deque(tasks)
        deaths: Counter[FileTask] = Counter()
        busy: dict[_Ref, tuple[_Actor, FileTask, bool]] = {}
        free = deque(self._actors)
        while waiting or busy:
            while waiting and (free or len(self._actors) < self.size):
                task, again = waiting.popleft()
                actor = free.popleft() if free else self._start()
                busy[actor.translate.remote(_absolute_task(task), again)] = (actor, task, again)
            ref = _first_done(list(busy))
            actor, task, again = busy.pop(ref)
            outcome: Outcome
            try:
                outcome = ray.get(ref)
            except RayActorError:
                self._actors.remove(actor)
                deaths[task] += 1
                if deaths[task] < _MOST_DEATHS:
                    waiting.append((task, again))
                    continue
                outcome = EngineError(f"the recording has ended {_MOST_DEATHS} workers")
            else:
                free.append(actor)
            if isinstance(outcome, CannotLoadError):  # as without Ray: nothing can be translated
                raise outcome
            yield task, outcome

    def close(self) -> None:
        """End the workers in order, and leave the cluster; one that was started here ends too."""
        try:
            stopping = [actor.stop.remote() for actor in self._actors]
            if stopping:
                ray.wait(stopping, num_returns=len(stopping), timeout=_STOP_S)
            for actor in self._actors:
                ray.kill(actor)
        except RayError:  # the cluster is gone
            pass
        finally:
            self._actors.clear()
            ray.shutdown()

    def _start(self) -> _Actor:
        worker = ray.remote(Worker).options(
            num_cpus=self._cluster.cpus,
            num_gpus=self._cluster.gpus,
            max_concurrency=2,  # `stop` comes while a recording is translated
        )
        actor = worker.remote(self._work)
        self._actors.append(actor)
        return actor


def _join(cluster: ClusterOptions) -> None:
    options: dict[str, Any] = {"address": cluster.address}
    if cluster.address == LOCAL:
        options |= {
            "include_dashboard": False,
            "object_store_memory": _OBJECTS_BYTES,
            "_node_ip_address": "127.0.0.1",
        }
        if cluster.workers:
            options["num_cpus"] = max(cluster.workers * cluster.cpus, os.cpu_count() or 1)
    else:
        _check_answers(cluster.address)
    try:
        with _signals_kept():
            disable_telemetry()
            ray.init(**options, log_to_driver=False, logging_level="ERROR")
    except (ConnectionError, RuntimeError, ValueError, RayError, OSError) as error:
        raise SettingsError(_cannot_join(cluster.address, error)) from error


@contextmanager
def _signals_kept() -> Iterator[None]:
    """Leave the signals to the command: Ray's handlers print a trace of C functions, and abort."""
    names = ("SIGINT", "SIGTERM", "SIGHUP")
    handlers = {
        number: signal.getsignal(number)
        for name in names
        if (number := getattr(signal, name, None)) is not None
    }
    try:
        yield
    finally:
        if threading.current_thread() is threading.main_thread():
            for number, handler in handlers.items():
                if handler is not None:
                    signal.signal(number, handler)


def _check_answers(address: str) -> None:
    """Raise SettingsError where nothing listens: Ray would end this process after a minute."""
    found = re.fullmatch(r"(?:ray://)?\[?(.+?)\]?:(\d{1,5})", address)
    if found is None:
        return  # Ray says what is wrong with it

    async def connect() -> None:
        _, writer = await asyncio.open_connection(found[1], int(found[2]))
        writer.close()

    async def connect_in_time() -> None:
        await asyncio.wait_for(connect(), _ANSWER_S)

    try:
        asyncio.run(connect_in_time())
    except (OSError, OverflowError, asyncio.TimeoutError) as error:
        raise SettingsError(_cannot_join(address, error)) from error


def _cannot_join(address: str, error: BaseException) -> str:
    reason = (str(error).strip().splitlines() or ["no answer"])[0].rstrip(".")
    return (
        f"cannot join a Ray cluster at {address} ({reason}): start one with `ray start --head`, or "
        "use `--ray local`"
    )


def _first_done(refs: list[_Ref]) -> _Ref:
    """Wait in short steps: while Ray waits, it makes every signal a Ctrl-C."""
    while True:
        done, _ = ray.wait(refs, num_returns=1, timeout=0)
        if done:
            return done[0]
        time.sleep(_LOOK_EVERY_S)


def _room(cluster: ClusterOptions) -> int:
    """How many workers the cluster has room for. Raises SettingsError where it has none."""
    there = ray.cluster_resources()
    wanted = {"CPU": float(cluster.cpus), "GPU": cluster.gpus}
    room = min(int(there.get(name, 0) / each) for name, each in wanted.items() if each)
    if not room:
        ray.shutdown()
        raise SettingsError(
            f"the Ray cluster has {there.get('CPU', 0):g} processors and {there.get('GPU', 0):g} "
            "GPUs, which is less than a worker takes: give other `--ray-cpus` and `--ray-gpus`"
        )
    return min(room, cluster.workers or room)


def _absolute(options: FileOptions) -> FileOptions:
    """The options with paths that are the same in another process."""
    reference = options.request.reference
    if not isinstance(reference, Path):
        return options
    return replace(options, request=replace(options.request, reference=reference.absolute()))


def _absolute_task(task: FileTask) -> FileTask:
    return replace(task, source=task.source.absolute(), audio=task.audio.absolute())
