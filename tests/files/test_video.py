"""A video goes in and a translated video comes out, on fake engines."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import av
import numpy as np
import pytest

from stslocal.audio.decode import SoundChoice, probe, read_audio, read_blocks
from stslocal.audio.resample import resample
from stslocal.audio.video import write_video
from stslocal.errors import AudioDecodeError, SettingsError
from stslocal.files.checks import check_task
from stslocal.files.earlier import EarlierFiles
from stslocal.files.options import FileOptions
from stslocal.files.plan import FileTask, plan_files
from stslocal.files.write import translate_to_files
from stslocal.loading.engines import Engines
from stslocal.results.session import is_complete, read_session
from stslocal.translation.request import TranslationRequest
from stslocal.types import RECOGNITION_RATE, Samples
from tests.audio.videos import RATE, Track, jpeg, make_video, offset_s
from tests.fakes import Lexicon

pytestmark = pytest.mark.unit

OPTIONS = FileOptions(TranslationRequest("pt", "en"))
SCRIPT = ((0.2, "good day to you."), (4.0, "it rains and rains."))


@pytest.fixture
def talk(lexicon: Lexicon) -> Samples:
    """Two sentences at 48 kHz."""
    return resample(lexicon.script(*SCRIPT), RECOGNITION_RATE, RATE)


def filmed(path: Path, sounds: Sequence[Track], **options: bytes) -> Path:
    length_s = max(len(sound.samples) for sound in sounds) / RATE
    return make_video(path, (0.2,), length_s, sounds, cover=options.get("cover", b""))


def planned(source: Path, output: Path | None = None, output_format: str = "auto") -> FileTask:
    (task,) = plan_files([str(source)], target="pt", output=output, output_format=output_format)
    return task


def tags(path: Path) -> list[tuple[str, str]]:
    with closing(av.open(path)) as container:
        return [(one.type, one.metadata.get("language", "")) for one in container.streams]


def test_a_video_becomes_a_video(engines: Engines, talk: Samples, tmp_path: Path) -> None:
    task = planned(filmed(tmp_path / "talk.mp4", [Track(talk)]))
    speech = translate_to_files(engines, task, OPTIONS)
    assert [path.name for path in speech.files] == [
        "talk.pt.mp4", "talk.en.srt", "talk.pt.srt", "talk.en.vtt", "talk.pt.vtt",
        "talk.pt.speech.flac", "talk.pt.session.json",
    ]  # fmt: skip
    assert tags(task.audio) == [
        ("video", "und"), ("audio", "por"), ("audio", "eng"), ("subtitle", "por"),
        ("subtitle", "eng"),
    ]  # fmt: skip
    assert speech.session.settings["format"] == "mp4"
    assert is_complete(read_session(task.session), tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(
        ["talk.mp4", *(path.name for path in speech.files)]
    )

    alone = planned(task.source, tmp_path / "alone", "wav")
    translate_to_files(engines, alone, OPTIONS)
    sound = read_audio(alone.audio)
    samples = np.concatenate(list(read_blocks(task.audio, choice=SoundChoice(1))))
    middle = round(2.5 * RECOGNITION_RATE)
    for part in (slice(0, middle), slice(middle, None)):
        assert abs(offset_s(sound[part], samples[part], RECOGNITION_RATE)) <= 0.002
    assert len(samples) == pytest.approx(len(sound), abs=0.03 * RECOGNITION_RATE)


def test_what_is_there_for_the_same_request_is_done(
    engines: Engines, talk: Samples, tmp_path: Path
) -> None:
    task = planned(filmed(tmp_path / "talk.mkv", [Track(talk)]))
    assert task.audio.name == "talk.pt.mkv"
    translate_to_files(engines, task, OPTIONS)
    assert EarlierFiles(task).result(OPTIONS, engines.selection) is not None
    replaced = replace(OPTIONS, replace_audio=True)
    assert EarlierFiles(task).result(replaced, engines.selection) is None
    translate_to_files(engines, task, replaced)
    assert [kind for kind, _ in tags(task.audio)] == ["video", "audio", "subtitle", "subtitle"]


def test_subtitles_can_be_left_out(engines: Engines, talk: Samples, tmp_path: Path) -> None:
    task = planned(filmed(tmp_path / "talk.mp4", [Track(talk)]), tmp_path / "said.mov")
    translate_to_files(engines, task, replace(OPTIONS, subtitles=()))
    assert [kind for kind, _ in tags(tmp_path / "said.mov")] == ["video", "audio", "audio"]
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "said.mov", "said.session.json", "said.speech.flac", "talk.mp4",
    ]  # fmt: skip


def test_nobody_speaks_and_the_video_is_there_all_the_same(
    engines: Engines, tmp_path: Path
) -> None:
    silent = Track(np.zeros(3 * RATE, np.float32))
    task = planned(filmed(tmp_path / "talk.mp4", [silent]))
    speech = translate_to_files(engines, task, FileOptions(TranslationRequest("pt")))
    assert speech.session.segments == []
    assert [kind for kind, _ in tags(task.audio)] == ["video", "audio", "audio"]
    assert not read_audio(task.audio).any()


def test_the_track_that_is_named_is_translated(
    engines: Engines, talk: Samples, tmp_path: Path
) -> None:
    other = Track(np.zeros(len(talk), np.float32), "deu", disposition=1)
    task = planned(filmed(tmp_path / "talk.mkv", [other, Track(talk, "eng")]))
    options = replace(OPTIONS, audio_track=2, replace_audio=True)
    speech = translate_to_files(engines, task, options)
    assert len(speech.session.segments) == 2
    assert tags(task.audio)[:3] == [("video", ""), ("audio", "por"), ("audio", "deu")]
    with pytest.raises(AudioDecodeError, match=r"no audio track 3: name one of 1 \(deu\), 2 \(en"):
        check_task(task, replace(OPTIONS, audio_track=3))


def test_an_error_while_the_video_is_written_leaves_nothing(
    engines: Engines, talk: Samples, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    task = planned(filmed(tmp_path / "talk.mp4", [Track(talk)]))

    def stopped(*arguments: object) -> list[str]:
        write_video(*arguments)  # type: ignore[arg-type]
        raise KeyboardInterrupt

    monkeypatch.setattr("stslocal.files.video.write_video", stopped)
    with pytest.raises(KeyboardInterrupt):
        translate_to_files(engines, task, OPTIONS)
    names = [path.name for path in tmp_path.iterdir()]
    assert [name for name in names if not name.endswith(".journal")] == ["talk.mp4"]


@pytest.mark.parametrize(
    ("name", "result"),
    [
        ("talk.mp4", "talk.pt.mp4"), ("talk.mov", "talk.pt.mov"), ("talk.mkv", "talk.pt.mkv"),
        ("talk.webm", "talk.pt.webm"), ("talk.ts", "talk.pt.mkv"), ("talk.avi", "talk.pt.mkv"),
    ],
)  # fmt: skip
def test_a_video_keeps_its_container_where_it_can_be_written(
    name: str, result: str, tmp_path: Path
) -> None:
    source = filmed(tmp_path / name, [Track(np.zeros(RATE, np.float32))])
    assert planned(source).audio.name == result
    assert planned(source, output_format="wav").audio.name == "talk.pt.wav"


def test_what_a_file_holds_decides_and_not_its_name(tmp_path: Path) -> None:
    source = filmed(tmp_path / "talk.mkv", [Track(np.zeros(RATE, np.float32))])
    assert planned(source.rename(tmp_path / "talk.mp4")).audio.name == "talk.pt.mkv"


def test_covers_and_still_pictures_make_no_video(tmp_path: Path) -> None:
    sound = [Track(np.zeros(3 * RATE, np.float32))]
    still = make_video(tmp_path / "still.mkv", (), 3.0, sound, frame_times_s=[0.0])
    assert planned(still).audio.name == "still.pt.wav"
    assert not probe(still).has_pictures
    with pytest.raises(SettingsError, match=r"no moving pictures.*--output-format wav"):
        check_task(planned(still, output_format="mp4"), OPTIONS)
    covered = tmp_path / "covered.mp4"
    with av.open(covered, "w", format="mp4") as output:
        track = output.add_stream("aac", rate=RATE, layout="mono")
        cover = output.add_mux_stream("mjpeg", width=64, height=48)
        cover.disposition = 0x400  # type: ignore[assignment]
        packet = av.Packet(jpeg())
        packet.stream, packet.pts, packet.dts = cover, 0, 0
        packet.is_keyframe = True
        output.mux(packet)
        silence = np.zeros((1, RATE), np.float32)
        frame = av.AudioFrame.from_ndarray(silence, format="flt", layout="mono")
        frame.sample_rate = RATE
        output.mux(track.encode(frame))
        output.mux(track.encode(None))
    assert planned(covered).audio.name == "covered.pt.wav"


def test_a_container_that_cannot_carry_the_pictures_is_refused_before_the_work(
    tmp_path: Path,
) -> None:
    source = filmed(tmp_path / "talk.mp4", [Track(np.zeros(RATE, np.float32))])
    with pytest.raises(
        SettingsError,
        match=r"webm cannot carry the pictures of .*talk\.mp4 \(h264\): choose --output-format mp4",
    ):
        check_task(planned(source, output_format="webm"), OPTIONS)


def test_a_result_is_no_recording(tmp_path: Path) -> None:
    sound = [Track(np.zeros(RATE, np.float32))]
    filmed(tmp_path / "talk.mp4", sound)
    filmed(tmp_path / "talk.pt.mp4", sound)
    tasks = plan_files([str(tmp_path)], target="pt", output=None, output_format="auto")
    assert [task.source.name for task in tasks] == ["talk.mp4"]


def test_a_damaged_video_is_planned_and_fails_alone(tmp_path: Path) -> None:
    broken = tmp_path / "broken.mp4"
    broken.write_bytes(b"\0\0\0\x20ftypisom" + bytes(100))
    filmed(tmp_path / "talk.mp4", [Track(np.zeros(RATE, np.float32))])
    tasks = plan_files([str(tmp_path)], target="pt", output=None, output_format="auto")
    assert [task.audio.name for task in tasks] == ["broken.pt.wav", "talk.pt.mp4"]
    with pytest.raises(AudioDecodeError, match=r"broken\.mp4"):
        check_task(tasks[0], OPTIONS)
