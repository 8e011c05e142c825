"""The background of a recording beneath its translation, without the voice."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile

from stslocal.audio.decode import probe, read_audio
from stslocal.audio.tracks import SoundChoice
from stslocal.errors import EngineError, ModelNotFoundError
from stslocal.files.mixdown import Original
from stslocal.files.options import FileOptions
from stslocal.files.plan import FileTask
from stslocal.files.rows import row_of
from stslocal.files.speak import ORIGINAL, PlacedSegment
from stslocal.files.write import FileProgress, translate_to_files
from stslocal.loading.engines import Engines
from stslocal.loading.separators import LoadedSeparator
from stslocal.results.session import SessionModel
from stslocal.results.session_segment import SessionSegment
from stslocal.translation.request import TranslationRequest
from stslocal.types import Samples, Segment, SpokenSegment, TranslatedSegment
from tests.fake_separator import FakeSeparator
from tests.r128 import loudness

pytestmark = pytest.mark.unit

RATE, SPOKEN_RATE = 48_000, 24_000
SECONDS = 20
KEEP = FileOptions(TranslationRequest("pt", "en"), background="keep")


def tone(hertz: float, level: float, start_s: float = 0.0, end_s: float = SECONDS) -> Samples:
    times = np.arange(SECONDS * RATE) / RATE
    samples = level * np.sin(2 * np.pi * hertz * times) * ((times >= start_s) & (times < end_s))
    return samples.astype(np.float32)


MUSIC = tone(3000.0, 0.05)
VOICE = tone(300.0, 0.2, 8.0, 12.0)
"""It speaks from 8 s to 12 s."""
SONG = tone(400.0, 0.1, 2.0, 4.0)
"""Nobody translates it."""


def row(start_s: float, end_s: float, at_s: float, name: str = "v") -> SessionSegment:
    """A sentence from `start_s` to `end_s`, and its translation that starts at `at_s`."""
    samples = np.zeros(round((end_s - start_s) * SPOKEN_RATE), np.float32)
    translated = TranslatedSegment(Segment(0, start_s, end_s, "text", "en"), "texto", "pt", 0.0)
    return row_of(PlacedSegment(SpokenSegment(translated, samples, SPOKEN_RATE, name, 1, 0), at_s))


TRANSLATED = row(8.0, 12.0, 8.5)
KEPT = row(2.0, 4.0, 2.0, ORIGINAL)


def mixed(
    folder: Path, recording: Samples, level: str, *rows: SessionSegment, rate: int = RATE
) -> Samples:
    """The mix of a recording with speech that is silence."""
    path, speech = folder / "film.wav", folder / "speech.wav"
    soundfile.write(path, recording, rate, subtype="FLOAT")
    soundfile.write(speech, np.zeros(SECONDS * SPOKEN_RATE), SPOKEN_RATE)
    original = Original.of(
        path, probe(path), SoundChoice(), level, rows or (TRANSLATED,), FakeSeparator()
    )
    assert original is not None
    return np.concatenate(list(original.mixed_with(speech)))


def level_of(samples: Samples, hertz: float, start_s: float, end_s: float) -> float:
    """The level of a tone between two times, in decibels below full scale."""
    part = samples[round(start_s * RATE) : round(end_s * RATE)]
    turns = np.exp(-2j * np.pi * hertz * np.arange(len(part)) / RATE) * np.hanning(len(part))
    return 20 * float(np.log10(4 * abs(part @ turns) / len(part) + 1e-9))


@pytest.mark.parametrize(
    ("level", "under", "song"),
    [("out", -80.0, -20.0), ("off", -80.0, -80.0), ("duck", -32.0, -20.0), ("-20dB", -34.0, -40.0)],
)
def test_the_music_stays_and_only_the_voice_is_quieter(
    tmp_path: Path, level: str, under: float, song: float
) -> None:
    out = mixed(tmp_path, MUSIC + VOICE + SONG, level)
    assert len(out) == SECONDS * RATE
    for start_s, end_s in ((0.5, 1.5), (2.2, 3.8), (8.2, 11.8), (14.0, 19.0)):
        assert level_of(out, 3000.0, start_s, end_s) == pytest.approx(-26.0, abs=0.05)
    voice = level_of(out, 300.0, 8.2, 11.8)
    assert voice < -70.0 if under == -80.0 else voice == pytest.approx(under, abs=0.5)
    sung = level_of(out, 400.0, 2.2, 3.8)
    assert sung < -70.0 if song == -80.0 else sung == pytest.approx(song, abs=0.2)


def test_by_an_instrument_the_loudness_of_the_music_is_what_it_was(tmp_path: Path) -> None:
    """ITU-R BS.1770, of the music alone before and of the result after: within 1 LU."""
    noise = 0.03 * np.random.default_rng(1).standard_normal(SECONDS * RATE)
    spectrum = np.fft.rfft(noise)
    spectrum[: 1200 * SECONDS] = 0  # the fake separator takes what is low for the voice
    music = np.fft.irfft(spectrum, len(noise)).astype(np.float32)
    out = mixed(tmp_path, music + VOICE, "out")
    for start_s, end_s in ((1, 7), (8, 12), (13, 19)):
        part = slice(start_s * RATE, end_s * RATE)
        before, after = loudness(music[part], RATE), loudness(out[part], RATE)
        assert after.integrated_lufs == pytest.approx(before.integrated_lufs, abs=0.1)


def test_where_nobody_speaks_no_sample_is_another(tmp_path: Path) -> None:
    recording = MUSIC + VOICE
    out = mixed(tmp_path, recording, "out")
    np.testing.assert_array_equal(out[: 7 * RATE], recording[: 7 * RATE])
    np.testing.assert_array_equal(out[14 * RATE :], recording[14 * RATE :])


def test_stereo_and_another_rate(tmp_path: Path) -> None:
    left, right = MUSIC + VOICE, VOICE + tone(5000.0, 0.02)
    recording = np.stack([left, right], axis=1)[::3]  # 16 kHz
    out = mixed(tmp_path, recording, "out", rate=RATE // 3)
    assert out.shape == (SECONDS * RATE, 2)
    for channel, hertz, expected in ((0, 3000.0, -26.0), (1, 5000.0, -34.0)):
        assert level_of(out[:, channel], hertz, 8.2, 11.8) == pytest.approx(expected, abs=0.1)
        assert level_of(out[:, channel], 300.0, 8.2, 11.8) < -70.0


@pytest.mark.parametrize("level", ["out", "off"])
def test_speech_that_keeps_its_own_sound_is_there_once(tmp_path: Path, level: str) -> None:
    out = mixed(tmp_path, MUSIC + VOICE + SONG, level, KEPT, TRANSLATED)
    assert level_of(out, 400.0, 2.0, 4.0) == pytest.approx(-20.0, abs=0.2)
    assert level_of(out, 300.0, 8.2, 11.8) < -70.0


def test_a_recording_that_became_shorter_is_followed_by_silence(tmp_path: Path) -> None:
    out = mixed(tmp_path, MUSIC[: 5 * RATE], "out")
    assert len(out) == SECONDS * RATE
    assert not out[6 * RATE : 8 * RATE].any()


def test_the_level_of_the_voice_by_the_options() -> None:
    assert KEEP.original_for(has_pictures=True) == "out"
    assert KEEP.original_for(has_pictures=False) == "out"
    assert replace(KEEP, original="duck").original_for(has_pictures=False) == "duck"
    assert replace(KEEP, original="off").original_for(has_pictures=True) == "off"
    assert not FileOptions(TranslationRequest("pt", "en")).keeps_background


MODEL = SessionModel("source separator", "fake", "fake-stems", {"a.onnx": "00"})


def test_a_translation_that_keeps_the_background_is_written(
    engines: Engines, task: FileTask
) -> None:
    separator, seen = FakeSeparator(), list[FileProgress]()
    engines = replace(engines, load_separator=lambda: LoadedSeparator(separator, [MODEL]))
    speech = translate_to_files(engines, task, KEEP, on_mixing=seen.append)
    duration_s = speech.session.source.duration_s
    samples, rate = soundfile.read(task.audio)
    assert rate == RATE
    assert len(samples) / rate == pytest.approx(duration_s, abs=0.01)
    assert separator.seconds == [pytest.approx(duration_s, abs=0.01)]
    assert speech.session.settings["background"] == "keep"
    assert "original" not in speech.session.settings
    assert MODEL in speech.session.models
    assert [one.done_s for one in seen] == sorted(one.done_s for one in seen)
    assert seen[-1].done_s == pytest.approx(duration_s, abs=0.01)
    assert seen[-1].total_s == pytest.approx(duration_s)


def test_without_it_nothing_is_separated_and_results_from_before_are_taken(
    engines: Engines, task: FileTask
) -> None:
    def load() -> LoadedSeparator:
        raise AssertionError("nobody asked for it")

    plain = replace(KEEP, background="auto")
    speech = translate_to_files(replace(engines, load_separator=load), task, plain)
    assert "background" not in speech.session.settings
    assert read_audio(task.audio).any()


def test_a_separator_that_cannot_be_loaded_is_said_before_the_work(
    engines: Engines, task: FileTask
) -> None:
    def load() -> LoadedSeparator:
        raise ModelNotFoundError("nothing here takes the voice out")

    spoken: list[PlacedSegment] = []
    with pytest.raises(ModelNotFoundError, match="nothing here"):
        translate_to_files(
            replace(engines, load_separator=load), task, KEEP, on_segment=spoken.append
        )
    assert not spoken
    assert not task.folder.exists()


def test_a_separation_that_fails_loses_no_sentence(engines: Engines, task: FileTask) -> None:
    """The same command goes on with what was spoken, and ends with what it would have made."""

    class Failing(FakeSeparator):
        def voices(self, blocks: Iterable[Samples]) -> Iterator[Samples]:
            raise EngineError("the separator failed")

    resumed: list[int] = []
    failing = replace(engines, load_separator=lambda: LoadedSeparator(Failing()))
    with pytest.raises(EngineError, match="the separator failed"):
        translate_to_files(failing, task, KEEP)
    assert not task.audio.exists()
    working = replace(engines, load_separator=lambda: LoadedSeparator(FakeSeparator()))
    translate_to_files(working, task, KEEP, on_resumed=resumed.append)
    again = task.audio.read_bytes()
    assert resumed == [2]
    translate_to_files(working, task, KEEP)
    assert task.audio.read_bytes() == again
