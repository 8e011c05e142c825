"""Watching: a recording is given when it has stopped growing, once, and again when it changes."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from stslocal.files.plan import FileTask, plan_files
from stslocal.files.watch import Watch

pytestmark = pytest.mark.unit


class Folder:
    """A watched folder, with a clock of its own."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.seconds = 0.0
        self.watch = Watch(self._find, unchanged_s=5.0, now=lambda: self.seconds)

    def look_at(self, seconds: float) -> list[str]:
        self.seconds = seconds
        return [task.source.name for task in self.watch.look()]

    def _find(self) -> list[FileTask]:
        return plan_files(
            [str(self.path)], target="pt", output=None, output_format="wav", may_be_empty=True
        )


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path)


def test_a_recording_is_given_once_when_it_has_stopped_growing(folder: Folder) -> None:
    assert folder.look_at(0) == []
    recording = folder.path / "talk.wav"
    for second in range(1, 20):
        recording.write_bytes(b"x" * second)
        assert folder.look_at(second) == []
    assert folder.look_at(23.9) == []
    assert folder.look_at(24) == ["talk.wav"]
    assert folder.look_at(25) == folder.look_at(100) == []


def test_a_recording_that_changes_later_is_given_again(folder: Folder) -> None:
    recording = folder.path / "talk.wav"
    recording.write_bytes(b"x")
    assert [folder.look_at(0), folder.look_at(5)] == [[], ["talk.wav"]]
    os.utime(recording, (1, 1))
    assert [folder.look_at(6), folder.look_at(10), folder.look_at(11)] == [[], [], ["talk.wav"]]


def test_a_recording_that_goes_and_comes_back(folder: Folder) -> None:
    recording = folder.path / "talk.wav"
    recording.write_bytes(b"x")
    assert folder.look_at(0) == []
    recording.unlink()
    assert folder.look_at(4) == []
    recording.write_bytes(b"x")
    assert [folder.look_at(6), folder.look_at(10), folder.look_at(11)] == [[], [], ["talk.wav"]]


def test_results_and_links_that_lead_nowhere_are_not_given(folder: Folder) -> None:
    for name in ("talk.mp3", "talk.pt.wav", "notes.txt"):
        (folder.path / name).write_bytes(b"x")
    (folder.path / "dangling.wav").symlink_to("nowhere")
    assert [folder.look_at(0), folder.look_at(5)] == [[], ["talk.mp3"]]
