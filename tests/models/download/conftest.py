"""Fixtures: registries that are folders, and a small disk."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.models.download.kit import use_npm_shelf, use_wheelhouse


@pytest.fixture
def wheelhouse(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    return use_wheelhouse(tmp_path / "wheelhouse", monkeypatch)


@pytest.fixture
def npm_shelf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    return use_npm_shelf(tmp_path / "shelf", monkeypatch)


@pytest.fixture
def no_npm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine without npm."""
    monkeypatch.setenv("PATH", str(tmp_path))


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 2 MB. Skips the test if this user may not mount one."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = shutil.which("mount", path="/bin:/usr/bin") or "mount"
    command = [mount, "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(folder)]
    try:
        subprocess.run(command, check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("only root can mount a small file system")
    yield folder
    subprocess.run(
        [shutil.which("umount", path="/bin:/usr/bin") or "umount", str(folder)], check=True
    )
