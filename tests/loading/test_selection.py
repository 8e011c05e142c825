"""Which engines a run takes, of those that are installed, reach its languages and are fast."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from stslocal.engines import registry
from stslocal.engines.default_voice import DefaultVoice
from stslocal.engines.protocols import Capabilities
from stslocal.engines.registry import EngineEntry, Weights
from stslocal.errors import SettingsError
from stslocal.loading import load as loading
from stslocal.loading.select import LIVE_SHARES, SpeedOf, select_engines
from stslocal.loading.selection import EngineSelection
from stslocal.settings import Settings
from tests.fakes import FakeRecognizer, FakeSynthesizer, FakeTranslator, FakeVad

pytestmark = pytest.mark.unit

ENGINE_MODULE = "stslocal_test_choosing"


def hears(*languages: str, to: str = "en") -> Callable[[], Capabilities]:
    return lambda: Capabilities(languages=frozenset(languages), translates_to=frozenset([to]))


def translates(*codes: str) -> Callable[[], Capabilities]:
    return lambda: Capabilities(pairs=frozenset((a, b) for a in codes for b in codes if a != b))


def speaks(*languages: str, clones: bool = False) -> Callable[[], Capabilities]:
    return lambda: Capabilities(languages=frozenset(languages), clones=clones)


def no_translation(*languages: str) -> Callable[[], Capabilities]:
    return lambda: Capabilities(languages=frozenset(languages))


ROWS = (
    EngineEntry("vad", registry.VAD, f"{ENGINE_MODULE}:Vad"),
    EngineEntry(
        "ears",
        registry.RECOGNIZER,
        f"{ENGINE_MODULE}:Recognizer",
        weights=(
            Weights(("ears-turbo",), no_translation("en", "pt", "de", "es")),
            Weights(("ears-small",), hears("en", "pt", "de", "es")),
            Weights(("ears-base",), hears("en", "pt", "de", "es")),
            Weights(("ears-english",), no_translation("en"), auto=False),
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
        "mouth",
        registry.SYNTHESIZER,
        f"{ENGINE_MODULE}:Synthesizer",
        weights=(Weights(("mouth-8bit", "mouth-voices"), speaks("en", "pt", "es", "fr")),),
    ),
    EngineEntry(
        "encoder",
        registry.SPEAKER_ENCODER,
        f"{ENGINE_MODULE}:Encoder",
        weights=(Weights(("encoder-1",)),),
    ),
)
STARTER = frozenset({"ears-base", "en-pt", "mouth-8bit", "mouth-voices", "encoder-1"})
FULL = STARTER | {"ears-small", "polyglot-small", "polyglot-large", "cloner-2"}


@pytest.fixture(autouse=True)
def _rows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "ENGINES", ROWS)


def store(installed: frozenset[str]) -> Any:
    known = {model for row in ROWS for weights in row.weights for model in weights.models}
    return SimpleNamespace(
        manifest=SimpleNamespace(models={model: model for model in known}),
        installed=installed.__contains__,
        location=Path,
        folder=Path,
        hashes=lambda model: {},
    )


def choose(
    installed: frozenset[str], *, figures: dict[str, float] | None = None, **settings: Any
) -> EngineSelection:
    """For files, or for live where figures are given."""
    measured: SpeedOf = lambda role, choice: (figures or {})[choice.name]  # noqa: E731
    if figures is None:
        return select_engines(Settings(**settings), store(installed))
    return select_engines(Settings(**settings), store(installed), use="live", speed_of=measured)


def taken(names: EngineSelection) -> tuple[str, ...]:
    return names.recognizer, *names.translators, names.synthesizer


def why_not(names: EngineSelection) -> dict[str, str]:
    return {passed.name: passed.why for passed in names.passed_over}


class TestForFiles:
    def test_what_is_not_installed_is_not_taken(self) -> None:
        assert taken(choose(STARTER, target="pt")) == ("ears-base", "en-pt", "mouth-8bit")

    def test_with_nothing_installed_it_is_the_starter_pack(self) -> None:
        """Whose absence is then the store's error, with the command that fetches it."""
        names = choose(frozenset(), source="en", target="pt")
        assert taken(names) == ("ears-base", "en-pt", "mouth-8bit")
        assert not names.passed_over

    def test_the_best_that_is_installed_however_slow(self) -> None:
        names = choose(FULL, target="pt")
        assert taken(names) == ("ears-small", "polyglot-large", "cloner-2")
        assert why_not(names) == {
            "polyglot-small": "polyglot-large will do",
            "en-pt": "polyglot-large will do",
        }

    def test_a_model_counts_only_with_all_of_its_parts(self) -> None:
        names = choose((FULL - {"mouth-voices"}), tts="mouth", target="pt")
        assert names.synthesizer == "mouth-8bit", "which the store then calls incomplete"
        assert choose(FULL - {"cloner-2"}, target="pt").synthesizer == "mouth-8bit"

    def test_one_whose_package_is_missing_is_passed_over(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(registry, "find_spec", lambda name: None)
        names = choose(FULL, target="pt")
        assert names.synthesizer == "mouth-8bit"
        assert why_not(names)["cloner-2"].endswith("run `pip install 'stslocal[cloner]'`")

    def test_one_that_does_not_speak_the_language_is_passed_over(self) -> None:
        names = choose(FULL, target="fr")
        assert names.synthesizer == "mouth-8bit"
        assert why_not(names)["cloner-2"] == "it does not speak French (fr)"

    def test_a_recognizer_that_reaches_fewer_languages_is_passed_over(self) -> None:
        """One that does not translate is no help where only the recognizer could."""
        with_turbo = STARTER | {"ears-turbo"}
        names = choose(with_turbo, target="en")
        assert names.recognizer == "ears-base"
        assert why_not(names)["ears-turbo"] == "it leads from fewer languages to English (en)"
        assert choose(with_turbo, source="de", target="en").recognizer == "ears-base"
        assert choose(with_turbo, source="pt", target="en").recognizer == "ears-turbo"
        assert choose(FULL | {"ears-turbo"}, target="en").recognizer == "ears-turbo"

    def test_no_translator_is_loaded_where_the_recognizer_does_it(self) -> None:
        assert choose(STARTER, source="de", target="en").translators == ()
        assert choose(STARTER - {"en-pt"}, target="en").translators == ()
        assert choose(FULL, target="en", mt="whisper").translators == ()

    def test_translators_that_complete_each_other_are_loaded_together(self) -> None:
        assert choose(STARTER, target="pt").translators == ("en-pt",)
        assert choose(FULL, target="es").translators == ("polyglot-large",)

    def test_a_model_that_was_cut_to_fewer_languages_serves_those(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        cut = Weights(
            ("polyglot-small",),
            translates("en", "pt", "de", "es"),
            lambda _: translates("en", "es")(),
        )
        rows = [replace(row, weights=(cut,)) if row.name == "polyglot" else row for row in ROWS]
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
        names.check(Settings(source="en", target="es"))
        assert why_not(names)["en-pt"] == "it does not translate from English (en) to Spanish (es)"
        for mt in ("auto", "polyglot", "polyglot-small"):
            settings = Settings(source="de", target="es", mt=mt)
            with pytest.raises(
                SettingsError,
                match=r"supported: .*; polyglot-small could before it was trimmed: `stslocal models"
                r" remove polyglot-small` and `stslocal models pull polyglot-small` bring it back",
            ):
                choose(installed, source="de", target="es", mt=mt).check(settings)


class TestByName:
    def test_a_models_name_is_not_questioned(self) -> None:
        """Installed or not, fast or not."""
        names = choose(
            STARTER, figures={}, target="pt", asr="ears_english", mt="polyglot-small", tts="cloner"
        )
        assert taken(names) == ("ears-english", "polyglot-small", "cloner-2")
        assert not names.passed_over

    def test_an_engines_name_leaves_its_models_open(self) -> None:
        assert choose(FULL, target="pt", mt="polyglot").translators == ("polyglot-large",)
        small = FULL - {"polyglot-large"}
        assert choose(small, target="pt", mt="polyglot").translators == ("polyglot-small",)
        assert choose(STARTER, target="pt", mt="polyglot").translators == ("polyglot-small",)

    def test_engines_of_both_packs_mix(self) -> None:
        names = choose(FULL, target="pt", asr="ears-small", mt="pair", tts="cloner")
        assert taken(names) == ("ears-small", "en-pt", "cloner-2")

    def test_an_unknown_name(self) -> None:
        with pytest.raises(SettingsError, match="no translator 'polyglott': did you mean"):
            choose(FULL, target="pt", mt="polyglott")

    def test_as_settings_of_a_session(self) -> None:
        assert choose(FULL, target="pt").as_settings() == {
            "asr": "ears-small", "mt": "polyglot-large", "tts": "cloner-2",
        }  # fmt: skip
        assert choose(STARTER, target="en", mt="whisper").as_settings()["mt"] == "whisper"


QUICK = {"ears-small": 0.2, "polyglot-large": 0.05, "polyglot-small": 0.02, "cloner-2": 0.4}


class TestForLive:
    def test_the_best_that_is_fast_enough(self) -> None:
        names = choose(FULL, figures=QUICK, target="pt")
        assert taken(names) == ("ears-small", "polyglot-large", "cloner-2")

    def test_one_that_is_too_slow_is_passed_over_with_its_figure(self) -> None:
        slow = {**QUICK, "ears-small": 0.71, "polyglot-large": 0.9, "cloner-2": 4.8}
        names = choose(FULL, figures=slow, target="pt")
        assert taken(names) == ("ears-base", "polyglot-small", "mouth-8bit")
        assert why_not(names) == {
            "ears-small": "0.71 x real time on this machine, live has 0.35 for it",
            "polyglot-large": "0.90 x real time on this machine, live has 0.1 for it",
            "en-pt": "polyglot-small will do",
            "cloner-2": "4.80 x real time on this machine, live has 0.45 for it",
        }

    def test_the_shares_leave_a_margin(self) -> None:
        assert sum(LIVE_SHARES.values()) <= 0.9 + 1e-9

    def test_the_last_is_taken_unmeasured(self) -> None:
        assert taken(choose(STARTER, figures={}, target="pt"))[0] == "ears-base"
        only = choose(FULL - {"mouth-8bit"}, figures=QUICK, target="pt")
        assert only.synthesizer == "cloner-2"

    def test_a_slow_translator_serves_what_no_other_has(self) -> None:
        slow = {**QUICK, "polyglot-large": 0.9, "polyglot-small": 0.5}
        names = choose(FULL, figures=slow, target="pt")
        assert names.translators == ("en-pt", "polyglot-small")
        assert list(why_not(names)) == ["polyglot-large"]
        names = choose(FULL, figures=slow, source="de", target="en")
        assert names.translators == (), "the recognizer does it"

    def test_an_engine_that_was_named_is_not_replaced(self) -> None:
        slow = {**QUICK, "polyglot-large": 9.0, "polyglot-small": 9.0}
        names = choose(FULL, figures=slow, target="pt", mt="polyglot")
        assert names.translators == ("polyglot-small",)

    def test_one_that_cannot_be_measured_is_believed(self) -> None:
        names = select_engines(
            Settings(target="pt"), store(FULL), use="live", speed_of=lambda role, choice: None
        )
        assert taken(names) == ("ears-small", "polyglot-large", "cloner-2")


class TestRefusedBeforeLoading:
    @pytest.mark.parametrize(
        ("settings", "message"),
        [
            (
                {"target": "de"},
                r"mouth-8bit does not speak German \(de\); it speaks English \(en\), .*"
                r"; `--tts cloner` can$",
            ),
            (
                {"target": "es"},
                r"nothing can be translated into Spanish \(es\); supported: en to pt, pt to en, "
                r"any of 4 languages to en; `--mt polyglot` can$",
            ),
            (
                {"source": "de", "target": "pt"},
                r"German \(de\) to Portuguese \(pt\) cannot be translated; .*`--mt polyglot` can$",
            ),
            (
                {"source": "fr", "target": "en"},
                r"ears-base does not recognize French \(fr\); it recognizes English \(en\), ",
            ),
            (
                {"source": "en", "target": "pt", "mt": "whisper"},
                r"cannot be translated; supported: any of 4 languages to en; "
                r"`--mt polyglot` or `--mt pair` can$",
            ),
            (
                {"source": "en", "target": "en"},
                r"^the speech is already in English \(en\): .*--to$",
            ),
        ],
    )
    def test_what_these_engines_lack(self, settings: dict[str, Any], message: str) -> None:
        names = choose(STARTER, **settings)
        with pytest.raises(SettingsError, match=message):
            names.check(Settings(**settings))

    def test_without_a_target_there_is_nothing_to_refuse(self) -> None:
        """As where the doctor tries the engines, or a default source is set."""
        choose(STARTER, source="en").check(Settings(source="en"))

    def test_nothing_is_loaded(self) -> None:
        with pytest.raises(SettingsError, match="does not speak German"):
            loading.load_engines(Settings(target="de"), store(STARTER))


class Loads:
    """A module of engines that load in no time, and remember that they were loaded."""

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
        Recognizer=loads.engine("ears", FakeRecognizer),
        Translator=loads.engine("words", FakeTranslator),
        Synthesizer=loads.engine("mouth", FakeSynthesizer),
        Encoder=loads.engine("encoder", object),
    )
    monkeypatch.setitem(sys.modules, ENGINE_MODULE, module)
    return loads


class TestLoading:
    def test_a_voice_that_clones_needs_no_encoder(self, loads: Loads) -> None:
        engines = loading.load_engines(Settings(target="pt"), store(FULL))
        assert isinstance(engines.cloner, FakeSynthesizer)
        assert sorted(loads.loaded) == ["cloner-2", "ears-small", "polyglot-large", "vad"]
        assert list(engines.models) == ["ears-small", "polyglot-large", "cloner-2"]
        assert engines.models["polyglot-large"][0].engine == "polyglot"

    def test_another_is_matched_by_it(self, loads: Loads) -> None:
        engines = loading.load_engines(Settings(target="pt"), store(STARTER))
        assert isinstance(engines.cloner, DefaultVoice)
        assert "encoder-1" in loads.loaded

    def test_an_engine_may_tell_who_waits(self, loads: Loads,
                                          monkeypatch: pytest.MonkeyPatch) -> None:  # fmt: skip
        def load(folder: Path, announce: Callable[[str], None]) -> FakeTranslator:
            announce(f"{folder} takes a while")
            return FakeTranslator()

        rows = [replace(row, options=("announce",)) if row.name == "pair" else row for row in ROWS]
        monkeypatch.setattr(registry, "ENGINES", tuple(rows))
        monkeypatch.setattr(sys.modules[ENGINE_MODULE], "Translator", SimpleNamespace(load=load))
        said: list[str] = []
        loading.load_engines(Settings(target="pt"), store(STARTER), announce=said.append)
        assert said == ["en-pt takes a while"]

    def test_live_measures_a_choice_once(self, loads: Loads, tmp_path: Path,
                                         monkeypatch: pytest.MonkeyPatch) -> None:  # fmt: skip
        monkeypatch.setenv("STSLOCAL_CACHE", str(tmp_path))
        monkeypatch.setattr(loading, "machine_name", lambda: "this machine")
        factors = {"recognizer": 0.2, "translator": 0.9, "synthesizer": 0.4}
        monkeypatch.setattr(
            loading, "measure_speed", lambda role, engine, *, clock: factors[role.name]
        )
        said: list[str] = []
        for _ in range(2):
            engines = loading.load_engines(
                Settings(source="en", target="pt"), store(FULL), use="live", announce=said.append
            )
            assert taken(engines.selection) == ("ears-small", "en-pt", "cloner-2")
        measured = ["ears-small", "polyglot-large", "polyglot-small", "cloner-2"]
        assert [line.split()[3] for line in said] == measured
        assert (tmp_path / "speeds.json").is_file()
