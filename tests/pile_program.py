"""`stslocal translate` as a program, with fake engines: what several processes do with one folder.

    python -m tests.pile_program FOLDER --from en --to pt

The files `claimed`, `refused`, `begun` and `done` in the folder PILE_RECORDS get a line for each
recording that it has claimed, not got, begun and translated, and `sentences` one for each sentence.
A sentence takes PILE_S seconds, and none is translated before the file `gate` is there;
`translating` is there from the first one on. PILE_STALE_S is how long a claim may stay unrenewed,
and then no process is known to be gone, as on another machine.
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
from stslocal.cli import file_translations
from stslocal.files import claims, watch, write
from stslocal.files.plan import FileTask
from stslocal.loading import select
from tests.fake_engines import NAMES, fake_engines
from tests.fakes import FakeTranslator, Lexicon, translated

WORDS = "Good morning. Good night. It is late."


def lexicon() -> Lexicon:
    """The same in every process: what one says, another recognizes."""
    one = Lexicon()
    one.say(WORDS)
    one.say(translated(WORDS, "pt"))
    return one


class SlowTranslator(FakeTranslator):
    """Takes its time."""

    def translate(
        self, texts: Sequence[str], *, source: str, target: str, quick: bool = False
    ) -> list[str]:
        _records("translating").touch()
        while not _records("gate").exists() or _is_held():
            time.sleep(0.01)
        time.sleep(float(os.environ.get("PILE_S", "0")))
        with _records("sentences").open("a", encoding="utf-8") as file:
            file.write(f"{texts[0]}\n")
        return super().translate(texts, source=source, target=target, quick=quick)


def _is_held() -> bool:
    """Whether so many sentences are translated that a test wants no more of this process."""
    after, done = os.environ.get("PILE_HELD_AFTER"), _records("sentences")
    if not after or not done.exists() or _records("released").exists():
        return False
    return len(done.read_text(encoding="utf-8").splitlines()) >= int(after)


def _records(name: str) -> Path:
    return Path(os.environ["PILE_RECORDS"], name)


def _note(what: str, task: FileTask) -> None:
    with _records(what).open("a", encoding="utf-8") as file:
        file.write(f"{task.source.name} {os.getpid()}\n")


def _defaults(kind: type) -> dict[str, Any]:
    """The defaults of a constructor's keywords."""
    defaults: dict[str, Any] = vars(kind)["__init__"].__kwdefaults__
    return defaults


def main() -> int:
    """Run the command line with fakes."""
    patch = pytest.MonkeyPatch()
    if stale_s := os.environ.get("PILE_STALE_S"):
        patch.setitem(_defaults(claims.Claims), "beat_s", float(stale_s) / 10)
        patch.setitem(_defaults(claims.Claims), "stale_s", float(stale_s))
        patch.setattr(claims, "_processes", lambda: "")
    patch.setitem(
        _defaults(watch.Watch), "unchanged_s", float(os.environ.get("PILE_UNCHANGED_S", "0.5"))
    )
    patch.setattr(file_translations, "LOOK_AGAIN_S", 0.05)
    translate, take = write.translate_to_files, claims.Claims.take

    def noted(engines: Any, task: Any, *given: Any, **options: Any) -> Any:
        _note("begun", task)
        speech = translate(engines, task, *given, **options)
        _note("done", task)
        return speech

    def noted_claim(self: Any, task: FileTask) -> Any:
        claim = take(self, task)
        _note("refused" if claim is None else "claimed", task)
        return claim

    patch.setattr(write, "translate_to_files", noted)
    patch.setattr(claims.Claims, "take", noted_claim)
    translators = {"words": SlowTranslator()}
    engines = fake_engines(lexicon(), translators=translators, models=defaultdict(list))
    patch.setattr(file_translations, "load_reported", lambda *_: engines)
    patch.setattr(select, "select_engines", lambda *_, **__: NAMES)
    return cli.main(["translate", *sys.argv[1:]])


if __name__ == "__main__":
    sys.exit(main())
