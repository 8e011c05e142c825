"""`stslocal edit` and `stslocal redo` as a person meets them, also when they are killed."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import soundfile

from stslocal import cli
from stslocal.errors import command
from stslocal.files.options import FileOptions
from stslocal.files.plan import FileTask
from stslocal.files.project import open_project
from stslocal.files.write import translate_to_files
from stslocal.results.corrections import NOTHING, Correction
from stslocal.results.session import Session, read_session
from stslocal.storage import temporary_files_of
from stslocal.translation.request import TranslationRequest
from stslocal.types import RECOGNITION_RATE
from tests import redo_program
from tests.fake_engines import NAMES, fake_engines

pytestmark = pytest.mark.unit


@pytest.fixture
def session(tmp_path: Path) -> Path:
    """The session of a translation made by fakes."""
    source = tmp_path / "talk.wav"
    lexicon = redo_program.lexicon()
    soundfile.write(source, lexicon.script(*redo_program.LINES), RECOGNITION_RATE, subtype="FLOAT")
    task = FileTask(source, tmp_path / "talk.pt.wav", "talk.pt", "pt")
    engines = fake_engines(
        lexicon, models=dict.fromkeys((*NAMES.as_settings().values(), "words"), ())
    )
    translate_to_files(engines, task, FileOptions(TranslationRequest("pt", "en")))
    return task.session


@pytest.fixture(autouse=True)
def no_editor(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("VISUAL", raising=False)
    monkeypatch.delenv("EDITOR", raising=False)
    monkeypatch.setattr("stslocal.loading.parts.selection_of", lambda settings: NAMES)
    monkeypatch.setattr("stslocal.voices.choose.check_voice", lambda *_: None)
    monkeypatch.setattr("stslocal.loading.parts.no_recognizer", lambda *_: "")
    monkeypatch.setattr("stslocal.loading.parts.load_parts", redo_program.loaded)


def editor(monkeypatch: pytest.MonkeyPatch, before: str, after: str, code: int = 0) -> None:
    """Set an editor that replaces a text."""
    script = (
        "import pathlib, sys; p = pathlib.Path(sys.argv[1]); t = p.read_text('utf-8'); "
        f"p.write_text(t.replace({before!r}, {after!r}), 'utf-8'); sys.exit({code})"
    )
    command = shlex.join([sys.executable, "-c", script])
    monkeypatch.setenv("EDITOR", command)


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def corrections(path: Path) -> list[Correction]:
    return [one.correction for one in read_session(path).segments]


def test_what_is_edited_is_stored_and_redone(
    session: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    editor(monkeypatch, "pt:rains pt:and pt:rains.", "chove muito.")
    before = contents(session.parent)
    assert cli.main(["edit", str(session)]) == 0
    assert "line 2: stored; `stslocal redo" in capsys.readouterr().out
    assert corrections(session) == [NOTHING, Correction(translation="pt:it chove muito."), NOTHING]
    assert {
        name for name, data in contents(session.parent).items() if data != before.get(name)
    } == {session.name}, "no table stays"
    assert cli.main(["redo", str(session), "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    row = {"line": 2, "translated": False, "spoken": True, "left_out": False}
    assert (report["redone"], report["moved"], report["warnings"]) == ([row], [], [])
    assert cli.main(["redo", str(session)]) == 0
    assert "nothing is to be done again" in capsys.readouterr().err


@pytest.mark.skipif(os.name != "posix", reason="cmd has other quotes")
def test_a_command_that_is_shown_can_be_typed_whatever_the_file_is_called(
    session: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = session.parent.rename(session.parent.with_name("a 'b' & $(c)"))
    path = folder / session.name
    editor(monkeypatch, "pt:rains.", "chove.")
    assert cli.main(["edit", str(path)]) == 0
    shown = capsys.readouterr().out.split("`")[1]
    assert shlex.split(shown) == ["stslocal", "redo", str(path)]
    assert command("redo", Path("-x.json")) == "`stslocal redo ./-x.json`", "it is no option"


@pytest.mark.parametrize("kind", [(), ("--srt",)])
def test_a_wrong_text_is_kept_and_opened_again(
    session: Path, kind: tuple[str, ...], monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    before = session.read_bytes()
    editor(monkeypatch, "pt:we pt:go pt:home pt:now.", "?!?")
    assert cli.main(["edit", str(session), *kind]) == 2
    said = capsys.readouterr().err
    assert "of the file: its translation has no words" in said
    assert f"nothing was stored: `stslocal edit {session}` opens your text again" in said
    assert session.read_bytes() == before
    (kept,) = session.parent.glob("talk.pt.edit-*")
    editor(monkeypatch, "?!?", "agora.")
    assert cli.main(["edit", str(session), *kind]) == 0
    assert f"your text is opened again: {kept}" in capsys.readouterr().err
    assert corrections(session)[2] == Correction(translation="agora.")
    assert not kept.exists()


def test_a_text_of_an_earlier_state_is_not_opened(
    session: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    old = session.parent / "talk.pt.edit-00000000.tsv"
    old.write_text("mine", "utf-8")
    editor(monkeypatch, "pt:now.", "agora.")
    assert cli.main(["edit", str(session)]) == 0
    assert f"{old.name} is a text of yours for an earlier state" in capsys.readouterr().err
    assert old.read_text("utf-8") == "mine"


def test_without_an_editor_a_sentence_says_how_to_name_one(
    session: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    before = contents(session.parent)
    assert cli.main(["edit", str(session)]) == 2
    assert "no editor is set" in capsys.readouterr().err
    monkeypatch.setenv("EDITOR", "no-such-editor-here")
    assert cli.main(["edit", str(session)]) == 2
    assert (
        "no-such-editor-here is not there: name another one with EDITOR" in capsys.readouterr().err
    )
    monkeypatch.setenv("EDITOR", "'vi")
    assert cli.main(["edit", str(session)]) == 2
    assert contents(session.parent) == before


def test_an_editor_that_fails_stores_nothing_and_the_text_stays(
    session: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    before = session.read_bytes()
    editor(monkeypatch, "pt:now.", "agora.", code=3)
    assert cli.main(["edit", str(session)]) == 1
    (kept,) = session.parent.glob("talk.pt.edit-*")
    assert f"exit code 3, so nothing was stored: your text is in {kept}" in capsys.readouterr().err
    assert "agora." in kept.read_text("utf-8")
    assert session.read_bytes() == before


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        (["--line", "9"], "the session has no line 9: it has lines 1 to 3"),
        (["--line", "0"], "--line is '0'"),
        (["--line", "2", "--changed"], "exclude each other"),
        (["--target-srt", "none.srt"], "none.srt does not exist"),
    ],
)
def test_wrong_usage_of_redo(
    session: Path, flags: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    before = contents(session.parent)
    assert cli.main(["redo", str(session), *flags]) == 2
    assert said in capsys.readouterr().err
    assert contents(session.parent) == before


def test_a_line_gets_another_voice_without_an_editor(session: Path) -> None:
    assert cli.main(["redo", str(session), "--line", "3", "--voice", "pt_bass"]) == 0
    assert [one.voice for one in read_session(session).segments][2] == "pt_bass"
    assert corrections(session)[2] == Correction(voice="pt_bass")


def test_corrected_subtitles_are_taken_by_the_command(session: Path) -> None:
    srt = session.parent / "talk.pt.srt"
    srt.write_text(srt.read_text("utf-8").replace("pt:now.", "agora."), "utf-8")
    assert cli.main(["redo", str(session), "--line", "1"]) == 1, "it is a person's"
    assert cli.main(["redo", str(session), "--target-srt", str(srt)]) == 0
    assert corrections(session)[2] == Correction(translation="pt:we pt:go pt:home agora.")
    assert "agora." in (session.parent / "talk.pt.vtt").read_text("utf-8")


def is_whole(path: Path) -> bool:
    project = open_project(path)
    return all(project.state(name) == "whole" for name in project.session.output)


def correct_the_second(path: Path) -> Session:
    project = open_project(path)
    segments = list(project.session.segments)
    segments[1] = replace(segments[1], correction=Correction(translation="chove muito."))
    return project.with_session(replace(project.session, segments=segments)).session


@pytest.mark.skipif(os.name != "posix", reason="SIGKILL is a thing of POSIX systems")
@pytest.mark.parametrize(
    ("moment", "is_done"),
    [
        ("speaking", False),
        ("written", True),
        ("renamed 1", True),
        ("renamed 2", True),
        ("renamed 3", True),
    ],
)
def test_a_redo_that_is_killed_leaves_the_old_result_or_the_new_one(
    session: Path, moment: str, is_done: bool
) -> None:
    wanted = correct_the_second(session)
    before = contents(session.parent)
    command = [sys.executable, "-m", "tests.redo_program", str(session)]
    environ = {**os.environ, "REDO_KILL": moment}
    killed = subprocess.run(
        command, env=environ, cwd=Path(__file__).parents[2], capture_output=True, check=False
    )
    assert killed.returncode == -9, killed.stderr
    if moment == "speaking":
        assert contents(session.parent) == before
    assert is_whole(session), "the next command repairs what the kill left"
    after = read_session(session)
    assert after.segments[1].is_changed is not is_done
    assert [one.correction for one in after.segments] == [one.correction for one in wanted.segments]
    assert cli.main(["redo", str(session)]) == 0
    assert read_session(session).segments[1].translation == "chove muito."
    assert is_whole(session)
    assert temporary_files_of(session.parent, session.name) == []


@pytest.mark.skipif(os.name != "posix", reason="SIGKILL is a thing of POSIX systems")
def test_what_a_person_changed_after_a_kill_is_not_replaced(session: Path) -> None:
    correct_the_second(session)
    command = [sys.executable, "-m", "tests.redo_program", str(session)]
    environ = {**os.environ, "REDO_KILL": "renamed 1"}
    subprocess.run(command, env=environ, cwd=Path(__file__).parents[2], check=False)
    mine = session.parent / "talk.pt.srt"
    mine.write_text("mine", "utf-8")
    project = open_project(session)
    assert project.session.segments[1].is_changed
    assert mine.read_text("utf-8") == "mine"
