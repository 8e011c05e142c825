"""A man gets a man's voice, a woman a woman's, and the voice stays."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from stslocal.engines.kokoro.languages import LANGUAGES
from stslocal.engines.kokoro.registers import speaker_register, style_registers
from stslocal.engines.kokoro.style_bank import style_banks
from stslocal.engines.kokoro.voice_matching import StyleMatcher
from stslocal.types import RECOGNITION_RATE, Embedding, Samples, VoiceProfile
from tests.fakes import FakeSynthesizer

pytestmark = pytest.mark.unit

PITCHES = {"man": 115.0, "woman": 200.0, "child": 300.0}


class Speaker:
    """A `SpeakerEncoder` that is given what it finds."""

    def __init__(self) -> None:
        self.embedding: Embedding = np.zeros(256, np.float32)

    def embed(self, audio: Samples) -> Embedding:
        return self.embedding


class Styles(FakeSynthesizer):
    """Kokoro's voices by name, without its weights."""

    def voice_names(self, language: str) -> tuple[str, ...]:
        initials = LANGUAGES[language].voice_initials
        names = [name for name in style_banks()["en"].names if name[0] in initials]
        default = LANGUAGES[language].default_voice
        return tuple(sorted(names, key=lambda name: name != default))

    def voice(self, name: str) -> VoiceProfile:
        return VoiceProfile(name, "kokoro", {"style": np.zeros(2, np.float32)}, {"styles": name})


class RegionalStyles(Styles):
    """The same with the voices of one region of English."""

    def voice_names(self, language: str) -> tuple[str, ...]:
        return tuple(name for name in super().voice_names(language) if name[0] == "b")


@pytest.fixture
def speaker() -> Speaker:
    return Speaker()


@pytest.fixture
def matcher(speaker: Speaker) -> StyleMatcher:
    return StyleMatcher(speaker, Styles())


def style(name: str, language: str = "pt") -> Embedding:
    bank = style_banks()[language]
    embedding: Embedding = bank.embeddings[bank.names.index(name)]
    return embedding


def between(*parts: tuple[float, Embedding]) -> Embedding:
    mixed = np.sum([share * embedding for share, embedding in parts], axis=0)
    return np.asarray(mixed / np.linalg.norm(mixed), np.float32)


def buzz(pitch_hz: float, seconds: float = 4.0) -> Samples:
    """A voice as the pitch tracker takes it."""
    at = np.arange(round(seconds * RECOGNITION_RATE)) / RECOGNITION_RATE
    wave = sum(np.sin(2 * np.pi * pitch_hz * k * at) / k for k in range(1, 12))
    return np.asarray(0.2 * wave * ((at % 0.5) < 0.4), np.float32)


def match(
    matcher: StyleMatcher, speaker: Speaker, embedding: Embedding, pitch_hz: float, language: str
) -> VoiceProfile:
    speaker.embedding = embedding
    return matcher.clone(buzz(pitch_hz), RECOGNITION_RATE, name="match", language=language)


def sex(voice: VoiceProfile) -> str:
    return voice.provenance["styles"][1]


@pytest.mark.parametrize("language", sorted(style_banks()))
def test_each_built_in_voice_is_of_the_sex_that_its_name_says(language: str) -> None:
    bank = style_banks()[language]
    for number, (name, register) in enumerate(zip(bank.names, style_registers(bank), strict=True)):
        found = speaker_register(bank.embeddings[number], float(bank.pitches_hz[number]))
        if register != "child":
            assert found == register, name


@pytest.mark.parametrize("pitch_hz", [0.0, 80.0, 160.0, 190.0, 270.0, 330.0])
def test_a_man_who_raises_his_voice_is_a_man(
    pitch_hz: float, matcher: StyleMatcher, speaker: Speaker
) -> None:
    """Kennedy's median F0 in a speech is 267 Hz: the nearest voice in pitch is a woman's."""
    assert speaker_register(style("am_michael"), pitch_hz) == "man"
    if pitch_hz:
        voice = match(matcher, speaker, style("am_michael"), pitch_hz, "pt")
        assert sex(voice) == "m"
        assert abs(voice.pitch_semitones) <= 3.0


@pytest.mark.parametrize("pitch_hz", [0.0, 130.0, 165.0, 220.0])
def test_a_woman_with_a_low_voice_is_a_woman(pitch_hz: float) -> None:
    assert speaker_register(style("af_bella"), pitch_hz) == "woman"


