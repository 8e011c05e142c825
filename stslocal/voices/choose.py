"""Chooses the voice that speaks: a match or clone of the speaker's, a saved or a built-in one."""

from __future__ import annotations

import difflib
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from stslocal.engines import registry
from stslocal.engines.protocols import SpeechSynthesizer, VoiceCloner
from stslocal.errors import SettingsError
from stslocal.languages import name_of
from stslocal.models.store import ModelStore
from stslocal.settings import LIKE_THE_SPEAKER, MATCH_VOICE
from stslocal.types import Samples, VoiceProfile
from stslocal.voices.store import VoiceStore

_log = logging.getLogger(__name__)

REFERENCE_RATE = 24_000
"""Hertz at which a reference is read."""


def unchanged(profile: VoiceProfile, language: str) -> VoiceProfile:
    """Return the voice as it is: the `adapt` of an engine whose voices are for every language."""
    return profile


def newest(before: VoiceProfile, after: VoiceProfile) -> VoiceProfile:
    """Return the voice made from more speech: the `steady` of an engine that clones."""
    return after


def as_it_is(profile: VoiceProfile, others: Sequence[VoiceProfile]) -> VoiceProfile:
    """Return the voice as it is: the `apart` of an engine that clones."""
    return profile


def nothing_to_prepare(language: str) -> None:
    """The `prepare` of engines that make a voice at once."""


@dataclass(frozen=True, slots=True)
class VoiceEngines:
    """A synthesizer, the cloner that makes voices for it, and the saved voices of a person."""

    synthesizer: SpeechSynthesizer
    cloner: VoiceCloner
    name: str
    """The synthesizer's name in the registry."""
    adapt: Callable[[VoiceProfile, str], VoiceProfile] = unchanged
    """Makes the voice of the same speaker for another language."""
    steady: Callable[[VoiceProfile, VoiceProfile], VoiceProfile] = newest
    """Which of two voices of one speaker speaks on, the second one made from more speech."""
    saved: VoiceStore = field(default_factory=VoiceStore)
    converter: str = ""
    """The engine of the voices that the synthesizer speaks by conversion; empty if it has none."""
    prepare: Callable[[str], None] = nothing_to_prepare
    """Does once for a language what making voices for it needs."""
    apart: Callable[[VoiceProfile, Sequence[VoiceProfile]], VoiceProfile] = as_it_is
    """The voice for a speaker beside those of the other speakers of a recording."""

    def voice(self, name: str, *, language: str) -> VoiceProfile:
        """The saved or else the built-in voice `name`, adapted to `language`.

        Raises SettingsError for a voice that was made for another engine, and for an unknown name.
        """
        if name in self.saved:
            choice = registry.choice(registry.SYNTHESIZER, self.name)
            profile = _saved_for(choice, name, self.saved, self.converter)
            return self.adapt(profile, language)
        return self.synthesizer.voice(name)

    def like(
        self, speech: Samples, sample_rate: int, *, language: str, name: str = MATCH_VOICE
    ) -> VoiceProfile:
        """Make a voice like the speaker's of `speech`, shape (n,), that speaks `language`."""
        voice = self.cloner.clone(speech, sample_rate, name=name, language=language)
        about = ", ".join(f"{key}: {text}" for key, text in voice.provenance.items())
        _log.info("a voice like the speaker's: %s", about)
        return voice


def check_voice(
    name: str, synthesizer: str, store: ModelStore, saved: VoiceStore, converter: str = ""
) -> None:
    """Raise SettingsError, before the synthesizer is loaded, for a voice that it does not have.

    `synthesizer` and `converter` are names in the registry. Raises the errors of the store for
    models that are not installed.
    """
    if name in LIKE_THE_SPEAKER:
        return
    choice = registry.choice(registry.SYNTHESIZER, synthesizer)
    if name in saved:
        engine = ""
        if converter:
            engine = registry.choice(registry.VOICE_CONVERTER, converter).entry.name
        _saved_for(choice, name, saved, engine)
        return
    if not choice.entry.built_in_voices:
        return  # the name is checked when the synthesizer is loaded
    built_in = [voice.name for voice in registry.built_in_voices(synthesizer, store)]
    if name in built_in:
        return
    near = difflib.get_close_matches(name, [*saved.names(), *built_in], n=3)
    hint = (
        f"did you mean {', '.join(near)}?"
        if near
        else "`stslocal voices list --built-in` shows its voices, and `stslocal voices enroll "
        f"{name} CLIP` makes one"
    )
    raise SettingsError(f"{choice.entry.name} has no voice '{name}', and none is saved: {hint}")


def describe_voice(voice: VoiceProfile) -> str:
    """Say what a voice like a speaker's is: cloned, converted, matched, or a default voice."""
    about = voice.provenance
    style = about.get("styles", voice.name)
    if "default" in about:
        return f"the default one ({style}): {about['default']}"
    if "conversion" in about:
        return f"converted: {about['conversion']}; not a clone"
    if "match" in about:
        return f"{about['match']} ({style}); not a clone"
    return "a clone of it"


def voice_kind(voice: VoiceProfile) -> str:
    """`built-in`, `default`, `converted`, `matched` or `cloned`."""
    if voice.provenance.keys() <= {"styles", "speaks"}:
        return "built-in"
    kinds = {"default": "default", "conversion": "converted", "match": "matched"}
    return next((kind for key, kind in kinds.items() if key in voice.provenance), "cloned")


def _saved_for(
    choice: registry.Choice, name: str, saved: VoiceStore, converter: str
) -> VoiceProfile:
    profile, engine = saved.load(name), choice.entry.name
    if profile.engine not in (engine, converter):
        raise SettingsError(
            f"the voice {name} was made for {profile.engine}, but {engine} is selected: "
            f"add `--tts {profile.engine}`, or make another voice with "
            f"`stslocal voices enroll NEW-NAME clip.wav --tts {engine}`"
        )
    only = profile.provenance.get("speaks", "")
    if only and only not in choice.capabilities.languages:
        code = next(iter(choice.capabilities.languages))
        raise SettingsError(
            f"the voice {name} was made to speak {name_of(only)}, and {choice.name} does not: make "
            f"another one with `stslocal voices enroll NEW-NAME clip.wav --to {code}`"
        )
    return profile
