"""What a person has is theirs: a result replaces only what stslocal wrote and nobody changed."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import soundfile

from stslocal.errors import OutputError
from stslocal.files.earlier import EarlierFiles
from stslocal.files.options import FileOptions
from stslocal.files.plan import FileTask
from stslocal.files.write import translate_to_files
from stslocal.loading.engines import Engines
from stslocal.results.session import read_session
from stslocal.translation.request import TranslationRequest
from tests.fake_engines import NAMES
from tests.fakes import FakeVad

pytestmark = pytest.mark.unit

OPTIONS = FileOptions(TranslationRequest("pt", "en"))
OTHER_VOICE = FileOptions(TranslationRequest("pt", "en", voice="pt_bass"))
posix_only = pytest.mark.skipif(os.name != "posix", reason="only POSIX systems have this")


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


def edit_the_session(path: Path) -> None:
    path.write_text(path.read_text("utf-8").replace("pt:good", "pt:bom"), "utf-8")


def save_the_session_again(path: Path) -> None:
    """As another program would: the values are the same, the seal is there."""
    path.write_text(json.dumps(json.loads(path.read_text("utf-8")), indent=4), "utf-8")


@pytest.mark.parametrize(
    "name", ["talk.pt.wav", "talk.pt.srt", "talk.pt.vtt", "talk.pt.session.json"]
)
def test_a_file_of_the_person_stays(engines: Engines, task: FileTask, name: str) -> None:
    task.folder.mkdir()
    (task.folder / name).write_text("mine")
    with pytest.raises(OutputError, match=rf"{name} is there already.*--overwrite.*-o"):
        translate_to_files(engines, task, OPTIONS)
    assert contents(task.folder) == {name: b"mine"}
    assert EarlierFiles(task).result(OPTIONS, NAMES) is None
    translate_to_files(engines, task, OPTIONS, overwrite=True)
    assert contents(task.folder)[name] != b"mine"


def test_results_of_another_recording_with_the_same_names_stay(
    engines: Engines, task: FileTask
) -> None:
    translate_to_files(engines, task, OPTIONS)
    before = contents(task.folder)
    other = task.source.with_suffix(".flac")
    soundfile.write(other, *soundfile.read(task.source))
    second = replace(task, source=other)
    with pytest.raises(OutputError, match=r"is of another recording, talk\.wav, .*-o.*--overwrite"):
        translate_to_files(engines, second, OPTIONS)
    assert contents(task.folder) == before
    for recording, is_shared in ((task, True), (second, False)):
        german = replace(recording, audio=task.folder / "talk.de.wav", stem="talk.de", target="de")
        assert EarlierFiles(german).wrote(task.source_subtitles("srt", "en")) is is_shared
    translate_to_files(engines, second, OPTIONS, overwrite=True)
    assert read_session(task.session).source.name == "talk.flac"


def test_what_is_not_to_be_replaced_is_known_before_anything_is_recognized(
    engines: Engines, task: FileTask
) -> None:
    vad = FakeVad()
    engines.vad = vad
    task.folder.mkdir()
    task.subtitles("srt").write_text("mine")
    with pytest.raises(OutputError, match="is there already"):
        translate_to_files(engines, task, OPTIONS)
    assert vad.calls == 0


@posix_only
@pytest.mark.parametrize("exists", [True, False])
def test_a_link_of_the_person_stays_and_so_does_what_it_leads_to(
    engines: Engines, task: FileTask, tmp_path: Path, exists: bool
) -> None:
    task.folder.mkdir()
    precious = tmp_path / "precious"
    if exists:
        precious.write_text("mine")
    task.audio.symlink_to(precious)
    with pytest.raises(OutputError, match="is there already"):
        translate_to_files(engines, task, OPTIONS)
    assert task.audio.is_symlink()
    translate_to_files(engines, task, OPTIONS, overwrite=True)
    assert not task.audio.is_symlink()
    assert precious.exists() == exists
    assert not exists or precious.read_text() == "mine"


@posix_only
@pytest.mark.parametrize("name", ["talk.pt.session.json", "talk.pt.srt", "talk.pt.wav"])
def test_a_pipe_with_the_name_of_a_result_is_never_waited_for(
    engines: Engines, task: FileTask, name: str
) -> None:
    task.folder.mkdir()
    os.mkfifo(task.folder / name)
    with pytest.raises(OutputError, match="is there already"):
        translate_to_files(engines, task, OPTIONS)


@pytest.mark.parametrize("overwrite", [True, False])
def test_a_folder_with_the_name_of_a_result_is_never_replaced(
    engines: Engines, task: FileTask, overwrite: bool
) -> None:
    (task.folder / "talk.pt.srt" / "mine").mkdir(parents=True)
    with pytest.raises(OutputError, match=r"talk\.pt\.srt"):
        translate_to_files(engines, task, OPTIONS, overwrite=overwrite)
    assert [path.name for path in task.folder.iterdir()] == ["talk.pt.srt"]
    (task.folder / "talk.pt.srt" / "mine").rmdir()
    (task.folder / "talk.pt.srt").rmdir()
    translate_to_files(engines, task, OPTIONS)


@pytest.mark.parametrize(
    "name", ["talk.pt.wav", "talk.pt.srt", "talk.en.vtt", "talk.pt.session.json"]
)
def test_a_corrected_result_is_done_and_kept(engines: Engines, task: FileTask, name: str) -> None:
    translate_to_files(engines, task, OPTIONS)
    with (task.folder / name).open("ab") as file:
        file.write(b" ")
    before = contents(task.folder)
    result = EarlierFiles(task).result(OPTIONS, NAMES)
    assert result is not None
    assert result.changed == [name]
    if name != "talk.en.vtt":  # see the next test
        with pytest.raises(OutputError, match=f"{name} is there already"):
            translate_to_files(engines, task, OTHER_VOICE)
        assert contents(task.folder) == before


def test_subtitles_of_the_source_that_the_person_has_get_company(
    engines: Engines, task: FileTask
) -> None:
    """`movie.en.srt` lies beside many a film: no reason not to translate it."""
    task.folder.mkdir()
    (task.folder / "talk.en.srt").write_text("mine")
    speech = translate_to_files(engines, task, OPTIONS)
    assert (task.folder / "talk.en.srt").read_text() == "mine"
    assert "good day" in (task.folder / "talk.en.new.srt").read_text()
    assert speech.session.warnings == [
        "talk.en.srt was not written by stslocal or was changed since, and stays: what was said "
        "is in talk.en.new.srt"
    ]
    (task.folder / "talk.en.new.srt").write_text("mine too")
    speech = translate_to_files(engines, task, OTHER_VOICE)
    assert (task.folder / "talk.en.new.srt").read_text() == "mine too"
    assert "talk.en.new2.srt" in speech.session.output
    translate_to_files(engines, task, OPTIONS, overwrite=True)
    assert "good day" in (task.folder / "talk.en.srt").read_text()


@pytest.mark.parametrize("change", [edit_the_session, save_the_session_again])
def test_a_session_that_was_changed_is_the_persons(
    engines: Engines, task: FileTask, change: Callable[[Path], None]
) -> None:
    translate_to_files(engines, task, OPTIONS)
    change(task.session)
    before = contents(task.folder)
    result = EarlierFiles(task).result(OPTIONS, NAMES)
    assert result is not None
    assert result.changed == ["talk.pt.session.json"]
    with pytest.raises(OutputError, match=r"talk\.pt\.session\.json is there already"):
        translate_to_files(engines, task, OTHER_VOICE)
    assert contents(task.folder) == before


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text[:-20],
        lambda text: text.replace('"output": {', '"output": [], "o": {'),
        lambda text: text.replace('"segments": [', f'"segments": {"[" * 100_000}, "o": [', 1),
        lambda text: text.replace('"sample_rate": 24000', '"sample_rate": Infinity'),
        lambda text: text.replace('"version": 1', '"version": 99'),
        lambda _: "",
    ],
    ids=["cut off", "list", "deep", "endless", "newer", "empty"],
)
def test_a_damaged_session_vouches_for_nothing(
    engines: Engines, task: FileTask, change: Callable[[str], str]
) -> None:
    translate_to_files(engines, task, OPTIONS)
    text = task.session.read_text("utf-8")
    task.session.write_text(change(text), "utf-8")
    assert task.session.read_text("utf-8") != text
    before = contents(task.folder)
    assert EarlierFiles(task).result(OPTIONS, NAMES) is None
    with pytest.raises(OutputError, match="is there already"):
        translate_to_files(engines, task, OPTIONS)
    assert contents(task.folder) == before


def test_a_result_of_an_older_stslocal_is_known(engines: Engines, task: FileTask) -> None:
    """Its session has no seal, and names the source's subtitles `talk.pt.source.srt`."""
    speech = translate_to_files(engines, task, OPTIONS)
    text = speech.session.to_json()
    for kind in ("srt", "vtt"):
        text = text.replace(f"talk.en.{kind}", f"talk.pt.source.{kind}")
        (task.folder / f"talk.en.{kind}").rename(task.folder / f"talk.pt.source.{kind}")
    task.session.write_text(text, "utf-8")
    result = EarlierFiles(task).result(OPTIONS, NAMES)
    assert result is not None
    assert result.changed == []
    translate_to_files(engines, task, OTHER_VOICE)
    assert read_session(task.session).earlier_output.keys() == {
        "talk.pt.source.srt",
        "talk.pt.source.vtt",
    }


