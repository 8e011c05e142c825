"""The vendor's package and ours say the same, with the same random weights and the same noise."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from stslocal.audio.decode import read_audio
from stslocal.engines.pocket.graphs import Floats
from stslocal.engines.pocket.languages import LANGUAGES
from stslocal.engines.pocket.speech import ahead, latents, read_voice, sound
from stslocal.engines.pocket.synthesizer import PocketSynthesizer
from stslocal.engines.pocket.text import pieces, written
from stslocal.engines.pocket.voices import SAMPLE_RATE, embed_voice, ending_in_a_pause
from stslocal.models.building.pocket.product import build_pocket
from stslocal.samples import BundledClip
from tests.extras import need
from tests.tiny_pocket import CORPUS, REAL, TINY, config, write_checkpoint

FRAMES = 20
TOLERANCE = 1e-3


class Both:
    """A checkpoint in the vendor's package and in ours."""

    def __init__(self, folder: Path, sizes: Any) -> None:
        need("pocket_tts")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            import pocket_tts
        write_checkpoint(folder / "checkpoint", sizes, ends=False)
        built = folder / "pocket-en"
        built.mkdir()
        build_pocket(folder / "checkpoint", built, language="en", quantization="float32")
        self.ours = PocketSynthesizer.load(built, threads=1)
        path = config(sizes, folder / "checkpoint")
        self.vendor = pocket_tts.TTSModel.load_model(config=str(path))
        self.width = sizes.latent

    def noise(self) -> Iterator[Floats]:
        for seed in count():
            yield np.random.default_rng(seed).standard_normal((1, self.width), np.float32)

    def vendors_speech(self, state: Any, text: str) -> tuple[Floats, Floats]:
        """The latents and samples of FRAMES frames, as the vendor's package makes them."""
        import torch
        from pocket_tts.modules.stateful_module import increment_steps, init_states

        noise = self.noise()
        fill = torch.nn.init.normal_
        try:
            torch.nn.init.normal_ = lambda tensor, **_: tensor.copy_(torch.from_numpy(next(noise)))
            with torch.no_grad():
                self.vendor._expand_kv_cache(state, 1000)
                tokens = self.vendor.flow_lm.conditioner.prepare(text)
                self.vendor._run_flow_lm_and_increment_step(model_state=state, text_tokens=tokens)
                next(noise)
                noise = self.noise()
                latent = torch.full((1, 1, self.width), float("nan"))
                made = []
                for _ in range(FRAMES):
                    latent, _ = self.vendor._run_flow_lm_and_increment_step(
                        model_state=state, backbone_input_latents=latent
                    )
                    made.append(latent)
                rows = torch.cat(made, dim=1)
                scaled = rows * self.vendor.flow_lm.emb_std + self.vendor.flow_lm.emb_mean
                mimi = init_states(self.vendor.mimi, 1, 16 * FRAMES)
                samples = self.vendor.mimi.decode_from_latent(scaled, mimi)
                increment_steps(self.vendor.mimi, mimi, 16 * FRAMES)
        finally:
            torch.nn.init.normal_ = fill
        return rows[0].numpy(), samples[0, 0].numpy()


@pytest.fixture(
    scope="module",
    params=[
        pytest.param(TINY, id="tiny", marks=pytest.mark.contract),
        pytest.param(REAL, id="real size", marks=pytest.mark.real),
    ],
)
def both(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Both:
    return Both(tmp_path_factory.mktemp("pocket"), request.param)


def test_a_voice_from_a_recording_and_what_is_said_in_it_are_the_vendors(
    both: Both, bundled_clip: BundledClip
) -> None:
    import torch

    recording = read_audio(bundled_clip.path, sample_rate=SAMPLE_RATE)[: 5 * SAMPLE_RATE]
    state = both.vendor.get_state_for_audio_prompt(torch.from_numpy(recording)[None])
    prompt = ending_in_a_pause(recording, SAMPLE_RATE)
    embedded = embed_voice(both.ours.graphs, prompt)
    before = both.ours.graphs.embeddings([both.ours.begin + 1])
    voice = read_voice(both.ours.graphs, np.concatenate([before, embedded], axis=1))
    for layer in range(both.ours.graphs.layers):
        cache = state[f"transformer.layers.{layer}.self_attn"]["cache"][:, 0].numpy()
        keys, values = cache.transpose(0, 2, 1, 3)
        assert np.abs(voice.keys[layer] - keys).max() < TOLERANCE
        assert np.abs(voice.values[layer] - values).max() < TOLERANCE

    (piece,) = pieces("We are the people of this house.", "en", encoder_of(both))
    theirs, samples = both.vendors_speech(state, piece.text)
    noise = both.noise()
    made = []
    for latent in latents(
        both.ours.graphs, voice, piece, both.ours.begin, noise=lambda: next(noise)
    ):
        made.append(latent)
        if len(made) == FRAMES:
            break
    assert np.abs(np.concatenate(made) - theirs).max() < TOLERANCE
    assert np.abs(theirs).max() > 0.1

    spoken = np.concatenate(list(sound(both.ours.graphs, iter(made))))
    quiet = 120  # faded in
    assert spoken.shape == samples.shape
    assert np.abs(spoken[quiet:] - np.clip(samples, -1, 1)[quiet:]).max() < TOLERANCE
    assert np.abs(samples).max() > 0.01
    threaded = np.concatenate(list(sound(both.ours.graphs, ahead(iter(made)))))
    assert np.array_equal(threaded, spoken)


def test_a_recording_in_pieces_is_the_whole(both: Both, bundled_clip: BundledClip) -> None:
    import torch

    recording = read_audio(bundled_clip.path, sample_rate=SAMPLE_RATE)[: 3 * SAMPLE_RATE]
    with torch.no_grad():
        whole = both.vendor._encode_audio(torch.from_numpy(recording)[None, None]).numpy()
    assert np.abs(embed_voice(both.ours.graphs, recording) - whole).max() < TOLERANCE


@pytest.mark.contract
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    "text",
    [
        *CORPUS[:3],
        "hello",
        "“Bom dia”, disse ela: vamos",
        "wait — what",
        "It's ’bout (very) late…",
        "« Oui ! », dit-il",
        "a dog, a cat,",
        "He said 'no'",
    ],
)
def test_a_text_is_written_as_the_vendor_writes_it(text: str, language: str) -> None:
    need("pocket_tts")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from pocket_tts.models.text_chunking import prepare_text_prompt
        from pocket_tts.utils.config import CONFIGS_DIR, load_config

    names = {"en": "english", "fr": "french", "de": "german", "pt": "portuguese"}
    names |= {"it": "italian", "es": "spanish", "nl": "dutch"}
    vendors = load_config(CONFIGS_DIR / f"{names[language]}.yaml")
    prepared, _ = prepare_text_prompt(
        text,
        vendors.pad_with_spaces_for_short_inputs,
        vendors.remove_semicolons,
        vendors.append_terminal_punctuation,
        vendors.capitalize_first_letter,
        vendors.replace_characters,
    )
    assert written(text, LANGUAGES[language].replaced) == prepared


def encoder_of(both: Both) -> Any:
    return lambda text: both.ours._tokenizer.encode(text).ids
