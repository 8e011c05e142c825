"""Recordings and live sessions spoken by Pocket TTS of tiny weights, where there is no PyTorch."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from stslocal.models.building.pocket.product import build_pocket
from stslocal.results.session import read_session
from stslocal.samples import BundledClip
from tests.tiny_pocket import TINY, write_checkpoint

pytestmark = pytest.mark.real

PROGRAM = """
import sys
sys.modules["torch"] = None
from stslocal.cli import main
sys.exit(main(sys.argv[1:]))
"""


@pytest.fixture
def models(starter_models: Path, tmp_path: Path) -> Path:
    """The starter pack and a voice for Portuguese."""
    folder = tmp_path / "models"
    folder.mkdir()
    for model in starter_models.iterdir():
        if model.is_dir() and not model.name.startswith("."):
            (folder / model.name).symlink_to(model)
    shutil.copytree(starter_models / ".records", folder / ".records")
    write_checkpoint(tmp_path / "checkpoint", TINY)
    (folder / "pocket-pt").mkdir()
    build_pocket(tmp_path / "checkpoint", folder / "pocket-pt", language="pt")
    return folder


def run(models: Path, *arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", PROGRAM, *map(str, arguments)],
        env={**os.environ, "STSLOCAL_MODELS": str(models)},
        cwd=models.parent,
        capture_output=True,
        text=True,
        check=True,
    )


def test_auto_speaks_a_recording_in_a_clone(models: Path, bundled_clip: BundledClip) -> None:
    pair = ("--from", "en", "--to", "pt", "--mt", "firefox")
    run(models, "translate", bundled_clip.path, *pair, "-o", "out")
    (written,) = (models.parent / "out").glob("*.session.json")
    session = read_session(written)
    assert "pocket-pt" in [model.model for model in session.models]
    assert session.voice.provenance["speaks"] == "pt"
    assert session.voice.provenance["reference"].startswith("good")
    assert all(segment.target for segment in session.segments)


def test_a_live_session_learns_the_voice(models: Path, bundled_clip: BundledClip) -> None:
    pair = ("--from", "en", "--to", "pt", "--mt", "firefox", "--tts", "pocket")
    ran = run(models, "live", "--simulate", bundled_clip.path, *pair)
    assert "your voice: a clone of it" in ran.stdout + ran.stderr
    assert "segments, played" in ran.stdout + ran.stderr
