"""The flags that people know from Whisper tools are taken, or answered with what to write."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from stslocal.cli import app, main, translate, whisper_flags
from stslocal.cli.app import build_parser
from stslocal.cli.usage import option_names
from stslocal.settings import Settings

pytestmark = pytest.mark.unit


@pytest.fixture(autouse=True)
def nothing_installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("STSLOCAL_CONFIG", str(tmp_path / "none.toml"))
    monkeypatch.setenv("STSLOCAL_MODELS", str(tmp_path / "models"))


@pytest.mark.parametrize(
    "line",
    [
        "talk.mp3 --to pt --language en --threads 3 --output_dir out --compute_type int8",
        "talk.mp3 --to pt --language=English -t 3 -o out --compute-type int8",
        "-l en -t 3 talk.mp3 --to pt --output_dir out --compute_type int8",
        "--to pt --from en --threads 3 -o out --compute-type int8 -- talk.mp3",
    ],
)
def test_a_flag_that_means_the_same_is_taken(line: str, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[tuple[Settings, Any]] = []

    def run(arguments: Any, printer: object) -> int:
        seen.append((translate._settings(arguments), arguments))
        return 0

    monkeypatch.setattr(translate, "run", run)
    assert main(["translate", *line.split()]) == 0
    ((settings, arguments),) = seen
    assert (settings.source, settings.target, settings.threads) == ("en", "pt", 3)
    assert settings.compute_type == "int8"
    assert arguments.output_dir == Path("out")
    assert arguments.inputs == ["talk.mp3"]


@pytest.mark.parametrize(
    ("flags", "answer"),
    [
        ("--model small", "`--asr whisper-base`"),
        ("-m models/ggml-base.bin", "`--asr whisper-base`"),
        ("--task translate", "`--to en`"),
        ("--translate", "`--to en`"),
        ("-tr", "`--to en`"),
        ("--beam_size 5", "leave it out"),
        ("--beam_size=5", "leave it out"),
        ("--initial_prompt names", "`--glossary FILE`"),
        ("--output_format srt", "`--subtitles srt`"),
        ("--output_format=all", "`--subtitles all`"),
        ("-osrt", "`--subtitles srt,vtt`"),
        ("--output-json", "`--subtitles`"),
        ("-of said", "`-o said.wav`"),
        ("--word_timestamps True", "`--subtitles json`"),
        ("--vad_filter True", "always done"),
        ("--fp16 False", "`--compute-type`"),
    ],
)
def test_a_flag_that_means_something_else_has_an_answer(
    flags: str, answer: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["translate", "talk.mp3", "--to", "pt", *flags.split()]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("stslocal: ")
    assert err.count("\n") == 1
    assert answer in err


def test_our_own_flags_keep_their_meaning() -> None:
    for command in whisper_flags.COMMANDS:
        known = set(option_names(build_parser(), command))
        assert whisper_flags.with_our_names([command, *known], known) == [command, *known]
        whisper_flags.refuse_whisper_flags([command, *known], known)
        assert set(whisper_flags._SAME.values()) <= known


def test_help_lists_our_names_only(capsys: pytest.CaptureFixture[str]) -> None:
    for command in whisper_flags.COMMANDS:
        assert main([command, "--help"]) == 0
        shown = capsys.readouterr().out
        assert "--language" not in shown
        assert "--beam" not in shown


def test_other_commands_have_their_own_answers(capsys: pytest.CaptureFixture[str]) -> None:
    assert "models" in app.COMMANDS
    assert main(["models", "list", "--model", "x"]) == 2
    assert "Whisper tools" not in capsys.readouterr().err