def test_a_missing_file_is_made_again(engines: Engines, task: FileTask) -> None:
    before = translate_to_files(engines, task, OPTIONS)
    task.subtitles("srt").unlink()
    assert EarlierFiles(task).result(OPTIONS, NAMES) is None
    after = translate_to_files(engines, task, OPTIONS)
    assert after.session.output == before.session.output


def test_the_speech_alone_may_be_deleted_and_a_changed_one_is_kept(
    engines: Engines, task: FileTask
) -> None:
    options = replace(OPTIONS, original="duck")
    translate_to_files(engines, task, options)
    whole = task.speech.read_bytes()
    task.speech.unlink()
    assert (found := EarlierFiles(task).result(options, engines.selection))
    assert found.changed == []
    task.speech.write_bytes(whole + b"mine")
    assert (found := EarlierFiles(task).result(options, engines.selection))
    assert found.changed == [task.speech.name]
    with pytest.raises(OutputError, match=r"speech\.flac is there already.*--overwrite"):
        translate_to_files(engines, task, replace(options, original="full"))
    assert task.speech.read_bytes() == whole + b"mine"


def test_results_in_two_formats_stay_replaceable(engines: Engines, task: FileTask) -> None:
    mp3 = FileTask(task.source, task.audio.with_suffix(".mp3"), "talk.pt", "pt")
    translate_to_files(engines, task, OPTIONS)
    translate_to_files(engines, mp3, OPTIONS)
    assert EarlierFiles(mp3).result(OPTIONS, NAMES) is not None
    translate_to_files(engines, task, OPTIONS)
    translate_to_files(engines, mp3, FileOptions(TranslationRequest("pt", "en"), subtitles=()))
    speech = translate_to_files(engines, task, OPTIONS)
    assert [path.name for path in task.folder.glob("*.new.*")] == []
    assert speech.session.earlier_output.keys() == {"talk.pt.mp3"}
    assert EarlierFiles(task).result(OPTIONS, NAMES) is not None


