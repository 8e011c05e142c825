"""GE2E speaker encoder: turns speech into 256 numbers that identify the speaker.

Three LSTM layers over mel spectrograms of 1.6 s, a linear layer and ReLU; an utterance is the
mean of its overlapping partials of 1.6 s. Mel filters, framing and level are the same as in the
training of the weights. The network is an ONNX graph that is made when the model is installed:
onnxruntime takes a third of numpy's time for it, with one thread that waits for no other.

Sources: Wan et al. 2018, "Generalized End-to-End Loss for Speaker Verification"; weights and
front end of Resemblyzer 0.1.4 (Apache-2.0); mel scale and filters of Slaney's Auditory Toolbox
as librosa computes them.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from stslocal.engines.failures import as_engine_error
from stslocal.errors import EngineError, ModelNotFoundError
from stslocal.types import RECOGNITION_RATE, Embedding, Samples

Floats = NDArray[np.float32]

_FILE = "ge2e.onnx"
"""`mel`, float32, shape (160, partials, 40), to `raw`, shape (partials, 256)."""
EMBEDDING_SIZE = 256
MEL_BANDS = 40
_WINDOW, _HOP = 400, 160
"""Samples: 25 ms every 10 ms."""
_PARTIAL_FRAMES = 160
"""Frames in a partial of 1.6 s, the input of the network."""
_PARTIALS_PER_S = 1.3
_LEAST_COVERAGE = 0.75
"""A last partial with a smaller share of sound is left out."""
_LEVEL = 10 ** (-30 / 20)
"""Root mean square to which quieter audio is raised: -30 dBFS."""


class Ge2eEncoder:
    """A `SpeakerEncoder`, safe to share between threads."""

    def __init__(self, session: onnxruntime.InferenceSession) -> None:
        self._session = session

    @classmethod
    def load(cls, folder: Path) -> Ge2eEncoder:
        """Load `ge2e.onnx` from `folder`.

        Raises ModelNotFoundError when it is missing and EngineError when it cannot be loaded.
        """
        path = folder / _FILE
        if not path.is_file():
            raise ModelNotFoundError("ge2e is not installed: run `stslocal models pull starter`")
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.log_severity_level = 4
        with as_engine_error(f"The speaker encoder {path} cannot be loaded"):
            session = onnxruntime.InferenceSession(
                path, options, providers=["CPUExecutionProvider"]
            )
        return cls(session)

    def embed(self, audio: Samples) -> Embedding:
        """Embed speech at 16 kHz, shape (n,): shape (256,), float32, unit length.

        The partials of 1.6 s overlap by half; shorter audio is padded with silence. Cut long
        pauses before, because they are embedded like speech. Raises EngineError for audio
        without any sound.
        """
        starts, stop = partials(len(audio))
        mel = mel_spectrogram(np.pad(_raised(audio), (0, max(0, stop - len(audio)))))
        frames = np.stack([mel[start : start + _PARTIAL_FRAMES] for start in starts])
        mean = self._embed_partials(frames).mean(axis=0)
        length = float(np.linalg.norm(mean))
        if not length > 0.0:
            raise EngineError("The speaker encoder finds no voice in this audio")
        return np.asarray(mean / length, np.float32)

    def _embed_partials(self, mels: Floats) -> Floats:
        """`mels` of shape (partials, 160, 40) to unit embeddings, shape (partials, 256)."""
        frames_first = np.ascontiguousarray(mels.transpose(1, 0, 2))
        with as_engine_error("The speaker encoder failed"):
            (raw,) = self._session.run(None, {"mel": frames_first})
        lengths = np.linalg.norm(raw, axis=1, keepdims=True)
        return np.asarray(raw / np.maximum(lengths, 1e-12), np.float32)


def mel_spectrogram(audio: Samples) -> Floats:
    """Power in 40 mel bands of 16 kHz audio, shape (1 + n // 160, 40), not in decibels."""
    padded = np.pad(audio, _WINDOW // 2)
    frames = np.lib.stride_tricks.sliding_window_view(padded, _WINDOW)[::_HOP]
    spectrum = np.fft.rfft(frames * _hann(), axis=1)
    power = spectrum.real**2 + spectrum.imag**2
    return np.asarray(power @ mel_filters().T, np.float32)


def _raised(audio: Samples) -> Samples:
    level = float(np.sqrt(np.mean(np.square(audio, dtype=np.float64)))) if audio.any() else _LEVEL
    return audio if level >= _LEVEL else audio * np.float32(_LEVEL / level)


def partials(samples: int) -> tuple[list[int], int]:
    """First frames of the partials of an utterance, and the end of the last one in samples."""
    frames = -(-(samples + 1) // _HOP)
    step = round(RECOGNITION_RATE / _PARTIALS_PER_S / _HOP)
    starts = list(range(0, max(1, frames - _PARTIAL_FRAMES + step + 1), step))
    covered = (samples - starts[-1] * _HOP) / (_PARTIAL_FRAMES * _HOP)
    if covered < _LEAST_COVERAGE and len(starts) > 1:
        starts.pop()
    return starts, (starts[-1] + _PARTIAL_FRAMES) * _HOP


@cache
def _hann() -> Floats:
    """Periodic Hann window, shape (400,)."""
    phase = 2 * np.pi * np.arange(_WINDOW) / _WINDOW
    return (0.5 - 0.5 * np.cos(phase)).astype(np.float32)


@cache
def mel_filters() -> Floats:
    """Triangles of equal area on Slaney's mel scale, shape (40, 201)."""
    edges = _hertz(np.linspace(0.0, _mel(RECOGNITION_RATE / 2), MEL_BANDS + 2))
    bins = np.linspace(0.0, RECOGNITION_RATE / 2, _WINDOW // 2 + 1)
    rise = (bins - edges[:-2, None]) / np.diff(edges)[:-1, None]
    fall = (edges[2:, None] - bins) / np.diff(edges)[1:, None]
    triangles = np.maximum(0.0, np.minimum(rise, fall))
    return (triangles * (2.0 / (edges[2:] - edges[:-2]))[:, None]).astype(np.float32)


# Slaney's scale: linear below 1 kHz (15 mel), then logarithmic, 27 mel for a factor of 6.4.
_LINEAR_HZ, _KNEE_HZ, _KNEE_MEL = 200.0 / 3.0, 1000.0, 15.0
_LOG_STEP = np.log(6.4) / 27.0


def _mel(hertz: float) -> float:
    if hertz < _KNEE_HZ:
        return hertz / _LINEAR_HZ
    return float(_KNEE_MEL + np.log(hertz / _KNEE_HZ) / _LOG_STEP)


def _hertz(mel: NDArray[np.float64]) -> NDArray[np.float64]:
    above = _KNEE_HZ * np.exp(_LOG_STEP * (mel - _KNEE_MEL))
    return np.where(mel < _KNEE_MEL, mel * _LINEAR_HZ, above)
