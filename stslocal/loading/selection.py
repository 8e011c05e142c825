"""The selection: the names of a run's engines, known before any of them is loaded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from stslocal.engines import registry
from stslocal.engines.protocols import Capabilities
from stslocal.engines.registry import (
    RECOGNIZER,
    SYNTHESIZER,
    TRANSLATOR,
    VOICE_CONVERTER,
    Choice,
    Role,
)
from stslocal.errors import SettingsError
from stslocal.languages import name_of
from stslocal.settings import AUTO_VOICE, CONVERT_VOICE, MATCH_VOICE, NO_SPEECH, Settings
from stslocal.translation.coverage import Coverage
from stslocal.translation.translators import NEEDS_A_TRANSLATOR

WHISPER_TRANSLATES = "whisper"
"""The name that stands for the recognizer's own translate task, in place of a translator."""

Use: TypeAlias = Literal["files", "live"]
"""What the engines are for. Files may take longer than their duration; live may not."""

Pairs: TypeAlias = frozenset[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class PassedOver:
    """An installed engine that `auto` did not take, although it is better than the one taken."""

    role: str
    name: str
    why: str
    notable: bool = False
    """Whether a person should know: it is too slow here, or its package is not installed."""


@dataclass(frozen=True, slots=True)
class EngineSelection:
    """The engines of a run, by their names in the registry."""

    recognizer: str
    translator: str
    """The setting: `auto`, `whisper`, or a name."""
    synthesizer: str
    """Empty where nothing is spoken."""
    translators: tuple[str, ...] = ()
    """The translators to load, the preferred first; none where the recognizer translates."""
    passed_over: tuple[PassedOver, ...] = field(default=(), compare=False)
    converter: str = ""
    """The voice converter; empty where no voice is converted."""
    as_installed: Mapping[str, Capabilities] = field(default_factory=dict, compare=False)
    """By name, the capabilities of installed engines whose files may be trimmed."""

    @property
    def is_spoken(self) -> bool:
        """Whether the translation is spoken; else it is text alone."""
        return bool(self.synthesizer)

    @property
    def matches_voices(self) -> bool:
        """Whether a voice like the speaker's is the nearest one of the synthesizer's own."""
        if not self.is_spoken or self.converter:
            return False
        return not registry.choice(SYNTHESIZER, self.synthesizer).capabilities.clones

    @property
    def recognizer_translates(self) -> bool:
        """Whether the recognizer may translate by itself."""
        return self.translator in ("auto", WHISPER_TRANSLATES)

    def names(self) -> tuple[tuple[Role[Any], str], ...]:
        """The engines to load by name, with their roles."""
        return (
            (RECOGNIZER, self.recognizer),
            *((TRANSLATOR, name) for name in self.translators),
            *((SYNTHESIZER, name) for name in filter(None, [self.synthesizer])),
            *((VOICE_CONVERTER, name) for name in filter(None, [self.converter])),
        )

    def choices(self) -> tuple[tuple[Role[Any], Choice], ...]:
        """The engines to load, with their roles."""
        return tuple((role, registry.choice(role, name)) for role, name in self.names())

    def coverage(self) -> Coverage:
        """The pairs of languages that they reach together, as known before they are loaded."""
        abilities = {
            (role, choice.name): self.as_installed.get(choice.name, choice.capabilities)
            for role, choice in self.choices()
        }
        return Coverage(
            recognizer=self.recognizer,
            recognizes=abilities[RECOGNIZER, self.recognizer],
            translators={name: abilities[TRANSLATOR, name] for name in self.translators},
            synthesizer=self.synthesizer,
            speaks=abilities.get((SYNTHESIZER, self.synthesizer), Capabilities()),
            recognizer_translates=self.recognizer_translates,
        )

    def check(self, settings: Settings) -> None:
        """Raise SettingsError for a language or pair that these engines lack."""
        if settings.glossary and settings.mt == WHISPER_TRANSLATES:
            raise SettingsError(NEEDS_A_TRANSLATOR)
        coverage, source, target = self.coverage(), settings.source, settings.target
        if target and source != "auto":
            coverage.check_pair(source, target)
        elif target:
            coverage.check_target(target)

    def as_settings(self) -> dict[str, str]:
        """The selection as settings, for a session file."""
        mt = " ".join(self.translators) or self.translator
        taken = {"asr": self.recognizer, "mt": mt, "tts": self.synthesizer or NO_SPEECH}
        return {**taken, "converter": self.converter} if self.converter else taken

    def voice(self, wanted: str) -> str:
        """The setting for the voice, where `auto` is what these engines make of it."""
        if wanted != AUTO_VOICE:
            return wanted
        return CONVERT_VOICE if self.converter else MATCH_VOICE


def matching(pairs: Pairs, source: str, target: str) -> list[tuple[str, str]]:
    """The pairs that fit a run from `source` (or `auto`) to `target` (empty: any language)."""
    return [pair for pair in pairs if source in ("auto", pair[0]) and target in ("", pair[1])]


def pair_text(source: str, target: str) -> str:
    """Text such as `from English (en) to Portuguese (pt)`; a language that is open is left out."""
    parts = [f"from {name_of(source)}" if source != "auto" else ""]
    parts.append(f"to {name_of(target)}" if target else "")
    return " ".join(filter(None, parts)) or "anything"
