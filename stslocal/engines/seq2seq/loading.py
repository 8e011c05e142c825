"""Loads a translation model of CTranslate2 and its tokenizers."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import ctranslate2
from sentencepiece import SentencePieceProcessor

from stslocal.engines.cuda import device_for
from stslocal.engines.model_json import damaged, how_to_get
from stslocal.engines.seq2seq.compute_choice import choose, time_tokens
from stslocal.errors import EngineError

_log = logging.getLogger(__name__)

_TRIAL_WORDS = 12


@dataclass(frozen=True, slots=True)
class Computing:
    """How a person wants models to compute."""

    device: str = "auto"
    compute_type: str = "auto"
    """On a CPU, `auto` is the type that is the fastest there; on CUDA it is float16."""
    threads: int = 0
    """0 for the number that is the fastest."""
    announce: Callable[[str], None] = lambda text: None
    """Called with a sentence for the person before a measurement."""


def load_pieces(path: Path) -> SentencePieceProcessor:
    """Load a sentencepiece model. Raises ModelIntegrityError."""
    try:
        return SentencePieceProcessor(model_file=str(path))
    except (RuntimeError, OSError) as error:
        raise damaged(path, error) from error


def load_model(
    folder: Path,
    vocabulary: Sequence[str],
    computing: Computing,
    *,
    begin: Sequence[str] = (),
    end: Sequence[str] = (),
    prefix: Sequence[str] = (),
) -> ctranslate2.Translator:
    """Load the model in a folder. Raises EngineError when it cannot be used on the device.

    How to compute is measured on a CPU when a model is first loaded. That translates words of
    `vocabulary` between `begin` and `end`, whose translation begins with `prefix`.
    """
    device, compute_type = device_for(computing.device), computing.compute_type
    if compute_type == "auto" and device == "cuda":
        compute_type = "float16"
    threads = computing.threads
    try:
        if device == "cpu":
            words = [token for token in vocabulary if token.startswith("\u2581")][:_TRIAL_WORDS]
            chosen = choose(
                folder,
                time_tokens(folder, [*begin, *words, *end], prefix),
                compute_type=compute_type,
                threads=threads,
                announce=computing.announce,
            )
            compute_type, threads = chosen.compute_type, chosen.threads
        model = ctranslate2.Translator(
            str(folder), device=device, compute_type=compute_type, intra_threads=threads
        )
    except (RuntimeError, ValueError) as error:
        raise EngineError(
            f"the translation model in {folder} cannot be loaded ({error}): "
            f"if it is damaged, {how_to_get(folder)}"
        ) from error
    used = model.compute_type
    _log.info("%s computes on %s in %s, threads %s", folder.name, device, used, threads or "all")
    return model
