"""Speech made on the spot with espeak-ng, which comes with the starter pack's synthesizer.

The voice is a machine's, so it is a hard and repeatable test: the same text gives the same samples.
"""

from __future__ import annotations

import ctypes
from functools import cache

import espeakng_loader
import numpy as np

from stslocal.audio.resample import from_int16, resample
from stslocal.types import RECOGNITION_RATE, Samples

_SYNCHRONOUS = 2
_UTF8 = 1
_WORDS_PER_MINUTE = 1
_CALLBACK = ctypes.CFUNCTYPE(
    ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.c_void_p
)


def speech(text: str, *, voice: str = "en-us", words_per_minute: int = 150) -> Samples:
    """The speech of a text, mono at 16 kHz, shape (n,)."""
    library, rate = _library()
    blocks: list[bytes] = []

    def take(samples: ctypes._Pointer[ctypes.c_short], count: int, _events: int) -> int:
        if samples and count > 0:
            blocks.append(ctypes.string_at(samples, 2 * count))
        return 0

    callback = _CALLBACK(take)
    library.espeak_SetSynthCallback(callback)
    library.espeak_SetVoiceByName(voice.encode())
    library.espeak_SetParameter(_WORDS_PER_MINUTE, words_per_minute, 0)
    encoded = text.encode() + b"\0"
    library.espeak_Synth(encoded, len(encoded), 0, 0, 0, _UTF8, None, None)
    library.espeak_Synchronize()
    return resample(from_int16(np.frombuffer(b"".join(blocks), np.int16)), rate, RECOGNITION_RATE)


@cache
def _library() -> tuple[ctypes.CDLL, int]:
    library = ctypes.CDLL(espeakng_loader.get_library_path())
    data = espeakng_loader.get_data_path().encode()
    return library, library.espeak_Initialize(_SYNCHRONOUS, 0, data, 0)
