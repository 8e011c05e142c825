"""Our loop over XTTS's language model gives the same tokens and latents as Coqui's."""

from __future__ import annotations

import copy
from itertools import cycle
from typing import Any

import pytest

from tests.extras import need
from tests.tiny_xtts import STOPS_AFTER

torch = need("torch")
xtts_gpt = need("stslocal.engines.xtts.gpt")

pytestmark = pytest.mark.contract

TEXTS = ("hello there", "the river rose in the night", "a")
GREEDY = xtts_gpt.Sampling(temperature=0)


@pytest.fixture(scope="module")
def voice(tiny_xtts: Any) -> Any:
    """Conditioning latents, shape (n, d)."""
    return torch.tensor(tiny_xtts.voice("Bo Small").arrays["conditioning_latents"])


def encoded(tiny_xtts: Any, text: str) -> list[int]:
    codes: list[int] = tiny_xtts._model.tokenizer.encode(text, lang="en")
    return codes


def spoken(
    tiny_xtts: Any, voice: Any, text: str, sampling: Any, max_tokens: int = 100
) -> list[Any]:
    gpt = tiny_xtts.gpt
    with torch.inference_mode():
        prompt = gpt.prompt(voice)
        return list(gpt.speak(prompt, encoded(tiny_xtts, text), sampling, max_tokens=max_tokens))


@pytest.mark.parametrize("text", TEXTS)
def test_greedy_tokens_are_coquis(tiny_xtts: Any, voice: Any, text: str) -> None:
    model = tiny_xtts._model
    with torch.inference_mode():
        wanted = model.gpt.generate(
            cond_latents=voice[None],
            text_inputs=torch.tensor([encoded(tiny_xtts, text)]),
            do_sample=False,
            num_beams=1,
            repetition_penalty=10.0,
        )
    tokens = spoken(tiny_xtts, voice, text, GREEDY)
    assert [token.code for token in tokens] == wanted[0].tolist()
    assert len(tokens) == STOPS_AFTER + 1


@pytest.mark.parametrize("text", TEXTS)
def test_latents_are_those_of_coquis_second_pass(tiny_xtts: Any, voice: Any, text: str) -> None:
    """Coqui's `inference` computes the latents again from all tokens at once."""
    tokens = spoken(tiny_xtts, voice, text, GREEDY)
    codes = encoded(tiny_xtts, text)
    gpt = tiny_xtts._model.gpt
    with torch.inference_mode():
        wanted = gpt(
            torch.tensor([codes]),
            torch.tensor([len(codes)]),
            torch.tensor([[token.code for token in tokens]]),
            torch.tensor([len(tokens) * gpt.code_stride_len]),
            cond_latents=voice[None],
            return_latent=True,
        )[0]
    found = torch.stack([token.latent for token in tokens])
    torch.testing.assert_close(found, wanted, atol=2e-5, rtol=0)


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_a_seed_draws_the_tokens_that_coqui_draws(tiny_xtts: Any, voice: Any, seed: int) -> None:
    model, text = tiny_xtts._model, TEXTS[1]
    with torch.random.fork_rng(devices=[]), torch.inference_mode():
        torch.manual_seed(seed)
        prompt = model.gpt.compute_embeddings(voice[None], torch.tensor([encoded(tiny_xtts, text)]))
        wanted = model.gpt.get_generator(
            fake_inputs=prompt,
            do_sample=True,
            num_beams=1,
            num_return_sequences=1,
            temperature=0.75,
            top_k=50,
            top_p=0.85,
            repetition_penalty=10.0,
            output_hidden_states=True,
            return_dict_in_generate=True,
        )
        drawn = [int(code) for code, _ in wanted]
    found = [token.code for token in spoken(tiny_xtts, voice, text, xtts_gpt.Sampling(seed=seed))]
    assert found == drawn
    assert len(set(found)) > 15


