"""The converter against Coqui's implementation of OpenVoice, with the same random weights."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from stslocal.audio.decode import read_audio
from stslocal.engines.openvoice.converter import OpenVoiceConverter
from stslocal.engines.openvoice.spectrogram import SAMPLE_RATE, spectrogram
from stslocal.types import Samples
from tests.extras import need
from tests.tiny_openvoice import REAL, TINY, Size, build

pytestmark = pytest.mark.contract

torch = need("torch")
CLIP = Path(__file__).parents[2] / "data" / "recordings" / "casmurro-1.flac"


def vendors(folder: Path, size: Size) -> Any:
    """Coqui's model, loaded by Coqui's own loader from our checkpoint."""
    config = need("TTS.vc.configs.openvoice_config").OpenVoiceConfig()
    for name, value in size.config["model"].items():
        if name in config.model_args:
            config.model_args[name] = value
    model = need("TTS.vc.models.openvoice").OpenVoice(config)
    model.load_checkpoint(config, folder / "checkpoint" / "checkpoint.pth", eval=True)
    return model


def speech(seconds: float) -> Samples:
    return read_audio(CLIP, sample_rate=SAMPLE_RATE)[: round(seconds * SAMPLE_RATE)]


@pytest.mark.parametrize(("size", "seconds"), [(TINY, 2.3), (REAL, 0.9)], ids=["tiny", "real size"])
def test_the_embedding_and_the_samples_are_the_vendors(
    tmp_path: Path, size: Size, seconds: float
) -> None:
    ours = OpenVoiceConverter.load(build(tmp_path, size), threads=1)
    theirs = vendors(tmp_path, size)
    audio = speech(seconds)
    source, frames = theirs.extract_se(torch.from_numpy(audio))
    np.testing.assert_allclose(spectrogram(audio).T, frames[0].numpy(), atol=1e-3)
    embedding = ours.embed(audio, SAMPLE_RATE)
    np.testing.assert_allclose(embedding, source[0, :, 0].numpy(), atol=1e-3)

    target = np.random.default_rng(1).standard_normal(size.speaker).astype(np.float32)
    noise = np.random.default_rng(0).standard_normal((frames.shape[2], size.channels), np.float32)
    equal_noise = torch.from_numpy(np.ascontiguousarray(noise.T))[None]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(torch, "randn_like", lambda mean: equal_noise)
        given = {"g_src": source, "g_tgt": torch.from_numpy(target)[None, :, None]}
        expected = theirs.inference(frames, given)["model_outputs"][0, 0].numpy()
    made = np.concatenate(list(ours.convert([audio], SAMPLE_RATE, source=embedding, target=target)))
    assert made.shape == expected.shape
    assert expected.std() > 0.02, "the weights give no sound: nothing is compared"
    np.testing.assert_allclose(made, expected, atol=1e-3)
