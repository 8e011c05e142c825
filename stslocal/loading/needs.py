"""What a run needs: its engines, whether they are installed, and the command that installs them.

All of it is known before any engine is loaded. A person gets one sentence with one command, also
where several things are missing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from stslocal.engines import registry
from stslocal.engines.pairs import legs
from stslocal.engines.protocols import Capabilities
from stslocal.engines.registry import RECOGNIZER, SYNTHESIZER, TRANSLATOR, Choice, Role
from stslocal.errors import NotSpokenError, SettingsError
from stslocal.languages import name_of
from stslocal.loading.missing import Missing, models_of, short_name
from stslocal.loading.selection import WHISPER_TRANSLATES, EngineSelection, matching
from stslocal.models.manifest import Model
from stslocal.models.store import ModelStore
from stslocal.settings import Settings
from stslocal.translation.coverage import translates_by_ear

OPTIONS = {RECOGNIZER.name: "--asr", TRANSLATOR.name: "--mt", SYNTHESIZER.name: "--tts"}
"""The option that chooses the engine of each role."""
EVERY_ROLE = (RECOGNIZER, TRANSLATOR, SYNTHESIZER)


def check_needs(
    settings: Settings,
    store: ModelStore,
    selection: EngineSelection,
    *,
    roles: Sequence[Role[Any]] = EVERY_ROLE,
) -> None:
    """Refuse a run that its engines cannot do, or whose models are not installed.

    `roles` are the roles that the run uses. Nothing is loaded. Raises SettingsError for languages
    that no engine reaches or that the named engines lack; ModelNotFoundError with the command that
    installs all that is missing; ModelIntegrityError for a model of the wrong size.
    """
    if settings.source == settings.target and settings.target:
        selection.check(settings)
    engines = _Needed(settings, store, selection).engines(roles)
    if missing := Missing.of(engines, store):
        raise missing.error(_purpose(settings, roles))
    if TRANSLATOR in roles:
        selection.check(settings)


def models_for(settings: Settings, store: ModelStore, selection: EngineSelection) -> list[Model]:
    """The models that a run with these settings needs, installed or not.

    Raises SettingsError for languages that no engine reaches.
    """
    return models_of(_Needed(settings, store, selection).engines(EVERY_ROLE), store)


def how_to_install(engines: Sequence[Choice], store: ModelStore) -> str:
    """The advice to run the command that installs these engines, with the size; empty if all are.

    Raises as `check_needs` does for models that are damaged.
    """
    missing = Missing.of(engines, store)
    return f"run {missing.command} ({missing.size})" if missing else ""


@dataclass(frozen=True, slots=True)
class _Needed:
    """Finds the engines of a run: the selected ones, and others where these cannot do it."""

    settings: Settings
    store: ModelStore
    selection: EngineSelection

    def engines(self, roles: Sequence[Role[Any]]) -> list[Choice]:
        """The engines of these roles, of which not all may be installed. Raises SettingsError."""
        source, target = self.settings.source, self.settings.target
        coverage = self.selection.coverage()
        if not self.selection.is_spoken:
            roles = [role for role in roles if role is not SYNTHESIZER]
        chosen: dict[str, list[Choice]] = {role.name: [] for role in roles}
        for role, choice in self.selection.choices():
            if role in roles:
                chosen[role.name].append(choice)
        recognizes = coverage.recognizes
        if RECOGNIZER in roles and source not in ("auto", *recognizes.languages):
            fault = f"speech in {name_of(source)} is not recognized"
            found = self._cheapest(RECOGNIZER, lambda each: source in each.languages, fault)
            chosen[RECOGNIZER.name], recognizes = found, found[0].capabilities
        if SYNTHESIZER in roles and target and target not in coverage.speaks.languages:
            fault = f"{name_of(target)} is not spoken"
            found = self._cheapest(SYNTHESIZER, lambda each: target in each.languages, fault)
            chosen[SYNTHESIZER.name] = found
        if TRANSLATOR in roles and target and not self._is_translated(recognizes):
            start = f"from {name_of(source)} " if source != "auto" else ""
            fault = f"nothing is translated {start}into {name_of(target)}"

            def has_pair(capabilities: Capabilities) -> bool:
                return bool(matching(capabilities.pairs, source, target))

            chosen[TRANSLATOR.name] = self._cheapest(TRANSLATOR, has_pair, fault)
        engines = [choice for choices in chosen.values() for choice in choices]
        speakers = chosen.get(SYNTHESIZER.name, [])
        if speakers and self.selection.converter:
            engines.append(registry.choice(registry.VOICE_CONVERTER, self.selection.converter))
        elif speakers and not speakers[0].capabilities.clones:
            engines.append(registry.choice(registry.SPEAKER_ENCODER))
        return engines

    def _is_translated(self, recognizes: Capabilities) -> bool:
        source, target = self.settings.source, self.settings.target
        coverage = self.selection.coverage()
        translators = coverage.translators.values()
        alone = any(matching(each.pairs, source, target) for each in translators)
        if alone or coverage.has_translator(source, target):
            return True
        if not self.selection.recognizer_translates:
            return False
        if source == "auto":
            return target in recognizes.translates_to
        return translates_by_ear(recognizes, source, target)

    def _has_translator(self) -> bool:
        """Whether a translator that is known reaches the target, installed or not."""
        source, target = self.settings.source, self.settings.target
        every = (self._capabilities(each).pairs for each in registry.choices(TRANSLATOR))
        return any(matching(each, source, target) for each in every) or any(self._through_english())

    def _cheapest(
        self, role: Role[Any], suits: Callable[[Capabilities], bool], fault: str
    ) -> list[Choice]:
        """The engine that suits: one for any use first, then the one with the least to be fetched.

        Two translators may suit together, through English. Raises SettingsError where none does,
        and where others than the one in the settings do.
        """
        asr, mt, tts = self.settings.asr, self.settings.mt, self.settings.tts
        named = {RECOGNIZER.name: asr, TRANSLATOR.name: mt, SYNTHESIZER.name: tts}[role.name]
        every = registry.choices(role)
        allowed = () if named == WHISPER_TRANSLATES else registry.choices(role, named)
        able = [[choice] for choice in every if suits(self._capabilities(choice))]
        able += self._through_english() if role is TRANSLATOR else []
        able.sort(key=self._cost)
        trimmed = [
            choice for choice in allowed if suits(choice.capabilities) and [choice] not in able
        ]
        if trimmed:
            name = trimmed[-1].name
            raise SettingsError(
                f"{fault}: {name} could before it was trimmed, and `stslocal models remove {name}` "
                f"and `stslocal models pull {name}` install it whole"
            )
        for engines in able:
            if all(choice in allowed for choice in engines):
                return engines
        if not able:
            is_text = role is SYNTHESIZER and self._has_translator()
            error = NotSpokenError if is_text else SettingsError
            raise error(f"{fault} by any engine: {self._reached(every)}")
        option = OPTIONS[role.name]
        missing = Missing.of(able[0], self.store)
        first = f", after {missing.command} ({missing.size})" if missing else ""
        name = short_name(able[0][0]) if missing else able[0][0].entry.name
        name = name if len(able[0]) == 1 else "auto"
        raise SettingsError(f"with `{option} {named}`, {fault}: use `{option} {name}`{first}")

    def _capabilities(self, choice: Choice) -> Capabilities:
        return self.selection.as_installed.get(choice.name, choice.capabilities)

    def _through_english(self) -> list[list[Choice]]:
        """The cheapest two translators that reach the pair together; none for an open source."""
        source, target = self.settings.source, self.settings.target
        every = registry.choices(TRANSLATOR) if source != "auto" else ()
        both = legs(every, lambda each: self._capabilities(each).pairs, source, target)
        way = [min(leg, key=lambda each: self._cost([each])) for leg in both if leg]
        return [way] if len(way) == len(both) else []

    def _cost(self, engines: Sequence[Choice]) -> tuple[bool, bool, int, int, int]:
        """Whether a licence to be accepted excludes commercial use, whether there is a better one;
        of what is to be fetched the models of unknown size, the bytes, the models.
        """
        models = models_of(engines, self.store)
        missing = [model for model in models if not self.store.installed(model.id)]
        return (
            not all(model.commercial for model in missing),
            any(choice.weights.smaller for choice in engines) and bool(missing),
            sum(model.size is None for model in missing),
            sum(model.size or 0 for model in missing),
            len(missing),
        )

    def _reached(self, choices: Iterable[Choice]) -> str:
        codes: set[str] = set()
        for choice in choices:
            codes |= {target for _, target in choice.capabilities.pairs}
            codes |= choice.capabilities.languages
        return f"choose one of {', '.join(sorted(name_of(code) for code in codes))}"


def _purpose(settings: Settings, roles: Sequence[Role[Any]]) -> str:
    source, target = settings.source, settings.target
    spoken = f"speech in {name_of(target)}" if target else "speech"
    if TRANSLATOR not in roles:
        return "recognition" if RECOGNIZER in roles else spoken
    start = f" from {name_of(source)}" if source != "auto" else ""
    return f"translation{start} into {name_of(target)}" if target else "translation"
