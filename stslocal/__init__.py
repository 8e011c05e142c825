"""Speech in one language to speech in another, on one machine, with nothing sent anywhere.

    from stslocal import SpeechTranslator

    with SpeechTranslator.load(source="en", target="pt") as translator:
        speech = translator.translate_file("talk.mp3")

The names listed in `__all__` are public. Everything else is internal and may change in any
release.

Log records come from loggers with the names of the modules, such as
`stslocal.engines.nllb.translator`, below `logging.getLogger("stslocal")`. They are shown only if
the program has set up logging. WARNING: something works less well than the settings ask for. INFO:
which engines are taken and why, how long they load, how fast they are, downloads that start again,
lost devices. DEBUG: what is dropped or done again, and the figures that decided it. The text that a
person says, and its translation, are logged at DEBUG only.
"""

from __future__ import annotations

import importlib
import logging
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
    from stslocal.files.correcting import correct_lines, read_lines
    from stslocal.files.in_memory import TranslatedSamples
    from stslocal.files.redo.redo import RedoResult
    from stslocal.files.speak import PlacedSegment
    from stslocal.files.speech import Speech
    from stslocal.files.transcription import Transcription
    from stslocal.files.write import FileProgress, TranslatedSpeech
    from stslocal.loading.engines import Engines
    from stslocal.metrics import (
        DeviceChanged,
        DeviceXrun,
        DuplexChanged,
        Event,
        FirstAudio,
        InputLevel,
        InputMuted,
        LagMeasured,
        MicrophoneFault,
        Notice,
        PartialText,
        PlaybackEnded,
        PlaybackStarted,
        ReliefChanged,
        SegmentCommitted,
        SegmentDropped,
        SegmentPaced,
        SegmentTranslated,
        SpeechDropped,
        SpeechEnded,
        SpeechStarted,
        StageBusy,
        TextCommitted,
        VoiceLearnt,
        from_json,
        to_json,
    )
    from stslocal.results.line_edits import Line
    from stslocal.results.session import (
        OutputFile,
        Session,
        SessionModel,
        SessionSource,
    )
    from stslocal.results.session_segment import SessionSegment, Span
    from stslocal.results.session_speakers import SessionVoice
    from stslocal.settings import Settings
    from stslocal.types import (
        Dropped,
        Samples,
        Segment,
        SpokenSegment,
        TranslatedSegment,
        VoiceProfile,
        Word,
    )

__version__ = "0.1.0"

logging.getLogger(__name__).addHandler(logging.NullHandler())

_HOMES = {
    "stslocal.api": ("SpeechTranslator",),
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
    "stslocal.files.correcting": ("correct_lines", "read_lines"),
    "stslocal.files.in_memory": ("TranslatedSamples",),
    "stslocal.files.redo.redo": ("RedoResult",),
    "stslocal.files.speak": ("PlacedSegment",),
    "stslocal.files.speech": ("Speech",),
    "stslocal.files.transcription": ("Transcription",),
    "stslocal.files.write": ("FileProgress", "TranslatedSpeech"),
    "stslocal.loading.engines": ("Engines",),
    "stslocal.metrics": (
        "from_json",
        "to_json",
        "DeviceChanged",
        "DeviceXrun",
        "DuplexChanged",
        "Event",
        "FirstAudio",
        "InputLevel",
        "InputMuted",
        "LagMeasured",
        "MicrophoneFault",
        "Notice",
        "PartialText",
        "PlaybackEnded",
        "PlaybackStarted",
        "RedoResult",
        "ReliefChanged",
        "SegmentCommitted",
        "SegmentDropped",
        "SegmentPaced",
        "SegmentTranslated",
        "SpeechDropped",
        "SpeechEnded",
        "SpeechStarted",
        "StageBusy",
        "TextCommitted",
        "VoiceLearnt",
    ),
    "stslocal.results.line_edits": ("Line",),
    "stslocal.results.session": (
        "OutputFile",
        "Session",
        "SessionModel",
        "SessionSource",
        "SessionVoice",
    ),
    "stslocal.results.session_segment": ("SessionSegment", "Span"),
    "stslocal.settings": ("Settings",),
    "stslocal.types": (
        "Dropped",
        "Samples",
        "Segment",
        "SpokenSegment",
        "TranslatedSegment",
        "VoiceProfile",
        "Word",
    ),
}

__all__ = [
    "AudioDecodeError",
    "AudioDeviceError",
    "AudioError",
    "DeviceChanged",
    "DeviceXrun",
    "Dropped",
    "DuplexChanged",
    "EngineError",
    "Engines",
    "Event",
    "FileProgress",
    "FirstAudio",
    "InputLevel",
    "InputMuted",
    "LagMeasured",
    "Line",
    "MicrophoneFault",
    "ModelDownloadError",
    "ModelError",
    "ModelIntegrityError",
    "ModelNotFoundError",
    "Notice",
    "OutputError",
    "OutputFile",
    "PartialText",
    "PlacedSegment",
    "PlaybackEnded",
    "PlaybackStarted",
    "RedoResult",
    "ReliefChanged",
    "Samples",
    "Segment",
    "SegmentCommitted",
    "SegmentDropped",
    "SegmentPaced",
    "SegmentTranslated",
    "Session",
    "SessionModel",
    "SessionSegment",
    "SessionSource",
    "SessionVoice",
    "Settings",
    "SettingsError",
    "Span",
    "Speech",
    "SpeechDropped",
    "SpeechEnded",
    "SpeechStarted",
    "SpeechTranslator",
    "SpokenSegment",
    "StageBusy",
    "StageError",
    "StslocalError",
    "TextCommitted",
    "Transcription",
    "TranslatedSamples",
    "TranslatedSegment",
    "TranslatedSpeech",
    "VoiceLearnt",
    "VoiceProfile",
    "Word",
    "__version__",
    "correct_lines",
    "from_json",
    "read_lines",
    "to_json",
]


def __getattr__(name: str) -> object:
    """Import a public name when it is first used, so that `stslocal --help` stays light."""
    for module, names in _HOMES.items():
        if name in names:
            return getattr(importlib.import_module(module), name)
    raise AttributeError(f"module 'stslocal' has no attribute {name!r}")
