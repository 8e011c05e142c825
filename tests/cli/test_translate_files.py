"""The file loop: one recording that fails, however it fails, does not stop the others."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from stslocal import cli
from stslocal.audio.decode import probe
from stslocal.cli import file_translations
from stslocal.errors import AudioDecodeError, EngineError, StageError
from stslocal.files import write
from stslocal.files.earlier import EarlierFiles
from stslocal.files.plan import FileTask, plan_files

pytestmark = pytest.mark.unit

FAULTS: dict[str, Exception] = {
    "bug": ZeroDivisionError("division by zero"),
    "name": UnicodeEncodeError("utf-8", "\udcff", 0, 1, "surrogates not allowed"),
    "disk": OSError(36, "File name too long", "x" * 300),
    "memory": MemoryError(),
    "nesting": RecursionError("too deep"),
    "damage": AudioDecodeError("damage.wav: it holds no sound (0 s): record or copy it again"),
    "engine": EngineError("the recognizer failed"),
}


@pytest.fixture
def done(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[str]:
    """Replace the engines. A recording fails with the error of FAULTS that its name names."""
    names: list[str] = []

    def translated(engines: object, task: FileTask, *_: object, **__: object) -> Any:
        fault = FAULTS.get(task.source.stem)
        if isinstance(fault, EngineError):
            raise StageError("recognize", 3, fault) from fault
        if fault is not None:
            raise fault
        names.append(task.source.name)
        raise AudioDecodeError(f"{task.source.name}: reached")

    class Unreadable(EarlierFiles):
        def __init__(self, task: FileTask) -> None:
            if task.source.stem == "earlier":
                raise PermissionError(13, "Permission denied", str(task.session))
            super().__init__(task)

    monkeypatch.setattr(write, "translate_to_files", translated)
    monkeypatch.setattr("stslocal.files.earlier.EarlierFiles", Unreadable)
    monkeypatch.setattr("stslocal.files.checks.check_task", lambda *_: None)
    monkeypatch.setattr(file_translations, "load_reported", lambda *_: object())
    monkeypatch.setattr("stslocal.loading.select.select_engines", lambda *_: object())
    monkeypatch.chdir(tmp_path)
    return names


def run(*inputs: str, flags: tuple[str, ...] = ()) -> int:
    return cli.main(["translate", *inputs, "--from", "en", "--to", "pt", *flags])


@pytest.mark.parametrize("fault", [*FAULTS, "earlier"])
def test_any_error_of_one_recording_is_a_sentence_and_the_others_go_on(
    fault: str, done: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(f"{fault}.wav", "after.wav") == 1
    assert done == ["after.wav"]
    said = capsys.readouterr().err
    lines = [line for line in said.splitlines() if f"{fault}.wav" in line]
    assert len(lines) == 1
    assert "Traceback" not in said


def test_a_bug_shows_its_traceback_with_vv(
    done: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("bug.wav", "after.wav", flags=("-vv",)) == 1
    said = capsys.readouterr().err
    assert "ZeroDivisionError: division by zero" in said
    assert done == ["after.wav"]


def test_json_has_every_recording(done: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run("bug.wav", "disk.wav", "after.wav", flags=("--json",)) == 1
    rows = json.loads(capsys.readouterr().out)["recordings"]
    assert [row["input"] for row in rows] == ["bug.wav", "disk.wav", "after.wav"]
    assert all("error" in row for row in rows)


def test_models_that_cannot_be_loaded_end_the_run(
    done: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(*_: object) -> None:
        raise EngineError("no memory for the models")

    monkeypatch.setattr(file_translations, "load_reported", broken)
    assert run("a.wav", "b.wav") == 1
    assert capsys.readouterr().err.count("no memory for the models") == 1


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no named pipes here")
def test_what_is_no_recording_in_a_folder_is_left_out_with_a_word(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("talk.wav", "._talk.wav"):
        (tmp_path / name).write_bytes(b"\0\5\x16\7")
    os.mkfifo(tmp_path / "pipe.wav")
    (tmp_path / "loop.wav").symlink_to("loop.wav")
    (tmp_path / "dangling.wav").symlink_to("nowhere")
    (tmp_path / "folder.wav").mkdir()
    closed = tmp_path / "closed"
    closed.mkdir()
    real = os.scandir

    def scandir(path: Any) -> Any:
        if Path(path) == closed:
            raise PermissionError(13, "Permission denied", str(path))
        return real(path)

    monkeypatch.setattr(os, "scandir", scandir)
    said: list[str] = []
    tasks = plan_files(
        [str(tmp_path)], target="pt", output=None, output_format="wav", on_skipped=said.append
    )
    assert [task.source.name for task in tasks] == ["talk.wav"]
    for name in ("._talk.wav", "pipe.wav", "loop.wav", "dangling.wav", "closed"):
        assert sum(f"{tmp_path / name} " in line for line in said) == 1, name
    assert len(said) == 5


@pytest.mark.parametrize("name", ["loop.wav", "y" * 5000, "below/talk.wav"])
def test_a_named_path_of_any_kind_is_planned_and_fails_alone(name: str, tmp_path: Path) -> None:
    (tmp_path / "loop.wav").symlink_to("loop.wav")
    (tmp_path / "below").write_text("a file")
    path = str(tmp_path / name)
    tasks = plan_files([path], target="pt", output=None, output_format="wav")
    assert [str(task.source) for task in tasks] == [path]
    with pytest.raises(AudioDecodeError):
        probe(tasks[0].source)


def test_each_recording_is_taken_once_however_its_path_is_written(tmp_path: Path) -> None:
    (tmp_path / "d").mkdir()
    (tmp_path / "d" / "a.wav").write_bytes(b"x")
    paths = [str(tmp_path / "d" / "a.wav"), f"{tmp_path}/d/./a.wav", f"{tmp_path}/d/../d/a.wav"]
    tasks = plan_files(paths, target="pt", output=None, output_format="wav")
    assert [str(task.source) for task in tasks] == [paths[0]]


def test_the_sound_of_a_recording_can_be_chosen(
    done: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from stslocal.audio.decode import SoundChoice

    seen: list[SoundChoice] = []

    def translated(engines: object, task: FileTask, options: Any, **_: object) -> Any:
        seen.append(options.sound)
        raise AudioDecodeError("enough")

    monkeypatch.setattr(write, "translate_to_files", translated)
    run("a.wav")
    run("a.wav", flags=("--audio-track", "2", "--channel", "16"))
    assert seen == [SoundChoice(None, None, "en"), SoundChoice(2, 16, "en")]
    capsys.readouterr()
    for wrong in ("0", "-1", "x", "²", "99999"):
        assert run("a.wav", flags=("--audio-track", wrong)) == 2
        assert capsys.readouterr().err.startswith("stslocal: ")
