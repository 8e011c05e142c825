"""A translation to stdout is as loud as what is read from stdin."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest
import soundfile

from stslocal.audio.loudness import LoudnessMeter, blocks_of, integrated_lufs
from stslocal.files.options import FileOptions
from stslocal.files.write import translate_to_stream
from stslocal.loading.engines import Engines
from stslocal.translation.request import TranslationRequest
from stslocal.types import RECOGNITION_RATE, Samples
from tests.fakes import FakeSynthesizer, Lexicon

pytestmark = pytest.mark.unit

LINES = ((0.2, "good day to you."), (4.0, "it rains and rains."), (8.0, "we go home now."))
OPTIONS = FileOptions(TranslationRequest("pt", "en"), check="none")


@dataclass(slots=True)
class OtherVoice(FakeSynthesizer):
    """A voice with another level."""

    factor: float = 1.0

    def synthesize(self, text: str, **how: Any) -> Iterator[Samples]:
        for samples in FakeSynthesizer.synthesize(self, text, **how):
            yield samples * np.float32(self.factor)


def lufs(samples: Samples, rate: int) -> float:
    meter = LoudnessMeter(rate)
    meter.push(samples)
    meter.finish()
    return integrated_lufs(blocks_of(meter.powers))


@pytest.mark.parametrize("factor", [0.1, 0.5, 3.0])
def test_the_stream_is_as_loud_as_the_recording(
    factor: float, engines: Engines, lexicon: Lexicon
) -> None:
    said = lexicon.script(*LINES)
    source, sink = io.BytesIO(), io.BytesIO()
    soundfile.write(source, said, RECOGNITION_RATE, subtype="FLOAT", format="WAV")
    source.seek(0)
    engines = replace(engines, synthesizer=OtherVoice(lexicon=lexicon, factor=factor))
    translate_to_stream(engines, source, sink, OPTIONS)
    sink.seek(0)
    spoken, rate = soundfile.read(sink, dtype="float32")
    assert lufs(spoken, rate) == pytest.approx(lufs(said, RECOGNITION_RATE), abs=1.0)
    assert np.abs(spoken).max() <= 1.0
