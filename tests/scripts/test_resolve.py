"""scripts/resolve.py with a fake uv: no test connects to the package index."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType

import pytest

pytestmark = pytest.mark.unit

SCRIPTS = Path(__file__).resolve().parents[2] / "scripts"
NO_WHEEL = "error: no wheels with a matching platform tag"
NO_NETWORK = "cause: error sending request for url"


@pytest.fixture
def resolve(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> ModuleType:
    """The script for a page in tmp_path, inside an environment that is complete."""
    monkeypatch.syspath_prepend(str(SCRIPTS))
    import resolve

    page = tmp_path / "installing.md"
    page.write_text(f"before\n{resolve.BEGIN}{resolve.END}after\n", encoding="utf-8")
    monkeypatch.setattr(resolve, "PAGE", page)
    monkeypatch.setattr(resolve, "enter", lambda *extras: None)
    monkeypatch.setattr("sys.argv", ["resolve.py"])
    return resolve


class FakeUv:
    """Stands for the program: fails for the commands that a test names, and keeps all commands."""

    def __init__(self) -> None:
        self.refused: list[tuple[str, ...]] = []
        self.stderr = NO_WHEEL
        self.commands: list[str] = []

    def __call__(
        self, command: Sequence[str], **options: object
    ) -> subprocess.CompletedProcess[str]:
        words = " ".join(command)
        self.commands.append(words)
        fails = any(all(word in words for word in words_) for words_ in self.refused)
        return subprocess.CompletedProcess(command, int(fails), "", self.stderr if fails else "")


@pytest.fixture
def uv(monkeypatch: pytest.MonkeyPatch, resolve: ModuleType) -> FakeUv:
    uv = FakeUv()
    uv.refused.append(("x86_64-apple-darwin", "--python-version 3.14"))
    monkeypatch.setattr(resolve.subprocess, "run", uv)
    return uv


def write(resolve: ModuleType, monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setattr("sys.argv", ["resolve.py", "--write"])
    code = resolve.main()
    monkeypatch.setattr("sys.argv", ["resolve.py"])
    return int(code)


def test_the_base_install_is_resolved_for_every_python_and_platform(
    resolve: ModuleType, uv: FakeUv
) -> None:
    resolve.main()
    assert len(uv.commands) == len(resolve.PLATFORMS) * len(resolve.PYTHONS)
    assert resolve.PYTHONS[0] == "3.10"
    assert all("--no-build" in words and "--extra" not in words for words in uv.commands)


def test_the_written_table_is_up_to_date(
    resolve: ModuleType, uv: FakeUv, monkeypatch: pytest.MonkeyPatch
) -> None:
    uv.refused.append(("--extra xtts", "aarch64-manylinux"))
    uv.refused.append(("--extra convert", "windows", "--python-version 3.12"))
    assert write(resolve, monkeypatch) == 0
    page = resolve.PAGE.read_text(encoding="utf-8")
    assert "| Linux, ARM64, glibc 2.28 or later |" + " 3.10 to 3.14 |" * 4 + " no |" in page
    assert "| macOS 14 or later, Intel | 3.10 to 3.13 | 3.10 to 3.13 | 3.10 to 3.13 |" in page
    assert "| 3.10, 3.11, 3.13, 3.14 |\n" in page
    assert page.startswith("before\n")
    assert page.endswith("after\n")
    assert resolve.main() == 0


def test_a_page_that_is_out_of_date_fails(
    resolve: ModuleType,
    uv: FakeUv,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    write(resolve, monkeypatch)
    page = resolve.PAGE.read_text(encoding="utf-8").replace("Intel | 3.10 to 3.13", "Intel | no")
    resolve.PAGE.write_text(page, encoding="utf-8")
    assert resolve.main() == 1
    assert "run `python scripts/resolve.py --write`" in capsys.readouterr().out


def test_a_base_install_that_no_longer_resolves_fails_with_the_reason(
    resolve: ModuleType,
    uv: FakeUv,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    uv.refused.append(("aarch64-apple-darwin", "--python-version 3.13"))
    assert write(resolve, monkeypatch) == 1
    assert NO_WHEEL in capsys.readouterr().out


def test_without_a_network_the_check_is_skipped_with_a_message(
    resolve: ModuleType, uv: FakeUv, capsys: pytest.CaptureFixture[str]
) -> None:
    uv.refused, uv.stderr = [("pip compile",)], NO_NETWORK
    assert resolve.main() == 0
    assert capsys.readouterr().out == "cannot reach the package index: skipped\n"
    assert len(uv.commands) == 1


def test_the_index_of_pips_settings_is_asked(
    resolve: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: dict[str, str] = {}

    def run(command: Sequence[str], **options: object) -> subprocess.CompletedProcess[str]:
        environment = options["env"]
        assert isinstance(environment, dict)
        seen.update(environment)
        return subprocess.CompletedProcess(command, 0, "", "")

    monkeypatch.setattr(resolve.subprocess, "run", run)
    monkeypatch.delenv("UV_DEFAULT_INDEX", raising=False)
    monkeypatch.setenv("PIP_INDEX_URL", "https://example.org/simple")
    resolve.run_uv(["pyproject.toml"])
    assert seen["UV_DEFAULT_INDEX"] == "https://example.org/simple"
