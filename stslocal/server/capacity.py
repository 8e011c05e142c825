"""How many live sessions this machine keeps up with: one is run and measured, once a machine."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass

import numpy as np

from stslocal.audio.simulated import RecordingInput, SilentOutput
from stslocal.clock import Clock
from stslocal.errors import ModelError, SettingsError
from stslocal.live.listener_limits import ListenerLimits
from stslocal.live.options import LiveOptions
from stslocal.live.recognize import Recognize
from stslocal.live.transcription import LiveTranscription
from stslocal.live.translation import LiveTranslation
from stslocal.loading.engines import Engines, RecognitionEngines
from stslocal.loading.session_load import load_key, recognition_key
from stslocal.loading.speeds import MeasuredSpeed, Speeds
from stslocal.machine import machine_name, processor, resident_memory
from stslocal.metrics import Emit, Event, StageBusy
from stslocal.samples import BundledClip, bundled_clips
from stslocal.server.state import ServerState
from stslocal.settings import Settings
from stslocal.types import RECOGNITION_RATE

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Taken:
    """What a session took of the machine."""

    share: float
    """Of all that the machine does at once: 0.25 lets three such sessions run, and some rest."""
    memory_mb: float
    """Megabytes; 0 where the system does not say it."""


def measured_capacity(
    state: ServerState, announce: Callable[[str], None], *, speeds: Speeds | None = None
) -> MeasuredSpeed:
    """What one session takes of this machine: `sessions_for` says how many it keeps up with.

    Where nothing is installed that speaks, sessions are only recognized, which is announced with
    what to type. Raises SettingsError or ModelError, with the next step, where no session can be
    served, and where the server's own target language cannot be.
    """
    speeds = speeds or Speeds.discover(machine_name())
    try:
        clip, source, target = _pair(state)
    except ModelError as error:
        if state.settings.target:
            raise
        return _recognition_capacity(state, announce, speeds, error)
    engines = state.engines_for(source, target)
    settings = state.settings_for(source, target)

    def measure() -> Taken:
        return measure_load(engines, settings, clip, state.clock)

    return _known(speeds, load_key(engines.selection, state.settings), measure, announce)


def _recognition_capacity(
    state: ServerState, announce: Callable[[str], None], speeds: Speeds, missing: ModelError
) -> MeasuredSpeed:
    """What a session takes that is only recognized. Raises `missing` where none can be."""
    try:
        engines = state.recognition_for("live")
    except ModelError:
        raise missing from None
    announce(f"live sessions and recordings are recognized, and not translated: {missing}")
    clip = bundled_clips()[0]
    settings = state.settings_for(clip.language, "")

    def measure() -> Taken:
        return measure_recognition(engines, settings, clip, state.clock)

    return _known(speeds, recognition_key(engines.name, state.settings), measure, announce)


def _known(
    speeds: Speeds, key: str, measure: Callable[[], Taken], announce: Callable[[str], None]
) -> MeasuredSpeed:
    known = speeds.get(key)
    if known is None:
        announce("measuring how many sessions this machine keeps up with, once ...")
        # What other programs take now must not count for all times.
        cpu = processor()
        if cpu.is_busy:
            announce(f"the machine is {cpu.busy_with}: it will be measured again at the next start")
        taken = measure()
        known = speeds.keep(key, taken.share, taken.memory_mb, lasting=not cpu.is_busy)
    return known


def measure_load(engines: Engines, settings: Settings, clip: BundledClip, clock: Clock) -> Taken:
    """What one session takes of the machine while somebody speaks without a pause."""
    options = LiveOptions.from_settings(settings, output=None)
    engines.warm_up(options.request.source_language, options.request.target_language)

    def run(emit: Emit) -> None:
        input = RecordingInput(clip.path, clock)
        output = SilentOutput(engines.synthesizer.sample_rate, clock)
        with (
            LiveTranslation(engines, options, input, output, clock=clock, emit=emit) as live,
            closing(iter(live.session)) as played,
        ):
            for _ in played:
                pass

    return _taken(run, clock)


def measure_recognition(
    engines: RecognitionEngines, settings: Settings, clip: BundledClip, clock: Clock
) -> Taken:
    """The same of a session that is only recognized."""
    engines.recognizer.transcribe(np.zeros(RECOGNITION_RATE, np.float32), language=clip.language)

    def run(emit: Emit) -> None:
        input = RecordingInput(clip.path, clock)
        with closing(
            iter(LiveTranscription(engines, settings, input, clock=clock, emit=emit))
        ) as segments:
            for _ in segments:
                pass

    return _taken(run, clock)


def _taken(run: Callable[[Emit], None], clock: Clock) -> Taken:
    """The share of the machine that a session takes while it runs.

    It is the larger one of two: the processor time of all threads, of all cores; and the time of
    the busiest engine, which does one thing at a time for all sessions. A recognizer that has the
    time for it is asked twice as often as it need be.
    """
    stages: dict[str, StageBusy] = {}

    def emit(event: Event) -> None:
        if isinstance(event, StageBusy):
            stages[event.stage] = event

    before = resident_memory()
    began_s, used_s = clock.now(), time.process_time()
    run(emit)
    elapsed_s = max(clock.now() - began_s, 1e-9)
    of_cores = (time.process_time() - used_s) / elapsed_s / processor().cores
    of_engine = max((needed_s(each) / elapsed_s for each in stages.values()), default=0.0)
    memory_mb = max(0.0, (resident_memory() - before) / 1e6)
    _log.info("a session takes %.0f %% of the cores, %.0f %% of its busiest engine, %.0f MB",
              100 * of_cores, 100 * of_engine, memory_mb)  # fmt: skip
    return Taken(max(of_cores, of_engine), memory_mb)


def needed_s(stage: StageBusy) -> float:
    """The time of `stage` that its engine needs at least, in seconds; 0 for the sound card's."""
    if stage.stage in ("capture", "play"):
        return 0.0
    if stage.stage == Recognize.name:
        limits = ListenerLimits()
        return stage.busy_s * limits.busy_hop_s / limits.longest_hop_s
    return stage.busy_s


def _pair(state: ServerState) -> tuple[BundledClip, str, str]:
    """A recording that ships with the package, and languages that the engines have for it."""
    settings = state.settings
    failure: SettingsError | ModelError | None = None
    for clip in bundled_clips():
        if settings.source not in ("auto", clip.language):
            continue
        targets = [settings.target] if settings.target else list(clip.translations)
        for target in targets:
            try:
                state.engines_for(clip.language, target)
            except (SettingsError, ModelError) as error:
                failure = failure or error
            else:
                return clip, clip.language, target
    raise failure or SettingsError(
        "no recording of the package is in the language of --from, so it is not known how many "
        "sessions this machine keeps up with: give `--max-sessions`"
    )
