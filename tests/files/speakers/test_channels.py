"""Recordings with a speaker in each channel."""

from __future__ import annotations

import io
from pathlib import Path
from typing import BinaryIO, cast

import numpy as np
import pytest
import soundfile

from stslocal.errors import SettingsError
from stslocal.files.checks import check_task
from stslocal.files.options import FileOptions
from stslocal.files.plan import FileTask
from stslocal.files.speakers.channels import (
    QUIETER_DB,
    SharedStream,
    SpeakerChannels,
    crosstalk,
    in_step,
)
from stslocal.files.speakers.choice import SpeakerChoice
from stslocal.files.translation import FileTranslation
from stslocal.loading.engines import Engines
from stslocal.translation.request import TranslationRequest
from stslocal.types import RECOGNITION_RATE, WINDOW, Samples
from tests.fakes import FakeVad, Lexicon

pytestmark = pytest.mark.unit

OPTIONS = FileOptions(TranslationRequest("pt", "en"), speakers=SpeakerChoice(by_channel=True))


def stereo(path: Path, *channels: Samples) -> Path:
    length = max(map(len, channels))
    sound = np.stack([np.pad(one, (0, length - len(one))) for one in channels], axis=1)
    soundfile.write(path, sound, RECOGNITION_RATE, subtype="FLOAT")
    return path


@pytest.mark.parametrize("as_stream", [False, True])
def test_people_who_speak_at_once_are_both_translated(
    engines: Engines, lexicon: Lexicon, tmp_path: Path, *, as_stream: bool
) -> None:
    left = lexicon.script((0.2, "good day to you."), (6.0, "thank you."))
    right = lexicon.script((0.6, "it rains and rains."))
    path = stereo(tmp_path / "call.wav", left, right)
    source = io.BytesIO(path.read_bytes()) if as_stream else path
    running = FileTranslation(engines, source, OPTIONS)
    said = [
        (one.spoken.translated.segment.speaker, one.spoken.translated.segment.text)
        for one in running.segments()
    ]
    assert said == [("S1", "good day to you."), ("S2", "it rains and rains."), ("S1", "thank you.")]
    assert list(running.voices) == ["S1", "S2"]
    assert running.duration_s == pytest.approx(soundfile.info(path).duration)
    assert running.warnings == []


def test_what_is_captured_from_the_other_speaker_is_theirs(
    engines: Engines, lexicon: Lexicon, tmp_path: Path
) -> None:
    left = lexicon.script((0.2, "good day to you."))
    right = lexicon.script((5.0, "it rains."))
    length = max(len(left), len(right))
    left, right = (np.pad(one, (0, length - len(one))) for one in (left, right))
    path = stereo(tmp_path / "call.wav", left + 0.1 * right, right + 0.1 * left)
    said = [
        (one.spoken.translated.segment.speaker, one.spoken.translated.segment.text)
        for one in FileTranslation(engines, path, OPTIONS).segments()
    ]
    assert said == [("S1", "good day to you."), ("S2", "it rains.")]


def test_utterances_leave_in_the_order_of_their_starts() -> None:
    channels = SpeakerChannels(FakeVad(), 2)
    rate = RECOGNITION_RATE
    sound = np.zeros((2, 60 * rate), np.float32)
    sound[0, rate : 15 * rate] = 0.5
    sound[1, 5 * rate : 6 * rate] = 0.5
    sound[1, 50 * rate : 51 * rate] = 0.5
    early: list[tuple[str, int]] = []
    for second in range(60):
        block = sound[:, second * rate : (second + 1) * rate]
        early += [(one.speaker, one.index) for one in channels.process(list(block))]
    assert early == [("S1", 0), ("S2", 1)]
    assert [(one.speaker, one.index) for one in channels.finish()] == [("S2", 2)]


def test_crosstalk_is_what_is_much_quieter_where_another_speaks() -> None:
    windows = 40
    sound = np.ones((3, windows * WINDOW), np.float32)
    sound[1] *= 10 ** (-(QUIETER_DB + 1) / 20)
    sound[2] *= 10 ** (-(QUIETER_DB - 1) / 20)
    spoken = np.ones((3, windows), np.float32)
    assert [bool(one.all()) for one in crosstalk(sound, spoken)] == [False, True, False]
    spoken[0] = 0.0  # the loud channel holds noise, and nobody speaks in it
    assert not crosstalk(sound, spoken).any()
    assert crosstalk(sound[:, :0], spoken[:, :0]).shape == (3, 0)


def test_channels_of_different_lengths_stay_in_step() -> None:
    ones = np.ones(3, np.float32)
    blocks = list(in_step([[ones, ones], [ones[:2]]]))
    assert [[len(one) for one in both] for both in blocks] == [[3, 3], [3, 3]]
    assert blocks[0][1].tolist() == [1, 1, 0]


def test_a_recording_with_one_channel_is_refused_before_any_work(
    engines: Engines, task: FileTask
) -> None:
    with pytest.raises(SettingsError, match=r"has one channel.*take `--speakers auto`"):
        check_task(task, OPTIONS)
    with pytest.raises(SettingsError, match="has one channel"):
        list(FileTranslation(engines, task.source, OPTIONS).segments())


def test_too_many_channels_are_refused(lexicon: Lexicon, tmp_path: Path) -> None:
    path = stereo(tmp_path / "many.wav", *[lexicon.say("one")] * 9)
    task = FileTask(path, tmp_path / "many.pt.wav", "many.pt", "pt")
    with pytest.raises(SettingsError, match=r"has 9 channels.*8 at most"):
        check_task(task, OPTIONS)


def test_readers_of_one_stream_have_places_of_their_own() -> None:
    stream = cast("BinaryIO", io.BytesIO(b"0123456789"))
    first, second = SharedStream(stream), SharedStream(stream)
    assert first.read(4) == b"0123"
    assert second.read(2) == b"01"
    assert first.read(2) == b"45"
    assert first.seek(-1, io.SEEK_END) == 9
    assert first.read() == b"9"
    assert second.seek(1, io.SEEK_CUR) == 3
    assert second.tell() == 3
    assert second.seek(5) == 5
    assert second.readable()
    assert second.seekable()
