"""XTTS as a synthesizer and a cloner, on a tiny checkpoint that Coqui's own loader reads."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np
import pytest

from stslocal.engines.speaker.reference import without_pauses
from stslocal.engines.xtts.torch_audio import import_torchaudio
from stslocal.errors import EngineError, ModelNotFoundError, SettingsError
from stslocal.types import Samples, VoiceProfile
from stslocal.voices.store import VoiceStore
from tests.extras import need
from tests.tiny_xtts import SPEAKERS, load_tiny, small_parts, write_checkpoint

torch = need("torch")
xtts = need("stslocal.engines.xtts.synthesizer")
checkpoint = need("stslocal.engines.xtts.checkpoint")

pytestmark = pytest.mark.contract

SENTENCE = "The river rose above its banks in the night."
RATE = 24_000


@pytest.fixture(scope="module")
def endless(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A model that does not stop by itself."""
    return load_tiny(tmp_path_factory.mktemp("endless"), stops_after=190)


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    with small_parts():
        yield write_checkpoint(tmp_path)


def speech(duration_s: float, pitch_hz: float, rate: int = RATE) -> Samples:
    """Sound with a pitch: harmonics in syllables."""
    time = np.arange(round(duration_s * rate)) / rate
    wave = sum(np.sin(2 * np.pi * pitch_hz * n * time) / n for n in range(1, 9))
    syllables = np.clip(np.sin(2 * np.pi * 3 * time) + 0.6, 0.0, 1.0)
    room = np.random.default_rng(0).normal(0.0, 5e-4, len(time))
    return (0.2 * wave * syllables + room).astype(np.float32)


def spoken(engine: Any, text: str, **options: Any) -> Samples:
    chunks = list(engine.synthesize(text, language="en", **options))
    assert all(len(chunk) for chunk in chunks)
    return np.concatenate([np.zeros(0, np.float32), *chunks])


class TestSpeaking:
    def test_the_first_audio_comes_after_the_first_few_tokens(self, tiny_xtts: Any) -> None:
        drawn: list[int] = []
        speak = tiny_xtts.gpt.speak

        def counting(*arguments: Any, **options: Any) -> Iterator[Any]:
            for token in speak(*arguments, **options):
                drawn.append(token.code)
                yield token

        with mock.patch.object(tiny_xtts.gpt, "speak", counting):
            first = next(tiny_xtts.synthesize(SENTENCE, language="en"))
        assert len(drawn) == 8
        assert 0.1 * RATE < len(first) < 8 * 1024 / 22_050 * RATE

    @pytest.mark.parametrize("speed", [1.0, 1.25])
    def test_streamed_speech_is_the_speech_that_coqui_makes_at_once(
        self, tiny_xtts: Any, speed: float
    ) -> None:
        """Compared with Coqui's vocoder on the same tokens at once: no seam, no fade, no gap."""
        voice = tiny_xtts.voice(SPEAKERS[0])
        codes = tiny_xtts._model.tokenizer.encode(SENTENCE, lang="en")
        chunks = list(tiny_xtts.stream(codes, voice, speed=speed, max_tokens=100))
        model = tiny_xtts._model
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(0)
            (wanted,) = model.inference_stream(
                SENTENCE,
                "en",
                torch.tensor(voice.arrays["conditioning_latents"])[None],
                torch.tensor(voice.arrays["speaker_embedding"])[None, :, None],
                stream_chunk_size=0,
                speed=speed,
            )
        assert len(chunks) > 2
        np.testing.assert_allclose(np.concatenate(chunks), wanted, atol=1e-5)

    def test_speech_is_repeatable_and_a_seed_changes_it(self, tiny_xtts: Any) -> None:
        once = spoken(tiny_xtts, SENTENCE)
        with mock.patch.object(tiny_xtts, "_sampling", xtts.Sampling(seed=1)):
            otherwise = spoken(tiny_xtts, SENTENCE)
        np.testing.assert_array_equal(spoken(tiny_xtts, SENTENCE), once)
        assert len(otherwise) != len(once) or not np.allclose(otherwise, once)

    def test_voices_differ(self, tiny_xtts: Any) -> None:
        one, other = (spoken(tiny_xtts, SENTENCE, voice=tiny_xtts.voice(name)) for name in SPEAKERS)
        np.testing.assert_array_equal(spoken(tiny_xtts, SENTENCE), one)
        assert len(one) != len(other) or not np.allclose(one, other)

    def test_a_text_too_long_for_one_run_is_spoken_completely(self, tiny_xtts: Any) -> None:
        """Its 180 letters are more tokens than the tiny model takes."""
        text = " ".join(["abcdefghij"] * 16)
        with pytest.raises(EngineError):
            list(tiny_xtts.stream([5] * 180, tiny_xtts.voice(SPEAKERS[0]), max_tokens=4))
        assert len(spoken(tiny_xtts, text)) > 1.5 * len(spoken(tiny_xtts, SENTENCE))

    def test_inference_mode_does_not_reach_the_callers_thread(self, tiny_xtts: Any) -> None:
        next(tiny_xtts.synthesize(SENTENCE, language="en"))
        assert not torch.is_inference_mode_enabled()

    @pytest.mark.parametrize(("language", "package"), [("zh", "pypinyin"), ("ja", "cutlet")])
    def test_names_the_package_that_a_script_needs(
        self, tiny_xtts: Any, language: str, package: str
    ) -> None:
        with (
            mock.patch.dict(sys.modules, {package: None}),
            pytest.raises(SettingsError, match=f"pip install {package}"),
        ):
            tiny_xtts.synthesize("早上好", language=language)

    @pytest.mark.parametrize("text", ["in 1964", "3,5 km, 3.5 km", "5. 2nd 3º 1er", "9" * 50])
    def test_numbers_are_read_in_every_language(self, tiny_xtts: Any, text: str) -> None:
        # Japanese numbers need a package that is not available for every Python.
        for language in tiny_xtts.capabilities.languages - {"ja"}:
            tiny_xtts.synthesize(f"{text} 20€ 5%", language=language)

    def test_refuses_invalid_arguments(self, tiny_xtts: Any) -> None:
        with pytest.raises(SettingsError, match="Speed reaches from"):
            tiny_xtts.synthesize("Hello.", language="en", speed=3.0)
        with pytest.raises(SettingsError, match="another XTTS model"):
            tiny_xtts.synthesize("Hello.", language="en", voice=VoiceProfile("x", "xtts", {}))
        with pytest.raises(SettingsError, match="does not speak Galician"):
            tiny_xtts.voice_names("gl")
        with pytest.raises(SettingsError, match="did you mean Bo Small"):
            tiny_xtts.voice("Bo Smal")


