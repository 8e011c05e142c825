"""The speaker's voice by conversion: a built-in voice speaks, and is changed into the speaker's.

It works with every synthesizer and in every language that it speaks, because what is changed is
sound. Of two built-in voices of a language, a low and a high one, the nearer in pitch speaks.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from math import log

import numpy as np

from stslocal.audio.resample import Resampler
from stslocal.engines.protocols import SpeechSynthesizer, VoiceConverter
from stslocal.engines.speaker.reference import judge_reference, without_pauses
from stslocal.errors import SettingsError
from stslocal.languages import name_of
from stslocal.types import Embedding, Samples, VoiceProfile

SPEAKER, BUILT_IN = "embedding", "built_in_embedding"
"""The arrays of a voice: the speaker's embedding, and that of the built-in voice that speaks."""

_COUNTED = "1, 2, 3, 4, 5, 6, 7."
"""Spoken once in a built-in voice to embed it: every language has words for it."""
_LOW_HZ, _HIGH_HZ = 120.0, 210.0
"""Usual pitch of men and of women. Only the built-in voices nearest to these speak, so that both
can be embedded before anybody speaks."""

BuiltInPitches = Callable[[str], Sequence[tuple[str, float]]]
"""The built-in voices native to a language, each with its median F0 in hertz; 0 if not known."""


class ConvertingSynthesizer:
    """A `SpeechSynthesizer` that speaks in converted voices, and in those of another one."""

    def __init__(
        self, synthesizer: SpeechSynthesizer, converter: VoiceConverter, converter_name: str
    ) -> None:
        """`converter_name` is the engine of the voices to convert into."""
        self.capabilities = synthesizer.capabilities
        self.sample_rate = synthesizer.sample_rate
        self._synthesizer = synthesizer
        self._converter = converter
        self._converter_name = converter_name

    def voice_names(self, language: str) -> tuple[str, ...]:
        return self._synthesizer.voice_names(language)

    def voice(self, name: str) -> VoiceProfile:
        return self._synthesizer.voice(name)

    def synthesize(
        self, text: str, *, language: str, voice: VoiceProfile | None = None, speed: float = 1.0
    ) -> Iterator[Samples]:
        speech = self._synthesizer.synthesize(
            text, language=language, voice=self._spoken_in(voice), speed=speed
        )
        if voice is None or voice.engine != self._converter_name:
            return speech
        return self._converted(speech, voice)

    def estimate_s(
        self, text: str, *, language: str, voice: VoiceProfile | None = None, speed: float = 1.0
    ) -> float:
        return self._synthesizer.estimate_s(
            text, language=language, voice=self._spoken_in(voice), speed=speed
        )

    def _spoken_in(self, voice: VoiceProfile | None) -> VoiceProfile | None:
        if voice is None or voice.engine != self._converter_name:
            return voice
        return self._synthesizer.voice(voice.provenance["built_in"])

    def _converted(self, speech: Iterator[Samples], voice: VoiceProfile) -> Iterator[Samples]:
        if self.capabilities.streams_within:
            yield from self._stream(speech, voice)
            return
        # Other synthesizers yield whole clauses, between pauses. Each is converted by itself:
        # its end would otherwise wait for the next one, which is not synthesized yet.
        for clause in speech:
            yield from self._stream([clause], voice)

    def _stream(self, speech: Iterable[Samples], voice: VoiceProfile) -> Iterator[Samples]:
        resampler = Resampler(self._converter.sample_rate, self.sample_rate)
        converted = self._converter.convert(
            speech,
            self.sample_rate,
            source=np.asarray(voice.arrays[BUILT_IN]),
            target=np.asarray(voice.arrays[SPEAKER]),
        )
        for samples in converted:
            if len(made := resampler.process(samples)):
                yield np.clip(made, -1.0, 1.0)
        if len(rest := resampler.flush()):
            yield np.clip(rest, -1.0, 1.0)


