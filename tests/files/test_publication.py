"""The files of a result get their names together, or none does."""

from __future__ import annotations

import errno
import os
import sys
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock

from stslocal import storage
from stslocal.errors import OutputError
from stslocal.files.earlier import EarlierFiles
from stslocal.files.journal import journal_path
from stslocal.files.options import FileOptions
from stslocal.files.plan import FileTask
from stslocal.files.publication import ResultFiles, only_writer
from stslocal.files.write import translate_to_files
from stslocal.loading.engines import Engines
from stslocal.results.subtitle_kinds import SUBTITLE_FORMATS
from stslocal.translation.request import TranslationRequest
from tests.fake_engines import NAMES as NAMES_OF_ENGINES

pytestmark = pytest.mark.unit

NAMES = ("a", "b", "session")


def contents(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text() for path in folder.iterdir()}


def write_all(folder: Path, text: str) -> None:
    with ResultFiles(folder / "session") as files:
        for name in reversed(NAMES):
            files.write(folder / name, text.encode())
        files.publish()


@pytest.mark.parametrize("older", [True, False])
@pytest.mark.parametrize("failing", range(3))
@pytest.mark.parametrize("failure", [OSError(28, "No space"), KeyboardInterrupt(), MemoryError()])
@pytest.mark.parametrize("links", [True, False])
def test_a_failure_at_any_file_leaves_all_as_they_were(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    older: bool,
    failing: int,
    failure: BaseException,
    links: bool,
) -> None:
    if older:
        write_all(tmp_path, "old")
    before = contents(tmp_path)
    if not links:  # as on a FAT disk
        monkeypatch.setattr(os, "link", _no_links)
    publish = storage.UnfinishedFile.publish
    done: list[str] = []

    def publish_or_fail(file: storage.UnfinishedFile) -> None:
        if len(done) == failing:
            with file._as_output_error():
                raise failure
        publish(file)
        done.append(file.path.name)

    with monkeypatch.context() as patch:
        patch.setattr(storage.UnfinishedFile, "publish", publish_or_fail)
        with pytest.raises(OutputError if isinstance(failure, OSError) else type(failure)):
            write_all(tmp_path, "new")
    assert contents(tmp_path) == before
    assert "session" not in done
    write_all(tmp_path, "new")
    assert contents(tmp_path) == dict.fromkeys(NAMES, "new")


def _no_links(*_: object, **__: object) -> None:
    raise PermissionError(1, "Operation not permitted")


def test_a_folder_that_appeared_meanwhile_stays(tmp_path: Path) -> None:
    with ResultFiles(tmp_path / "session") as files:
        for name in NAMES:
            files.write(tmp_path / name, b"new")
        (tmp_path / "b" / "mine").mkdir(parents=True)
        with pytest.raises(OutputError, match="a folder has this name"):
            files.publish()
    assert [path.name for path in tmp_path.iterdir()] == ["b"]
    assert (tmp_path / "b" / "mine").is_dir()


def test_the_second_writer_of_a_result_says_so_and_the_lock_goes(tmp_path: Path) -> None:
    session, audio = tmp_path / "talk.pt.session.json", tmp_path / "talk.pt.wav"
    with only_writer(session, audio), only_writer(tmp_path / "other", audio):
        second = only_writer(session, audio)
        with pytest.raises(OutputError, match=r"talk\.pt\.wav is.*another stslocal.*wait"), second:
            pass
        assert len(list(tmp_path.iterdir())) == 2
    assert list(tmp_path.iterdir()) == []
    with only_writer(session, audio):
        pass


