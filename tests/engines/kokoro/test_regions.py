"""Where a language is spoken reaches the voices and the phonemes."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import pytest

from stslocal.engines.kokoro.entry import capabilities
from stslocal.engines.kokoro.languages import LANGUAGES
from stslocal.engines.kokoro.synthesizer import STYLE_ROWS, STYLE_SIZE, KokoroSynthesizer

pytestmark = pytest.mark.unit

VOICES = ("af_heart", "am_adam", "bf_emma", "bm_lewis", "pf_dora", "ef_dora")


class Phonemizer:
    """Writes which espeak-ng voice was asked for."""

    def phonemes(self, text: str, voice: str) -> str:
        return f"{text} {voice}"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in VOICES:
        (tmp_path / f"{name}.bin").write_bytes(bytes(4 * STYLE_ROWS * STYLE_SIZE))
    return tmp_path


def synthesizer(folder: Path, **regions: str) -> KokoroSynthesizer:
    voices = {name: folder / f"{name}.bin" for name in VOICES}
    unused = cast(Any, None)
    made = KokoroSynthesizer(unused, unused, voices, regions)
    made._phonemizer = cast(Any, Phonemizer())
    return made


def phonemes(made: KokoroSynthesizer, language: str, voice: str = "") -> str:
    profile = made.voice(voice) if voice else None
    _, (piece,) = made._plan("One", language, profile, 1.0)
    return piece.phonemes


@pytest.mark.parametrize(
    ("region", "names"),
    [
        ("", ("af_heart", "am_adam", "bf_emma", "bm_lewis")),
        ("US", ("af_heart", "am_adam")),
        ("GB", ("bf_emma", "bm_lewis")),
        ("AU", ("af_heart", "am_adam", "bf_emma", "bm_lewis")),
    ],
)
def test_english_has_the_voices_of_its_region(
    folder: Path, region: str, names: tuple[str, ...]
) -> None:
    assert synthesizer(folder, en=region).voice_names("en") == names


def test_the_default_voice_and_the_phonemes_follow_the_region(folder: Path) -> None:
    british = synthesizer(folder, en="GB")
    assert phonemes(british, "en") == "One en-gb"
    assert phonemes(british, "en", "af_heart") == "One en-us"
    assert phonemes(british, "en", "pf_dora") == "One en-gb"
    assert phonemes(synthesizer(folder), "en") == "One en-us"
    assert phonemes(synthesizer(folder), "en", "bm_lewis") == "One en-gb"


@pytest.mark.parametrize(
    ("region", "espeak"), [("", "es"), ("ES", "es"), ("MX", "es-419"), ("419", "es-419")]
)
def test_spanish_of_latin_america_has_its_own_phonemes(
    folder: Path, region: str, espeak: str
) -> None:
    assert phonemes(synthesizer(folder, es=region), "es") == f"One {espeak}"


def test_what_is_declared_is_what_the_table_has() -> None:
    forms = capabilities().forms
    assert {"en-GB", "en-US", "es-419", "pt-BR"} <= forms
    assert not {"pt-PT", "fr-CA"} & forms
    assert {form.partition("-")[0] for form in forms} == set(LANGUAGES)
