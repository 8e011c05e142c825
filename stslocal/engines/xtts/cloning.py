"""Makes the two parts of an XTTS voice from a recording of the speaker: conditioning latents for
the language model, and an embedding for the vocoder.

Does the same as Coqui's `get_conditioning_latents`, but for samples instead of a file, and with
soxr instead of torchaudio for resampling. The network's input is the log mel spectrogram up to
8 kHz: it is the same to 6 digits from 24, 44.1 and 48 kHz (cosine over 20 recordings), and to 3
digits from 16 kHz.
"""

from __future__ import annotations

from typing import Any

import torch

from stslocal.audio.resample import resample
from stslocal.types import Samples

REFERENCE_RATE = 22_050
"""Sample rate of a reference for the model, in hertz."""
SHORTEST_S = 0.4
"""The shortest reference, in seconds. Coqui's minimum is 0.33 s."""


def speaker_conditioning(model: Any, speech: Samples, sample_rate: int) -> tuple[Any, Any]:
    """Conditioning latents (1, n, d) and the speaker embedding (1, e, 1) of a speaker, as tensors.

    `model` is Coqui's `Xtts`; `speech` has shape (n,) and lasts `SHORTEST_S` at least.
    """
    config = model.config
    reference = resample(speech, sample_rate, REFERENCE_RATE)[: config.max_ref_len * REFERENCE_RATE]
    recording = torch.from_numpy(reference)[None]
    conditioning = model.get_gpt_cond_latents(
        recording,
        REFERENCE_RATE,
        length=config.gpt_cond_len,
        chunk_length=config.gpt_cond_chunk_len,
    )
    return conditioning, model.get_speaker_embedding(recording, REFERENCE_RATE)
