"""Text to the phonemes that Kokoro was trained on, by espeak-ng.

espeak-ng writes IPA; Kokoro's alphabet has single letters for diphthongs and affricates
(`A` for eɪ, `ʧ` for tʃ, ...), and it hears those better than their two-letter spelling.
Punctuation stays where it was: it carries pauses and intonation.

Sources: the model card of Kokoro-82M (alphabet of 114 symbols, which kokoro-onnx ships as
its vocabulary), espeak-ng (phonemes and numbers in words).
"""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator

from kokoro_onnx.tokenizer import Tokenizer
from phonemizer.backend.espeak.wrapper import EspeakWrapper

from stslocal.errors import EngineError

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
"""An espeak phoneme and how Kokoro writes it."""

_AMERICAN = {"ɜː": "ɜɹ", "ɐ": "ə", "ɾ": "T", "ɪə": "iə"}
_STRESS = "ˈˌ"
_MARKS = re.compile(r'([—…"()“”]+|[;:,.!?]+(?=[\s—…"()“”]|$))')
"""Punctuation at the end of a word; in the middle (1,234.5 or 10:30) it belongs to espeak-ng."""
_LANGUAGE_FLAG = re.compile(r"\([a-z-]+\)")


class Phonemizer:
    """espeak-ng behind a lock, and Kokoro's alphabet. Safe to share between threads."""

    def __init__(self) -> None:
        try:
            tokenizer = Tokenizer()  # points the wrapper at the library inside espeakng-loader
            self._espeak = EspeakWrapper()
        except Exception as exc:  # ctypes and phonemizer raise a handful of unrelated types
            raise EngineError(f"espeak-ng cannot be loaded: {exc}") from exc
        self._tokens: dict[str, int] = tokenizer.vocab
        # espeak-ng keeps its state in the library's globals: one caller at a time.
        self._lock = threading.Lock()

    def phonemes(self, text: str, voice: str) -> str:
        """Phonemes of `text` as the espeak voice `voice` (`en-us`, `pt-br`, ...) reads it.

        Only symbols of Kokoro's alphabet are left; punctuation stays after its word.
        """
        spoken = "".join(self._parts(text, voice))
        known = "".join(letter for letter in spoken if letter in self._tokens)
        return " ".join(known.split())

    def tokens(self, phonemes: str) -> list[int]:
        """Token ids, one a symbol of `phonemes`."""
        return [self._tokens[letter] for letter in phonemes]

    def _parts(self, text: str, voice: str) -> Iterator[str]:
        for part in _MARKS.split(text):
            if _MARKS.fullmatch(part):
                yield part
            elif part.strip():
                lead, trail = part[:1].isspace(), part[-1:].isspace()
                yield " " * lead + self._speak(part.strip(), voice) + " " * trail
            else:
                yield part

    def _speak(self, words: str, voice: str) -> str:
        try:
            with self._lock:
                self._espeak.set_voice(voice)
                ipa = self._espeak.text_to_phonemes(words)
        except Exception as exc:  # phonemizer raises bare RuntimeError and ctypes errors
            raise EngineError(f"espeak-ng cannot read {words!r} as {voice}: {exc}") from exc
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
