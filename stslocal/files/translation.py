"""File translation: a recording in, its translated speech, subtitles and session file out.

The recording is read in blocks and cut into utterances; the opening of it settles the language
and the voice, and from there on the stages run side by side. Memory does not grow with the
recording, only the session's text does.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from time import perf_counter
from typing import Any, BinaryIO

import numpy as np

from stslocal import __version__
from stslocal.audio.decode import probe, read_audio, read_blocks
from stslocal.audio.encode import AudioWriter
from stslocal.engines.protocols import TextTranslator
from stslocal.errors import SettingsError, output_error
from stslocal.files.placement import MAX_SPEED, TargetTimeline
from stslocal.files.plan import FileTask
from stslocal.files.stages import Recognize, RecognizeAndTranslate, SegmentSpeech, Synthesize
from stslocal.files.utterances import UtteranceCutter
from stslocal.loading.load import Engines
from stslocal.loading.selection import EngineNames
from stslocal.metrics import real_time_factor
from stslocal.pipeline.runner import PipelineRunner
from stslocal.results.session import (
    OutputFile,
    Session,
    SessionFormatError,
    SessionSegment,
    SessionSource,
    SessionVoice,
    Span,
    file_sha256,
    is_complete,
    read_session,
)
from stslocal.results.subtitles import Cue, to_srt, to_vtt
from stslocal.settings import Settings
from stslocal.storage import write_text
from stslocal.translation.glossary import NEEDS_A_TRANSLATOR, Glossary, GlossaryTranslator, Term
from stslocal.translation.segmentation import Segmenter
from stslocal.translation.translate import Translate
from stslocal.types import RECOGNITION_RATE, Samples, SpokenSegment, Utterance, VoiceProfile
from stslocal.voices.choose import MATCH, REFERENCE_RATE
from stslocal.voices.store import VoiceStore

SUBTITLE_FORMATS = {"srt": to_srt, "vtt": to_vtt}

OPENING_S = 12.0
"""Seconds of speech heard before the first sentence is translated: enough to know the language
and the voice, and never held twice."""

_SILENCE_BLOCK_S = 1.0
UNDETERMINED = "und"
"""ISO 639-2 for the language of a recording in which nobody speaks."""


@dataclass(frozen=True, slots=True)
class FileOptions:
    """What is wanted of one recording."""

    source_language: str | None = None
    """None: recognized from the opening."""
    target_language: str = "en"
    voice: str = MATCH
    """`match` follows the speaker; otherwise the name of a voice."""
    reference: Path | None = None
    """A recording whose speaker is followed instead."""
    glossary: Glossary | None = None
    """Terms that are translated as it says."""
    output_format: str = "wav"
    subtitles: tuple[str, ...] = ("srt", "vtt")
    max_speed: float = MAX_SPEED

    @classmethod
    def from_settings(cls, settings: Settings, reference: Path | None = None) -> FileOptions:
        """Take what concerns a recording from the settings."""
        return cls(
            source_language=None if settings.source == "auto" else settings.source,
            target_language=settings.target,
            voice=settings.voice,
            reference=reference,
            glossary=Glossary.from_settings(settings),
            output_format=settings.output_format,
            subtitles=settings.subtitles,
            max_speed=settings.speed_cap,
        )

    def fingerprint(self, engines: EngineNames) -> dict[str, Any]:
        """What a finished result must have been made with to be kept by a rerun."""
        saved = VoiceStore()
        return {
            "from": self.source_language or "auto",
            "to": self.target_language,
            "voice": self.voice,
            "reference": file_sha256(self.reference) if self.reference else None,
            "saved_voice": file_sha256(saved.path(self.voice)) if self.voice in saved else None,
            "subtitles": sorted(self.subtitles),
            "format": self.output_format,
            "max_speed": self.max_speed,
            **({"glossary": self.glossary.digest} if self.glossary else {}),
            **engines.as_settings(),
        }


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a recording has got."""

    done_s: float
    """Seconds of the recording whose translation is finished."""
    total_s: float | None
    """None when the recording does not say how long it is."""
    elapsed_s: float

    @property
    def real_time_factor(self) -> float:
        """Seconds of work a second of recording; below 1 is faster than real time."""
        return real_time_factor(self.elapsed_s, self.done_s)


@dataclass(frozen=True, slots=True)
class TranslatedSpeech:
    """A finished translation and its files."""

    session: Session
    audio: Path | None
    """None when the speech went to a stream."""
    files: Sequence[Path] = ()
    """Everything written, the session file last."""
    elapsed_s: float = 0.0

    @property
    def text(self) -> str:
        """What was said, a segment a line."""
        return "\n".join(segment.text for segment in self.session.segments)

    @property
    def translation(self) -> str:
        """What it means, a segment a line."""
        return "\n".join(segment.translation for segment in self.session.segments)

    @property
    def real_time_factor(self) -> float:
        """Seconds of work a second of recording."""
        return real_time_factor(self.elapsed_s, self.session.source.duration_s)