def test_two_languages_share_the_subtitles_of_the_source(engines: Engines, task: FileTask) -> None:
    german = FileTask(task.source, task.folder / "talk.de.wav", "talk.de", "de")
    translate_to_files(engines, task, OPTIONS)
    translate_to_files(engines, german, replace(OPTIONS, max_speed=1.2))
    for each, options in ((task, OPTIONS), (german, replace(OPTIONS, max_speed=1.2))):
        result = EarlierFiles(each).result(options, NAMES)
        assert result is not None
        assert result.changed == []
    assert {path.name for path in task.folder.glob("talk.en*")} == {"talk.en.srt", "talk.en.vtt"}


@posix_only
def test_a_result_that_was_moved_and_linked_is_still_done(
    engines: Engines, task: FileTask, tmp_path: Path
) -> None:
    translate_to_files(engines, task, OPTIONS)
    shutil.move(task.audio, tmp_path / "elsewhere.wav")
    task.audio.symlink_to(tmp_path / "elsewhere.wav")
    result = EarlierFiles(task).result(OPTIONS, NAMES)
    assert result is not None
    assert result.changed == []


@posix_only
def test_a_name_that_is_not_utf_8_is_only_a_name(engines: Engines, task: FileTask) -> None:
    source = task.source.with_name("palestra_\udce7\udce3o.wav")
    task.source.rename(source)
    odd = FileTask(source, task.folder / "palestra_\udce7\udce3o.pt.wav", source.stem + ".pt", "pt")
    translate_to_files(engines, odd, OPTIONS)
    assert read_session(odd.session).source.name == source.name
    result = EarlierFiles(odd).result(OPTIONS, NAMES)
    assert result is not None
    assert result.changed == []
