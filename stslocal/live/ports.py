"""What a live session is connected to, and how everything flows through it.

    input ─► capture ─► recognize ─► guard ─► translate ─► speak ─► play ─► output
               │ ▲          │                                │        │
               │ └─ duplex ◄┼────────────────────────────────┼────────┤ what is played, and when
               │            ├─► voice (learns the speaker's) ─┘        │
               │            │                                         │
               └────────────┴──────────► record ◄─────────────────────┘

Capture and recognize share a thread: the sound card's own ring gives all that has arrived while
an utterance was recognized, so a slow machine recognizes less often and loses nothing. Each stage
behind them has a thread of its own, and a MessageRing before it.

Side channels, which go against the flow:

    playhead   play and speak tell how much is still to be played; the listener cuts segments by it
    lag        speak measures how far behind the translation is; recognize works less for it
    own voice  speak tells the guard what it says, to know it when the microphone captures it
    duplex     play tells capture what is played, so that it is kept from the recognizer

Times named `..._s` are stream time: seconds since the first sample captured.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Protocol

from stslocal.engines.protocols import SpeechSynthesizer
from stslocal.translation.translators import Translators
from stslocal.types import Samples, Segment, Sound, TranslatedSegment, VoiceProfile


class AudioInput(Protocol):
    """A microphone, or what stands for one."""

    @property
    def captured_s(self) -> float:
        """Seconds that have come by now, read or not."""
        ...

    @property
    def latency_s(self) -> float:
        """From the air until it has come."""
        ...

    @property
    def overrun(self) -> int:
        """Samples lost so far."""
        ...

    def read(self) -> Samples:
        """All that was captured since the last call: mono, 16 kHz, shape (n,). Waits for some.

        Empty when there will be no more. Raises AudioDeviceError.
        """
        ...

    def stop(self) -> None:
        """Let `read` give what was captured until now and then end. For any thread."""
        ...

    def close(self) -> None: ...


class AudioOutput(Protocol):
    """A loudspeaker, or what stands for one. Positions count samples at `sample_rate`."""

    @property
    def sample_rate(self) -> int:
        """Hertz of what `write` takes."""
        ...

    @property
    def latency_s(self) -> float:
        """From a sample's leaving for the device until it sounds."""
        ...

    @property
    def written(self) -> int:
        """Samples taken so far."""
        ...

    @property
    def played(self) -> int:
        """Samples that have left for the device so far."""
        ...

    def sounds_in_s(self, position: int) -> float:
        """Seconds from now until the sample at `position` sounds; negative when it did.

        Of a sample that was played this is true while others followed it without a gap.
        """
        ...

    def write(self, samples: Samples) -> None:
        """Take samples, shape (n,), waiting for room. Returns at once after `stop`."""
        ...

    def stop(self) -> None:
        """Let go of a `write` that waits. May be called from any thread, and again."""
        ...

    def close(self) -> None: ...


class Listener(Protocol):
    """Sound to segments, as they are committed. For one thread."""

    def feed(self, samples: Samples) -> Iterable[Segment]:
        """Take the next samples of the stream, at 16 kHz, shape (n,)."""
        ...

    def finish(self) -> Iterable[Segment]:
        """The stream is over: commit what is open."""
        ...

    def work_less(self, less: bool) -> None:
        """Recognize partial results less often, or as usual again."""
        ...


class Duplex(Protocol):
    """What is done to the input because of the output. `played` comes from another thread."""

    muted_s: float
    """Seconds of input that were kept from the recognizer so far."""

    def played(self, samples: Samples, sample_rate: int, at_s: float) -> None:
        """Learn that the loudspeaker will sound with `samples` from `at_s` on."""
        ...

    def process(self, samples: Samples, start_s: float) -> tuple[Samples, bool]:
        """Give the input from `start_s` on as the recognizer may have it: as many samples, at
        16 kHz, and whether some of them were muted.
        """
        ...


class Voice(Protocol):
    """Whose voice speaks. `add` belongs to one thread, `voice` to another."""

    def add(self, segment: Segment, sound: Sound) -> None:
        """Learn from a recognized segment, whose samples `sound` gives."""
        ...

    def voice(self) -> VoiceProfile | None:
        """The voice for the next segment; None is the language's default."""
        ...

    @property
    def profile(self) -> VoiceProfile | None:
        """The voice that spoke last. For any thread."""
        ...


class FixedVoice:
    """The same voice from beginning to end."""

    def __init__(self, profile: VoiceProfile | None = None) -> None:
        """None is the language's default voice."""
        self.profile = profile

    def add(self, segment: Segment, sound: Sound) -> None:
        pass

    def voice(self) -> VoiceProfile | None:
        return self.profile


@dataclass(frozen=True, slots=True)
class PlayedSegment:
    """A segment that went to the loudspeaker, or would have if it had any sound."""

    item: TranslatedSegment
    start_s: float | None
    """When its first sample sounds; None when it has no sound."""
    end_s: float
    voice: str
    speed: float
    synthesis_s: float

    @property
    def index(self) -> int:
        return self.item.index


class Record(Protocol):
    """Where a session is kept while it goes on."""

    def captured(self, samples: Samples) -> None:
        """The next of the input, at 16 kHz."""
        ...

    def recognized(self, segment: Segment) -> None: ...

    def translated(self, item: TranslatedSegment) -> None: ...

    def played(self, samples: Samples, at_s: float) -> None:
        """Translated speech that sounds from `at_s` on."""
        ...

    def segment_played(self, segment: PlayedSegment) -> None: ...


class NoRecord:
    """Keeps nothing."""

    def captured(self, samples: Samples) -> None:
        pass

    def recognized(self, segment: Segment) -> None:
        pass

    def translated(self, item: TranslatedSegment) -> None:
        pass

    def played(self, samples: Samples, at_s: float) -> None:
        pass

    def segment_played(self, segment: PlayedSegment) -> None:
        pass


class FullDuplex:
    """The input as it is, for headphones."""

    muted_s = 0.0

    def played(self, samples: Samples, sample_rate: int, at_s: float) -> None:
        pass

    def process(self, samples: Samples, start_s: float) -> tuple[Samples, bool]:
        return samples, False


@dataclass(frozen=True, slots=True)
class LivePorts:
    """All that a live session is connected to."""

    input: AudioInput
    listener: Listener
    translators: Translators
    synthesizer: SpeechSynthesizer
    output: AudioOutput
    voice: Voice = field(default_factory=FixedVoice)
    duplex: Duplex = field(default_factory=FullDuplex)
    record: Record = field(default_factory=NoRecord)
