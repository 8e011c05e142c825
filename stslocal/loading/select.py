"""Selects the engines of a run: those that the settings name and, for `auto`, the best installed.

The registry lists the engines and models of a role, the best first and last the one that every
machine can run. `auto` takes the first that is installed and has the languages of the run; for
live its measured speed on this machine must also be high enough. With the name of an engine, the
choice among its models is made in the same way; with the name of a model, there is no choice.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeAlias

from stslocal.engines import registry
from stslocal.engines.pairs import PIVOT, legs, reached
from stslocal.engines.protocols import Capabilities
from stslocal.engines.registry import (
    RECOGNIZER,
    SYNTHESIZER,
    TRANSLATOR,
    VOICE_CONVERTER,
    Choice,
    Role,
)
from stslocal.languages import name_of
from stslocal.loading.selection import (
    WHISPER_TRANSLATES,
    EngineSelection,
    PassedOver,
    Use,
    matching,
    pair_text,
)
from stslocal.metrics import speed_in_words
from stslocal.models.store import ModelStore
from stslocal.settings import AUTO_VOICE, CONVERT_VOICE, LIKE_THE_SPEAKER, Settings
from stslocal.translation.coverage import translates_by_ear
from stslocal.voices.store import VoiceStore

_log = logging.getLogger(__name__)

LIVE_SHARES = {RECOGNIZER.name: 0.35, TRANSLATOR.name: 0.1, SYNTHESIZER.name: 0.45}
"""The largest real-time factor with which `auto` takes an engine for live. Each is measured alone;
live they share the machine, and a tenth of it stays free. A synthesizer and a voice converter after
it have one share together."""

SpeedOf: TypeAlias = Callable[[Role[Any], Choice], float | None]
"""Returns an engine's real-time factor on this machine; None, which is fast enough, if unknown."""


def select_engines(
    settings: Settings,
    store: ModelStore,
    *,
    use: Use = "files",
    speed_of: SpeedOf = lambda role, choice: None,
) -> EngineSelection:
    """Resolve the names in the settings. Raises SettingsError for one that is unknown."""
    return _Selector(settings, store, use, speed_of).select()


