"""Shows how translation models compute on this machine, as measured when they were loaded."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict

from stslocal.doctor.findings import Finding
from stslocal.loading.selection import EngineSelection
from stslocal.models.store import ModelStore
from stslocal.settings import Settings

_MEASURED = ("nllb", "opus")
"""Engines whose models are measured when they are first loaded."""


def check_computing(
    store: ModelStore, settings: Settings, names: EngineSelection
) -> Iterator[Finding]:
    """Give the compute type and the threads that were chosen for each translation model in use."""
    from stslocal.engines.seq2seq.compute_choice import remembered

    for _, choice in names.choices():
        for model in choice.weights.models if choice.entry.name in _MEASURED else ():
            chosen = remembered(
                store.folder(model), compute_type=settings.compute_type, threads=settings.threads
            )
            if chosen is not None:
                yield Finding("computing", "ok", f"{model}: {chosen}", asdict(chosen))
