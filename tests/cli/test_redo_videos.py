"""`stslocal redo` of a video as a person meets it, also when it is killed."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from stslocal import cli
from stslocal.audio.resample import resample
from stslocal.files.options import FileOptions
from stslocal.files.plan import plan_files
from stslocal.files.project import open_project
from stslocal.files.write import translate_to_files
from stslocal.results.corrections import Correction
from stslocal.results.session import read_session
from stslocal.storage import temporary_files_of
from stslocal.translation.request import TranslationRequest
from stslocal.types import RECOGNITION_RATE
from tests import redo_program
from tests.audio.videos import RATE, Track, make_video, packets_of
from tests.fake_engines import NAMES, fake_engines

pytestmark = pytest.mark.unit


@pytest.fixture
def session(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The session of a video with a report, with a correction of its second line."""
    monkeypatch.setattr("stslocal.loading.parts.selection_of", lambda settings: NAMES)
    monkeypatch.setattr("stslocal.loading.parts.no_recognizer", lambda *_: "")
    monkeypatch.setattr("stslocal.voices.choose.check_voice", lambda *_: None)
    monkeypatch.setattr("stslocal.loading.parts.load_parts", redo_program.loaded)
    lexicon = redo_program.lexicon()
    talk = resample(lexicon.script(*redo_program.LINES), RECOGNITION_RATE, RATE)
    source = make_video(tmp_path / "talk.mp4", (0.2,), len(talk) / RATE, [Track(talk, "", "flac")])
    (task,) = plan_files([str(source)], target="pt", output=None, output_format="auto")
    engines = fake_engines(
        lexicon, models=dict.fromkeys((*NAMES.as_settings().values(), "words"), ())
    )
    options = FileOptions(TranslationRequest("pt", "en"), subtitles=("srt",), report=True)
    translate_to_files(engines, task, options)
    project = open_project(task.session)
    segments = list(project.session.segments)
    segments[1] = replace(segments[1], correction=Correction(translation="chove muito."))
    project.with_session(replace(project.session, segments=segments))
    return task.session


def contents(session: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in session.parent.iterdir()}


def is_whole(path: Path) -> bool:
    project = open_project(path)
    return all(project.state(name) == "whole" for name in project.session.output)


@pytest.mark.skipif(os.name != "posix", reason="SIGKILL is a thing of POSIX systems")
@pytest.mark.parametrize(
    ("moment", "is_done"),
    [("speaking", False), ("mixing", False), ("muxing", False), ("written", True),
     ("renamed 1", True), ("renamed 3", True)],
)  # fmt: skip
def test_a_redo_that_is_killed_leaves_the_old_video_or_the_new_one(
    session: Path, moment: str, is_done: bool
) -> None:
    before = contents(session)
    killed = subprocess.run(
        [sys.executable, "-m", "tests.redo_program", str(session)],
        env={**os.environ, "REDO_KILL": moment},
        cwd=Path(__file__).parents[2],
        capture_output=True,
        check=False,
    )
    assert killed.returncode == -9, killed.stderr
    if not is_done:
        after = contents(session)
        assert {name: after[name] for name in before} == before
    assert is_whole(session), "the next command repairs what the kill left"
    assert read_session(session).segments[1].is_changed is not is_done
    assert cli.main(["redo", str(session)]) == 0
    assert is_whole(session)
    row = read_session(session).segments[1]
    assert (row.translation, row.is_changed) == ("chove muito.", False)
    assert any(
        b"chove muito." in one for one in packets_of(session.parent / "talk.pt.mp4", "subtitle")
    )
    assert temporary_files_of(session.parent, session.name) == []
    assert sorted(before) == sorted(contents(session)), "nothing else is left"


def test_the_recording_has_to_be_there(session: Path, capsys: pytest.CaptureFixture[str]) -> None:
    recording = session.parent / "talk.mp4"
    moved = recording.rename(session.parent / "elsewhere.mp4")
    before = contents(session)
    assert cli.main(["redo", str(session)]) == 2
    assert "the recording talk.mp4, from which talk.pt.mp4 is made, is not beside" in (
        capsys.readouterr().err
    )
    wrong = session.parent / "talk.pt.mp4"
    assert cli.main(["redo", str(session), "--recording", str(wrong)]) == 2
    assert "is not the recording of talk.pt.session.json" in capsys.readouterr().err
    assert contents(session) == before
    assert cli.main(["redo", str(session), "--recording", str(moved)]) == 0
    assert "chove muito." in (session.parent / "talk.pt.report.html").read_text("utf-8")


def test_without_the_speech_alone_that_is_said_before_anything(
    session: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (session.parent / "talk.pt.speech.flac").unlink()
    monkeypatch.setenv("EDITOR", "true")
    for command in ("redo", "edit"):
        assert cli.main([command, str(session)]) == 2
        assert "talk.pt.speech.flac, which has the speech alone, is not there" in (
            capsys.readouterr().err
        )


def test_what_is_spoken_is_checked_unless_that_is_not_wanted(session: Path) -> None:
    assert cli.main(["redo", str(session), "--line", "2-3", "--check"]) == 0
    checks = [one.check for one in read_session(session).segments]
    assert [one.recognized for one in checks[1:] if one] == [
        "chove muito.",
        "pt:we pt:go pt:home pt:now.",
    ]
    assert cli.main(["redo", str(session), "--line", "2", "--no-check"]) == 0
    assert read_session(session).segments[1].check is None
