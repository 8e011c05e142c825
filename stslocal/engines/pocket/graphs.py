"""The graphs of a Pocket TTS model, loaded, and the states of a stream through one of them.

Weights and states are apart: any number of sentences share the graphs, each with states of its own.
A state stays where onnxruntime has put it, and is bound to the next call.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from stslocal.engines.kokoro.exact_products import EXACT_PRODUCTS, fast_products_overflow

Floats = NDArray[np.float32]

FRAME = 1920
"""Samples of a frame: 80 ms at 24 kHz."""
HEAD = 64
"""Width of an attention head."""
FILES = (
    "text.onnx",
    "language_model.onnx",
    "flow.onnx",
    "decoder.onnx",
    "encoder.onnx",
    "largest_product.onnx",
)


@dataclass(frozen=True, slots=True)
class Graphs:
    """The five graphs. `models/building/pocket` says what each takes and gives."""

    text: onnxruntime.InferenceSession
    language_model: onnxruntime.InferenceSession
    flow: onnxruntime.InferenceSession
    decoder: onnxruntime.InferenceSession
    encoder: onnxruntime.InferenceSession

    @classmethod
    def load(cls, folder: Path, threads: int) -> Graphs:
        """Load them from `folder`, each to compute with that many threads."""
        exact = fast_products_overflow(folder / FILES[-1])
        return cls(*(_session(folder / name, threads, exact=exact) for name in FILES[:-1]))

    @property
    def width(self) -> int:
        """Of an embedding."""
        return int(self.language_model.get_inputs()[0].shape[2])

    @property
    def latent(self) -> int:
        """Of a frame's latent."""
        return int(self.decoder.get_inputs()[0].shape[1])

    @property
    def layers(self) -> int:
        """Of the language model."""
        names = [each.name for each in self.language_model.get_inputs()]
        return sum(name.startswith("keys.") for name in names)

    def embeddings(self, tokens: list[int]) -> Floats:
        """Embed tokens: shape (1, n, width)."""
        ids = np.asarray(tokens, np.int64)
        (embedded,) = self.text.run(None, {"tokens": ids})
        return np.asarray(embedded, np.float32)


class Stream:
    """A recording on its way through the decoder or the encoder, a few frames at a time."""

    def __init__(self, session: onnxruntime.InferenceSession) -> None:
        self._session = session
        self._position = 0
        self._states = {
            each.name: onnxruntime.OrtValue.ortvalue_from_numpy(np.zeros(each.shape, np.float32))
            for each in session.get_inputs()
            if each.name.startswith("state.")
        }
        self._result = session.get_outputs()[-1].name

    def push(self, name: str, values: Floats, positions: int) -> Floats:
        """What the graph makes of the next frames, which are the input `name`.

        `positions` is how many its transformer has for them.
        """
        call = Call(self._session)
        call.give(name, np.ascontiguousarray(values))
        call.give("position", np.array([self._position], np.int64))
        if name == "samples":
            call.give("first", np.array([self._position == 0], np.float32))
        for state, value in self._states.items():
            call.give_state(state, value)
        outputs = [self._result, *(f"next.{state[6:]}" for state in self._states)]
        made, *states = call.run_for(outputs)
        self._states = dict(zip(self._states, states, strict=True))
        self._position += positions
        return np.asarray(made.numpy(), np.float32)


class Call:
    """A call of a graph whose inputs and outputs are in memory of ours, made once or many times."""

    def __init__(self, session: onnxruntime.InferenceSession) -> None:
        self._session = session
        self._binding = session.io_binding()
        # onnxruntime keeps the address of an array, and not the array.
        self._kept: list[onnxruntime.OrtValue] = []

    def give(self, name: str, values: NDArray[Any]) -> None:
        """Read an input from `values` at each call."""
        self.give_state(name, onnxruntime.OrtValue.ortvalue_from_numpy(values))

    def give_state(self, name: str, value: onnxruntime.OrtValue) -> None:
        """Read an input from where an earlier call has left it."""
        self._kept.append(value)
        self._binding.bind_ortvalue_input(name, value)

    def take(self, name: str, values: NDArray[Any]) -> None:
        """Write an output into `values` at each call."""
        self._kept.append(onnxruntime.OrtValue.ortvalue_from_numpy(values))
        self._binding.bind_ortvalue_output(name, self._kept[-1])

    def run(self) -> None:
        """Call the graph."""
        self._session.run_with_iobinding(self._binding)

    def run_for(self, outputs: list[str]) -> list[onnxruntime.OrtValue]:
        """Call the graph for outputs in memory of onnxruntime's."""
        for name in outputs:
            self._binding.bind_output(name)
        self.run()
        return list(self._binding.get_outputs())


def _session(path: Path, threads: int, *, exact: bool) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.log_severity_level = 4
    # Lengths differ from call to call, so a plan of all buffers for one length serves none.
    options.enable_mem_pattern = False
    options.add_session_config_entry(EXACT_PRODUCTS, str(int(exact)))
    return onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
