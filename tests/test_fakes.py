from __future__ import annotations

import numpy as np
import pytest

from stslocal.clock import VirtualClock
from stslocal.engines import protocols
from stslocal.errors import EngineError, SettingsError
from tests.fakes import (
    Cost,
    FakeCloner,
    FakeEncoder,
    FakeRecognizer,
    FakeSynthesizer,
    FakeTranslator,
    FakeVad,
    Lexicon,
)

pytestmark = pytest.mark.unit

# The type checker proves that each fake fulfils its protocol.
ENGINES: tuple[
    protocols.VoiceActivityDetector,
    protocols.SpeechRecognizer,
    protocols.TextTranslator,
    protocols.SpeechSynthesizer,
    protocols.SpeakerEncoder,
    protocols.VoiceCloner,
] = (
    FakeVad(),
    FakeRecognizer(),
    FakeTranslator(),
    FakeSynthesizer(),
    FakeEncoder(),
    FakeCloner(),
)


def test_a_recognizer_hears_what_the_script_says_and_when() -> None:
    lexicon = Lexicon()
    recording = lexicon.script((0.5, "Good morning, friends."), (3.0, "Good night."))
    heard = FakeRecognizer(lexicon=lexicon).transcribe(recording)
    assert heard.text == "Good morning, friends. Good night."
    assert [round(word.start_s, 2) for word in heard.words] == [0.5, 0.8, 1.1, 3.0, 3.3]
    assert heard.words[0].end_s == pytest.approx(0.74)


def test_a_word_is_heard_when_half_of_it_is_there() -> None:
    lexicon = Lexicon()
    recording = lexicon.say("one two")
    assert [w.text for w in lexicon.hear(recording[: int(0.35 * 16_000)])] == ["one"]
    assert [w.text for w in lexicon.hear(recording[: int(0.45 * 16_000)])] == ["one", "two"]


def test_speech_goes_all_the_way_round() -> None:
    lexicon = Lexicon()
    text = FakeRecognizer(lexicon=lexicon).transcribe(lexicon.say("how are you")).text
    (translation,) = FakeTranslator().translate([text], source="en", target="pt")
    voice = FakeSynthesizer(lexicon=lexicon)
    chunks = list(voice.synthesize(translation, language="pt"))
    heard = lexicon.hear(np.concatenate(chunks), voice.sample_rate)
    assert [word.text for word in heard] == ["pt:how", "pt:are", "pt:you"]


def test_only_silence_is_silent() -> None:
    vad = FakeVad()
    lexicon = Lexicon()
    speech = lexicon.say("one two three")[: 512 * 20]
    found, _ = vad.probabilities(np.concatenate([np.zeros(1024, np.float32), speech]), object())
    assert found.tolist() == [0.0] * 2 + [1.0] * 20


def test_work_takes_the_time_that_was_declared() -> None:
    clock = VirtualClock()
    recognizer = FakeRecognizer(clock, Cost(call_s=0.5, per_audio_s=0.1))
    recognizer.transcribe(np.zeros(16_000, np.float32))
    assert clock.now() == pytest.approx(0.6)


def test_an_engine_fails_when_told_to() -> None:
    translator = FakeTranslator(fails_at=1)
    translator.translate(["one"], source="en", target="pt")
    with pytest.raises(EngineError, match="call 1"):
        translator.translate(["two"], source="en", target="pt")


def test_what_is_not_supported_is_refused() -> None:
    with pytest.raises(SettingsError, match="en to de"):
        FakeTranslator().translate(["one"], source="en", target="de")
    with pytest.raises(SettingsError, match="no voice 'x'"):
        FakeSynthesizer().voice("x")
