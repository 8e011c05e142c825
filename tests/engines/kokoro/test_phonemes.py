"""Kokoro's vocabulary, and the phonemes from espeak-ng."""

from __future__ import annotations

import sys

import pytest

from stslocal.engines.kokoro.languages import BRITISH_ESPEAK_VOICE, LANGUAGES
from stslocal.engines.kokoro.phonemes import TOKENS, Phonemizer
from stslocal.errors import EngineError
from stslocal.text.spoken.text import spoken_text

pytestmark = pytest.mark.unit

VOICES = [
    ("en-gb", BRITISH_ESPEAK_VOICE),
    *((code, language.espeak_voice) for code, language in LANGUAGES.items()),
]


@pytest.mark.skipif(sys.version_info >= (3, 14), reason="kokoro-onnx does not install")
def test_the_vocabulary_is_that_of_kokoro_onnx() -> None:
    from kokoro_onnx.config import DEFAULT_VOCAB

    assert TOKENS == DEFAULT_VOCAB


def test_the_vocabulary_has_114_symbols_with_ids_of_their_own() -> None:
    assert len(TOKENS) == len(set(TOKENS.values())) == 114
    assert (min(TOKENS.values()), max(TOKENS.values())) == (1, 177)


def test_words_become_phonemes_and_ids_of_the_vocabulary() -> None:
    phonemizer = Phonemizer()
    assert phonemizer.phonemes("Good day, world.", "en-us") == "ɡˈʊd dˈA, wˈɜɹld."
    assert phonemizer.phonemes("dez ações", "pt-br") == "dˈɛz asˈo\u0303js"
    assert phonemizer.tokens("dˈA,") == [46, 156, 24, 3]


def test_french_ordinals_are_said_as_such() -> None:
    """espeak-ng says "huissième" and "dineuvième"."""
    phonemizer = Phonemizer()
    assert phonemizer.phonemes("Huitième et trentième", "fr-fr") == "yitjˈɛm e tʁɑ̃tjˈɛm"
    assert phonemizer.phonemes("dix-neuvième", "fr-fr") == "dˈiznøvjˈɛm"
    assert phonemizer.phonemes("démocratie", "fr-fr").endswith("sˈi")


@pytest.mark.parametrize(("language", "voice"), VOICES)
def test_no_sign_is_spelled(language: str, voice: str) -> None:
    """espeak-ng reads what it does not know as `slash`, `dash`, `Roman` or `Chinese letter`."""
    written = (
        "555-0199, 747-400, 12/05/2024, 17:30, 3/4, 10-15, $5M, R$ 1.234,56, 50%, -5 °C, 6'2\", "
        "Louis XIV, a & b, x@y.com, 日本語, Привет"
    )
    phonemes = Phonemizer().phonemes(spoken_text(written, language), voice)
    for wrong in ("slæʃ", "slˈæʃ", "bˈaxæ", "dˈæʃ", "ɹˈOmən", "ʁomˈɛ̃", "ʧInˈiːz", "ˈampəs"):
        assert wrong not in phonemes


def test_a_library_that_cannot_be_loaded_is_reported(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def missing() -> str:
        return "/nowhere/libespeak-ng.so"

    monkeypatch.setattr("espeakng_loader.get_library_path", missing)
    monkeypatch.delenv("PHONEMIZER_ESPEAK_LIBRARY", raising=False)
    with pytest.raises(EngineError, match="set PHONEMIZER_ESPEAK_LIBRARY to its library"):
        Phonemizer()