@dataclass(frozen=True, slots=True)
class PlacedSegment:
    """A spoken segment and where it starts in the translated audio."""

    spoken: SpokenSegment
    start_s: float

    @property
    def end_s(self) -> float:
        return self.start_s + self.spoken.duration_s


@dataclass(slots=True)
class FileTranslation:
    """One recording on its way: iterate `segments()` once, then read what was learnt."""

    engines: Engines
    source: Path | BinaryIO
    options: FileOptions
    source_language: str = UNDETERMINED
    source_probability: float = 0.0
    voice: VoiceProfile | None = None
    duration_s: float = 0.0
    """Of the recording, as far as it has been read."""
    warnings: list[str] = field(default_factory=list)
    lost_terms: Counter[str] = field(default_factory=Counter)
    """Terms of the glossary that were translated freely, and how often."""

    def segments(self) -> Iterator[PlacedSegment]:
        """Yield the translated segments in order, each as soon as it is spoken.

        Raises SettingsError for a pair of languages that cannot be translated, AudioDecodeError
        for a recording that cannot be read, StageError when an engine fails.
        """
        with closing(self._utterances()) as utterances:
            opening = _take_opening(utterances)
            if not opening:
                self.source_language = self.options.source_language or UNDETERMINED
                self.warnings.append("nobody speaks in this recording: its translation is silent")
                return
            heard = np.concatenate([utterance.samples for utterance in opening])
            self._learn_language(heard)
            rate = RECOGNITION_RATE
            if reference := self.options.reference:
                heard, rate = read_audio(reference, sample_rate=REFERENCE_RATE), REFERENCE_RATE
            self.voice = self.engines.choose_voice(
                self.options.voice, heard, rate, language=self.options.target_language
            )
            yield from self._run(chain(opening, utterances), self.voice)

    def _run(self, utterances: Iterator[Utterance], voice: VoiceProfile) -> Iterator[PlacedSegment]:
        timeline = TargetTimeline()
        spoke = False
        with PipelineRunner(utterances, self._stages(voice), name="file") as run:
            for spoken in run:
                spoke = True
                start_s = timeline.place(spoken.translated.segment.start_s, spoken.duration_s)
                yield PlacedSegment(spoken, start_s)
        if not spoke:
            self.warnings.append("no words were recognized: the translation is silent")
        elif why := voice.provenance.get("default"):
            self.warnings.append(f"the default voice speaks: {why}")
        if self.lost_terms:
            terms = ", ".join(f"'{term}' {times} x" for term, times in self.lost_terms.items())
            self.warnings.append(f"terms of the glossary that were translated freely: {terms}")

    def _stages(self, voice: VoiceProfile) -> list[Any]:
        engines, target = self.engines, self.options.target_language
        recognize: Recognize | RecognizeAndTranslate
        translator = self._translator()
        if translator is None:
            recognize = RecognizeAndTranslate(engines.recognizer, language=self.source_language)
        else:
            recognize = Recognize(
                engines.recognizer,
                Segmenter(self.source_language),
                language=self.source_language,
            )
        synthesize = Synthesize(
            engines.synthesizer,
            voice,
            max_speed=self.options.max_speed,
            workers=engines.threads.synthesis_workers,
        )
        return [recognize, Translate(translator, target=target), synthesize]

    def _translator(self) -> TextTranslator | None:
        """The pair's, held to the glossary; None when the recognizer translates by itself."""
        translator = self.engines.translator_for(self.source_language, self.options.target_language)
        glossary = self.options.glossary
        if glossary is None:
            return translator
        if translator is None:
            raise SettingsError(NEEDS_A_TRANSLATOR)

        def note(term: Term) -> None:
            self.lost_terms[term.source] += 1

        return GlossaryTranslator(translator, glossary, on_lost=note)

    def _utterances(self) -> Generator[Utterance, None, None]:
        stage = SegmentSpeech(self.engines.vad, UtteranceCutter())
        for block in read_blocks(self.source, on_warning=self.warnings.append):
            self.duration_s += len(block) / RECOGNITION_RATE
            yield from stage.process(block)
        yield from stage.finish()

    def _learn_language(self, speech: Samples) -> None:
        if self.options.source_language is not None:
            self.source_language, self.source_probability = self.options.source_language, 1.0
        else:
            self.source_language, self.source_probability = self.engines.recognizer.detect_language(
                speech
            )
        self.engines.offer.check_pair(
            self.source_language,
            self.options.target_language,
            heard=self.options.source_language is None,
        )


