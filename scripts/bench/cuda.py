"""Measure recognition and translation on an NVIDIA GPU, beside the processor of the same machine.

    python scripts/bench/cuda.py [-o out/bench] [--whisper models/whisper-base] [--rounds 5]
                                 [--sizes small large-v3-turbo]

Four parts, each on the processor and on the GPU:

* the installed Whisper on a real recording: seconds to recognize its first 2, 6 and 12 s as live
  translation does, and the whole of it as file translation does, and whether the words are equal;
* Whisper of other sizes with random weights: seconds to encode 6 s and 30 s of sound, and to write
  20 tokens. These times do not depend on the values of the weights;
* the same for 6 s of several people at once, in one batch (only on the GPU for large sizes);
* NLLB-200-distilled-600M with random weights, as in nllb.py: a sentence of 22 tokens.

For XTTS run `scripts/bench/xtts.py --device cuda`. Writes cuda.json and cuda.md.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import ctranslate2
import numpy as np
from numpy.typing import NDArray

from stslocal.audio.decode import read_audio
from stslocal.engines.process import prepare_process
from stslocal.engines.whisper.recognizer import FasterWhisperRecognizer
from stslocal.live.anchors import plain_word
from stslocal.machine import processor
from stslocal.samples import bundled_clips
from stslocal.types import RECOGNITION_RATE

SIZES = {
    # (layers of the encoder, of the decoder, heads, width, mel bands, tokens)
    "base": (6, 6, 8, 512, 80, 51_865),
    "small": (12, 12, 12, 768, 80, 51_865),
    "large-v3-turbo": (32, 4, 20, 1280, 128, 51_866),
}
TOKENS = 20
TIMES = 1501
FRAMES_A_SECOND = 100
SENTENCE = ["eng_Latn", *(f"piece{n * 97}" for n in range(20)), "</s>"]
BATCHES = (1, 2, 4, 8, 16, 32)
DEVICES = {"cpu": "int8", "cuda": "float16"}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n", maxsplit=1)[0])
    parser.add_argument("-o", "--output-dir", type=Path, default=Path("out/bench"))
    parser.add_argument("--whisper", type=Path, default=Path("models/whisper-base"))
    parser.add_argument("--sizes", nargs="*", choices=sorted(SIZES), default=list(SIZES)[1:])
    parser.add_argument("--no-nllb", action="store_true", help="leave NLLB out: it takes minutes")
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    prepare_process()
    devices = [name for name in DEVICES if name == "cpu" or ctranslate2.get_cuda_device_count()]
    rows: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for device in devices:
            rows += recognize(arguments.whisper, device, arguments.rounds)
        for size in arguments.sizes:
            subprocess.run([sys.executable, __file__, "--make", size, folder / size], check=True)
            for device in devices:
                rows += encode_and_write(size, folder / size, device, arguments.rounds)
                rows += batches(size, folder / size, device, arguments.rounds)
        if not arguments.no_nllb:
            maker = Path(__file__).with_name("nllb_models.py")
            subprocess.run([sys.executable, maker, folder], check=True)
            for device in devices:
                rows += translate(folder / "whole", device, arguments.rounds)
    machine = processor()
    report = {
        "machine": f"{machine.name}, {machine.cores} cores",
        "ctranslate2": ctranslate2.__version__,
        "rows": rows,
    }
    arguments.output_dir.mkdir(parents=True, exist_ok=True)
    (arguments.output_dir / "cuda.json").write_text(json.dumps(report, indent=1) + "\n")
    (arguments.output_dir / "cuda.md").write_text(markdown(report))
    print(markdown(report))
    return 0


def recognize(folder: Path, device: str, rounds: int) -> list[dict[str, Any]]:
    """Recognize a real recording in pieces and whole."""
    began = time.perf_counter()
    recognizer = FasterWhisperRecognizer.load(folder, device=device)
    loaded_s = time.perf_counter() - began
    clip = next(clip for clip in bundled_clips() if clip.language == "en")
    sound = read_audio(clip.path)[: 30 * RECOGNITION_RATE]
    rows = [row(folder.name, "load", device, [loaded_s], "")]
    for seconds in (2, 6, 12):
        piece = sound[: seconds * RECOGNITION_RATE]
        times, found = timed(partial(recognizer.hypothesize, piece, language="en"), rounds)
        rows.append(row(folder.name, f"live, {seconds} s", device, times, found.text))
    times, found = timed(partial(recognizer.transcribe, sound, language="en"), rounds)
    whole = f"file, {len(sound) / RECOGNITION_RATE:.0f} s"
    return [*rows, row(folder.name, whole, device, times, found.text)]


def encode_and_write(size: str, folder: Path, device: str, rounds: int) -> list[dict[str, Any]]:
    """Encode sound and write tokens, with a Whisper of random weights."""
    model = ctranslate2.models.Whisper(str(folder), device=device, compute_type=DEVICES[device])
    rows = []
    prompt = [SIZES[size][5] - TIMES - 3]
    for seconds in (6, 30):
        shape = (1, SIZES[size][4], seconds * FRAMES_A_SECOND)
        mel = np.random.default_rng(0).standard_normal(shape).astype(np.float32)
        features = ctranslate2.StorageView.from_array(mel)
        times, encoded = timed(partial(model.encode, features, to_cpu=True), rounds)
        rows.append(row(size, f"encode {seconds} s", device, times, ""))
        write = partial(
            model.generate, encoded, [prompt],
            beam_size=1, max_length=2 * TOKENS, suppress_tokens=[0],
        )  # fmt: skip
        times, _ = timed(write, rounds)
        rows.append(row(size, f"write {TOKENS} tokens of {seconds} s", device, times, ""))
    return rows


def batches(size: str, folder: Path, device: str, rounds: int) -> list[dict[str, Any]]:
    """Encode 6 s and write 20 tokens for several people at once."""
    if device == "cpu" and size not in ("base", "small"):
        return []
    model = ctranslate2.models.Whisper(str(folder), device=device, compute_type=DEVICES[device])
    prompt = [SIZES[size][5] - TIMES - 3]
    rows = []
    for people in BATCHES:
        shape = (people, SIZES[size][4], 6 * FRAMES_A_SECOND)
        mel = np.random.default_rng(0).standard_normal(shape).astype(np.float32)

        def serve(mel: NDArray[np.float32] = mel, people: int = people) -> object:
            encoded = model.encode(ctranslate2.StorageView.from_array(mel), to_cpu=False)
            return model.generate(
                encoded, [prompt] * people,
                beam_size=1, max_length=2 * TOKENS, suppress_tokens=[0],
            )  # fmt: skip

        times, _ = timed(serve, rounds)
        rows.append(row(size, f"6 s and {TOKENS} tokens of {people} at once", device, times, ""))
    return rows


def translate(folder: Path, device: str, rounds: int) -> list[dict[str, Any]]:
    """Translate a sentence with an NLLB of random weights."""
    model = ctranslate2.Translator(
        str(folder), device=device, compute_type=DEVICES[device], inter_threads=1
    )
    rows = []
    for beam in (1, 4):
        search = partial(
            model.translate_batch,
            [SENTENCE],
            target_prefix=[["por_Latn"]],
            beam_size=beam,
            min_decoding_length=len(SENTENCE),
            max_decoding_length=len(SENTENCE),
        )
        times, _ = timed(search, rounds)
        rows.append(row("nllb-600m", f"22 tokens, beam {beam}", device, times, ""))
    return rows


def timed(work: Callable[[], Any], rounds: int) -> tuple[list[float], Any]:
    """Do it once to warm up, then `rounds` times. Each call waits for the GPU by itself."""
    result = work()
    times = []
    for _ in range(rounds):
        began = time.perf_counter()
        result = work()
        times.append(time.perf_counter() - began)
    return times, result


def row(engine: str, what: str, device: str, times: list[float], text: str) -> dict[str, Any]:
    seconds = statistics.median(times)
    print(f"{engine}, {what}, {device}: {seconds:.4f} s", flush=True)
    return {"engine": engine, "what": what, "device": device, "seconds": seconds, "text": text}


def markdown(report: dict[str, Any]) -> str:
    """The report as a table: a line for each work, with both devices."""
    lines = [
        f"{report['machine']}, CTranslate2 {report['ctranslate2']}",
        "",
        "| engine | work | processor, int8 | GPU, float16 | faster | same words |",
        "|---|---|---|---|---|---|",
    ]
    by_work: dict[tuple[str, str], dict[str, dict[str, Any]]] = {}
    for one in report["rows"]:
        by_work.setdefault((one["engine"], one["what"]), {})[one["device"]] = one
    for (engine, what), found in by_work.items():
        here, there = found.get("cpu"), found.get("cuda")
        cells = [f"{one['seconds'] * 1e3:.0f} ms" if one else "-" for one in (here, there)]
        cells.append(f"{here['seconds'] / there['seconds']:.1f} ×" if here and there else "-")
        texts = {
            " ".join(plain_word(word) for word in one["text"].split()) for one in found.values()
        }
        same = ("yes" if len(texts) == 1 else "no") if here and there and texts != {""} else ""
        lines.append(f"| {engine} | {what} | {' | '.join(cells)} | {same} |")
    return "\n".join(lines) + "\n"


def make_whisper(size: str, folder: Path) -> None:
    """Write a Whisper of a real size with random weights, in CTranslate2's layout."""
    from stslocal.engines.xtts.torch_audio import import_torchaudio

    import_torchaudio()
    import torch
    from ctranslate2.converters.transformers import WhisperLoader
    from transformers import WhisperConfig, WhisperForConditionalGeneration

    encoder, decoder, heads, width, bands, tokens = SIZES[size]
    torch.manual_seed(0)
    config = WhisperConfig(
        vocab_size=tokens, num_mel_bins=bands, d_model=width,
        encoder_layers=encoder, encoder_attention_heads=heads, encoder_ffn_dim=4 * width,
        decoder_layers=decoder, decoder_attention_heads=heads, decoder_ffn_dim=4 * width,
        pad_token_id=0, bos_token_id=0, eos_token_id=0, decoder_start_token_id=1,
    )  # fmt: skip
    spec = WhisperLoader().get_model_spec(WhisperForConditionalGeneration(config))
    # CTranslate2 finds these signs by name; all behind the last one are times.
    signs = ["<|startoftranscript|>", "<|nospeech|>", "<|notimestamps|>"]
    words = tokens - TIMES - len(signs)
    spec.register_vocabulary(
        [*(f"token{n}" for n in range(words)), *signs, *(f"<|{n}|>" for n in range(TIMES))]
    )
    spec.validate()
    spec.optimize(quantization="float16")
    folder.mkdir(parents=True)
    spec.save(str(folder))


if __name__ == "__main__":
    if sys.argv[1:2] == ["--make"]:
        make_whisper(sys.argv[2], Path(sys.argv[3]))
        sys.exit(0)
    sys.exit(main())
