from __future__ import annotations

import pytest

from stslocal import languages
from stslocal.engines.xtts.languages import LANGUAGES, to_xtts

pytestmark = pytest.mark.unit

MODEL_CARD = "en es fr de it pt pl tr ru nl cs ar zh-cn ja hu ko hi".split()


def test_has_the_17_languages_of_the_model_card() -> None:
    assert sorted({to_xtts(code) for code in LANGUAGES}) == sorted(MODEL_CARD)


def test_codes_are_in_the_table_and_convert_back() -> None:
    for code in LANGUAGES:
        assert languages.find(code).code == code
        assert languages.find(to_xtts(code)).code == code.removesuffix("-Hant")


def test_chinese_is_spoken_from_both_scripts() -> None:
    assert {to_xtts(code) for code in ("zh", "zh-Hant")} == {"zh-cn"}
