"""One sentence through every stage, each timed alone, and the live latency to expect from it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from stslocal.audio.decode import read_audio
from stslocal.clock import Clock
from stslocal.errors import EngineError, SettingsError
from stslocal.files.stages import SegmentSpeech
from stslocal.files.utterances import UtteranceCutter, UtteranceLimits
from stslocal.live.listener import ListenerLimits
from stslocal.loading.engines import Engines
from stslocal.metrics import real_time_factor
from stslocal.samples import BundledClip, bundled_clips
from stslocal.types import RECOGNITION_RATE, Samples

CARDS_S = 0.2
"""What microphone and loudspeaker add, each about half of it."""


@dataclass(frozen=True, slots=True)
class Trial:
    """How long each stage took for one sentence."""

    source: str
    target: str
    recognized: str
    translated: str
    speech_s: float
    """Length of the sentence as it was spoken."""
    recognition_s: float
    quick_recognition_s: float
    """Of a quick recognition, as live does it while somebody speaks."""
    translation_s: float
    voice_s: float
    """To choose the voice, which is done once for a recording or a conversation."""
    first_audio_s: float
    """Until the first piece of the translation's speech was there."""
    synthesis_s: float
    spoken_s: float
    """Length of the translation's speech."""

    @property
    def recognition_factor(self) -> float:
        """Real-time factor."""
        return real_time_factor(self.recognition_s, self.speech_s)

    @property
    def synthesis_factor(self) -> float:
        """Real-time factor."""
        return real_time_factor(self.synthesis_s, self.spoken_s)

    @property
    def live_steps_s(self) -> dict[str, float]:
        """What passes, live, from a sentence's end until its translation is heard.

        The end is known when the silence was long enough, and the sentence was heard once more
        since the silence began. The other steps follow. Each is what it took alone: in a
        conversation the next sentence is heard while this one is spoken.
        """
        limits = ListenerLimits()
        return {
            "end known": max(
                limits.endpoint.after_sentence_s, limits.pause_s + self.quick_recognition_s
            ),
            "translation": self.translation_s,
            "first audio": self.first_audio_s,
            "sound cards": CARDS_S,
        }

    @property
    def live_latency_s(self) -> float:
        """End-of-speech latency to expect of a sentence like this one."""
        return sum(self.live_steps_s.values())


def run_trial(engines: Engines, voice: str, *, clock: Clock) -> Trial:
    """Take a bundled recording's first sentence through all stages, after a warm-up.

    `voice` is as in `Engines.choose_voice`. Raises SettingsError when the engines have none of
    the recordings' pairs of languages, and whatever the engines raise.
    """
    sample, target = _choose(engines, bundled_clips())
    source = sample.language
    translator = engines.translators_with(None).for_pair(source, target)
    engines.warm_up(source, target)
    audio = read_audio(sample.path)
    sentence = _first_sentence(engines, audio)
    watch = _Stopwatch(clock)
    heard = engines.recognizer.transcribe(sentence, language=source)
    recognition_s = watch.lap()
    engines.recognizer.hypothesize(sentence, language=source)
    quick_recognition_s = watch.lap()
    if translator is None:
        translated = engines.recognizer.transcribe(sentence, language=source, task="translate").text
    else:
        (translated,) = translator.translate([heard.text], source=source, target=target)
    translation_s = watch.lap()
    profile = engines.choose_voice(voice, audio, RECOGNITION_RATE, language=target)
    voice_s = watch.lap()
    pieces = engines.synthesizer.synthesize(translated, language=target, voice=profile)
    spoken = len(next(pieces, ()))
    first_audio_s = watch.lap()
    spoken += sum(len(piece) for piece in pieces)
    if not spoken:
        raise EngineError(f"nothing was spoken for {heard.text!r}, translated as {translated!r}")
    return Trial(
        source=source,
        target=target,
        recognized=heard.text,
        translated=translated,
        speech_s=len(sentence) / RECOGNITION_RATE,
        recognition_s=recognition_s,
        quick_recognition_s=quick_recognition_s,
        translation_s=translation_s,
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


def _choose(engines: Engines, samples: Iterable[BundledClip]) -> tuple[BundledClip, str]:
    refusal: SettingsError | None = None
    for sample in samples:
        for target in sample.translations:
            try:
                engines.coverage.check_pair(sample.language, target)
            except SettingsError as error:
                refusal = refusal or error
            else:
                return sample, target
    raise refusal or SettingsError("there is no recording to try the engines with")


def _first_sentence(engines: Engines, audio: Samples) -> Samples:
    """Up to the pause that ends a sentence in a conversation."""
    pause_s = ListenerLimits().endpoint.after_sentence_s
    cut = SegmentSpeech(engines.vad, UtteranceCutter(UtteranceLimits(silence_s=pause_s)))
    utterances = [*cut.process(audio), *cut.finish()]
    if not utterances:
        raise EngineError("no speech was found in a recording that is known to hold some")
    return utterances[0].samples
