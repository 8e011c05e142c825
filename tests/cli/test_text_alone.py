"""`--tts none` at the command line: what is refused, and what is said."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import soundfile

from stslocal import cli
from stslocal.cli import file_translations
from stslocal.files.options import FileOptions
from stslocal.files.plan import plan_files
from stslocal.files.write import translate_to_files
from stslocal.loading.engines import Engines
from stslocal.results.session import read_session
from stslocal.settings import Settings
from stslocal.types import RECOGNITION_RATE
from tests.fake_engines import text_alone
from tests.fakes import Lexicon

pytestmark = pytest.mark.unit

TEXT = ("--to", "pt", "--tts", "none")


@pytest.fixture
def engines(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Engines:
    """Engines without a synthesizer, and a recording `talk.wav` in the current folder."""
    lexicon = Lexicon()
    engines = text_alone(lexicon)
    monkeypatch.setattr(file_translations, "load_reported", lambda *_: engines)
    select: Any = lambda *_: engines.selection  # noqa: E731
    monkeypatch.setattr("stslocal.loading.select.select_engines", select)
    monkeypatch.chdir(tmp_path)
    recording = lexicon.script((0.2, "good day to you."), (4.0, "it rains and rains."))
    soundfile.write("talk.wav", recording, RECOGNITION_RATE, subtype="FLOAT")
    return engines


def run(*arguments: str) -> int:
    return cli.main(["translate", "talk.wav", *arguments])


def test_subtitles_are_written_and_named(
    engines: Engines, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(*TEXT, "--check") == 0
    said = capsys.readouterr()
    assert said.out == "talk.pt.srt\n"
    assert "nothing is spoken, so --check has nothing to recognize again" in said.err
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "talk.en.srt", "talk.en.vtt", "talk.pt.session.json", "talk.pt.srt", "talk.pt.vtt",
        "talk.wav",
    ]  # fmt: skip
    assert run(*TEXT) == 0
    assert "talk.wav: done earlier" in capsys.readouterr().err
    assert run(*TEXT, "--subtitles", "none", "--json") == 0
    assert '"audio": null' in capsys.readouterr().out


@pytest.mark.parametrize(
    ("flags", "named"),
    [
        (("--voice", "anna"), "--voice"),
        (("--reference", "talk.wav"), "--reference"),
        (("--speed-cap", "1.2", "--max-lag", "3"), "--speed-cap and --max-lag"),
        (("--original", "duck"), "--original"),
        (("--background", "keep"), "--background"),
        (("--replace-audio",), "--replace-audio"),
        (("--subtitle-times", "speech"), "--subtitle-times"),
    ],
)
def test_options_of_speech_are_refused(
    flags: tuple[str, ...], named: str, engines: Engines, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(*TEXT, *flags) == 2
    said = capsys.readouterr().err
    assert f"`--tts none` makes no speech: leave out {named}, or --tts" in said
    assert not Path("talk.pt.srt").exists()


def test_what_makes_no_difference_is_taken(engines: Engines) -> None:
    assert run(*TEXT, "--original", "off", "--no-check", "--subtitle-times", "source") == 0


def test_redo_refuses_a_voice(engines: Engines, capsys: pytest.CaptureFixture[str]) -> None:
    (task,) = plan_files(
        ["talk.wav"], target="pt", output=None, output_format="auto", is_spoken=False
    )
    translate_to_files(engines, task, FileOptions.from_settings(Settings(target="pt", tts="none")))
    assert cli.main(["redo", task.session.name, "--line", "1", "--voice", "anna"]) == 2
    assert "is text alone, so no line of it is spoken: leave out --voice" in capsys.readouterr().err
    assert cli.main(["redo", task.session.name, "--check", "--json"]) == 0
    said = capsys.readouterr()
    assert '"audio": null' in said.out
    assert "nothing is spoken, so --check has nothing to recognize again" in said.err


def test_a_live_session_shows_and_records_the_texts(
    engines: Engines,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr("stslocal.loading.load.check_run", lambda *_: None)
    monkeypatch.setattr("stslocal.loading.load.load_engines", lambda *_, **__: engines)
    live = ["live", "--from", "en", *TEXT, "--simulate", "talk.wav", "--record", "kept"]
    assert cli.main([*live, "--record-as-spoken"]) == 0
    said = capsys.readouterr()
    assert "0:00 pt  pt:good pt:day pt:to pt:you." in said.out
    assert "0:04 pt  pt:it pt:rains pt:and pt:rains." in said.out
    assert "nothing is spoken: the translation is text" in said.err
    assert "2 segments translated into text" in said.err
    kept = sorted(path.name.partition(".")[2] for path in (tmp_path / "kept").iterdir())
    assert kept == [
        "pt.events.jsonl", "pt.session.json", "pt.srt", "pt.vtt", "source.srt", "source.vtt",
        "source.wav",
    ]  # fmt: skip
    session = read_session(next((tmp_path / "kept").glob("*.session.json")))
    assert (session.is_spoken, session.sample_rate, session.duration_s) == (False, 0, 0.0)
    assert [row.translation.split()[-1] for row in session.segments] == ["pt:you.", "pt:rains."]
    assert all(row.target is None for row in session.segments)


@pytest.mark.parametrize(
    "flags", [("--voice", "anna"), ("--keep-voice", "me"), ("--duplex", "full")]
)
def test_a_live_session_refuses_options_of_speech(
    flags: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["live", *TEXT, *flags]) == 2
    assert f"makes no speech: leave out {flags[0]}, or --tts" in capsys.readouterr().err


def test_a_server_is_not_started_without_voices(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["serve", "--tts", "none"]) == 2
    assert "a server speaks: set --tts to auto, and send `tts` as none" in capsys.readouterr().err