class _Selector:
    """Goes through each role's engines, the best first, and notes why it passes one over."""

    def __init__(self, settings: Settings, store: ModelStore, use: Use, speed_of: SpeedOf) -> None:
        self._settings = settings
        self._store = store
        self._live = use == "live"
        self._speed_of = speed_of
        self._passed: list[PassedOver] = []
        self._as_installed: dict[str, Capabilities] = {}
        self._installed: dict[str, bool] = {}
        """Whether each model that was asked for is installed: many choices share a model."""

    def select(self) -> EngineSelection:
        mt = self._settings.mt
        options = () if mt == WHISPER_TRANSLATES else registry.choices(TRANSLATOR, mt)
        one_is_named = len(options) < 2 and mt != "auto"
        usable = options if one_is_named else self._usable(TRANSLATOR, options)
        recognizer = self._recognizer(usable or options[-1:])
        translators = self._translators(usable, recognizer.capabilities)
        if not translators and not self._by_ear_is_enough(recognizer.capabilities):
            translators = tuple(choice.name for choice in options[-1:])
        synthesizer = converter = ""
        if self._settings.is_spoken:
            chosen = self._synthesizer()
            synthesizer, converter = chosen.name, self._converter(chosen)
        found = (recognizer.name, mt, synthesizer, translators)
        return EngineSelection(*found, tuple(self._passed), converter, dict(self._as_installed))

    def _synthesizer(self) -> Choice:
        target, voice = self._settings.target, self._settings.voice
        speakers = self._suitable(
            SYNTHESIZER,
            registry.choices(SYNTHESIZER, self._settings.tts),
            lambda capabilities: not target or target in capabilities.languages,
            f"it does not speak {name_of(target)}",
        )
        if voice == CONVERT_VOICE:  # one that clones is slower, and needs it least
            speakers = [each for each in speakers if not each.capabilities.clones] or speakers
        return self._first_fast_enough(SYNTHESIZER, speakers)

    def _converter(self, synthesizer: Choice) -> str:
        """The voice converter; empty where the voice is not converted.

        `auto` converts with an installed converter where the synthesizer does not clone and, for
        live, both together are fast enough. A saved voice that was made for one needs it.
        """
        voice = self._settings.voice
        if voice == CONVERT_VOICE:
            options = registry.choices(VOICE_CONVERTER)
            return (self._usable(VOICE_CONVERTER, options) or options[-1:])[0].name
        known = registry.names(VOICE_CONVERTER)
        options = registry.choices(VOICE_CONVERTER) if known else ()
        if voice not in LIKE_THE_SPEAKER:
            saved = VoiceStore()
            engine = saved.load(voice).engine if voice in saved else ""
            return next((each.name for each in options if each.entry.name == engine), "")
        if voice != AUTO_VOICE or self._capabilities(synthesizer).clones:
            return ""
        for choice in self._usable(VOICE_CONVERTER, options):
            why = self._too_slow(VOICE_CONVERTER, choice, after=synthesizer)
            if not why:
                return choice.name
            self._pass_over(VOICE_CONVERTER, choice, why, notable=True)
        return ""

    def _recognizer(self, translators: Sequence[Choice]) -> Choice:
        """The best of the recognizers that reach the target from enough languages.

        Enough is half as many as the recognizer with the most.
        """
        source, target = self._settings.source, self._settings.target
        pairs = frozenset[tuple[str, str]]().union(*map(self._pairs, translators))
        sources = reached(pairs, target)
        may_translate = self._settings.mt in ("auto", WHISPER_TRANSLATES)

        def reaches_target(capabilities: Capabilities, code: str) -> bool:
            by_ear = may_translate and translates_by_ear(capabilities, code, target)
            return not target or code in sources or by_ear

        def count_reached(capabilities: Capabilities) -> int:
            return sum(
                reaches_target(capabilities, code)
                for code in capabilities.languages
                if source in ("auto", code)
            )

        options = registry.choices(RECOGNIZER, self._settings.asr)
        most = max(count_reached(choice.capabilities) for choice in options)
        why = f"with it, fewer languages can be translated into {name_of(target)}"
        if source != "auto":
            why = f"with it, {name_of(source)} cannot be translated into {name_of(target)}"
        suitable = self._suitable(
            RECOGNIZER, options, lambda each: 2 * count_reached(each) >= most, why
        )
        return self._first_fast_enough(RECOGNIZER, suitable)

    def _translators(self, options: Sequence[Choice], recognizer: Capabilities) -> tuple[str, ...]:
        """The translators that add pairs to the coverage; one that is too slow comes last."""
        source, target = self._settings.source, self._settings.target
        by_ear: set[tuple[str, str]] = set()
        if self._settings.mt == "auto" and target in recognizer.translates_to:
            by_ear = {(code, target) for code in recognizer.languages}
        adds = {
            choice.name: set(matching(self._pairs(choice), source, target)) for choice in options
        }
        covered: set[tuple[str, str]] = set()
        taken: list[str] = []
        slow: list[str] = []
        for number, choice in enumerate(options):
            new = adds[choice.name] - covered
            others = by_ear.union(*(adds[later.name] for later in options[number + 1 :]))
            if not adds[choice.name]:
                trimmed = bool(matching(choice.capabilities.pairs, source, target))
                why = f"it does not translate {pair_text(source, target)}"
                why += ", since it was trimmed to other languages" if trimmed else ""
                self._pass_over(TRANSLATOR, choice, why, notable=trimmed)
            elif not new:
                self._pass_over(
                    TRANSLATOR, choice, f"its languages are translated by {' and '.join(taken)}"
                )
            elif new & others and (why := self._too_slow(TRANSLATOR, choice)):
                self._pass_over(TRANSLATOR, choice, why, notable=True)
                slow.append(choice.name)
            else:
                taken.append(choice.name)
                covered |= new
        for name in reversed(slow):
            if adds[name] - covered - by_ear:
                taken.append(name)
                covered |= adds[name]
        known = {code for code, _ in covered}
        taken = list(dict.fromkeys(taken + self._through_english(options, known)))
        self._passed = [passed for passed in self._passed if passed.name not in taken]
        return tuple(taken)

    def _through_english(self, options: Sequence[Choice], known: set[str]) -> list[str]:
        """The translators that reach together what none reaches alone: those into English from
        sources that are not known, and the one out of it.
        """
        source, target = self._settings.source, self._settings.target
        into, out_of = legs(options, self._pairs, source, target)
        taken = []
        for choice in into if out_of else ():
            new = {code for code, _ in matching(self._pairs(choice), source, PIVOT)} - {target}
            if new - known:
                taken.append(choice.name)
                known |= new
        return [*taken, self._first_fast_enough(TRANSLATOR, out_of).name] if taken else []

    def _by_ear_is_enough(self, recognizer: Capabilities) -> bool:
        source, target = self._settings.source, self._settings.target
        if self._settings.mt not in ("auto", WHISPER_TRANSLATES):
            return False
        return target in recognizer.translates_to and source in ("auto", *recognizer.languages)

    def _suitable(
        self,
        role: Role[Any],
        options: Sequence[Choice],
        suits: Callable[[Capabilities], bool],
        why_not: str,
    ) -> Sequence[Choice]:
        """The usable options that suit; where there is none, the last option."""
        if len(options) == 1:
            return options
        found = []
        for choice in self._usable(role, options):
            if suits(choice.capabilities):
                found.append(choice)
            else:
                self._pass_over(role, choice, why_not)
        return found or options[-1:]

    def _usable(self, role: Role[Any], options: Iterable[Choice]) -> tuple[Choice, ...]:
        """The options whose weights and packages are installed."""
        found = []
        for choice in options:
            if not all(self._is_installed(model) for model in choice.weights.models):
                continue
            if choice.importable:
                found.append(choice)
            else:
                why = f"a package is missing: {registry.how_to_install(choice.entry)}"
                self._pass_over(role, choice, why, notable=True)
        return tuple(found)

    def _pairs(self, choice: Choice) -> frozenset[tuple[str, str]]:
        return self._capabilities(choice).pairs

    def _capabilities(self, choice: Choice) -> Capabilities:
        """The capabilities of an engine, from its installed files where they may be trimmed."""
        read_capabilities, models = choice.weights.capabilities_of, choice.weights.models
        if read_capabilities is None or not self._is_installed(models[0]):
            return choice.capabilities
        if choice.name not in self._as_installed:
            folder = self._store.location(self._store.manifest.models[models[0]])
            self._as_installed[choice.name] = read_capabilities(folder)
        return self._as_installed[choice.name]

    def _is_installed(self, model: str) -> bool:
        if model not in self._installed:
            known = model in self._store.manifest.models
            self._installed[model] = known and self._store.installed(model)
        return self._installed[model]

    def _first_fast_enough(self, role: Role[Any], options: Sequence[Choice]) -> Choice:
        """The first option that is fast enough, else the last one, which is the fastest."""
        for choice in options[:-1]:
            why = self._too_slow(role, choice)
            if not why:
                return choice
            self._pass_over(role, choice, why, notable=True)
        return options[-1]

    def _too_slow(self, role: Role[Any], choice: Choice, *, after: Choice | None = None) -> str:
        """Why an engine is too slow for live; empty if it is not.

        Where it works after a synthesizer, both of them together have its share.
        """
        factor = self._speed_of(role, choice) if self._live else None
        share = LIVE_SHARES[SYNTHESIZER.name if after else role.name]
        if factor is not None and after is not None:
            factor += self._speed_of(SYNTHESIZER, after) or 0.0
        if factor is None or factor <= share:
            return ""
        together = f"with {after.name} " if after else ""
        return (
            f"{together}it is {speed_in_words(factor)} than speech on this machine, and live needs "
            f"{speed_in_words(share)}"
        )

    def _pass_over(
        self, role: Role[Any], choice: Choice, why: str, *, notable: bool = False
    ) -> None:
        self._passed.append(PassedOver(role.name, choice.name, why, notable))
        _log.info("%s %s is not used: %s", role.name, choice.name, why)
