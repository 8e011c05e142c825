"""`stslocal redo` as a program with fake engines, which a test kills at a chosen moment.

    python -m tests.redo_program SESSION ...

REDO_KILL names the moment: `speaking`, `mixing` (the new speech is whole), `muxing` (a part of the
new video is written), `written` (all new files are whole, none has its name), or `renamed N`: N of
the new files have their names. The process then ends itself with SIGKILL.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from stslocal import cli
from stslocal.audio import video
from stslocal.files.mixdown import Original
from stslocal.loading import parts
from stslocal.loading.parts import LoadedParts, Parts
from stslocal.loading.selection import EngineSelection
from stslocal.models.store import ModelStore
from stslocal.settings import Settings
from stslocal.storage import UnfinishedFile
from stslocal.translation.glossary import Glossary
from stslocal.types import Samples
from tests.fake_engines import NAMES, fake_engines
from tests.fakes import FakeSynthesizer, Lexicon
from tests.redoing import parts_of

WORDS = "good day to you. it rains and rains. we go home now. chove muito."
LINES = ((0.2, "good day to you."), (4.0, "it rains and rains."), (8.0, "we go home now."))


def lexicon() -> Lexicon:
    """The same in every process: what one says, another recognizes."""
    one = Lexicon()
    one.say(WORDS)
    return one


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


class Killed(FakeSynthesizer):
    """Ends the process when it is to speak."""

    def synthesize(self, text: str, **options: Any) -> Iterator[Samples]:
        die()
        return super().synthesize(text, **options)


def loaded(
    settings: Settings,
    store: ModelStore,
    selection: EngineSelection,
    needed: Parts,
    glossary: Glossary | None = None,
    **_: Any,
) -> LoadedParts:
    """What `load_parts` gives."""
    engines = fake_engines(lexicon())
    if os.environ.get("REDO_KILL") == "speaking":
        engines.synthesizer = Killed(lexicon=lexicon())
    recognizer = engines.recognizer if needed.recognizer else None
    return replace(parts_of(engines), recognizer=recognizer)


def main() -> int:
    """Run the command line with fakes."""
    patch = pytest.MonkeyPatch()
    moment, _, count = os.environ.get("REDO_KILL", "").partition(" ")
    left = [int(count or 0)]
    publish = UnfinishedFile.publish

    def published(self: UnfinishedFile) -> None:
        if moment in ("written", "renamed"):
            if left[0] == 0:
                die()
            left[0] -= 1
        publish(self)

    patch.setattr(UnfinishedFile, "publish", published)
    if moment == "mixing":
        patch.setattr(Original, "mixed_with", lambda self, speech: die())
    if moment == "muxing":
        patch.setattr(video, "sound_packets", lambda path, stream: die())
    patch.setattr(parts, "load_parts", loaded)
    patch.setattr(parts, "selection_of", lambda settings: NAMES)
    patch.setattr(parts, "no_recognizer", lambda *_: "")
    patch.setattr("stslocal.voices.choose.check_voice", lambda *_: None)
    return cli.main(["redo", *sys.argv[1:]])


if __name__ == "__main__":
    sys.exit(main())
