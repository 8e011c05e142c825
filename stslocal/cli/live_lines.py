"""The lines of text about a live session that its views share."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from stslocal.languages import find
from stslocal.metrics import (
    DeviceXrun,
    DuplexChanged,
    Event,
    FirstAudio,
    PlaybackStarted,
    ReliefChanged,
    SegmentCommitted,
    SegmentDropped,
    SegmentPaced,
    SegmentTranslated,
    SpeechDropped,
    VoiceLearnt,
    summarize,
)
from stslocal.types import RECOGNITION_RATE

if TYPE_CHECKING:
    from stslocal.live.lag import Relief
    from stslocal.live.options import LiveOptions

RELIEF_NAMES = {
    "pauses": "shorter pauses",
    "speed": "faster speech",
    "hop": "words shown later",
    "text": "text without speech",
}

_DUPLEX_NAMES = {
    "half": "While the translation plays the microphone is off: pause, or wear headphones"
    " (duplex half)",
    "full": "You may speak while it plays (duplex full)",
    "aec": "You may speak while it plays: its echo is taken out (duplex aec)",
}


@dataclass(slots=True)
class SegmentRow:
    """The text and the latencies of a segment, as far as they are known."""

    text: str
    language: str
    start_s: float
    end_s: float
    committed_s: float
    translation: str = ""
    target: str = ""
    translation_s: float | None = None
    first_audio_s: float | None = None
    played_after_s: float | None = None
    """End-of-speech latency."""
    speed: float = 1.0

    def latencies(self) -> str:
        """Give the time of each step from the end of the segment to its playback, in seconds."""
        steps = [
            ("recognized", self.committed_s - self.end_s),
            ("translation", self.translation_s),
            ("voice", self.first_audio_s),
            ("played after", self.played_after_s),
        ]
        parts = [f"{name} {seconds:.2f}" for name, seconds in steps if seconds is not None]
        faster = f", {self.speed:.2f}x" if self.speed > 1.005 else ""
        return ", ".join(parts) + " s" + faster


@dataclass(slots=True)
class SegmentLog:
    """The last `capacity` segments, put together from events."""

    rows: dict[int, SegmentRow] = field(default_factory=dict)
    capacity: int = 64

    def add(self, event: Event) -> None:
        if isinstance(event, SegmentCommitted):
            self.rows[event.segment] = SegmentRow(
                event.text, event.language, event.start_s, event.end_s, event.at_s
            )
            while len(self.rows) > self.capacity:
                del self.rows[next(iter(self.rows))]
            return
        row = self.rows.get(getattr(event, "segment", -1))
        if row is None:
            return
        if isinstance(event, SegmentTranslated):
            row.translation, row.target = event.text, event.language
            row.translation_s = event.translation_s
        elif isinstance(event, SegmentPaced):
            row.speed = event.speed
        elif isinstance(event, FirstAudio):
            row.first_audio_s = event.time_to_first_audio_s
        elif isinstance(event, PlaybackStarted):
            row.played_after_s = event.end_of_speech_latency_s


def ready_line(input_name: str, output_name: str | None, options: LiveOptions) -> str:
    """Say that a person may speak now, into which microphone, and where the translation is played.

    `output_name` is None for a simulation, which reads a recording and plays without sound.
    """
    code = options.request.source_language
    source = find(code).name if code else "any language"
    target = find(options.request.target_language).name
    if not options.is_spoken:
        return f'Speech in {source} is read from "{input_name}" and shown in {target}. Ctrl-C ends.'
    end = f"{_DUPLEX_NAMES[options.duplex]}; Ctrl-C ends."
    if output_name is None:
        return (
            f'Speech in {source} is read from "{input_name}"; the translation in {target}'
            f" is played without sound. {end}"
        )
    return (
        f'Speak {source} into "{input_name}"; the translation is played in {target}'
        f' on "{output_name}". {end}'
    )


def duplex_line(event: DuplexChanged) -> str:
    """Say what a person may do while the translation plays, from now on, and why."""
    return f"{_DUPLEX_NAMES[event.duplex]}: {event.reason}"


def voice_line(event: VoiceLearnt) -> str:
    """Say which voice speaks from now on."""
    return f"your voice: {event.description}, from {event.speech_s:.0f} s of speech"


def dropped_line(event: SpeechDropped) -> str:
    """Say where somebody spoke and no words were kept."""
    seconds = event.end_s - event.start_s
    text = f": {event.text}" if event.text else ""
    return f"not recognized: {seconds:.0f} s from {event.start_s:.0f} s on ({event.reason}){text}"


def relief_line(event: ReliefChanged) -> str:
    """Say which relief from lag begins or ends."""
    state = "on" if event.taken else "off"
    return f"{RELIEF_NAMES[event.relief]}: {state}, {event.behind_s:.1f} s behind"


def summary_lines(
    events: Sequence[Event], reliefs: Mapping[Relief, int], *, is_spoken: bool = True
) -> list[str]:
    """Summarize a session in a few lines: latency, lag, relief, and what was left out.

    `reliefs` are the segments for which each relief was in force. Where nothing `is_spoken`, the
    segments are counted.
    """
    summary = summarize(events)
    lines = []
    latency = summary.end_of_speech_latency
    shown = 0 if is_spoken else sum(isinstance(event, SegmentTranslated) for event in events)
    if shown:
        lines.append(f"{_segments(shown)} translated into text")
    elif latency is None:
        lines.append("nothing was translated")
    else:
        lines.append(
            f"{_segments(latency.count)}, played {latency.p50:.1f} s after"
            f" {'it was' if latency.count == 1 else 'they were'} said"
            f" (95 % within {latency.p95:.1f} s)"
        )
    if summary.lag is not None:
        lines.append(
            f"the translation was {summary.lag.p50:.1f} s behind the speaker (lag),"
            f" at most {summary.lag.maximum:.1f} s"
        )
    if reliefs:
        counts = {RELIEF_NAMES[name]: count for name, count in reliefs.items()}
        taken = [f"{name} {counts[name]}" for name in RELIEF_NAMES.values() if name in counts]
        lines.append("segments in which time was made up: " + ", ".join(taken))
    dropped = Counter(e.reason for e in events if isinstance(e, SegmentDropped))
    if dropped:
        lines.append(
            "segments not spoken: " + ", ".join(f"{n} ({reason})" for reason, n in dropped.items())
        )
    lost = [event for event in events if isinstance(event, SpeechDropped)]
    if lost:
        seconds = sum(event.end_s - event.start_s for event in lost)
        lines.append(f"speech that was not recognized: {seconds:.0f} s, {len(lost)} times")
    if summary.muted_s >= 1:
        lines.append(
            f"the microphone was off for {summary.muted_s:.0f} s while the translation played:"
            " pause, or wear headphones"
        )
    gaps = sum(isinstance(event, DeviceXrun) and event.device == "output" for event in events)
    if summary.input_overrun_samples or gaps:
        lost_s = summary.input_overrun_samples / RECOGNITION_RATE
        parts = [f"{lost_s:.1f} s of sound were lost at the microphone"] if lost_s else []
        if gaps:
            parts.append(f"{'1 gap' if gaps == 1 else f'{gaps} gaps'} in the translated speech")
        lines.append("; ".join(parts))
    return lines


def _segments(count: int) -> str:
    return "1 segment" if count == 1 else f"{count} segments"
