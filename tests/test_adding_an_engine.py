"""Follows docs/adding-an-engine.md step by step, in a copy of the checkout."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.unit

CHECKOUT = Path(__file__).resolve().parent.parent
PAGE = (CHECKOUT / "docs" / "adding-an-engine.md").read_text(encoding="utf-8")

TRY = """
from stslocal.engines import registry
from stslocal.loading.select import select_engines
from stslocal.models.store import ModelStore
from stslocal.settings import Settings

store = ModelStore.discover()
engine = registry.create(registry.TRANSLATOR, "lexicon", store)
print(engine.translate(["good morning my friends"], source="en", target="pt")[0])
print(*select_engines(Settings(source="en", target="pt", mt="lexicon"), store).translators)
"""


def blocks() -> dict[str, str]:
    """The files on the page, by their paths."""
    pattern = r"`([\w./-]+\.(?:py|toml|json))`(?:, at its end)?:\n\n```\w+\n(.*?)```"
    return dict(re.findall(pattern, PAGE, flags=re.DOTALL))


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the checkout after the steps of the page."""
    folder = tmp_path_factory.mktemp("checkout")
    for name in ("stslocal", "models/manifest.toml", "pyproject.toml"):
        source, target = CHECKOUT / name, folder / name
        target.parent.mkdir(exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copyfile(source, target)
    for name, text in blocks().items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        before = path.read_text(encoding="utf-8") if path.exists() else ""
        path.write_text(before + text, encoding="utf-8")
    return folder


def run(copy: Path, *command: str) -> str:
    """Run Python in the copy, with a separate folder for models."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("STSLOCAL_")}
    environment = {**kept, "PYTHONPATH": str(copy), "STSLOCAL_MODELS": str(copy / "installed")}
    done = subprocess.run(
        [sys.executable, *command],
        cwd=copy, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_page_has_the_files() -> None:
    assert set(blocks()) == {
        "stslocal/engines/lexicon/__init__.py",
        "stslocal/engines/lexicon/entry.py",
        "stslocal/engines/lexicon/translator.py",
        "models/manifest.toml",
        "lexicon-en-pt/words.json",
    }


def test_a_folder_and_rows_in_the_manifest_add_the_engine(copy: Path) -> None:
    run(copy, "-m", "stslocal", "models", "import", str(copy / "lexicon-en-pt"))
    listed = run(copy, "-m", "stslocal", "models", "list")
    assert "✓ lexicon-en-pt " in listed
    assert run(copy, "-c", TRY).splitlines() == ["bom dia meus amigos", "lexicon-en-pt"]


def test_the_new_code_keeps_the_rules(copy: Path) -> None:
    run(copy, str(Path(sys.executable).with_name("lint-imports")), "--no-cache")
    run(copy, "-m", "ruff", "check", "stslocal/engines/lexicon")
    run(copy, "-m", "ruff", "format", "--check", "stslocal/engines/lexicon")
    run(copy, "-m", "mypy", "--strict", "--explicit-package-bases", "stslocal/engines/lexicon")
