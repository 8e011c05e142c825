"""`stslocal completion`: the scripts complete commands, options and values in real shells."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from stslocal.cli import main
from stslocal.cli.app import COMMANDS

pytestmark = pytest.mark.unit


def script(shell: str, capsys: pytest.CaptureFixture[str]) -> str:
    assert main(["completion", shell]) == 0
    return capsys.readouterr().out


def run(shell: str, text: str, folder: Path) -> list[str]:
    if (program := shutil.which(shell)) is None:
        pytest.skip(f"{shell} is not installed")
    flags = {"bash": ["--norc"], "zsh": ["-f"], "fish": ["--no-config"]}[shell]
    done = subprocess.run(
        [program, *flags], input=text, cwd=folder, capture_output=True, text=True, check=False
    )
    assert done.stderr == ""
    return done.stdout.split()


LINES = [
    ("tra", ["translate"]),
    ("models pu", ["pull"]),
    ("help mod", ["models"]),
    ("completion ", ["bash", "fish", "zsh"]),
    ("translate --out", ["--output-dir", "--output-format"]),
    (
        "translate talk.mp3 --output-format ",
        ["auto", "flac", "m4a", "mkv", "mov", "mp3", "mp4", "ogg", "wav", "webm"],
    ),
    ("translate talk.mp3 --to por", []),
    ("translate talk.mp3 --to pt", ["pt"]),
    ("live --duplex a", ["aec", "auto"]),
    ("live --mt w", ["whisper"]),
    ("translate --tts no", ["none"]),
    ("models pull --acc", ["--accept-licence"]),
]


@pytest.mark.parametrize(("line", "words"), LINES)
def test_bash_completes(
    line: str, words: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    typed = ["stslocal", *line.split(" ")]
    quoted = " ".join(f"'{word}'" for word in typed)
    ask = (
        f"COMP_WORDS=({quoted}); COMP_CWORD={len(typed) - 1}; _stslocal\n"
        'printf "%s\\n" "${COMPREPLY[@]}"\n'
    )
    assert sorted(run("bash", script("bash", capsys) + ask, tmp_path)) == words


def test_bash_starts_with_the_script_and_completes_files(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    answer = run("bash", script("bash", capsys) + "\ncomplete -p stslocal\n", tmp_path)
    assert answer == ["complete", "-F", "_stslocal", "stslocal"]
    assert "compopt -o default" in script("bash", capsys)


@pytest.mark.parametrize(("line", "words"), LINES)
def test_fish_completes(
    line: str, words: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ask = f"\ncomplete -C 'stslocal {line}' | string replace -r '\\t.*' ''\n"
    answer = run("fish", script("fish", capsys) + ask, tmp_path)
    assert set(words) <= set(answer)
    if words:
        assert sorted(answer) == words


def test_zsh_reads_the_script(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    ask = "\nprint $_comps[stslocal]\n"
    start = "autoload -Uz compinit && compinit -u -D\n"
    assert run("zsh", start + script("zsh", capsys) + ask, tmp_path) == ["_stslocal"]


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_every_command_is_in_the_script(shell: str, capsys: pytest.CaptureFixture[str]) -> None:
    text = script(shell, capsys)
    for word in (*COMMANDS, "help", "enroll", "verify", "nllb", "--max-lag", "max-lag"):
        assert word in text or word.startswith("--"), word
