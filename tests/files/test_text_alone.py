"""A translation that is text alone: subtitles, session and report, and no speech, on fakes."""

from __future__ import annotations

import io
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import av
import pytest
import soundfile

from stslocal.audio.new_tracks import DEFAULT
from stslocal.audio.resample import resample
from stslocal.errors import SettingsError
from stslocal.files.correcting import correct_lines
from stslocal.files.earlier import EarlierFiles
from stslocal.files.in_memory import translate_in_memory
from stslocal.files.journal import journal_path
from stslocal.files.options import FileOptions
from stslocal.files.plan import FileTask, plan_files
from stslocal.files.project import open_project
from stslocal.files.redo.plan import plan_lines
from stslocal.files.speak import PlacedSegment
from stslocal.files.translation import FileTranslation
from stslocal.files.write import translate_to_files, translate_to_stream
from stslocal.loading.engines import Engines
from stslocal.results.corrections import Correction
from stslocal.settings import Settings
from stslocal.types import RECOGNITION_RATE
from tests.audio.videos import RATE, Track, make_video
from tests.fake_engines import fake_engines, text_alone
from tests.fakes import FakeTranslator, Lexicon
from tests.redoing import correct, run

pytestmark = pytest.mark.unit

SETTINGS = Settings(target="pt", source="en", tts="none")
OPTIONS = FileOptions.from_settings(SETTINGS)
SCRIPT = ((0.2, "good day to you."), (4.0, "it rains and rains."), (8.0, "we go home now."))
MODELS = dict.fromkeys(("fake-recognizer", "words", "fake-synthesizer"), ())


class Ended(BaseException):
    """As Ctrl-C: no Exception."""


@pytest.fixture
def engines(lexicon: Lexicon) -> Engines:
    return text_alone(lexicon, models=MODELS)


@pytest.fixture
def source(tmp_path: Path, lexicon: Lexicon) -> Path:
    path = tmp_path / "talk.wav"
    soundfile.write(path, lexicon.script(*SCRIPT), RECOGNITION_RATE, subtype="FLOAT")
    return path


@pytest.fixture
def film(tmp_path: Path, lexicon: Lexicon) -> Path:
    samples = resample(lexicon.script(*SCRIPT), RECOGNITION_RATE, RATE)
    tracks = [
        Track(samples, language="eng", disposition=DEFAULT),
        Track(samples[::-1], language="fra", disposition=0),
    ]
    return make_video(tmp_path / "film.mp4", (0.2,), len(samples) / RATE, tracks)


def planned(source: Path, output: Path | None = None, form: str = "auto") -> FileTask:
    (task,) = plan_files(
        [str(source)], target="pt", output=output, output_format=form, is_spoken=False
    )
    return task


def streams(path: Path) -> list[tuple[str, str, bool]]:
    with closing(av.open(path)) as container:
        return [
            (one.type, one.metadata.get("language", ""), bool(int(one.disposition) & DEFAULT))
            for one in container.streams
        ]


def test_it_has_the_texts_of_a_translation_with_speech_at_the_times_of_the_source(
    engines: Engines, source: Path, lexicon: Lexicon, tmp_path: Path
) -> None:
    done = translate_to_files(engines, planned(source), OPTIONS)
    assert done.audio is None
    assert [path.name for path in done.files] == [
        "talk.en.srt", "talk.pt.srt", "talk.en.vtt", "talk.pt.vtt", "talk.pt.session.json",
    ]  # fmt: skip
    assert sorted(tmp_path.iterdir()) == sorted([source, *done.files])
    spoken = translate_to_files(
        fake_engines(lexicon, models=MODELS),
        FileTask(source, tmp_path / "spoken" / "talk.pt.wav", "talk.pt", "pt"),
        replace(FileOptions.from_settings(replace(SETTINGS, tts="auto")), subtitle_times="source"),
    )
    for name in ("talk.en.srt", "talk.pt.srt"):
        assert (tmp_path / name).read_text() == (tmp_path / "spoken" / name).read_text()
    session = done.session
    assert [row.translation for row in session.segments] == [
        row.translation for row in spoken.session.segments
    ]
    assert all(row.target is None and not row.voice for row in session.segments)
    assert (session.settings["tts"], session.settings["format"]) == ("none", "none")
    assert (session.sample_rate, session.duration_s, session.is_spoken) == (0, 0.0, False)
    assert not [model for model in session.models if model.role == "synthesizer"]


def test_the_same_again_is_done_already_and_speech_is_something_else(
    engines: Engines, source: Path
) -> None:
    task = planned(source)
    translate_to_files(engines, task, OPTIONS)
    earlier = EarlierFiles(task)
    assert earlier.result(OPTIONS, engines.selection) is not None
    faster = FileOptions.from_settings(replace(SETTINGS, speed_cap=1.1, check="all"))
    assert earlier.result(faster, engines.selection) is not None, "those are options of speech"
    with_speech = FileTask(task.source, task.audio, task.stem, "pt")
    spoken = fake_engines(Lexicon()).selection
    assert EarlierFiles(with_speech).result(OPTIONS, spoken) is None


