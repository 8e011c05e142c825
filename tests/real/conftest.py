"""The starter pack, loaded once for all tests of this folder, and a command line that uses it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from stslocal.cli import main
from stslocal.loading.engines import Engines
from stslocal.loading.load import check_run, load_engines
from stslocal.loading.select import select_engines
from stslocal.models.manifest_file import load_manifest
from stslocal.models.store import ModelStore
from stslocal.settings import Settings
from stslocal.voices.choose import VoiceEngines
from stslocal.voices.store import VoiceStore


@pytest.fixture(scope="session")
def engines(starter_models: Path) -> Engines:
    """All engines of the starter pack, loaded from their real weights."""
    return load_engines(Settings(target="pt"), ModelStore(starter_models, load_manifest()))


@dataclass(frozen=True, slots=True)
class CommandResult:
    """The exit code and the output of a command line."""

    code: int
    out: str
    err: str

    @property
    def recordings(self) -> list[dict[str, Any]]:
        """What `translate --json` printed."""
        rows: list[dict[str, Any]] = json.loads(self.out)["recordings"]
        return rows


Command = Callable[..., CommandResult]


@pytest.fixture
def stslocal(
    engines: Engines,
    starter_models: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> Command:
    """Run `stslocal ARGUMENTS...` in this process, with engines that are already loaded."""
    monkeypatch.setenv("STSLOCAL_MODELS", str(starter_models))

    def loaded(settings: Settings, store: ModelStore, **how: Any) -> Engines:
        selection = select_engines(settings, store)
        check_run(settings, store, selection)
        translators = {name: engines.translators[name] for name in selection.translators}
        return replace(engines, selection=selection, translators=translators, saved=VoiceStore())

    def voices(settings: Settings, store: ModelStore) -> VoiceEngines:
        return replace(engines, saved=VoiceStore()).voices

    monkeypatch.setattr("stslocal.loading.load.load_engines", loaded)
    monkeypatch.setattr("stslocal.loading.load.load_voice_engines", voices)

    def run(*arguments: str | Path) -> CommandResult:
        capfd.readouterr()
        code = main([str(argument) for argument in arguments])
        out, err = capfd.readouterr()
        return CommandResult(code, out, err)

    return run
