"""Every --json has one shape, and docs/json.md has them all."""

from __future__ import annotations

import argparse
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from stslocal import cli
from stslocal.cli.app import build_parser
from stslocal.cli.file_translations import FileTranslations
from stslocal.cli.output import Printer
from stslocal.errors import EngineError

pytestmark = pytest.mark.unit

PAGE = Path(__file__).parents[2] / "docs" / "json.md"


def commands_with_json(parser: argparse.ArgumentParser, path: str = "") -> Iterator[str]:
    for action in parser._actions:
        if "--json" in action.option_strings:
            yield path
        if isinstance(action, argparse._SubParsersAction):
            for name, below in action.choices.items():
                yield from commands_with_json(below, f"{path} {name}".strip())


def documented() -> dict[str, str]:
    """The first key by command, from the table of the page."""
    rows = re.findall(r"^\| (`.*?`) \| `(\w+)` \|", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    return {command: key for commands, key in rows for command in re.findall("`(.*?)`", commands)}


def test_every_command_with_json_is_on_the_page() -> None:
    commands = set(commands_with_json(build_parser()))
    assert commands == {name.partition(" --")[0] for name in documented()}
    assert {"translate", "voices remove", "models remove", "settings"} <= commands


@pytest.mark.parametrize("line", ["settings", "doctor --folders", "voices list", "models list"])
def test_the_first_key_is_the_documented_one(
    line: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("STSLOCAL_CONFIG", str(tmp_path / "none.toml"))
    monkeypatch.setenv("STSLOCAL_MODELS", str(tmp_path / "models"))
    monkeypatch.setenv("STSLOCAL_VOICES", str(tmp_path / "voices"))
    assert cli.main([*line.split(), "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert next(iter(document)) == documented()[line]


@pytest.fixture
def interrupted(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Let the second recording be stopped, or fail for want of models."""
    monkeypatch.chdir(tmp_path)
    for name in ("a.wav", "stop.wav", "broken.wav"):
        Path(name).write_bytes(b"x")
    monkeypatch.setattr("stslocal.loading.select.select_engines", lambda *_: object())
    monkeypatch.setattr("stslocal.files.checks.check_task", lambda *_: None)

    def translate(self: FileTranslations, engines: object, task: Any, claim: object) -> None:
        if task.source.name == "stop.wav":
            raise KeyboardInterrupt
        if task.source.name == "broken.wav":
            self._tried_to_load = True
            raise EngineError("no memory for the models")
        self._add_result(task, {"earlier": False})

    monkeypatch.setattr(FileTranslations, "_translate", translate)
    monkeypatch.setattr(FileTranslations, "_prepare_engines", lambda self: object())


@pytest.mark.usefixtures("interrupted")
@pytest.mark.parametrize(
    ("second", "code", "message"),
    [("stop.wav", 130, "stopped"), ("broken.wav", 1, "no memory for the models")],
)
def test_what_was_done_stands_beside_the_error(
    second: str, code: int, message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["translate", "a.wav", second, "--to", "pt", "--json"]
    assert cli.main(command) == code
    document = json.loads(capsys.readouterr().out)
    assert list(document) == ["error", "recordings"]
    assert document["error"] == {"message": message, "exit_code": code, "command": "translate"}
    assert [row["input"] for row in document["recordings"]] == ["a.wav"]


@pytest.mark.parametrize("error", [ZeroDivisionError("division by zero"), MemoryError()])
def test_a_bug_is_an_object_too(
    error: Exception, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(*_: object) -> int:
        raise error

    monkeypatch.setattr("stslocal.cli.settings.run", fail)
    assert cli.main(["settings", "--json"]) == 1
    out, err = capsys.readouterr()
    assert type(error).__name__ in json.loads(out)["error"]["message"]
    assert err.startswith("stslocal: internal error")


def test_streams_have_an_object_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    printer = Printer(json=True)
    printer.json_lines = True
    printer.result_json("level", {"at_s": 1.0})
    printer.error_json("the microphone is gone", exit_code=1, command="devices")
    lines = capsys.readouterr().out.splitlines()
    assert [next(iter(json.loads(line))) for line in lines] == ["level", "error"]
