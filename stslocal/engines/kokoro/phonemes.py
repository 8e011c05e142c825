"""Turns text into the phonemes that Kokoro was trained on, with espeak-ng.

espeak-ng writes IPA; Kokoro's alphabet has single letters for diphthongs and affricates
(`A` for eɪ, `ʧ` for tʃ, ...), which the model speaks better than their two-letter spelling.
Punctuation stays in its place, because it gives pauses and intonation.

Sources: `config.json` of Kokoro-82M v1.0 (the `vocab` of 114 symbols; kokoro-onnx ships the
same), espeak-ng (phonemes and numbers in words).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from stslocal.engines.failures import as_engine_error
from stslocal.engines.kokoro.espeak import LIBRARY_VARIABLE, shared_espeak
from stslocal.errors import EngineError

_SYMBOL_RUNS = {
    1: ";:,.!?",
    9: '—…"()“” \u0303ʣʥʦʨᵝ\uab67AI',
    31: "O",
    33: "Q",
    35: "ST",
    39: "W",
    41: "Yᵊabcdef",
    50: "hijklmnopqrstuvwxyzɑɐɒæ",
    75: "βɔɕç",
    80: "ɖðʤə",
    85: "ɚɛɜ",
    90: "ɟ",
    92: "ɡ",
    99: "ɥ",
    101: "ɨɪʝ",
    110: "ɯɰŋɳɲɴø",
    118: "ɸθœ",
    123: "ɹ",
    125: "ɾɻ",
    128: "ʁɽʂʃʈʧ",
    135: "ʊʋ",
    138: "ʌɣɤ",
    142: "χʎ",
    147: "ʒʔ",
    156: "ˈˌː",
    162: "ʰ",
    164: "ʲ",
    169: "↓",
    171: "→↗↘",
    177: "ᵻ",
}
"""Kokoro's vocabulary in runs of symbols with consecutive ids, by the id of the first symbol."""

TOKENS = {symbol: first + n for first, run in _SYMBOL_RUNS.items() for n, symbol in enumerate(run)}
"""The id of every symbol that Kokoro knows. 0 is the padding at both ends."""

_SINGLE_LETTERS = {
    "eɪ": "A",
    "aɪ": "I",
    "oʊ": "O",
    "əʊ": "Q",
    "aʊ": "W",
    "ɔɪ": "Y",
    "dʒ": "ʤ",
    "tʃ": "ʧ",
    "ts": "ʦ",
    "dz": "ʣ",
    "əl": "ᵊl",
    "ɚ": "əɹ",
}
"""Phonemes of espeak-ng, and Kokoro's letters for them."""

_AMERICAN = {"ɜː": "ɜɹ", "ɐ": "ə", "ɾ": "T", "ɪə": "iə"}
_STRESS = "ˈˌ"
_MARKS = re.compile(r'([—…"()“”]+|[;:,.!?]+(?=[\s—…"()“”]|$))')
"""Punctuation at the end of a word. Inside a word (1,234.5 or 10:30) espeak-ng reads it."""
_RESPELLED = {
    "fr-fr": (
        (re.compile(r"(huit|(?:tre|quara|cinqua|soixa)nt)(?=ièmes?\b)", re.IGNORECASE), r"\1t"),
        (re.compile(r"\bdix(?=-neuvième)", re.IGNORECASE), "diz"),
    )
}
"""Words that espeak-ng says wrongly, by voice: it reads `-tième` as in `démocratie`."""
_LANGUAGE_FLAG = re.compile(r"\([a-z-]+\)")


class Phonemizer:
    """espeak-ng with Kokoro's alphabet, safe to share between threads."""

    def __init__(self) -> None:
        try:
            self._espeak = shared_espeak()
        except Exception as exc:  # ctypes raises several unrelated types
            raise EngineError(
                f"espeak-ng cannot be loaded ({exc}): install espeak-ng for the whole system and "
                f"set {LIBRARY_VARIABLE} to its library"
            ) from exc

    def phonemes(self, text: str, voice: str) -> str:
        """Phonemes of `text` from the espeak-ng voice `voice` (`en-us`, `pt-br`, ...).

        Only symbols of Kokoro's alphabet are kept; punctuation stays after its word.
        """
        spoken = "".join(self._phonemes_and_marks(text, voice))
        known = "".join(letter for letter in spoken if letter in TOKENS)
        return " ".join(known.split())

    def tokens(self, phonemes: str) -> list[int]:
        """Token ids, one for each symbol of `phonemes`."""
        return [TOKENS[letter] for letter in phonemes]

    def _phonemes_and_marks(self, text: str, voice: str) -> Iterator[str]:
        for part in _MARKS.split(text):
            if _MARKS.fullmatch(part):
                yield part
            elif part.strip():
                lead, trail = part[:1].isspace(), part[-1:].isspace()
                yield " " * lead + self._kokoro_phonemes(part.strip(), voice) + " " * trail
            else:
                yield part

    def _kokoro_phonemes(self, words: str, voice: str) -> str:
        for pattern, spelling in _RESPELLED.get(voice, ()):
            words = pattern.sub(spelling, words)
        with as_engine_error(f"espeak-ng cannot read {words!r} as {voice}"):
            ipa = self._espeak.phonemes(words, voice)
        ipa = _LANGUAGE_FLAG.sub("", ipa).replace("\n", " ").replace("-", "")
        return " ".join(
            "".join(_kokoro_letter(phoneme, voice) for phoneme in word.split("_"))
            for word in ipa.split()
        )


def _kokoro_letter(phoneme: str, voice: str) -> str:
    stress = "".join(mark for mark in phoneme if mark in _STRESS)
    sound = phoneme.strip(_STRESS)
    letter = _SINGLE_LETTERS.get(sound, sound)
    if voice == "en-us":
        letter = _AMERICAN.get(sound, letter)
    return stress + letter
