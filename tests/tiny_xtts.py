"""A small but complete XTTS checkpoint: Coqui's classes and files, 800 000 weights.

Its weights are random, so it speaks no words; but it stops by itself after `STOPS_AFTER` tokens,
for any text. The widths of the vocoder and of the speaker encoder are not in
XTTS's configuration: while `small_parts` is open, Coqui builds narrow ones.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any
from unittest import mock

from stslocal.engines.xtts.languages import LANGUAGES, to_xtts
from stslocal.engines.xtts.torch_audio import import_torchaudio
from tests.extras import need

STOPS_AFTER = 25
SPEAKERS = ("Ada Tiny", "Bo Small")
WIDTH, LATENTS, SPEAKER = 64, 32, 512


def load_tiny(folder: Path, *, stops_after: int = STOPS_AFTER, **options: Any) -> Any:
    """An `XttsSynthesizer` of a checkpoint that is written into `folder`.

    It computes in one thread, because several threads of PyTorch wait for each other, on a busy
    machine for ever. It computes in float32, like Coqui.
    """
    xtts = need("stslocal.engines.xtts.synthesizer")
    usual = {"device": "cpu", "compute_type": "float32", "threads": 1}
    with small_parts():
        write_checkpoint(folder, stops_after=stops_after)
        return xtts.XttsSynthesizer.load(folder, **{**usual, **options})


@contextlib.contextmanager
def small_parts() -> Iterator[None]:
    """Make Coqui build a narrow vocoder and speaker encoder while the block runs."""
    import_torchaudio()
    from TTS.encoder.models.resnet import ResNetSpeakerEncoder
    from TTS.tts.layers.xtts.hifigan_decoder import HifiDecoder

    decoder = partial(HifiDecoder, upsample_initial_channel_decoder=32)
    encoder = partial(ResNetSpeakerEncoder, layers=[1, 1, 1, 1], num_filters=[8, 8, 8, 8])
    with (
        mock.patch("TTS.tts.models.xtts.HifiDecoder", decoder),
        mock.patch("TTS.tts.layers.xtts.hifigan_decoder.ResNetSpeakerEncoder", encoder),
    ):
        yield


def write_checkpoint(folder: Path, *, stops_after: int = STOPS_AFTER) -> Path:
    """Write config.json, vocab.json, model.pth and speakers_xtts.pth into `folder`.

    Call it within `small_parts`.
    """
    import torch
    from TTS.tts.configs.xtts_config import XttsArgs, XttsConfig
    from TTS.tts.models.xtts import Xtts

    folder.mkdir(parents=True, exist_ok=True)
    tokenizer = make_tokenizer()
    tokenizer.save(str(folder / "vocab.json"))
    arguments = XttsArgs(
        gpt_layers=2,
        gpt_n_model_channels=WIDTH,
        gpt_n_heads=4,
        gpt_max_audio_tokens=200,
        gpt_max_text_tokens=120,
        gpt_number_text_tokens=tokenizer.get_vocab_size(),
        gpt_start_text_token=tokenizer.token_to_id("[START]"),
        gpt_stop_text_token=tokenizer.token_to_id("[STOP]"),
        gpt_num_audio_tokens=258,
        gpt_start_audio_token=256,
        gpt_stop_audio_token=257,
        gpt_use_perceiver_resampler=True,
        decoder_input_dim=WIDTH,
    )
    config = XttsConfig(model_args=arguments)
    config.save_json(str(folder / "config.json"))
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(7)
        model = Xtts(config)
        with torch.no_grad():
            _make_audible(model, stops_after)
            torch.save({"model": model.state_dict()}, folder / "model.pth")
            torch.save(
                {
                    name: {
                        "gpt_cond_latent": torch.randn(1, LATENTS, WIDTH),
                        "speaker_embedding": torch.randn(1, SPEAKER, 1) / SPEAKER**0.5,
                    }
                    for name in SPEAKERS
                },
                folder / "speakers_xtts.pth",
            )
    return folder


def _make_audible(model: Any, stops_after: int) -> None:
    """Set weights so that the sound depends on the tokens, and the speech ends."""
    gpt = model.gpt
    for name, weights in model.hifigan_decoder.waveform_decoder.named_parameters():
        if name.endswith("original1"):
            # The direction of a normalized weight; original0 is its length.
            weights.normal_()
        elif name.endswith("original0"):
            weights.fill_(1.0)
    # One direction of the last hidden state gives the stop token; late positions have it.
    gpt.mel_head.weight.normal_(std=0.3)
    gpt.mel_head.weight[gpt.stop_audio_token] = 0.0
    gpt.mel_head.bias.zero_()
    gpt.mel_head.bias[gpt.stop_audio_token] = -1000.0
    gpt.mel_head.weight[gpt.stop_audio_token, 0] = 200.0
    gpt.mel_pos_embedding.emb.weight[stops_after:, 0] = 1000.0


def make_tokenizer() -> Any:
    """Letters, marks of the languages and a few merges, as in the published vocabulary."""
    from tokenizers import Tokenizer, models, pre_tokenizers

    spoken = list(dict.fromkeys(to_xtts(code) for code in sorted(LANGUAGES)))
    special = ["[STOP]", "[UNK]", "[SPACE]", *(f"[{code}]" for code in spoken), "[START]"]
    letters = "abcdefghijklmnopqrstuvwxyz0123456789àáâãäçèéêëíîïñóôõöúùûüß.,;:!?'-¿¡абвгдеж"
    merged = ["th", "he", "an", "ou", "en"]
    vocabulary = {token: index for index, token in enumerate([*special, *letters, *merged])}
    tokenizer = Tokenizer(
        models.BPE(vocabulary, [(pair[0], pair[1]) for pair in merged], unk_token="[UNK]")
    )
    tokenizer.add_special_tokens(special)
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    return tokenizer
