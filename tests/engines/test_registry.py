from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from stslocal.engines import registry
from stslocal.engines.protocols import Capabilities
from stslocal.engines.registry import Weights
from stslocal.errors import ModelNotFoundError, SettingsError
from tests.fakes import FakeEncoder, FakeSynthesizer

pytestmark = pytest.mark.unit


class Store:
    def __init__(self, root: Path) -> None:
        self._root = root

    def folder(self, model_id: str) -> Path:
        if not (self._root / model_id).is_dir():
            raise ModelNotFoundError(f"{model_id} is not installed")
        return self._root / model_id


class RecordsItsLoad:
    def __init__(self, arguments: tuple[object, ...], options: dict[str, object]) -> None:
        self.arguments = arguments
        self.options = options

    @classmethod
    def load(cls, *arguments: object, **options: object) -> RecordsItsLoad:
        return cls(arguments, options)


class Matcher:
    def __init__(self, encoder: object, synthesizer: object) -> None:
        self.made_of = encoder, synthesizer


def one_language() -> Capabilities:
    return Capabilities(languages=frozenset({"en"}))


@pytest.fixture
def rows(monkeypatch: pytest.MonkeyPatch) -> None:
    here = "stslocal_test_engine"
    monkeypatch.setitem(sys.modules, here, sys.modules[__name__])
    target = f"{here}:RecordsItsLoad"
    monkeypatch.setattr(
        registry,
        "ENGINES",
        (
            registry.EngineEntry(
                "loud_one",
                registry.SYNTHESIZER,
                target,
                weights=(
                    Weights(("huge", "voices"), one_language),
                    Weights(("tiny", "voices"), auto=False),
                    Weights(("graph", "voices")),
                ),
                options=("threads", "capabilities"),
            ),
            registry.EngineEntry(
                "quiet",
                registry.SYNTHESIZER,
                target,
                weights=(Weights(("packed",)),),
                models_in_package=True,
                voice_matcher=f"{here}:Matcher",
            ),
            registry.EngineEntry(
                "far",
                registry.TRANSLATOR,
                "no_such_package:X",
                extra="convert",
                packages=("json", "no_such_package"),
            ),
            registry.EngineEntry("near", registry.TRANSLATOR, "no_such_package.sub:X"),
            registry.EngineEntry("broken", registry.TRANSLATOR, "stslocal.no_such_module:X"),
        ),
    )


@pytest.mark.usefixtures("rows")
class TestCreate:
    def test_loads_an_engine_with_its_folders_and_the_options_of_its_entry(
        self, tmp_path: Path
    ) -> None:
        (tmp_path / "graph").mkdir()
        (tmp_path / "voices").mkdir()
        store = Store(tmp_path)
        engine = registry.create(registry.SYNTHESIZER, "loud_one", store, device="cuda", threads=3)
        assert isinstance(engine, RecordsItsLoad)
        assert engine.arguments == (tmp_path / "graph", tmp_path / "voices")
        assert engine.options == {"threads": 3, "capabilities": Capabilities()}

    def test_a_models_name_is_that_model(self, tmp_path: Path) -> None:
        for name in ("huge", "tiny", "voices"):
            (tmp_path / name).mkdir()
        for name in ("huge", "tiny"):
            engine = registry.create(registry.SYNTHESIZER, name, Store(tmp_path))
            assert isinstance(engine, RecordsItsLoad)
            assert engine.arguments == (tmp_path / name, tmp_path / "voices")
            assert engine.options["capabilities"] == (
                one_language() if name == "huge" else Capabilities()
            )

    def test_models_inside_a_package_are_checked(self, tmp_path: Path) -> None:
        with pytest.raises(ModelNotFoundError, match="packed"):
            registry.create(registry.SYNTHESIZER, "quiet", Store(tmp_path))
        (tmp_path / "packed").mkdir()
        engine = registry.create(registry.SYNTHESIZER, "quiet", Store(tmp_path))
        assert isinstance(engine, RecordsItsLoad)
        assert engine.arguments == ()

    def test_makes_the_voice_matcher_that_an_entry_names(self) -> None:
        encoder, synthesizer = FakeEncoder(), FakeSynthesizer()
        matcher = registry.voice_matcher("packed", encoder, synthesizer)
        assert isinstance(matcher, Matcher)
        assert matcher.made_of == (encoder, synthesizer)

    def test_telemetry_is_disabled_before_an_engine_is_imported(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.delenv("ORT_DISABLE_TELEMETRY", raising=False)
        with pytest.raises(SettingsError, match="far needs"):
            registry.create(registry.TRANSLATOR, "far", Store(tmp_path))
        assert os.environ["ORT_DISABLE_TELEMETRY"] == "1"

    def test_a_missing_model_is_the_stores_error(self, tmp_path: Path) -> None:
        with pytest.raises(ModelNotFoundError, match="graph"):
            registry.create(registry.SYNTHESIZER, "loud-one", Store(tmp_path))

    def test_a_missing_package_names_its_extra(self, tmp_path: Path) -> None:
        with pytest.raises(SettingsError, match=r"far needs .*pip install 'stslocal\[convert\]'"):
            registry.create(registry.TRANSLATOR, "far", Store(tmp_path))
        with pytest.raises(SettingsError, match=r"pip install 'stslocal'"):
            registry.create(registry.TRANSLATOR, "near", Store(tmp_path))

    def test_a_missing_module_of_stslocal_is_not_a_settings_error(self, tmp_path: Path) -> None:
        with pytest.raises(ModuleNotFoundError):
            registry.create(registry.TRANSLATOR, "broken", Store(tmp_path))

    def test_a_chosen_engine_is_never_replaced(self, tmp_path: Path) -> None:
        with pytest.raises(SettingsError, match="no synthesizer 'quite': did you mean 'quiet'"):
            registry.create(registry.SYNTHESIZER, "quite", Store(tmp_path))
        known = "loud_one, quiet, huge, tiny, graph, packed"
        with pytest.raises(SettingsError, match=f"no synthesizer 'x'; there is {known}"):
            registry.create(registry.SYNTHESIZER, "x", Store(tmp_path))


@pytest.mark.usefixtures("rows")
class TestChoices:
    @pytest.mark.parametrize(
        ("name", "found"),
        [
            ("auto", ["huge", "graph", "packed"]),
            ("loud_one", ["huge", "graph"]),
            ("Loud-One", ["huge", "graph"]),
            ("quiet", ["packed"]),
            ("HUGE", ["huge"]),
            ("tiny", ["tiny"]),
        ],
    )
    def test_the_choices_of_a_name(self, name: str, found: list[str]) -> None:
        choices = registry.choices(registry.SYNTHESIZER, name)
        assert [choice.name for choice in choices] == found

    def test_the_second_model_of_weights_names_no_choice(self) -> None:
        with pytest.raises(SettingsError, match="no synthesizer 'voices'"):
            registry.choices(registry.SYNTHESIZER, "voices")

    def test_an_engine_without_models_is_one_choice(self) -> None:
        assert registry.choice(registry.TRANSLATOR, "far").name == "far"

    def test_a_choice_says_whether_it_can_be_imported(self) -> None:
        assert registry.choice(registry.SYNTHESIZER, "quiet").importable
        assert not registry.choice(registry.TRANSLATOR, "far").importable
