"""Numbers, signs and abbreviations are recognized again in the speech that is made of them."""

from __future__ import annotations

import pytest
from spoken import SENTENCES, outcomes

from stslocal.loading.engines import Engines

pytestmark = pytest.mark.real


@pytest.mark.parametrize("language", ["en", "pt", "es", "fr", "it"])
def test_what_is_written_is_recognized_in_its_speech(engines: Engines, language: str) -> None:
    """Numbers as a reader would say them, by whole tokens."""
    sentences = tuple(one for one in SENTENCES if one.language == language and one.tested)
    assert len(sentences) >= 2
    spoken = list(outcomes(sentences, engines.synthesizer, engines.recognizer))
    wrong = [f"{one.sentence.text} -> {one.recognized}" for one in spoken if not one.right]
    assert wrong == []
