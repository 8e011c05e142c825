"""Which engines a run takes, by name: known before any of them is loaded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from stslocal.engines import registry
from stslocal.engines.protocols import Capabilities
from stslocal.engines.registry import RECOGNIZER, SYNTHESIZER, TRANSLATOR, Choice, Role
from stslocal.errors import SettingsError
from stslocal.settings import Settings
from stslocal.translation.coverage import Coverage
from stslocal.translation.translators import NEEDS_A_TRANSLATOR

WHISPER_TRANSLATES = "whisper"
"""As the name of a translator: the recognizer's own translate task."""

Use: TypeAlias = Literal["files", "live"]
"""Files may take longer than they last; live may not."""

Pairs: TypeAlias = frozenset[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class PassedOver:
    """An installed engine, better than the one taken, that `auto` did not take."""

    role: str
    name: str
    why: str
    notable: bool = False
    """Whether a person would wonder: it is too slow here, or its package is not installed."""


@dataclass(frozen=True, slots=True)
class EngineSelection:
    """Which engines a run uses, before any of them is loaded, as the registry names them."""

    recognizer: str
    translator: str
    """What was asked for: `auto`, `whisper`, or a name."""
    synthesizer: str
    translators: tuple[str, ...] = ()
    """Those to load, the preferred first; none where the recognizer translates by itself."""
    passed_over: tuple[PassedOver, ...] = field(default=(), compare=False)
    as_installed: Mapping[str, Capabilities] = field(default_factory=dict, compare=False)
    """What installed engines can do whose files may have been trimmed, by name."""

    @property
    def recognizer_translates(self) -> bool:
        """Whether the recognizer may translate by itself."""
        return self.translator in ("auto", WHISPER_TRANSLATES)

    def choices(self) -> tuple[tuple[Role[Any], Choice], ...]:
        """The engines to load, with their roles."""
        named: tuple[tuple[Role[Any], str], ...] = (
            (RECOGNIZER, self.recognizer),
            *((TRANSLATOR, name) for name in self.translators),
            (SYNTHESIZER, self.synthesizer),
        )
        return tuple((role, registry.choice(role, name)) for role, name in named)

    def coverage(self) -> Coverage:
        """What they can do together, as far as it is known before they are loaded."""
        abilities = {
            (role, choice.name): self.as_installed.get(choice.name, choice.capabilities)
            for role, choice in self.choices()
        }
        return Coverage(
            recognizer=self.recognizer,
            recognizes=abilities[RECOGNIZER, self.recognizer],
            translators={name: abilities[TRANSLATOR, name] for name in self.translators},
            synthesizer=self.synthesizer,
            speaks=abilities[SYNTHESIZER, self.synthesizer],
            recognizer_translates=self.recognizer_translates,
        )

    def check(self, settings: Settings) -> None:
        """Raise SettingsError for a language or pair that these engines lack.

        The message says what they support and which other engine would do.
        """
        if settings.glossary and settings.mt == WHISPER_TRANSLATES:
            raise SettingsError(NEEDS_A_TRANSLATOR)
        coverage, source, target = self.coverage(), settings.source, settings.target
        try:
            if target and source != "auto":
                coverage.check_pair(source, target)
            elif target:
                coverage.check_target(target)
        except SettingsError as error:
            raise SettingsError(f"{error}{_remedy(self, source, target)}") from None

    def as_settings(self) -> dict[str, str]:
        """For a session file."""
        mt = " ".join(self.translators) or self.translator
        return {"asr": self.recognizer, "mt": mt, "tts": self.synthesizer}


def _remedy(selection: EngineSelection, source: str, target: str) -> str:
    """The first option whose engine lacks these languages, with values that have them."""
    coverage = selection.coverage()
    role: Role[Any]
    if source == target:
        return ""
    if source not in ("auto", *coverage.recognizes.languages):
        option, role = "--asr", RECOGNIZER
    elif target not in coverage.speaks.languages:
        option, role = "--tts", SYNTHESIZER
    else:
        option, role = "--mt", TRANSLATOR

    def helps(capabilities: Capabilities) -> bool:
        if role is TRANSLATOR:
            return bool(matching(capabilities.pairs, source, target))
        return (source if role is RECOGNIZER else target) in capabilities.languages

    able, trimmed = [], []
    installed = selection.as_installed
    here = {choice.entry.name for choice in registry.choices(role) if choice.name in installed}
    for choice in registry.choices(role):
        if choice.name not in installed:
            # By its engine's name, it would be taken only if none of that engine were here.
            if helps(choice.capabilities) and choice.entry.name not in here:
                able.append(f"`{option} {choice.entry.name}`")
        elif helps(installed[choice.name]):
            able.append(f"`{option} {choice.entry.name}`")
        elif helps(choice.capabilities):
            trimmed.append(choice.name)
    if able:
        return f"; {' or '.join(dict.fromkeys(able))} can"
    if trimmed:
        return (
            f"; {trimmed[0]} could before it was trimmed: `stslocal models remove "
            f"{trimmed[0]}` and `stslocal models pull {trimmed[0]}` bring it back whole"
        )
    return ""


def matching(pairs: Pairs, source: str, target: str) -> list[tuple[str, str]]:
    """The pairs that a run from `source` (maybe `auto`) to `target` (maybe empty) may need."""
    return [pair for pair in pairs if source in ("auto", pair[0]) and target in ("", pair[1])]
