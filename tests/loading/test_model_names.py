"""The names that `stslocal models pull`, `verify` and `remove` take."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from stslocal.engines import registry
from stslocal.errors import SettingsError
from stslocal.loading.model_names import installed_models, models_to_pull
from stslocal.loading.select import select_engines
from stslocal.loading.selection import Use
from stslocal.models.manifest_file import load_manifest
from stslocal.models.store import ModelStore
from stslocal.settings import Settings

pytestmark = pytest.mark.unit

STARTER = ["whisper-base", "bergamot-en-pt", "kokoro-82m-int8", "kokoro-voices", "ge2e"]
NLLB = "nllb-200-distilled-600m"


class Store(ModelStore):
    """The shipped manifest, and some models that count as installed."""

    def __init__(self, *installed: str) -> None:
        super().__init__(Path("nowhere"), load_manifest())
        self.here = installed

    def installed(self, model_id: str) -> bool:
        return model_id in self.here


def pulled(*names: str, store: ModelStore | None = None, **settings: str) -> list[str]:
    wanted = Settings.load(settings, environ={"STSLOCAL_CONFIG": "nowhere"})
    return [model.id for model in models_to_pull(names, wanted, store or Store())]


@pytest.mark.parametrize(
    ("name", "models"),
    [
        ("starter", STARTER),
        ("whisper-small", ["whisper-small"]),
        ("Whisper_Small", ["whisper-small"]),
        ("small", ["whisper-small"]),
        ("turbo", ["whisper-large-v3-turbo"]),
        ("large-v3", ["whisper-large-v3"]),
        ("whisper", ["whisper-base"]),
        ("nllb", [NLLB]),
        ("600m", [NLLB]),
        ("xtts", ["xtts-v2"]),
        ("kokoro", ["kokoro-82m-int8", "kokoro-voices"]),
        ("openvoice", ["openvoice-v2"]),
        ("fr", ["whisper-base", "firefox-en-fr", "kokoro-82m-int8", "kokoro-voices", "ge2e"]),
        ("French", ["whisper-base", "firefox-en-fr", "kokoro-82m-int8", "kokoro-voices", "ge2e"]),
        ("de", ["whisper-base", "firefox-en-de", "pocket-de"]),
        ("ja", ["whisper-base", "firefox-en-ja", "xtts-v2"]),
        ("pt-BR", STARTER),
        ("pt-br", STARTER),
        ("en-pt", STARTER),
        ("de-en", ["whisper-base", "kokoro-82m-int8", "kokoro-voices", "ge2e"]),
        (
            "de-pt",
            [
                "whisper-base",
                "firefox-de-en",
                "bergamot-en-pt",
                "kokoro-82m-int8",
                "kokoro-voices",
                "ge2e",
            ],
        ),
    ],
)
def test_a_name(name: str, models: list[str]) -> None:
    assert pulled(name) == models


@pytest.mark.parametrize("role", [registry.RECOGNIZER, registry.TRANSLATOR, registry.SYNTHESIZER])
def test_what_an_option_takes_pull_takes(role: registry.Role[Any]) -> None:
    for name in registry.names(role):
        if name != "opus":  # it has models for a pair each, and pull asks for the pair
            target = next(iter(registry.choices(role, name)[0].capabilities.languages), "pt")
            assert pulled(name, target=target), name
    here = Store()
    for choice in registry.choices(role):
        assert pulled(choice.name, store=here), choice.name
        assert registry.choices(role, choice.name.replace("-", "_").upper()) == (choice,)


def test_an_option_takes_short_names_too() -> None:
    def taken(role: registry.Role[Any], name: str) -> list[str]:
        return [choice.name for choice in registry.choices(role, name)]

    assert taken(registry.RECOGNIZER, "small") == ["whisper-small"]
    assert taken(registry.RECOGNIZER, "whisper") == taken(registry.RECOGNIZER, "faster_whisper")
    assert taken(registry.TRANSLATOR, "600m") == [NLLB]
    with pytest.raises(SettingsError, match="no recognizer 'smal': did you mean 'small'"):
        registry.choices(registry.RECOGNIZER, "smal")


def test_several_names_give_each_model_once() -> None:
    assert pulled("whisper", "starter") == STARTER


def test_what_is_installed_and_better_is_what_a_language_uses() -> None:
    here = Store("nllb-200-distilled-1.3b", "whisper-small")
    assert pulled("fr", store=here)[:2] == ["whisper-small", "nllb-200-distilled-1.3b"]
    assert pulled("nllb", store=here) == ["nllb-200-distilled-1.3b"]


def test_a_language_is_that_of_the_settings() -> None:
    assert pulled("pt", source="de")[1] == "firefox-de-en"
    assert pulled("pt", source="pt") == STARTER
    assert "xtts-v2" in pulled("fr", tts="xtts")


def test_a_language_that_firefox_lacks_is_translated_by_opus_before_nllb() -> None:
    assert pulled("fr", source="af")[1:3] == ["opus-af-en", "firefox-en-fr"], "300 MB less"
    assert pulled("af-pl")[1:3] == ["opus-af-en", "firefox-en-pl"]
    assert pulled("cy-pt")[1:3] == ["opus-cy-en", "bergamot-en-pt"]
    assert pulled("opus-af-fr") == ["opus-af-en", "opus-en-fr"]
    assert pulled("opus-de-fr") == ["opus-de-fr"]
    assert pulled("fr", source="de", mt="opus")[1] == "opus-de-fr"
    assert pulled("fr", source="sw")[1] == NLLB


def test_the_best_size_is_fetched_and_the_smaller_one_where_it_is_named() -> None:
    assert pulled("firefox-en-fr-tiny") == ["firefox-en-fr-tiny"]
    assert pulled("en-fr-tiny") == ["firefox-en-fr-tiny"]
    assert pulled("firefox-de-fr-tiny") == ["firefox-de-en-tiny", "firefox-en-fr-tiny"]
    assert pulled("firefox-it-fr-tiny") == ["firefox-it-en", "firefox-en-fr-tiny"]
    here = Store("firefox-en-fr-tiny")
    assert pulled("fr", store=here)[1] == "firefox-en-fr-tiny", "it is what this person chose"
    assert pulled("fr", source="de", store=here)[1:3] == ["firefox-de-en", "firefox-en-fr"]


def test_a_live_session_takes_the_smaller_size_where_the_better_one_is_too_slow() -> None:
    settings = Settings(source="en", target="fr")

    def taken(slow: str = "", *, use: Use = "live") -> tuple[str, ...]:
        store = Store("firefox-en-fr", "firefox-en-fr-tiny", *STARTER)
        return select_engines(
            settings,
            store,
            use=use,
            speed_of=lambda role, choice: 9.0 if choice.name == slow else 0.01,
        ).translators

    assert taken() == ("firefox-en-fr",)
    assert taken("firefox-en-fr") == ("firefox-en-fr-tiny",)
    assert taken("firefox-en-fr", use="files") == ("firefox-en-fr",)


def test_auto_takes_firefox_then_opus_then_nllb() -> None:
    installed = ["firefox-de-en", "firefox-en-fr", "opus-de-fr", NLLB, *STARTER]

    def taken() -> str:
        settings = Settings(source="de", target="fr")
        return select_engines(settings, Store(*installed)).translators[0]

    assert taken() == "firefox-de-fr"
    installed.remove("firefox-en-fr")
    assert taken() == "opus-de-fr"
    installed.remove("opus-de-fr")
    assert taken() == NLLB


def test_two_translators_reach_together_what_none_reaches_alone() -> None:
    def taken(source: str, target: str, *installed: str, mt: str = "auto") -> tuple[str, ...]:
        settings = Settings(source=source, target=target, mt=mt)
        return select_engines(settings, Store(*installed, *STARTER)).translators

    both = ("opus-af-en", "firefox-en-pl")
    assert taken("af", "pl", *both) == both
    assert taken("af", "pl", *both, NLLB) == (NLLB,), "it reaches the pair alone"
    assert taken("auto", "pl", *both) == ("firefox-en-pl", "firefox-pt-pl", "opus-af-en")
    assert taken("cy", "pt", "opus-cy-en") == ("opus-cy-en", "bergamot-en-pt")
    assert taken("de", "pl", *both, "firefox-de-en") == ("firefox-de-pl",)
    assert "opus-af-en" not in taken("af", "pl", *both, mt="firefox")
    assert taken("af", "en", *both) == ("opus-af-en",)
    assert taken("af", "sw", "opus-af-en") == ("bergamot-en-pt",), "nothing reaches it"


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("stater", "no pack or model 'stater': did you mean 'starter'?"),
        ("wisper-base", "did you mean 'whisper-base'?"),
        ("frensh", "did you mean 'french'?"),
        ("nllb-200", "did you mean 'nllb-200-distilled-600m', .* or 'nllb-200-3.3b-meta'?"),
        (
            "qqqq",
            r"name a pack \(starter, open, full, speakers\), a model of .*, an engine ",
        ),
        ("opus", r"a model for each pair of languages: .* `stslocal models pull opus-\w\w-\w\w`$"),
        ("en-en", "no pack or model 'en-en': it names one language twice"),
        ("en-qq", "'qq' is no code of a language"),
        ("en->fr", "did you mean 'en-fr'"),
        ("firefox-fr-en-tiny", "there is one size of firefox-fr-en: run `.* pull firefox-fr-en`"),
        ("opus-pl-de", "run `stslocal models pull pl-de` for what has this pair"),
        ("brazilian", "no pack or model 'brazilian': name a pack"),
    ],
)
def test_a_name_that_stands_for_nothing(name: str, message: str) -> None:
    with pytest.raises(SettingsError, match=message):
        pulled(name)


def test_to_remove_or_verify_an_engine_is_all_that_is_installed_of_it() -> None:
    here = Store("nllb-200-3.3b", NLLB)

    def found(*names: str) -> list[str]:
        return [model.id for model in installed_models(names, here)]

    assert found("nllb") == ["nllb-200-3.3b", NLLB]
    assert found("xtts") == ["xtts-v2"]
    two = Store("opus-de-fr", "opus-fr-de")
    assert [model.id for model in installed_models(["opus"], two)] == ["opus-de-fr", "opus-fr-de"]
    assert found("starter", "small") == [*STARTER, "whisper-small"]
    with pytest.raises(SettingsError, match=r"'fr' is no model.* name what you mean of whisper-"):
        found("fr")
    with pytest.raises(SettingsError, match="did you mean 'xtts-v2'"):
        found("xts-v2")


class TestAPackOfTranslatorsByLanguage:
    def of(self, *names: str, languages: list[str]) -> list[str]:
        return [model.id for model in models_to_pull(names, Settings(), Store(), languages)]

    def test_it_brings_those_of_the_languages(self) -> None:
        ids = self.of("open", languages=["en", "pt", "fr"])
        assert sorted(ids) == sorted(
            [
                "firefox-fr-en",
                "firefox-en-fr",
                "whisper-small",
                "bergamot-en-pt",
                "kokoro-82m-int8",
                "kokoro-voices",
                "ge2e",
            ]
        )
        models = load_manifest().models
        assert all(models[model].commercial for model in ids)

    def test_whoever_accepts_terms_gets_the_voices_that_ask_for_it(self) -> None:
        without = self.of("open", languages=["en", "pt"])
        languages = ("en", "pt", "tr")
        found = models_to_pull(["open"], Settings(), Store(), languages, with_terms=True)
        ids = {model.id for model in found}
        assert {"pocket-en", "pocket-pt", "firefox-tr-en"} <= ids
        assert not any(model.startswith("pocket") for model in without)
        assert all(model.commercial for model in found)
        starter = models_to_pull(["starter"], Settings(), Store(), with_terms=True)
        assert [model.id for model in starter] == STARTER

    @pytest.mark.parametrize("languages", [[], ["fr"]])
    def test_it_asks_for_languages(self, languages: list[str]) -> None:
        with pytest.raises(SettingsError, match=r"pull open --languages en,fr`$"):
            self.of("open", languages=languages)

    def test_a_language_without_a_model_is_named(self) -> None:
        with pytest.raises(SettingsError, match=r"no Firefox or OPUS-MT model for Swahili \(sw\):"):
            self.of("open", languages=["en", "sw"])

    def test_a_language_that_firefox_lacks_has_opus(self) -> None:
        ids = self.of("open", languages=["af", "pl"])
        assert ids[:3] == ["opus-af-en", "firefox-pl-en", "firefox-en-pl"]
        assert self.of("open", languages=["de", "pl"])[:2] == ["firefox-de-en", "firefox-en-de"]

    def test_languages_without_such_a_pack_are_refused(self) -> None:
        with pytest.raises(SettingsError, match=r"name the pack too \(open\)"):
            self.of("starter", languages=["en", "fr"])

    def test_what_names_weights_of_an_engine_names_its_models(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        ids = ("firefox-fr-en", "firefox-en-de")
        weights = registry.Weights(ids)
        entry = registry.EngineEntry("pairs", registry.TRANSLATOR, "x:X", weights=(weights,))
        monkeypatch.setattr(registry, "ENGINES", (entry,))
        monkeypatch.setattr(registry.Choice, "name", property(lambda self: "pairs-fr-de"))
        assert pulled("pairs-fr-de") == list(ids)
        assert pulled("firefox-fr-en") == ["firefox-fr-en"], "a model's own name comes first"
