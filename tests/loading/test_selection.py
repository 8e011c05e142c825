"""The selection of engines: installed ones that reach the languages and are fast enough."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from stslocal.engines import registry
from stslocal.engines.default_voice import DefaultVoice
from stslocal.engines.protocols import Capabilities
from stslocal.engines.registry import EngineEntry, Weights
from stslocal.errors import ModelNotFoundError, SettingsError
from stslocal.loading import engine_loader
from stslocal.loading import load as loading
from stslocal.loading.load import check_run
from stslocal.loading.needs import check_needs, models_for
from stslocal.loading.recognition import load_recognition
from stslocal.loading.select import LIVE_SHARES, SpeedOf, select_engines
from stslocal.loading.selection import EngineSelection
from stslocal.models.manifest import Manifest, Model, ModelFile, Pack
from stslocal.settings import Settings
from stslocal.types import VoiceProfile
from stslocal.voices.store import VoiceStore
from tests.fakes import FakeRecognizer, FakeSynthesizer, FakeTranslator, FakeVad

pytestmark = pytest.mark.unit

ENGINE_MODULE = "stslocal_test_choosing"


def recognizes_and_translates(*languages: str, to: str = "en") -> Callable[[], Capabilities]:
    return lambda: Capabilities(languages=frozenset(languages), translates_to=frozenset([to]))


def translates(*codes: str) -> Callable[[], Capabilities]:
    return lambda: Capabilities(pairs=frozenset((a, b) for a in codes for b in codes if a != b))


def speaks(*languages: str, clones: bool = False) -> Callable[[], Capabilities]:
    return lambda: Capabilities(languages=frozenset(languages), clones=clones)


def recognizes(*languages: str) -> Callable[[], Capabilities]:
    return lambda: Capabilities(languages=frozenset(languages))


ROWS = (
    EngineEntry("vad", registry.VAD, f"{ENGINE_MODULE}:Vad"),
    EngineEntry(
        "asr",
        registry.RECOGNIZER,
        f"{ENGINE_MODULE}:Recognizer",
        weights=(
            Weights(("asr-turbo",), recognizes("en", "pt", "de", "es")),
            Weights(("asr-small",), recognizes_and_translates("en", "pt", "de", "es")),
            Weights(("asr-base",), recognizes_and_translates("en", "pt", "de", "es")),
            Weights(("asr-english",), recognizes("en"), auto=False),
        ),
    ),
    EngineEntry(
        "polyglot",
        registry.TRANSLATOR,
        f"{ENGINE_MODULE}:Translator",
        weights=(
            Weights(("polyglot-large",), translates("en", "pt", "de", "es")),
            Weights(("polyglot-small",), translates("en", "pt", "de", "es")),
        ),
    ),
    EngineEntry(
        "pair",
        registry.TRANSLATOR,
        f"{ENGINE_MODULE}:Translator",
        weights=(Weights(("en-pt",), translates("en", "pt")),),
    ),
    EngineEntry(
        "cloner",
        registry.SYNTHESIZER,
        f"{ENGINE_MODULE}:Synthesizer",
        weights=(Weights(("cloner-2",), speaks("en", "pt", "de", "es", clones=True)),),
        extra="cloner",
        packages=("json",),
    ),
    EngineEntry(
        "tts",
        registry.SYNTHESIZER,
        f"{ENGINE_MODULE}:Synthesizer",
        weights=(Weights(("tts-8bit", "tts-voices"), speaks("en", "pt", "es", "fr")),),
    ),
    EngineEntry(
        "encoder",
        registry.SPEAKER_ENCODER,
        f"{ENGINE_MODULE}:Encoder",
        weights=(Weights(("encoder-1",)),),
    ),
    EngineEntry(
        "converter",
        registry.VOICE_CONVERTER,
        f"{ENGINE_MODULE}:Converter",
        weights=(Weights(("converter-1",)),),
    ),
)
STARTER = frozenset({"asr-base", "en-pt", "tts-8bit", "tts-voices", "encoder-1"})
STARTER_PACK = Pack("starter", "the starter pack", tuple(sorted(STARTER)))
NOT_FREE = ("polyglot-small", "polyglot-large", "cloner-2")
FULL = STARTER | {"asr-small", "polyglot-small", "polyglot-large", "cloner-2"}


@pytest.fixture(autouse=True)
def _rows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "ENGINES", ROWS)


def store(installed: frozenset[str]) -> Any:
    """A store with these models; a small one has as many megabytes as its name has letters."""
    known = dict.fromkeys(m for row in ROWS for weights in row.weights for m in weights.models)
    return SimpleNamespace(
        manifest=Manifest({name: model(name) for name in known}, {"starter": STARTER_PACK}),
        packs={"starter": STARTER_PACK},
        installed=installed.__contains__,
        is_complete=installed.__contains__,
        location=lambda model: Path(model.id),
        folder=Path,
        hashes=lambda model: {},
    )


def model(name: str) -> Model:
    size = 500 if "large" in name else len(name)
    return Model(
        name, name, "synthesis", name, "NC-1.0" if name in NOT_FREE else "MIT", "https://nc.example",
        name not in NOT_FREE, (ModelFile("m.bin", size * 1_000_000, None),), (), None, None,
    )  # fmt: skip


def choose(
    installed: frozenset[str], *, figures: dict[str, float] | None = None, **settings: Any
) -> EngineSelection:
    """Select for files, or for live where figures are given."""
    measured: SpeedOf = lambda role, choice: (figures or {})[choice.name]  # noqa: E731
    if figures is None:
        return select_engines(Settings(**settings), store(installed))
    return select_engines(Settings(**settings), store(installed), use="live", speed_of=measured)


def taken(names: EngineSelection) -> tuple[str, ...]:
    return names.recognizer, *names.translators, names.synthesizer


def too_slow(speed: str, needed: str) -> str:
    return f"it is {speed} than speech on this machine, and live needs {needed}"


def reasons(names: EngineSelection) -> dict[str, str]:
    return {passed.name: passed.why for passed in names.passed_over}


class TestConverter:
    def test_auto_converts_where_a_converter_is_installed_and_nothing_clones(self) -> None:
        assert not choose(STARTER, target="pt").converter
        both = choose(STARTER | {"converter-1"}, target="pt")
        assert (both.converter, both.voice("auto")) == ("converter-1", "convert")
        assert both.as_settings()["converter"] == "converter-1"
        cloned = choose(FULL | {"converter-1"}, target="pt")
        assert (cloned.converter, cloned.voice("auto")) == ("", "match")
        assert choose(FULL | {"converter-1"}, target="fr").converter == "converter-1"

    def test_only_auto_and_convert_convert(self) -> None:
        here = STARTER | {"converter-1"}
        for voice, converter in (("match", ""), ("pm_alex", ""), ("convert", "converter-1")):
            selection = choose(here, target="pt", voice=voice)
            assert (selection.converter, selection.voice(voice)) == (converter, voice)

    def test_a_voice_is_converted_after_an_engine_that_does_not_clone(self) -> None:
        here = FULL | {"converter-1"}
        assert choose(here, target="pt", voice="convert").synthesizer == "tts-8bit"
        assert choose(here, target="de", voice="convert").synthesizer == "cloner-2"
        named = choose(here, target="pt", voice="convert", tts="cloner")
        assert (named.synthesizer, named.converter) == ("cloner-2", "converter-1")

    def test_a_voice_that_was_saved_for_a_converter_needs_it(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("STSLOCAL_VOICES", str(tmp_path))
        arrays = {"embedding": np.ones(2, np.float32)}
        for name in ("converter", "tts"):
            VoiceStore(tmp_path).save(VoiceProfile(f"maria-{name}", name, arrays))
        assert choose(STARTER, target="pt", voice="maria-converter").converter == "converter-1"
        assert not choose(STARTER, target="pt", voice="maria-tts").converter

    def test_live_it_needs_the_time_that_the_synthesizer_leaves(self) -> None:
        here = STARTER | {"converter-1"}
        share = LIVE_SHARES["synthesizer"]
        figures = {"asr-base": 0.1, "tts-8bit": share - 0.2, "en-pt": 0.01}
        fast = choose(here, figures={**figures, "converter-1": 0.19}, target="pt")
        assert fast.converter == "converter-1"
        slow = choose(here, figures={**figures, "converter-1": 0.21}, target="pt")
        assert (slow.converter, slow.voice("auto")) == ("", "match")
        assert reasons(slow)["converter-1"].startswith("with tts-8bit it is 2.2 × faster")
        named = choose(here, figures={**figures, "converter-1": 9.0}, target="pt", voice="convert")
        assert named.converter == "converter-1"

    def test_what_is_missing_is_named_with_its_command(self) -> None:
        settings = Settings(source="en", target="pt", voice="convert")
        here = store(STARTER)
        with pytest.raises(ModelNotFoundError, match="converter-1, which is not installed: run"):
            check_run(settings, here, select_engines(settings, here))
        without_encoder = store((STARTER | {"converter-1"}) - {"encoder-1"})
        check_run(settings, without_encoder, select_engines(settings, without_encoder))


class TestForFiles:
    def test_an_engine_that_is_not_installed_is_not_taken(self) -> None:
        assert taken(choose(STARTER, target="pt")) == ("asr-base", "en-pt", "tts-8bit")

    def test_with_nothing_installed_it_is_the_starter_pack(self) -> None:
        """The store then raises an error with the command that fetches it."""
        names = choose(frozenset(), source="en", target="pt")
        assert taken(names) == ("asr-base", "en-pt", "tts-8bit")
        assert not names.passed_over

    def test_the_best_installed_engine_is_taken_at_any_speed(self) -> None:
        names = choose(FULL, target="pt")
        assert taken(names) == ("asr-small", "polyglot-large", "cloner-2")
        assert reasons(names) == {
            "polyglot-small": "its languages are translated by polyglot-large",
            "en-pt": "its languages are translated by polyglot-large",
        }

    def test_a_model_counts_only_with_all_of_its_parts(self) -> None:
        names = choose((FULL - {"tts-voices"}), tts="tts", target="pt")
        assert names.synthesizer == "tts-8bit", "the store then reports that it is incomplete"
        assert choose(FULL - {"cloner-2"}, target="pt").synthesizer == "tts-8bit"

    def test_one_whose_package_is_missing_is_passed_over(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(registry, "find_spec", lambda name: None)
        names = choose(FULL, target="pt")
        assert names.synthesizer == "tts-8bit"
        assert reasons(names)["cloner-2"].endswith("run `pip install 'stslocal[cloner]'`")

    def test_one_that_does_not_speak_the_language_is_passed_over(self) -> None:
        names = choose(FULL, target="fr")
        assert names.synthesizer == "tts-8bit"
        assert reasons(names)["cloner-2"] == "it does not speak French (fr)"

    def test_a_recognizer_that_reaches_fewer_languages_is_passed_over(self) -> None:
        """One that does not translate is no help where only a recognizer could translate."""
        with_turbo = STARTER | {"asr-turbo"}
        names = choose(with_turbo, target="en")
        assert names.recognizer == "asr-base"
        assert reasons(names)["asr-turbo"] == (
            "with it, fewer languages can be translated into English (en)"
        )
        assert choose(with_turbo, source="de", target="en").recognizer == "asr-base"
        assert choose(with_turbo, source="pt", target="en").recognizer == "asr-turbo"
        assert choose(FULL | {"asr-turbo"}, target="en").recognizer == "asr-turbo"

    def test_no_translator_is_loaded_where_the_recognizer_translates(self) -> None:
        assert choose(STARTER, source="de", target="en").translators == ()
        assert choose(STARTER - {"en-pt"}, target="en").translators == ()
        assert choose(FULL, target="en", mt="whisper").translators == ()

    def test_translators_that_complete_each_other_are_loaded_together(self) -> None:
        assert choose(STARTER, target="pt").translators == ("en-pt",)
        assert choose(FULL, target="es").translators == ("polyglot-large",)

    def test_a_trimmed_model_is_taken_for_the_languages_that_it_has(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        trimmed = Weights(
            ("polyglot-small",),
            translates("en", "pt", "de", "es"),
            lambda _: translates("en", "es")(),
        )
        rows = [replace(row, weights=(trimmed,)) if row.name == "polyglot" else row for row in ROWS]
        monkeypatch.setattr(registry, "ENGINES", tuple(rows))
        installed = FULL - {"polyglot-large"}
        names = choose(installed, source="en", target="pt")
        assert names.translators == ("en-pt",)
        (passed,) = [passed for passed in names.passed_over if passed.notable]
        assert (passed.name, passed.why) == (
            "polyglot-small",
            "it does not translate from English (en) to Portuguese (pt), since it was trimmed to "
            "other languages",
        )
        names = choose(installed, source="en", target="es")
        assert names.translators == ("polyglot-small",)
        check_needs(Settings(source="en", target="es"), store(installed), names)
        assert reasons(names)["en-pt"] == "it does not translate from English (en) to Spanish (es)"
        for mt in ("auto", "polyglot", "polyglot-small"):
            assert refusal(installed, source="de", target="es", mt=mt) == (
                "nothing is translated from German (de) into Spanish (es): polyglot-small could "
                "before it was trimmed, and `stslocal models remove polyglot-small` and `stslocal "
                "models pull polyglot-small` install it whole"
            )


class TestByName:
    def test_a_model_that_is_named_is_taken(self) -> None:
        """Also when it is not installed or not fast enough."""
        names = choose(
            STARTER, figures={}, target="pt", asr="asr_english", mt="polyglot-small", tts="cloner"
        )
        assert taken(names) == ("asr-english", "polyglot-small", "cloner-2")
        assert not names.passed_over

    def test_for_an_engine_that_is_named_the_best_model_is_taken(self) -> None:
        assert choose(FULL, target="pt", mt="polyglot").translators == ("polyglot-large",)
        small = FULL - {"polyglot-large"}
        assert choose(small, target="pt", mt="polyglot").translators == ("polyglot-small",)
        assert choose(STARTER, target="pt", mt="polyglot").translators == ("polyglot-small",)

    def test_engines_of_both_packs_can_be_mixed(self) -> None:
        names = choose(FULL, target="pt", asr="asr-small", mt="pair", tts="cloner")
        assert taken(names) == ("asr-small", "en-pt", "cloner-2")

    def test_an_unknown_name(self) -> None:
        with pytest.raises(SettingsError, match="no translator 'polyglott': did you mean"):
            choose(FULL, target="pt", mt="polyglott")

    def test_as_settings_of_a_session(self) -> None:
        assert choose(FULL, target="pt").as_settings() == {
            "asr": "asr-small", "mt": "polyglot-large", "tts": "cloner-2",
        }  # fmt: skip
        assert choose(STARTER, target="en", mt="whisper").as_settings()["mt"] == "whisper"


QUICK = {"asr-small": 0.2, "polyglot-large": 0.05, "polyglot-small": 0.02, "cloner-2": 0.4}


class TestForLive:
    def test_the_best_engine_that_is_fast_enough_is_taken(self) -> None:
        names = choose(FULL, figures=QUICK, target="pt")
        assert taken(names) == ("asr-small", "polyglot-large", "cloner-2")

    def test_one_that_is_too_slow_is_passed_over_with_its_figure(self) -> None:
        slow = {**QUICK, "asr-small": 0.71, "polyglot-large": 0.9, "cloner-2": 4.8}
        names = choose(FULL, figures=slow, target="pt")
        assert taken(names) == ("asr-base", "polyglot-small", "tts-8bit")
        assert reasons(names) == {
            "asr-small": too_slow("1.4 × faster", "2.9 × faster"),
            "polyglot-large": too_slow("1.1 × faster", "10 × faster"),
            "en-pt": "its languages are translated by polyglot-small",
            "cloner-2": too_slow("4.8 × slower", "2.2 × faster"),
        }

    def test_the_shares_leave_a_margin(self) -> None:
        assert sum(LIVE_SHARES.values()) <= 0.9 + 1e-9

    def test_the_last_engine_is_taken_without_a_measurement(self) -> None:
        assert taken(choose(STARTER, figures={}, target="pt"))[0] == "asr-base"
        only = choose(FULL - {"tts-8bit"}, figures=QUICK, target="pt")
        assert only.synthesizer == "cloner-2"

    def test_a_slow_translator_is_taken_for_pairs_that_no_other_has(self) -> None:
        slow = {**QUICK, "polyglot-large": 0.9, "polyglot-small": 0.5}
        names = choose(FULL, figures=slow, target="pt")
        assert names.translators == ("en-pt", "polyglot-small")
        assert list(reasons(names)) == ["polyglot-large"]
        names = choose(FULL, figures=slow, source="de", target="en")
        assert names.translators == (), "the recognizer translates"

    def test_an_engine_that_was_named_is_not_replaced(self) -> None:
        slow = {**QUICK, "polyglot-large": 9.0, "polyglot-small": 9.0}
        names = choose(FULL, figures=slow, target="pt", mt="polyglot")
        assert names.translators == ("polyglot-small",)

    def test_an_engine_that_cannot_be_measured_counts_as_fast_enough(self) -> None:
        names = select_engines(
            Settings(target="pt"), store(FULL), use="live", speed_of=lambda role, choice: None
        )
        assert taken(names) == ("asr-small", "polyglot-large", "cloner-2")


def refusal(installed: frozenset[str], **settings: Any) -> str:
    """The error of a run that cannot be done; its message is one line."""
    with pytest.raises((SettingsError, ModelNotFoundError)) as caught:
        check_needs(Settings(**settings), store(installed), choose(installed, **settings))
    assert "\n" not in str(caught.value)
    return str(caught.value)


LICENCE = "(licence NC-1.0: https://nc.example)"


class TestRefusedBeforeLoading:
    """The first error is the last one: its command installs all that is missing."""

    def test_a_language_that_a_translator_would_bring(self) -> None:
        assert refusal(STARTER, target="es") == (
            f"translation into Spanish (es) needs polyglot-small {LICENCE}, which is not "
            "installed: run `stslocal models pull polyglot --accept-licence` (14 MB, "
            "not for commercial use)"
        )

    def test_a_pair_of_languages(self) -> None:
        assert refusal(STARTER, source="de", target="pt").startswith(
            "translation from German (de) into Portuguese (pt) needs polyglot-small "
        )

    def test_two_models_are_named_with_one_command(self) -> None:
        assert refusal(STARTER, target="de") == (
            f"translation into German (de) needs polyglot-small {LICENCE} and cloner-2 {LICENCE}, "
            "which are not installed: run `stslocal models pull polyglot cloner --accept-licence` "
            "(22 MB, not for commercial use)"
        )

    def test_with_nothing_installed_the_starter_pack_is_named(self) -> None:
        assert refusal(frozenset(), source="en", target="pt") == (
            "translation from English (en) into Portuguese (pt) needs asr-base, en-pt, tts-8bit, "
            "tts-voices and encoder-1, which are not installed: run `stslocal models pull starter` "
            "(40 MB, MIT)"
        )
        assert "run `stslocal models pull starter polyglot --accept-licence` (49 MB" in refusal(
            frozenset(), target="es"
        )

    def test_one_missing_part_is_named_alone(self) -> None:
        assert refusal(STARTER - {"encoder-1"}, target="pt").endswith(
            "needs encoder-1, which is not installed: run `stslocal models pull encoder` "
            "(9 MB, MIT)"
        )

    def test_a_model_that_was_named(self) -> None:
        assert refusal(STARTER, target="pt", asr="small").endswith(
            "needs asr-small, which is not installed: run `stslocal models pull asr-small` "
            "(9 MB, MIT)"
        )

    def test_a_package_that_is_missing(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(registry, "find_spec", lambda name: None)
        assert refusal(STARTER, target="de").endswith(
            "and the Python packages of cloner, which are not installed: run `pip install "
            "'stslocal[cloner]' && stslocal models pull polyglot cloner --accept-licence` "
            "(22 MB, not for commercial use)"
        )
        assert refusal(FULL, target="de", tts="cloner") == (
            "translation into German (de) needs the Python packages of cloner, which are not "
            "installed: run `pip install 'stslocal[cloner]'` (packages of Python)"
        )

    def test_an_engine_that_was_named_is_not_replaced(self) -> None:
        assert refusal(FULL, target="es", mt="pair") == (
            "with `--mt pair`, nothing is translated into Spanish (es): use `--mt polyglot`"
        )
        assert refusal(STARTER, source="en", target="es", mt="whisper") == (
            "with `--mt whisper`, nothing is translated from English (en) into Spanish (es): use "
            "`--mt polyglot`, after `stslocal models pull polyglot --accept-licence` (14 MB, not "
            "for commercial use)"
        )
        assert refusal(FULL, target="de", tts="tts") == (
            "with `--tts tts`, German (de) is not spoken: use `--tts cloner`"
        )

    def test_languages_that_no_engine_reaches(self) -> None:
        assert refusal(FULL, target="sw") == (
            "Swahili (sw) is not spoken by any engine: choose one of English (en), French (fr), "
            "German (de), Portuguese (pt), Spanish (es)"
        )
        assert refusal(FULL, source="fr", target="en").startswith(
            "speech in French (fr) is not recognized by any engine: choose one of English (en), "
        )
        assert refusal(FULL, target="fr").startswith(
            "nothing is translated into French (fr) by any engine: choose one of "
        )

    def test_nothing_to_translate(self) -> None:
        assert refusal(STARTER, source="en", target="en").startswith(
            "the speech is already in English (en): "
        )

    def test_without_a_target_there_is_nothing_to_refuse(self) -> None:
        """The doctor tries engines without a target, and a setting may give only a source."""
        check_needs(Settings(source="en"), store(STARTER), choose(STARTER, source="en"))

    def test_what_the_starter_pack_reaches_is_accepted(self) -> None:
        for source, target in (("auto", "pt"), ("de", "en"), ("auto", "en")):
            settings = Settings(source=source, target=target)
            check_needs(settings, store(STARTER), choose(STARTER, source=source, target=target))

    def test_a_voice_needs_only_what_speaks(self) -> None:
        installed = frozenset({"tts-8bit", "tts-voices", "encoder-1"})
        for target in ("pt", "fr"):
            names = choose(installed, target=target)
            roles = (registry.SYNTHESIZER,)
            check_needs(Settings(target=target), store(installed), names, roles=roles)
        names = choose(installed, target="de")
        with pytest.raises(ModelNotFoundError, match=r"^speech in German \(de\) needs cloner-2 "):
            check_needs(Settings(target="de"), store(installed), names, roles=roles)

    def test_nothing_is_loaded(self) -> None:
        with pytest.raises(ModelNotFoundError, match="cloner-2"):
            loading.load_engines(Settings(target="de"), store(STARTER))

    def test_a_detected_language_has_the_command_too(self, loads: Loads) -> None:
        engines = loading.load_engines(Settings(target="pt"), store(STARTER))
        with pytest.raises(ModelNotFoundError, match=r"^German \(de\) was .*polyglot "):
            engines.check_detected("de", "pt")
        with pytest.raises(SettingsError, match=r"already in Portuguese .*--from$"):
            engines.check_detected("pt", "pt")
        engines.check_detected("en", "pt")

    def test_the_models_that_a_language_needs(self) -> None:
        def needed(installed: frozenset[str], **settings: Any) -> list[str]:
            found = models_for(
                Settings(**settings), store(installed), choose(installed, **settings)
            )
            return [each.id for each in found]

        starter = ["asr-base", "en-pt", "tts-8bit", "tts-voices", "encoder-1"]
        assert needed(frozenset(), target="pt") == starter
        assert needed(STARTER, target="de") == ["asr-base", "polyglot-small", "cloner-2"]
        assert needed(FULL, target="es")[:2] == ["asr-small", "polyglot-large"]


class Loads:
    """A module of engines that load at once, and the list of those that were loaded."""

    def __init__(self) -> None:
        self.loaded: list[str] = []

    def engine(self, name: str, make: Callable[[], Any]) -> Any:
        def load(*folders: Path) -> Any:
            self.loaded.append(str(folders[0]) if folders else name)
            return make()

        return SimpleNamespace(load=load)


@pytest.fixture
def loads(monkeypatch: pytest.MonkeyPatch) -> Loads:
    loads = Loads()

    module = SimpleNamespace(
        Vad=loads.engine("vad", FakeVad),
        Recognizer=loads.engine("asr", FakeRecognizer),
        Translator=loads.engine("words", FakeTranslator),
        Synthesizer=loads.engine("tts", FakeSynthesizer),
        Encoder=loads.engine("encoder", object),
    )
    monkeypatch.setitem(sys.modules, ENGINE_MODULE, module)
    return loads


class TestLoading:
    def test_a_synthesizer_that_clones_needs_no_encoder(self, loads: Loads) -> None:
        engines = loading.load_engines(Settings(target="pt"), store(FULL))
        assert isinstance(engines.cloner, FakeSynthesizer)
        assert sorted(loads.loaded) == ["asr-small", "cloner-2", "polyglot-large", "vad"]
        assert list(engines.models) == ["asr-small", "polyglot-large", "cloner-2"]
        assert engines.models["polyglot-large"][0].engine == "polyglot"

    def test_another_synthesizer_needs_the_encoder_for_matching(self, loads: Loads) -> None:
        engines = loading.load_engines(Settings(target="pt"), store(STARTER))
        assert isinstance(engines.cloner, DefaultVoice)
        assert "encoder-1" in loads.loaded

    def test_recognition_alone_needs_nothing_that_translates_or_speaks(self, loads: Loads) -> None:
        settings = Settings(target="en")
        loaded: dict[str, Any] = {}
        engines = load_recognition(settings, store(frozenset({"asr-base"})), loaded=loaded)
        assert (engines.name, loads.loaded) == ("asr-base", ["vad", "asr-base"])
        again = load_recognition(settings, store(STARTER), loaded=loaded)
        assert again.recognizer is engines.recognizer
        assert len(loads.loaded) == 2
        with pytest.raises(ModelNotFoundError, match=r"^recognition needs .*models pull asr"):
            load_recognition(settings, store(STARTER - {"asr-base"}))

    def test_the_progress_of_loading_is_reported(self, loads: Loads) -> None:
        seen: list[tuple[int, int, str]] = []
        loading.load_engines(
            Settings(target="pt"),
            store(STARTER),
            on_progress=lambda loaded, of, name: seen.append((loaded, of, name)),
        )
        assert seen[0] == (0, 5, "")
        assert [loaded for loaded, _, _ in seen] == [0, 1, 2, 3, 4, 5]
        assert {name for _, _, name in seen[1:]} == {
            "voice activity detector", "recognizer asr-base", "translator en-pt",
            "synthesizer tts-8bit", "speaker encoder",
        }  # fmt: skip

    def test_an_engine_may_announce_a_long_load(
        self, loads: Loads, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def load(folder: Path, announce: Callable[[str], None]) -> FakeTranslator:
            announce(f"{folder} takes a while")
            return FakeTranslator()

        rows = [replace(row, options=("announce",)) if row.name == "pair" else row for row in ROWS]
        monkeypatch.setattr(registry, "ENGINES", tuple(rows))
        monkeypatch.setattr(sys.modules[ENGINE_MODULE], "Translator", SimpleNamespace(load=load))
        said: list[str] = []
        loading.load_engines(Settings(target="pt"), store(STARTER), announce=said.append)
        assert said == ["en-pt takes a while"]

    @pytest.fixture
    def factors(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, float]:
        """What a measurement of each role gives. Speeds are kept in `tmp_path`."""
        factors = {"recognizer": 0.2, "translator": 0.9, "synthesizer": 0.4}
        monkeypatch.setenv("STSLOCAL_CACHE", str(tmp_path))
        monkeypatch.setattr(engine_loader, "machine_name", lambda: "this machine")
        monkeypatch.setattr(
            engine_loader, "measure_speed", lambda role, engine, *, clock: factors[role.name]
        )
        return factors

    @pytest.mark.usefixtures("factors")
    def test_live_measures_each_engine_once(self, loads: Loads, tmp_path: Path) -> None:
        said: list[str] = []
        for _ in range(2):
            engines = loading.load_engines(
                Settings(source="en", target="pt"), store(FULL), use="live", announce=said.append
            )
            assert taken(engines.selection) == ("asr-small", "en-pt", "cloner-2")
        measured = ["asr-small", "polyglot-large", "polyglot-small", "cloner-2"]
        assert [line.split()[3] for line in said] == measured
        assert (tmp_path / "speeds.json").is_file()

    def test_no_engine_is_passed_over_for_what_other_programs_do(
        self,
        loads: Loads,
        factors: dict[str, float],
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        load = [200.0]
        monkeypatch.setattr(os, "getloadavg", lambda: (load[0], 0.0, 0.0))
        said: list[str] = []

        def chosen(*, measure_again: bool = False) -> tuple[str, ...]:
            settings = Settings(source="en", target="pt")
            engines = loading.load_engines(
                settings, store(FULL), use="live", announce=said.append, measure_again=measure_again
            )
            return taken(engines.selection)

        assert chosen() == ("asr-small", "polyglot-large", "cloner-2")
        assert all("busy with 200 programs" in line for line in said)
        assert not (tmp_path / "speeds.json").exists()
        load[0] = 0.0
        assert chosen() == ("asr-small", "en-pt", "cloner-2")
        factors.update(translator=90.0, synthesizer=90.0)
        load[0] = 200.0
        assert chosen(measure_again=True) == ("asr-small", "en-pt", "cloner-2"), "what was measured"

    @pytest.mark.usefixtures("factors")
    def test_for_a_recording_of_live_only_what_files_take_instead_is_loaded(
        self, loads: Loads
    ) -> None:
        settings = Settings(source="en", target="pt")
        live = loading.load_engines(settings, store(FULL), use="live")
        loads.loaded.clear()
        better = loading.engines_for_files(live, settings, store(FULL))
        assert loads.loaded == ["polyglot-large"]
        assert taken(better.selection) == ("asr-small", "polyglot-large", "cloner-2")
        assert better.recognizer is live.recognizer
        assert better.synthesizer is live.synthesizer
        assert better.models["polyglot-large"][0].engine == "polyglot"
        assert loading.engines_for_files(better, settings, store(FULL)) is better
