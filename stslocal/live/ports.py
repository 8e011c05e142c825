"""The ports of a live session: what it is connected to, and how sound and text flow through it.

    input ─► capture ─► recognize ─► guard ─► translate ─► speak ─► play ─► output
               │ ▲          │                               ▲ │       │
               │ └─ duplex ◄┼───────────────────────────────┼─┼───────┤ played sound and its time
               │            ├─► voice (given or learnt) ────┘ │       │
               │            │                                 │       │
               └────────────┴───────────► record ◄────────────┴───────┘

Capture and recognize share a thread. While an utterance is recognized, the sound card's ring
collects new samples, and the next read returns all of them: a slow machine recognizes less often
and loses nothing. Each later stage has a thread of its own, with a MessageRing before it.

Side channels carry information against the flow:

    playhead   recognize, speak and play report committed, synthesized and sent speech; recognize
               reads from it how much is still to be played, to decide when to cut a segment
    lag        speak measures how far behind the translation is; recognize works less often for it
    own voice  speak reports its text to the guard, which drops it when the microphone captures it
    duplex     play reports the sound that the loudspeaker plays; capture mutes or cancels it.
               Where it is muted, play waits for the speaker's pause, which recognize reports
    corrected  capture gives recognize the last seconds again, when it has found their echo
    playback   after each block, capture lets play report which segments began and ended

Times named `..._s` are stream time: seconds since the first captured sample.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Protocol

from stslocal.audio.output_kind import OutputKind
from stslocal.engines.protocols import SpeechSynthesizer
from stslocal.live.fixed_voice import FixedVoice
from stslocal.live.full_duplex import FullDuplex
from stslocal.metrics import Event
from stslocal.translation.translators import Translators
from stslocal.types import Samples, Segment, Sound, TranslatedSegment, VoiceProfile


class AudioInput(Protocol):
    """A microphone or a replacement for one, such as a recording."""

    @property
    def captured_s(self) -> float:
        """Seconds captured so far, read or not."""
        ...

    @property
    def latency_s(self) -> float:
        """Seconds from the sound in the air until its sample is captured."""
        ...

    @property
    def overrun(self) -> int:
        """Samples lost so far."""
        ...

    def read(self) -> Samples:
        """Return all samples captured since the last call, mono, 16 kHz, shape (n,).

        Waits until there are some. Returns none when the input has ended. Raises AudioDeviceError.
        """
        ...

    def stop(self) -> None:
        """Let `read` return the samples captured until now, and then end. For any thread."""
        ...

    def close(self) -> None: ...


class AudioOutput(Protocol):
    """A loudspeaker or a replacement for one. Positions count samples at `sample_rate`."""

    @property
    def sample_rate(self) -> int:
        """Hertz of the samples that `write` takes."""
        ...

    @property
    def latency_s(self) -> float:
        """Seconds from the moment a sample leaves for the device until it sounds."""
        ...

    @property
    def written(self) -> int:
        """Samples that `write` took so far."""
        ...

    @property
    def played(self) -> int:
        """Samples that left for the device so far."""
        ...

    def sounds_in_s(self, position: int) -> float:
        """Seconds from now until the sample at `position` sounds; negative when it already did.

        For a sample that was played, this is right only if others followed it without a gap.
        """
        ...

    def clock_position(self, position: int) -> float:
        """Samples that the device takes before the one at `position`, one of the last `write`.

        Unlike `position`, it includes the silence that the device played when it had none left. So
        it is a clock: that of the device.
        """
        ...

    def write(self, samples: Samples) -> None:
        """Take samples, shape (n,), and wait for room. Returns at once after `stop`."""
        ...

    def stop(self) -> None:
        """Release a `write` that waits. May be called from any thread, and more than once."""
        ...

    def close(self) -> None: ...


class Listener(Protocol):
    """Recognizes a stream of sound, and yields segments as they are committed. For one thread."""

    def feed(self, samples: Samples) -> Iterable[Segment]:
        """Take the next samples of the stream, at 16 kHz, shape (n,)."""
        ...

    def finish(self) -> Iterable[Segment]:
        """Commit the open words at the end of the stream."""
        ...

    def correct(self, samples: Samples) -> None:
        """Replace the newest samples of the stream, shape (n,), and recognize the open words again.

        What was said before the echo was found is better recognized without it.
        """
        ...

    def recognize_less_often(self, less: bool) -> None:
        """Recognize an open utterance less often, or as often as usual again."""
        ...


class Duplex(Protocol):
    """Changes the input because of the output. Another thread calls `played`."""

    @property
    def name(self) -> str:
        """The duplex in force: `full`, `aec` or `half`."""
        ...

    @property
    def muted_s(self) -> float:
        """Seconds of input muted so far."""
        ...

    @property
    def takes_echo_out(self) -> bool:
        """Whether the loudspeaker's sound is known to be taken out."""
        ...

    def played(
        self, samples: Samples, sample_rate: int, at_s: float, position: float | None = None
    ) -> None:
        """Take the samples that the loudspeaker plays; they sound from `at_s` on.

        `position` is the output's `clock_position`, which does not jitter; None if not known.
        """
        ...

    def process(self, samples: Samples, start_s: float) -> tuple[Samples, bool]:
        """Return the samples for the recognizer, and whether some of them are muted.

        `samples` is the input from `start_s` on, at 16 kHz, shape (n,). As many are returned.
        """
        ...

    def take_corrected(self) -> Samples:
        """Return samples once that replace the newest ones returned before the last call, shape
        (n,): how to take the echo out of them became known only now. Mostly none.
        """
        ...

    def observe(self, event: Event) -> None:
        """Take an event of the listener."""
        ...

    def may_start(self, now_s: float) -> bool:
        """Whether a segment may start to be played, or waits for the speaker's pause."""
        ...

    def is_echo(self, start_s: float, end_s: float) -> bool:
        """Whether the loudspeaker explains all sound of the input between these times."""
        ...

    def end_input(self) -> None:
        """Take notice that nothing more is captured."""
        ...

    def output_is(self, kind: OutputKind) -> None:
        """Take notice of another output. For any thread."""
        ...


