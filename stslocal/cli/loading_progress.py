"""Shows how far the models are loaded."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from stslocal.cli.output import Printer

LOADING = "loading the models"


@contextmanager
def loading_shown(printer: Printer) -> Iterator[Callable[[int, int, str], None]]:
    """Say that models are loaded, and show on a terminal which one was the last and how many are.

    Gives the function that `load_engines` takes as `on_progress`.
    """
    if not sys.stderr.isatty():
        printer.status(f"{LOADING} ...")
        yield lambda loaded, of, name: None
        return
    with printer.progress(LOADING) as bar:
        yield lambda loaded, of, name: bar.update(loaded, total=of, note=name)
