"""All engines of a translation, as fakes that share a lexicon."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from stslocal.loading.engines import Engines, Threads
from stslocal.loading.not_loaded import NoSynthesizer
from stslocal.loading.selection import EngineSelection
from tests.fakes import (
    FakeCloner,
    FakeRecognizer,
    FakeSynthesizer,
    FakeTranslator,
    FakeVad,
    Lexicon,
)

TEXT_ALONE = EngineSelection("fake-recognizer", "auto", "")
NAMES = EngineSelection("fake-recognizer", "auto", "fake-synthesizer")


def fake_engines(lexicon: Lexicon, **given: Any) -> Engines:
    """Engines selected by NAMES; the keywords in `given` replace fields of Engines."""
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


def text_alone(lexicon: Lexicon, **given: Any) -> Engines:
    """The same engines without a synthesizer, as `load_engines` gives them for `--tts none`."""
    none = NoSynthesizer()
    return fake_engines(lexicon, synthesizer=none, cloner=none, selection=TEXT_ALONE, **given)
