"""Numbers, signs and abbreviations are recognized again in the speech that is made of them."""

from __future__ import annotations

import pytest
from spoken import SENTENCES, outcomes

from stslocal.loading.engines import Engines

pytestmark = pytest.mark.real


OTHERS = ("pf_dora", "if_sara", "ef_dora")
"""Voices for a language that has few of its own."""
MOST_VOICES = 4


@pytest.mark.parametrize("language", ["en", "pt", "es", "fr", "it"])
def test_what_is_written_is_recognized_in_its_speech(engines: Engines, language: str) -> None:
    """Numbers as a reader would say them, by whole tokens.

    Where the recognizer errs depends on the voice and on the machine's arithmetic. What is read
    wrong is wrong in every voice.
    """
    sentences = tuple(one for one in SENTENCES if one.language == language and one.tested)
    assert len(sentences) >= 2
    synthesizer, wrong = engines.synthesizer, list[str]()
    voices = dict.fromkeys((*synthesizer.voice_names(language), *OTHERS))
    for name in list(voices)[:MOST_VOICES]:
        spoken = outcomes(sentences, synthesizer, engines.recognizer, synthesizer.voice(name))
        missed = [one for one in spoken if not one.right]
        wrong += [f"{name}: {one.sentence.text} -> {one.recognized}" for one in missed]
        sentences = tuple(one.sentence for one in missed)
    assert sentences == (), wrong