class TestGuards:
    def test_a_model_that_does_not_stop_is_stopped(self, endless: Any) -> None:
        """It is stopped after twice the time that the text takes, plus 1.2 s."""
        for text in ("Yes.", SENTENCE):
            duration_s = len(spoken(endless, text)) / RATE
            expected_s = endless.estimate_s(text, language="en")
            assert duration_s < 2 * expected_s + 1.3

    def test_a_loop_of_tokens_ends_the_sentence(self, endless: Any) -> None:
        greedy = xtts.Sampling(temperature=0, repetition_penalty=1.0)
        with (
            mock.patch.object(endless, "_sampling", greedy),
            mock.patch.object(xtts, "is_loop", lambda codes: len(codes) >= 10),
        ):
            chunks = list(endless.stream([5, 6], endless.voice(SPEAKERS[0]), max_tokens=100))
        assert abs(sum(map(len, chunks)) / RATE - 10 * 1024 / 22_050) < 0.02

    def test_the_models_failure_is_an_engine_error(self, tiny_xtts: Any) -> None:
        failure = RuntimeError("CUDA out of memory")
        with (
            mock.patch.object(tiny_xtts.vocoder, "vocode", side_effect=failure),
            pytest.raises(EngineError, match="out of memory") as caught,
        ):
            list(tiny_xtts.synthesize(SENTENCE, language="en"))
        assert caught.value.__cause__ is failure


