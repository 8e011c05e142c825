"""Defines the figures. A figure of a single event is a property of that event, in `events`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

_WRITTEN_WITHOUT_SPACES = frozenset({"ja", "zh", "zh-Hant", "yue", "th", "lo", "my", "km"})


@dataclass(frozen=True, slots=True)
class Percentiles:
    """The distribution of a figure over a run.

    A percentile is interpolated between the two nearest values (numpy's `linear`).
    """

    count: int
    mean: float
    p50: float
    p95: float
    maximum: float

    @classmethod
    def of(cls, values: Sequence[float]) -> Percentiles | None:
        """Compute them from values; None if there are none."""
        if not values:
            return None
        p50, p95 = np.percentile(values, (50, 95), method="linear")
        return cls(len(values), float(np.mean(values)), float(p50), float(p95), max(values))


def real_time_factor(processing_s: float, audio_s: float) -> float:
    """Seconds of work per second of audio; below 1 keeps up. 0 if there is no audio yet."""
    return processing_s / audio_s if audio_s > 0 else 0.0


def speed_in_words(factor: float) -> str:
    """A real-time factor for a person: `2.3 × faster`, than the sound takes; empty for 0."""
    if factor <= 0:
        return ""
    times, word = (1 / factor, "faster") if factor <= 1 else (factor, "slower")
    return f"{times:.{1 if times < 10 else 0}f} × {word}"


def start_offset(delays_s: Sequence[float]) -> float:
    """Seconds from the source's start to the translation's start (SimulEval: StartOffset).

    `delays_s` has the delivery time of each unit of the translation, in order, in seconds after
    the source's start.
    """
    return delays_s[0]


def end_offset(delays_s: Sequence[float], source_s: float) -> float:
    """Seconds from the source's end to the translation's end (SimulEval: EndOffset)."""
    return delays_s[-1] - source_s


def length_adaptive_average_lagging(
    delays_s: Sequence[float], source_s: float, reference_units: int
) -> float:
    """Mean seconds by which the translation lags an ideal one that keeps pace with the source.

    LAAL of Papi et al. 2022, "Over-Generation Cannot Be Rewarded: Length-Adaptive Average Lagging
    for Simultaneous Speech Translation", with delivery times that include computation. The ideal
    delivers unit i of n at i/n of `source_s`, where n is the length of the translation or of the
    reference, whichever is longer. The mean is over the units up to the first one that is
    delivered after the source's end.
    """
    pace_s = source_s / max(len(delays_s), reference_units)
    lags_s = []
    for unit, delay_s in enumerate(delays_s):
        lags_s.append(delay_s - unit * pace_s)
        if delay_s >= source_s:
            break
    return sum(lags_s) / len(lags_s)


def latency_units(text: str, language: str) -> int:
    """Units that LAAL counts: words, or characters if the language writes without spaces."""
    words = text.split()
    return len("".join(words)) if language in _WRITTEN_WITHOUT_SPACES else len(words)


def lag_slope(times_s: Sequence[float], lags_s: Sequence[float]) -> float:
    """Seconds of lag added per second of speech: the slope of the least-squares line.

    0 if all measurements are from the same time, or if there are none.
    """
    if len(set(times_s)) < 2:
        return 0.0
    times, lags = np.asarray(times_s, np.float64), np.asarray(lags_s, np.float64)
    times = times - times.mean()
    return float(times @ (lags - lags.mean()) / (times @ times))


def normalized_erasure(shown: Sequence[Sequence[str]]) -> float:
    """Erased words per word of the final text, which must not be empty.

    NE of Arivazhagan et al. 2020, "Re-translation versus Streaming for Simultaneous Translation".
    `shown` is as for `erased_words`.
    """
    return erased_words(shown) / len(shown[-1])


def erased_words(shown: Sequence[Sequence[str]]) -> int:
    """Number of words that were shown and then erased.

    `shown` has the shown text, version by version, as words; the last version is final. A version
    erases the words of the version before it that follow their longest common prefix.
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
