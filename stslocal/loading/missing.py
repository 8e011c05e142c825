"""What of a run's engines is not installed, and the one command that installs all of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from stslocal.engines import registry
from stslocal.engines.registry import SYNTHESIZER, Choice, EngineEntry
from stslocal.errors import ModelNotFoundError, SettingsError, StslocalError
from stslocal.models.manifest import Model, size_text
from stslocal.models.store import ModelStore


@dataclass(frozen=True, slots=True)
class Missing:
    """What of some engines is not installed."""

    models: tuple[Model, ...]
    names: tuple[str, ...]
    """What `stslocal models pull` is to fetch."""
    entries: tuple[EngineEntry, ...]
    """The engines whose Python packages are missing."""

    @classmethod
    def of(cls, engines: Sequence[Choice], store: ModelStore) -> Missing:
        """Raises the store's error for a damaged model, and for the only one where it says more."""
        models: list[Model] = []
        faults: list[ModelNotFoundError] = []
        for model in models_of(engines, store):
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
            else " ".join(sorted(parts) if choice.weights.name else [short_name(choice)])
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


def models_of(engines: Iterable[Choice], store: ModelStore) -> list[Model]:
    """The models of engines, each once."""
    ids = dict.fromkeys(model for choice in engines for model in choice.weights.models)
    return [store.manifest.model(model_id) for model_id in ids]


def short_name(choice: Choice) -> str:
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
