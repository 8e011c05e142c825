"""Loads one engine with the options of a run, and measures how fast it is here."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from stslocal.clock import RealClock
from stslocal.engines import registry
from stslocal.loading.border import loading_errors
from stslocal.loading.engines import share_threads
from stslocal.loading.speed_trial import measure_speed
from stslocal.loading.speeds import Speeds
from stslocal.machine import machine_name, processor
from stslocal.models.store import ModelStore
from stslocal.settings import Settings

_log = logging.getLogger(__name__)


class EngineLoader:
    """Loads engines with the options of a run, and measures the speed of engines."""

    def __init__(
        self,
        settings: Settings,
        store: ModelStore,
        announce: Callable[[str], None] = lambda text: None,
        *,
        measure_again: bool = False,
    ) -> None:
        self.threads = share_threads(settings.threads or processor().cores)
        self._settings = settings
        self._store = store
        self._announce = announce
        self._measure_again = measure_again
        self._speeds: Speeds | None = None

    def load(self, role: registry.Role[Any], choice: registry.Choice) -> Any:
        with loading_errors():
            return registry.create(
                role,
                choice.name,
                self._store,
                device=self._settings.device,
                compute_type=self._settings.compute_type,
                threads=self._threads(role),
                announce=self._announce,
                regions={self._settings.target: self._settings.target_region},
            )

    def job(self, role: registry.Role[Any], choice: registry.Choice) -> Callable[[], Any]:
        return lambda: self.load(role, choice)

    def speed_of(self, role: registry.Role[Any], choice: registry.Choice) -> float | None:
        """The real-time factor of an engine, from the file of measured speeds or by a trial.

        None where it is not known and the machine is too busy to measure it: an engine must not be
        passed over from then on because of what other programs did on one day.
        """
        self._speeds = self._speeds or Speeds.discover(machine_name())
        key = speed_key(self._settings, choice)
        cpu, known = processor(), self._speeds.get(key)
        if known is not None and (cpu.is_busy or not self._measure_again):
            _log.debug("the speed of %s is known: %.2f x", choice.name, known.real_time_factor)
            return known.real_time_factor
        if cpu.is_busy:
            self._announce(
                f"the machine is {cpu.busy_with}: how fast {choice.name} is here will be measured "
                "another time"
            )
            return None
        self._announce(f"measuring how fast {choice.name} is on this machine, once ...")
        factor = measure_speed(role, self.load(role, choice), clock=RealClock())
        return None if factor is None else self._speeds.keep(key, factor).real_time_factor

    def _threads(self, role: registry.Role[Any]) -> int:
        if role is registry.RECOGNIZER:
            return self.threads.recognition
        if role in (registry.SYNTHESIZER, registry.VOICE_CONVERTER):
            return self.threads.synthesis
        return self._settings.threads


def speed_key(settings: Settings, choice: registry.Choice) -> str:
    """The key of a measured speed: the engine and the options that change its speed."""
    threads = settings.threads or "all"
    return f"{choice.name}, {settings.device} {settings.compute_type}, {threads} threads"
