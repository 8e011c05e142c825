"""Chooses and loads what finds who speaks when in a recording.

An engine of the registry does it where its package and its models are installed. Without one the
voices are grouped by the speaker encoder (`voices.diarization`), which every pack has.
"""

from __future__ import annotations

from stslocal.engines import registry
from stslocal.engines.protocols import SpeakerDiarizer, SpeakerEncoder, VoiceActivityDetector
from stslocal.engines.registry import SPEAKER_DIARIZER, SPEAKER_ENCODER, Choice
from stslocal.errors import ModelNotFoundError
from stslocal.loading.border import loading_errors
from stslocal.models.store import ModelStore
from stslocal.voices.diarization import EncoderDiarizer


def installed_diarizer(store: ModelStore) -> Choice | None:
    """The engine that finds speakers; None where the speaker encoder has to do it."""
    for choice in registry.choices(SPEAKER_DIARIZER):
        if choice.importable and has_models(choice, store):
            return choice
    return None


def has_models(choice: Choice, store: ModelStore) -> bool:
    """Whether the models of a choice are installed."""
    return all(store.installed(model) for model in choice.weights.models)


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
    if name:
        with loading_errors():
            return registry.create(SPEAKER_DIARIZER, name, store, threads=threads)
    if encoder is None:
        with loading_errors():
            encoder = registry.create(SPEAKER_ENCODER, registry.choice(SPEAKER_ENCODER).name, store)
    return EncoderDiarizer(vad, encoder)
