"""Converted voices, on a fake synthesizer whose samples are positive and a fake converter."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from stslocal.engines.protocols import Capabilities
from stslocal.errors import EngineError, SettingsError
from stslocal.types import RECOGNITION_RATE, Samples, VoiceProfile
from stslocal.voices.choose import VoiceEngines, describe_voice, voice_kind
from stslocal.voices.conversion import BUILT_IN, SPEAKER, ConvertedVoices, ConvertingSynthesizer
from stslocal.voices.store import VoiceStore
from tests.fakes import FakeConverter, FakeSynthesizer, Lexicon

pytestmark = pytest.mark.unit

PITCHES = {
    "en": [("en_alto", 210.0), ("en_bass", 110.0)],
    "pt": [("pt_alto", 220.0), ("pt_bass", 100.0)],
}
TEXT = "one two three four five six seven"


def buzz(pitch_hz: float, *, turned: bool = False, seconds: float = 4.0) -> Samples:
    """A voice as the pitch tracker takes it; `turned` is another speaker for the fake converter."""
    at = np.arange(round(seconds * RECOGNITION_RATE)) / RECOGNITION_RATE
    wave = sum(np.sin(2 * np.pi * pitch_hz * k * at) / k for k in range(1, 12))
    speech = np.asarray((0.2 * wave + 0.01) * ((at % 0.5) < 0.4), np.float32)
    return -speech if turned else speech


@pytest.fixture
def inner() -> FakeSynthesizer:
    speaks = Capabilities(languages=frozenset({"en", "pt"}))
    return FakeSynthesizer(lexicon=Lexicon(), capabilities=speaks)


@pytest.fixture
def synthesizer(inner: FakeSynthesizer) -> ConvertingSynthesizer:
    return ConvertingSynthesizer(inner, FakeConverter(), "turner")


@pytest.fixture
def voices(inner: FakeSynthesizer) -> ConvertedVoices:
    return ConvertedVoices(inner, FakeConverter(), "turner", lambda code: PITCHES[code])


def made(voices: ConvertedVoices, reference: Samples, language: str = "pt") -> VoiceProfile:
    return voices.clone(reference, RECOGNITION_RATE, name="convert", language=language)


def spoken(synthesizer: ConvertingSynthesizer, voice: VoiceProfile | None) -> Samples:
    return np.concatenate(list(synthesizer.synthesize(TEXT, language="pt", voice=voice)))


def test_what_is_spoken_is_converted_from_the_built_in_voice_to_the_speakers(
    synthesizer: ConvertingSynthesizer, voices: ConvertedVoices
) -> None:
    plain = spoken(synthesizer, None)
    same = spoken(synthesizer, made(voices, buzz(200.0)))
    turned = spoken(synthesizer, made(voices, buzz(200.0, turned=True)))
    assert abs(len(turned) - len(plain)) <= 8, "a resampler rounds each clause"
    assert plain.mean() > 0.05
    assert turned.mean() == pytest.approx(-plain.mean(), rel=0.01)
    np.testing.assert_allclose(same, -turned)


@pytest.mark.parametrize("within", [True, False], ids=["a stream", "clauses"])
def test_speech_comes_clause_by_clause_or_as_it_streams(
    inner: FakeSynthesizer, voices: ConvertedVoices, *, within: bool
) -> None:
    inner.capabilities = replace(inner.capabilities, streams_within=within)
    synthesizer = ConvertingSynthesizer(inner, FakeConverter(), "turner")
    voice = made(voices, buzz(200.0, turned=True))
    first, *others = synthesizer.synthesize(TEXT, language="pt", voice=voice)
    assert others
    assert first.max() < 0.0
    samples = sum(map(len, [first, *others]))
    estimated = synthesizer.estimate_s(TEXT, language="pt", voice=voice)
    assert samples / synthesizer.sample_rate == pytest.approx(estimated, abs=0.2)


def test_other_voices_are_spoken_as_they_are(
    synthesizer: ConvertingSynthesizer, inner: FakeSynthesizer
) -> None:
    voice = synthesizer.voice("pt_bass")
    assert synthesizer.voice_names("pt") == inner.voice_names("pt")
    expected = np.concatenate(list(inner.synthesize(TEXT, language="pt", voice=voice)))
    np.testing.assert_array_equal(spoken(synthesizer, voice), expected)
    with pytest.raises(SettingsError, match="is of other"):
        spoken(synthesizer, VoiceProfile("x", "other", {}))


@pytest.mark.parametrize(
    ("pitch_hz", "language", "built_in"),
    [(200.0, "pt", "pt_alto"), (95.0, "pt", "pt_bass"), (120.0, "en", "en_bass")],
)
def test_the_built_in_voice_nearest_in_pitch_speaks(
    voices: ConvertedVoices, pitch_hz: float, language: str, built_in: str
) -> None:
    voice = made(voices, buzz(pitch_hz), language)
    assert voice.provenance["built_in"] == built_in
    assert voice.provenance["language"] == language
    assert voice_kind(voice) == "converted"
    assert describe_voice(voice) == (
        f"converted: spoken by {built_in}, and changed into the speaker's by turner; not a clone"
    )


def test_a_low_and_a_high_voice_are_prepared_and_no_other_speaks(inner: FakeSynthesizer) -> None:
    many = [("pt_alto", 215.0), ("pt_bass", 118.0), ("pt_third", 150.0), ("pt_fourth", 90.0)]
    converter = FakeConverter(fails_at=3)
    voices = ConvertedVoices(inner, converter, "turner", lambda code: many)
    voices.prepare("pt")  # two calls of the converter; the third is the last one that works
    assert made(voices, buzz(150.0)).provenance["built_in"] == "pt_bass"
    with pytest.raises(EngineError):
        made(voices, buzz(190.0))


def test_only_voices_of_the_region_speak(inner: FakeSynthesizer) -> None:
    elsewhere = [("pt_other", 120.0), ("pt_alto", 215.0)]
    voices = ConvertedVoices(inner, FakeConverter(), "turner", lambda code: elsewhere)
    assert made(voices, buzz(115.0)).provenance["built_in"] == "pt_alto"


def test_an_engine_without_built_in_voices_is_refused(
    inner: FakeSynthesizer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(FakeSynthesizer, "voice_names", lambda self, language: ())
    voices = ConvertedVoices(inner, FakeConverter(), "turner", lambda code: [])
    with pytest.raises(SettingsError, match=r"voice for Portuguese \(pt\).*add `--tts kokoro`"):
        made(voices, buzz(115.0))


def test_the_default_voice_speaks_where_no_pitch_is_known(inner: FakeSynthesizer) -> None:
    voices = ConvertedVoices(inner, FakeConverter(), "turner", lambda code: [("pt_bass", 0.0)])
    assert made(voices, buzz(100.0)).provenance["built_in"] == "pt_alto"


def test_the_same_speaker_in_another_language(voices: ConvertedVoices) -> None:
    voice = made(voices, buzz(100.0, turned=True), "en")
    other = voices.adapted(voice, "pt")
    assert (voice.provenance["built_in"], other.provenance["built_in"]) == ("en_bass", "pt_bass")
    np.testing.assert_array_equal(other.arrays[SPEAKER], voice.arrays[SPEAKER])
    built_in = VoiceProfile("pt_alto", "fake", {})
    assert voices.adapted(built_in, "en") is built_in


def test_a_built_in_voice_is_embedded_once(inner: FakeSynthesizer) -> None:
    converter = FakeConverter(fails_at=3)
    voices = ConvertedVoices(inner, converter, "turner", lambda code: PITCHES[code])
    for _ in range(2):  # the built-in voice once, the speaker twice; a fourth call would fail
        assert made(voices, buzz(100.0)).arrays[BUILT_IN] == 1.0


def test_poor_speech_gives_the_default_voice_and_the_reason(voices: ConvertedVoices) -> None:
    voice = made(voices, np.zeros(RECOGNITION_RATE, np.float32))
    assert (voice.engine, voice_kind(voice)) == ("fake", "default")
    assert "too quiet" in describe_voice(voice)


def test_more_speech_changes_the_voice_but_not_the_built_in_one(voices: ConvertedVoices) -> None:
    before, after = made(voices, buzz(100.0)), made(voices, buzz(200.0, turned=True))
    steady = voices.steady(before, after)
    assert steady.provenance["built_in"] == "pt_bass"
    np.testing.assert_array_equal(steady.arrays[SPEAKER], after.arrays[SPEAKER])
    poor = made(voices, np.zeros(RECOGNITION_RATE, np.float32))
    assert voices.steady(before, poor) is before
    assert voices.steady(poor, after) is after


def test_a_saved_voice_is_converted_again(
    synthesizer: ConvertingSynthesizer, voices: ConvertedVoices, tmp_path: Path
) -> None:
    saved = VoiceStore(tmp_path)
    saved.save(replace(made(voices, buzz(100.0, turned=True), "en"), name="maria"))
    engines = VoiceEngines(
        synthesizer, voices, "kokoro", voices.adapted, saved=saved, converter="turner"
    )
    voice = engines.voice("maria", language="pt")
    assert spoken(synthesizer, voice).mean() < -0.05
    with pytest.raises(SettingsError, match="maria was made for turner"):
        replace(engines, converter="").voice("maria", language="pt")
