"""XTTS-v2 with its real size of 467 million weights, untrained, for xtts.py and voices.py."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch

from stslocal.engines.xtts.torch_audio import import_torchaudio

TEXT = list(range(300, 345))
"""45 tokens: a sentence of about 70 characters."""
TEXT_TOKENS = 6681
STOP = 1025


class FixedTokenizer:
    """Reads every text as TEXT."""

    def encode(self, text: str, lang: str) -> list[int]:
        return TEXT


def real_size_model() -> Any:
    """Coqui's `Xtts`, without an end token: it speaks until it is cut off."""
    import_torchaudio()
    from TTS.tts.configs.xtts_config import XttsArgs, XttsConfig
    from TTS.tts.models.xtts import Xtts

    arguments = XttsArgs(
        gpt_number_text_tokens=TEXT_TOKENS,
        gpt_start_text_token=261,
        gpt_stop_text_token=0,
        gpt_num_audio_tokens=1026,
        gpt_start_audio_token=1024,
        gpt_stop_audio_token=STOP,
        gpt_use_perceiver_resampler=True,
    )
    torch.manual_seed(0)
    model = Xtts(XttsConfig(model_args=arguments))
    model.tokenizer = FixedTokenizer()
    with torch.no_grad():
        model.gpt.mel_head.bias[STOP] = -1e4
    model.eval()
    return model


def write_checkpoint(folder: Path) -> None:
    """Write the model as it is published: config.json, model.pth and vocab.json, 1.9 GB."""
    from tests.tiny_xtts import make_tokenizer

    folder.mkdir()
    model = real_size_model()
    model.config.save_json(str(folder / "config.json"))
    tokenizer = make_tokenizer()
    spare = TEXT_TOKENS - tokenizer.get_vocab_size()
    tokenizer.add_tokens([f"<spare{number}>" for number in range(spare)])
    tokenizer.save(str(folder / "vocab.json"))
    torch.save({"model": model.state_dict()}, folder / "model.pth")
