"""Computes the figures of a run from its events."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from statistics import fmean
from typing import TypeVar

from stslocal.metrics.definitions import (
    Percentiles,
    erased_words,
    lag_slope,
    latency_units,
    length_adaptive_average_lagging,
)
from stslocal.metrics.device_events import DeviceXrun
from stslocal.metrics.events import (
    Event,
    FirstAudio,
    InputMuted,
    LagMeasured,
    PartialText,
    PlaybackEnded,
    PlaybackStarted,
    SegmentTranslated,
    SpeechEnded,
    StageBusy,
    TextCommitted,
)

E = TypeVar("E")


@dataclass(frozen=True, slots=True)
class Summary:
    """The figures of a run, in seconds. None if there were no events for a figure."""

    end_of_speech_latency: Percentiles | None
    """Over segments."""
    commit_latency: Percentiles | None
    """Over words."""
    final_delay: Percentiles | None
    """Over utterances: from the detection of its end until its last words were committed."""
    translation: Percentiles | None
    """Over segments: time that the translator took."""
    time_to_first_audio: Percentiles | None
    """Over segments."""
    lag: Percentiles | None
    """Over measurements."""
    lag_slope: float | None
    """Seconds of lag added per second of speech."""
    start_offset: float | None
    """From the first sample of the source until the first sample of the translation sounds."""
    end_offset: float | None
    """From the end of the last segment in the source until its translation has sounded."""
    average_lagging: float | None
    """Mean LAAL of the segments, each counted from its start in the source. The units are assumed
    to be spread evenly over the segment's playback; the translation is its own reference."""
    erasure: float | None
    """Normalized erasure of the recognized text, over all utterances."""
    input_overrun_samples: int
    """Samples lost at the microphone."""
    muted_s: float
    """Seconds for which the microphone was off while the loudspeaker played."""
    output_underrun_samples: int
    """Samples missing at the loudspeaker."""
    stages: tuple[StageBusy, ...]
    """The last report of each stage, in the order of the first reports."""


def summarize(events: Iterable[Event]) -> Summary:
    """Compute the figures of one run from its events, which are in order of time."""
    log = tuple(events)
    lags = _of(LagMeasured, log)
    started = {event.segment: event for event in _of(PlaybackStarted, log)}
    ended = {event.segment: event for event in _of(PlaybackEnded, log) if event.segment in started}
    laal_s = list(_laal_of_segments(log, started, ended))
    last = max(ended.values(), key=lambda event: event.at_s, default=None)
    xruns = _of(DeviceXrun, log)
    return Summary(
        end_of_speech_latency=Percentiles.of(
            [event.end_of_speech_latency_s for event in started.values()]
        ),
        commit_latency=Percentiles.of(
            [each for event in _of(TextCommitted, log) for each in event.commit_latencies_s]
        ),
        final_delay=Percentiles.of(list(_final_delays(log))),
        translation=Percentiles.of([event.translation_s for event in _of(SegmentTranslated, log)]),
        time_to_first_audio=Percentiles.of(
            [event.time_to_first_audio_s for event in _of(FirstAudio, log)]
        ),
        lag=Percentiles.of([event.lag_s for event in lags]),
        lag_slope=lag_slope([event.at_s for event in lags], [event.lag_s for event in lags])
        if lags
        else None,
        start_offset=min((event.at_s for event in started.values()), default=None),
        end_offset=last.at_s - started[last.segment].source_end_s if last is not None else None,
        average_lagging=fmean(laal_s) if laal_s else None,
        erasure=_erasure(log),
        input_overrun_samples=sum(event.samples for event in xruns if event.device == "input"),
        muted_s=sum(event.muted_s for event in _of(InputMuted, log)),
        output_underrun_samples=sum(event.samples for event in xruns if event.device == "output"),
        stages=tuple({event.stage: event for event in _of(StageBusy, log)}.values()),
    )


def _of(kind: type[E], log: Iterable[Event]) -> list[E]:
    return [event for event in log if isinstance(event, kind)]


def _final_delays(log: Iterable[Event]) -> Iterator[float]:
    ended = {event.utterance: event.at_s for event in _of(SpeechEnded, log)}
    committed = {event.utterance: event.at_s for event in _of(TextCommitted, log) if event.words}
    for utterance, ended_at_s in ended.items():
        if utterance in committed:
            yield max(0.0, committed[utterance] - ended_at_s)


def _laal_of_segments(
    log: Iterable[Event],
    started: dict[int, PlaybackStarted],
    ended: dict[int, PlaybackEnded],
) -> Iterator[float]:
    for translated in _of(SegmentTranslated, log):
        units = latency_units(translated.text, translated.language)
        end = ended.get(translated.segment)
        if end is None or units == 0:
            continue
        start = started[translated.segment]
        step_s = (end.at_s - start.at_s) / units
        first_s = start.at_s - start.source_start_s
        yield length_adaptive_average_lagging(
            [first_s + unit * step_s for unit in range(units)],
            start.source_end_s - start.source_start_s,
            reference_units=units,
        )


def _erasure(log: Iterable[Event]) -> float | None:
    """Erased words per committed word, over all utterances."""
    committed: dict[int, list[str]] = {}
    shown: dict[int, list[list[str]]] = {}
    for event in log:
        if isinstance(event, TextCommitted):
            words = committed.setdefault(event.utterance, [])
            words += [word.text for word in event.words]
        elif isinstance(event, PartialText):
            words = committed.get(event.utterance, [])
            shown.setdefault(event.utterance, []).append(words + event.text.split())
    erased = sum(
        erased_words([*versions, committed.get(utterance, [])])
        for utterance, versions in shown.items()
    )
    final = sum(map(len, committed.values()))
    return erased / final if final else None
