"""What the figures mean. Those that belong to one event are properties of it, in `events`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

_WRITTEN_WITHOUT_SPACES = frozenset({"ja", "zh", "zh-Hant", "yue", "th", "lo", "my", "km"})


@dataclass(frozen=True, slots=True)
class Percentiles:
    """How a figure is distributed over a run.

    Percentiles lie between the two nearest values, weighted by distance (numpy's `linear`).
    """

    count: int
    mean: float
    p50: float
    p95: float
    maximum: float

    @classmethod
    def of(cls, values: Sequence[float]) -> Percentiles | None:
        """None where there are no values."""
        if not values:
            return None
        p50, p95 = np.percentile(values, (50, 95), method="linear")
        return cls(len(values), float(np.mean(values)), float(p50), float(p95), max(values))


def real_time_factor(processing_s: float, audio_s: float) -> float:
    """Seconds of work for a second of audio: below 1 keeps up. 0 before there is audio."""
    return processing_s / audio_s if audio_s > 0 else 0.0


def start_offset(delays_s: Sequence[float]) -> float:
    """When the translation starts, in seconds after the source's start (SimulEval: StartOffset).

    `delays_s`: when each unit of the translation was delivered, in order, counted from there.
    """
    return delays_s[0]


def end_offset(delays_s: Sequence[float], source_s: float) -> float:
    """How long after the source's end the translation ends (SimulEval: EndOffset)."""
    return delays_s[-1] - source_s


def length_adaptive_average_lagging(
    delays_s: Sequence[float], source_s: float, reference_units: int
) -> float:
    """How far the translation trails an ideal one that keeps pace with the source, in seconds.

    LAAL of Papi et al. 2022, "Over-Generation Cannot Be Rewarded: Length-Adaptive Average Lagging
    for Simultaneous Speech Translation", with delivery times that include computation. The ideal
    delivers unit i of n at i/n of `source_s`, where n is the longer of translation and reference.
    Averaged up to the first unit that comes when the source is over.
    """
    pace_s = source_s / max(len(delays_s), reference_units)
    lags_s = []
    for unit, delay_s in enumerate(delays_s):
        lags_s.append(delay_s - unit * pace_s)
        if delay_s >= source_s:
            break
    return sum(lags_s) / len(lags_s)


def latency_units(text: str, language: str) -> int:
    """Units that LAAL counts: words, or characters where words are written without spaces."""
    words = text.split()
    return len("".join(words)) if language in _WRITTEN_WITHOUT_SPACES else len(words)


def lag_slope(times_s: Sequence[float], lags_s: Sequence[float]) -> float:
    """Seconds of lag gained per second of speech: the slope of the least-squares line.

    0 where all measurements are from one time, or there are none.
    """
    if len(set(times_s)) < 2:
        return 0.0
    times, lags = np.asarray(times_s, np.float64), np.asarray(lags_s, np.float64)
    times = times - times.mean()
    return float(times @ (lags - lags.mean()) / (times @ times))


def normalized_erasure(shown: Sequence[Sequence[str]]) -> float:
    """Words taken back for each word of the final text, which must have some.

    NE of Arivazhagan et al. 2020, "Re-translation versus Streaming for Simultaneous Translation".
    `shown` is as for `erased_words`.
    """
    return erased_words(shown) / len(shown[-1])


def erased_words(shown: Sequence[Sequence[str]]) -> int:
    """Words that were on display and then taken back.

    `shown` holds what was on display, version by version, as words; the last one is final. A
    version takes back those words of the one before that follow their longest common prefix.
    """
    erased = 0
    for before, after in pairwise(shown):
        kept = 0
        for old, new in zip(before, after, strict=False):
            if old != new:
                break
            kept += 1
        erased += len(before) - kept
    return erased
