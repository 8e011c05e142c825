"""`stslocal settings`: the file, and each setting with where it comes from."""

from __future__ import annotations

import json
import re
from dataclasses import fields
from pathlib import Path

import pytest

from stslocal.cli import main
from stslocal.settings import Settings

pytestmark = pytest.mark.unit


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "config.toml"
    monkeypatch.setenv("STSLOCAL_CONFIG", str(path))
    return path


def test_the_path_and_the_defaults(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["settings"]) == 0
    out, err = capsys.readouterr()
    first, _, *lines = out.splitlines()
    assert first == f"file: {file} (not there yet)"
    assert len(lines) == len([field for field in fields(Settings) if not field.metadata])
    assert all(line.endswith(" default") for line in lines)
    assert err == ""


def test_each_line_says_where_it_comes_from(
    file: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file.write_text('to = "Portuguese"\nmax_lag_s = 6\nspeed_cap = 1.5\nsubtitles = "none"\n')
    monkeypatch.setenv("STSLOCAL_TTS", "kokoro")
    assert main(["settings"]) == 0
    first, _, *lines = capsys.readouterr().out.splitlines()
    assert first == f"file: {file}"
    rows = {line.split()[0]: line.split(None, 2)[1:] for line in lines}
    assert rows["to"] == ["pt", "file"]
    assert rows["max-lag"] == ["6", "file (as 'max_lag_s', an older name: write 'max-lag')"]
    assert rows["speed-cap"] == ["1.5", "file"]
    assert rows["subtitles"] == ["none", "file"]
    assert rows["tts"] == ["kokoro", "environment (STSLOCAL_TTS)"]
    assert rows["from"] == ["auto", "default"]


def test_as_json(
    file: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file.write_text('output-device = "headphones"\n')
    monkeypatch.setenv("STSLOCAL_SUBTITLES", "srt")
    assert main(["settings", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert list(document) == ["settings", "file"]
    assert document["file"] == {"path": str(file), "exists": True}
    rows = {row.pop("name"): row for row in document["settings"]}
    assert rows["output-device"] == {
        "value": "headphones",
        "origin": "file",
        "written_as": "output-device",
    }
    assert rows["subtitles"] == {
        "value": ["srt"],
        "origin": "environment",
        "written_as": "STSLOCAL_SUBTITLES",
    }
    assert rows["voice"] == {"value": "auto", "origin": "default", "written_as": None}


def test_a_mistake_is_named_with_the_file(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file.write_text("max-lag = 99\n")
    assert main(["settings"]) == 2
    assert capsys.readouterr().err == (
        f"stslocal: max-lag in {file}: 99 is not a number from 0.5 to 60\n"
    )


def test_a_region_is_shown_with_its_language(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file.write_text('to = "pt_br"\n')
    assert main(["settings"]) == 0
    assert re.search(r"^to +pt-BR +file$", capsys.readouterr().out, re.MULTILINE)
