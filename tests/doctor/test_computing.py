"""The doctor shows how a translation model computes on this machine."""

from __future__ import annotations

from pathlib import Path

import pytest

from stslocal.doctor.computing import check_computing
from stslocal.engines.seq2seq.compute_choice import choose
from stslocal.loading.selection import EngineSelection
from stslocal.models.manifest_file import load_manifest
from stslocal.models.store import ModelStore
from stslocal.settings import Settings
from tests.models.download.kit import HUB, model_text, write_manifest

pytestmark = pytest.mark.unit

MODEL = "nllb-200-distilled-600m"


def test_the_measured_choice_is_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STSLOCAL_CACHE", str(tmp_path / "cache"))
    files = {"model.bin": bytes(1000)}
    manifest = write_manifest(tmp_path / "m.toml", model_text(MODEL, files, HUB))
    store = ModelStore(tmp_path / "models", load_manifest(manifest))
    folder = store.root / MODEL
    folder.mkdir(parents=True)
    (folder / "model.bin").write_bytes(files["model.bin"])
    names = EngineSelection("whisper-base", "auto", "kokoro-82m-int8", (MODEL, "bergamot-en-pt"))
    settings = Settings(threads=2)
    assert list(check_computing(store, settings, names)) == []

    choose(folder, lambda kind, threads: [0.4 if kind == "int8" else 0.5], threads=2)
    (finding,) = check_computing(store, settings, names)
    assert (finding.check, finding.state) == ("computing", "ok")
    assert finding.text.startswith(f"{MODEL}: int8 with 2 threads (")
    assert "int8 x 2 0.40 s" in finding.text
    assert finding.figures["compute_type"] == "int8"
    assert list(check_computing(store, Settings(threads=1), names)) == []
