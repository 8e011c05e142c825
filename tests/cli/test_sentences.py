"""Each sentence of a file translation is reported as soon as it is ready."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import soundfile

from stslocal import cli
from stslocal.types import RECOGNITION_RATE
from tests.fake_engines import NAMES, fake_engines
from tests.fakes import Lexicon

pytestmark = pytest.mark.unit


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with two recordings, and the fakes that translate them."""
    lexicon = Lexicon()
    for name in ("one.wav", "two.wav"):
        said = lexicon.script((0.2, "good day."), (4.0, "it rains."))
        soundfile.write(tmp_path / name, said.astype(np.float32), RECOGNITION_RATE)
    engines = fake_engines(lexicon, models=dict.fromkeys(
        (NAMES.recognizer, NAMES.synthesizer, "words"), ()))  # fmt: skip
    monkeypatch.setattr("stslocal.cli.file_translations.load_reported", lambda *_: engines)
    monkeypatch.setattr("stslocal.cli.translate.load_reported", lambda *_: engines)
    monkeypatch.setattr("stslocal.loading.select.select_engines", lambda *_, **__: NAMES)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*arguments: str) -> int:
    return cli.main(["translate", *arguments, "--from", "en", "--to", "pt"])


def test_a_sentence_has_its_time_its_text_and_its_translation(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("one.wav") == 0
    out, err = capsys.readouterr()
    assert out.splitlines() == ["one.pt.wav"]
    sentences = [line for line in err.splitlines() if line.startswith("0:0") and " in " not in line]
    assert sentences == [
        "0:00 en good day.", "0:00 pt pt:good pt:day.",
        "0:04 en it rains.", "0:04 pt pt:it pt:rains.",
    ]  # fmt: skip
    assert run("one.wav", "--overwrite", "-q") == 0
    assert capsys.readouterr().err == ""


def test_in_a_batch_each_sentence_has_the_recordings_name(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("one.wav", "two.wav") == 0
    err = capsys.readouterr().err
    for name in ("one.wav", "two.wav"):
        assert f"{name}: 0:04 pt pt:it pt:rains.\n" in err


def test_json_lines_are_events_and_then_the_results(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("one.wav", "two.wav", "--json-lines", "-q") == 0
    *events, last = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [(one["event"], one["input"], one["index"]) for one in events] == [
        ("sentence", "one.wav", 0), ("sentence", "one.wav", 1),
        ("sentence", "two.wav", 0), ("sentence", "two.wav", 1),
    ]  # fmt: skip
    rains = events[1]
    assert (rains["language"], rains["text"]) == ("en", "it rains.")
    assert (rains["to"], rains["translation"]) == ("pt", "pt:it pt:rains.")
    assert rains["start_s"] == pytest.approx(4.0, abs=0.05)
    assert rains["target"]["end_s"] > rains["target"]["start_s"] >= 3.5
    assert [row["segments"] for row in last["recordings"]] == [2, 2]


def test_json_stays_one_object(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("one.wav", "--json", "-q") == 0
    assert list(json.loads(capsys.readouterr().out)) == ["recordings"]


def test_an_error_is_the_last_of_the_json_lines(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("none.wav", "--json-lines") == 1
    (line,) = capsys.readouterr().out.splitlines()
    assert "none.wav" in json.loads(line)["error"]["message"]
