"""The speaker encoder compared with the original, and its parts."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from stslocal.audio.decode import read_audio
from stslocal.engines.speaker.ge2e import (
    EMBEDDING_SIZE,
    MEL_BANDS,
    Ge2eEncoder,
    mel_filters,
    mel_spectrogram,
    partials,
)
from stslocal.errors import EngineError, ModelNotFoundError
from stslocal.models.building.ge2e import network
from stslocal.samples import bundled_clips
from stslocal.types import RECOGNITION_RATE, Samples
from tests.models.building.ge2e_kit import random_weights

REFERENCE = Path(__file__).parents[2] / "data" / "ge2e_reference.npz"
"""Made by scripts/build_ge2e_reference.py from the original code and weights."""


def clips() -> dict[str, Samples]:
    speech = {sample.language: read_audio(sample.path) for sample in bundled_clips()}
    return speech | {f"{name}-1s": audio[:RECOGNITION_RATE] for name, audio in speech.items()}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "ge2e.onnx").write_bytes(network(random_weights()))
    return tmp_path


@pytest.mark.real
@pytest.mark.parametrize("name", sorted(clips()))
def test_embeddings_are_the_originals(starter_models: Path, name: str) -> None:
    encoder = Ge2eEncoder.load(starter_models / "ge2e")
    with np.load(REFERENCE) as reference:
        original = reference[f"{name}/embedding"]
    embedding = encoder.embed(clips()[name])
    assert embedding.dtype == np.float32
    assert 1.0 - float(embedding @ original) < 1e-5


@pytest.mark.real
def test_distinguishes_speakers(starter_models: Path) -> None:
    encoder = Ge2eEncoder.load(starter_models / "ge2e")
    speech = clips()
    half = len(speech["en"]) // 2
    same = encoder.embed(speech["en"][:half]) @ encoder.embed(speech["en"][half:])
    other = encoder.embed(speech["en"]) @ encoder.embed(speech["pt"])
    assert same > 0.8 > other


@pytest.mark.unit
def test_mel_is_the_originals() -> None:
    with np.load(REFERENCE) as reference:
        for name, audio in clips().items():
            level = float(np.sqrt(np.mean(audio**2)))
            raised = audio * max(1.0, 10 ** (-30 / 20) / level)
            original = reference[f"{name}/mel"]
            made = mel_spectrogram(raised.astype(np.float32))[: len(original)]
            np.testing.assert_allclose(made, original, rtol=1e-3, atol=1e-7 * original.max())


@pytest.mark.unit
def test_mel_filters_are_triangles_of_equal_area() -> None:
    filters = mel_filters()
    assert filters.shape == (MEL_BANDS, 201)
    assert (filters >= 0).all()
    # 40 Hz between bins; the area of a triangle of height 2 / width is 1.
    np.testing.assert_allclose(filters[20:].sum(axis=1) * 40, 1.0, atol=0.02)


@pytest.mark.unit
@pytest.mark.parametrize(
    ("samples", "starts"),
    [(1, [0]), (16_000, [0]), (25_600, [0]), (40_000, [0, 77]), (60_000, [0, 77, 154, 231])],
)
def test_an_utterance_is_cut_into_overlapping_pieces(samples: int, starts: list[int]) -> None:
    found, stop = partials(samples)
    assert found == starts
    assert stop == (starts[-1] + 160) * 160


@pytest.mark.unit
def test_the_network_is_the_lstm_of_its_weights(folder: Path) -> None:
    encoder = Ge2eEncoder.load(folder)
    noise = np.random.default_rng(3).standard_normal(20_000).astype(np.float32) * 0.1
    weights = random_weights()
    states = np.pad(mel_spectrogram(np.pad(noise, (0, 5600))), ((0, 0), (0, 0)))[:160]
    for layer in range(3):
        hidden = cell = np.zeros(EMBEDDING_SIZE)
        outputs = []
        bias = weights[f"lstm.bias_ih_l{layer}"] + weights[f"lstm.bias_hh_l{layer}"]
        for frame in states:
            gates = weights[f"lstm.weight_ih_l{layer}"] @ frame + bias
            gates = gates + weights[f"lstm.weight_hh_l{layer}"] @ hidden
            into, keep, new, out = np.split(gates, 4)
            sigmoid = [1 / (1 + np.exp(-gate)) for gate in (into, keep, out)]
            cell = sigmoid[1] * cell + sigmoid[0] * np.tanh(new)
            hidden = sigmoid[2] * np.tanh(cell)
            outputs.append(hidden)
        states = np.array(outputs)
    raw = np.maximum(weights["linear.weight"] @ states[-1] + weights["linear.bias"], 0.0)
    np.testing.assert_allclose(encoder.embed(noise), raw / np.linalg.norm(raw), atol=1e-5)


@pytest.mark.unit
def test_quiet_audio_is_raised_before_it_is_embedded(folder: Path) -> None:
    encoder = Ge2eEncoder.load(folder)
    noise = np.random.default_rng(4).standard_normal(30_000).astype(np.float32)
    quiet, quieter = noise * 1e-2, noise * 1e-3
    np.testing.assert_allclose(encoder.embed(quiet), encoder.embed(quieter), atol=1e-4)


@pytest.mark.unit
def test_silence_and_nothing_are_embedded_without_a_warning(folder: Path) -> None:
    encoder = Ge2eEncoder.load(folder)
    for audio in (np.zeros(0, np.float32), np.zeros(8000, np.float32)):
        assert np.linalg.norm(encoder.embed(audio)) == pytest.approx(1.0, abs=1e-5)


@pytest.mark.unit
def test_a_missing_or_damaged_graph_is_reported(tmp_path: Path) -> None:
    with pytest.raises(ModelNotFoundError, match="models pull starter"):
        Ge2eEncoder.load(tmp_path)
    (tmp_path / "ge2e.onnx").write_bytes(b"no")
    with pytest.raises(EngineError, match=r"ge2e\.onnx cannot be loaded"):
        Ge2eEncoder.load(tmp_path)
