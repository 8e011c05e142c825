"""Changes the tempo of speech without changing its pitch."""

from __future__ import annotations

from fractions import Fraction

import av
import numpy as np

from stslocal.types import Samples


class TempoChanger:
    """Speech in pieces, played `factor` times as fast, from 0.5 to 2.

    FFmpeg's `atempo` (WSOLA) leaves out whole periods of the voice or repeats them, so every sound
    of the speech changes by the same share. The pieces make no difference.
    """

    def __init__(self, sample_rate: int, factor: float) -> None:
        """`factor` 1 leaves everything as it is."""
        self._rate = sample_rate
        self._position = 0
        self._graph: av.filter.Graph | None = None
        if factor == 1.0:
            return
        graph = self._graph = av.filter.Graph()
        source = graph.add_abuffer(
            sample_rate=sample_rate, format="flt", layout="mono", time_base=Fraction(1, sample_rate)
        )
        tempo = graph.add("atempo", f"{factor:.6f}")
        source.link_to(tempo)
        tempo.link_to(graph.add("abuffersink"))
        graph.configure()

    def push(self, samples: Samples) -> Samples:
        """What is ready once `samples`, shape (n,), are known: as many or fewer, even none."""
        if self._graph is None or not len(samples):
            return samples
        frame = av.AudioFrame.from_ndarray(samples.reshape(1, -1), format="flt", layout="mono")
        frame.sample_rate = self._rate
        frame.time_base, frame.pts = Fraction(1, self._rate), self._position
        self._position += len(samples)
        self._graph.push(frame)
        return self._pull()

    def finish(self) -> Samples:
        """The rest."""
        if self._graph is None or not self._position:
            return np.zeros(0, np.float32)
        self._graph.push(None)
        return self._pull()

    def _pull(self) -> Samples:
        assert self._graph is not None
        parts = [np.zeros(0, np.float32)]
        while True:
            try:
                part = self._graph.pull()
            except (av.BlockingIOError, av.EOFError):
                return np.concatenate(parts)
            assert isinstance(part, av.AudioFrame)
            parts.append(part.to_ndarray().reshape(-1).astype(np.float32))


def shortened(samples: Samples, sample_rate: int, factor: float) -> Samples:
    """Speech of shape (n,) played `factor` times as fast, from 1 to 2: about (n / factor,)."""
    if factor == 1.0 or not len(samples):
        return samples
    changer = TempoChanger(sample_rate, factor)
    return np.concatenate([changer.push(samples), changer.finish()])
