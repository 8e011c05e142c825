from __future__ import annotations

import pytest

from stslocal import languages
from stslocal.engines.whisper.languages import LANGUAGES, from_whisper, to_whisper

pytestmark = pytest.mark.unit


def test_has_every_language_of_whispers_tokenizer_and_no_other() -> None:
    from faster_whisper.tokenizer import _LANGUAGE_CODES

    assert {to_whisper(code) for code in LANGUAGES} == set(_LANGUAGE_CODES)
    assert len(LANGUAGES) == 100


def test_codes_are_in_the_table_and_convert_both_ways() -> None:
    for code in LANGUAGES:
        assert languages.find(code).code == code
        assert languages.find(to_whisper(code)).code == code
        assert from_whisper(to_whisper(code)) == code


def test_whispers_chinese_is_simplified() -> None:
    assert from_whisper("zh") == "zh"
    assert "zh-Hant" not in LANGUAGES
