"""The check of the translated speech, with real engines and a voice that is tampered with."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from stslocal.engines.protocols import SpeechSynthesizer
from stslocal.files.speak import PlacedSegment, speech_of
from stslocal.files.speech_check import CheckSpeech
from stslocal.loading.engines import Engines
from stslocal.translation.speech_faults import (
    LOST_NUMBER,
    LOST_WORDS,
    NO_SPEECH,
    REPEATED,
    UNTRANSLATED,
)
from stslocal.types import Samples, Segment, TranslatedSegment, VoiceProfile

pytestmark = pytest.mark.real

EGGS = "Ela comprou 12 ovos, leite e pão na feira."
MEETING = "A reunião começa amanhã de manhã na sala azul."
SOURCE = "She had something else to say about that."


@dataclass
class Tampered:
    """Says other texts for some, and silence for some."""

    real: SpeechSynthesizer
    instead: dict[str, str]

    def __getattr__(self, name: str) -> Any:
        return getattr(self.real, name)

    def synthesize(
        self, text: str, *, language: str, voice: VoiceProfile | None = None, speed: float = 1.0
    ) -> Iterator[Samples]:
        said = self.instead.get(text, text)
        for chunk in self.real.synthesize(
            said or text, language=language, voice=voice, speed=speed
        ):
            yield chunk if said else np.zeros_like(chunk)


@pytest.mark.parametrize(
    ("text", "said", "fault"),
    [
        (EGGS, "Ela comprou ovos, leite e pão na feira.", LOST_NUMBER),
        (EGGS, "Ela comprou 12 ovos, leite e pão, leite e pão na feira.", REPEATED),
        (MEETING, "A reunião começa amanhã.", LOST_WORDS),
        (MEETING, "", NO_SPEECH),
    ],
)
def test_injected_faults_are_found_and_said_again(
    engines: Engines, text: str, said: str, fault: str
) -> None:
    voice = engines.voices.voice("pf_dora", language="pt")
    item = TranslatedSegment(Segment(0, 0.0, 3.0, SOURCE, "en"), text, "pt", 0.0)
    tampered: Any = Tampered(engines.synthesizer, {text: said})
    stage = CheckSpeech(engines.recognizer, tampered, voice)
    wrong = PlacedSegment(speech_of(tampered, voice, item, 1.0), 0.0)
    first = stage._first_look(wrong.spoken)
    assert first.fault == fault
    (mended,) = stage.process(wrong)
    assert mended.check is not None
    assert mended.check.fault == ""
    # On another processor, the first new attempt may be recognized otherwise.
    assert mended.check.said_again in (1, 2)


def test_an_untranslated_sentence_is_found_and_good_speech_passes(engines: Engines) -> None:
    voice = engines.voices.voice("pf_dora", language="pt")
    stage = CheckSpeech(engines.recognizer, engines.synthesizer, voice, thorough=True)
    found = []
    for source, text in ((SOURCE, EGGS), (SOURCE, MEETING), (SOURCE, SOURCE)):
        item = TranslatedSegment(Segment(0, 0.0, 3.0, source, "en"), text, "pt", 0.0)
        spoken = speech_of(engines.synthesizer, voice, item, 1.0)
        (placed,) = stage.process(PlacedSegment(spoken, 0.0))
        assert placed.check is not None
        found.append(placed.check.fault)
    assert found == ["", "", UNTRANSLATED]
