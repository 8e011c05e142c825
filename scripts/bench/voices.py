"""Compare Pocket TTS as its vendor runs it (PyTorch) with ours (onnxruntime), and other voices.

    python scripts/bench/voices.py [--checkpoint FOLDER] [--rounds 2] [--threads 0] [--only NAME]

Each runs in a process of its own, one after the other, in rounds; the table has the best round of
each. Without `--checkpoint`, a folder with model.safetensors and tokenizer.json as Kyutai publishes
them for English, the weights are random, but of the real size. They end no text, so both speak
until they are cut off. The vendor's package comes with the extra `convert`.

Beside them are Kokoro, Kokoro with its voice converted by OpenVoice, and XTTS. The weights of
OpenVoice and XTTS are random too, and of the real size. XTTS speaks five seconds for each text, and
its checkpoint takes 1.9 GB in the temporary folder while this runs.

Time to first audio is from the call to the first samples, in a voice that was made before.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

CHECKOUT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(CHECKOUT))

from stslocal.audio.decode import read_audio  # noqa: E402
from stslocal.machine import processor  # noqa: E402
from stslocal.samples import bundled_clips  # noqa: E402
from stslocal.types import Samples  # noqa: E402

RATE = 24_000
REFERENCE_S = 11
TEXTS = (
    "My good friends, I wish you a very good morning, and I hope that you have slept well.",
    "The train to the sea comes at ten o'clock, and who is late must wait for an hour.",
)
NAMES = (
    "vendor float32",
    "vendor int8",
    "ours float32",
    "ours int8",
    "kokoro int8",
    "kokoro int8, converted",
    "xtts",
)
XTTS_S = 5.0
COLUMNS = {
    "load_s": "load, s",
    "clone_s": f"voice from {REFERENCE_S} s, s",
    "first_ms": "first audio, ms",
    "factor": "real-time factor",
    "processor": "processor time",
    "memory_mb": "memory, MB",
}


def main() -> int:
    """Run what is asked for, and print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--checkpoint", type=Path)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--threads", type=int, default=0, help="of all but the vendor")
    parser.add_argument("--only", nargs="+", choices=NAMES, default=NAMES)
    parser.add_argument("--run", nargs=2, metavar=("NAME", "FOLDER"), help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.run:
        print(json.dumps(measure(arguments.run[0], Path(arguments.run[1]), arguments.threads)))
        return 0
    with tempfile.TemporaryDirectory() as folder:
        prepare(Path(folder), arguments.checkpoint, arguments.only)
        rows: dict[str, list[dict[str, float]]] = {name: [] for name in arguments.only}
        for _ in range(arguments.rounds):
            for name in arguments.only:
                options = ["--run", name, folder, "--threads", str(arguments.threads)]
                done = subprocess.run(
                    [sys.executable, __file__, *options],
                    capture_output=True,
                    text=True,
                    check=False,
                )
                if done.returncode:
                    print(f"{name} does not run: {done.stderr.strip().splitlines()[-1]}")
                    continue
                rows[name].append(json.loads(done.stdout.splitlines()[-1]))
    here = processor()
    print(f"\n{here.name}, {here.cores} cores\n")
    print("|  |", " | ".join(COLUMNS.values()), "|")
    print("|---" * (len(COLUMNS) + 1) + "|")
    for name, rounds in rows.items():
        if rounds:
            best = {key: min(each[key] for each in rounds) for key in rounds[0]}
            cells = (f"{best[key]:.3g}" if key in best else "" for key in COLUMNS)
            print(f"| {name} |", " | ".join(cells), "|")
    return 0


def prepare(folder: Path, checkpoint: Path | None, names: Iterable[str]) -> None:
    """Write the checkpoint and the vendor's configuration, and build our models."""
    from stslocal.models.building.pocket.product import build_pocket
    from tests import tiny_openvoice
    from tests.tiny_pocket import REAL, config, write_checkpoint

    if "kokoro int8, converted" in names:
        tiny_openvoice.build(folder / "converter", tiny_openvoice.REAL)
    if "xtts" in names:
        from xtts_models import write_checkpoint as write_xtts

        write_xtts(folder / "xtts-v2")
    source = folder / "checkpoint"
    if checkpoint is None:
        write_checkpoint(source, REAL, ends=False)
        (source / "embeddings" / "ada.safetensors").unlink()
    else:
        source.symlink_to(checkpoint.resolve())
    (folder / "vendor").mkdir()
    document = json.loads(config(REAL, folder / "vendor").read_text(encoding="utf-8"))
    document["weights_path"] = str(source / "model.safetensors")
    document["flow_lm"]["lookup_table"]["tokenizer_path"] = str(source / "tokenizer.json")
    (folder / "vendor" / "config.yaml").write_text(json.dumps(document), encoding="utf-8")
    for name in names:
        if name.startswith("ours"):
            target = folder / name
            target.mkdir()
            build_pocket(source, target, language="en", quantization=name.split()[1])


def measure(name: str, folder: Path, threads: int) -> dict[str, float]:
    """Load one of NAMES, make a voice, speak TEXTS."""
    reference = read_audio(bundled_clips()[0].path, sample_rate=RATE)[: REFERENCE_S * RATE]
    start = {"vendor": vendor, "ours": ours, "kokoro": kokoro, "xtts": xtts}[name.split()[0]]
    began_s = time.perf_counter()
    clone, speak = start(name, folder, threads)
    loaded_s = time.perf_counter()
    cloning = {}
    if clone is not None:
        clone(reference)
        cloning["clone_s"] = time.perf_counter() - loaded_s
    list(speak(TEXTS[0]))  # memory is taken once
    firsts, walls, work, spoken = [], 0.0, 0.0, 0
    for text in TEXTS:
        first_s = None
        start_s, start_work_s = time.perf_counter(), time.process_time()
        for samples in speak(text):
            first_s = first_s or time.perf_counter() - start_s
            spoken += len(samples)
        walls += time.perf_counter() - start_s
        work += time.process_time() - start_work_s
        firsts.append(first_s or 0.0)
    seconds = spoken / RATE
    return {
        "load_s": loaded_s - began_s,
        **cloning,
        "first_ms": 1000 * float(np.median(firsts)),
        "factor": walls / seconds,
        "processor": work / seconds,
        "memory_mb": peak_mb(),
    }


Started = tuple[Callable[[Samples], Any] | None, Callable[[str], Iterator[Samples]]]
"""Makes a voice, which is kept, if it can; speaks a text in it."""


def vendor(name: str, folder: Path, threads: int) -> Started:
    """The package pocket-tts. It decides itself how many threads it takes: two."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import torch
        from pocket_tts import TTSModel

        config = str(folder / "vendor" / "config.yaml")
        model = TTSModel.load_model(
            config=config, quantize=name.endswith("int8"), eos_threshold=ending(folder)
        )
    voice = []

    def clone(reference: Samples) -> None:
        voice.append(model.get_state_for_audio_prompt(torch.from_numpy(reference)[None]))

    def speak(text: str) -> Iterator[Samples]:
        for chunk in model.generate_audio_stream(voice[0], text):
            yield chunk.numpy()

    return clone, speak


def ending(folder: Path) -> float | None:
    """The vendor's threshold: its default for real weights; no end for random ones."""
    return None if (folder / "checkpoint").is_symlink() else 1e9


def ours(name: str, folder: Path, threads: int) -> Started:
    """Pocket TTS in stslocal."""
    from stslocal.engines.pocket.synthesizer import PocketSynthesizer

    engine = PocketSynthesizer.load(folder / name, threads=threads)
    voice = []

    def clone(reference: Samples) -> None:
        voice.append(engine.clone(reference, RATE, name="me", language="en"))

    return clone, lambda text: engine.synthesize(text, language="en", voice=voice[0])


def kokoro(name: str, folder: Path, threads: int) -> Started:
    """Kokoro in a built-in voice, or in one that OpenVoice converts: it clones none."""
    from stslocal.engines import registry
    from stslocal.engines.openvoice.converter import OpenVoiceConverter
    from stslocal.loading.selection import EngineSelection
    from stslocal.loading.voice_engines import pair_voices
    from stslocal.models.store import ModelStore

    store = ModelStore.discover()
    engine = registry.create(registry.SYNTHESIZER, "kokoro", store, threads=threads)
    if not name.endswith("converted"):
        return None, lambda text: engine.synthesize(text, language="en")
    converter = OpenVoiceConverter.load(folder / "converter" / "openvoice-v2", threads=threads)
    selection = EngineSelection("", "", "kokoro", converter="openvoice")
    pair = pair_voices(selection, store, engine, None, converter)
    pair.prepare("en")
    voice = []

    def clone(reference: Samples) -> None:
        voice.append(pair.cloner.clone(reference, RATE, name="me", language="en"))

    return clone, lambda text: pair.synthesizer.synthesize(text, language="en", voice=voice[0])


def xtts(name: str, folder: Path, threads: int) -> Started:
    """XTTS in stslocal, with its matrices in float16 where the processor is faster with them."""
    from xtts_models import TEXT

    from stslocal.engines.xtts.synthesizer import XttsSynthesizer
    from stslocal.engines.xtts.text import TOKEN_S

    engine = XttsSynthesizer.load(folder / "xtts-v2", device="cpu", threads=threads)
    voice = []

    def clone(reference: Samples) -> None:
        voice.append(engine.clone(reference, RATE, name="me", language="en"))

    tokens = round(XTTS_S / TOKEN_S)
    # Not `synthesize`: it takes the noise that random weights make for no speech.
    return clone, lambda text: engine.stream(TEXT, voice[0], max_tokens=tokens)


def peak_mb() -> float:
    """The most memory that this process has had."""
    for line in Path("/proc/self/status").read_text(encoding="utf-8").splitlines():
        if line.startswith("VmHWM"):
            return int(line.split()[1]) / 1000
    return float("nan")


if __name__ == "__main__":
    sys.exit(main())
