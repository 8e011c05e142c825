"""The languages of Pocket TTS, a model each, and how a text is written for each model.

Characters that a model has not seen in training make it speak sounds of its own, so they are
replaced. Source: the configurations in pocket-tts 4.0.1.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

_APOSTROPHES = {"’": "'", "‘": "'"}
_PLAIN = {
    **dict.fromkeys('"“”„«»()[]', ""),
    **_APOSTROPHES,
    "–": ",",
}
_DASHES = {**_PLAIN, "—": ","}


@dataclass(frozen=True, slots=True)
class PocketLanguage:
    """How a text is written for the model of a language."""

    characters_per_s: float
    """Speaking rate at normal speed, about."""
    replaced: Mapping[str, str] = field(default_factory=dict)
    """Characters and what stands for them."""


LANGUAGES: Mapping[str, PocketLanguage] = {
    "en": PocketLanguage(15.6, _APOSTROPHES),
    "fr": PocketLanguage(17.1, {**_PLAIN, ":": ",", ";": ","}),
    "de": PocketLanguage(15.8, {**_DASHES, ";": ","}),
    "pt": PocketLanguage(12.7, _PLAIN),
    "it": PocketLanguage(13.3, _PLAIN),
    "es": PocketLanguage(14.9, {**_PLAIN, "¡": "", "¿": ""}),
    "nl": PocketLanguage(15.7, _PLAIN),
}
"""By the codes of `stslocal.languages`, the first the best known."""
