"""Checks whether the needed models are installed and undamaged."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from stslocal.doctor.findings import Finding, format_bytes
from stslocal.engines import registry
from stslocal.errors import ModelIntegrityError, ModelNotFoundError
from stslocal.loading.selection import EngineSelection
from stslocal.models.manifest import Model
from stslocal.models.store import ModelStore


def needed_models(names: EngineSelection) -> tuple[str, ...]:
    """Ids of the models that these engines load, and the speaker encoder's."""
    encoder = registry.choice(registry.SPEAKER_ENCODER)
    chosen = [choice for _, choice in names.choices()]
    return tuple(dict.fromkeys(model for one in (*chosen, encoder) for model in one.weights.models))


def bytes_to_fetch(store: ModelStore, needed: Iterable[str]) -> int:
    """Bytes of the needed models that are not installed."""
    missing = [model_id for model_id in needed if not store.installed(model_id)]
    return sum(store.manifest.model(model_id).bytes for model_id in missing)


def check_models(store: ModelStore, needed: Sequence[str]) -> list[Finding]:
    """Hash the needed models and all other installed ones.

    Returns one finding for all intact models, one for all missing ones, and one for each model
    that is neither.
    """
    others = [name for name in store.manifest.models if name not in needed]
    intact: list[Model] = []
    missing: list[Model] = []
    findings: list[Finding] = []
    for model_id in (*needed, *(name for name in others if store.installed(name))):
        model = store.manifest.model(model_id)
        try:
            store.verify(model_id)
        except ModelNotFoundError as error:
            if model.package is None and not _partly_installed(store, model):
                missing.append(model)
            else:
                findings.append(Finding("models", "missing", str(error), {"models": [model_id]}))
        except ModelIntegrityError as error:
            findings.append(Finding("models", "broken", str(error), {"models": [model_id]}))
        except OSError as error:
            text = f"{model_id} cannot be read: {error.strerror} ({error.filename})"
            findings.append(Finding("models", "broken", text, {"models": [model_id]}))
        else:
            intact.append(model)
    if missing:
        findings.insert(0, _missing(store, missing))
    if intact:
        size = format_bytes(sum(model.bytes for model in intact))
        names = _ids(intact)
        text = f"{', '.join(names)}: every byte right ({size})"
        findings.insert(0, Finding("models", "ok", text, {"models": names}))
    return findings


def _missing(store: ModelStore, models: Sequence[Model]) -> Finding:
    packs = [set(store.manifest.packs_of(model.id)) for model in models]
    common = [
        pack.id
        for pack in store.packs.values()
        if not pack.per_language and all(pack.id in names for names in packs)
    ]
    names = _ids(models)
    wanted = common[0] if common else " ".join(names)
    size = format_bytes(sum(model.bytes for model in models))
    text = f"{', '.join(names)}: not installed ({size}); run `stslocal models pull {wanted}`"
    return Finding("models", "missing", text, {"models": names})


def _partly_installed(store: ModelStore, model: Model) -> bool:
    folder = store.location(model)
    begun = any((folder / file.name).exists() for file in model.files)
    return begun or store.outdated(model)


def _ids(models: Iterable[Model]) -> list[str]:
    return [model.id for model in models]
