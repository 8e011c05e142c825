"""The tables of models in README.md agree with the manifest."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType

import pytest

from stslocal.models.manifest_file import load_manifest
from tests.models.download.kit import HUB, model_text, write_manifest

pytestmark = pytest.mark.unit

SCRIPTS = Path(__file__).resolve().parents[2] / "scripts"


@pytest.fixture
def script(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(SCRIPTS))
    import model_tables

    return model_tables


def test_readme_has_the_tables_of_the_manifest(script: ModuleType) -> None:
    readme = script.README.read_text(encoding="utf-8")
    assert readme == script.with_tables(readme, load_manifest()), (
        "run `python scripts/model_tables.py --write`"
    )


def test_the_tables_have_sizes_and_licences(script: ModuleType, tmp_path: Path) -> None:
    known = model_text("known", {"a.bin": b"x" * 1500}, HUB, extra="commercial = false")
    unknown = model_text("unknown", {}, HUB).replace("files = [", 'files = [{ name = "a.pt" }')
    text = script.tables(load_manifest(write_manifest(tmp_path / "m.toml", known, unknown)))
    mit = "[MIT](https://example.org/licence)"
    assert f"| `known` | known, for tests | 1.5 kB | {mit}, **not for commercial use** |" in text
    assert f"| `unknown` | unknown, for tests | known at the first pull | {mit} |" in text
