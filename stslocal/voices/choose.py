"""Whose voice speaks: one like the speaker's, one of a person's saved voices, or a built-in one."""

from __future__ import annotations

import difflib
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from stslocal.engines import registry
from stslocal.engines.protocols import SpeechSynthesizer, VoiceCloner
from stslocal.errors import SettingsError
from stslocal.models.store import ModelStore
from stslocal.settings import MATCH_VOICE
from stslocal.types import Samples, VoiceProfile
from stslocal.voices.store import VoiceStore

REFERENCE_RATE = 24_000
"""Hertz at which a recording of a speaker is read to make a voice from it."""


def unchanged(profile: VoiceProfile, language: str) -> VoiceProfile:
    """How a voice that speaks every language alike is adapted to one."""
    return profile


@dataclass(frozen=True, slots=True)
class VoiceEngines:
    """A synthesizer, what makes voices for it, and the voices that a person has saved."""

    synthesizer: SpeechSynthesizer
    cloner: VoiceCloner
    name: str
    """The synthesizer's, as the registry names it."""
    adapt: Callable[[VoiceProfile, str], VoiceProfile] = unchanged
    """Gives the same speaker's voice for a language."""
    saved: VoiceStore = field(default_factory=VoiceStore)

    def voice(self, name: str, *, language: str) -> VoiceProfile:
        """The saved or else the built-in voice `name`, to speak `language` with.

        Raises SettingsError for one that was made for another engine, and for an unknown name.
        """
        if name in self.saved:
            engine = registry.choice(registry.SYNTHESIZER, self.name).entry.name
            return self.adapt(_saved_for(engine, name, self.saved), language)
        return self.synthesizer.voice(name)

    def has_built_in(self, name: str) -> bool:
        """Whether the synthesizer brings a voice of that name."""
        try:
            self.synthesizer.voice(name)
        except SettingsError:
            return False
        return True

    def like(
        self, speech: Samples, sample_rate: int, *, language: str, name: str = MATCH_VOICE
    ) -> VoiceProfile:
        """A voice like the speaker's of `speech`, shape (n,), to speak `language` with."""
        return self.cloner.clone(speech, sample_rate, name=name, language=language)


def check_voice(name: str, synthesizer: str, store: ModelStore, saved: VoiceStore) -> None:
    """Raise SettingsError for a voice that the synthesizer cannot speak in, before it is loaded.

    A built-in voice is known beforehand where the voices are files of their own; else it is
    looked for when the synthesizer is there.
    """
    if name == MATCH_VOICE:
        return
    choice = registry.choice(registry.SYNTHESIZER, synthesizer)
    if name in saved:
        _saved_for(choice.entry.name, name, saved)
        return
    models = [store.manifest.models[model] for model in choice.weights.models]
    files = [file.name for model in models if model.role == "voices" for file in model.files]
    built_in = [PurePosixPath(file).stem for file in files]
    if not built_in or name in built_in:
        return
    near = difflib.get_close_matches(name, [*saved.names(), *built_in], n=3)
    hint = f"did you mean {', '.join(near)}?" if near else f"it has {', '.join(built_in)}"
    raise SettingsError(f"{synthesizer} has no voice '{name}', and none is saved: {hint}")


def _saved_for(engine: str, name: str, saved: VoiceStore) -> VoiceProfile:
    profile = saved.load(name)
    if profile.engine != engine:
        raise SettingsError(
            f"the voice {name} was made for {profile.engine}, and {engine} is to speak: "
            f"add `--tts {profile.engine}`, or make another voice with "
            f"`stslocal voices enroll NEW-NAME clip.wav --tts {engine}`"
        )
    return profile
