"""Vocoding in windows gives the samples that Coqui gives for everything at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from tests.extras import need

torch = need("torch")
xtts_vocoder = need("stslocal.engines.xtts.vocoder")

pytestmark = pytest.mark.contract

LENGTH = 60
"""Latents, 2.8 s."""


@pytest.fixture(scope="module")
def latents(tiny_xtts: Any) -> Any:
    return torch.randn(LENGTH, tiny_xtts.gpt.width, generator=torch.Generator().manual_seed(1))


@pytest.fixture(scope="module")
def speaker(tiny_xtts: Any) -> Any:
    embedding = tiny_xtts.voice("Ada Tiny").arrays["speaker_embedding"]
    return torch.tensor(embedding)[None, :, None]


def in_pieces(vocoder: Any, latents: Any, speaker: Any, sizes: Sequence[int], speed: float) -> Any:
    stream = vocoder.stream(speaker, speed=speed)
    pieces = list(torch.split(latents, sizes))
    with torch.inference_mode():
        made = [stream.push(tuple(piece), last=False) for piece in pieces]
        return torch.cat([*made, stream.push([], last=True)])


def by_coqui(model: Any, latents: Any, speaker: Any, speed: float) -> Any:
    """The samples that Coqui's `inference` makes of all latents, shape (n, d)."""
    frames = latents[None]
    if speed != 1.0:
        frames = torch.nn.functional.interpolate(
            frames.transpose(1, 2), scale_factor=1 / speed, mode="linear"
        ).transpose(1, 2)
    with torch.inference_mode():
        return model.hifigan_decoder(frames, g=speaker)[0, 0]


@pytest.mark.parametrize(
    ("sizes", "speed"),
    [
        ([LENGTH], 1.0),
        ([8, 16, 24, 12], 1.0),
        ([8, 16, 24, 12], 1.25),
        ([8, 16, 24, 12], 0.8),
        ([3] * 20, 1.07),
        ([1] * LENGTH, 1.0),
        ([59, 1], 2.0),
    ],
    ids=str,
)
def test_windows_of_any_size_give_the_samples_of_one_run(
    tiny_xtts: Any, latents: Any, speaker: Any, sizes: list[int], speed: float
) -> None:
    wanted = by_coqui(tiny_xtts._model, latents, speaker, speed)
    found = in_pieces(tiny_xtts.vocoder, latents, speaker, sizes, speed)
    assert wanted.std() > 0.01
    torch.testing.assert_close(found, wanted, atol=2e-6, rtol=0)


@pytest.mark.parametrize("count", [0, 3, 5])
def test_short_speech_gives_the_samples_of_one_run(
    tiny_xtts: Any, latents: Any, speaker: Any, count: int
) -> None:
    found = in_pieces(tiny_xtts.vocoder, latents[:count], speaker, [count], 1.0)
    if not count:
        assert len(found) == 0
        return
    wanted = by_coqui(tiny_xtts._model, latents[:count], speaker, 1.0)
    torch.testing.assert_close(found, wanted, atol=2e-6, rtol=0)


def test_a_sample_depends_on_no_frame_beyond_the_context(tiny_xtts: Any) -> None:
    """By the gradient, which is not zero for exactly the frames that reach the sample."""
    vocoder = tiny_xtts.vocoder
    reach = vocoder.context
    frames = torch.randn(
        2 * reach + 9, tiny_xtts.gpt.width, dtype=torch.float64, requires_grad=True
    )
    generator = vocoder._generator.double()
    try:
        speaker = torch.zeros(1, vocoder.width, 1, dtype=torch.float64)
        samples = generator(frames.T[None], g=speaker)[0, 0]
        middle = reach + 4
        frame = samples[middle * vocoder.hop : (middle + 1) * vocoder.hop]
        frame.square().sum().backward()
    finally:
        generator.float()
    reached = frames.grad.abs().sum(1).nonzero()[:, 0]
    assert middle - reach <= reached.min()
    assert reached.max() <= middle + reach
    # The context is not longer than necessary, apart from rounding up to frames.
    assert reached.max() - reached.min() >= 2 * reach - 4


def test_the_published_vocoder_needs_14_frames() -> None:
    hifigan = need("TTS.vocoder.models.hifigan_generator")
    generator = hifigan.HifiganGenerator(
        8, 1, "1", [[1, 3, 5]] * 3, [3, 7, 11], [16, 16, 4, 4], 16, [8, 8, 2, 2]
    )
    assert xtts_vocoder.receptive_frames(generator) == 14


def test_the_work_grows_linearly_with_the_length(
    tiny_xtts: Any, latents: Any, speaker: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """For twice the speech, twice as many frames are vocoded, not four times as many."""
    vocoder = tiny_xtts.vocoder
    vocoded: list[int] = []
    vocode = vocoder.vocode

    def counting(frames: Any, speaker: Any) -> Any:
        vocoded.append(len(frames))
        return vocode(frames, speaker)

    monkeypatch.setattr(vocoder, "vocode", counting)
    totals = []
    for length in (120, 240, 480):
        vocoded.clear()
        many = latents.repeat(8, 1)[:length]
        in_pieces(vocoder, many, speaker, [8, 16, *[24] * (length // 24 - 1)], 1.0)
        totals.append(sum(vocoded))
    assert totals[1] < 2.1 * totals[0]
    assert totals[2] < 2.1 * totals[1]
    assert max(vocoded) < 24 * 4.36 + 2 * vocoder.context + 2
