"""What is refused before any model is loaded: recordings and places for their results."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import numpy as np
import pytest
import soundfile

from stslocal.errors import AudioDecodeError, OutputError
from stslocal.files.checks import check_task, check_writable
from stslocal.files.options import FileOptions
from stslocal.files.plan import FileTask, plan_files
from stslocal.translation.request import TranslationRequest

pytestmark = pytest.mark.unit


class TestWritable:
    def test_nothing_stays_on_the_disk(self, tmp_path: Path) -> None:
        check_writable(tmp_path / "said.wav")
        check_writable(tmp_path / "new" / "folder" / "said.wav")
        assert list(tmp_path.iterdir()) == []

    @pytest.mark.parametrize(
        ("name", "fault"),
        [
            ("file/said.wav", "its folder is a file"),
            ("file/below/said.wav", "its folder is a file"),
            ("folder", "a folder has this name"),
            ("n" * 300, "the name is too long"),
        ],
    )
    def test_what_cannot_be_written(self, name: str, fault: str, tmp_path: Path) -> None:
        (tmp_path / "file").touch()
        (tmp_path / "folder").mkdir()
        with pytest.raises(OutputError, match=fault):
            check_writable(tmp_path / name)

    def test_a_missing_folder_where_none_is_made(self, tmp_path: Path) -> None:
        with pytest.raises(OutputError, match="its folder does not exist"):
            check_writable(tmp_path / "new" / "said.wav", makes_folder=False)

    def test_a_folder_that_may_not_be_written(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def refuse(*_: object) -> int:
            raise PermissionError(errno.EACCES, "Permission denied")

        monkeypatch.setattr(os, "open", refuse)
        with pytest.raises(OutputError, match="permission denied: choose another folder"):
            check_writable(tmp_path / "said.wav")


class TestTask:
    OPTIONS = FileOptions(TranslationRequest("pt"))

    def task(self, source: Path, folder: Path) -> FileTask:
        return FileTask(source, folder / "talk.pt.wav", "talk.pt", "pt")

    def test_a_recording_and_a_place_for_its_results(self, tmp_path: Path) -> None:
        source = tmp_path / "talk.wav"
        soundfile.write(source, np.zeros(1000), 16_000)
        check_task(self.task(source, tmp_path / "new"), self.OPTIONS)
        assert list(tmp_path.iterdir()) == [source]

    def test_what_cannot_be_decoded(self, tmp_path: Path) -> None:
        source = tmp_path / "talk.wav"
        source.write_text("no sound")
        with pytest.raises(AudioDecodeError, match=r"talk\.wav"):
            check_task(self.task(source, tmp_path), self.OPTIONS)

    def test_each_result_is_checked(self, tmp_path: Path) -> None:
        source = tmp_path / "talk.wav"
        soundfile.write(source, np.zeros(1000), 16_000)
        (tmp_path / "talk.pt.srt").mkdir()
        with pytest.raises(OutputError, match=r"talk\.pt\.srt: a folder has this name"):
            check_task(self.task(source, tmp_path), self.OPTIONS)

    @pytest.mark.parametrize(("letters", "fits"), [(230, True), (244, False), (250, False)])
    def test_a_name_too_long_for_one_of_the_results(
        self, tmp_path: Path, letters: int, fits: bool
    ) -> None:
        """The recording's own name fits; those of its results have up to 16 letters more."""
        source = tmp_path / ("L" * letters + ".wav")
        soundfile.write(source, np.zeros(1000), 16_000)
        out = tmp_path / "out"
        (task,) = plan_files([str(source)], target="pt", output=out, output_format="wav")
        if fits:
            check_task(task, self.OPTIONS)
        else:
            with pytest.raises(OutputError, match="the name is too long"):
                check_task(task, self.OPTIONS)
