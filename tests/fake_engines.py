"""All engines of a translation, made of fakes that share a lexicon."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from stslocal.loading.engines import Engines, Threads
from stslocal.loading.selection import EngineSelection
from tests.fakes import (
    FakeCloner,
    FakeRecognizer,
    FakeSynthesizer,
    FakeTranslator,
    FakeVad,
    Lexicon,
)

NAMES = EngineSelection("ears", "auto", "mouth")


def fake_engines(lexicon: Lexicon, **given: Any) -> Engines:
    """Engines that go by NAMES; `given` takes the place of what they have."""
    engines = Engines(
        vad=FakeVad(),
        recognizer=FakeRecognizer(lexicon=lexicon),
        translators={"words": FakeTranslator()},
        synthesizer=FakeSynthesizer(lexicon=lexicon),
        cloner=FakeCloner(),
        selection=NAMES,
        threads=Threads(recognition=1, synthesis=1, synthesis_workers=1),
    )
    return replace(engines, **given)