class Voice(Protocol):
    """The voice that speaks. One thread calls `add`, another one calls `voice`."""

    def add(self, segment: Segment, sound: Sound) -> None:
        """Learn from a recognized segment; `sound` gives its samples."""
        ...

    def voice(self) -> VoiceProfile | None:
        """The voice for the next segment; None is the language's default voice."""
        ...

    @property
    def profile(self) -> VoiceProfile | None:
        """The voice that spoke last. For any thread."""
        ...


@dataclass(frozen=True, slots=True)
class PlayedSegment:
    """A segment whose speech went to the loudspeaker, or that has no sound."""

    item: TranslatedSegment
    start_s: float | None
    """When its first sample sounds; None for a segment without sound."""
    end_s: float
    voice: str
    speed: float
    synthesis_s: float

    @property
    def index(self) -> int:
        return self.item.index


class Record(Protocol):
    """Keeps a session while it goes on."""

    def captured(self, samples: Samples, kept: Samples) -> None:
        """Take the next samples of the input, at 16 kHz, and what the duplex kept of them.

        Where it changed nothing, both are the same object.
        """
        ...

    def recognized(self, segment: Segment) -> None: ...

    def translated(self, item: TranslatedSegment) -> None: ...

    def played(self, samples: Samples, at_s: float) -> None:
        """Take translated speech that sounds from `at_s` on."""
        ...

    def segment_played(self, segment: PlayedSegment) -> None: ...


class NoRecord:
    """A Record that keeps nothing."""

    def captured(self, samples: Samples, kept: Samples) -> None:
        pass

    def recognized(self, segment: Segment) -> None:
        pass

    def translated(self, item: TranslatedSegment) -> None:
        pass

    def played(self, samples: Samples, at_s: float) -> None:
        pass

    def segment_played(self, segment: PlayedSegment) -> None:
        pass


@dataclass(frozen=True, slots=True)
class LivePorts:
    """Everything that a live session is connected to."""

    input: AudioInput
    listener: Listener
    translators: Translators
    synthesizer: SpeechSynthesizer | None
    """None where the translation is text alone."""
    output: AudioOutput
    voice: Voice = field(default_factory=FixedVoice)
    duplex: Duplex = field(default_factory=FullDuplex)
    record: Record = field(default_factory=NoRecord)
    watch: Callable[[Samples], None] = lambda samples: None
    """Takes every block of the input, before it is muted, to see whether its sound is right."""