def test_the_register_comes_before_likeness(matcher: StyleMatcher, speaker: Speaker) -> None:
    """The nearest voice is the woman's."""
    man = between((1.0, style("am_adam")), (1.0, style("am_liam")), (0.95, style("af_nova")))
    for language in ("en", "pt"):
        assert sex(match(matcher, speaker, man, 125.0, language)) == "m"


def test_a_high_voice_gets_a_high_one(matcher: StyleMatcher, speaker: Speaker) -> None:
    voice = match(matcher, speaker, style("af_sky"), 300.0, "pt")
    assert voice.provenance["register"] == "child"
    assert "a child's" in voice.provenance["match"]
    bank = style_banks()["pt"]
    assert bank.pitches_hz[bank.names.index(voice.provenance["styles"])] > 250.0


@pytest.mark.parametrize(("name", "pitch_hz"), [("am_adam", 110.0), ("af_bella", 200.0)])
def test_a_region_has_its_own_voices_only(name: str, pitch_hz: float, speaker: Speaker) -> None:
    matcher = StyleMatcher(speaker, RegionalStyles())
    voice = match(matcher, speaker, style(name, "en"), pitch_hz, "en")
    assert voice.provenance["styles"][:2] == f"b{name[1]}"


@pytest.mark.parametrize("language", ["es", "it", "hi"])
def test_a_language_without_a_bank_has_voices_of_both_sexes(
    language: str, matcher: StyleMatcher, speaker: Speaker
) -> None:
    names = Styles().voice_names(language)
    for embedding, pitch_hz, expected in [
        (style("am_adam"), 110.0, "m"), (style("af_bella"), 200.0, "f"),
        (style("af_bella"), 300.0, "f"),
    ]:  # fmt: skip
        voice = match(matcher, speaker, embedding, pitch_hz, language)
        assert sex(voice) == expected
        assert voice.provenance["styles"] in names
        assert "default" not in voice.provenance


def test_a_language_without_a_mans_voice_says_so(matcher: StyleMatcher, speaker: Speaker) -> None:
    voice = match(matcher, speaker, style("am_adam"), 110.0, "fr")
    assert voice.provenance["styles"] == "ff_siwis"
    assert voice.provenance["default"] == "French (fr) has no man's voice"
    english = match(matcher, speaker, style("am_adam"), 110.0, "en")
    assert matcher.adapted(english, "fr") is english
    assert sex(matcher.adapted(english, "es")) == "m"


class TestSteady:
    @pytest.fixture
    def before(self, matcher: StyleMatcher, speaker: Speaker) -> VoiceProfile:
        return match(matcher, speaker, style("am_michael"), 115.0, "pt")

    def test_the_voice_stays_for_a_little_more_likeness(
        self, before: VoiceProfile, matcher: StyleMatcher, speaker: Speaker
    ) -> None:
        mixed = between((1.0, style("am_michael")), (1.06, style("am_liam")))
        after = match(matcher, speaker, mixed, 115.0, "pt")
        assert after.provenance["styles"] == "am_liam"
        assert matcher.steady(before, after) is before

    def test_it_changes_for_much_more(self, matcher: StyleMatcher, speaker: Speaker) -> None:
        """The first 3 s were a bad sample of the same speaker."""
        first = between((1.0, style("am_michael")), (0.9, style("am_liam")))
        before = match(matcher, speaker, first, 115.0, "pt")
        later = between((0.3, style("am_michael")), (1.0, style("am_liam")))
        after = match(matcher, speaker, later, 115.0, "pt")
        assert before.provenance["styles"] == "am_michael"
        assert matcher.steady(before, after) is after

    @pytest.mark.parametrize("other", ["am_onyx", "bm_lewis", "af_bella", "jf_alpha"])
    @pytest.mark.parametrize("share", [0.5, 0.8, 1.0])
    def test_another_speaker_in_between_changes_nothing(
        self, other: str, share: float, before: VoiceProfile, matcher: StyleMatcher,
        speaker: Speaker,
    ) -> None:  # fmt: skip
        mixed = between((1 - share, style("am_michael")), (share, style(other)))
        after = match(matcher, speaker, mixed, PITCHES["woman"], "pt")
        assert matcher.steady(before, after) is before

    def test_a_match_takes_the_default_voices_place_and_not_the_other_way(
        self, before: VoiceProfile, matcher: StyleMatcher
    ) -> None:
        silence = np.zeros(4 * RECOGNITION_RATE, np.float32)
        default = matcher.clone(silence, RECOGNITION_RATE, name="match", language="pt")
        assert "default" in default.provenance
        assert matcher.steady(default, before) is before
        assert matcher.steady(before, default) is before
        assert matcher.steady(default, replace(default)) is default
