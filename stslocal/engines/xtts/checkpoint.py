"""Reads an XTTS model from its folder. No code in the files is run, and no file is changed.

Coqui's loader builds the network. The published checkpoint is a pickle that names four
configuration classes. Coqui's loader would write it again without them, and then its sha256 would
differ from the manifest. So this module reads it, weights only and with those classes allowed.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch

from stslocal.engines.entry import BuiltInVoice
from stslocal.engines.xtts.torch_audio import import_torchaudio
from stslocal.errors import EngineError, ModelNotFoundError
from stslocal.types import VoiceProfile

_FILES = ("config.json", "model.pth", "vocab.json")
_SPEAKERS = "speakers_xtts.pth"
"""The file of the built-in voices; a model may lack it."""
_PULL = "run `stslocal models pull xtts-v2 --accept-licence`"


def load_checkpoint(folder: Path) -> Any:
    """Coqui's `Xtts` in `folder`, ready to infer, on the processor.

    Raises ModelNotFoundError when files are missing, EngineError when they cannot be read.
    """
    missing = [name for name in _FILES if not (folder / name).is_file()]
    if missing:
        raise ModelNotFoundError(
            f"{folder} holds no whole XTTS model, {missing[0]} is missing: {_PULL}"
        )
    import_torchaudio()
    from TTS.tts.configs.xtts_config import XttsConfig
    from TTS.tts.models.xtts import Xtts

    try:
        config = XttsConfig()
        config.load_json(folder / "config.json")
        # transformers would warn that the ids of unused tokens are out of range.
        with _only_errors_of("transformers"):
            model = Xtts(config)
            model._load_checkpoint = lambda path: _read(path)["model"]
            # The voices are read by `load_speakers`; Coqui's loader ignores a missing file.
            model.load_checkpoint(config, folder, speaker_file_path=folder / "none", strict=True)
    except Exception as exc:  # torch, tokenizers and the configuration raise unrelated types
        raise EngineError(
            f"The XTTS model in {folder} cannot be read ({_first_line(exc)}): {_PULL}"
        ) from exc
    return model


def load_speakers(folder: Path) -> Mapping[str, VoiceProfile]:
    """The built-in voices in `folder` by name. Raises EngineError when they cannot be read."""
    file = folder / _SPEAKERS
    if not file.is_file():
        return {}
    try:
        return {
            name: profile(name, voice["gpt_cond_latent"], voice["speaker_embedding"], {})
            for name, voice in _read(file).items()
        }
    except Exception as exc:  # torch raises unrelated types
        raise EngineError(f"{file} cannot be read ({_first_line(exc)}): {_PULL}") from exc


def built_in_voices(folder: Path) -> tuple[BuiltInVoice, ...]:
    """The built-in voices in `folder`; each speaks every language. Raises EngineError."""
    import_torchaudio()
    return tuple(BuiltInVoice(name) for name in load_speakers(folder))


def profile(
    name: str, conditioning: Any, speaker: Any, provenance: Mapping[str, str]
) -> VoiceProfile:
    """A voice of conditioning latents (1, n, d) and a speaker embedding (1, e, 1), as tensors."""
    return VoiceProfile(
        name=name,
        engine="xtts",
        arrays={
            "conditioning_latents": conditioning[0].detach().float().cpu().numpy(),
            "speaker_embedding": speaker[0, :, 0].detach().float().cpu().numpy(),
        },
        provenance=provenance,
    )


def _read(file: Path) -> Any:
    """Read a file of torch.save that holds tensors, plain values and XTTS's configuration."""
    from TTS.config.shared_configs import BaseDatasetConfig
    from TTS.tts.configs.xtts_config import XttsArgs, XttsAudioConfig, XttsConfig

    allowed = [
        BaseDatasetConfig,
        XttsConfig,
        # The names of these two classes when the model was published.
        (XttsArgs, "TTS.tts.models.xtts.XttsArgs"),
        (XttsAudioConfig, "TTS.tts.models.xtts.XttsAudioConfig"),
    ]
    with torch.serialization.safe_globals(allowed):
        return torch.load(file, map_location="cpu", weights_only=True)


@contextmanager
def _only_errors_of(library: str) -> Iterator[None]:
    """Keep a library's warnings from the log while the block runs."""
    logger = logging.getLogger(library)
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        logger.setLevel(level)


def _first_line(error: BaseException) -> str:
    return f"{type(error).__name__}: {str(error).strip().splitlines()[0] if str(error) else ''}"
