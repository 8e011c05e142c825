"""Silero compared with faster-whisper, the package that brings its model."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from stslocal.audio.decode import read_audio
from stslocal.engines.silero.detector import WINDOW, SileroVad, _levelled
from stslocal.errors import EngineError, ModelNotFoundError
from stslocal.samples import BundledClip
from stslocal.types import Samples

pytestmark = pytest.mark.real


@pytest.fixture(scope="module")
def vad() -> SileroVad:
    return SileroVad.load()


@pytest.fixture(scope="module")
def speech(bundled_clip: BundledClip) -> Samples:
    samples = read_audio(bundled_clip.path)
    return samples[: len(samples) // WINDOW * WINDOW]


def test_probabilities_are_those_of_faster_whisper(vad: SileroVad, speech: Samples) -> None:
    from faster_whisper.vad import get_vad_model

    levelled, _, _ = _levelled(speech, vad.initial_state())
    theirs = np.asarray(get_vad_model()(levelled.copy())).reshape(-1)
    ours, _ = vad.probabilities(speech, vad.initial_state())
    # faster-whisper fills the end of the last window with zeros.
    np.testing.assert_array_equal(ours[:-1], theirs[:-1])


@pytest.mark.parametrize("quieter_db", [20, 32, 38])
def test_a_much_quieter_speaker_is_found_after_a_loud_one(
    vad: SileroVad, speech: Samples, quieter_db: float
) -> None:
    alone, _ = vad.probabilities(speech, vad.initial_state())
    quiet = speech * np.float32(10 ** (-quieter_db / 20))
    both, _ = vad.probabilities(np.concatenate([speech, quiet]), vad.initial_state())
    found, expected = np.sum(both[len(alone) :] >= 0.5), np.sum(alone >= 0.5)
    assert found > 0.8 * expected


def test_speech_at_a_usual_level_is_judged_as_it_is(vad: SileroVad, speech: Samples) -> None:
    loud = speech[: 20 * WINDOW] * 0 + np.float32(0.2)
    levelled, _, gain = _levelled(loud, vad.initial_state())
    assert gain == 1.0
    np.testing.assert_array_equal(levelled, loud)


@pytest.mark.parametrize("level", [0.0, 1e-5, 1e-3, 0.03])
def test_louder_hiss_is_no_speech(vad: SileroVad, level: float) -> None:
    hiss = np.random.default_rng(2).standard_normal(300 * WINDOW).astype(np.float32) * level
    found, _ = vad.probabilities(hiss.astype(np.float32), vad.initial_state())
    assert found.max() < 0.35


@pytest.mark.parametrize("windows", [1, 7, 100])
def test_the_state_carries_over_however_the_stream_is_cut(
    vad: SileroVad, speech: Samples, windows: int
) -> None:
    whole, _ = vad.probabilities(speech, vad.initial_state())
    state = vad.initial_state()
    parts = []
    for start in range(0, len(speech), windows * WINDOW):
        found, state = vad.probabilities(speech[start : start + windows * WINDOW], state)
        parts.append(found)
    np.testing.assert_allclose(np.concatenate(parts), whole, atol=1e-6)


def test_long_streams_are_judged_in_several_runs(vad: SileroVad) -> None:
    noise = np.random.default_rng(1).standard_normal(1100 * WINDOW).astype(np.float32) * 0.01
    found, state = vad.probabilities(noise, vad.initial_state())
    assert found.shape == (1100,)
    assert state.context.base is None, "a state must not keep the stream in memory"


def test_a_part_of_a_window_is_refused(vad: SileroVad) -> None:
    with pytest.raises(EngineError, match="whole number"):
        vad.probabilities(np.zeros(1000, np.float32), vad.initial_state())
    with pytest.raises(EngineError, match="initial_state"):
        vad.probabilities(np.zeros(WINDOW, np.float32), object())


def test_a_missing_or_damaged_model_is_reported(tmp_path: Path) -> None:
    with pytest.raises(ModelNotFoundError, match="faster-whisper"):
        SileroVad.load(tmp_path / "silero.onnx")
    (tmp_path / "silero.onnx").write_bytes(b"not a model")
    with pytest.raises(EngineError, match="cannot be loaded"):
        SileroVad.load(tmp_path / "silero.onnx")