def translate_to_files(
    engines: Engines,
    task: FileTask,
    options: FileOptions,
    *,
    on_progress: Callable[[Progress], None] = lambda _: None,
) -> TranslatedSpeech:
    """Translate one recording and write audio, subtitles and session file, complete or not at all.

    Raises what `FileTranslation.segments` raises, and OutputError when a file cannot be written.
    """
    began = perf_counter()
    info = probe(task.source)
    running = FileTranslation(engines, task.source, options)
    segments: list[SessionSegment] = []
    try:
        task.folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise output_error(task.folder, error) from error
    with AudioWriter(task.audio, engines.synthesizer.sample_rate, options.output_format) as writer:
        for placed in running.segments():
            _write_at(writer, placed)
            segments.append(_session_segment(placed))
            done_s = placed.spoken.translated.segment.end_s
            on_progress(Progress(done_s, info.duration_s, perf_counter() - began))
        _write_silence(writer, running.duration_s)
    written = [task.audio, *_write_subtitles(task, options, segments)]
    session = Session(
        program=f"stslocal {__version__}",
        source=SessionSource(
            name=task.source.name,
            duration_s=running.duration_s,
            bytes=task.source.stat().st_size,
            sha256=file_sha256(task.source),
        ),
        source_language=running.source_language,
        source_probability=running.source_probability,
        target_language=options.target_language,
        models=engines.models_for(running.source_language, options.target_language),
        voice=_session_voice(running.voice),
        settings=options.fingerprint(engines.names),
        output={path.name: OutputFile(path.stat().st_size, file_sha256(path)) for path in written},
        sample_rate=writer.sample_rate,
        duration_s=writer.position / writer.sample_rate,
        segments=segments,
        warnings=running.warnings,
    )
    write_text(task.session, session.to_json())
    return TranslatedSpeech(session, task.audio, [*written, task.session], perf_counter() - began)


def translate_to_stream(
    engines: Engines, source: BinaryIO, sink: BinaryIO, options: FileOptions
) -> list[str]:
    """Translate a recording from one stream to another; returns the warnings."""
    running = FileTranslation(engines, source, options)
    with AudioWriter(sink, engines.synthesizer.sample_rate, options.output_format) as writer:
        for placed in running.segments():
            _write_at(writer, placed)
        _write_silence(writer, running.duration_s)
    return running.warnings


def finished_earlier(task: FileTask, options: FileOptions, engines: EngineNames) -> Session | None:
    """The session of an earlier run that made the same of the same recording, still whole."""
    try:
        session = read_session(task.session)
    except SessionFormatError:
        return None
    same_source = (
        task.source.is_file()
        and session.source.bytes == task.source.stat().st_size
        and session.source.sha256 == file_sha256(task.source)
    )
    same_wish = (
        session.settings == options.fingerprint(engines) and task.audio.name in session.output
    )
    return session if same_source and same_wish and is_complete(session, task.folder) else None


def _take_opening(utterances: Iterator[Utterance]) -> list[Utterance]:
    opening: list[Utterance] = []
    heard = 0
    for utterance in utterances:
        opening.append(utterance)
        heard += len(utterance.samples)
        if heard >= OPENING_S * RECOGNITION_RATE:
            break
    return opening


def _write_at(writer: AudioWriter, placed: PlacedSegment) -> None:
    _write_silence(writer, placed.start_s)
    writer.write(placed.spoken.samples)


def _write_silence(writer: AudioWriter, until_s: float) -> None:
    """Fill up to `until_s`; nothing when the audio is already that long."""
    missing = round(until_s * writer.sample_rate) - writer.position
    block = round(_SILENCE_BLOCK_S * writer.sample_rate)
    while missing > 0:
        writer.write(np.zeros(min(missing, block), np.float32))
        missing -= block


def _write_subtitles(
    task: FileTask, options: FileOptions, segments: Sequence[SessionSegment]
) -> list[Path]:
    said = [Cue(s.source.start_s, s.source.end_s, s.text) for s in segments]
    meant = [
        Cue(span.start_s, span.end_s, s.translation)
        for s in segments
        for span in [s.target or s.source]
    ]
    written = []
    for kind in options.subtitles:
        for path, cues in ((task.source_subtitles(kind), said), (task.subtitles(kind), meant)):
            write_text(path, SUBTITLE_FORMATS[kind](cues))
            written.append(path)
    return written


def _session_segment(placed: PlacedSegment) -> SessionSegment:
    spoken = placed.spoken
    translated = spoken.translated
    segment = translated.segment
    return SessionSegment(
        index=segment.index,
        language=segment.language,
        source=Span(segment.start_s, segment.end_s),
        text=segment.text,
        words=segment.words,
        translation=translated.text,
        target=Span(placed.start_s, placed.end_s) if len(spoken.samples) else None,
        voice=spoken.voice,
        speed=spoken.speed,
        timings={
            "recognition_s": segment.recognition_s,
            "translation_s": translated.translation_s,
            "synthesis_s": spoken.synthesis_s,
        },
    )


def _session_voice(voice: VoiceProfile | None) -> SessionVoice:
    if voice is None:
        return SessionVoice("")
    return SessionVoice(voice.name, voice.pitch_semitones, dict(voice.provenance))