def test_a_signal_while_the_lock_is_taken_leaves_no_lock(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    acquire = FileLock.acquire

    def interrupted(lock: FileLock, **options: Any) -> None:
        acquire(lock, **options)
        raise KeyboardInterrupt

    monkeypatch.setattr(FileLock, "acquire", interrupted)
    with pytest.raises(KeyboardInterrupt), only_writer(tmp_path / "session", tmp_path / "audio"):
        pytest.fail("it was interrupted")
    assert list(tmp_path.iterdir()) == []


def test_the_lock_of_a_killed_process_is_free(tmp_path: Path) -> None:
    session, audio = tmp_path / "talk.pt.session.json", tmp_path / "talk.pt.wav"
    with only_writer(session, audio):
        (lock,) = tmp_path.iterdir()
    lock.write_bytes(b"")
    with only_writer(session, audio):
        pass
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(sys.platform == "win32", reason="Windows locks in another way")
@pytest.mark.parametrize("number", [errno.ENOLCK, errno.EOPNOTSUPP])
def test_a_network_disk_without_locks_is_written_to(
    engines: Engines, task: FileTask, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    def no_locks(*_: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr("fcntl.flock", no_locks)
    done = translate_to_files(engines, task, FileOptions(TranslationRequest("pt", "en")))
    assert sorted(task.folder.iterdir()) == sorted(done.files)


@pytest.mark.parametrize("step", ["subtitles", "session", "publish"])
def test_nothing_half_made_stays_and_the_next_run_is_not_blocked(
    engines: Engines, task: FileTask, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    options = FileOptions(TranslationRequest("pt", "en"))

    def fail(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        if step == "subtitles":
            patch.setitem(SUBTITLE_FORMATS, "vtt", fail)
        elif step == "session":
            patch.setattr("stslocal.files.write.sealed", fail)
        else:
            patch.setattr(storage.UnfinishedFile, "publish", fail)
        with pytest.raises(OSError, match="No space"):
            translate_to_files(engines, task, options)
    assert list(task.folder.iterdir()) == [journal_path(task)]
    translate_to_files(engines, task, options)
    assert not journal_path(task).exists()


def test_two_translations_of_one_recording_at_once_leave_one_whole_result(
    engines: Engines, task: FileTask
) -> None:
    options = FileOptions(TranslationRequest("pt", "en"))
    results: list[object] = []
    both = threading.Barrier(2)

    def run() -> None:
        both.wait()
        try:
            results.append(translate_to_files(engines, task, options))
        except OutputError as error:
            results.append(error)

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    errors = [str(result) for result in results if isinstance(result, OutputError)]
    assert len(errors) <= 1
    assert all("another stslocal" in error for error in errors)
    assert sorted(path.name for path in task.folder.iterdir()) == [
        "talk.en.srt", "talk.en.vtt", "talk.pt.session.json", "talk.pt.srt", "talk.pt.vtt",
        "talk.pt.wav",
    ]  # fmt: skip


@pytest.mark.parametrize("older", [True, False])
@pytest.mark.parametrize("renamed", [1, 3, 5])
def test_a_run_that_was_killed_while_it_renamed_is_done_again(
    engines: Engines, task: FileTask, monkeypatch: pytest.MonkeyPatch, older: bool, renamed: int
) -> None:
    options = FileOptions(TranslationRequest("pt", "en"))
    if older:
        translate_to_files(engines, task, replace(options, max_speed=1.2))
    publish = storage.UnfinishedFile.publish
    left = list(range(renamed))

    def killed(file: storage.UnfinishedFile) -> None:
        if not left:
            raise MemoryError
        left.pop()
        publish(file)

    with monkeypatch.context() as patch:  # nobody cleans up
        patch.setattr(storage.UnfinishedFile, "publish", killed)
        patch.setattr(storage.UnfinishedFile, "discard", lambda _: None)
        patch.setattr("stslocal.files.publication._take_back", lambda *_: None)
        with pytest.raises(MemoryError):
            translate_to_files(engines, task, options)
    assert EarlierFiles(task).result(options, NAMES_OF_ENGINES) is None
    translate_to_files(engines, task, options)
    result = EarlierFiles(task).result(options, NAMES_OF_ENGINES)
    assert result is not None
    assert result.changed == []
    assert not list(task.folder.glob(".stslocal-*"))
