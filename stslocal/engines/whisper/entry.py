"""The entry of Whisper in the registry."""

from __future__ import annotations

from stslocal.engines.entry import RECOGNIZER, EngineEntry, Weights
from stslocal.engines.protocols import Capabilities
from stslocal.engines.whisper.accuracy import wrong_words
from stslocal.engines.whisper.languages import LANGUAGES

_ENGLISH = frozenset({"en"})


def multilingual() -> Capabilities:
    """The multilingual models up to large-v2: 99 languages, and all of them to English."""
    return Capabilities(languages=LANGUAGES - {"yue"}, translates_to=_ENGLISH)


def large_v3() -> Capabilities:
    """large-v3, which recognizes Cantonese too."""
    return Capabilities(languages=LANGUAGES, translates_to=_ENGLISH)


def large_v3_turbo() -> Capabilities:
    """large-v3-turbo, which was not trained to translate."""
    return Capabilities(languages=LANGUAGES)


def distilled() -> Capabilities:
    """Models distilled on English speech only."""
    return Capabilities(languages=_ENGLISH)


ENTRY = EngineEntry(
    name="faster_whisper",
    role=RECOGNIZER,
    target="stslocal.engines.whisper.recognizer:FasterWhisperRecognizer",
    weights=(
        Weights(("whisper-large-v3",), large_v3),
        Weights(("whisper-large-v3-turbo",), large_v3_turbo),
        Weights(("whisper-distil-large-v3",), distilled, auto=False),
        Weights(("whisper-medium",), multilingual),
        Weights(("whisper-small",), multilingual, wrong_words=wrong_words),
        Weights(("whisper-base",), multilingual, wrong_words=wrong_words),
        Weights(("whisper-tiny",), multilingual, auto=False, wrong_words=wrong_words),
    ),
    options=("device", "compute_type", "threads", "capabilities"),
    packages=("ctranslate2", "faster_whisper"),
)
