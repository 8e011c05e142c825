"""From loaded engines and what a person wants to a live session that is ready to begin."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from stslocal import __version__
from stslocal.audio.decode import read_audio
from stslocal.clock import Clock
from stslocal.engines.protocols import Capabilities, TextTranslator
from stslocal.errors import SettingsError
from stslocal.languages import name_of
from stslocal.live.by_ear import Interpreting
from stslocal.live.echo import Duplex, FullDuplex, HalfDuplex
from stslocal.live.lag import Measure
from stslocal.live.listener import ListenerLimits, StreamingListener
from stslocal.live.pipeline import AudioInput, FixedVoice, LiveSession, Run, Voice
from stslocal.live.playback import AudioOutput
from stslocal.live.playhead import Playhead
from stslocal.live.recording import LiveRecording, RecordingFiles
from stslocal.live.segmentation import LiveSegmenter
from stslocal.live.stream_clock import StreamClock
from stslocal.live.voice_learning import Enrolment
from stslocal.loading.load import Engines
from stslocal.metrics import Emit, Notice, fan_out, ignore
from stslocal.results.session import Session, SessionSource, SessionVoice
from stslocal.settings import Settings
from stslocal.translation.glossary import NEEDS_A_TRANSLATOR, Glossary, GlossaryTranslator, Term
from stslocal.types import VoiceProfile
from stslocal.voices.choose import MATCH, REFERENCE_RATE

UNDETERMINED = "und"
"""ISO 639-2 for a language that is not known yet."""

_RARER = 2
"""Partial results come so many times less often when the machine has too much to do."""
_HEADPHONES = ("headphone", "headset", "earphone", "earbud", "airpods", "buds", "hands-free")


@dataclass(frozen=True, slots=True)
class LiveOptions:
    """What is wanted of a conversation."""

    target_language: str
    source_language: str | None = None
    """None: recognized, and looked at again at each utterance."""
    voice: str = MATCH
    """`match` follows the speaker; otherwise the name of a voice."""
    reference: Path | None = None
    """A recording whose speaker is followed instead."""
    glossary: Glossary | None = None
    """Terms that are translated as it says."""
    duplex: str = "half"
    """`half`, `full` or `aec`."""
    max_lag_s: float = 4.0

    @classmethod
    def from_settings(
        cls, settings: Settings, *, output_name: str | None, reference: Path | None = None
    ) -> LiveOptions:
        """Take what concerns a conversation from the settings.

        `output_name` is the loudspeaker's, by which `auto` chooses the duplex; None is one that
        the microphone cannot hear.
        """
        duplex = settings.duplex
        if duplex == "auto":
            duplex = "full" if output_name is None or is_headphones(output_name) else "half"
        return cls(
            target_language=settings.target,
            source_language=None if settings.source == "auto" else settings.source,
            voice=settings.voice,
            reference=reference,
            glossary=Glossary.from_settings(settings),
            duplex=duplex,
            max_lag_s=settings.max_lag_s,
        )


def is_headphones(name: str) -> bool:
    """Whether a device's name says that the microphone does not hear it."""
    return any(word in name.lower() for word in _HEADPHONES)


def make_duplex(mode: str) -> Duplex:
    """Raises SettingsError when a mode needs a package that is not installed."""
    if mode == "aec":
        from stslocal.audio.echo_cancelling import EchoCancelled

        return EchoCancelled()
    return FullDuplex() if mode == "full" else HalfDuplex()


class _Ear:
    """The listener of a session, and what relieves it when the machine has too much to do."""

    measures: tuple[Measure, ...] = ("pauses", "speed", "hop", "text")
    """Those that work with these engines: a beam of 1 is what they use anyway."""

    def __init__(self, engines: Engines, options: LiveOptions, clock: Clock, emit: Emit) -> None:
        language = options.source_language
        self._engines = engines
        self._options = options
        self._clock = clock
        self._emit = emit
        self._told: set[str] = set()
        """Languages for which the glossary is not used, which was said."""
        self.playhead = Playhead()
        self._limits = ListenerLimits()
        self._active: frozenset[Measure] = frozenset()
        self._streaming = StreamingListener(
            engines.vad,
            engines.recognizer,
            LiveSegmenter(language or "", spare_s=lambda: self.playhead.spare_s(clock.now())),
            language=language,
            clock=clock,
            limits=self._limits,
            emit=emit,
        )
        self.listener = Interpreting(self._streaming, engines.recognizer, self._by_ear)

    def relieve(self, active: frozenset[Measure]) -> None:
        """Do what the measures in force ask for."""
        if active == self._active:
            return
        self._active = active
        self._streaming.hop_s = (
            self._limits.longest_hop_s * _RARER if "hop" in active else self._limits.hop_s
        )

    def _by_ear(self, language: str) -> bool:
        """Whether the recognizer is to translate; a glossary does not reach it, which is said."""
        if not _only_by_ear(self._engines, language, self._options.target_language):
            return False
        if self._options.glossary is not None and language not in self._told:
            self._told.add(language)
            self._emit(
                Notice(
                    self._clock.now(),
                    f"{name_of(language)} is translated by Whisper itself: the glossary is not "
                    "used for it",
                )
            )
        return True


