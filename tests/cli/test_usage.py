"""Where a beginner's command line cannot be run, the answer has the command to type instead."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from stslocal import __version__
from stslocal.cli import main
from stslocal.cli.app import COMMANDS, build_parser
from stslocal.cli.usage import option_names

pytestmark = pytest.mark.unit


@pytest.fixture(autouse=True)
def empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("STSLOCAL_CONFIG", str(tmp_path / "none.toml"))
    monkeypatch.setenv("STSLOCAL_MODELS", str(tmp_path / "models"))
    return tmp_path


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        ("translate", "`stslocal translate talk.mp3 --to pt`"),
        ("translate talk.mp3", "`stslocal translate talk.mp3 --to pt`"),
        ("translate my.mp3 other.mp3", "`stslocal translate my.mp3 --to pt`"),
        ("live", "`stslocal live --to pt`"),
        ("talk.mp3", "`stslocal translate talk.mp3 --to pt`"),
        ("lectures/", "`stslocal translate lectures/ --to pt`"),
        ("talk.mp3 --to de", "`stslocal translate talk.mp3 --to pt`"),
        ("--to pt talk.mp3", "the command comes before its options"),
        ("transalte talk.mp3", "did you mean 'translate'?"),
        ("wizard", "there are translate, edit, redo, live, serve"),
        ("translate talk.mp3 --too pt", "did you mean '--to'?"),
        ("translate talk.mp3 --to pt --voise x", "did you mean '--voice'?"),
        ("translate talk.mp3 --to pt --zzz", "see `stslocal translate --help`"),
        ("translate talk.mp3 --to", "--to needs a value: write `--to LANG`"),
        ("translate talk.mp3 --to pt --device nvidia", "there are auto, cpu, cuda"),
        ("translate talk.mp3 --to pt --output-format ogx", "did you mean 'ogg'?"),
        ("translate talk.mp3 --to pt --threads many", "--threads: 'many' is not a whole number"),
        ("translate talk.mp3 --to pt --speed-cap fast", "--speed-cap: 'fast' is not a number"),
        ("models", "`stslocal models list`"),
        ("models pul starter", "models: there is no 'pul': did you mean 'pull'?"),
        ("models pull", "`stslocal models pull starter`"),
        ("voices", "`stslocal voices list`"),
        ("voices enroll", "`stslocal voices enroll maria clip.wav --consent"),
        ("voices test maria", "`stslocal voices test maria "),
        ("help wizard", "there is no command 'wizard'"),
        ("completion", "`stslocal completion bash`"),
        ("completion bush", "did you mean 'bash'?"),
    ],
)
def test_the_answer_is_one_line_with_what_to_type(
    line: str, answer: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(line.split()) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("stslocal: ")
    assert err.count("\n") == 1
    assert answer in err


@pytest.mark.parametrize("name", ["-dash.wav", "--my_talk.mp3", "-o.wav", "-2024.m4a", "-v.flac"])
def test_a_file_that_begins_with_a_dash(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / name).write_bytes(b"")
    for line in (["translate", name, "--to", "pt"], ["translate", "--to", "pt", name]):
        assert main(line) == 2
        err = capsys.readouterr().err
        assert f"'{name}' begins with a dash" in err
        assert err.endswith(f"write ./{name}\n")


def test_such_a_file_is_known_by_its_ending_where_it_is_missing(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["translate", "-talk.wav", "--to", "pt"]) == 2
    assert "write ./-talk.wav" in capsys.readouterr().err
    assert main(["translate", "-output.wav", "talk.mp3"]) == 2  # it is -o utput.wav
    assert "begins with a dash" not in capsys.readouterr().err


def test_help_is_a_command_too(capsys: pytest.CaptureFixture[str]) -> None:
    for words in ([], ["translate"], ["models", "pull"]):
        assert main([*words, "--help"]) == 0
        wanted = capsys.readouterr().out
        assert main(["help", *words]) == 0
        assert capsys.readouterr().out == wanted


def test_the_version_has_a_short_flag(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["-V"]) == 0
    assert capsys.readouterr().out == f"stslocal {__version__}\n"


@pytest.mark.parametrize("name", COMMANDS)
def test_an_error_is_an_object_with_json(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([name, "--no-such-option", "--json"]) == 2
    out, err = capsys.readouterr()
    error = json.loads(out)["error"]
    assert error["exit_code"] == 2
    assert error["command"] == name
    assert err == f"stslocal: {error['message']}\n"
    assert (out.count("\n") == 1) is (name == "live"), "live prints an object a line"


def test_the_error_of_an_action_names_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["models", "path", "nothing", "--json"]) == 2
    assert json.loads(capsys.readouterr().out)["error"]["command"] == "models path"
    assert main(["--log-file", "--json"]) == 2
    assert json.loads(capsys.readouterr().out)["error"]["command"] is None
    assert main(["translate", "--", "--json"]) == 2
    assert capsys.readouterr().out == "", "after -- it is a file"


def test_every_option_is_known_for_suggestions() -> None:
    names = set(option_names(build_parser(), "models"))
    assert {"--files", "--accept-licence", "--verbose", "--json"} <= names
    assert "--speed-cap" not in names
