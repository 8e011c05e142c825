"""Says what finds the speakers of a recording here (`--speakers`)."""

from __future__ import annotations

from collections.abc import Iterator

from stslocal.doctor.findings import Finding, State
from stslocal.engines import registry
from stslocal.engines.registry import SPEAKER_DIARIZER, SPEAKER_ENCODER
from stslocal.loading.diarizers import has_models, installed_diarizer
from stslocal.models.store import ModelStore


def check_speakers(store: ModelStore) -> Iterator[Finding]:
    """Give one finding; none where nothing is installed that finds speakers."""
    found = installed_diarizer(store)
    if found:
        text = f"found by {found.name} ({', '.join(found.weights.models)}), overlapping speech too"
        yield Finding("speakers", "ok", text, {"engine": found.name})
        return
    if not registry.names(SPEAKER_DIARIZER):
        return
    best = registry.choices(SPEAKER_DIARIZER)[0]
    here = has_models(best, store)
    encoder = registry.choice(SPEAKER_ENCODER)
    by = encoder.name if has_models(encoder, store) else ""
    if not by and not here:
        return
    steps = []
    if not best.importable:
        steps.append(registry.install_command(best.entry))
    if not here:
        steps.append("stslocal models pull speakers")
    text = f"found by {by}, the speaker encoder" if by else "not found"
    state: State = "note" if here else "ok"
    if here:  # somebody wanted them
        needed = " ".join(best.entry.packages)
        text += f"; the models of {best.name} are here, but not its package {needed}"
    else:
        text += "; where two persons speak at once is not found"
    yield Finding("speakers", state, f"{text}: `{' && '.join(steps)}`", {"engine": by})
