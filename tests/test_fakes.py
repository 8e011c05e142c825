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


def test_a_recognizer_gives_the_words_of_the_script_and_their_times() -> None:
    lexicon = Lexicon()
    recording = lexicon.script((0.5, "Good morning, friends."), (3.0, "Good night."))
    recognition = FakeRecognizer(lexicon=lexicon).transcribe(recording)
    assert recognition.text == "Good morning, friends. Good night."
    assert [round(word.start_s, 2) for word in recognition.words] == [0.5, 0.8, 1.1, 3.0, 3.3]
    assert recognition.words[0].end_s == pytest.approx(0.74)


def test_a_word_is_recognized_when_half_of_it_is_there() -> None:
    lexicon = Lexicon()
    recording = lexicon.say("one two")
    assert [w.text for w in lexicon.recognize(recording[: int(0.35 * 16_000)])] == ["one"]
    assert [w.text for w in lexicon.recognize(recording[: int(0.45 * 16_000)])] == ["one", "two"]


def test_synthesized_translations_are_recognized_again() -> None:
    lexicon = Lexicon()
    text = FakeRecognizer(lexicon=lexicon).transcribe(lexicon.say("how are you")).text
    (translation,) = FakeTranslator().translate([text], source="en", target="pt")
    voice = FakeSynthesizer(lexicon=lexicon)
    chunks = list(voice.synthesize(translation, language="pt"))
    words = lexicon.recognize(np.concatenate(chunks), voice.sample_rate)
    assert [word.text for word in words] == ["pt:how", "pt:are", "pt:you"]


def test_everything_but_silence_is_speech() -> None:
    vad = FakeVad()
    lexicon = Lexicon()
    speech = lexicon.say("one two three")[: 512 * 20]
    found, _ = vad.probabilities(np.concatenate([np.zeros(1024, np.float32), speech]), object())
    assert found.tolist() == [0.0] * 2 + [1.0] * 20


def test_work_takes_the_declared_time() -> None:
    clock = VirtualClock()
    recognizer = FakeRecognizer(clock, Cost(call_s=0.5, per_audio_s=0.1))
    recognizer.transcribe(np.zeros(16_000, np.float32))
    assert clock.now() == pytest.approx(0.6)


def test_an_engine_fails_at_the_chosen_call() -> None:
    translator = FakeTranslator(fails_at=1)
    translator.translate(["one"], source="en", target="pt")
    with pytest.raises(EngineError, match="call 1"):
        translator.translate(["two"], source="en", target="pt")


def test_unknown_pairs_and_voices_are_refused() -> None:
    with pytest.raises(SettingsError, match="en to de"):
        FakeTranslator().translate(["one"], source="en", target="de")
    with pytest.raises(SettingsError, match="no voice 'x'"):
        FakeSynthesizer().voice("x")
