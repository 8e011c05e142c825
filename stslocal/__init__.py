"""Speech in one language to speech in another, on one machine, with nothing sent anywhere.

from stslocal import SpeechTranslator

translator = SpeechTranslator.load(source="en", target="pt")
speech = translator.translate_file("talk.mp3")
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from stslocal.api import SpeechTranslator
    from stslocal.errors import (
        AudioDecodeError,
        AudioDeviceError,
        AudioError,
        EngineError,
        ModelDownloadError,
        ModelError,
        ModelIntegrityError,
        ModelNotFoundError,
        OutputError,
        SettingsError,
        StageError,
        StslocalError,
    )
    from stslocal.files.translation import PlacedSegment, TranslatedSpeech
    from stslocal.results.session import Session

__version__ = "0.1.0"

_HOMES = {
    "stslocal.files.translation": ("PlacedSegment", "TranslatedSpeech"),
    "stslocal.errors": (
        "AudioDecodeError",
        "AudioDeviceError",
        "AudioError",
        "EngineError",
        "ModelDownloadError",
        "ModelError",
        "ModelIntegrityError",
        "ModelNotFoundError",
        "OutputError",
        "SettingsError",
        "StageError",
        "StslocalError",
    ),
    "stslocal.results.session": ("Session",),
    "stslocal.api": ("SpeechTranslator",),
}

__all__ = [
    "AudioDecodeError",
    "AudioDeviceError",
    "AudioError",
    "EngineError",
    "ModelDownloadError",
    "ModelError",
    "ModelIntegrityError",
    "ModelNotFoundError",
    "OutputError",
    "PlacedSegment",
    "Session",
    "SettingsError",
    "SpeechTranslator",
    "StageError",
    "StslocalError",
    "TranslatedSpeech",
    "__version__",
]


def __getattr__(name: str) -> object:
    """Import a public name when it is first used, so that `stslocal --help` stays light."""
    for module, names in _HOMES.items():
        if name in names:
            return getattr(importlib.import_module(module), name)
    raise AttributeError(f"module 'stslocal' has no attribute {name!r}")