class TestCloning:
    def test_a_voice_is_the_one_that_coqui_makes_of_the_recording(self, tiny_xtts: Any) -> None:
        recording = speech(5.0, 120.0, 22_050)
        conditioning, embedding = by_coqui(tiny_xtts, recording, 22_050)
        voice = tiny_xtts.clone(recording, 22_050, name="me", language="en")
        assert (voice.name, voice.engine) == ("me", "xtts")
        assert "reference" in voice.provenance
        found = voice.arrays
        np.testing.assert_allclose(found["conditioning_latents"], conditioning, atol=1e-5)
        np.testing.assert_allclose(found["speaker_embedding"], embedding, atol=1e-5)

    @pytest.mark.parametrize("rate", [16_000, 24_000, 44_100])
    def test_a_voice_from_another_sample_rate_is_nearly_the_same(
        self, tiny_xtts: Any, rate: int
    ) -> None:
        """Coqui resamples with torchaudio, which has a different filter."""
        recording = speech(5.0, 120.0, rate)
        wanted = by_coqui(tiny_xtts, recording, rate)
        found = tiny_xtts.clone(recording, rate, name="me", language="en").arrays
        assert cosine(found["conditioning_latents"], wanted[0]) > 0.9995
        assert cosine(found["speaker_embedding"], wanted[1]) > 0.9995

    def test_a_clone_speaks_and_is_the_same_from_disk(self, tiny_xtts: Any, tmp_path: Path) -> None:
        voice = tiny_xtts.clone(speech(5.0, 120.0), RATE, name="me", language="pt")
        store = VoiceStore(tmp_path)
        store.save(voice)
        loaded = store.load("me")
        assert loaded.provenance == voice.provenance
        said = spoken(tiny_xtts, SENTENCE, voice=voice)
        np.testing.assert_array_equal(spoken(tiny_xtts, SENTENCE, voice=loaded), said)
        assert len(said) > 0.5 * RATE

    def test_a_silent_reference_gives_the_default_voice_and_says_why(self, tiny_xtts: Any) -> None:
        voice = tiny_xtts.clone(np.zeros(RATE, np.float32), RATE, name="me", language="en")
        assert "too quiet" in voice.provenance["default"]
        np.testing.assert_array_equal(spoken(tiny_xtts, "Good day to you.", voice=voice),
                                      spoken(tiny_xtts, "Good day to you."))  # fmt: skip

    def test_a_model_without_voices_needs_a_reference(self, folder: Path) -> None:
        (folder / "speakers_xtts.pth").unlink()
        engine = xtts.XttsSynthesizer.load(folder, device="cpu")
        assert engine.voice_names("en") == ()
        with pytest.raises(SettingsError, match="give it a reference"):
            engine.synthesize(SENTENCE, language="en")
        with pytest.raises(SettingsError, match="too quiet"):
            engine.clone(np.zeros(RATE, np.float32), RATE, name="me", language="en")
        voice = engine.clone(speech(5.0, 120.0), RATE, name="me", language="en")
        assert len(spoken(engine, SENTENCE, voice=voice))


def by_coqui(engine: Any, recording: Samples, rate: int) -> tuple[Any, Any]:
    """Conditioning latents and speaker embedding that Coqui makes of a recording's speech."""
    config = engine._model.config
    tensor = torch.tensor(without_pauses(recording, rate))[None]
    tensor = import_torchaudio().functional.resample(tensor, rate, 22_050)
    with mock.patch("TTS.tts.models.xtts.load_audio", return_value=tensor):
        conditioning, embedding = engine._model.get_conditioning_latents(
            "a recording",
            max_ref_length=config.max_ref_len,
            gpt_cond_len=config.gpt_cond_len,
            gpt_cond_chunk_len=config.gpt_cond_chunk_len,
        )
    return conditioning[0].numpy(), embedding[0, :, 0].numpy()


def cosine(one: Any, other: Any) -> float:
    return float(np.vdot(one, other) / np.linalg.norm(one) / np.linalg.norm(other))


