"""Recognition alone, on fake engines."""

from __future__ import annotations

import io
from dataclasses import replace

import numpy as np
import pytest
import soundfile

from stslocal.errors import AudioDecodeError, StageError
from stslocal.files.options import FileOptions
from stslocal.files.plan import FileTask
from stslocal.files.transcription import FileTranscription
from stslocal.files.translation import FileTranslation
from stslocal.loading.engines import Engines
from stslocal.translation.request import TranslationRequest
from stslocal.types import RECOGNITION_RATE
from tests.fakes import FakeRecognizer, Lexicon

pytestmark = pytest.mark.unit


def flac_of_silence(seconds: int) -> io.BytesIO:
    """A small file that holds much sound: 100 s are 20 kB."""
    stream = io.BytesIO()
    silence = np.zeros(seconds * RECOGNITION_RATE, np.int16)
    soundfile.write(stream, silence, RECOGNITION_RATE, format="FLAC")
    stream.seek(0)
    return stream


def test_the_words_of_a_recording_with_their_times(engines: Engines, task: FileTask) -> None:
    running = FileTranscription(engines.vad, engines.recognizer, task.source)
    segments = list(running.segments())
    assert [one.text for one in segments] == ["good day to you.", "it rains and rains."]
    assert segments[1].start_s == pytest.approx(4.0, abs=0.02)
    assert segments[1].words[0].text == "it"
    assert running.source_language == "en"
    assert running.duration_s == pytest.approx(6.1, abs=0.2)
    assert running.warnings == []


def test_silence_has_no_segments_and_the_given_language(engines: Engines) -> None:
    running = FileTranscription(engines.vad, engines.recognizer, flac_of_silence(3), language="pt")
    assert list(running.segments()) == []
    assert running.source_language == "pt"
    assert running.duration_s == 3.0


@pytest.mark.parametrize("kind", ["transcription", "translation"])
def test_a_recording_that_is_too_long_is_refused_while_it_is_read(
    kind: str, engines: Engines
) -> None:
    source = flac_of_silence(100)
    options = replace(FileOptions(TranslationRequest("pt", "en")), longest_s=60.0)
    running = (
        FileTranscription(engines.vad, engines.recognizer, source, longest_s=60.0)
        if kind == "transcription"
        else FileTranslation(engines, source, options)
    )
    with pytest.raises(AudioDecodeError, match="longer than 1 min"):
        list(running.segments())
    assert running.duration_s == 61.0


def test_an_engine_that_fails_ends_it(engines: Engines, lexicon: Lexicon, task: FileTask) -> None:
    broken = FakeRecognizer(lexicon=lexicon, fails_at=1)
    running = FileTranscription(engines.vad, broken, task.source, language="en")
    with pytest.raises(StageError, match="the fake engine failed"):
        list(running.segments())
