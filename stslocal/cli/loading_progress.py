"""Loads the models of a run, and shows how far that is."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from time import perf_counter
from typing import TYPE_CHECKING, Any

from stslocal.cli.output import Printer, report_selection
from stslocal.cli.wrapping import can_draw, columns_of
from stslocal.settings import Settings

if TYPE_CHECKING:
    from stslocal.engines.registry import Role
    from stslocal.loading.engines import Engines
    from stslocal.loading.selection import EngineSelection
    from stslocal.models.store import ModelStore

LOADING = "loading the models"
_COLUMNS_WITH_NAMES = 80
"""In a narrower terminal the name of a model would be cut."""


@contextmanager
def loading_shown(printer: Printer) -> Iterator[Callable[[int, int, str], None]]:
    """Say that models are loaded, and show on a terminal which one was the last and how many are.

    Gives the function that `load_engines` takes as `on_progress`.
    """
    if not can_draw(sys.stderr):
        printer.status(f"{LOADING} ...")
        yield lambda loaded, of, name: None
        return
    with printer.progress(LOADING) as bar:
        is_wide = columns_of(sys.stderr) >= _COLUMNS_WITH_NAMES
        yield lambda loaded, of, name: bar.update(loaded, total=of, note=name if is_wide else "")


class Announcements:
    """Takes what engines say while they are loaded and later: then the session's events tell it."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self.say = say

    def __call__(self, text: str) -> None:
        self.say(text)


def load_live_engines(
    settings: Settings, printer: Printer, announcements: Announcements
) -> Engines:
    """Load the engines of a live session, and say what a person should know of them."""
    from stslocal.loading.advice import device_advice, recognizer_advice, region_advice
    from stslocal.loading.load import load_engines
    from stslocal.models.store import ModelStore

    store = ModelStore.discover()
    with loading_shown(printer) as on_progress:
        engines = load_engines(
            settings,
            store,
            use="live",
            announce=announcements,
            on_progress=on_progress,
        )
    report_selection(engines.selection, printer)
    engines.check(settings)
    for advice in (
        recognizer_advice(engines.selection, settings, store),
        region_advice(engines.selection, settings),
        device_advice(engines.selection, settings),
    ):
        if advice:
            printer.status(advice)
    return engines


def load_reported(
    settings: Settings,
    store: ModelStore,
    printer: Printer,
    selection: EngineSelection | None = None,
    roles: Sequence[Role[Any]] | None = None,
) -> Engines:
    """Load the engines and tell which were taken, and why. With `roles`, only those of them."""
    from stslocal.loading.advice import device_advice, region_advice
    from stslocal.loading.load import load_engines
    from stslocal.loading.needs import EVERY_ROLE

    began = perf_counter()
    with printer.progress("loading the models"):
        engines = load_engines(
            settings,
            store,
            selection=selection,
            announce=printer.status,
            roles=EVERY_ROLE if roles is None else roles,
        )
    report_selection(engines.selection, printer)
    if roles is None:
        engines.check(settings)
    for about in (region_advice, device_advice):
        if advice := about(engines.selection, settings):
            printer.status(advice)
    printer.detail(f"models loaded in {perf_counter() - began:.1f} s")
    return engines
