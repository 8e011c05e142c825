from __future__ import annotations

import numpy as np
import pytest

from stslocal.engines.default_voice import DefaultVoice
from tests.fakes import FakeEncoder, FakeSynthesizer

pytestmark = pytest.mark.unit


def test_every_speaker_gets_the_languages_default_voice() -> None:
    synthesizer = FakeSynthesizer()
    matcher = DefaultVoice(FakeEncoder(), synthesizer)
    voice = matcher.clone(np.ones(16_000, np.float32), 16_000, name="me", language="pt")
    assert (voice.name, voice.engine) == ("me", "fake")
    assert voice.provenance == {"default": "the synthesizer cannot match voices", "language": "pt"}
    assert list(synthesizer.synthesize("Bom dia", language="pt", voice=voice))


def test_another_language_has_another_default_voice() -> None:
    matcher = DefaultVoice(FakeEncoder(), FakeSynthesizer())
    voice = matcher.clone(np.ones(16_000, np.float32), 16_000, name="me", language="pt")
    assert matcher.adapted(voice, "pt") is voice
    english = matcher.adapted(voice, "en")
    assert (english.name, english.provenance["language"]) == ("me", "en")
