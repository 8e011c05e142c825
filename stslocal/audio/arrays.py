"""What a program gives as a recording: a path, an open file, or sound that it holds in memory."""

from __future__ import annotations

import io
import os
import struct
from numbers import Integral
from pathlib import Path
from typing import Any, BinaryIO, TypeAlias

import numpy as np
from numpy.typing import NDArray

from stslocal.audio.resample import from_int16
from stslocal.errors import AudioDecodeError

AudioArray: TypeAlias = tuple[NDArray[Any], int]
"""Samples and their rate in hertz, as `soundfile.read` returns them. The samples have the shape
(n,) or (n, channels) and are float32 or float64 in [-1, 1], or int16."""

Recording: TypeAlias = str | os.PathLike[str] | BinaryIO | AudioArray
"""A path, an open binary file, or samples with their rate."""

_RATES = range(1000, 768_001)
"""Hertz."""
_MOST_CHANNELS = 64
_LOUDEST = 100.0
"""Floats are nominally in [-1, 1]. Larger ones are clipped sound; these are no sound at all, or
integers that were not divided."""
_HEADER = struct.Struct(">4s5I")
_FLOAT32, _UNKNOWN_LENGTH = 6, 0xFFFF_FFFF


def opened_recording(given: object, what: str) -> Path | BinaryIO:
    """Return a Recording as a path, or as a stream that can be read like a recording.

    Raises AudioDecodeError for everything that is no Recording; `what` begins the sentence.
    """
    if isinstance(given, str | os.PathLike):
        return Path(os.fsdecode(given))
    if isinstance(given, tuple):
        return _as_stream(given, what)
    if callable(getattr(given, "read", None)) and not isinstance(given, io.TextIOBase):
        stream: BinaryIO = given  # type: ignore[assignment]
        return stream
    if hasattr(given, "dtype"):
        raise AudioDecodeError(f"{what} has no sample rate: give (samples, sample_rate)")
    raise AudioDecodeError(
        f"{what} is {_short(given)}: give a path, an open binary file or (samples, sample_rate)"
    )


def checked_rate(rate: object, what: str) -> int:
    """Return a sample rate in hertz. Raises AudioDecodeError; `what` begins the sentence."""
    if isinstance(rate, bool) or not isinstance(rate, Integral) or int(rate) not in _RATES:
        raise AudioDecodeError(
            f"{what} has the sample rate {_short(rate)}: give a whole number of hertz from "
            f"{_RATES[0]} to {_RATES[-1]}, such as 16000"
        )
    return int(rate)


def checked_samples(samples: object, what: str) -> NDArray[np.float32]:
    """Return samples as float32, shape (n,) or (n, channels), n may be 0.

    Raises AudioDecodeError for everything else than sound; `what` begins the sentence.
    """
    try:
        array: NDArray[Any] = np.asarray(samples)
    except Exception as error:  # what other libraries' arrays raise
        raise AudioDecodeError(f"{what} is not an array of samples: {error}") from error
    if array.dtype.newbyteorder("=") not in (np.float32, np.float64, np.int16):
        raise AudioDecodeError(
            f"{what} has the type {array.dtype}: give samples as float32 in [-1, 1] or as int16"
        )
    if array.ndim not in (1, 2) or (array.ndim == 2 and not 1 <= array.shape[1] <= _MOST_CHANNELS):
        raise AudioDecodeError(
            f"{what} has the shape {array.shape}: give (samples,), or (samples, channels) with at "
            f"most {_MOST_CHANNELS} channels"
        )
    if array.dtype.kind == "i":
        return from_int16(array)
    if not np.isfinite(array).all():
        raise AudioDecodeError(f"{what} has values that are no numbers (NaN or infinite)")
    peak = float(np.abs(array).max(initial=0.0))
    if peak > _LOUDEST:
        raise AudioDecodeError(
            f"{what} has values up to {peak:g}: floats are in [-1, 1]; divide 16-bit values by "
            "32768, or give them as int16"
        )
    return array.astype(np.float32, copy=False)


def _as_stream(audio: tuple[object, ...], what: str) -> BinaryIO:
    """Return an AU file in memory: its header has room for any rate, channels and length."""
    if len(audio) != 2 or isinstance(audio[0], Integral):
        raise AudioDecodeError(f"{what} is not (samples, sample_rate): give these two, in order")
    samples, rate = checked_samples(audio[0], what), checked_rate(audio[1], what)
    if not len(samples):
        raise AudioDecodeError(f"{what} has no samples: record it again")
    channels = samples.shape[1] if samples.ndim == 2 else 1
    stream = io.BytesIO()
    stream.write(_HEADER.pack(b".snd", _HEADER.size, _UNKNOWN_LENGTH, _FLOAT32, rate, channels))
    stream.write(np.ascontiguousarray(samples, ">f4").data)
    stream.seek(0)
    return stream


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 40 else f"a {type(value).__name__}"