class Conversation:
    """A session with all it needs, to be entered, iterated and left.

    with Conversation(engines, options, microphone, loudspeaker, clock=RealClock()) as talk:
        for segment in talk.session:
            print(segment.item.text)
    """

    def __init__(
        self,
        engines: Engines,
        options: LiveOptions,
        input: AudioInput,
        output: AudioOutput,
        *,
        clock: Clock,
        input_name: str = "microphone",
        record: RecordingFiles | None = None,
        emit: Emit = ignore,
        run: Run | None = None,
    ) -> None:
        """Raises SettingsError for a voice or a mode that is not there, AudioDecodeError for a
        reference that cannot be read, OutputError for a recording that cannot be begun.
        """
        self.options = options
        self.recording: LiveRecording | None = None
        self._engines = engines
        self._input_name = input_name
        self._cleanup = ExitStack()
        stream_clock = StreamClock(clock)
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="enrol")
        self._cleanup.callback(self._pool.shutdown, wait=True, cancel_futures=True)
        self.enrolment: Enrolment | None = None
        """Learns the speaker's voice; None where the voice is given."""
        self.voice = self._choose_voice(stream_clock, emit)
        if record is not None:
            rate = engines.synthesizer.sample_rate
            self.recording = LiveRecording(record, rate, self.about, emit=emit)
            emit = fan_out(emit, self.recording.emit)
        ear = _Ear(engines, options, stream_clock, emit)
        self.session = LiveSession(
            input,
            ear.listener,
            self._translator(stream_clock, emit),
            engines.synthesizer,
            output,
            target=options.target_language,
            clock=stream_clock,
            voice=self.voice,
            duplex=make_duplex(options.duplex),
            playhead=ear.playhead,
            max_lag_s=options.max_lag_s,
            synthesis_workers=engines.threads.synthesis_workers if run is None else 1,
            measures=ear.measures,
            relieve=ear.relieve,
            record=self.recording,
            emit=emit,
            run=run,
        )

    def __enter__(self) -> Conversation:
        if self.recording is not None:
            self._cleanup.enter_context(self.recording)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._cleanup.close()

    def learnt_voice(self) -> VoiceProfile | None:
        """The speaker's voice as it is known when all is said; None when too little was.

        To be asked for before the conversation is left. Raises EngineError.
        """
        return self.voice.profile if self.enrolment is None else self.enrolment.latest()

    def about(self) -> Session:
        """A session file's view of the conversation, as far as it is known by now."""
        engines, options = self._engines, self.options
        source = options.source_language or UNDETERMINED
        profile = self.voice.profile
        return Session(
            program=f"stslocal {__version__}",
            source=SessionSource(self._input_name, 0.0),
            source_language=source,
            source_probability=1.0 if options.source_language else 0.0,
            target_language=options.target_language,
            models=engines.models_for(source, options.target_language),
            voice=SessionVoice(options.voice)
            if profile is None
            else SessionVoice(profile.name, profile.pitch_semitones, dict(profile.provenance)),
            settings={
                "from": options.source_language or "auto",
                "to": options.target_language,
                "voice": options.voice,
                "duplex": options.duplex,
                "max_lag_s": options.max_lag_s,
                **({"glossary": options.glossary.digest} if options.glossary else {}),
                **engines.names.as_settings(),
            },
            output={},
            sample_rate=engines.synthesizer.sample_rate,
            duration_s=0.0,
            segments=(),
        )

    def _translator(self, clock: Clock, emit: Emit) -> TextTranslator:
        translator = _AnyPair(self._engines, self.options.target_language)
        if self.options.glossary is None:
            return translator
        source = self.options.source_language
        if source and _only_by_ear(self._engines, source, self.options.target_language):
            raise SettingsError(NEEDS_A_TRANSLATOR)

        def tell(term: Term) -> None:
            emit(Notice(clock.now(), f"'{term.source}' of the glossary was translated freely"))

        return GlossaryTranslator(translator, self.options.glossary, on_lost=tell)

    def _choose_voice(self, clock: Clock, emit: Emit) -> Voice:
        engines, options = self._engines, self.options
        if options.voice != MATCH:
            return FixedVoice(engines.voices.voice(options.voice, language=options.target_language))
        if options.reference is not None:
            reference = read_audio(options.reference, sample_rate=REFERENCE_RATE)
            return FixedVoice(
                engines.voices.like(reference, REFERENCE_RATE, language=options.target_language)
            )
        self.enrolment = Enrolment(
            engines.cloner,
            self._pool,
            language=options.target_language,
            name=MATCH,
            clock=clock,
            emit=emit,
            describe=describe,
        )
        return self.enrolment


def describe(voice: VoiceProfile) -> str:
    """What a voice was made of, for a person."""
    made_of = voice.provenance.get("styles", voice.name)
    similarity = voice.provenance.get("similarity")
    return f"{made_of} ({similarity} alike)" if similarity else made_of


def warm_up(engines: Engines, options: LiveOptions) -> None:
    """Run every engine once, so that the first sentence does not pay for it."""
    engines.warm_up(options.source_language, options.target_language)
    source = options.source_language
    if source is not None and not _only_by_ear(engines, source, options.target_language):
        _AnyPair(engines, options.target_language).translate(
            ["1"], source=source, target=options.target_language
        )


def _only_by_ear(engines: Engines, source: str, target: str) -> bool:
    """Whether a language is translated by the recognizer itself, for want of a translator."""
    try:
        return source != target and engines.translator_for(source, target) is None
    except SettingsError:
        return False


class _AnyPair:
    """A TextTranslator that takes, for each text, the engine that has the pair, always quick."""

    def __init__(self, engines: Engines, target: str) -> None:
        pairs = {
            pair
            for translator in engines.translators.values()
            for pair in translator.capabilities.pairs
            if pair[1] == target
        }
        self.capabilities = Capabilities(pairs=frozenset(pairs))
        self._engines = engines

    def translate(
        self, texts: Sequence[str], *, source: str, target: str, quick: bool = False
    ) -> list[str]:
        translator: TextTranslator | None = self._engines.translator_for(source, target)
        if translator is None:
            raise ValueError("a segment that the recognizer translates comes with its translation")
        return translator.translate(texts, source=source, target=target, quick=True)
