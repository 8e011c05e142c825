"""Voices of Pocket TTS: made from a recording, and those that come with a model."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np

from stslocal.engines.entry import BuiltInVoice
from stslocal.engines.model_json import damaged
from stslocal.engines.pocket.graphs import FRAME, Floats, Graphs, Stream
from stslocal.types import Samples, VoiceProfile

SAMPLE_RATE = 24_000
"""Hertz."""
LONGEST_S = 20.0
"""Seconds of a reference that are used."""
_VOICES, _ANY = "voices.npz", "any"
_PIECE = 12 * FRAME
"""Samples that are encoded at once."""
_STEPS = 16
"""Positions of the encoder's transformer for a frame."""
_WINDOW_S, _FADE_S, _PAUSE_S = 0.02, 0.02, 0.08
_FLOOR_DB = 35.0
"""What is this far below the loudest part is a pause."""


def embed_voice(graphs: Graphs, speech: Samples) -> Floats:
    """Embeddings of a voice for the language model, shape (1, n, width), from 24 kHz speech."""
    stream = Stream(graphs.encoder)
    padded = np.pad(speech, (0, -len(speech) % FRAME))
    pieces = (padded[at : at + _PIECE] for at in range(0, len(padded), _PIECE))
    embedded = [stream.push("samples", piece, len(piece) // FRAME * _STEPS) for piece in pieces]
    return np.concatenate(embedded, axis=1)


def ending_in_a_pause(speech: Samples, sample_rate: int) -> Samples:
    """`speech` with 80 ms of silence at its end, instead of the silence that it has there.

    After a reference that ends within a word the model would finish that word first.
    """
    window = round(_WINDOW_S * sample_rate)
    count = len(speech) // window
    if not count:
        return speech
    frames = speech[: count * window].reshape(count, window)
    power = np.sqrt(np.mean(np.square(frames), axis=1))
    levels = 20 * np.log10(power + 1e-12)
    end = (int(np.flatnonzero(levels > levels.max() - _FLOOR_DB)[-1]) + 1) * window
    kept = speech[:end].copy()
    fade = min(round(_FADE_S * sample_rate), end)
    kept[end - fade :] *= np.linspace(1.0, 0.0, fade, dtype=np.float32)
    return np.pad(kept, (0, round(_PAUSE_S * sample_rate)))


def load_voices(folder: Path, language: str, width: int = 0) -> Mapping[str, VoiceProfile]:
    """The voices that come with the model, by name. Raises ModelIntegrityError.

    Where none do, there is one that is no voice in particular: a reference of no frames, of the
    model's `width`.
    """
    path = folder / _VOICES
    try:
        with np.load(path, allow_pickle=False) as arrays:
            found = dict(_profiles(arrays, language))
    except Exception as error:  # whatever is in the file
        raise damaged(path, error) from error
    nobody = {"speaker": np.zeros((0, width), np.float32)}
    return found or {_ANY: VoiceProfile(_ANY, "pocket", nobody, {"speaks": language})}


def built_in_voices(folder: Path) -> tuple[BuiltInVoice, ...]:
    """The voices that come with a model, as the registry lists them."""
    language = folder.name.removeprefix("pocket-")
    names = load_voices(folder, language)
    return tuple(
        BuiltInVoice(name, language, is_default=number == 0) for number, name in enumerate(names)
    )


def _profiles(arrays: Mapping[str, Floats], language: str) -> Iterator[tuple[str, VoiceProfile]]:
    for key in arrays:
        name, _, kind = key.rpartition(".")
        if kind == "keys":
            pair = {each: np.asarray(arrays[f"{name}.{each}"]) for each in ("keys", "values")}
            yield name, VoiceProfile(name, "pocket", pair, {"speaks": language})
