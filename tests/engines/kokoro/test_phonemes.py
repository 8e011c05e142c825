"""Kokoro's vocabulary, and the phonemes from espeak-ng."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from stslocal.engines.kokoro.espeak import Espeak, shared_espeak
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
    phonemes = Phonemizer().phonemes(spoken_text(written, language, digits=True), voice)
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


ROOT = Path(__file__).parents[3]
TEXTS = (
    "Hello world", "It costs $3.50, or 1,234.5 at 10:30.", "Olá, como vai você? Tudo bem.",
    "¿Dónde está la biblioteca?", "naïve café", "Again! And; again: yes", "hello\nworld", "a",
    "नमस्ते दुनिया", "日本語", "Où êtes-vous, l'après-midi ?",
)  # fmt: skip
ESPEAK_VOICES = ("en-us", "en-gb", "pt-br", "es", "fr-fr", "it", "hi", "ja", "cmn")


@pytest.mark.skipif(sys.version_info >= (3, 14), reason="phonemizer comes with kokoro-onnx")
def test_the_phonemes_are_those_of_phonemizer() -> None:
    """Kokoro was trained on its output."""
    import espeakng_loader
    from phonemizer.backend.espeak.wrapper import EspeakWrapper

    EspeakWrapper.set_library(espeakng_loader.get_library_path())
    EspeakWrapper.set_data_path(espeakng_loader.get_data_path())
    theirs, ours = EspeakWrapper(), shared_espeak()
    for voice in ESPEAK_VOICES:
        theirs.set_voice(voice)
        for text in TEXTS:
            assert ours.phonemes(text, voice) == theirs.text_to_phonemes(text), (voice, text)


def test_voices_change_from_call_to_call_and_thread_to_thread() -> None:
    espeak = shared_espeak()
    expected = {voice: espeak.phonemes("nation 12", voice) for voice in ESPEAK_VOICES}
    assert len(set(expected.values())) > 7
    wrong: list[str] = []

    def speak(voice: str) -> None:
        for _ in range(50):
            if espeak.phonemes("nation 12", voice) != expected[voice]:
                wrong.append(voice)

    threads = [threading.Thread(target=speak, args=(voice,)) for voice in ESPEAK_VOICES]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_a_voice_that_does_not_exist_is_an_error_and_changes_nothing() -> None:
    phonemizer = Phonemizer()
    before = phonemizer.phonemes("Good day", "en-us")
    with pytest.raises(EngineError, match="cannot read 'Good day' as xx-yy: it has no voice xx-yy"):
        phonemizer.phonemes("Good day", "xx-yy")
    assert phonemizer.phonemes("Good day", "en-us") == before


def test_missing_data_is_an_error_and_does_not_end_the_process() -> None:
    import espeakng_loader

    with pytest.raises(RuntimeError, match="its data folder /nowhere does not exist"):
        Espeak(espeakng_loader.get_library_path(), "/nowhere")


_KILLED = """
import os, signal
from stslocal.engines.kokoro.phonemes import Phonemizer
print(Phonemizer().phonemes("Good day, world.", "en-us"), flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL")
@pytest.mark.parametrize("exists", [True, False])
def test_no_temporary_folder_is_needed_and_nothing_is_left_in_it(
    exists: bool, tmp_path: Path
) -> None:
    """On some machines no program may run from it (noexec)."""
    folder = tmp_path / "temporary"
    if exists:
        folder.mkdir()
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    environment.update(dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(folder)))
    done = subprocess.run(
        [sys.executable, "-c", _KILLED], env=environment, cwd=tmp_path, capture_output=True,
        text=True, check=False,
    )  # fmt: skip
    assert done.stdout == "ɡˈʊd dˈA, wˈɜɹld.\n", done.stderr
    assert not folder.exists() or list(folder.iterdir()) == []
    assert [path.name for path in tmp_path.iterdir()] == ["temporary"] * exists
