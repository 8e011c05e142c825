"""A corrected line of a video, or of a sound over the original: nothing else changes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile

from stslocal.audio.resample import resample
from stslocal.errors import OutputError, SettingsError
from stslocal.files.options import FileOptions
from stslocal.files.plan import FileTask, plan_files
from stslocal.files.project import Project, open_project
from stslocal.files.redo.redo import RedoResult
from stslocal.files.write import translate_to_files
from stslocal.loading.engines import Engines
from stslocal.loading.separators import LoadedSeparator
from stslocal.results.corrections import NOTHING, Correction
from stslocal.translation.request import TranslationRequest
from stslocal.types import RECOGNITION_RATE
from tests.audio.videos import RATE, Track, make_video, packets_of
from tests.fake_separator import FakeSeparator
from tests.fakes import Lexicon
from tests.redoing import correct, hashes, run, spoken_words

pytestmark = [pytest.mark.unit, pytest.mark.usefixtures("kept_levels")]

OPTIONS = FileOptions(TranslationRequest("pt", "en"), original="duck", subtitles=("srt", "ass"))
LINES = (
    (0.2, "good day to you."), (4.0, "it rains and rains."), (8.0, "we go home now."),
    (12.0, "the end of it."),
)  # fmt: skip
OTHERS = [(0.0, 3.9), (7.4, 13.0)]
"""Where another line than the second is spoken."""
BEYOND = [(0.0, 3.3), (7.9, 13.0)]
"""Where the original has the same level whether the second line is spoken or not."""
LONGER = Correction(translation="chove muito e sempre.")


def translated_sound(
    engines: Engines, folder: Path, lexicon: Lexicon, form: str, options: FileOptions = OPTIONS
) -> Project:
    source = folder / "talk.wav"
    soundfile.write(source, lexicon.script(*LINES), RECOGNITION_RATE, subtype="FLOAT")
    task = FileTask(source, folder / f"talk.pt.{form}", "talk.pt", "pt")
    translate_to_files(engines, task, options)
    return open_project(task.session)


@pytest.fixture
def project(engines: Engines, tmp_path: Path, lexicon: Lexicon) -> Project:
    """A sound with the original beneath the translation."""
    return translated_sound(engines, tmp_path, lexicon, "wav")


def filmed(
    engines: Engines,
    folder: Path,
    lexicon: Lexicon,
    options: FileOptions = OPTIONS,
    form: str = "mp4",
) -> Project:
    """A video with the original beneath the translation, and another track."""
    talk = resample(lexicon.script(*LINES), RECOGNITION_RATE, RATE)
    lossless = {"mp4": "flac", "mkv": "flac", "mov": "alac"}.get(form, "")
    tracks = [Track(talk, "eng", lossless), Track(0.1 * talk, "deu")]
    source = make_video(folder / f"talk.{form}", (0.2,), len(talk) / RATE, tracks)
    (task,) = plan_files([str(source)], target="pt", output=None, output_format="auto")
    translate_to_files(engines, task, replace(options, audio_track=1))
    return open_project(task.session)


def redone(project: Project, engines: Engines, corrections: dict[int, Correction]) -> RedoResult:
    wanted = correct(project, corrections)
    return run(wanted, engines, recording=wanted.recording(of_voice=False))


def contents(project: Project) -> dict[str, bytes]:
    """The files of the result, but for its session."""
    return {name: (project.folder / name).read_bytes() for name in project.session.output}


@pytest.mark.parametrize("form", ["mp4", "mov", "mkv"])
def test_a_line_of_a_video_is_spoken_and_all_else_is_as_it_was(
    engines: Engines, lexicon: Lexicon, tmp_path: Path, form: str
) -> None:
    project = filmed(engines, tmp_path, lexicon, form=form)
    recording, audio = tmp_path / f"talk.{form}", project.audio
    speech, before = hashes(project.task.speech, OTHERS), contents(project)
    result = redone(project, engines, {2: LONGER})
    assert (result.spoken, result.moved, result.warnings) == ([2], [], [])
    assert [path.name for path in result.files] == [
        f"talk.pt.{form}", "talk.pt.srt", "talk.pt.ass", "talk.pt.speech.flac",
        "talk.pt.session.json",
    ]  # fmt: skip
    assert hashes(project.task.speech, OTHERS) == speech
    assert spoken_words(project.task.speech, lexicon)[4:8] == LONGER.translation.split()  # type: ignore[union-attr]
    assert packets_of(audio, "video") == packets_of(recording, "video")
    for number in (0, 1):
        assert packets_of(audio, "audio", 1 + number) == packets_of(recording, "audio", number)
    assert any(b"chove muito e sempre." in one for one in packets_of(audio, "subtitle"))
    assert any(b"it rains and rains." in one for one in packets_of(audio, "subtitle", 1))
    after = open_project(project.path)
    assert all(after.state(name) == "whole" for name in after.session.output)
    redone(after, engines, {2: NOTHING})
    assert contents(open_project(project.path)) == before, "what is taken back is as it was"


def test_a_line_of_a_webm_is_spoken_and_all_else_is_as_it_was(
    engines: Engines, lexicon: Lexicon, tmp_path: Path
) -> None:
    project = filmed(engines, tmp_path, lexicon, form="webm")  # Opus leaves few words to the fakes
    recording, audio, lines = tmp_path / "talk.webm", project.audio, project.session.segments
    assert lines[-1].target is not None
    others = [(0.0, lines[-1].target.start_s - 0.1)]
    speech, before = hashes(project.task.speech, others), contents(project)
    assert redone(project, engines, {len(lines): LONGER}).spoken == [len(lines)]
    assert hashes(project.task.speech, others) == speech
    assert packets_of(audio, "video") == packets_of(recording, "video")
    assert packets_of(audio, "audio", 1) == packets_of(recording, "audio")
    assert any(b"chove muito e sempre." in one for one in packets_of(audio, "subtitle"))
    redone(open_project(project.path), engines, {len(lines): NOTHING})
    assert contents(open_project(project.path)) == before, "what is taken back is as it was"


def test_a_video_without_the_original_beneath(
    engines: Engines, lexicon: Lexicon, tmp_path: Path
) -> None:
    project = filmed(engines, tmp_path, lexicon, replace(OPTIONS, original="off", subtitles=()))
    before, others = contents(project), hashes(project.task.speech, OTHERS)
    assert redone(project, engines, {2: Correction(skip=True)}).left_out == [2]
    assert hashes(project.task.speech, OTHERS) == others
    assert packets_of(project.audio, "audio") != packets_of(project.audio, "audio", 1)
    redone(open_project(project.path), engines, {2: NOTHING})
    assert contents(open_project(project.path)) == before


def test_outside_of_the_line_a_mix_has_the_same_samples(
    project: Project, engines: Engines, lexicon: Lexicon
) -> None:
    before, beyond = contents(project), hashes(project.audio, BEYOND)
    result = redone(project, engines, {2: LONGER})
    assert result.spoken == [2]
    assert hashes(project.audio, BEYOND) == beyond
    assert project.audio.read_bytes() != before[project.audio.name]
    assert "chove muito e sempre." in project.task.subtitles("srt").read_text("utf-8")
    words = spoken_words(project.task.speech, lexicon)
    assert words[3:9] == ["pt:you.", *"chove muito e sempre.".split(), "pt:we"]
    redone(open_project(project.path), engines, {2: NOTHING})
    assert contents(open_project(project.path)) == before


def test_where_the_background_is_kept_it_still_is(
    engines: Engines, lexicon: Lexicon, tmp_path: Path
) -> None:
    engines.load_separator = lambda: LoadedSeparator(FakeSeparator())
    options = replace(OPTIONS, original="auto", background="keep")
    project = translated_sound(engines, tmp_path, lexicon, "flac", options)
    assert (project.original, project.speech.name) == ("out", "talk.pt.speech.flac")
    before, beyond = contents(project), hashes(project.audio, BEYOND)
    redone(project, engines, {2: LONGER})
    assert hashes(project.audio, BEYOND) == beyond
    redone(open_project(project.path), engines, {2: NOTHING})
    assert contents(open_project(project.path)) == before


def test_where_a_line_is_left_out_the_original_is_as_loud_as_it_was(
    project: Project, engines: Engines, lexicon: Lexicon
) -> None:
    beyond = hashes(project.audio, BEYOND)
    redone(project, engines, {2: Correction(skip=True)})
    assert hashes(project.audio, BEYOND) == beyond
    sound, rate = soundfile.read(project.audio)
    original, _ = soundfile.read(project.folder / "talk.wav")
    there, factor = slice(round(4.1 * rate), round(5.2 * rate)), rate // RECOGNITION_RATE
    assert np.abs(sound[there] - np.repeat(original, factor)[there]).mean() < 0.01
    assert "rains" not in project.task.subtitles("srt").read_text("utf-8")


def test_a_line_that_moves_takes_the_quiet_of_the_original_with_it(
    project: Project, engines: Engines, lexicon: Lexicon
) -> None:
    result = redone(project, engines, {4: Correction(start_s=13.5)})
    assert result.spoken == []
    assert dict(result.moved) == {4: pytest.approx(1.5, abs=0.002)}
    assert result.session.duration_s > 14.6, "it lasts longer than the recording"
    assert spoken_words(project.task.speech, lexicon)[-1] == "pt:it."


@pytest.mark.parametrize(("state", "said"), [("missing", "is not there"), ("changed", "changed")])
def test_without_the_speech_alone_no_line_is_replaced(
    project: Project, engines: Engines, state: str, said: str
) -> None:
    wanted = correct(project, {2: LONGER})
    if state == "missing":
        project.task.speech.unlink()
    else:
        project.task.speech.write_bytes(b"mine")
    command = "--to pt --source-srt .*/talk.en.srt --target-srt .*/talk.pt.srt --overwrite"
    with pytest.raises(SettingsError, match=rf"speech\.flac, which.*{said}.*{command}"):
        run(wanted, engines, recording=project.folder / "talk.wav")


def test_a_mix_that_a_person_changed_is_not_replaced(project: Project, engines: Engines) -> None:
    wanted = correct(project, {2: LONGER})
    project.audio.write_bytes(project.audio.read_bytes() + b"\0\0")
    before = contents(project)
    for overwrite in (False, True):
        with pytest.raises(OutputError, match=r"talk\.pt\.wav was changed since"):
            run(wanted, engines, recording=project.folder / "talk.wav", overwrite=overwrite)
    assert contents(project) == before


def test_a_video_that_was_deleted_is_made_again(
    engines: Engines, lexicon: Lexicon, tmp_path: Path
) -> None:
    project = filmed(engines, tmp_path, lexicon)
    before = contents(project)
    redone(project, engines, {2: LONGER})
    project.audio.unlink()
    redone(open_project(project.path), engines, {2: NOTHING})
    assert contents(open_project(project.path)) == before


def test_a_recording_that_is_gone_is_asked_for(project: Project) -> None:
    recording = project.folder / "talk.wav"
    recording.rename(project.folder / "other.wav")
    with pytest.raises(SettingsError, match=r"from which talk\.pt\.wav is made.*--recording$"):
        project.recording(of_voice=False)
    (project.folder / "talk.wav").write_bytes(b"another one")
    with pytest.raises(SettingsError, match=r"not beside .* as it was"):
        project.recording(of_voice=False)
    assert project.recording(project.folder / "other.wav", of_voice=False).name == "other.wav"


def test_a_recording_in_the_folder_above_is_found_from_within_the_folder_of_the_results(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    results = project.folder / "out"
    results.mkdir()
    moved = project.path.replace(results / project.path.name)
    monkeypatch.chdir(results)
    found = open_project(Path(moved.name)).recording(of_voice=False)
    assert found.samefile(project.folder / "talk.wav")


def test_both_languages_stay_in_the_subtitles(
    engines: Engines, lexicon: Lexicon, tmp_path: Path
) -> None:
    project = filmed(engines, tmp_path, lexicon, replace(OPTIONS, bilingual=True))
    redone(project, engines, {2: LONGER})
    said = project.task.subtitles("srt").read_text("utf-8")
    assert "chove muito e sempre.\nit rains and rains." in said
    track = b"".join(packets_of(project.audio, "subtitle"))
    assert b"chove muito e sempre." in track
    assert b"it rains and rains." in track
