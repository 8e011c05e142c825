"""What XTTS keeps of a voice: conditioning latents for the language model, an embedding for the
vocoder, both from a recording of the speaker.

As Coqui's `get_conditioning_latents`, but for samples instead of a file, and resampled by soxr
instead of torchaudio: the log mel spectrogram up to 8 kHz, which is what the network sees, is the
same to 6 digits from 24, 44.1 and 48 kHz (cosine over 20 recordings), to 3 from 16 kHz.
"""

from __future__ import annotations

from typing import Any

import torch

from stslocal.audio.resample import resample
from stslocal.types import Samples

LISTENS_AT = 22_050
"""Hertz. What conditioning latents are made from."""
SHORTEST_S = 0.4
"""Of a reference, in seconds. Coqui's minimum is 0.33 s."""


def listen(model: Any, speech: Samples, sample_rate: int) -> tuple[Any, Any]:
    """Conditioning latents (1, n, d) and the speaker embedding (1, e, 1) of a speaker, as tensors.

    `model` is Coqui's `Xtts`; `speech` has shape (n,) and lasts `SHORTEST_S` at least.
    """
    config = model.config
    reference = resample(speech, sample_rate, LISTENS_AT)[: config.max_ref_len * LISTENS_AT]
    recording = torch.from_numpy(reference)[None]
    conditioning = model.get_gpt_cond_latents(
        recording,
        LISTENS_AT,
        length=config.gpt_cond_len,
        chunk_length=config.gpt_cond_chunk_len,
    )
    return conditioning, model.get_speaker_embedding(recording, LISTENS_AT)
