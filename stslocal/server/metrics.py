"""The figures of a server for Prometheus. docs/server.md lists them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from stslocal.metrics import (
    Event,
    FirstAudio,
    PlaybackStarted,
    SegmentDropped,
    SegmentTranslated,
    SpeechDropped,
    StageBusy,
    TextCommitted,
)

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_SECONDS = (0.1, 0.25, 0.5, 1.0, 1.5, 2.0, 3.0, 4.0, 6.0, 8.0, 12.0, 20.0)


class ServerMetrics:
    """Counts what happens. Any thread may call it."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self.sessions_ended = self._counter("sessions", "Live sessions that have ended", "how")
        self.refused = self._counter("refused", "Requests and sessions that were refused", "code")
        self.resumed = self._counter("resumed", "Connections that took up a session again")
        self.received_s = self._counter("received_seconds", "Sound received in live sessions")
        self.audio_dropped = self._counter(
            "audio_frames_dropped", "Frames of speech that a slow client did not take"
        )
        self._dropped = self._counter("segments_dropped", "Segments not spoken", "reason")
        self._unrecognized = self._counter(
            "speech_dropped_seconds", "Speech of which no words were kept"
        )
        self._segments = self._counter("segments", "Segments translated")
        self._latency = self._histogram(
            "end_of_speech_latency", "First sample of a translation sent, less the end of its words"
        )
        self._commit = self._histogram("commit_latency", "A word committed, less when it was said")
        self._first_audio = self._histogram("time_to_first_audio", "First sample of a synthesis")
        self._translation = self._histogram("translation", "Time of the translator for a segment")
        self._busy = self._counter("stage_busy_seconds", "Work of a stage", "stage")
        self._elapsed = self._counter("stage_seconds", "Time in which a stage ran", "stage")

    def gauge(self, name: str, about: str, value: Callable[[], float]) -> None:
        """Show a value that is read whenever somebody asks."""
        Gauge(f"stslocal_{name}", about, registry=self._registry).set_function(value)

    def text(self) -> bytes:
        """All figures, in Prometheus' text format."""
        return generate_latest(self._registry)

    def observer(self) -> Callable[[Event], None]:
        """Returns a function that takes the events of one live session."""
        stages: dict[str, tuple[float, float]] = {}

        def observe(event: Event) -> None:
            match event:
                case PlaybackStarted():
                    self._latency.observe(max(0.0, event.end_of_speech_latency_s))
                case TextCommitted():
                    for latency_s in event.commit_latencies_s:
                        self._commit.observe(max(0.0, latency_s))
                case FirstAudio():
                    self._first_audio.observe(event.time_to_first_audio_s)
                case SegmentTranslated():
                    self._segments.inc()
                    self._translation.observe(max(0.0, event.translation_s))
                case SegmentDropped():
                    self._dropped.labels(event.reason).inc()
                case SpeechDropped():
                    self._unrecognized.inc(max(0.0, event.end_s - event.start_s))
                case StageBusy():
                    busy_s, elapsed_s = stages.get(event.stage, (0.0, 0.0))
                    self._busy.labels(event.stage).inc(max(0.0, event.busy_s - busy_s))
                    self._elapsed.labels(event.stage).inc(max(0.0, event.elapsed_s - elapsed_s))
                    stages[event.stage] = event.busy_s, event.elapsed_s

        return observe

    def _counter(self, name: str, about: str, *labels: str) -> Any:
        return Counter(f"stslocal_{name}", about, labels, registry=self._registry)

    def _histogram(self, name: str, about: str) -> Any:
        return Histogram(
            f"stslocal_{name}_seconds", about, buckets=_SECONDS, registry=self._registry
        )
