"""Loads the engine that finds who speaks when in a recording."""

from __future__ import annotations

from stslocal.engines import registry
from stslocal.engines.protocols import SpeakerDiarizer, SpeakerEncoder, VoiceActivityDetector
from stslocal.errors import ModelNotFoundError
from stslocal.loading.border import loading_errors
from stslocal.models.store import ModelStore
from stslocal.voices.diarization import EncoderDiarizer


def check_diarizer(store: ModelStore) -> None:
    """Raise ModelNotFoundError where nothing that is installed finds speakers."""
    models = registry.choice(registry.SPEAKER_ENCODER).weights.models
    if not all(store.installed(model) for model in models):
        raise ModelNotFoundError(
            "nothing here finds the speakers of a recording: run `stslocal models pull "
            f"{models[0]}`, or give a file with `--speakers FILE`"
        )


def load_diarizer(
    store: ModelStore, vad: VoiceActivityDetector, encoder: SpeakerEncoder | None = None
) -> SpeakerDiarizer:
    """Load the engine that finds speakers; `encoder` is the speaker encoder, if it is loaded.

    Raises ModelNotFoundError as `check_diarizer` does.
    """
    check_diarizer(store)
    if encoder is None:
        with loading_errors():
            name = registry.choice(registry.SPEAKER_ENCODER).name
            encoder = registry.create(registry.SPEAKER_ENCODER, name, store)
    return EncoderDiarizer(vad, encoder)
