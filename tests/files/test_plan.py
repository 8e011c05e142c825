from __future__ import annotations

import os
from pathlib import Path

import pytest

from stslocal.errors import AudioDecodeError, OutputError, SettingsError
from stslocal.files.plan import plan_files

pytestmark = pytest.mark.unit


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("a.mp3", "b.wav", "notes.txt", "deep/c.MKV", "deep/a.mp3"):
        path = tmp_path / "in" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")
    return tmp_path / "in"


def audio_files(inputs: list[str], output: Path | None = None) -> list[Path]:
    tasks = plan_files(inputs, target="pt", output=output, output_format="wav")
    return [task.audio for task in tasks]


def test_a_result_goes_beside_its_recording(folder: Path) -> None:
    (task,) = plan_files([str(folder / "a.mp3")], target="pt", output=None, output_format="mp3")
    assert task.audio == folder / "a.pt.mp3"
    assert task.session == folder / "a.pt.session.json"
    assert task.subtitles("srt") == folder / "a.pt.srt"
    assert task.source_subtitles("vtt", "en") == folder / "a.en.vtt"


def test_a_folder_is_searched_recursively_and_its_subfolders_are_kept(
    folder: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    assert audio_files([str(folder)], out) == [
        out / "a.pt.wav",
        out / "b.pt.wav",
        out / "deep" / "a.pt.wav",
        out / "deep" / "c.pt.wav",
    ]


def test_globs_are_expanded(folder: Path) -> None:
    assert audio_files([str(folder / "*.mp3")]) == [folder / "a.pt.wav"]
    assert audio_files([str(folder / "**" / "*.mp3")]) == [
        folder / "a.pt.wav",
        folder / "deep" / "a.pt.wav",
    ]


def test_an_existing_name_with_brackets_is_not_a_glob(folder: Path) -> None:
    odd = folder / "a [live].mp3"
    odd.write_bytes(b"x")
    assert audio_files([str(odd)]) == [folder / "a [live].pt.wav"]


def test_a_recording_named_twice_is_translated_once(folder: Path) -> None:
    assert len(audio_files([str(folder / "a.mp3"), str(folder)])) == 4


def test_equal_stems_keep_their_suffixes(folder: Path) -> None:
    (folder / "a.wav").write_bytes(b"x")
    assert audio_files([str(folder / "a.mp3"), str(folder / "a.wav")]) == [
        folder / "a.mp3.pt.wav",
        folder / "a.wav.pt.wav",
    ]


def test_results_of_earlier_runs_are_not_recordings(folder: Path) -> None:
    (folder / "a.pt.wav").write_bytes(b"x")
    (folder / "a.pt.speech.flac").write_bytes(b"x")
    assert folder / "a.pt.speech.pt.wav" not in audio_files([str(folder)])
    (folder / "a.pt.session.json").write_text("{}")
    assert folder / "a.pt.pt.wav" not in audio_files([str(folder)])
    assert folder / "a.pt.speech.pt.wav" not in audio_files([str(folder)])
    assert folder / "a.pt.pt.wav" not in audio_files([str(folder / "*.wav")])


def test_a_file_name_may_be_given_for_one_recording(folder: Path, tmp_path: Path) -> None:
    assert audio_files([str(folder / "a.mp3")], tmp_path / "x.wav") == [tmp_path / "x.wav"]
    with pytest.raises(SettingsError, match=r"x\.wav is one file, but there are 4 recordings"):
        audio_files([str(folder)], tmp_path / "x.wav")


def test_a_missing_recording_becomes_a_task(folder: Path) -> None:
    missing = folder / "missing.mp3"
    assert len(audio_files([str(missing), str(folder / "b.wav")])) == 2


def test_inputs_without_a_recording_are_refused(folder: Path) -> None:
    (folder / "empty").mkdir()
    with pytest.raises(AudioDecodeError, match="no recording in the folder"):
        audio_files([str(folder / "empty")])
    with pytest.raises(AudioDecodeError, match="nothing matches"):
        audio_files([str(folder / "*.ogg")])


def test_a_recording_is_never_replaced_by_its_translation(folder: Path) -> None:
    with pytest.raises(OutputError, match="would be replaced"):
        audio_files([str(folder / "b.wav")], folder / "b.wav")
    (folder / "b.pt.wav").write_bytes(b"x")
    with pytest.raises(OutputError, match="would be replaced"):
        audio_files([str(folder / "b.wav"), str(folder / "b.pt.wav")])


def test_two_recordings_never_share_a_result(tmp_path: Path) -> None:
    for place in ("one", "two"):
        (tmp_path / place).mkdir()
        (tmp_path / place / "a.mp3").write_bytes(b"x")
    inputs = [str(tmp_path / "one" / "a.mp3"), str(tmp_path / "two" / "a.mp3")]
    assert len(audio_files(inputs)) == 2
    # In one output folder their stems collide and so do their full names.
    with pytest.raises(SettingsError, match="two recordings would both be written to"):
        audio_files(inputs, tmp_path / "out")


def test_one_recording_spelled_in_several_ways_is_translated_once(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder.parent)
    spellings = ["in/a.mp3", "in/./a.mp3", "in/../in/a.mp3", str(folder / "a.mp3"), "in//*.mp3"]
    assert audio_files(spellings) == [Path("in/a.pt.wav")]


@pytest.mark.skipif(os.name != "posix", reason="links need rights on Windows")
def test_a_folder_that_is_reached_through_a_link_holds_the_same_recordings(folder: Path) -> None:
    (folder.parent / "link").symlink_to(folder)
    inputs = [str(folder / "a.mp3"), str(folder.parent / "link" / "a.mp3")]
    assert audio_files(inputs) == [folder / "a.pt.wav"]


def test_a_result_without_a_session_is_not_a_recording(folder: Path) -> None:
    """As a run left it that was cut off; a recording whose name ends so is taken when named."""
    for name in ("a.pt.wav", "b.zh-Hant.mp3", "a.mp3.de.flac", "a.take2.wav", "c.pt.wav"):
        (folder / name).write_bytes(b"x")
    taken = {path.name for path in audio_files([str(folder / "*.*")])}
    assert taken == {"a.pt.wav", "b.pt.wav", "a.take2.pt.wav", "c.pt.pt.wav", "notes.pt.wav"}
    assert audio_files([str(folder / "a.pt.wav")]) == [folder / "a.pt.pt.wav"]


@pytest.mark.parametrize("suffix", ["mp3", "flac", "ogg", "m4a", "MP3"])
def test_the_suffix_of_the_file_name_chooses_the_format(folder: Path, suffix: str) -> None:
    said = folder / f"said.{suffix}"
    (task,) = plan_files([str(folder / "a.mp3")], target="pt", output=said, output_format="wav")
    assert (task.audio, task.output_format) == (said, suffix.lower())
    assert task.subtitles("srt") == folder / "said.srt"
    assert task.source_subtitles("srt", "en") == folder / "said.en.srt"


def test_a_folder_may_be_called_like_a_file(folder: Path) -> None:
    (folder / "said.mp3").mkdir()
    assert audio_files([str(folder / "b.wav")], folder / "said.mp3") == [
        folder / "said.mp3" / "b.pt.wav"
    ]


@pytest.mark.parametrize("name", ["said.opus", "said.aac", "said.avi"])
def test_a_file_name_of_a_format_that_is_not_written_is_refused(folder: Path, name: str) -> None:
    with pytest.raises(SettingsError, match=rf"{name} cannot be written.*\.mp3"):
        audio_files([str(folder / "b.wav")], folder / name)


def test_names_that_differ_in_capital_letters_only_keep_their_suffixes(folder: Path) -> None:
    """On many disks of macOS and Windows they would be one result."""
    (folder / "B.flac").write_bytes(b"x")
    assert audio_files([str(folder / "b.wav"), str(folder / "B.flac")]) == [
        folder / "b.wav.pt.wav",
        folder / "B.flac.pt.wav",
    ]
