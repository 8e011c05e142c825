"""What happens during a run, as values.

Every `at_s` is when it happened, in seconds since the stream's first sample was heard: the same
axis as positions in the source, so that a difference of the two is a latency.
"""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass
from typing import Any, Literal, TypeAlias, get_args

from stslocal.types import Word


@dataclass(frozen=True, slots=True)
class SpeechStarted:
    """An utterance was noticed."""

    at_s: float
    utterance: int
    start_s: float
    """Where its speech starts in the source."""


@dataclass(frozen=True, slots=True)
class SpeechEnded:
    """An utterance was judged to be over. A later one of the same utterance replaces it."""

    at_s: float
    utterance: int
    end_s: float
    """Where its speech ends in the source."""


@dataclass(frozen=True, slots=True)
class TextCommitted:
    """Words of an utterance that do not change any more."""

    at_s: float
    utterance: int
    words: tuple[Word, ...]
    """With their times in the source."""

    @property
    def commit_latencies_s(self) -> tuple[float, ...]:
        """*Commit latency* of each word: when it was committed less when it had been spoken."""
        return tuple(self.at_s - word.end_s for word in self.words)


@dataclass(frozen=True, slots=True)
class PartialText:
    """What is shown after the committed words, and may change. Emitted after TextCommitted."""

    at_s: float
    utterance: int
    text: str


@dataclass(frozen=True, slots=True)
class SegmentCommitted:
    """A stretch of committed text went to translation."""

    at_s: float
    segment: int
    start_s: float
    """Where it lies in the source."""
    end_s: float
    text: str
    language: str


@dataclass(frozen=True, slots=True)
class SegmentTranslated:
    """A segment's text is there in the target language."""

    at_s: float
    segment: int
    began_s: float
    """When the translator was called."""
    text: str
    language: str

    @property
    def translation_s(self) -> float:
        """How long the translator took."""
        return self.at_s - self.began_s


@dataclass(frozen=True, slots=True)
class SegmentDropped:
    """A segment will not be spoken. Nothing is left out without one of these."""

    at_s: float
    segment: int
    reason: Literal["echo", "already translated", "no translator", "too slow", "no words"]
    """Our own voice come back; speech that is in the target language already, or in one that
    nothing translates into it; a machine that is too slow (the text was shown); a translation in
    which there is nothing to say."""
    text: str


@dataclass(frozen=True, slots=True)
class SegmentPaced:
    """How a segment is going to be spoken."""

    at_s: float
    segment: int
    speed: float
    pause_scale: float
    """What became of the pause before it: 1 left it as it was."""
    behind_s: float
    """Predicted end-of-speech latency, at the voice's own speed."""


@dataclass(frozen=True, slots=True)
class ReliefChanged:
    """A relief against lag was taken or given up."""

    at_s: float
    relief: str
    """One of `stslocal.live.lag.RELIEFS`."""
    taken: bool
    behind_s: float


@dataclass(frozen=True, slots=True)
class VoiceLearnt:
    """From the next segment on, this voice speaks."""

    at_s: float
    voice: str
    speech_s: float
    """Seconds of the speaker's speech that it follows."""
    description: str
    """What the voice was made of, for a person."""


@dataclass(frozen=True, slots=True)
class InputLevel:
    """How loud the input was since the event before."""

    at_s: float
    peak: float
    """0 to 1."""
    rms: float
    """0 to 1."""
    muted: bool
    """Whether it was kept from the recognizer, because the loudspeaker was heard in it."""


@dataclass(frozen=True, slots=True)
class Notice:
    """Something that a person should know, as a sentence."""

    at_s: float
    text: str


@dataclass(frozen=True, slots=True)
class FirstAudio:
    """The synthesizer gave the first samples of a segment."""

    at_s: float
    segment: int
    began_s: float
    """When the synthesizer was called."""

    @property
    def time_to_first_audio_s(self) -> float:
        """*Time to first audio*: first sample out less the start of the segment's synthesis."""
        return self.at_s - self.began_s


@dataclass(frozen=True, slots=True)
class PlaybackStarted:
    """The listener hears the first sample of a segment's translation."""

    at_s: float
    segment: int
    source_start_s: float
    """Where the segment's first word starts in the source."""
    source_end_s: float
    """Where its last word ends."""

    @property
    def end_of_speech_latency_s(self) -> float:
        """*End-of-speech latency*: first sample heard less the end of the segment's last word."""
        return self.at_s - self.source_end_s


@dataclass(frozen=True, slots=True)
class PlaybackEnded:
    """The listener has heard a segment's translation to its end."""

    at_s: float
    segment: int


@dataclass(frozen=True, slots=True)
class LagMeasured:
    """How far the listener is behind the speaker."""

    at_s: float
    spoken_s: float
    """Source position that has been spoken."""
    played_s: float
    """Source position whose translation has been played."""

    @property
    def lag_s(self) -> float:
        """*Lag*: source position played behind source position spoken."""
        return self.spoken_s - self.played_s


@dataclass(frozen=True, slots=True)
class DeviceXrun:
    """Samples were lost at the microphone or missing at the loudspeaker."""

    at_s: float
    device: Literal["input", "output"]
    samples: int
    """Since the event before."""


@dataclass(frozen=True, slots=True)
class StageBusy:
    """Where a stage's thread spent its time, from its start until now or its end."""

    stage: str
    items: int
    """Items that the stage has taken in (for a source: given out)."""
    elapsed_s: float
    busy_s: float
    """Time inside the stage's own code."""
    starved_s: float
    """Time spent waiting for input."""
    blocked_s: float
    """Time spent waiting for room in the ring behind the stage."""
    queued_s: float
    """Time that its input had lain waiting in the ring before it, summed over the items."""

    @property
    def busy_share(self) -> float:
        """0 to 1: how much of its time the stage worked."""
        return self.busy_s / self.elapsed_s if self.elapsed_s > 0 else 0.0

    @property
    def mean_queue_wait_s(self) -> float:
        """How long an item lay in the ring before this stage, on average."""
        return self.queued_s / self.items if self.items else 0.0


Event: TypeAlias = (
    SpeechStarted
    | SpeechEnded
    | TextCommitted
    | PartialText
    | SegmentCommitted
    | SegmentTranslated
    | SegmentDropped
    | SegmentPaced
    | ReliefChanged
    | VoiceLearnt
    | InputLevel
    | Notice
    | FirstAudio
    | PlaybackStarted
    | PlaybackEnded
    | LagMeasured
    | DeviceXrun
    | StageBusy
)


def _name(kind: type[Event]) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", kind.__name__).lower()


_KINDS: dict[str, type[Any]] = {_name(kind): kind for kind in get_args(Event)}


def to_json(event: Event) -> str:
    """One line: the event's name (`speech_started`) as `event`, then its fields."""
    return json.dumps({"event": _name(type(event)), **asdict(event)}, ensure_ascii=False)


def from_json(line: str) -> Event:
    """The event that `to_json` wrote. Raises ValueError for anything else."""
    try:
        fields = json.loads(line)
        kind = _KINDS[fields.pop("event")]
        if "words" in fields:
            fields["words"] = tuple(Word(**word) for word in fields["words"])
        event: Event = kind(**fields)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise ValueError(f"not an event of stslocal: {line.strip()[:100]!r}") from error
    return event
