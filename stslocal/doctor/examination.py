"""All checks, one after the other."""

from __future__ import annotations

import platform
from collections.abc import Callable, Iterator
from dataclasses import replace

from stslocal import __version__
from stslocal.clock import RealClock
from stslocal.doctor.computing import check_computing
from stslocal.doctor.findings import Finding
from stslocal.doctor.hardware import check_cuda, check_disk, check_memory, check_processor
from stslocal.doctor.models import bytes_to_fetch, check_models, needed_models
from stslocal.doctor.sessions import check_sessions
from stslocal.doctor.sound import check_level, check_sound
from stslocal.doctor.speakers import check_speakers
from stslocal.doctor.stages import check_stages
from stslocal.engines.cuda import cublas_problem, cuda_devices
from stslocal.errors import ModelError, ModelNotFoundError, SettingsError
from stslocal.loading.load import check_run
from stslocal.loading.select import select_engines
from stslocal.loading.selection import EngineSelection
from stslocal.loading.speeds import Speeds
from stslocal.machine import machine_name, memory, processor
from stslocal.models.store import ModelStore
from stslocal.settings import Settings


def examine(
    store: ModelStore,
    *,
    listen_s: float = 0.0,
    announce: Callable[[str], None] = lambda text: None,
) -> Iterator[Finding]:
    """Run all checks, the quick ones first.

    Listens to the microphone for `listen_s` seconds; 0 leaves that out. `announce` gets a message
    before the listening and while speeds are measured.
    """
    yield _program()
    settings, names, problem = _settings(store)
    if problem is not None:
        yield problem
    yield check_processor(processor())
    yield check_memory(memory())
    needed = needed_models(names)
    yield check_disk(store.root, to_fetch=bytes_to_fetch(store, needed))
    devices = cuda_devices()
    graphics = check_cuda(devices, cublas_problem() if devices else "", device=settings.device)
    yield graphics
    yield from check_sound(settings)
    if listen_s > 0:
        yield check_level(listen_s, announce, settings)
    models = check_models(store, needed)
    yield from models
    yield from check_speakers(store)
    is_missing = problem is not None and problem.state == "missing"
    if is_missing or any(finding.state != "ok" for finding in models):
        yield Finding("speed", "note", "not measured: first install or repair the models above")
        return
    if graphics.state == "broken":
        settings = replace(settings, device="cpu")
    yield from check_stages(store, settings, names, clock=RealClock(), announce=announce)
    yield from check_computing(store, settings, names)
    yield from check_sessions(Speeds.discover(machine_name()))


def _program() -> Finding:
    python = platform.python_version()
    system = f"{platform.system()} {platform.release()} {platform.machine()}"
    text = f"stslocal {__version__}, Python {python}, {system}"
    figures = {"version": __version__, "python": python, "system": system}
    return Finding("program", "ok", text, figures)


def _settings(store: ModelStore) -> tuple[Settings, EngineSelection, Finding | None]:
    """The person's settings, their engines and what these lack; or the defaults if they are wrong.

    Missing models of the engines themselves are found by the check of the models.
    """
    problem: Finding | None = None
    try:
        settings = Settings.load()
        if not settings.is_spoken:  # what could be spoken is examined all the same
            settings = replace(settings, tts="auto")
        selection = select_engines(settings, store)
        try:
            check_run(settings, store, selection)
        except ModelNotFoundError as error:
            if all(map(store.installed, needed_models(selection))):
                problem = Finding("settings", "missing", str(error))
        except ModelError:
            pass
    except SettingsError as error:
        return (
            Settings(),
            select_engines(Settings(), store),
            Finding("settings", "broken", str(error)),
        )
    return settings, selection, problem
