from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

from stslocal.engines import abilities, registry
from stslocal.engines.protocols import Capabilities
from stslocal.engines.registry import Weights
from stslocal.errors import ModelNotFoundError, SettingsError
from stslocal.models.manifest_file import load_manifest
from tests.extras import need

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
                finds_models=True,
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
    def test_gives_an_engine_its_folders_and_the_options_it_has(self, tmp_path: Path) -> None:
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

    def test_an_engine_with_its_models_inside_has_them_checked(self, tmp_path: Path) -> None:
        with pytest.raises(ModelNotFoundError, match="packed"):
            registry.create(registry.SYNTHESIZER, "quiet", Store(tmp_path))
        (tmp_path / "packed").mkdir()
        engine = registry.create(registry.SYNTHESIZER, "quiet", Store(tmp_path))
        assert isinstance(engine, RecordsItsLoad)
        assert engine.arguments == ()

    def test_a_missing_model_is_the_stores_error(self, tmp_path: Path) -> None:
        with pytest.raises(ModelNotFoundError, match="graph"):
            registry.create(registry.SYNTHESIZER, "loud-one", Store(tmp_path))

    def test_a_missing_package_names_its_extra(self, tmp_path: Path) -> None:
        with pytest.raises(SettingsError, match=r"far needs .*pip install 'stslocal\[convert\]'"):
            registry.create(registry.TRANSLATOR, "far", Store(tmp_path))
        with pytest.raises(SettingsError, match=r"pip install 'stslocal'"):
            registry.create(registry.TRANSLATOR, "near", Store(tmp_path))

    def test_our_own_missing_module_is_a_bug_and_looks_like_one(self, tmp_path: Path) -> None:
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
    def test_what_a_name_may_mean(self, name: str, found: list[str]) -> None:
        choices = registry.choices(registry.SYNTHESIZER, name)
        assert [choice.name for choice in choices] == found

    def test_the_second_of_an_engines_models_names_nothing(self) -> None:
        with pytest.raises(SettingsError, match="no synthesizer 'voices'"):
            registry.choices(registry.SYNTHESIZER, "voices")

    def test_an_engine_without_models_is_its_own_choice(self) -> None:
        assert registry.choice(registry.TRANSLATOR, "far").name == "far"

    def test_which_can_be_imported(self) -> None:
        assert registry.choice(registry.SYNTHESIZER, "quiet").importable
        assert not registry.choice(registry.TRANSLATOR, "far").importable


@pytest.mark.parametrize("row", registry.ENGINES, ids=lambda row: row.name)
def test_every_row_names_a_class_that_loads(row: registry.EngineEntry) -> None:
    for package in row.packages:
        need(package)
    assert callable(registry._import(row).load)


def test_names_are_unique_in_a_role() -> None:
    keys = [(row.role, row.name) for row in registry.ENGINES]
    assert len(keys) == len(set(keys))


def test_rows_name_models_of_the_manifest() -> None:
    known = load_manifest().models
    for row in registry.ENGINES:
        for weights in row.weights:
            for model in weights.models:
                assert known[model].engine == row.name


@pytest.mark.parametrize(
    "role",
    [registry.RECOGNIZER, registry.TRANSLATOR, registry.SYNTHESIZER, registry.SPEAKER_ENCODER],
    ids=lambda role: role.name,
)
def test_what_every_machine_can_run_is_the_starter_pack(role: registry.Role[Any]) -> None:
    starter = load_manifest().packs["starter"].models
    assert set(registry.choice(role).weights.models) <= set(starter)


class TestAbilities:
    def test_whisper(self) -> None:
        assert len(abilities.whisper().languages) == 99
        assert abilities.whisper().translates_to == {"en"}
        assert abilities.whisper_v3().languages - abilities.whisper().languages == {"yue"}
        assert not abilities.whisper_v3_turbo().translates_to
        assert abilities.whisper_english() == Capabilities(languages=frozenset({"en"}))

    def test_nllb_translates_all_of_its_languages_into_one_another(self) -> None:
        pairs = abilities.nllb().pairs
        assert len(pairs) == 202 * 201
        assert {("en", "pt"), ("zh-Hant", "ja")} <= pairs
        assert ("en", "en") not in pairs

    def test_nllb_with_the_languages_of_its_vocabulary(self, tmp_path: Path) -> None:
        assert abilities.nllb_in(tmp_path) == abilities.nllb(), "which loading will refuse"
        (tmp_path / "shared_vocabulary.json").write_text('{"eng_Latn": 1}')
        assert abilities.nllb_in(tmp_path) == abilities.nllb()
        (tmp_path / "shared_vocabulary.json").write_text('["</s>", "eng_Latn", "por_Latn", "a"]')
        assert abilities.nllb_in(tmp_path).pairs == {("en", "pt"), ("pt", "en")}
