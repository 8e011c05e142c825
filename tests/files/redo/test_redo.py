"""What a person corrected is done again, and nothing else: every other sample stays as it was."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile

from stslocal.errors import OutputError, SettingsError
from stslocal.files.earlier import EarlierFiles
from stslocal.files.options import FileOptions
from stslocal.files.placement import PAUSE_S
from stslocal.files.plan import FileTask
from stslocal.files.project import Project, open_project
from stslocal.files.redo.plan import plan_lines, read_numbers
from stslocal.files.redo.subtitles import take_subtitles
from stslocal.files.redo.voices import Voices
from stslocal.files.write import translate_to_files
from stslocal.loading.engines import Engines
from stslocal.results.corrections import NOTHING, Correction
from stslocal.results.session import read_session, sealed
from stslocal.translation.request import TranslationRequest
from stslocal.types import RECOGNITION_RATE
from tests.fake_engines import NAMES
from tests.fakes import FakeSynthesizer, FakeTranslator, Lexicon, translated
from tests.redoing import correct, hashes, parts_of, run, samples_of, spoken_words

pytestmark = [pytest.mark.unit, pytest.mark.usefixtures("kept_levels")]

OPTIONS = FileOptions(TranslationRequest("pt", "en"))
LINES = (
    (0.2, "good day to you."), (4.0, "it rains and rains."), (8.0, "we go home now."),
    (12.0, "the end of it."),
)  # fmt: skip


@pytest.fixture
def task(tmp_path: Path, lexicon: Lexicon) -> FileTask:
    source = tmp_path / "talk.wav"
    soundfile.write(source, lexicon.script(*LINES), RECOGNITION_RATE, subtype="FLOAT")
    return FileTask(source, tmp_path / "talk.pt.wav", "talk.pt", "pt")


@pytest.fixture
def project(engines: Engines, task: FileTask) -> Project:
    translate_to_files(engines, task, OPTIONS)
    return open_project(task.session)


ALL_BUT_THE_SECOND = [(0.0, 3.9), (7.4, 13.0)]


def test_a_corrected_translation_is_spoken_and_nothing_else_changes(
    project: Project, engines: Engines, lexicon: Lexicon
) -> None:
    audio, before_size = project.audio, project.audio.stat().st_size
    before = hashes(audio, ALL_BUT_THE_SECOND)
    source_srt = project.task.source_subtitles("srt", "en").read_bytes()
    project = correct(project, {2: Correction(translation="chove muito e sempre.")})
    engines.translators = {"words": FakeTranslator(fails_at=0)}  # it is not needed
    result = run(project, engines)
    assert (result.translated, result.spoken, result.moved) == ([], [2], [])
    assert hashes(audio, ALL_BUT_THE_SECOND) == before
    assert audio.stat().st_size == before_size
    assert spoken_words(audio, lexicon)[4:8] == ["chove", "muito", "e", "sempre."]
    assert "chove muito e sempre." in project.task.subtitles("srt").read_text("utf-8")
    assert project.task.source_subtitles("srt", "en").read_bytes() == source_srt
    after = open_project(project.path)
    second = after.session.segments[1]
    assert second.translation == "chove muito e sempre."
    assert second.made is not None
    assert second.made.translation == "pt:it pt:rains pt:and pt:rains."
    assert not second.is_changed
    assert all(after.state(name) == "whole" for name in after.session.output)
    row = json.loads(project.path.read_text("utf-8"))["segments"][1]
    assert row["correction"] == row["redone"] == {"translation": "chove muito e sempre."}
    assert "correction" not in json.loads(project.path.read_text("utf-8"))["segments"][0]


def test_a_corrected_text_is_translated_and_spoken(
    project: Project, engines: Engines, lexicon: Lexicon
) -> None:
    before = hashes(project.audio, ALL_BUT_THE_SECOND)
    result = run(correct(project, {2: Correction(text="it trains and trains.")}), engines)
    assert (result.translated, result.spoken) == ([2], [2])
    assert result.session.segments[1].translation == "pt:it pt:trains pt:and pt:trains."
    assert "it trains" in project.task.source_subtitles("vtt", "en").read_text("utf-8")
    assert hashes(project.audio, ALL_BUT_THE_SECOND) == before
    assert spoken_words(project.audio, lexicon)[5] == "pt:trains"


def test_what_is_taken_back_is_as_it_was_to_the_last_bit(
    project: Project, engines: Engines
) -> None:
    before = {p.name: p.read_bytes() for p in project.folder.iterdir() if p != project.path}
    for correction in (
        Correction(text="it trains.", translation="chove."),
        Correction(translation="chove."),
        Correction(skip=True),
        Correction(start_s=5.0, speed=1.4),
    ):
        result = run(correct(project, {2: correction}), engines)
        assert project.audio.read_bytes() != before[project.audio.name], correction
        result = run(correct(open_project(project.path), {2: NOTHING}), engines)
        after = {p.name: p.read_bytes() for p in project.folder.iterdir() if p != project.path}
        assert after == before, correction
        (segment,) = [s for s in result.session.segments if s.index == 1]
        assert (segment.made, segment.redone) == (None, NOTHING)
        project = open_project(project.path)
    assert [s.text for s in project.session.segments] == [text for _, text in LINES]


def test_a_longer_line_uses_the_pause_then_speed_then_moves_only_those_that_must(
    project: Project, engines: Engines
) -> None:
    before, rate = samples_of(project.audio)
    short = " ".join(["palavra"] * 11) + "."  # 3.6 s of the 3.88 s before the next one
    result = run(correct(project, {2: Correction(translation=short)}), engines)
    assert (result.moved, result.session.segments[1].speed) == ([], 1.0)
    result = run(correct(open_project(project.path), {2: Correction(
        translation=" ".join(["palavra"] * 14) + ".")}), engines)  # fmt: skip
    assert result.moved == []
    assert 1.0 < result.session.segments[1].speed <= 1.2
    long = " ".join(["palavra"] * 20) + "."  # 6.3 s
    result = run(correct(open_project(project.path), {2: Correction(translation=long)}), engines)
    assert [number for number, _ in result.moved] == [2, 3], "line 2 starts early, line 3 later"
    assert -0.5 <= result.moved[0][1] < 0 < result.moved[1][1]
    at = {n: s.target for n, s in enumerate(result.session.segments, 1)}
    assert at[2] is not None and at[3] is not None and at[4] is not None  # noqa: PT018
    assert at[3].start_s >= at[2].end_s + PAUSE_S - 0.002
    after, _ = samples_of(project.audio)
    tail = round(11.9 * rate)
    assert np.array_equal(after[tail:], before[tail:]), "line 4 did not move"
    third = before[round(7.99 * rate) : round(9.3 * rate)]
    shift = round(after.size and (at[3].start_s - 8.0) * rate)
    found = after[round(7.99 * rate) + shift : round(9.3 * rate) + shift]
    assert np.array_equal(third, found), "line 3 has the same samples, later"


def test_a_line_that_only_moves_needs_no_engine(project: Project, engines: Engines) -> None:
    before, rate = samples_of(project.audio)
    engines.synthesizer = FakeSynthesizer(fails_at=0)
    result = run(correct(project, {2: Correction(start_s=4.5)}), engines)
    assert result.spoken == []
    assert dict(result.moved) == {2: pytest.approx(0.5, abs=0.002)}
    after, _ = samples_of(project.audio)
    size = round(1.2 * rate)
    first = np.flatnonzero(before[round(3.5 * rate) :])[0] + round(3.5 * rate)
    there = np.flatnonzero(after[round(3.5 * rate) :])[0] + round(3.5 * rate)
    assert np.array_equal(before[first : first + size], after[there : there + size])
    assert len(after) == len(before)


def test_a_line_that_is_left_out_is_silent_and_has_no_subtitle(
    project: Project, engines: Engines, lexicon: Lexicon
) -> None:
    before = hashes(project.audio, ALL_BUT_THE_SECOND)
    result = run(correct(project, {2: Correction(skip=True)}), engines)
    assert result.left_out == [2]
    assert hashes(project.audio, ALL_BUT_THE_SECOND) == before
    samples, rate = samples_of(project.audio)
    assert not samples[round(3.9 * rate) : round(7.4 * rate)].any()
    assert "rains" not in project.task.subtitles("srt").read_text("utf-8")
    assert "rains" not in project.task.source_subtitles("srt", "en").read_text("utf-8")
    assert [plan.number for plan in plan_lines(result.session, [1, 2])] == [1], "2 stays left out"
    again = run(correct(open_project(project.path), {2: NOTHING}), engines)
    assert again.spoken == [2]
    assert "pt:rains" in spoken_words(project.audio, lexicon)


def test_voice_and_speed_of_a_line(project: Project, engines: Engines) -> None:
    wanted = {1: Correction(voice="pt_bass"), 3: Correction(speed=1.5), 4: Correction(end_s=12.9)}
    result = run(correct(project, wanted), engines)
    first, _, third, fourth = result.session.segments
    assert first.voice == "pt_bass"
    assert third.speed == 1.5
    assert third.target is not None
    assert third.target.end_s - third.target.start_s < 0.9
    assert fourth.target is not None
    assert fourth.target.end_s == pytest.approx(12.9, abs=0.06)


def test_only_the_named_lines_are_done(project: Project, engines: Engines) -> None:
    wanted = {1: Correction(translation="um."), 2: Correction(translation="dois.")}
    result = run(correct(project, wanted), engines, [2])
    assert result.spoken == [2]
    assert [one.is_changed for one in result.session.segments] == [True, False, False, False]
    assert run(open_project(project.path), engines).spoken == [1]
    assert plan_lines(open_project(project.path).session, None) == []
    assert run(open_project(project.path), engines, [3]).spoken == [3], "it is said once more"


def test_a_number_that_no_line_has(project: Project) -> None:
    for numbers in ([0], [5], [2, 99]):
        with pytest.raises(SettingsError, match=r"the session has no line .*1 to 4"):
            plan_lines(project.session, numbers)
    assert read_numbers("3,7-9") == [3, 7, 8, 9]
    for text in ("", "a", "0", "9-7", "-1", "1,,2", "1-999999999"):
        with pytest.raises(SettingsError, match="--line is"):
            read_numbers(text)


def test_subtitles_that_a_person_corrected_are_taken_when_they_are_named(
    project: Project, engines: Engines, lexicon: Lexicon
) -> None:
    srt = project.task.subtitles("srt")
    srt.write_text(srt.read_text("utf-8").replace("pt:rains pt:and", "chove e"), "utf-8")
    plain = correct(project, {1: Correction(translation="bom dia.")})
    with pytest.raises(OutputError, match=r"--target-srt talk\.pt\.srt.*--overwrite"):
        run(plain, engines)
    project = plain.with_session(take_subtitles(plain, srt, of_source=False))
    assert project.session.segments[1].correction == Correction(
        translation="pt:it chove e pt:rains."
    )
    result = run(project, engines, taken=[srt])
    assert result.spoken == [1, 2]
    assert "chove" in spoken_words(project.audio, lexicon)
    assert "chove e" in project.task.subtitles("vtt").read_text("utf-8")
    assert open_project(project.path).state(srt.name) == "whole"


def test_source_subtitles_are_taken(project: Project, engines: Engines) -> None:
    path = project.folder / "mine.srt"
    text = project.task.source_subtitles("srt", "en").read_text("utf-8")
    path.write_text("\ufeff" + text.replace("we go home now.", "<i>we stay\nhome</i> now.").replace(
        "\n", "\r\n"), "utf-8")  # fmt: skip
    session = take_subtitles(project, path, of_source=True)
    assert [s.correction for s in session.segments] == [
        NOTHING, NOTHING, Correction(text="we stay home now."), NOTHING,
    ]  # fmt: skip
    result = run(project.with_session(session), engines)
    assert result.translated == [3]
    assert path.exists()


def test_subtitles_that_do_not_fit(project: Project) -> None:
    path = project.folder / "mine.srt"
    cue = "1\n00:00:04,000 --> 00:00:05,000\nchove.\n\n"
    for text, fault in (
        ("", "no subtitle"),
        (cue.replace("00:00:04,000", "-00:00:04,000"), "are no times"),
        (cue.replace("05,000", "03,000"), "ends before it starts"),
        (cue, "no words for line 1"),
    ):
        path.write_text(text, "utf-8")
        with pytest.raises(SettingsError, match=f"mine.srt.*{fault}"):
            take_subtitles(project, path, of_source=False)
    far = "1\n00:10:04,000 --> 00:10:05,000\nchove.\n\n"
    path.write_text(project.task.subtitles("srt").read_text("utf-8") + far, "utf-8")
    with pytest.raises(SettingsError, match=r"at 10:04\.000.*is at no sentence"):
        take_subtitles(project, path, of_source=False)
    path.write_bytes(b"1\n00:00:04,000 --> 00:00:05,000\nchov\xe9.\n\n")
    with pytest.raises(SettingsError, match="UTF-8"):
        take_subtitles(project, path, of_source=False)
    with pytest.raises(SettingsError, match="does not exist"):
        take_subtitles(project, project.folder / "none.srt", of_source=False)


def test_what_is_no_session_of_a_recording_is_refused(project: Project) -> None:
    with pytest.raises(SettingsError, match="does not exist"):
        open_project(project.folder / "none.session.json")
    with pytest.raises(SettingsError, match=r"its session is .*talk\.pt\.session\.json"):
        open_project(project.audio)
    with pytest.raises(SettingsError, match=r"its session is .*talk\.pt\.session\.json"):
        open_project(project.folder / "talk.wav")
    edited = project.data.replace(b"pt:good", b"pt:bom")
    project.path.write_bytes(edited)
    with pytest.raises(SettingsError, match=r"was changed since stslocal wrote it.*stslocal edit"):
        open_project(project.path)
    project.path.write_text(project.session.to_json(), "utf-8")
    with pytest.raises(SettingsError, match="of a live session"):
        open_project(project.path)


def test_another_recording_is_not_taken_for_the_session_s(
    project: Project, engines: Engines
) -> None:
    source = project.folder / project.session.source.name
    other = project.folder / "other.wav"
    source.rename(other)
    source.write_bytes(b"another one")
    wanted = correct(project, {2: Correction(translation="chove.")})
    with pytest.raises(SettingsError, match="name it with --recording, or a voice with --voice"):
        run(wanted, engines)
    with pytest.raises(SettingsError, match="is not the recording of"):
        wanted.recording(source)
    assert wanted.recording(other) == other
    named = correct(wanted, {2: Correction(translation="chove.", voice="pt_alto")})
    assert run(named, engines).spoken == [2], "a voice that has a name needs no recording"


@pytest.mark.parametrize("change", ["missing", "changed"])
def test_a_sound_file_that_is_not_as_it_was_is_not_patched(
    project: Project, engines: Engines, change: str
) -> None:
    wanted = correct(project, {2: Correction(translation="chove.")})
    if change == "missing":
        project.audio.unlink()
    else:
        project.audio.write_bytes(project.audio.read_bytes() + b"\0\0")
    before = {path.name: path.read_bytes() for path in project.folder.iterdir()}
    with pytest.raises(OutputError, match=r"talk\.pt\.wav (is not there|was changed)"):
        run(wanted, engines)
    assert {path.name: path.read_bytes() for path in project.folder.iterdir()} == before


def test_a_subtitle_file_that_was_deleted_is_written_again(
    project: Project, engines: Engines
) -> None:
    project.task.source_subtitles("vtt", "en").unlink()
    run(correct(project, {2: Correction(translation="chove.")}), engines)
    assert project.task.source_subtitles("vtt", "en").exists()


def test_an_engine_that_fails_leaves_everything_as_it_was(
    project: Project, engines: Engines
) -> None:
    wanted = correct(project, {2: Correction(translation="chove."), 3: Correction(text="we go.")})
    before = {path.name: path.read_bytes() for path in project.folder.iterdir()}
    engines.synthesizer = FakeSynthesizer(fails_at=1)
    with pytest.raises(Exception, match="the fake engine failed"):
        run(wanted, engines)
    assert {path.name: path.read_bytes() for path in project.folder.iterdir()} == before


def test_a_session_that_was_changed_meanwhile_stays(project: Project, engines: Engines) -> None:
    wanted = correct(project, {2: Correction(translation="chove.")})
    other = correct(wanted, {1: Correction(translation="bom dia.")})
    with pytest.raises(OutputError, match="was changed meanwhile"):
        run(wanted, engines)
    assert open_project(project.path).session == other.session
    with pytest.raises(OutputError, match="was changed meanwhile"):
        wanted.with_session(project.session)


def test_a_rerun_of_translate_keeps_corrections(
    project: Project, engines: Engines, task: FileTask
) -> None:
    wanted = correct(project, {2: Correction(translation="chove.")})
    other_voice = FileOptions(TranslationRequest("pt", "en", voice="pt_bass"))
    for state in (wanted, None):
        if state is None:
            run(wanted, engines)
        assert EarlierFiles(task).result(OPTIONS, NAMES) is not None
        before = task.session.read_bytes()
        with pytest.raises(OutputError, match=r"session\.json holds your corrections.*--overwrite"):
            translate_to_files(engines, task, other_voice)
        assert task.session.read_bytes() == before


def test_the_voice_of_the_session_is_made_again_from_the_same_sound(
    project: Project, engines: Engines
) -> None:
    parts = parts_of(engines)
    voices = Voices(project.session, parts, project.recording)
    voice = voices.voice_of(project.session.segments[0])
    assert dict(voice.provenance) == dict(project.session.voice.provenance)
    assert voices.warnings == []
    other = replace(
        project.session, voice=replace(project.session.voice, provenance={"styles": "another"})
    )
    voices = Voices(other, parts, project.recording)
    voices.voice_of(project.session.segments[0])
    assert "the voice is not the same as before" in voices.warnings[0]


def test_a_corrected_text_in_a_pair_that_whisper_translates_needs_a_translation(
    engines: Engines, task: FileTask
) -> None:
    task = replace(task, audio=task.folder / "talk.en.wav", stem="talk.en", target="en")
    translate_to_files(engines, task, FileOptions(TranslationRequest("en", "de")))
    project = correct(open_project(task.session), {2: Correction(text="es regnet.")})
    with pytest.raises(SettingsError, match=r"line 2 was translated by Whisper.*--mt"):
        run(project, engines)
    both = correct(project, {2: Correction(text="es regnet.", translation="it rains.")})
    assert run(both, engines).spoken == [2]


def test_lossless_formats_keep_every_other_sample(engines: Engines, task: FileTask) -> None:
    task = replace(task, audio=task.audio.with_suffix(".flac"))
    translate_to_files(engines, task, OPTIONS)
    project = open_project(task.session)
    before = hashes(project.audio, ALL_BUT_THE_SECOND)
    result = run(correct(project, {2: Correction(translation="chove.")}), engines)
    assert hashes(project.audio, ALL_BUT_THE_SECOND) == before
    assert result.warnings == []


def test_lossy_formats_say_what_they_cost(engines: Engines, task: FileTask) -> None:
    task = replace(task, audio=task.audio.with_suffix(".mp3"))
    translate_to_files(engines, task, OPTIONS)
    result = run(correct(open_project(task.session), {2: Correction(skip=True)}), engines)
    assert "mp3 was decoded and encoded once more" in result.warnings[0]
    samples, rate = soundfile.read(task.audio)
    assert np.abs(samples[round(4.3 * rate) : round(7 * rate)]).max() < 0.01


def test_sentences_that_are_missing_are_counted_again(
    engines: Engines, lexicon: Lexicon, task: FileTask
) -> None:
    class Empty(FakeTranslator):
        def translate(
            self, texts: Sequence[str], *, source: str, target: str, quick: bool = False
        ) -> list[str]:
            return ["" if "rains" in text else translated(text, target) for text in texts]

    engines.translators = {"words": Empty()}
    translate_to_files(engines, task, OPTIONS)
    project = open_project(task.session)
    assert "no translation" in project.session.warnings[0]
    result = run(correct(project, {2: Correction(translation="chove.")}), engines)
    assert (list(result.session.warnings), list(result.session.dropped)) == ([], [])
    assert result.session.segments[1].target is not None


def test_the_session_is_read_as_it_was_written(project: Project, engines: Engines) -> None:
    every = Correction("a b.", "c d.", 0.25, 1.5, "pt_alto", 1.25)
    wanted = {1: every, 2: Correction(skip=True)}
    run(correct(project, wanted), engines)
    session = read_session(project.path)
    assert session.segments[0].correction == session.segments[0].redone == wanted[1]
    assert sealed(session) == project.path.read_bytes()


def test_speech_that_was_doubtful_is_not_said_to_be_when_it_is_spoken_again(
    engines: Engines, task: FileTask
) -> None:
    class First(FakeTranslator):
        def translate(
            self, texts: Sequence[str], *, source: str, target: str, quick: bool = False
        ) -> list[str]:
            return [f"pt:{text}" for text in texts]  # the first word alone

    engines.translators = {"words": First()}
    translate_to_files(engines, task, OPTIONS)
    project = open_project(task.session)
    assert "4 sentences are doubtful" in project.session.warnings[0]
    result = run(correct(project, {2: Correction(translation="chove.")}), engines)
    (warning,) = result.session.warnings
    assert "3 sentences are doubtful" in warning
    assert "0:04" not in warning
