from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

pytestmark = pytest.mark.unit

SCRIPTS = Path(__file__).resolve().parents[2] / "scripts"


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> ModuleType:
    """scripts/environment.py for a checkout in tmp_path."""
    monkeypatch.syspath_prepend(str(SCRIPTS))
    import environment

    (tmp_path / "pyproject.toml").write_text("one")
    for name in ("CONSTRAINTS", "LOCK", "DEV_LOCK"):
        file = tmp_path / getattr(environment, name).name
        file.write_text("one")
        monkeypatch.setattr(environment, name, file)
    monkeypatch.setattr(environment, "CHECKOUT", tmp_path)
    monkeypatch.setattr(environment, "VENV", tmp_path / ".venv")
    monkeypatch.setattr(environment, "STAMP", tmp_path / ".venv/stamp.json")
    monkeypatch.setattr(environment, "PYTHON", Path(sys.executable))
    (tmp_path / ".venv").mkdir()
    return environment


@pytest.fixture
def commands(environment: ModuleType, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The commands that the script would run; none of them is run."""
    seen: list[str] = []

    def run(command: list[object], failure: str) -> None:
        seen.append(" ".join(map(str, command)))

    monkeypatch.setattr(environment, "_run", run)
    return seen


def test_installs_once_with_hashes(
    environment: ModuleType, commands: list[str], tmp_path: Path
) -> None:
    environment._complete([])
    packages, checkout = commands
    lock = tmp_path / "requirements.lock"
    assert packages.endswith(f"--require-hashes --only-binary=:all: -r {lock}")
    assert checkout.endswith(f"--no-deps --no-build-isolation -e {tmp_path}")
    commands.clear()
    environment._complete([])
    assert commands == []


def test_an_extra_is_added_and_kept(
    environment: ModuleType, commands: list[str], tmp_path: Path
) -> None:
    environment._complete([])
    commands.clear()
    environment._complete(["dev"])
    assert commands[1].endswith(f"-r {tmp_path / 'requirements-dev.lock'}")
    commands.clear()
    environment._complete([])
    environment._complete(["dev"])
    assert commands == []
    (tmp_path / "constraints.txt").write_text("two")
    environment._complete([])
    assert commands[1].endswith(f"-r {tmp_path / 'requirements-dev.lock'}")


def test_extras_without_hashes_take_the_constraints(
    environment: ModuleType, commands: list[str], tmp_path: Path
) -> None:
    environment._complete(["dev", "xtts"])
    *packages, extras = commands
    assert all("--require-hashes" in command for command in packages)
    assert "--require-hashes" not in extras
    constraints = tmp_path / "constraints.txt"
    assert extras.endswith(
        f"-c {constraints} --build-constraint {constraints} -e {tmp_path}[dev,xtts]"
    )


def test_a_failed_installation_is_tried_again(
    environment: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(command: list[object], failure: str) -> None:
        raise SystemExit(failure)

    monkeypatch.setattr(environment, "_run", fail)
    for _ in range(2):
        with pytest.raises(SystemExit, match="cannot install the packages"):
            environment._complete([])


def test_a_damaged_stamp_counts_as_missing(environment: ModuleType, commands: list[str]) -> None:
    environment._complete([])
    environment.STAMP.write_text("{")
    commands.clear()
    environment._complete([])
    assert len(commands) == 2


def test_another_python_is_refused_with_a_sentence(
    environment: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(environment, "NEWEST", (3, 8))
    with pytest.raises(SystemExit, match=r"stslocal needs Python 3\.10 to 3\.8; this is 3\."):
        environment.enter()


@pytest.mark.parametrize(
    "script", ["environment.py", "quickstart.py", "check.py", "download_models.py", "resolve.py"]
)
def test_a_script_starts_with_the_standard_library_alone(script: str) -> None:
    tree = ast.parse((SCRIPTS / script).read_text(encoding="utf-8"))
    imported = {
        (name.name if isinstance(node, ast.Import) else str(node.module)).partition(".")[0]
        for node in tree.body
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in node.names
    }
    assert imported <= sys.stdlib_module_names | {"environment"}


@pytest.mark.parametrize("script", ["quickstart.py", "check.py"])
def test_help_works_in_any_folder_without_installing(script: str, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-S", SCRIPTS / script, "--help"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert f"python scripts/{script}" in done.stdout
