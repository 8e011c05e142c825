"""The same assertions for every engine of a role: the fakes and those of the registry."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pytest

from stslocal import languages
from stslocal.audio.decode import read_audio
from stslocal.engines import registry
from stslocal.engines.nllb.translator import NllbTranslator
from stslocal.engines.openvoice.converter import OpenVoiceConverter
from stslocal.engines.opus.translator import OpusTranslator
from stslocal.engines.pocket.synthesizer import PocketSynthesizer
from stslocal.engines.protocols import (
    Capabilities,
    SpeakerEncoder,
    SpeechRecognizer,
    SpeechSynthesizer,
    TextTranslator,
    VoiceActivityDetector,
    VoiceConverter,
)
from stslocal.errors import SettingsError
from stslocal.models.manifest_file import load_manifest
from stslocal.models.store import ModelStore
from stslocal.samples import BundledClip
from stslocal.types import RECOGNITION_RATE, Samples, VoiceProfile
from tests.fakes import (
    FakeConverter,
    FakeEncoder,
    FakeRecognizer,
    FakeSynthesizer,
    FakeTranslator,
    FakeVad,
    Lexicon,
)
from tests.tiny_nllb import make_tiny_nllb
from tests.tiny_openvoice import build as build_openvoice
from tests.tiny_opus import make_tiny_opus
from tests.tiny_pocket import load_tiny as load_pocket
from tests.tiny_xtts import load_tiny

SENTENCES = {"en": "Good morning, my friends. It is late.", "pt": "Bom dia, meus amigos. É tarde."}
LEXICON = Lexicon()


def engines_of(role: registry.Role[Any], fake: Callable[[], Any]) -> list[Any]:
    """The parameters of a fixture: the fake, and each engine of the starter pack."""
    starter = load_manifest().packs["starter"].models
    real = [
        pytest.param(choice.name, marks=pytest.mark.real)
        for choice in registry.choices(role)
        if set(choice.weights.models) <= set(starter)
    ]
    return [pytest.param(fake, id="fake", marks=pytest.mark.contract), *real]


def load(role: registry.Role[Any], request: pytest.FixtureRequest) -> Any:
    if callable(request.param):
        return request.param()
    models: Path = request.getfixturevalue("starter_models")
    return registry.create(role, request.param, ModelStore(models, load_manifest()))


@pytest.fixture(scope="module", params=engines_of(registry.VAD, FakeVad))
def vad(request: pytest.FixtureRequest) -> Any:
    return load(registry.VAD, request)


@pytest.fixture(
    scope="module",
    params=engines_of(registry.RECOGNIZER, lambda: FakeRecognizer(lexicon=LEXICON)),
)
def recognizer(request: pytest.FixtureRequest) -> Any:
    return load(registry.RECOGNIZER, request)


def tiny_nllb() -> NllbTranslator:
    with TemporaryDirectory() as folder:
        return NllbTranslator.load(make_tiny_nllb(Path(folder)))


def tiny_opus() -> OpusTranslator:
    with TemporaryDirectory() as folder:
        models = [make_tiny_opus(Path(folder) / name) for name in ("opus-en-pt", "opus-pt-en")]
        pairs = frozenset({("en", "pt"), ("pt", "en")})
        return OpusTranslator.load(*models, capabilities=Capabilities(pairs=pairs, continues=True))


@pytest.fixture(
    scope="module",
    params=[
        *engines_of(registry.TRANSLATOR, FakeTranslator),
        pytest.param(tiny_nllb, id="tiny nllb", marks=pytest.mark.contract),
        pytest.param(tiny_opus, id="tiny opus", marks=pytest.mark.contract),
    ],
)
def translator(request: pytest.FixtureRequest) -> Any:
    return load(registry.TRANSLATOR, request)


def tiny_pocket() -> SpeechSynthesizer:
    with TemporaryDirectory() as folder:
        return load_pocket(Path(folder))


def tiny_xtts() -> SpeechSynthesizer:
    with TemporaryDirectory() as folder:
        engine: SpeechSynthesizer = load_tiny(Path(folder))
        return engine


@pytest.fixture(
    scope="module",
    params=[
        *engines_of(registry.SYNTHESIZER, FakeSynthesizer),
        pytest.param(tiny_xtts, id="tiny xtts", marks=pytest.mark.contract),
        pytest.param(tiny_pocket, id="tiny pocket", marks=pytest.mark.contract),
    ],
)
def synthesizer(request: pytest.FixtureRequest) -> Any:
    return load(registry.SYNTHESIZER, request)


@pytest.fixture(scope="module", params=engines_of(registry.SPEAKER_ENCODER, FakeEncoder))
def encoder(request: pytest.FixtureRequest) -> Any:
    return load(registry.SPEAKER_ENCODER, request)


def tiny_openvoice() -> VoiceConverter:
    with TemporaryDirectory() as folder:
        return OpenVoiceConverter.load(build_openvoice(Path(folder)), threads=1)


@pytest.fixture(
    scope="module",
    params=[
        pytest.param(FakeConverter, id="fake", marks=pytest.mark.contract),
        pytest.param(tiny_openvoice, id="tiny openvoice", marks=pytest.mark.contract),
    ],
)
def converter(request: pytest.FixtureRequest) -> Any:
    return load(registry.VOICE_CONVERTER, request)


@pytest.mark.parametrize(
    "role",
    [registry.RECOGNIZER, registry.TRANSLATOR, registry.SYNTHESIZER],
    ids=lambda role: role.name,
)
@pytest.mark.real
def test_an_engine_has_the_capabilities_of_its_entry(
    starter_models: Path, role: registry.Role[Any]
) -> None:
    """Combinations are checked by the capabilities of the registry, before an engine is loaded."""
    engine = registry.create(role, "auto", ModelStore(starter_models, load_manifest()))
    declared = registry.choice(role).capabilities
    # How many sounds it gains by recognizing together depends on where it was loaded.
    assert replace(engine.capabilities, together=declared.together) == declared


@pytest.fixture(scope="module")
def speech(bundled_clip: BundledClip) -> Samples:
    """The first 8 s of the bundled clip, at 16 kHz."""
    return read_audio(bundled_clip.path)[: 8 * RECOGNITION_RATE]


def speech_for(engine: SpeechRecognizer, speech: Samples) -> Samples:
    """Speech that the engine recognizes: a fake recognizes only words of its lexicon."""
    return (
        LEXICON.say("Good morning, my friends.") if isinstance(engine, FakeRecognizer) else speech
    )


class TestVoiceActivityDetector:
    def test_speech_is_probable_in_speech_and_not_in_silence(
        self, vad: VoiceActivityDetector, speech: Samples
    ) -> None:
        silence = np.zeros(40 * vad.window, np.float32)
        quiet, _ = vad.probabilities(silence, vad.initial_state())
        whole = speech[: len(speech) // vad.window * vad.window]
        loud, _ = vad.probabilities(whole, vad.initial_state())
        assert quiet.shape == (40,)
        assert quiet.max() < 0.5
        assert np.mean(loud > 0.5) > 0.6
        assert 0.0 <= loud.min() <= loud.max() <= 1.0

    def test_keeps_its_memory_only_in_the_callers_state(
        self, vad: VoiceActivityDetector, speech: Samples
    ) -> None:
        streams = [speech[start : start + 10 * vad.window] for start in (0, 40_000)]
        wanted = [vad.probabilities(stream, vad.initial_state())[0] for stream in streams]
        states = [vad.initial_state(), vad.initial_state()]
        found: list[list[float]] = [[], []]
        for window in range(10):
            for index, stream in enumerate(streams):
                piece = stream[window * vad.window : (window + 1) * vad.window]
                probabilities, states[index] = vad.probabilities(piece, states[index])
                found[index].extend(probabilities)
        np.testing.assert_allclose(found, wanted, atol=1e-5)


class TestSpeechRecognizer:
    def test_languages_are_codes_of_the_table(self, recognizer: SpeechRecognizer) -> None:
        capabilities = recognizer.capabilities
        assert capabilities.languages
        for code in capabilities.languages | capabilities.translates_to:
            assert languages.find(code).code == code

    def test_recognizes_words_in_order_within_the_audio(
        self, recognizer: SpeechRecognizer, speech: Samples
    ) -> None:
        audio = speech_for(recognizer, speech)
        recognition = recognizer.transcribe(audio, language="en")
        assert recognition.language == "en"
        assert recognition.text
        assert not recognition.rejected
        assert recognition.text.split() == [word.text for word in recognition.words]
        ends = [edge for word in recognition.words for edge in (word.start_s, word.end_s)]
        assert ends == sorted(ends)
        assert ends[0] >= 0.0
        assert ends[-1] <= len(audio) / RECOGNITION_RATE + 0.01
        assert all(0.0 <= word.probability <= 1.0 for word in recognition.words)

    def test_detects_the_language(self, recognizer: SpeechRecognizer, speech: Samples) -> None:
        audio = speech_for(recognizer, speech)
        code, probability = recognizer.detect_language(audio)
        assert code == "en"
        assert 0.5 < probability <= 1.0
        assert recognizer.transcribe(audio).language == "en"

    @pytest.mark.parametrize("samples", [0, RECOGNITION_RATE])
    def test_invents_nothing_in_silence(self, recognizer: SpeechRecognizer, samples: int) -> None:
        recognition = recognizer.transcribe(np.zeros(samples, np.float32), language="en")
        assert recognition.text == ""
        assert recognition.words == ()
        assert recognition.rejected

    def test_refuses_a_language_it_does_not_know(self, recognizer: SpeechRecognizer) -> None:
        audio = np.full(RECOGNITION_RATE, 0.1, np.float32)
        with pytest.raises(SettingsError):
            recognizer.transcribe(audio, language="ace-Arab")

    def test_two_threads_recognize_the_same_as_one(
        self, recognizer: SpeechRecognizer, speech: Samples
    ) -> None:
        audio = speech_for(recognizer, speech)
        alone = recognizer.transcribe(audio, language="en").text
        found: list[str] = []

        def recognize() -> None:
            found.append(recognizer.transcribe(audio, language="en").text)

        threads = [threading.Thread(target=recognize) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert found == [alone, alone]


class TestTextTranslator:
    def test_pairs_are_codes_of_the_table(self, translator: TextTranslator) -> None:
        assert translator.capabilities.pairs
        for pair in translator.capabilities.pairs:
            for code in pair:
                assert languages.find(code).code == code

    def test_texts_are_translated_separately_and_in_order(self, translator: TextTranslator) -> None:
        for source, target in sorted(translator.capabilities.pairs)[:4]:
            if source not in SENTENCES:
                continue
            texts = [SENTENCES[source], "1964.", SENTENCES[source].lower()]
            together = translator.translate(texts, source=source, target=target)
            alone = [translator.translate([t], source=source, target=target)[0] for t in texts]
            assert together == alone
            assert "1964" in together[1]
            assert all(together)

    def test_two_threads_translate_the_same_as_one(self, translator: TextTranslator) -> None:
        sentences = SENTENCES["en"].split(". ")
        alone = translator.translate(sentences, source="en", target="pt", quick=True)
        found: dict[int, list[str]] = {}

        def work(index: int) -> None:
            found[index] = translator.translate(
                [sentences[index]], source="en", target="pt", quick=True
            )

        threads = [threading.Thread(target=work, args=(index,)) for index in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert found == {0: [alone[0]], 1: [alone[1]]}

    def test_an_empty_text_has_an_empty_translation(self, translator: TextTranslator) -> None:
        source, target = min(translator.capabilities.pairs)
        assert translator.translate([], source=source, target=target) == []
        assert translator.translate([""], source=source, target=target) == [""]

    def test_refuses_a_pair_it_does_not_have(self, translator: TextTranslator) -> None:
        with pytest.raises(SettingsError):
            translator.translate(["Hello."], source="en", target="en")


class TestSpeechSynthesizer:
    @pytest.mark.parametrize("language", sorted(SENTENCES))
    def test_speaks_samples_in_range_about_as_long_as_estimated(
        self, synthesizer: SpeechSynthesizer, language: str
    ) -> None:
        if language not in synthesizer.capabilities.languages:
            assert isinstance(synthesizer, PocketSynthesizer)
            return  # it speaks one language
        chunks = list(synthesizer.synthesize(SENTENCES[language], language=language))
        for chunk in chunks:
            assert chunk.dtype == np.float32
            assert chunk.ndim == 1
            assert np.abs(chunk).max() <= 1.0
        duration_s = sum(map(len, chunks)) / synthesizer.sample_rate
        estimate_s = synthesizer.estimate_s(SENTENCES[language], language=language)
        random = isinstance(synthesizer, PocketSynthesizer)  # its weights end a text anywhere
        assert random or 0.5 < estimate_s / duration_s < 2.0

    def test_faster_speech_is_shorter(self, synthesizer: SpeechSynthesizer) -> None:
        def spoken(speed: float) -> int:
            chunks = synthesizer.synthesize(SENTENCES["en"], language="en", speed=speed)
            return sum(map(len, chunks))

        assert 0.65 < spoken(1.25) / spoken(1.0) < 0.95

    @pytest.mark.parametrize("text", ["", "  ", "\n"])
    def test_a_text_without_words_gives_no_sound(
        self, synthesizer: SpeechSynthesizer, text: str
    ) -> None:
        assert list(synthesizer.synthesize(text, language="en")) == []

    def test_its_voices_are_listed_and_speak(self, synthesizer: SpeechSynthesizer) -> None:
        for code in synthesizer.capabilities.languages:
            assert languages.find(code).code == code
            assert synthesizer.voice_names(code), code
        code = "pt" if "pt" in synthesizer.capabilities.languages else "en"
        name = synthesizer.voice_names(code)[-1]
        voice = synthesizer.voice(name)
        assert voice.name == name
        assert list(synthesizer.synthesize("Bom dia.", language=code, voice=voice))

    def test_refuses_unknown_voices_and_languages(self, synthesizer: SpeechSynthesizer) -> None:
        with pytest.raises(SettingsError):
            synthesizer.voice("nobody")
        with pytest.raises(SettingsError):
            list(synthesizer.synthesize("Hello.", language="ace-Arab"))
        foreign = VoiceProfile("x", "another engine", {})
        with pytest.raises(SettingsError):
            list(synthesizer.synthesize("Hello.", language="en", voice=foreign))


class TestSpeakerEncoder:
    def test_an_embedding_has_unit_length_and_hardly_depends_on_loudness(
        self, encoder: SpeakerEncoder, speech: Samples
    ) -> None:
        embedding = encoder.embed(speech)
        assert embedding.dtype == np.float32
        assert np.linalg.norm(embedding) == pytest.approx(1.0, abs=1e-5)
        assert float(embedding @ encoder.embed(speech * 0.5)) > 0.9
        np.testing.assert_array_equal(embedding, encoder.embed(speech))


class TestVoiceConverter:
    def test_speech_is_as_long_as_before_for_any_chunks(
        self, converter: VoiceConverter, speech: Samples
    ) -> None:
        source = converter.embed(speech, RECOGNITION_RATE)
        target = converter.embed(-speech, RECOGNITION_RATE)

        def converted(*chunks: Samples) -> Samples:
            made = converter.convert(chunks, RECOGNITION_RATE, source=source, target=target)
            return np.concatenate(list(made))

        whole = converted(speech)
        in_chunks = converted(*np.array_split(speech, 77))
        np.testing.assert_allclose(in_chunks, whole, atol=1e-4)
        seconds = len(speech) / RECOGNITION_RATE
        assert len(whole) / converter.sample_rate == pytest.approx(seconds, abs=0.02)
        assert whole.dtype == np.float32
        np.testing.assert_array_equal(converted(speech), whole)
