"""Pocket TTS on tiny weights: chunks, seeds, threads, voices, errors."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from stslocal.audio.decode import read_audio
from stslocal.engines.pocket import graphs, speech
from stslocal.engines.pocket.graphs import FRAME, Floats
from stslocal.engines.pocket.speech import ahead
from stslocal.engines.pocket.synthesizer import PocketSynthesizer
from stslocal.engines.pocket.text import MOST_TOKENS, pieces
from stslocal.engines.pocket.voices import SAMPLE_RATE, built_in_voices, ending_in_a_pause
from stslocal.errors import EngineError, ModelIntegrityError, ModelNotFoundError, SettingsError
from stslocal.models.building.pocket.product import build_pocket
from stslocal.samples import BundledClip
from stslocal.types import Samples, VoiceProfile
from tests.tiny_pocket import TINY, VOICE, load_tiny, write_checkpoint

pytestmark = pytest.mark.contract

TEXT = "Good morning, my friends."
LEAST_S = 6 * FRAME / SAMPLE_RATE


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> PocketSynthesizer:
    return load_tiny(tmp_path_factory.mktemp("pocket"))


@pytest.fixture(scope="module")
def endless(tmp_path_factory: pytest.TempPathFactory) -> PocketSynthesizer:
    """Never says that a text ends."""
    return load_tiny(tmp_path_factory.mktemp("pocket"), ends=False)


@pytest.fixture(scope="module")
def recording(bundled_clip: BundledClip) -> Samples:
    return read_audio(bundled_clip.path, sample_rate=SAMPLE_RATE)[: 6 * SAMPLE_RATE]


def say(engine: PocketSynthesizer, text: str = TEXT, **options: object) -> Samples:
    chunks = engine.synthesize(text, language=engine.language, **options)  # type: ignore[arg-type]
    return np.concatenate([np.zeros(0, np.float32), *chunks])


def test_the_first_chunk_is_one_frame_and_later_ones_are_longer(
    endless: PocketSynthesizer,
) -> None:
    chunks = [len(chunk) for chunk in endless.synthesize(TEXT, language="en")]
    assert chunks[:5] == [FRAME, FRAME, 2 * FRAME, 3 * FRAME, 3 * FRAME]
    assert max(chunks) == 3 * FRAME


def test_speech_ends_some_frames_after_the_model_says_so(engine: PocketSynthesizer) -> None:
    assert len(say(engine, "Hello")) == (6 + 5) * FRAME  # a text of few words
    assert len(say(engine, "Good morning to all my friends.")) == (6 + 3) * FRAME


def test_a_model_that_never_ends_is_cut_off(endless: PocketSynthesizer) -> None:
    (piece,) = pieces(TEXT, "en", lambda text: endless._tokenizer.encode(text).ids)
    longest_s = len(piece.tokens) / speech.TOKENS_PER_S + speech.SPARE_S
    assert len(say(endless)) / SAMPLE_RATE == pytest.approx(longest_s, abs=0.08)


def test_the_same_text_gets_the_same_sound_from_one_thread_and_from_two(
    engine: PocketSynthesizer, tmp_path: Path
) -> None:
    once = say(engine)
    assert np.array_equal(once, say(engine))
    assert np.array_equal(once, say(load_tiny(tmp_path, threads=2)))
    other = say(engine, "Good evening, my friends.")
    assert not np.array_equal(once[:FRAME], other[:FRAME])


def test_sentences_at_the_same_time_do_not_disturb_each_other(endless: PocketSynthesizer) -> None:
    texts = [f"Good morning, {number} friends." for number in range(6)]
    alone = [say(endless, text) for text in texts]
    with ThreadPoolExecutor(6) as pool:
        together = list(pool.map(lambda text: say(endless, text), texts))
    assert all(np.array_equal(*pair) for pair in zip(alone, together, strict=True))


def test_an_abandoned_sentence_leaves_no_thread(tmp_path: Path) -> None:
    engine = load_tiny(tmp_path, ends=False, threads=2)
    chunks = engine.synthesize(TEXT, language="en")
    next(chunks)
    assert any("latents" in thread.name for thread in threading.enumerate())
    chunks.close()  # type: ignore[attr-defined]
    assert not any("latents" in thread.name for thread in threading.enumerate())


def test_an_error_in_the_other_thread_is_raised_here() -> None:
    def broken() -> Iterator[Floats]:
        yield np.zeros((1, 1), np.float32)
        raise ValueError("lost")

    made = ahead(broken())
    next(made)
    with pytest.raises(ValueError, match="lost"):
        next(made)


@pytest.mark.parametrize("speed", [0.5, 0.8, 1.25, 2.0])
def test_speed_changes_the_length(endless: PocketSynthesizer, speed: float) -> None:
    usual = len(say(endless))
    assert len(say(endless, speed=speed)) == pytest.approx(usual / speed, rel=0.05)
    estimates = [endless.estimate_s(TEXT, language="en", speed=each) for each in (1.0, speed)]
    assert estimates[1] == pytest.approx(estimates[0] / speed)


def test_a_long_text_is_spoken_in_pieces_within_the_limit(engine: PocketSynthesizer) -> None:
    text = "We are the people of this house, and you know it, my friends. " * 8
    planned = pieces(text, "en", lambda part: engine._tokenizer.encode(part).ids)
    assert len(planned) > 2
    assert all(len(piece.tokens) <= MOST_TOKENS for piece in planned)
    words = " ".join(piece.text for piece in planned).lower().replace(".", "").replace(",", "")
    assert words.split() == text.lower().replace(".", "").replace(",", "").split()


@pytest.mark.parametrize("text", ["", " ", "…", "?!", "- , -", "«»"])
def test_a_text_without_a_word_is_silent(engine: PocketSynthesizer, text: str) -> None:
    assert len(say(engine, text)) == 0
    assert engine.estimate_s(text, language="en") == 0


def test_a_clone_speaks_otherwise_than_the_built_in_voice(
    engine: PocketSynthesizer, recording: Samples
) -> None:
    voice = engine.clone(recording, SAMPLE_RATE, name="me", language="en")
    assert voice.engine == "pocket"
    assert voice.arrays["speaker"].dtype == np.float32
    assert voice.provenance["speaks"] == "en"
    assert not np.array_equal(say(engine, voice=voice)[:FRAME], say(engine)[:FRAME])
    again = engine.clone(recording, SAMPLE_RATE, name="me", language="en")
    assert np.array_equal(say(engine, voice=voice), say(engine, voice=again))


def test_silence_gives_the_default_voice_with_the_reason(engine: PocketSynthesizer) -> None:
    voice = engine.clone(np.zeros(48_000, np.float32), SAMPLE_RATE, name="me", language="en")
    assert "too quiet" in voice.provenance["default"]
    assert np.array_equal(say(engine, voice=voice), say(engine))


def test_a_reference_ends_in_a_short_pause() -> None:
    tone = np.sin(np.arange(24_000) / 20).astype(np.float32)
    for silence in (0, 12_000):
        ended = ending_in_a_pause(np.pad(tone, (0, silence)), SAMPLE_RATE)
        assert len(ended) == 24_000 + 1920
        assert not ended[-1920:].any()
        assert np.array_equal(ended[: 24_000 - 480], tone[: 24_000 - 480])


def test_built_in_voices_are_known_without_loading(tmp_path: Path) -> None:
    load_tiny(tmp_path)
    (voice,) = built_in_voices(tmp_path / "pocket-en")
    assert (voice.name, voice.language, voice.is_default) == (VOICE, "en", True)


def test_a_built_in_voice_is_cut_where_the_publishers_memory_was_not_written(
    engine: PocketSynthesizer,
) -> None:
    assert engine.voice(VOICE).arrays["keys"].shape == (2, 2, 10, 64)
    with pytest.raises(SettingsError, match=f"no voice 'adda': did you mean {VOICE}"):
        engine.voice("adda")


@pytest.mark.parametrize("before_voice", [True, False])
def test_a_model_without_voices_speaks_until_it_has_a_reference(
    tmp_path: Path, recording: Samples, before_voice: bool
) -> None:
    write_checkpoint(tmp_path / "checkpoint", TINY)
    (tmp_path / "checkpoint" / "embeddings" / f"{VOICE}.safetensors").unlink()
    if not before_voice:
        arrays = load_file(tmp_path / "checkpoint" / "model.safetensors")
        del arrays["flow_lm.bos_before_voice"]
        save_file(arrays, tmp_path / "checkpoint" / "model.safetensors")
    built = tmp_path / "pocket-en"
    built.mkdir()
    build_pocket(tmp_path / "checkpoint", built, language="en")
    engine = PocketSynthesizer.load(built, threads=1)
    assert len(say(engine)) > 0
    silence = np.zeros(SAMPLE_RATE, np.float32)
    unusable = engine.clone(silence, SAMPLE_RATE, name="me", language="en")
    assert np.array_equal(say(engine, voice=unusable), say(engine))
    voice = engine.clone(recording, SAMPLE_RATE, name="me", language="en")
    assert not np.array_equal(say(engine, voice=voice), say(engine))
    (name,) = engine.voice_names("en")
    assert [each.name for each in built_in_voices(built)] == [name]


def test_products_that_cannot_overflow_give_the_same_sound(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on a processor without VNNI, which takes them by itself."""
    write_checkpoint(tmp_path / "checkpoint", TINY)
    built = tmp_path / "pocket-en"
    built.mkdir()
    build_pocket(tmp_path / "checkpoint", built, language="en")
    chosen = say(PocketSynthesizer.load(built, threads=1))
    monkeypatch.setattr(graphs, "fast_products_overflow", lambda _: True)
    exact = say(PocketSynthesizer.load(built, threads=1))
    assert np.abs(chosen - exact).max() < 0.02


