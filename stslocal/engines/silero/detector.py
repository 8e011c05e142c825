"""Silero VAD 6: the probability that a window of 32 ms holds speech.

The ONNX model is a file of the faster-whisper package, so it is always installed in the right
version. A window is 512 samples at 16 kHz. The model also takes the 64 samples before it and
the memory of its LSTM. The caller keeps both in a `SileroState`, so one detector serves any
number of streams.

After a loud speaker the model misses one who is 30 dB quieter, because its memory expects the
loud one. Quiet sound is therefore made up to 20 dB louder before the model takes it. Who calls the
detector keeps the sound as it is.

Source: https://github.com/snakers4/silero-vad (MIT).
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from stslocal.engines.failures import as_engine_error
from stslocal.engines.protocols import VadState
from stslocal.errors import EngineError, ModelNotFoundError
from stslocal.types import Samples

WINDOW = 512
"""Samples at 16 kHz."""
CONTEXT = 64
"""Samples before a window that the model takes with it."""
_MEMORY = 128
_LOUDNESS = 0.02
"""Root mean square of quiet speech (-34 dBFS). Louder sound is not changed."""
_USUAL_LOUDNESS = 0.05
"""That of usual speech (-26 dBFS), which is expected of a stream's beginning: a silence before its
first word is not made louder at once, which would move the word's start."""
_MOST_GAIN = 10.0
"""20 dB. A second speaker 32 and 38 dB below the first is found with it. In 15 minutes of noise,
music and silence it finds no speech, as without it; in 5 minutes of speech 0.2 % more."""
_RELEASE = 0.93
"""The loudness that is expected falls by this factor a window, 20 dB a second."""
_WINDOWS_PER_RUN = 512
"""Limit of one run of the model: 16 s of sound, for which it allocates about 50 MB."""


@dataclass(frozen=True, slots=True)
class SileroState:
    """The state of the detector between two windows of a stream."""

    hidden: NDArray[np.float32]
    """Shape (1, 1, 128)."""
    cell: NDArray[np.float32]
    """Shape (1, 1, 128)."""
    context: Samples
    """The last 64 samples that the model took, shape (64,)."""
    loudness: float = _USUAL_LOUDNESS
    """The loudness of the loudest window of late, less the more time has passed since it."""
    gain: float = 1.0
    """What the last sample was multiplied by."""


class SileroVad:
    """A `VoiceActivityDetector` for 16 kHz audio, safe to share between threads."""

    window = WINDOW

    def __init__(self, session: onnxruntime.InferenceSession) -> None:
        self._session = session

    @classmethod
    def load(cls, model: Path | None = None) -> SileroVad:
        """Load `model`, by default the one of faster-whisper.

        Raises ModelNotFoundError when it is missing and EngineError when it cannot be read.
        """
        path = model or _packaged_model()
        if not path.is_file():
            raise ModelNotFoundError(
                f"The voice activity model {path} is missing: "
                "run `pip install --force-reinstall faster-whisper`"
            )
        options = onnxruntime.SessionOptions()
        # One window takes about 0.4 ms: handing work to a second thread would take longer.
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        options.log_severity_level = 4
        with as_engine_error(f"The voice activity model {path} cannot be loaded"):
            session = onnxruntime.InferenceSession(
                str(path), sess_options=options, providers=["CPUExecutionProvider"]
            )
        return cls(session)

    def initial_state(self) -> SileroState:
        """The state before the first window of a stream."""
        return SileroState(
            hidden=np.zeros((1, 1, _MEMORY), np.float32),
            cell=np.zeros((1, 1, _MEMORY), np.float32),
            context=np.zeros(CONTEXT, np.float32),
        )

    def probabilities(
        self, samples: Samples, state: VadState
    ) -> tuple[NDArray[np.float32], SileroState]:
        """Probability (0 to 1) of speech in each of the windows.

        `samples` has shape (n * 512,); the result has shape (n,). Many windows at once
        take about a third of the time of the same windows one by one.
        """
        if not isinstance(state, SileroState):
            raise EngineError("A voice activity state comes from this detector's initial_state()")
        if len(samples) % WINDOW:
            raise EngineError(f"{len(samples)} samples are not a whole number of windows")
        found: list[NDArray[np.float32]] = []
        step = WINDOW * _WINDOWS_PER_RUN
        for start in range(0, len(samples), step):
            probabilities, state = self._run(samples[start : start + step], state)
            found.append(probabilities)
        return (np.concatenate(found) if found else np.zeros(0, np.float32)), state

    def _run(self, samples: Samples, state: SileroState) -> tuple[NDArray[np.float32], SileroState]:
        levelled, loudness, gain = _levelled(samples, state)
        stream = np.concatenate([state.context, levelled], dtype=np.float32)
        overlapping = np.lib.stride_tricks.sliding_window_view(stream, CONTEXT + WINDOW)[::WINDOW]
        with as_engine_error("Voice activity detection failed"):
            probabilities, hidden, cell = self._session.run(
                None,
                {"input": np.ascontiguousarray(overlapping), "h": state.hidden, "c": state.cell},
            )
        return probabilities.reshape(-1), SileroState(
            hidden, cell, stream[-CONTEXT:].copy(), loudness, gain
        )


def _levelled(samples: Samples, state: SileroState) -> tuple[Samples, float, float]:
    """Make quiet windows louder; give the samples, the loudness that is expected and the last gain.

    The gain goes from its old value to its new one within a window.
    """
    windows = samples.reshape(-1, WINDOW)
    expected = state.loudness
    gains = [state.gain]
    for loudness in np.sqrt(np.mean(np.square(windows, dtype=np.float64), axis=1)):
        expected = max(float(loudness), expected * _RELEASE)
        gains.append(min(_MOST_GAIN, max(1.0, _LOUDNESS / max(expected, 1e-9))))
    if max(gains) == 1.0:
        return samples, expected, 1.0
    edges = np.array(gains, np.float32)
    ramp = np.linspace(0.0, 1.0, WINDOW, dtype=np.float32)
    gain = edges[:-1, None] + np.diff(edges)[:, None] * ramp
    levelled: Samples = np.clip(windows * gain, -1.0, 1.0).reshape(-1)
    return levelled, expected, gains[-1]


def _packaged_model() -> Path:
    # `find_spec` does not import the package, nor all that it imports.
    spec = find_spec("faster_whisper")
    if spec is None or spec.origin is None:
        raise ModelNotFoundError(
            "The voice activity model comes with faster-whisper: run `pip install faster-whisper`"
        )
    return Path(spec.origin).parent / "assets" / "silero_vad_v6.onnx"
