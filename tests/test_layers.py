from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.unit

CHECKOUT = Path(__file__).resolve().parent.parent


def lint_imports(folder: Path) -> subprocess.CompletedProcess[str]:
    """Run import-linter with the contracts of `folder`'s pyproject.toml on its `stslocal`."""
    program = Path(sys.executable).with_name("lint-imports")
    return subprocess.run(
        [program, "--no-cache"], cwd=folder, capture_output=True, text=True, check=False
    )


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the checkout with the modules of stslocal, which a test may break."""
    (tmp_path / "pyproject.toml").write_bytes((CHECKOUT / "pyproject.toml").read_bytes())
    for module in (CHECKOUT / "stslocal").rglob("*.py"):
        target = tmp_path / module.relative_to(CHECKOUT)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(module.read_bytes())
    return tmp_path


def test_imports_point_down() -> None:
    done = lint_imports(CHECKOUT)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(
    ("module", "line", "contract"),
    [
        ("errors.py", "import stslocal.files.translation", "Imports point down only"),
        ("engines/silero/detector.py", "import stslocal.loading.load", "Imports point down only"),
        ("audio/decode.py", "import stslocal.engines.registry", "Imports point down only"),
        ("live/speak.py", "import stslocal.files.placement", "Imports point down only"),
        ("files/stages.py", "import stslocal.live.lag", "Imports point down only"),
        ("settings.py", "import stslocal.models.store", "Imports point down only"),
        ("brand_new.py", "", "Imports point down only"),
        ("files/plan.py", "import stslocal.models.download", "Only the models command"),
        ("cli/translate.py", "import stslocal.models.download", "Only the models command"),
        ("files/plan.py", "import av", "Each heavy package is imported in one place"),
        ("voices/store.py", "import torch", "Each heavy package is imported in one place"),
        ("engines/registry.py", "import torch", "Each heavy package is imported in one place"),
    ],
)
def test_a_wrong_import_is_found(copy: Path, module: str, line: str, contract: str) -> None:
    path = copy / "stslocal" / module
    path.touch()
    path.write_text(f"{path.read_text(encoding='utf-8')}\n{line}\n", encoding="utf-8")
    done = lint_imports(copy)
    assert done.returncode == 1
    (broken,) = [row for row in done.stdout.splitlines() if row.startswith(contract)][:1]
    assert "BROKEN" in broken
