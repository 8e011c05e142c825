"""Shortens speech without changing its pitch."""

from __future__ import annotations

from fractions import Fraction

import av
import numpy as np

from stslocal.types import Samples


def shortened(samples: Samples, sample_rate: int, factor: float) -> Samples:
    """Speech of shape (n,) played `factor` times as fast, from 1 to 2: shape (n / factor,), about.

    FFmpeg's `atempo` (WSOLA) leaves out whole periods of the voice, so every sound of the speech
    becomes shorter by the same share.
    """
    if factor == 1.0 or not len(samples):
        return samples
    time_base = Fraction(1, sample_rate)
    graph = av.filter.Graph()
    source = graph.add_abuffer(
        sample_rate=sample_rate, format="flt", layout="mono", time_base=time_base
    )
    tempo = graph.add("atempo", f"{factor:.6f}")
    sink = graph.add("abuffersink")
    source.link_to(tempo)
    tempo.link_to(sink)
    graph.configure()
    frame = av.AudioFrame.from_ndarray(samples.reshape(1, -1), format="flt", layout="mono")
    frame.sample_rate, frame.time_base, frame.pts = sample_rate, time_base, 0
    graph.push(frame)
    graph.push(None)
    parts: list[Samples] = []
    while True:
        try:
            part = graph.pull()
        except (av.BlockingIOError, av.EOFError):
            return np.concatenate(parts) if parts else samples[:0]
        assert isinstance(part, av.AudioFrame)
        parts.append(part.to_ndarray().reshape(-1).astype(np.float32))
