from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stslocal import languages
from stslocal.errors import SettingsError
from tests.extras import need

pytestmark = pytest.mark.unit


def test_has_each_of_the_202_languages_of_nllb_once() -> None:
    codes = [language.flores for language in languages.languages() if language.flores]
    assert len(codes) == len(set(codes)) == 202
    assert "arb_Latn" not in codes
    assert "min_Arab" not in codes


def test_flores_codes_are_those_of_nllbs_tokenizer() -> None:
    tokenizer = need("transformers.models.nllb.tokenization_nllb")
    codes = {language.flores for language in languages.languages() if language.flores}
    assert codes == set(tokenizer.FAIRSEQ_LANGUAGE_CODES)


def test_scripts_are_those_of_the_flores_codes() -> None:
    scripts = {language.code: language.script for language in languages.languages()}
    assert [scripts[code] for code in ("pt", "sr", "zh", "zh-Hant", "ks-Deva", "br")] == [
        "Latn", "Cyrl", "Hans", "Hant", "Deva", "",
    ]  # fmt: skip


def test_codes_are_unique_and_found_again() -> None:
    every = languages.languages()
    assert len({language.code for language in every}) == len(every)
    for language in every:
        assert languages.find(language.code) is language


def test_flores_codes_find_their_language() -> None:
    for language in languages.languages():
        if language.flores:
            assert languages.find(language.flores) is language


def test_names_and_aliases_find_their_language() -> None:
    for language in languages.languages():
        for text in (language.name, language.native_name, *language.aliases):
            assert languages.find(text) is language, text


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("pt", "pt"),
        ("pt-BR", "pt"),
        ("pt_pt", "pt"),
        ("por", "pt"),
        ("por_Latn", "pt"),
        (" PORTUGUESE ", "pt"),
        ("Português", "pt"),
        ("portugues", "pt"),
        ("es-419", "es"),
        ("en-gb", "en"),
        ("no", "nb"),
        ("Norwegian", "nb"),
        ("nn", "nn"),
        ("jw", "jv"),
        ("iw", "he"),
        ("zh-TW", "zh-Hant"),
        ("zh-cn", "zh"),
        ("zho_Hant", "zh-Hant"),
        ("Cantonese", "yue"),
        ("srp_Cyrl", "sr"),
        ("日本語", "ja"),
        ("ΕΛΛΗΝΙΚΑ", "el"),
        ("fil-PH", "tl"),
        ("swa", "sw"),
        ("haw", "haw"),
        ("pt-Latn", "pt"),
        ("sr-Cyrl", "sr"),
        ("sr-Cyrl-RS", "sr"),
        ("en_Latn_US", "en"),
        ("zh-Hans-CN", "zh"),
        ("zh-Hant-TW", "zh-Hant"),
        ("ger", "de"),
        ("fas", "fa"),
        ("siSwati", "ss"),
        ("Afaan Oromoo", "om"),
        ("العربية المصرية", "arz"),
    ],
)
def test_finds_languages_by_spellings_that_people_type(text: str, code: str) -> None:
    assert languages.find(text).code == code


@pytest.mark.parametrize(
    "text", ["", "klingon", "xx", "sr-Latn", "pt-Arab", "pt-", "br-", "-", "pt-BR-x"]
)
def test_refuses_text_that_is_no_language(text: str) -> None:
    with pytest.raises(SettingsError, match="is not a language that stslocal knows"):
        languages.find(text)


@pytest.mark.parametrize(
    ("text", "near"),
    [
        ("portugese", "Portuguese (pt)"),
        ("Engish", "English (en)"),
        ("sr-Latn", "did you mean Serbian (sr)?"),
    ],
)
def test_a_refusal_names_the_nearest_language(text: str, near: str) -> None:
    with pytest.raises(SettingsError) as refusal:
        languages.find(text)
    assert near in str(refusal.value)


def test_names_a_code_for_a_message() -> None:
    assert languages.name_of("de") == "German (de)"
    assert languages.name_of("tlh") == "tlh"


@given(st.text(max_size=20))
def test_any_text_is_a_language_or_a_settings_error(text: str) -> None:
    with contextlib.suppress(SettingsError):
        assert languages.find(text) in languages.languages()


@pytest.mark.parametrize(
    ("text", "region"),
    [
        ("pt", ""),
        ("pt-BR", "BR"),
        ("pt_pt", "PT"),
        ("European Portuguese", "PT"),
        ("en-UK", "GB"),
        ("es-419", "419"),
        ("sr-Cyrl-RS", "RS"),
        ("zh-TW", ""),
        ("zh-Hant", ""),
        ("klingon-DE", ""),
    ],
)
def test_a_region_is_found_beside_the_code(text: str, region: str) -> None:
    assert languages.region_of(text) == region


@pytest.mark.parametrize("text", ["pt-XX", "en-999", "de_qq"])
def test_an_unknown_region_is_one_clear_sentence(text: str) -> None:
    with pytest.raises(
        SettingsError, match=r"names a region, .*, that stslocal does not know: write"
    ):
        languages.find(text)


def test_forms_of_a_region_begin_with_its_own() -> None:
    assert languages.regional_forms("es", "MX") == ("es-MX", "es-419")
    assert languages.regional_forms("es", "ES") == ("es-ES",)
    assert languages.regional_forms("pt", "") == ()
    assert languages.name_of_form("pt", "PT") == "Portuguese of Portugal"
    assert all(name and code.isalnum() for code, name in languages.regions().items())
