"""Runs every command and the Python example in README.md as a reader would."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
import soundfile

from stslocal.audio.decode import read_audio
from stslocal.audio.encode import AudioWriter

pytestmark = pytest.mark.real

CHECKOUT = Path(__file__).parents[2]
README = (CHECKOUT / "README.md").read_text(encoding="utf-8")
SAMPLES = CHECKOUT / "stslocal" / "samples"
ENGLISH = SAMPLES / "protecting-the-president.en.ogg"
PORTUGUESE = SAMPLES / "public-domain.pt.ogg"


def blocks(kind: str) -> list[str]:
    return re.findall(rf"^```{kind}\n(.*?)^```$", README, flags=re.MULTILINE | re.DOTALL)


COMMANDS = [line for block in blocks("sh") for line in block.splitlines() if line]
PRODUCT = [line for line in COMMANDS if line.startswith("stslocal ")]
(VOICE_COMMANDS,) = (block.splitlines() for block in blocks("sh") if "voices enroll" in block)
"""Each of these commands needs the ones before it."""
SCRIPTS = [line for line in COMMANDS if line.startswith("python ")]


@pytest.fixture
def desk(tmp_path: Path, starter_models: Path) -> tuple[Path, dict[str, str]]:
    """A folder with the files that the README names, and an environment with `stslocal`."""
    talk = read_audio(ENGLISH, sample_rate=24_000)[: 24_000 * 9]
    (tmp_path / "lectures").mkdir()
    lecture = read_audio(PORTUGUESE, sample_rate=24_000)
    for name, samples in (("talk.mp3", talk), ("lectures/one.mp3", lecture)):
        with AudioWriter(tmp_path / name, 24_000, "mp3") as writer:
            writer.write(samples)
    for name in ("talk.wav", "voice.wav"):
        soundfile.write(tmp_path / name, talk, 24_000)
    commands = tmp_path / "bin"
    commands.mkdir()
    stslocal = commands / "stslocal"
    stslocal.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m stslocal "$@"\n')
    stslocal.chmod(0o755)
    environment = {
        **os.environ,
        "PATH": f"{commands}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": str(CHECKOUT),
        "STSLOCAL_MODELS": str(starter_models),
        "STSLOCAL_CONFIG": str(tmp_path / "none.toml"),
        "STSLOCAL_VOICES": str(tmp_path / "voices"),
    }
    return tmp_path, environment


def run(command: str | list[str], folder: Path, environment: dict[str, str]) -> str:
    done = subprocess.run(
        command,
        shell=isinstance(command, str),
        cwd=folder,
        env=environment,
        text=True,
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def test_no_command_is_left_out() -> None:
    assert len(PRODUCT) >= 8
    assert set(COMMANDS) == set(PRODUCT) | set(SCRIPTS)
    assert SCRIPTS == ["python scripts/quickstart.py", "python scripts/check.py"]


MICROPHONES = {"stslocal live --to en": "stslocal live --to en --simulate lectures/one.mp3"}
"""Commands with a microphone, and the same with a recording; tests/device has sound cards."""


@pytest.mark.skipif(sys.platform == "win32", reason="the commands are run by a POSIX shell")
@pytest.mark.parametrize("command", [line for line in PRODUCT if line not in VOICE_COMMANDS])
def test_a_command(command: str, desk: tuple[Path, dict[str, str]]) -> None:
    folder, environment = desk
    before = set(folder.rglob("*"))
    run(MICROPHONES.get(command, command), folder, environment)
    new = {path for path in folder.rglob("*") if path.suffix in {".wav", ".mp3"}} - before
    assert bool(new) == (command.startswith("stslocal translate ") or "--record" in command)
    assert all(path.stat().st_size > 10_000 for path in new)


@pytest.mark.skipif(sys.platform == "win32", reason="the commands are run by a POSIX shell")
def test_the_voice_commands_in_their_order(desk: tuple[Path, dict[str, str]]) -> None:
    folder, environment = desk
    said = {command: run(command, folder, environment) for command in VOICE_COMMANDS}
    assert said["stslocal voices list"].startswith("maria  kokoro ")
    assert "Maria: for our lectures" in said["stslocal voices show maria"]
    assert {path.name for path in folder.glob("*.wav")} >= {"maria.test.wav", "talk.pt.wav"}
    assert [path.name for path in (folder / "voices").iterdir()] == ["maria.safetensors"]


def test_the_readme_names_all_files_beside_a_recording(desk: tuple[Path, dict[str, str]]) -> None:
    folder, environment = desk
    run("stslocal translate talk.mp3 --to pt", folder, environment)
    named = set(re.findall(r"`(talk\.[a-z.]+)`", README)) - {"talk.mp3"}
    assert {path.name for path in folder.glob("talk.*.*")} == named


def test_the_python_example(desk: tuple[Path, dict[str, str]]) -> None:
    folder, environment = desk
    (example,) = blocks("python")
    out = run([sys.executable, "-c", example], folder, environment)
    assert out.startswith("talk.pt.wav ")
    assert len(out.splitlines()) >= 2


def test_the_quickstart(starter_models: Path) -> None:
    """It runs in the environment of `scripts/check.py`, where everything is set up."""
    if Path(sys.prefix).resolve() != (CHECKOUT / ".venv").resolve():
        pytest.skip("the quickstart would make another environment than this one")
    environment = {**os.environ, "STSLOCAL_MODELS": str(starter_models)}
    out = run([sys.executable, "scripts/quickstart.py"], CHECKOUT, environment)
    assert Path(out.splitlines()[-1]).is_file()
    assert all(name in out for name in ("recognition", "translation", "synthesis"))


def test_the_check_has_a_help_text() -> None:
    """scripts/check.py runs this test, so the test does not run it whole."""
    out = run([sys.executable, "scripts/check.py", "--help"], CHECKOUT, dict(os.environ))
    assert "pytest" in out
