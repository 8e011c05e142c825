"""Recognizing alone, translating text alone, speaking alone: on fakes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from stslocal.api import SpeechTranslator
from stslocal.engines.protocols import Capabilities
from stslocal.errors import AudioDecodeError, SettingsError, StageError, StslocalError
from stslocal.settings import Settings
from stslocal.types import RECOGNITION_RATE, Samples
from tests.fake_engines import fake_engines
from tests.fakes import FakeRecognizer, FakeSynthesizer, FakeTranslator, Lexicon

pytestmark = pytest.mark.unit

RATE = RECOGNITION_RATE


@pytest.fixture
def lexicon() -> Lexicon:
    return Lexicon()


@pytest.fixture
def said(lexicon: Lexicon) -> Samples:
    return lexicon.script((0.2, "Good morning."), (4.0, "Good night."))


@pytest.fixture
def translator(lexicon: Lexicon) -> Iterator[SpeechTranslator]:
    engines = fake_engines(lexicon, models=defaultdict(list))
    with SpeechTranslator(engines, Settings(source="auto", target="pt")) as one:
        yield one


def test_a_transcription_has_the_times_of_each_word(
    translator: SpeechTranslator, said: Samples, tmp_path: Path
) -> None:
    soundfile.write(tmp_path / "talk.wav", said, RATE)
    for source in (tmp_path / "talk.wav", (said, RATE)):
        found = translator.transcribe(source)
        assert found.text == "Good morning.\nGood night."
        assert (found.language, found.language_probability) == ("en", 0.99)
        assert found.duration_s == pytest.approx(len(said) / RATE)
        assert [one.language for one in found.segments] == ["en", "en"]
        assert [one.index for one in found.segments] == [0, 1]
        starts = [round(word.start_s, 1) for one in found.segments for word in one.words]
        assert starts == [0.2, 0.5, 4.0, 4.3]
        assert all(one.start_s < one.end_s for one in found.segments)
        assert (found.warnings, found.dropped) == ([], [])


def test_a_transcription_translates_and_speaks_nothing(lexicon: Lexicon, said: Samples) -> None:
    translators = {"words": FakeTranslator(fails_at=0)}
    engines = fake_engines(lexicon, translators=translators)
    one = SpeechTranslator(engines, Settings(source="en", target="pt"))
    assert one.transcribe((said, RATE)).text == "Good morning.\nGood night."


def test_the_language_may_be_given(translator: SpeechTranslator, said: Samples) -> None:
    found = translator.transcribe((said, RATE), language="German")
    assert (found.language, found.language_probability) == ("de", 1.0)
    assert {one.language for one in found.segments} == {"de"}
    with pytest.raises(SettingsError, match="does not recognize French"):
        translator.transcribe((said, RATE), language="fr")
    with pytest.raises(SettingsError, match="'klingonish' is not a language"):
        translator.transcribe((said, RATE), language="klingonish")


def test_speech_in_the_target_language_is_recognized_too(lexicon: Lexicon, said: Samples) -> None:
    engines = fake_engines(lexicon, recognizer=FakeRecognizer(lexicon=lexicon, language="pt"))
    found = SpeechTranslator(engines, Settings(target="pt")).transcribe((said, RATE))
    assert (found.language, len(found.segments)) == ("pt", 2)


def test_a_recording_in_which_nobody_speaks(translator: SpeechTranslator) -> None:
    found = translator.transcribe((np.zeros(3 * RATE, np.float32), RATE))
    assert (found.segments, found.language, found.duration_s) == ([], "und", 3.0)
    assert found.warnings == ["nobody speaks in this recording"]


def test_sound_without_words_is_reported(translator: SpeechTranslator) -> None:
    hum = np.full(3 * RATE, 0.05, np.float32)  # what the fakes take for speech without words
    found = translator.transcribe((hum, RATE))
    assert (found.text, found.warnings) == ("", ["no words were recognized"])
    assert found.dropped


def test_what_is_no_sound_is_refused(translator: SpeechTranslator) -> None:
    with pytest.raises(AudioDecodeError, match="the recording is None"):
        translator.transcribe(None)  # type: ignore[arg-type]
    with pytest.raises(AudioDecodeError, match=r"nowhere\.wav"):
        translator.transcribe("nowhere.wav")


def test_a_recognizer_that_fails(lexicon: Lexicon, said: Samples) -> None:
    engines = fake_engines(lexicon, recognizer=FakeRecognizer(lexicon=lexicon, fails_at=1))
    with pytest.raises(StageError, match="failed at call 1"):
        SpeechTranslator(engines, Settings(source="en", target="pt")).transcribe((said, RATE))


def test_text_keeps_its_lines(translator: SpeechTranslator) -> None:
    text = "Good morning. It is late.\n\n  Good night.\n"
    assert translator.translate_text(text, source="English") == (
        "pt:Good pt:morning. pt:It pt:is pt:late.\n\npt:Good pt:night."
    )
    assert translator.translate_text("", source="en") == ""
    assert translator.translate_text(" \n", source="en") == ""


def test_text_has_no_space_where_the_language_has_none(lexicon: Lexicon) -> None:
    japanese = FakeTranslator(capabilities=Capabilities(pairs=frozenset({("en", "ja")})))
    engines = fake_engines(lexicon, translators={"words": japanese})
    one = SpeechTranslator(engines, Settings(source="en", target="ja"))
    assert one.translate_text("Good. Bad.") == "ja:Good.ja:Bad."


def test_the_language_of_a_text_is_named(translator: SpeechTranslator) -> None:
    with pytest.raises(SettingsError, match="such as `translate_text"):
        translator.translate_text("Good morning.")
    with pytest.raises(SettingsError, match="the text is already in Portuguese"):
        translator.translate_text("Bom dia.", source="pt")
    with pytest.raises(SettingsError, match=r"German \(de\) to Portuguese"):
        translator.translate_text("Guten Morgen.", source="de")


def test_text_of_a_pair_that_only_whisper_translates(lexicon: Lexicon) -> None:
    one = SpeechTranslator(fake_engines(lexicon), Settings(source="de", target="en"))
    with pytest.raises(SettingsError, match="name a translator with `mt`"):
        one.translate_text("Guten Morgen.")


def test_text_becomes_speech(translator: SpeechTranslator, lexicon: Lexicon) -> None:
    speech = translator.speak("Bom dia a todos.")
    assert speech.samples.dtype == np.float32
    assert (speech.samples.ndim, speech.voice) == (1, "")
    assert speech.duration_s == pytest.approx(len(speech.samples) / speech.sample_rate)
    words = [word.text for word in lexicon.recognize(speech.samples, speech.sample_rate)]
    assert words == ["Bom", "dia", "a", "todos."]


def test_the_voice_may_be_named_or_follow_a_recording(
    translator: SpeechTranslator, said: Samples
) -> None:
    assert translator.speak("Bom dia.", voice="pt_bass").voice == "pt_bass"
    assert translator.speak("Good day.", language="English", voice="en_alto").voice == "en_alto"
    like = translator.speak("Bom dia.", reference=(said, RATE))
    assert like.voice == "match"
    with pytest.raises(SettingsError, match="there is no voice 'nobody'"):
        translator.speak("Bom dia.", voice="nobody")
    with pytest.raises(SettingsError, match="a reference needs the voice"):
        translator.speak("Bom dia.", voice="pt_bass", reference=(said, RATE))


def test_what_cannot_be_spoken_is_refused(translator: SpeechTranslator) -> None:
    with pytest.raises(SettingsError, match="has no words to speak"):
        translator.speak(" ... ")
    with pytest.raises(SettingsError, match=r"does not speak German \(de\): it speaks English"):
        translator.speak("Guten Morgen.", language="de")


def test_a_text_in_another_script_is_not_spoken_as_silence(lexicon: Lexicon) -> None:
    class LatinAlone(FakeSynthesizer):
        def synthesize(self, text: str, **how: Any) -> Iterator[Samples]:
            return iter([]) if not text.isascii() else super().synthesize(text, **how)

    engines = fake_engines(lexicon, synthesizer=LatinAlone(lexicon=lexicon))
    with SpeechTranslator(engines, Settings(source="en", target="pt")) as translator:
        assert len(translator.speak("Bom dia.").samples)
        with pytest.raises(SettingsError, match=r"can be spoken in Portuguese \(pt\): name"):
            translator.speak("早上好。")


def test_nothing_of_it_begins_after_closing(translator: SpeechTranslator, said: Samples) -> None:
    translator.close()
    for action in (
        lambda: translator.transcribe((said, RATE)),
        lambda: translator.translate_text("Good.", source="en"),
        lambda: translator.speak("Bom dia."),
    ):
        with pytest.raises(StslocalError, match="this translator is closed"):
            action()