class TestLoading:
    def test_the_built_in_voices_are_known_before(self, folder: Path) -> None:
        known = [voice.name for voice in checkpoint.built_in_voices(folder)]
        assert len(known) >= 2
        engine = xtts.XttsSynthesizer.load(folder, device="cpu")
        assert known == list(engine.voice_names("pt"))
        (folder / "speakers_xtts.pth").unlink()
        assert checkpoint.built_in_voices(folder) == ()

    @pytest.mark.parametrize("name", ["config.json", "model.pth", "vocab.json"])
    def test_a_missing_file_names_the_command(self, folder: Path, name: str) -> None:
        (folder / name).unlink()
        with pytest.raises(ModelNotFoundError, match=f"{name} is missing: run `stslocal models"):
            xtts.XttsSynthesizer.load(folder)

    @pytest.mark.parametrize("content", ["[]", "3", "null"])
    @pytest.mark.parametrize("name", ["config.json", "vocab.json"])
    def test_a_file_of_something_else_names_the_command(
        self, folder: Path, name: str, content: str
    ) -> None:
        (folder / name).write_text(content, encoding="utf-8")
        with pytest.raises(EngineError, match=r"cannot be read .*: run `stslocal models pull"):
            xtts.XttsSynthesizer.load(folder)

    @pytest.mark.parametrize(
        "name", ["config.json", "model.pth", "vocab.json", "speakers_xtts.pth"]
    )
    def test_a_damaged_file_names_the_command(self, folder: Path, name: str) -> None:
        whole = (folder / name).read_bytes()
        (folder / name).write_bytes(whole[: len(whole) // 2])
        with pytest.raises(EngineError, match=r"cannot be read .*: run `stslocal models pull"):
            xtts.XttsSynthesizer.load(folder)

    def test_a_file_that_would_run_code_is_refused(self, folder: Path) -> None:
        harmful = {"model": Harmful(), "config": None}
        torch.save(harmful, folder / "model.pth")
        Harmful.ran = False
        with pytest.raises(EngineError, match="UnpicklingError"):
            xtts.XttsSynthesizer.load(folder)
        assert not Harmful.ran

    def test_the_published_form_is_read_and_not_rewritten(self, folder: Path) -> None:
        """The file holds the configuration as objects of classes that have moved since."""
        configs = need("TTS.tts.configs.xtts_config")
        weights = torch.load(folder / "model.pth", weights_only=True)["model"]
        published = {"model": weights, "config": configs.XttsConfig()}
        then = "TTS.tts.models.xtts"
        with (
            mock.patch.object(configs.XttsArgs, "__module__", then),
            mock.patch.object(configs.XttsAudioConfig, "__module__", then),
        ):
            torch.save(published, folder / "model.pth")
        before = (folder / "model.pth").read_bytes()
        assert then.encode() in before
        engine = xtts.XttsSynthesizer.load(folder, device="cpu")
        assert (folder / "model.pth").read_bytes() == before
        assert engine.voice_names("pt") == SPEAKERS

    def test_cuda_is_refused_where_there_is_none(self, folder: Path) -> None:
        with (
            mock.patch("torch.cuda.is_available", return_value=False),
            pytest.raises(SettingsError, match="--device cpu"),
        ):
            xtts.XttsSynthesizer.load(folder, device="cuda")

    @pytest.mark.parametrize(
        ("compute_type", "fast", "kept"),
        [
            ("auto", True, torch.float16),
            ("auto", False, torch.float32),
            ("float32", True, torch.float32),
        ],
    )
    def test_on_a_cpu_matrices_are_float16_where_that_is_faster(
        self, folder: Path, compute_type: str, fast: bool, kept: Any
    ) -> None:
        with mock.patch.object(xtts, "float16_is_fast", return_value=fast):
            engine = xtts.XttsSynthesizer.load(folder, device="cpu", compute_type=compute_type)
        assert engine._model.gpt.gpt.h[0].mlp.c_fc.weight.dtype == kept
        assert len(spoken(engine, SENTENCE)) > 0.5 * RATE

    def test_numbers_too_large_for_float16_name_the_remedy(self, folder: Path) -> None:
        saved = torch.load(folder / "model.pth", weights_only=True)
        saved["model"]["gpt.gpt.h.0.mlp.c_fc.bias"] += 1e5
        torch.save(saved, folder / "model.pth")
        assert len(spoken(xtts.XttsSynthesizer.load(folder, compute_type="float32"), SENTENCE))
        with mock.patch.object(xtts, "float16_is_fast", return_value=True):
            engine = xtts.XttsSynthesizer.load(folder, device="cpu")
        with pytest.raises(EngineError, match="--compute-type float32"):
            spoken(engine, SENTENCE)

    @pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no CUDA device here")
    @pytest.mark.parametrize("compute_type", ["auto", "float32", "bfloat16"])
    def test_speaks_on_cuda(self, folder: Path, compute_type: str) -> None:
        engine = xtts.XttsSynthesizer.load(folder, device="cuda", compute_type=compute_type)
        voice = engine.clone(speech(5.0, 120.0), RATE, name="me", language="en")
        said = spoken(engine, SENTENCE, voice=voice)
        assert np.isfinite(said).all()
        assert 0.5 * RATE < len(said) < 3 * RATE


class Harmful:
    """An object whose pickle calls `run` when it is loaded."""

    ran = False

    def __reduce__(self) -> tuple[Any, ...]:
        return (Harmful.run, ())

    @staticmethod
    def run() -> dict[str, Any]:
        Harmful.ran = True
        return {}
