"""FFmpeg's own measure of loudness, which ours is compared with."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import av
import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Loudness:
    """What the filter `ebur128` says of a whole sound."""

    integrated_lufs: float
    true_peak_dbtp: float


def loudness(samples: NDArray[np.float32], sample_rate: int) -> Loudness:
    """Measure samples, shape (n,) or (n, 2), of at least a second."""
    frames = samples.reshape(len(samples), -1)
    layout = "mono" if frames.shape[1] == 1 else "stereo"
    graph = av.filter.Graph()
    source = graph.add_abuffer(
        sample_rate=sample_rate, format="flt", layout=layout, time_base=Fraction(1, sample_rate)
    )
    meter = graph.add("ebur128", "metadata=1:peak=true")
    source.link_to(meter)
    meter.link_to(graph.add("abuffersink"))
    graph.configure()
    row = np.ascontiguousarray(frames, np.float32).reshape(1, -1)
    frame = av.AudioFrame.from_ndarray(row, format="flt", layout=layout)
    frame.sample_rate, frame.time_base, frame.pts = sample_rate, Fraction(1, sample_rate), 0
    graph.push(frame)
    graph.push(None)
    found: dict[str, str] = {}
    while True:
        try:
            found = {**found, **graph.pull().metadata}
        except (av.BlockingIOError, av.EOFError):
            break
    peaks = [float(value) for key, value in found.items() if "true_peaks_ch" in key]
    return Loudness(float(found["lavfi.r128.I"]), 20 * float(np.log10(max(peaks))))
