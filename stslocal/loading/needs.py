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
from stslocal.engines.registry import RECOGNIZER, SYNTHESIZER, TRANSLATOR, Choice, EngineEntry, Role
from stslocal.errors import ModelNotFoundError, SettingsError, StslocalError
from stslocal.languages import name_of
from stslocal.loading.selection import WHISPER_TRANSLATES, EngineSelection, matching
from stslocal.models.manifest import Model, size_text
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
    if missing := _Missing.of(engines, store):
        raise missing.error(_purpose(settings, roles))
    if TRANSLATOR in roles:
        selection.check(settings)


def models_for(settings: Settings, store: ModelStore, selection: EngineSelection) -> list[Model]:
    """The models that a run with these settings needs, installed or not.

    Raises SettingsError for languages that no engine reaches.
    """
    return _models(_Needed(settings, store, selection).engines(EVERY_ROLE), store)


def how_to_install(engines: Sequence[Choice], store: ModelStore) -> str:
    """The advice to run the command that installs these engines, with the size; empty if all are.

    Raises as `check_needs` does for models that are damaged.
    """
    missing = _Missing.of(engines, store)
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
            raise SettingsError(f"{fault} by any engine: {self._reached(every)}")
        option = OPTIONS[role.name]
        missing = _Missing.of(able[0], self.store)
        first = f", after {missing.command} ({missing.size})" if missing else ""
        name = _short_name(able[0][0]) if missing else able[0][0].entry.name
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
        models = _models(engines, self.store)
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


@dataclass(frozen=True, slots=True)
class _Missing:
    """What of some engines is not installed."""

    models: tuple[Model, ...]
    names: tuple[str, ...]
    """What `stslocal models pull` is to fetch."""
    entries: tuple[EngineEntry, ...]
    """The engines whose Python packages are missing."""

    @classmethod
    def of(cls, engines: Sequence[Choice], store: ModelStore) -> _Missing:
        """Raises the store's error for a damaged model, and for the only one where it says more."""
        models: list[Model] = []
        faults: list[ModelNotFoundError] = []
        for model in _models(engines, store):
            try:
                if not store.is_complete(model.id):
                    models.append(model)
            except ModelNotFoundError as fault:  # a part of it is missing or old
                models.append(model)
                faults.append(fault)
        if faults and len(models) == 1:
            raise faults[0]
        ids = {model.id for model in models}
        first_pack = next(iter(store.packs.values()), None)
        names = [
            first_pack.id
            if len(ids) > 1 and first_pack and ids & set(first_pack.models) >= parts
            else " ".join(sorted(parts) if choice.weights.name else [_short_name(choice)])
            for choice in engines
            if (parts := ids & set(choice.weights.models))
        ]
        entries = [choice.entry for choice in engines if not choice.importable]
        return cls(tuple(models), tuple(dict.fromkeys(names)), tuple(dict.fromkeys(entries)))

    def __bool__(self) -> bool:
        return bool(self.models or self.entries)

    @property
    def command(self) -> str:
        """The one command line that installs all of it, in backquotes."""
        parts = [registry.install_command(entry) for entry in self.entries]
        if self.models:
            asks = any(model.must_be_accepted for model in self.models)
            licence = " --accept-licence" if asks else ""
            parts.append(f"stslocal models pull {' '.join(self.names)}{licence}")
        return f"`{' && '.join(parts)}`"

    @property
    def size(self) -> str:
        """How much is fetched, for a person, and its licences.

        Those that exclude commercial use are named with the models.
        """
        if not self.models:
            return "packages of Python"
        size = size_text(self.models).replace("?", "of unknown size")
        if not all(model.commercial for model in self.models):
            return f"{size}, not for commercial use"
        licences = dict.fromkeys(model.licence for model in self.models)
        return ", ".join([size, *licences])

    def error(self, purpose: str) -> StslocalError:
        """The error that says what is missing, for what, and the command that installs it."""
        parts = [_described(model) for model in self.models]
        parts += [f"the Python packages of {entry.name}" for entry in self.entries]
        many = len(parts) > 1 or bool(self.entries)
        listed = " and ".join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts)
        text = (
            f"{purpose} needs {listed}, which {'are' if many else 'is'} not installed: "
            f"run {self.command} ({self.size})"
        )
        return ModelNotFoundError(text) if self.models else SettingsError(text)


def _models(engines: Iterable[Choice], store: ModelStore) -> list[Model]:
    ids = dict.fromkeys(model for choice in engines for model in choice.weights.models)
    return [store.manifest.model(model_id) for model_id in ids]


def _short_name(choice: Choice) -> str:
    """The engine's name where it stands for this choice and is shorter, else the model's."""
    every = registry.choices(choice.entry.role, choice.entry.name)
    same = every[-1] == choice and not differ_by_language(every)
    return min(choice.entry.name, choice.name, key=len) if same else choice.name


def differ_by_language(choices: Sequence[Choice]) -> bool:
    """Whether these are voices for different languages, so that no one stands for the others."""
    voices = [choice for choice in choices if choice.entry.role == SYNTHESIZER]
    return len({choice.capabilities.languages for choice in voices}) > 1


def _described(model: Model) -> str:
    if not model.must_be_accepted:
        return model.id
    if model.terms_url:
        return f"{model.id} (licence {model.licence}, and its terms: {model.terms_url})"
    return f"{model.id} (licence {model.licence}: {model.licence_url})"


def _purpose(settings: Settings, roles: Sequence[Role[Any]]) -> str:
    source, target = settings.source, settings.target
    spoken = f"speech in {name_of(target)}" if target else "speech"
    if TRANSLATOR not in roles:
        return "recognition" if RECOGNIZER in roles else spoken
    start = f" from {name_of(source)}" if source != "auto" else ""
    return f"translation{start} into {name_of(target)}" if target else "translation"