def test_a_token_does_not_depend_on_those_after_it(tiny_xtts: Any, voice: Any) -> None:
    few = spoken(tiny_xtts, voice, TEXTS[0], GREEDY, max_tokens=5)
    many = spoken(tiny_xtts, voice, TEXTS[0], GREEDY, max_tokens=20)
    assert len(few) == 5
    for one, other in zip(few, many, strict=False):
        assert one.code == other.code
        torch.testing.assert_close(one.latent, other.latent)


def test_speeches_made_in_turn_do_not_mix(tiny_xtts: Any, voice: Any) -> None:
    """Coqui's model keeps the prompt of the last caller; ours keeps none."""
    alone = [[token.code for token in spoken(tiny_xtts, voice, text, GREEDY)] for text in TEXTS]
    gpt = tiny_xtts.gpt
    with torch.inference_mode():
        prompt = gpt.prompt(voice)
        speaking = [
            gpt.speak(prompt, encoded(tiny_xtts, text), GREEDY, max_tokens=100) for text in TEXTS
        ]
        together = [[token.code for token in turn] for turn in zip(*speaking, strict=True)]
    assert [list(codes) for codes in zip(*together, strict=True)] == alone


@pytest.fixture(scope="module")
def in_float16(tiny_xtts: Any) -> Any:
    """The same model with its matrices in float16, computing in float32."""
    return xtts_gpt.XttsGpt(copy.deepcopy(tiny_xtts._model.gpt), torch.float16)


@pytest.mark.parametrize("text", TEXTS)
def test_matrices_in_float16_give_the_same_tokens(
    tiny_xtts: Any, in_float16: Any, voice: Any, text: str
) -> None:
    wanted = spoken(tiny_xtts, voice, text, GREEDY)
    with torch.inference_mode():
        speech = in_float16.speak(
            in_float16.prompt(voice), encoded(tiny_xtts, text), GREEDY, max_tokens=100
        )
        found = list(speech)
    assert [token.code for token in found] == [token.code for token in wanted]
    for one, other in zip(found, wanted, strict=True):
        assert one.latent.dtype == torch.float32
        torch.testing.assert_close(one.latent, other.latent, atol=0.01, rtol=0)
    assert not torch.equal(found[0].latent, wanted[0].latent)


def test_matrices_in_float16_take_half_the_memory(tiny_xtts: Any) -> None:
    gpt = copy.deepcopy(tiny_xtts._model.gpt)
    before = {name: len(weights.untyped_storage()) for name, weights in gpt.gpt.named_parameters()}
    xtts_gpt.XttsGpt(gpt, torch.float16)
    matrices = [name for name in before if ".c_" in name and name.endswith("weight")]
    assert len(matrices) == 4 * 2
    after = {name: len(weights.untyped_storage()) for name, weights in gpt.gpt.named_parameters()}
    assert after == {name: n // 2 if name in matrices else n for name, n in before.items()}


@pytest.mark.parametrize(("ends_s", "fast"), [((1.0, 3.0), True), ((3.0, 1.0), False)])
def test_the_faster_of_float16_and_float32_is_found(
    monkeypatch: pytest.MonkeyPatch, ends_s: tuple[float, float], fast: bool
) -> None:
    """The clock is read around each product, four of float16 and then four of float32."""
    halves, floats = ([0.0, end] * 4 for end in ends_s)
    clock = cycle([*halves, *floats])
    monkeypatch.setattr(xtts_gpt, "perf_counter", lambda: next(clock))
    assert xtts_gpt.float16_is_fast.__wrapped__() is fast


@pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no CUDA device here")
def test_float16_on_cuda_is_close_to_float32(tiny_xtts: Any, voice: Any) -> None:
    wanted = spoken(tiny_xtts, voice, TEXTS[1], GREEDY, max_tokens=1)[0].latent
    gpt = xtts_gpt.XttsGpt(copy.deepcopy(tiny_xtts._model.gpt).to("cuda"), torch.float16)
    with torch.inference_mode():
        prompt = gpt.prompt(voice.to("cuda"))
        found = next(gpt.speak(prompt, encoded(tiny_xtts, TEXTS[1]), GREEDY, max_tokens=1)).latent
    assert found.dtype == torch.float32
    torch.testing.assert_close(found.cpu(), wanted, atol=0.05, rtol=0.05)
