"""Chooses and loads what finds who speaks when in a recording.

An engine of the registry does it where its package and its models are installed; the speaker
encoder, which every pack has, counts the persons for it. Without an engine the voices are grouped
by the encoder alone (`voices.diarization`).
"""

from __future__ import annotations

from stslocal.engines import registry
from stslocal.engines.protocols import (
    CountedDiarizer,
    SpeakerDiarizer,
    SpeakerEncoder,
    VoiceActivityDetector,
)
from stslocal.engines.registry import SPEAKER_DIARIZER, SPEAKER_ENCODER, Choice
from stslocal.errors import ModelNotFoundError
from stslocal.loading.border import loading_errors
from stslocal.models.store import ModelStore
from stslocal.voices.diarization import CountingDiarizer, EncoderDiarizer


def installed_diarizer(store: ModelStore) -> Choice | None:
    """The engine that finds speakers; None where the speaker encoder has to do it."""
    known = registry.choices(SPEAKER_DIARIZER) if registry.names(SPEAKER_DIARIZER) else ()
    usable = (each for each in known if each.importable and has_models(each, store))
    return next(usable, None)


def has_models(choice: Choice, store: ModelStore) -> bool:
    """Whether the models of a choice are installed."""
    known = store.manifest.models
    return all(model in known and store.installed(model) for model in choice.weights.models)


def check_diarizer(store: ModelStore) -> str:
    """The name of the engine that finds speakers; empty where the speaker encoder does it.

    Raises ModelNotFoundError where nothing that is installed finds them.
    """
    if choice := installed_diarizer(store):
        return choice.name
    encoder = registry.choice(SPEAKER_ENCODER)
    if not has_models(encoder, store):
        raise ModelNotFoundError(
            "nothing here finds the speakers of a recording: run `stslocal models pull "
            f"{encoder.weights.models[0]}`, or give a file with `--speakers FILE`"
        )
    return ""


def load_diarizer(
    store: ModelStore,
    vad: VoiceActivityDetector,
    encoder: SpeakerEncoder | None = None,
    *,
    threads: int = 0,
) -> SpeakerDiarizer:
    """Load what finds speakers; `encoder` is the speaker encoder, if it is loaded.

    `threads` 0 takes all cores. Raises ModelNotFoundError as `check_diarizer` does, and
    ModelIntegrityError for a damaged model.
    """
    name = check_diarizer(store)
    diarizer: CountedDiarizer | None = None
    with loading_errors():
        if name:
            diarizer = registry.create(SPEAKER_DIARIZER, name, store, threads=threads)
        choice = registry.choice(SPEAKER_ENCODER)
        if encoder is None and has_models(choice, store):
            encoder = registry.create(SPEAKER_ENCODER, choice.name, store)
    if diarizer is None:
        assert encoder is not None  # it was checked
        return EncoderDiarizer(vad, encoder)
    return CountingDiarizer(diarizer, vad, encoder) if encoder else diarizer