class ConvertedVoices:
    """A `VoiceMatcher` that makes converted voices for one synthesizer, for any thread."""

    def __init__(
        self,
        synthesizer: SpeechSynthesizer,
        converter: VoiceConverter,
        converter_name: str,
        pitches: BuiltInPitches,
    ) -> None:
        self._synthesizer = synthesizer
        self._converter = converter
        self._name = converter_name
        self._pitches = pitches
        self._lock = threading.Lock()
        self._embedded: dict[tuple[str, str], Embedding] = {}
        """Of the built-in voices, by language and name."""

    def clone(
        self, reference: Samples, sample_rate: int, *, name: str, language: str
    ) -> VoiceProfile:
        """A voice with the embedding of the speaker of `reference`.

        For an unusable reference it is the language's default voice, and `provenance` gives the
        reason (`default`).
        """
        quality = judge_reference(reference, sample_rate)
        if not quality.usable:
            default = self._synthesizer.voice(self._synthesizer.voice_names(language)[0])
            about = {"default": quality.verdict, "language": language, **default.provenance}
            return replace(default, name=name, provenance=about)
        embedding = self._converter.embed(without_pauses(reference, sample_rate), sample_rate)
        about = {"reference": quality.verdict, "speaker_pitch_hz": f"{quality.pitch_hz:.0f}"}
        voice = VoiceProfile(name, self._name, {SPEAKER: embedding}, about)
        return self._in_language(voice, language)

    def prepare(self, language: str) -> None:
        """Embed the built-in voices of a language, which takes a few seconds, once."""
        for built_in in self._candidates(language):
            self._embedding_of(language, built_in)

    def adapted(self, profile: VoiceProfile, language: str) -> VoiceProfile:
        """The same voice for another language. A voice that is not converted stays as it is."""
        return self._in_language(profile, language) if profile.engine == self._name else profile

    def steady(self, before: VoiceProfile, after: VoiceProfile) -> VoiceProfile:
        """The voice that speaks on: that of more speech, in the same built-in voice.

        Another built-in voice would be taken for another speaker.
        """
        if after.engine != self._name or before.engine != self._name:
            return before if after.engine != self._name else after
        kept = {key: before.provenance[key] for key in ("built_in", "conversion")}
        return replace(
            after,
            arrays={**after.arrays, BUILT_IN: before.arrays[BUILT_IN]},
            provenance={**after.provenance, **kept},
        )

    def apart(self, profile: VoiceProfile, others: Sequence[VoiceProfile]) -> VoiceProfile:
        """The same voice: each speaker's own embedding makes it another one."""
        return profile

    def _in_language(self, voice: VoiceProfile, language: str) -> VoiceProfile:
        candidates = self._candidates(language)
        pitch_hz = float(voice.provenance.get("speaker_pitch_hz", 0.0))
        built_in = _nearest(candidates, pitch_hz) if len(candidates) > 1 else next(iter(candidates))
        about = {
            **voice.provenance,
            "language": language,
            "built_in": built_in,
            "conversion": f"spoken by {built_in}, and changed into the speaker's by {self._name}",
        }
        arrays = {**voice.arrays, BUILT_IN: self._embedding_of(language, built_in)}
        return replace(voice, arrays=arrays, provenance=about)

    def _candidates(self, language: str) -> dict[str, float]:
        """The built-in voices that may speak, with their pitch: a low one and a high one.

        Where no pitch is known it is the default voice, with 0.
        """
        native = self._synthesizer.voice_names(language)  # those of its region, where it has one
        if not native:
            raise SettingsError(
                f"there is no built-in voice for {name_of(language)} to be converted: add `--tts "
                "kokoro`, or leave out `--voice convert`"
            )
        pitches = self._pitches(language)
        known = {name: hertz for name, hertz in pitches if hertz > 0.0 and name in native}
        if not known:
            return {native[0]: 0.0}
        chosen = [_nearest(known, pitch_hz) for pitch_hz in (_LOW_HZ, _HIGH_HZ)]
        return {name: known[name] for name in chosen}

    def _embedding_of(self, language: str, built_in: str) -> Embedding:
        with self._lock:
            if (language, built_in) not in self._embedded:
                voice = self._synthesizer.voice(built_in)
                spoken = list(
                    self._synthesizer.synthesize(_COUNTED, language=language, voice=voice)
                )
                rate = self._synthesizer.sample_rate
                speech = without_pauses(np.concatenate(spoken), rate)
                self._embedded[language, built_in] = self._converter.embed(speech, rate)
            return self._embedded[language, built_in]


def _nearest(pitches_hz: Mapping[str, float], pitch_hz: float) -> str:
    """The name of the voice that is nearest in semitones. Only `pitch_hz` may be 0."""
    return min(pitches_hz, key=lambda name: abs(log(pitches_hz[name] / max(pitch_hz, 1.0))))