def test_a_video_has_its_own_sound_as_it_is_and_the_subtitles(engines: Engines, film: Path) -> None:
    task = planned(film)
    done = translate_to_files(engines, task, OPTIONS)
    assert done.audio == film.with_name("film.pt.mp4")
    assert film.with_name("film.pt.speech.flac") not in done.files
    assert streams(done.audio)[:3] == [
        ("video", "und", True), ("audio", "eng", True), ("audio", "fra", False),
    ]  # fmt: skip
    assert [row[:2] for row in streams(done.audio)[3:]] == [
        ("subtitle", "por"),
        ("subtitle", "eng"),
    ]
    assert EarlierFiles(task).result(OPTIONS.in_format("mp4"), engines.selection) is not None
    alone = translate_to_files(engines, planned(film, film.parent / "alone", "wav"), OPTIONS)
    assert alone.audio is None, "a format of sound writes no video"
    assert (film.parent / "alone" / "film.pt.srt").is_file()


def test_a_file_of_sound_cannot_be_named(source: Path) -> None:
    with pytest.raises(SettingsError, match=r"said\.mp3 would have no sound, .* a folder with -o"):
        planned(source, source.with_name("said.mp3"))


def test_a_report_shows_the_original_and_the_texts(engines: Engines, source: Path) -> None:
    task = planned(source)
    translate_to_files(engines, task, replace(OPTIONS, report=True))
    page = task.report.read_text()
    assert "pt:rains" in page
    points = page.partition('class="source" points="')[2].partition('"')[0].split()
    assert len({point.partition(",")[2] for point in points}) > 2, "the original is drawn"


def test_an_ended_run_goes_on(engines: Engines, source: Path) -> None:
    task, seen = planned(source), []

    def show(placed: PlacedSegment) -> None:
        seen.append(placed)
        if len(seen) == 2:
            raise Ended

    with pytest.raises(Ended):
        translate_to_files(engines, task, OPTIONS, on_segment=show)
    assert journal_path(task).is_file()
    kept: list[int] = []
    again = text_alone(Lexicon(), models=MODELS)
    lexicon_engines = replace(again, recognizer=engines.recognizer)
    done = translate_to_files(lexicon_engines, task, OPTIONS, on_resumed=kept.append)
    translator = again.translators["words"]
    assert isinstance(translator, FakeTranslator)
    assert kept[0] >= 2
    assert translator.calls <= len(SCRIPT) - 2
    assert len(done.session.segments) == len(SCRIPT)
    assert not journal_path(task).exists()


def test_a_corrected_text_is_written_again(engines: Engines, source: Path) -> None:
    task = planned(source)
    translate_to_files(engines, task, OPTIONS)
    wanted = {1: Correction(text="good night to you."), 2: Correction(translation="Chove.")}
    project = correct(open_project(task.session), wanted)
    assert not [plan for plan in plan_lines(project.session, None) if plan.is_spoken]
    done = run(project, engines)
    assert (done.audio, list(done.translated), list(done.spoken)) == (None, [1], [])
    assert list(done.written) == [1, 2]
    said, text = (task.folder / name for name in ("talk.en.srt", "talk.pt.srt"))
    assert "good night to you." in said.read_text()
    assert "pt:good pt:night" in text.read_text()
    assert "Chove." in text.read_text()
    assert "pt:we pt:go pt:home" in text.read_text()
    assert open_project(task.session).session.segments[1].translation == "Chove."
    assert not (task.folder / "talk.pt.wav").exists()


def test_a_corrected_video_keeps_its_sound(engines: Engines, film: Path) -> None:
    task = planned(film)
    translate_to_files(engines, task, OPTIONS)
    project = correct(open_project(task.session), {2: Correction(translation="Chove.")})
    done = run(project, engines, recording=film)
    assert done.audio == task.audio
    assert [row[0] for row in streams(task.audio)] == [
        "video", "audio", "audio", "subtitle", "subtitle",
    ]  # fmt: skip
    with closing(av.open(task.audio)) as container:
        texts = b"".join(bytes(packet) for packet in container.demux(container.streams[3]))
    assert b"Chove." in texts


@pytest.mark.parametrize(
    "correction", [{"voice": "pm_alex"}, {"speed": 1.2}, {"start_s": 1.0}, {"end_s": 3.0}]
)
def test_what_belongs_to_speech_cannot_be_corrected(
    correction: dict[str, object], engines: Engines, source: Path
) -> None:
    task = planned(source)
    translate_to_files(engines, task, OPTIONS)
    before = task.session.read_bytes()
    with pytest.raises(SettingsError, match=r"line 1: its \w+ cannot be changed, .* text alone"):
        correct_lines(task.session, {1: correction})
    assert task.session.read_bytes() == before


def test_in_memory_there_are_segments_and_no_samples(engines: Engines, source: Path) -> None:
    done = translate_in_memory(FileTranslation(engines, source, OPTIONS))
    assert len(done.samples) == 0
    assert done.translation.splitlines()[1] == "pt:it pt:rains pt:and pt:rains."
    assert [round(one.start_s) for one in done.segments] == [0, 4, 8]


def test_a_stream_takes_no_text(engines: Engines, source: Path) -> None:
    sink = io.BytesIO()
    with source.open("rb") as stream, pytest.raises(SettingsError, match="write files instead"):
        translate_to_stream(engines, stream, sink, OPTIONS)
    assert sink.getvalue() == b""


def test_silence_gives_an_empty_translation(engines: Engines, tmp_path: Path) -> None:
    path = tmp_path / "quiet.wav"
    soundfile.write(path, [0.0] * RECOGNITION_RATE, RECOGNITION_RATE)
    done = translate_to_files(engines, planned(path), OPTIONS)
    assert done.session.warnings == ["nobody speaks in this recording: its translation is empty"]
