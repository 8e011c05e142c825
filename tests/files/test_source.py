"""The session vouches for the bytes that were decoded."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from stslocal.errors import AudioDecodeError
from stslocal.files.earlier import EarlierFiles
from stslocal.files.options import FileOptions
from stslocal.files.plan import FileTask
from stslocal.files.write import FileProgress, TranslatedSpeech, translate_to_files
from stslocal.loading.engines import Engines
from stslocal.storage import sha256_of
from stslocal.translation.request import TranslationRequest
from tests.fake_engines import NAMES

pytestmark = pytest.mark.unit

OPTIONS = FileOptions(TranslationRequest("pt", "en"))


def translated_while(engines: Engines, task: FileTask, change: object) -> TranslatedSpeech:
    """Translate, and change the recording after its first sentence."""
    changes = [change]

    def once(_: FileProgress) -> None:
        if changes:
            changes.pop()()  # type: ignore[operator]

    return translate_to_files(engines, task, OPTIONS, on_progress=once)


@pytest.mark.skipif(os.name != "posix", reason="Windows does not replace an open file")
def test_a_replaced_recording_is_never_taken_for_the_one_that_was_translated(
    engines: Engines, task: FileTask
) -> None:
    before = sha256_of(task.source)
    other = task.source.with_name("other.wav")
    other.write_bytes(task.source.read_bytes() + b"\0")
    speech = translated_while(engines, task, lambda: other.replace(task.source))
    assert speech.session.source.sha256 == before
    assert "replaced" in speech.session.warnings[0]
    assert EarlierFiles(task).result(OPTIONS, NAMES) is None
    assert translate_to_files(engines, task, OPTIONS).session.warnings == []
    assert EarlierFiles(task).result(OPTIONS, NAMES) is not None


@pytest.mark.skipif(os.name != "posix", reason="Windows does not remove an open file")
def test_a_recording_that_is_removed_meanwhile_is_translated(
    engines: Engines, task: FileTask
) -> None:
    speech = translated_while(engines, task, task.source.unlink)
    assert "removed" in speech.session.warnings[0]
    assert len(speech.session.segments) == 2


def test_a_recording_that_changes_while_it_is_read_is_reported_and_done_again(
    engines: Engines, task: FileTask
) -> None:
    def grow() -> None:
        with task.source.open("ab") as file:
            file.write(bytes(1000))

    speech = translated_while(engines, task, grow)
    assert "changed while it was read" in speech.session.warnings[0]
    assert (speech.session.source.bytes, speech.session.source.sha256) == (None, None)
    assert EarlierFiles(task).result(OPTIONS, NAMES) is None
    translate_to_files(engines, task, OPTIONS)
    assert EarlierFiles(task).result(OPTIONS, NAMES) is not None


@pytest.mark.skipif(os.name != "posix", reason="Windows has no such pipes")
def test_a_pipe_is_refused_and_never_waited_for(
    engines: Engines, task: FileTask, tmp_path: Path
) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    piped = FileTask(pipe, task.folder / "pipe.pt.wav", "pipe.pt", "pt")
    with pytest.raises(AudioDecodeError, match=r"pipe is a pipe: .*stslocal translate -"):
        translate_to_files(engines, piped, OPTIONS)
    assert not piped.audio.exists()


def test_a_damaged_recording_is_named_as_it_was_given(engines: Engines, task: FileTask) -> None:
    task.source.write_bytes(task.source.read_bytes()[:60])
    with pytest.raises(AudioDecodeError, match=re.escape(f"{task.source} ")):
        translate_to_files(engines, task, OPTIONS)
