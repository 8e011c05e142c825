"""Builds a Pocket TTS model: five graphs, the tokenizer, the built-in voices and a description."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stslocal.errors import ModelIntegrityError, ModelNotFoundError, SettingsError
from stslocal.models.building.checkpoint import read_file
from stslocal.models.building.kokoro.product import product_of_largest
from stslocal.models.building.pocket import language_model, mimi
from stslocal.models.building.pocket.writer import Floats

CHECKPOINT, TOKENIZER, VOICES_FOLDER = "model.safetensors", "tokenizer.json", "embeddings"
"""What Kyutai publishes for a language. The voices, NAME.safetensors, may be missing."""
ABOUT, VOICES, PRODUCT = "pocket.json", "voices.npz", "largest_product.onnx"
GRAPHS = ("text.onnx", "language_model.onnx", "flow.onnx", "decoder.onnx", "encoder.onnx")
QUANTIZATIONS = ("int8", "float32")
FORMAT = 1

Note = Callable[[str], None]


def build_pocket(
    fetched: Path,
    target: Path,
    *,
    language: str,
    quantization: str = "int8",
    note: Note = lambda text: None,
) -> None:
    """Write the files of the model into the folder `target`, from a checkpoint in `fetched`.

    int8 keeps the sound's convolutions and the first and last layers in float32. Raises
    ModelNotFoundError for a folder without a checkpoint, ModelIntegrityError for one that does not
    hold Pocket TTS with voice cloning, SettingsError for another quantization.
    """
    if quantization not in QUANTIZATIONS:
        raise SettingsError(
            f"there is no quantization '{quantization}' of Pocket TTS: choose one of "
            f"{', '.join(QUANTIZATIONS)}"
        )
    for name in (CHECKPOINT, TOKENIZER):
        if not (fetched / name).is_file():
            raise ModelNotFoundError(
                f"{fetched} holds no {name}: name a folder with what Kyutai publishes for one "
                "language of Pocket TTS"
            )
    arrays = {
        name: np.asarray(values, np.float32)
        for name, values in read_file(fetched / CHECKPOINT).items()
    }
    speech, sound = (_without_prefix(arrays, prefix) for prefix in ("flow_lm.", "mimi."))
    int8 = quantization == "int8"
    try:
        if not speech["speaker_proj_weight"].any():
            raise ValueError("it is the one without voice cloning")
        note(f"writing the graphs in {quantization}")
        made = (
            language_model.text_table(speech),
            language_model.language_model(speech, int8=int8),
            language_model.flow(speech, int8=int8),
            mimi.decoder(sound, speech, int8=int8),
            mimi.encoder(sound, speech, int8=int8),
        )
    except (KeyError, ValueError) as error:
        raise ModelIntegrityError(
            f"{fetched / CHECKPOINT} does not hold Pocket TTS with voice cloning: {error}"
        ) from error
    for name, graph in zip(GRAPHS, made, strict=True):
        (target / name).write_bytes(graph)
    (target / PRODUCT).write_bytes(product_of_largest())
    shutil.copyfile(fetched / TOKENIZER, target / TOKENIZER)
    np.savez(target / VOICES, **_voices(fetched))  # type: ignore[arg-type]
    about = {
        "format": FORMAT,
        "language": language,
        "quantization": quantization,
        "before_voice": "bos_before_voice" in speech,
    }
    (target / ABOUT).write_text(json.dumps(about, indent=1) + "\n", encoding="utf-8")


def _without_prefix(arrays: Mapping[str, Floats], prefix: str) -> dict[str, Floats]:
    return {
        name.removeprefix(prefix): values
        for name, values in arrays.items()
        if name.startswith(prefix)
    }


def _voices(fetched: Path) -> dict[str, NDArray[Any]]:
    """NAME.keys and NAME.values (layers, heads, positions, 64) of each voice in the checkpoint."""
    found: dict[str, NDArray[Any]] = {}
    folders = (fetched / VOICES_FOLDER, fetched)
    for path in sorted(each for folder in folders for each in folder.glob("*.safetensors")):
        if path.name == CHECKPOINT:
            continue
        arrays = read_file(path)
        caches: list[Floats] = []
        try:
            while (name := f"transformer.layers.{len(caches)}.self_attn/cache") in arrays:
                caches.append(np.asarray(arrays[name][:, 0], np.float32))
            cache = np.stack(caches, axis=1)
            if cache.ndim != 5 or cache.shape[-1] != language_model.HEAD:
                raise ValueError(f"its shape is {cache.shape}")
        except (KeyError, ValueError, IndexError) as error:
            raise ModelIntegrityError(f"{path} is not a voice of Pocket TTS: {error}") from error
        # Behind the voice's last position, the memory was never written.
        spoken = np.asarray(np.isfinite(cache).all(axis=(0, 1, 3, 4)))
        if (offset := arrays.get("transformer.layers.0.self_attn/offset")) is not None:
            spoken[int(offset[0]) :] = False
        cache = np.ascontiguousarray(cache[:, :, spoken].transpose(0, 1, 3, 2, 4))
        found[f"{path.stem}.keys"], found[f"{path.stem}.values"] = cache
    return found
