"""The events of a run.

`at_s` is the time of an event, in seconds since the stream's first sample was captured. Positions
in the source use the same axis, so the difference of the two is a latency.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from stslocal.metrics.device_events import DeviceChanged, DeviceXrun, MicrophoneFault
from stslocal.types import Word

DropReason: TypeAlias = Literal[
    "echo", "already translated", "no translator", "too slow", "no words", "no sound"
]


@dataclass(frozen=True, slots=True)
class SpeechStarted:
    """The start of an utterance was detected."""

    at_s: float
    utterance: int
    start_s: float
    """Where its speech starts in the source."""


@dataclass(frozen=True, slots=True)
class SpeechEnded:
    """The end of an utterance was detected. A later event of the same utterance replaces it."""

    at_s: float
    utterance: int
    end_s: float
    """Where its speech ends in the source."""


@dataclass(frozen=True, slots=True)
class TextCommitted:
    """Words of an utterance that will not change any more."""

    at_s: float
    utterance: int
    words: tuple[Word, ...]
    """With their times in the source."""

    @property
    def commit_latencies_s(self) -> tuple[float, ...]:
        """*Commit latency* of each word: when it was committed, less when it had been spoken."""
        return tuple(self.at_s - word.end_s for word in self.words)


@dataclass(frozen=True, slots=True)
class PartialText:
    """The text that is shown after the committed words. It may change. Follows TextCommitted."""

    at_s: float
    utterance: int
    text: str


@dataclass(frozen=True, slots=True)
class SegmentCommitted:
    """A segment was committed and goes to the translator."""

    at_s: float
    segment: int
    start_s: float
    """Where it starts in the source."""
    end_s: float
    text: str
    language: str


@dataclass(frozen=True, slots=True)
class SegmentTranslated:
    """A segment's text was translated."""

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
    """A segment will not be spoken. Every segment that is not spoken has this event."""

    at_s: float
    segment: int
    reason: DropReason
    """`echo`: it is our own voice; or only the words of `text` at its beginning or end, and the
    others are spoken. `already translated`: it is in the target language. `no translator`: no
    engine translates its language into the target language. `too slow`: the machine is too slow;
    the text was shown. `no words`: the translation contains no words."""
    text: str


@dataclass(frozen=True, slots=True)
class SpeechDropped:
    """Speech was found of which no words are kept."""

    at_s: float
    utterance: int
    start_s: float
    """Where it starts in the source."""
    end_s: float
    reason: str
    """The guard that rejected its words, or `no words`."""
    text: str
    """What was rejected, if anything was."""


@dataclass(frozen=True, slots=True)
class SegmentPaced:
    """How a segment is going to be spoken."""

    at_s: float
    segment: int
    speed: float
    pause_scale: float
    """The pause before it was multiplied by this; 1 leaves it unchanged."""
    behind_s: float
    """Predicted end-of-speech latency, at the voice's normal speed."""


@dataclass(frozen=True, slots=True)
class ReliefChanged:
    """A relief against lag began or ended."""

    at_s: float
    relief: str
    """One of `stslocal.live.lag.RELIEFS`."""
    taken: bool
    """Whether it began."""
    behind_s: float


@dataclass(frozen=True, slots=True)
class VoiceLearnt:
    """A voice was learnt; it speaks from the next segment on."""

    at_s: float
    voice: str
    speech_s: float
    """Seconds of the speaker's speech that it was learnt from."""
    description: str
    """How the voice was made, for a person."""


@dataclass(frozen=True, slots=True)
class InputLevel:
    """The level of the input since the last such event."""

    at_s: float
    peak: float
    """0 to 1."""
    rms: float
    """0 to 1."""
    muted: bool
    """Whether it was kept from the recognizer because the loudspeaker played."""


@dataclass(frozen=True, slots=True)
class InputMuted:
    """The microphone was off while the loudspeaker played. It is reported when it is on again."""

    at_s: float
    muted_s: float
    """Seconds of the input that were not recognized, since the last such event."""


@dataclass(frozen=True, slots=True)
class DuplexChanged:
    """What is done so that our own voice is not recognized has changed."""

    at_s: float
    duplex: str
    """`full`, `aec` or `half`, from now on."""
    reason: str
    """Why, for a person."""


@dataclass(frozen=True, slots=True)
class Notice:
    """A message to the person, as a sentence."""

    at_s: float
    text: str


@dataclass(frozen=True, slots=True)
class FirstAudio:
    """The synthesizer returned the first samples of a segment."""

    at_s: float
    segment: int
    began_s: float
    """When the synthesizer was called."""

    @property
    def time_to_first_audio_s(self) -> float:
        """*Time to first audio*: first sample out, less the start of the segment's synthesis."""
        return self.at_s - self.began_s


@dataclass(frozen=True, slots=True)
class PlaybackStarted:
    """The first sample of a segment's translation sounds."""

    at_s: float
    segment: int
    source_start_s: float
    """Where the segment's first word starts in the source."""
    source_end_s: float
    """Where its last word ends."""

    @property
    def end_of_speech_latency_s(self) -> float:
        """*End-of-speech latency*: first sample played, less the end of the segment's last word."""
        return self.at_s - self.source_end_s


@dataclass(frozen=True, slots=True)
class PlaybackEnded:
    """A segment's translation has sounded to its end."""

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
        """*Lag*: source position spoken, less source position played."""
        return self.spoken_s - self.played_s


@dataclass(frozen=True, slots=True)
class StageBusy:
    """How a stage's thread spent its time, from its start until now or until its end."""

    stage: str
    items: int
    """Items that the stage has received; for a source, items that it has produced."""
    elapsed_s: float
    busy_s: float
    """Time inside the stage's own code."""
    starved_s: float
    """Time spent waiting for input."""
    blocked_s: float
    """Time spent waiting for room in the ring behind the stage."""
    queued_s: float
    """Time that its items waited in the ring before the stage, summed over the items."""


Event: TypeAlias = (
    SpeechStarted
    | SpeechEnded
    | SpeechDropped
    | TextCommitted
    | PartialText
    | SegmentCommitted
    | SegmentTranslated
    | SegmentDropped
    | SegmentPaced
    | ReliefChanged
    | VoiceLearnt
    | InputLevel
    | InputMuted
    | DuplexChanged
    | Notice
    | FirstAudio
    | PlaybackStarted
    | PlaybackEnded
    | LagMeasured
    | DeviceXrun
    | DeviceChanged
    | MicrophoneFault
    | StageBusy
)
