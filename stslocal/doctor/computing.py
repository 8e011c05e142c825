"""Shows how translation models compute on this machine, as measured when they were loaded."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict

from stslocal.doctor.findings import Finding
from stslocal.loading.selection import EngineSelection
from stslocal.models.store import ModelStore
from stslocal.settings import Settings


def check_computing(
    store: ModelStore, settings: Settings, names: EngineSelection
) -> Iterator[Finding]:
    """Give the compute type and the threads that were chosen for each translation model in use."""
    from stslocal.engines.seq2seq.compute_choice import remembered

    for _, choice in names.choices():
        if choice.entry.name == "nllb":
            (model,) = choice.weights.models
            chosen = remembered(
                store.folder(model), compute_type=settings.compute_type, threads=settings.threads
            )
            if chosen is not None:
                yield Finding("computing", "ok", f"{choice.name}: {chosen}", asdict(chosen))
