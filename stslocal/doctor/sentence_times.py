"""Times each stage on one sentence, and sums up the latency to expect of live."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from stslocal.audio.decode import read_audio
from stslocal.clock import Clock
from stslocal.errors import EngineError, SettingsError
from stslocal.files.stages import SegmentSpeech
from stslocal.files.utterances import UtteranceCutter, UtteranceLimits
from stslocal.live.listener_limits import ListenerLimits
from stslocal.loading.engines import Engines
from stslocal.metrics import real_time_factor
from stslocal.samples import BundledClip, bundled_clips
from stslocal.types import RECOGNITION_RATE, Samples
from stslocal.voices.choose import voice_kind

SOUND_CARDS_S = 0.2
"""Latency of the microphone and the loudspeaker together; each has about half of it."""


@dataclass(frozen=True, slots=True)
class SentenceTimes:
    """How long each stage took for one sentence."""

    source: str
    target: str
    recognized: str
    translated: str
    speech_s: float
    """Length of the sentence in the source language."""
    recognition_s: float
    quick_recognition_s: float
    """Time of a quick recognition, which live does while a person speaks."""
    translation_s: float
    voice: str
    """Whether it is cloned, converted, matched, the default one or `built-in`."""
    voice_s: float
    """Time to choose the voice, which is done once per recording or live session."""
    first_audio_s: float
    """Time until the synthesizer returned the first samples."""
    synthesis_s: float
    spoken_s: float
    """Length of the translated speech."""

    @property
    def recognition_factor(self) -> float:
        """Real-time factor of the recognition."""
        return real_time_factor(self.recognition_s, self.speech_s)

    @property
    def synthesis_factor(self) -> float:
        """Real-time factor of the synthesis."""
        return real_time_factor(self.synthesis_s, self.spoken_s)

    @property
    def live_steps_s(self) -> dict[str, float]:
        """The steps of live from a sentence's end until its translation sounds, in seconds.

        Live knows the end when the silence was long enough and the sentence was recognized once
        more since the silence began. The other steps follow. Each was timed alone; in a live
        session, the next sentence is recognized while the translation of this one plays.
        """
        limits = ListenerLimits()
        return {
            "end noticed": max(
                limits.endpoint.after_sentence_s, limits.pause_s + self.quick_recognition_s
            ),
            "translation": self.translation_s,
            "first sound": self.first_audio_s,
            "sound cards": SOUND_CARDS_S,
        }

    @property
    def live_latency_s(self) -> float:
        """End-of-speech latency to expect for a sentence like this one."""
        return sum(self.live_steps_s.values())


def time_sentence(engines: Engines, voice: str, *, clock: Clock) -> SentenceTimes:
    """Time all stages on the first sentence of a bundled recording, after a warm-up.

    `voice` is as in `Engines.choose_voice`. Raises SettingsError if the engines cover none of the
    recordings' pairs of languages, and all errors of the engines.
    """
    clip, target = _choose_clip(engines, bundled_clips())
    source = clip.language
    translator = engines.translators_with(None).for_pair(source, target)
    engines.warm_up(source, target)
    audio = read_audio(clip.path)
    sentence = _first_sentence(engines, audio)
    watch = _Stopwatch(clock)
    recognized = engines.recognizer.transcribe(sentence, language=source).text
    recognition_s = watch.lap()
    engines.recognizer.hypothesize(sentence, language=source)
    quick_recognition_s = watch.lap()
    if translator is None:
        translated = engines.recognizer.transcribe(sentence, language=source, task="translate").text
    else:
        (translated,) = translator.translate([recognized], source=source, target=target)
    translation_s = watch.lap()
    profile = engines.choose_voice(voice, audio, RECOGNITION_RATE, language=target)
    voice_s = watch.lap()
    pieces = engines.synthesizer.synthesize(translated, language=target, voice=profile)
    spoken = len(next(pieces, ()))
    first_audio_s = watch.lap()
    spoken += sum(len(piece) for piece in pieces)
    if not spoken:
        raise EngineError(f"nothing was spoken for {recognized!r}, translated as {translated!r}")
    return SentenceTimes(
        source=source,
        target=target,
        recognized=recognized,
        translated=translated,
        speech_s=len(sentence) / RECOGNITION_RATE,
        recognition_s=recognition_s,
        quick_recognition_s=quick_recognition_s,
        translation_s=translation_s,
        voice=voice_kind(profile),
        voice_s=voice_s,
        first_audio_s=first_audio_s,
        synthesis_s=first_audio_s + watch.lap(),
        spoken_s=spoken / engines.synthesizer.sample_rate,
    )


class _Stopwatch:
    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._since_s = clock.now()

    def lap(self) -> float:
        """Seconds since the last call."""
        since_s, self._since_s = self._since_s, self._clock.now()
        return self._since_s - since_s


def _choose_clip(engines: Engines, clips: Iterable[BundledClip]) -> tuple[BundledClip, str]:
    refusal: SettingsError | None = None
    for clip in clips:
        for target in clip.translations:
            try:
                engines.coverage.check_pair(clip.language, target)
            except SettingsError as error:
                refusal = refusal or error
            else:
                return clip, target
    raise refusal or SettingsError("there is no recording to try the engines with")


def _first_sentence(engines: Engines, audio: Samples) -> Samples:
    """The recording up to the first pause that ends a sentence in live."""
    pause_s = ListenerLimits().endpoint.after_sentence_s
    cut = SegmentSpeech(engines.vad, UtteranceCutter(UtteranceLimits(silence_s=pause_s)))
    utterances = [*cut.process(audio), *cut.finish()]
    if not utterances:
        raise EngineError("no speech was found in a recording that is known to hold some")
    return utterances[0].samples
