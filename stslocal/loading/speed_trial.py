"""Measures the speed of one engine on this machine, with a sentence of the package."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from stslocal.audio.decode import read_audio
from stslocal.clock import Clock
from stslocal.engines.protocols import (
    SpeechRecognizer,
    SpeechSynthesizer,
    TextTranslator,
    VoiceConverter,
)
from stslocal.engines.registry import RECOGNIZER, TRANSLATOR, VOICE_CONVERTER, Role
from stslocal.metrics import real_time_factor
from stslocal.samples import BundledClip, bundled_clips
from stslocal.text.sentences import split_sentences
from stslocal.types import RECOGNITION_RATE, Samples

_RECOGNIZED_S = 6.0
_WARM_UP_S = 2.0
_TRIALS, _TRIALS_S = 3, 1.0
"""A trial is repeated so often and so long: in the quickest one, other programs took the least."""


def measure_speed(role: Role[Any], engine: Any, *, clock: Clock) -> float | None:
    """Measure the real-time factor of a recognizer, translator, synthesizer or voice converter,
    alone and warm.

    It is the seconds of work for a second of speech that is recognized, translated (in the
    engine's quick mode, for the duration of the source speech), synthesized or converted. None
    for a recognizer or synthesizer that has none of the sentences' languages.
    """
    if role is RECOGNIZER:
        return _recognition(engine, clock)
    if role is VOICE_CONVERTER:
        return _conversion(engine, clock)
    return (_translation if role is TRANSLATOR else _synthesis)(engine, clock)


def _recognition(engine: SpeechRecognizer, clock: Clock) -> float | None:
    for clip in bundled_clips():
        if clip.language in engine.capabilities.languages:
            speech = read_audio(clip.path)[: round(_RECOGNIZED_S * RECOGNITION_RATE)]
            engine.transcribe(speech[: round(_WARM_UP_S * RECOGNITION_RATE)])

            def transcribe(language: str = clip.language, speech: Samples = speech) -> float:
                engine.transcribe(speech, language=language)
                return len(speech) / RECOGNITION_RATE

            return _factor(transcribe, clock)
    return None


def _translation(engine: TextTranslator, clock: Clock) -> float:
    clip, source, target = _text_to_translate(engine.capabilities.pairs)
    first = _first_sentence(clip.transcript, clip.language)
    share = len(first) / len(clip.transcript)
    spoken_s = share * len(read_audio(clip.path)) / RECOGNITION_RATE
    engine.translate(["One."], source=source, target=target, quick=True)

    def translate() -> float:
        engine.translate([first], source=source, target=target, quick=True)
        return spoken_s

    return _factor(translate, clock)


def _text_to_translate(pairs: Iterable[tuple[str, str]]) -> tuple[BundledClip, str, str]:
    """A recording and a pair of languages to translate its text.

    One of the recording's languages if a translator has it. Others are given an English text, which
    takes them about as long.
    """
    clips = {clip.language: clip for clip in bundled_clips()}

    def strangeness(pair: tuple[str, str]) -> tuple[bool, bool, tuple[str, str]]:
        clip = clips.get(pair[0])
        return clip is None, clip is None or pair[1] not in clip.translations, pair

    source, target = min(pairs, key=strangeness)
    return clips.get(source, bundled_clips()[0]), source, target


def _synthesis(engine: SpeechSynthesizer, clock: Clock) -> float | None:
    for clip in bundled_clips():
        for language, text in _texts(clip):
            if language in engine.capabilities.languages:
                for _ in engine.synthesize("One.", language=language):
                    pass
                sentence = _first_sentence(text, language)

                def speak(sentence: str = sentence, language: str = language) -> float:
                    pieces = engine.synthesize(sentence, language=language)
                    return sum(len(piece) for piece in pieces) / engine.sample_rate

                return _factor(speak, clock)
    return None


def _conversion(engine: VoiceConverter, clock: Clock) -> float:
    speech = read_audio(bundled_clips()[0].path)[: round(_RECOGNIZED_S * RECOGNITION_RATE)]
    voice = engine.embed(speech, RECOGNITION_RATE)
    warm_up = speech[: round(_WARM_UP_S * RECOGNITION_RATE)]
    for _ in engine.convert([warm_up], RECOGNITION_RATE, source=voice, target=voice):
        pass

    def convert() -> float:
        pieces = engine.convert([speech], RECOGNITION_RATE, source=voice, target=voice)
        return sum(len(piece) for piece in pieces) / engine.sample_rate

    return _factor(convert, clock)


def _factor(work: Callable[[], float], clock: Clock) -> float:
    """The real-time factor of `work`, which returns its seconds of speech."""
    factors, end_s = list[float](), clock.now() + _TRIALS_S
    while not factors or (len(factors) < _TRIALS and clock.now() < end_s):
        began_s = clock.now()
        speech_s = work()
        factors.append(real_time_factor(clock.now() - began_s, speech_s))
    return min(factors)


def _texts(clip: BundledClip) -> Iterator[tuple[str, str]]:
    yield clip.language, clip.transcript
    yield from clip.translations.items()


def _first_sentence(text: str, language: str) -> str:
    return split_sentences(text, language)[0]