class TestRefused:
    def test_another_language(self, engine: PocketSynthesizer) -> None:
        with pytest.raises(SettingsError, match=r"speaks English .* not French"):
            engine.synthesize("Bonjour", language="fr")
        with pytest.raises(SettingsError, match="not French"):
            engine.voice_names("fr")

    def test_a_speed(self, engine: PocketSynthesizer) -> None:
        with pytest.raises(SettingsError, match=r"from 0.5 to 2.0, not 3"):
            engine.synthesize(TEXT, language="en", speed=3.0)

    @pytest.mark.parametrize(
        ("profile", "why"),
        [
            (VoiceProfile("x", "kokoro", {}), "belongs to kokoro"),
            (VoiceProfile("x", "pocket", {}), "is not whole"),
            (
                VoiceProfile("x", "pocket", {"speaker": np.zeros((3, 7), np.float32)}),
                "another model of Pocket TTS",
            ),
            (
                VoiceProfile("x", "pocket", {"speaker": np.zeros((9_000, 128), np.float32)}),
                "is too long",
            ),
            (
                VoiceProfile(
                    "x",
                    "pocket",
                    {
                        "keys": np.zeros((2, 2, 3, 64), np.float32),
                        "values": np.zeros((2, 2, 4, 64), np.float32),
                    },
                ),
                "is not whole",
            ),
            (
                VoiceProfile(
                    "x", "pocket", {"speaker": np.zeros((3, 128), np.float32)}, {"speaks": "fr"}
                ),
                "made to speak French .* make it again",
            ),
        ],
    )
    def test_a_voice_of_another_model(
        self, engine: PocketSynthesizer, profile: VoiceProfile, why: str
    ) -> None:
        with pytest.raises(SettingsError, match=why):
            engine.synthesize(TEXT, language="en", voice=profile)

    def test_a_folder_that_is_not_whole(self, tmp_path: Path) -> None:
        load_tiny(tmp_path)
        folder = tmp_path / "pocket-en"
        (folder / "voices.npz").write_bytes(b"no archive")
        with pytest.raises(ModelIntegrityError, match="models pull pocket-en"):
            PocketSynthesizer.load(folder)
        (folder / "flow.onnx").write_bytes(b"no graph")
        with pytest.raises(EngineError, match="cannot be loaded"):
            PocketSynthesizer.load(folder)
        (folder / "pocket.json").write_text('{"format": 2, "language": "en"}', encoding="utf-8")
        with pytest.raises(ModelIntegrityError, match="format is 2"):
            PocketSynthesizer.load(folder)
        (folder / "flow.onnx").unlink()
        with pytest.raises(ModelNotFoundError, match=r"flow.onnx is missing"):
            PocketSynthesizer.load(folder)
