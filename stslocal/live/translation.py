"""Makes a live session that is ready to start, from loaded engines and LiveOptions."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from functools import partial
from types import TracebackType

import numpy as np

from stslocal import __version__
from stslocal.audio.decode import read_audio
from stslocal.clock import Clock
from stslocal.engines.protocols import VoiceActivityDetector
from stslocal.errors import ModelError, SettingsError
from stslocal.languages import UNDETERMINED, name_of
from stslocal.live.by_ear import LiveByEar
from stslocal.live.duplex import make_duplex
from stslocal.live.fixed_voice import FixedVoice
from stslocal.live.lag import lag_limits_for
from stslocal.live.listener import StreamingListener
from stslocal.live.microphone_health import MicrophoneHealth
from stslocal.live.options import LiveOptions
from stslocal.live.pipeline import LiveSession, RunStages
from stslocal.live.playhead import Playhead
from stslocal.live.ports import AudioInput, AudioOutput, Duplex, LivePorts, NoRecord, Voice
from stslocal.live.recording import LiveRecording, RecordingFiles
from stslocal.live.segmentation import LiveSegmenter, limits_for
from stslocal.live.stream_clock import StreamClock
from stslocal.loading.engines import Engines
from stslocal.loading.fingerprint import fingerprint
from stslocal.metrics import Emit, Event, Notice, fan_out, ignore
from stslocal.results.session import Session, SessionSource
from stslocal.results.writing import session_voice
from stslocal.settings import LIKE_THE_SPEAKER
from stslocal.translation.coverage import Coverage
from stslocal.translation.glossary import Term
from stslocal.translation.translators import Translators
from stslocal.types import RECOGNITION_RATE, Samples, VoiceProfile
from stslocal.voices.choose import REFERENCE_RATE
from stslocal.voices.learn import VoiceLearner


class LiveTranslation:
    """A session with everything that it needs, as a context manager.

    with LiveTranslation(engines, options, microphone, loudspeaker, clock=RealClock()) as live:
        for segment in live.session:
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
        duplex: Duplex | None = None,
        emit: Emit = ignore,
        run: RunStages | None = None,
    ) -> None:
        """`duplex` is another one than that of the options.

        Raises SettingsError for a voice or a mode that does not exist, AudioDecodeError for a
        reference that cannot be read, OutputError for a recording that cannot be started.
        """
        self.options = options
        self.recording: LiveRecording | None = None
        self._engines = engines
        self._input_name = input_name
        self._cleanup = ExitStack()
        self._clock = stream_clock = StreamClock(clock)
        request = options.request
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="learn voice")
        self._cleanup.callback(self._pool.shutdown, wait=True, cancel_futures=True)
        self.learner: VoiceLearner | None = None
        """Learns the speaker's voice; None if the voice is given."""
        self.emit = emit
        # The session file names the voice, so the voice is there before what records its events.
        self.voice = self._choose_voice(stream_clock, self._emit_to_all)
        if record is not None:
            rate = engines.synthesizer.sample_rate if engines.selection.is_spoken else 0
            self.recording = LiveRecording(record, rate, self.about, emit=emit)
            emit = fan_out(emit, self.recording.emit)
        health = MicrophoneHealth(emit, speech_in=partial(_speech_in, engines.vad))
        emit = self.emit = fan_out(emit, health.observe)
        translators = self._translators(stream_clock, emit)
        playhead = Playhead()
        self.duplex = duplex or make_duplex(
            options.duplex, is_auto=options.duplex_is_auto, clock=stream_clock, emit=emit
        )
        listener = StreamingListener(
            engines.vad,
            engines.recognizer,
            LiveSegmenter(
                request.source_language or "",
                spare_s=lambda: playhead.spare_s(stream_clock.now()),
                limits=limits_for(options.patience, options.max_lag_s),
            ),
            language=request.source_language,
            clock=stream_clock,
            emit=fan_out(emit, self.duplex.observe),
        )
        self.session = LiveSession(
            LivePorts(
                input,
                listener,
                translators,
                engines.synthesizer_with(request.glossary) if engines.selection.is_spoken else None,
                output,
                voice=self.voice,
                duplex=self.duplex,
                record=self.recording or NoRecord(),
                watch=health.add,
            ),
            target=request.target_language,
            clock=stream_clock,
            playhead=playhead,
            by_ear=LiveByEar(
                engines.recognizer,
                _ByEarWanted(engines, translators.coverage, options, stream_clock, emit),
            ),
            lag=lag_limits_for(options.patience, options.max_lag_s),
            emit=emit,
            run=run,
            synthesis_workers=engines.threads.synthesis_workers if run is None else 1,
        )

    def __enter__(self) -> LiveTranslation:
        if self.recording is not None:
            self._cleanup.enter_context(self.recording)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._cleanup.__exit__(kind, error, traceback)

    def learnt_voice(self) -> VoiceProfile | None:
        """The speaker's voice, learnt from all speech; None if there was too little of it.

        Call it before the `with` block is left. Raises EngineError.
        """
        return self.voice.profile if self.learner is None else self.learner.latest()

    def about(self) -> Session:
        """The session as a session file describes it, as far as it is known by now."""
        engines, request = self._engines, self.options.request
        source = request.source_language or UNDETERMINED
        return Session(
            program=f"stslocal {__version__}",
            source=SessionSource(self._input_name, 0.0),
            source_language=source,
            source_probability=1.0 if request.source_language else 0.0,
            target_language=request.target_language,
            models=engines.models_for(source, request.target_language),
            voice=session_voice(
                self.voice.profile,
                requested=engines.selection.voice(request.voice)
                if engines.selection.is_spoken
                else "",
            ),
            settings={
                **fingerprint(request, engines.selection),
                "duplex": self.options.duplex,
                "max_lag_s": self.options.max_lag_s,
            },
            output={},
            sample_rate=engines.synthesizer.sample_rate if engines.selection.is_spoken else 0,
            duration_s=0.0,
            segments=(),
        )

    def notify(self, text: str) -> None:
        """Tell the person something by an event, such as what an engine says. For any thread."""
        self.emit(Notice(self._clock.now(), text))

    def _translators(self, clock: Clock, emit: Emit) -> Translators:
        request = self.options.request

        def report_lost(term: Term) -> None:
            emit(Notice(clock.now(), f"'{term.source}' of the glossary was translated freely"))

        translators = self._engines.translators_with(request.glossary, on_lost=report_lost)
        if request.glossary is not None and request.source_language is not None:
            translators.for_pair(request.source_language, request.target_language)
        return translators

    def _emit_to_all(self, event: Event) -> None:
        """Emit to all that listen by then, the recording too."""
        self.emit(event)

    def _choose_voice(self, clock: Clock, emit: Emit) -> Voice:
        engines, request = self._engines, self.options.request
        language = request.target_language
        if not engines.selection.is_spoken:
            return FixedVoice()
        if request.voice not in LIKE_THE_SPEAKER:
            return FixedVoice(engines.voices.voice(request.voice, language=language))
        if request.reference is not None:
            reference = read_audio(request.reference, sample_rate=REFERENCE_RATE)
            made = engines.choose_voice(request.voice, reference, REFERENCE_RATE, language=language)
            return FixedVoice(made)
        self.learner = VoiceLearner(
            engines.cloner,
            self._pool,
            language=language,
            name=engines.selection.voice(request.voice),
            clock=clock,
            emit=emit,
            steady=engines.steady,
        )
        return self.learner


