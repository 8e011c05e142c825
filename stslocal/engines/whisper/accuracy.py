"""How many words the sizes of Whisper recognize wrongly, by language.

Word error rates in percent. Those of English, Spanish, German, Russian, Dutch, Indonesian and Malay
are published: Radford et al., "Robust Speech Recognition via Large-Scale Weak Supervision"
(arXiv 2212.04356), table 13, FLEURS. Those of Portuguese, French and Italian were measured in this
project with whisper-base on 19, 14 and 6 recordings; numbers written as digits counted as wrong.
"""

from __future__ import annotations

_WRONG: dict[str, dict[str, float]] = {
    "whisper-tiny": {
        "en": 12.4, "es": 15.9, "de": 27.8, "ru": 31.1, "nl": 49.0, "id": 51.7, "ms": 51.2,
    },
    "whisper-base": {
        "en": 8.9, "es": 9.9, "de": 17.9, "ru": 20.5, "nl": 33.0, "id": 33.1, "ms": 35.1,
        "pt": 31, "fr": 39, "it": 18,
    },
    "whisper-small": {
        "en": 6.1, "es": 5.6, "de": 10.2, "ru": 11.4, "nl": 16.4, "id": 16.3, "ms": 18.9,
    },
}  # fmt: skip
_WEAK_FROM = 15.0
_WEAK_WHERE_NOT_LISTED = ("whisper-tiny", "whisper-base")
"""They were trained on too little speech of most languages."""


def wrong_words(model: str, language: str) -> str:
    """How many words of a language a model gets wrong, for a person; empty if they are few.

    Also empty where it is not known.
    """
    wrong = _WRONG.get(model, {}).get(language)
    if wrong is None:
        return "many words" if model in _WEAK_WHERE_NOT_LISTED else ""
    return f"about 1 word in {round(100 / wrong)}" if wrong >= _WEAK_FROM else ""
