"""The check of the translated speech, with faults that a synthesizer or a translator makes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pytest

from stslocal.engines.protocols import Capabilities
from stslocal.files.options import FileOptions
from stslocal.files.placement import PAUSE_S
from stslocal.files.plan import FileTask
from stslocal.files.speak import PlacedSegment, speech_of
from stslocal.files.speech_check import CheckSpeech
from stslocal.files.write import translate_to_files
from stslocal.loading.engines import Engines
from stslocal.pipeline.inline import run_inline
from stslocal.pipeline.stage import chain
from stslocal.results.session import read_session
from stslocal.results.session_segment import SpeechCheck
from stslocal.translation.request import TranslationRequest
from stslocal.translation.speech_faults import (
    LOST_NUMBER,
    LOST_WORDS,
    NO_SPEECH,
    UNTRANSLATED,
)
from stslocal.types import Samples, Segment, TranslatedSegment, VoiceProfile
from tests.fakes import FakeRecognizer, FakeSynthesizer, FakeTranslator, Lexicon

pytestmark = pytest.mark.unit

VOICE = VoiceProfile("alto", "fake", {})
EGGS = "Ela comprou 12 ovos na feira."
IDEA = "Acho que isto é uma boa ideia, e vamos fazer."


@dataclass(slots=True)
class SaysWrongly(FakeSynthesizer):
    """Says something else for some texts; silence where that is empty."""

    instead: Mapping[str, str] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def synthesize(
        self, text: str, *, language: str, voice: VoiceProfile | None = None, speed: float = 1.0
    ) -> Iterator[Samples]:
        self.asked.append(text)
        said = self.instead.get(text, text)
        spoken = FakeSynthesizer.synthesize(
            self, said or text, language=language, voice=voice, speed=speed
        )
        return spoken if said else (np.zeros_like(chunk) for chunk in spoken)


def checked(
    synthesizer: SaysWrongly,
    *texts: str,
    source: str = "something else that somebody said",
    thorough: bool = True,
    recognizer: FakeRecognizer | None = None,
    every_s: float = 20.0,
) -> list[PlacedSegment]:
    """Speak texts, one every some seconds, and check them."""
    stage = CheckSpeech(
        recognizer or FakeRecognizer(lexicon=synthesizer.lexicon),
        synthesizer,
        VOICE,
        thorough=thorough,
    )
    placed = []
    for index, text in enumerate(texts):
        start_s = every_s * index
        item = TranslatedSegment(
            Segment(index, start_s, start_s + 2.0, source, "en"), text, "pt", 0.0
        )
        placed.append(PlacedSegment(speech_of(synthesizer, VOICE, item, 1.0), start_s))
    return list(run_inline(iter(placed), chain(stage)))


def recognized(placed: PlacedSegment, lexicon: Lexicon) -> str:
    words = lexicon.recognize(placed.spoken.samples, placed.spoken.sample_rate)
    return " ".join(word.text for word in words)


def test_good_speech_passes_as_it_is() -> None:
    voice = SaysWrongly()
    eggs, idea = checked(voice, EGGS, IDEA)
    assert eggs.check == SpeechCheck("", EGGS, 0)
    assert idea.check == SpeechCheck("", IDEA, 0)
    assert voice.asked == [EGGS, IDEA]
    assert (eggs.start_s, idea.start_s) == (0.0, 20.0)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (EGGS, "Ela comprou ovos na feira."),
        (EGGS, "Ela comprou 2 ovos na feira."),
        (IDEA, "Acho que isto é uma boa ideia, boa ideia, boa ideia, e vamos fazer."),
        (IDEA, "Acho que isto é uma"),
        (IDEA, "bla ble bli blo blu"),
        (IDEA, f"{IDEA} bla ble bli blo blu"),
        (IDEA, ""),
    ],
)
def test_what_is_said_wrongly_is_said_again_another_way(text: str, said: str) -> None:
    voice = SaysWrongly(instead={text: said})
    for thorough in (True, False):  # each of these faults also shows without a full check
        (placed,) = checked(voice, text, thorough=thorough)
        assert placed.check is not None
        assert (placed.check.fault, placed.check.said_again) == ("", 1)
        assert recognized(placed, voice.lexicon) in (text, "Ela comprou doze ovos na feira.")


@pytest.mark.parametrize(
    ("text", "cut", "fault"),
    [
        (EGGS, "12 doze", LOST_NUMBER),
        (IDEA, "isto ideia, boa ideia", LOST_WORDS),
    ],
)
def test_what_stays_wrong_is_named_after_two_tries(text: str, cut: str, fault: str) -> None:
    @dataclass(slots=True)
    class LosesWords(SaysWrongly):
        def synthesize(
            self, text: str, *, language: str, voice: VoiceProfile | None = None, speed: float = 1.0
        ) -> Iterator[Samples]:
            kept = " ".join(word for word in text.split() if word not in cut.split())
            return SaysWrongly.synthesize(
                self, kept or "e", language=language, voice=voice, speed=speed
            )

    (placed,) = checked(LosesWords(), text)
    assert placed.check is not None
    assert (placed.check.fault, placed.check.said_again) == (fault, 2)


def test_the_best_of_the_tries_is_kept() -> None:
    # Only the second of three ways has a sound.
    voice = SaysWrongly(instead={IDEA: "", "Acho que isto é uma boa ideia,": "Acho que isto é"})

    (placed,) = checked(voice, IDEA)
    assert placed.check == SpeechCheck(LOST_WORDS, "Acho que isto é e vamos fazer.", 2)


def test_speech_that_stays_silent_is_named() -> None:
    @dataclass(slots=True)
    class Silent(SaysWrongly):
        def synthesize(
            self, text: str, *, language: str, voice: VoiceProfile | None = None, speed: float = 1.0
        ) -> Iterator[Samples]:
            yield np.zeros(24_000, np.float32)

    (placed,) = checked(Silent(), IDEA, thorough=False)
    assert placed.check == SpeechCheck(NO_SPEECH, "", 2)


def test_longer_speech_moves_what_comes_after_it_and_nothing_else() -> None:
    voice = SaysWrongly(instead={IDEA: "Acho"})
    first, second, third = checked(voice, IDEA, EGGS, EGGS, every_s=1.0)
    assert first.start_s == 0.0
    assert second.start_s == pytest.approx(first.end_s + PAUSE_S)
    assert third.start_s == pytest.approx(second.end_s + PAUSE_S)
    far = checked(voice, IDEA, EGGS, every_s=30.0)
    assert [one.start_s for one in far] == [0.0, 30.0]


def test_only_what_is_likely_to_be_wrong_is_recognized_without_the_full_check() -> None:
    voice = SaysWrongly()
    recognizer = FakeRecognizer(lexicon=voice.lexicon)
    placed = checked(voice, IDEA, EGGS, IDEA, thorough=False, recognizer=recognizer)
    assert recognizer.calls == 1
    assert [one.check.recognized for one in placed if one.check] == ["", EGGS, ""]


def test_an_untranslated_sentence_is_named_and_not_said_again() -> None:
    voice = SaysWrongly()
    text = "I think that this is a very good idea."
    (placed,) = checked(voice, text, source=text, thorough=False)
    assert placed.check == SpeechCheck(UNTRANSLATED)
    assert voice.asked == [text]


def test_a_language_that_the_recognizer_lacks_is_not_recognized() -> None:
    voice = SaysWrongly(instead={EGGS: "Ela comprou ovos na feira."})
    english = FakeRecognizer(
        lexicon=voice.lexicon, capabilities=Capabilities(languages=frozenset({"en"}))
    )
    (placed,) = checked(voice, EGGS, recognizer=english)
    assert placed.check == SpeechCheck()
    assert english.calls == 0


def test_a_kept_original_is_not_checked() -> None:
    voice = SaysWrongly()
    sound = voice.lexicon.say("bla ble bli")
    item = TranslatedSegment(
        Segment(0, 0.0, 2.0, IDEA, "pt", translation=IDEA, original=sound), IDEA, "pt", 0.0
    )
    spoken = speech_of(voice, VOICE, item, 1.0)
    stage = CheckSpeech(FakeRecognizer(lexicon=voice.lexicon), voice, VOICE, thorough=True)
    (placed,) = stage.process(PlacedSegment(spoken, 0.0))
    assert placed == PlacedSegment(spoken, 0.0)


@dataclass(slots=True)
class Phrasebook(FakeTranslator):
    """Knows the two sentences of the recording."""

    phrases: Mapping[str, str] = field(default_factory=dict)

    def translate(
        self, texts: Sequence[str], *, source: str, target: str, quick: bool = False
    ) -> list[str]:
        return [self.phrases[text] for text in texts]


def test_the_session_and_a_warning_have_what_was_found(
    engines: Engines, lexicon: Lexicon, task: FileTask
) -> None:
    engines.translators = {
        "words": Phrasebook(
            phrases={
                "good day to you.": "Bom dia a 12 pessoas.",
                "it rains and rains.": "it rains and rains.",
            }
        )
    }
    engines.synthesizer = SaysWrongly(
        lexicon=lexicon, instead={"Bom dia a 12 pessoas.": "Bom dia a pessoas."}
    )
    options = FileOptions(TranslationRequest("pt", "en"))
    speech = translate_to_files(engines, task, options)
    assert [row.check for row in read_session(task.session).segments] == [
        SpeechCheck("", "Bom dia a doze pessoas.", 1),
        SpeechCheck(UNTRANSLATED),
    ]
    assert (
        "1 sentence is doubtful in the translated speech: at 0:04 (its text is not translated); "
        "listen to it there"
    ) in speech.session.warnings

    off = FileOptions(TranslationRequest("pt", "en"), check="none")
    speech = translate_to_files(engines, task, off, overwrite=True)
    assert [row.check for row in speech.session.segments] == [None, None]
    assert not any("doubtful in" in warning for warning in speech.session.warnings)
    assert speech.session.settings["check"] == "none"