def _speech_in(vad: VoiceActivityDetector, samples: Samples) -> float:
    """Seconds of speech in samples at 16 kHz, shape (n,)."""
    whole = samples[: len(samples) // vad.window * vad.window]
    probabilities, _ = vad.probabilities(whole, vad.initial_state())
    return float(np.count_nonzero(probabilities > 0.5)) * vad.window / RECOGNITION_RATE


class _ByEarWanted:
    """Says whether the recognizer is to translate a language.

    Then the glossary is not used for that language, which is reported once. So is a language that
    nothing translates, with the command that installs what does.
    """

    def __init__(
        self,
        engines: Engines,
        coverage: Coverage,
        options: LiveOptions,
        clock: Clock,
        emit: Emit,
    ) -> None:
        self._engines = engines
        self._coverage = coverage
        self._request = options.request
        self._clock = clock
        self._emit = emit
        self._noticed: set[str] = set()

    def __call__(self, language: str) -> bool:
        target = self._request.target_language
        by_ear = self._coverage.is_by_ear(language, target)
        if language in self._noticed:
            return by_ear
        self._noticed.add(language)
        if not by_ear and language not in (target, UNDETERMINED):
            self._report_missing(language, target)
        elif by_ear and self._request.glossary is not None:
            text = f"{name_of(language)} is translated by Whisper itself: the glossary is not used"
            self._notice(f"{text} for it")
        return by_ear

    def _report_missing(self, language: str, target: str) -> None:
        try:
            self._engines.check_detected(language, target)
        except (SettingsError, ModelError) as error:
            self._notice(str(error))

    def _notice(self, text: str) -> None:
        self._emit(Notice(self._clock.now(), text))
