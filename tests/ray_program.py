"""`stslocal translate --ray` as a program whose workers have fake engines.

    python -m tests.ray_program FOLDER --from en --to pt --ray local

The files in the folder PILE_RECORDS are those of `pile_program`; each is written by the workers.
The line of `begun` has the process of the worker, and a worker that translates a sentence waits for
the file `gate`.
"""

from __future__ import annotations

import os
import sys
import time
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from stslocal import cli
from stslocal.files import ray_pool, ray_worker, write
from stslocal.files.plan import FileTask
from stslocal.loading import select
from stslocal.loading.engines import Engines
from stslocal.loading.selection import EngineSelection
from stslocal.settings import Settings
from tests.fake_engines import NAMES, fake_engines
from tests.fakes import FakeTranslator
from tests.pile_program import lexicon


def note(what: str, text: str) -> None:
    """Append a line to a file of the folder of records."""
    with Path(os.environ["PILE_RECORDS"], what).open("a", encoding="utf-8") as file:
        file.write(f"{text} {os.getpid()}\n")


class SlowTranslator(FakeTranslator):
    """Waits for the gate."""

    def translate(
        self, texts: Sequence[str], *, source: str, target: str, quick: bool = False
    ) -> list[str]:
        while not Path(os.environ["PILE_RECORDS"], "gate").exists():
            time.sleep(0.01)
        time.sleep(float(os.environ.get("PILE_S", "0")))
        return super().translate(texts, source=source, target=target, quick=quick)


def load_fakes(settings: Settings, selection: EngineSelection) -> Engines:
    """The engines of a worker, which from now on notes what it does."""
    translate = write.translate_to_files

    def noted(engines: Any, task: FileTask, *given: Any, **options: Any) -> Any:
        note("begun", task.source.name)
        if task.source.name == os.environ.get("PILE_DEADLY"):
            os._exit(1)
        speech = translate(engines, task, *given, **options)
        note("done", task.source.name)
        return speech

    pytest.MonkeyPatch().setattr(ray_worker, "translate_to_files", noted)
    note("loaded", str(settings.threads))
    return fake_engines(
        lexicon(), translators={"words": SlowTranslator()}, models=defaultdict(list)
    )


def main() -> int:
    """Run the command line."""
    patch = pytest.MonkeyPatch()
    patch.setattr(ray_pool, "load_worker_engines", load_fakes)
    patch.setattr(select, "select_engines", lambda *_, **__: NAMES)
    return cli.main(["translate", *sys.argv[1:]])


if __name__ == "__main__":
    from tests.ray_program import main as run  # so that workers find `load_fakes` by its module

    sys.exit(run())
