"""Speaks one piece of text: the language model makes a latent of each frame, the decoder sound."""

from __future__ import annotations

import queue
import threading
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import chain, islice, repeat

import numpy as np

from stslocal.engines.pocket.graphs import HEAD, Call, Floats, Graphs, Stream
from stslocal.engines.pocket.text import Piece
from stslocal.types import Samples

FRAMES_PER_S = 12.5
TEMPERATURE = 0.3
"""Variance of the noise from which each frame is made: the vendor's value for all languages."""
ENDING = -4.0
"""Above this value of `ending`, the text is spoken."""

_FIRST_FRAMES, _THEN_FRAMES = (1, 1, 2), 3
"""Frames that are decoded at once. The first alone, to be played soon. Three take up to a quarter
less time than three times one. With these numbers the next are there in time on every machine that
needs no more than two thirds of the time that speech lasts."""
_LEAST_FRAMES = 6
"""Before it is spoken, some texts seem to have ended already."""
TOKENS_PER_S, SPARE_S = 3.0, 2.0
"""A text is cut off after the time that it takes so slowly."""
_FADE = 120
"""Samples of the first frame that are faded in: the decoder begins with a click."""
_DECODER_STEPS = 16
"""Positions of the decoder's transformer for a frame."""


@dataclass(frozen=True, slots=True)
class VoiceState:
    """What the language model has read of a voice: a key and a value for each position."""

    keys: Floats
    """Shape (layers, heads, positions, 64)."""
    values: Floats


class LanguageModel:
    """The language model with a memory of its own, for one piece of text."""

    def __init__(self, graphs: Graphs, capacity: int, voice: VoiceState | None = None) -> None:
        """`capacity` is the number of positions that it will read, those of `voice` included."""
        self._session = graphs.language_model
        heads = graphs.width // HEAD
        shape = (graphs.layers, heads, capacity, HEAD)
        self._memory = np.zeros(shape, np.float32), np.zeros(shape, np.float32)
        self.position = 0
        if voice is not None:
            self.position = voice.keys.shape[2]
            self._memory[0][:, :, : self.position] = voice.keys
            self._memory[1][:, :, : self.position] = voice.values
        self._last, self._total = np.zeros(1, np.int32), np.zeros((), np.int32)
        self.hidden = np.zeros((1, graphs.width), np.float32)
        """What the flow makes the next frame from."""
        self.ending = np.zeros((1, 1), np.float32)
        """Whether the speech ends with that frame, as a logit."""

    def reader(self, embeddings: Floats) -> Callable[[], None]:
        """A function that reads `embeddings`, shape (1, n, width), each time it is called."""
        call = Call(self._session)
        call.give("embeddings", embeddings)
        call.give("last_position", self._last)
        call.give("total_positions", self._total)
        for kind, memory in zip(("keys", "values"), self._memory, strict=True):
            for layer, values in enumerate(memory):
                # Input and output are the same memory, so nothing is copied.
                call.give(f"{kind}.{layer}", values[None])
                call.take(f"next_{kind}.{layer}", values[None])
        call.take("hidden", self.hidden)
        call.take("ending", self.ending)
        count = embeddings.shape[1]

        def read() -> None:
            self.position += count
            self._last[0] = self.position - 1
            self._total[...] = self.position
            call.run()

        return read

    def voice_state(self) -> VoiceState:
        """A copy of what has been read."""
        keys, values = (memory[:, :, : self.position].copy() for memory in self._memory)
        return VoiceState(keys, values)


def read_voice(graphs: Graphs, embeddings: Floats) -> VoiceState:
    """Let the language model read a voice, shape (1, n, width)."""
    model = LanguageModel(graphs, embeddings.shape[1])
    if embeddings.shape[1]:
        model.reader(embeddings)()
    return model.voice_state()


def latents(
    graphs: Graphs,
    voice: VoiceState,
    piece: Piece,
    begin: int,
    *,
    noise: Callable[[], Floats] | None = None,
) -> Iterator[Floats]:
    """Yield the latent, shape (1, latent), of each frame of a piece.

    `begin` is the token with which speech begins. `noise` gives the noise of a frame, of the same
    shape; without it, the same text gets the same noise every time.
    """
    draw = noise or _noise(piece, graphs.latent)
    longest = int(np.ceil((len(piece.tokens) / TOKENS_PER_S + SPARE_S) * FRAMES_PER_S))
    text = graphs.embeddings([*piece.tokens, begin])
    model = LanguageModel(graphs, voice.keys.shape[2] + text.shape[1] + longest, voice)
    model.reader(text)()
    latent = np.zeros((1, graphs.latent), np.float32)
    values = np.zeros_like(latent)
    embedding = np.zeros((1, 1, graphs.width), np.float32)
    flow = Call(graphs.flow)
    flow.give("hidden", model.hidden)
    flow.give("noise", values)
    flow.take("latent", latent)
    flow.take("embedding", embedding)
    read = model.reader(embedding)
    last = longest
    for frame in range(longest):
        if last == longest and frame >= _LEAST_FRAMES and float(model.ending[0, 0]) > ENDING:
            last = frame + piece.frames_after
        if frame >= last:
            return
        values[:] = draw()
        flow.run()
        yield latent.copy()
        if frame + 1 < longest:
            read()


def sound(graphs: Graphs, made: Iterator[Floats]) -> Iterator[Samples]:
    """Decode latents, shape (1, latent) each, to samples of a few frames at a time."""
    stream = Stream(graphs.decoder)
    first = True
    for count in chain(_FIRST_FRAMES, repeat(_THEN_FRAMES)):
        frames = list(islice(made, count))
        if frames:
            rows = np.concatenate(frames)
            samples = np.clip(stream.push("latents", rows, _DECODER_STEPS * len(rows)), -1.0, 1.0)
            if first:
                samples[:_FADE] *= np.linspace(0.0, 1.0, _FADE, dtype=np.float32)
                first = False
            yield samples
        if len(frames) < count:
            return


def ahead(made: Iterator[Floats]) -> Iterator[Floats]:
    """The same items, made by a thread of its own while the caller works on earlier ones.

    The thread ends with the iterator. Raises what `made` raises.
    """
    ready: queue.SimpleQueue[Floats | BaseException | None] = queue.SimpleQueue()
    stopped = threading.Event()

    def work() -> None:
        try:
            for item in made:
                ready.put(item)
                if stopped.is_set():
                    return
            ready.put(None)
        except BaseException as error:  # noqa: BLE001 - raised again in the caller's thread
            ready.put(error)

    thread = threading.Thread(target=work, name="pocket latents", daemon=True)
    thread.start()
    try:
        while (item := ready.get()) is not None:
            if isinstance(item, BaseException):
                raise item
            yield item
    finally:
        stopped.set()
        thread.join()


def _noise(piece: Piece, width: int) -> Callable[[], Floats]:
    draws = np.random.default_rng(zlib.crc32(piece.text.encode()))

    def draw() -> Floats:
        normal = draws.standard_normal((1, width), np.float32)
        return np.asarray(normal * np.float32(TEMPERATURE**0.5), np.float32)

    return draw
