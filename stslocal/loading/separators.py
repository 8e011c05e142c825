"""Loads the engine that finds the voice in a recording, apart from music and noise."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from stslocal.engines import registry
from stslocal.engines.protocols import SourceSeparator
from stslocal.errors import ModelNotFoundError
from stslocal.loading.border import loading_errors
from stslocal.models.store import ModelStore
from stslocal.results.session import SessionModel


@dataclass(frozen=True, slots=True)
class LoadedSeparator:
    """A separator with the models that it was loaded from."""

    engine: SourceSeparator
    models: Sequence[SessionModel] = ()


def check_separator(store: ModelStore) -> None:
    """Raise ModelNotFoundError where nothing that is installed separates voice and music."""
    models = registry.choice(registry.SEPARATOR).weights.models
    if not all(store.installed(model) for model in models):
        raise ModelNotFoundError(
            "nothing here takes the voice out of a recording: run `stslocal models pull "
            f"{' '.join(models)}`, or leave out `--background keep`"
        )


def load_separator(store: ModelStore, threads: int = 0) -> LoadedSeparator:
    """Load the engine that separates. Raises as `check_separator` does, and for damaged files."""
    check_separator(store)
    role, choice = registry.SEPARATOR, registry.choice(registry.SEPARATOR)
    with loading_errors():
        engine = registry.create(role, choice.name, store, threads=threads)
    return LoadedSeparator(
        engine,
        [
            SessionModel(role.name, choice.entry.name, model, store.hashes(model))
            for model in choice.weights.models
        ],
    )
