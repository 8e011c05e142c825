"""The sound of a translation: loudness, what is beneath the speech, its length."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile

from stslocal.audio.decode import probe, read_audio
from stslocal.audio.encode import AudioWriter
from stslocal.audio.loudness import LoudnessMeter, blocks_of, integrated_lufs
from stslocal.audio.tracks import SoundChoice
from stslocal.files.levels import DYNAMICS_LU, RecordingLevels, sentence_gains
from stslocal.files.mixdown import Mixdown, Original
from stslocal.files.options import FileOptions
from stslocal.files.plan import FileTask
from stslocal.files.rows import row_of
from stslocal.files.speak import ORIGINAL, PlacedSegment
from stslocal.files.spoken_sentences import SpokenSentences
from stslocal.files.write import translate_to_files
from stslocal.loading.engines import Engines
from stslocal.translation.request import TranslationRequest
from stslocal.types import RECOGNITION_RATE, Samples, Segment, SpokenSegment, TranslatedSegment
from tests.r128 import loudness

pytestmark = pytest.mark.unit

RATE = 24_000


def voice(level: float, seconds: float, rate: int, hertz: float = 300.0) -> Samples:
    times = np.arange(round(seconds * rate)) / rate
    return (level * np.sin(2 * np.pi * hertz * times)).astype(np.float32)


def sentence(
    source: tuple[float, float], start_s: float, samples: Samples, name: str = "v"
) -> PlacedSegment:
    segment = Segment(0, *source, "text", "en")
    translated = TranslatedSegment(segment, "texto", "pt", 0.0)
    return PlacedSegment(SpokenSegment(translated, samples, RATE, name, 1.0, 0.0), start_s)


def recording_of(*parts: tuple[float, float, float]) -> Samples:
    """A recording of 20 s at 16 kHz with a little noise, and tones of (level, start, end)."""
    noise = 1e-4 * np.random.default_rng(2).standard_normal(20 * RECOGNITION_RATE)
    sound = noise.astype(np.float32)
    for level, start_s, end_s in parts:
        first, last = round(start_s * RECOGNITION_RATE), round(end_s * RECOGNITION_RATE)
        sound[first:last] += voice(level, end_s - start_s, RECOGNITION_RATE)[: last - first]
    return sound


def levels_of(recording: Samples) -> RecordingLevels:
    levels = RecordingLevels()
    for start in range(0, len(recording), RECOGNITION_RATE):
        levels.push(recording[start : start + RECOGNITION_RATE])
    levels.finish()
    return levels


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[SpokenSentences]:
    with SpokenSentences(tmp_path, RATE) as spoken:
        yield spoken


def mixed(mix: Mixdown) -> Samples:
    return np.concatenate(list(mix.blocks()))


def lufs(samples: Samples, rate: int) -> float:
    meter = LoudnessMeter(rate)
    meter.push(samples)
    return integrated_lufs(blocks_of(meter.powers))


def cut(samples: Samples, start_s: float, end_s: float, rate: int = RATE) -> Samples:
    return samples[round(start_s * rate) : round(end_s * rate)]


def test_a_quiet_sentence_stays_quiet_and_the_whole_is_as_loud_as_the_original(
    kept: SpokenSentences,
) -> None:
    recording = recording_of((0.2, 1.0, 5.0), (0.14, 8.0, 12.0))  # the second is 3 dB quieter
    kept.add(sentence((1.0, 5.0), 1.0, voice(0.02, 4.0, RATE)))
    kept.add(sentence((8.0, 12.0), 8.0, voice(0.5, 4.0, RATE)))
    out = mixed(Mixdown(kept, levels_of(recording), 20.0))
    assert len(out) == 20 * RATE
    assert loudness(out, RATE).integrated_lufs == pytest.approx(
        loudness(recording, RECOGNITION_RATE).integrated_lufs, abs=1.0
    )
    first, second = lufs(cut(out, 1.2, 4.8), RATE), lufs(cut(out, 8.2, 11.8), RATE)
    assert first - second == pytest.approx(3.1, abs=0.3)


def test_a_whisper_is_at_most_six_decibels_below_the_whole(kept: SpokenSentences) -> None:
    recording = recording_of((0.2, 1.0, 9.0), (0.01, 12.0, 14.0))  # 26 dB quieter
    kept.add(sentence((1.0, 9.0), 1.0, voice(0.1, 8.0, RATE)))
    kept.add(sentence((12.0, 14.0), 12.0, voice(0.1, 2.0, RATE)))
    first, second = sentence_gains(kept.sentences, levels_of(recording))
    assert 20 * np.log10(first / second) == pytest.approx(DYNAMICS_LU, abs=0.2)


def test_a_recording_without_a_sound_changes_nothing(kept: SpokenSentences) -> None:
    kept.add(sentence((1.0, 2.0), 1.0, voice(0.1, 1.0, RATE)))
    assert sentence_gains(kept.sentences, RecordingLevels()) == [1.0]
    assert sentence_gains(kept.sentences, levels_of(np.zeros(32_000, np.float32))) == [1.0]
    assert sentence_gains([], RecordingLevels()) == []


def test_a_loud_recording_leaves_no_peak_above_the_ceiling(kept: SpokenSentences) -> None:
    recording = recording_of((0.9, 1.0, 19.0))
    spiky = voice(0.02, 18.0, RATE)
    spiky[:: RATE // 4] = 0.3
    kept.add(sentence((1.0, 19.0), 1.0, spiky))
    out = mixed(Mixdown(kept, levels_of(recording), 20.0))
    assert loudness(out, RATE).true_peak_dbtp <= -1.0


def test_speech_that_lasts_longer_than_the_recording_makes_it_longer(
    kept: SpokenSentences,
) -> None:
    kept.add(sentence((1.0, 2.0), 1.0, voice(0.1, 3.5, RATE)))
    assert len(mixed(Mixdown(kept, RecordingLevels(), 2.25))) == round(4.5 * RATE)


def test_pauses_have_the_tone_of_the_room(kept: SpokenSentences) -> None:
    kept.add(sentence((5.0, 6.0), 5.0, voice(0.1, 1.0, RATE)))
    out = mixed(Mixdown(kept, levels_of(recording_of((0.1, 5.0, 6.0))), 20.0))
    pause = cut(out, 10.0, 19.0)
    assert 20 * np.log10(pause.std()) == pytest.approx(-80.0, abs=3.0)


def written(folder: Path, recording: Samples, rate: int = RECOGNITION_RATE) -> Path:
    path = folder / "talk.wav"
    soundfile.write(path, recording, rate, subtype="FLOAT")
    return path


def mixed_over(
    path: Path,
    kept: SpokenSentences,
    level: str,
    *placed: PlacedSegment,
    channel: int | None = None,
) -> Samples:
    """The mix of what was placed with the recording at `path`."""
    for one in placed:
        kept.add(one)
    rows = [row_of(one) for one in placed]
    original = Original.of(path, probe(path), SoundChoice(channel=channel), level, rows)
    mix = Mixdown(kept, levels_of(read_audio(path)), 20.0, over_original=original is not None)
    if original is None:
        return mixed(mix)
    speech = path.with_name("speech.flac")
    with AudioWriter(speech, RATE, "flac") as writer:
        for block in mix.blocks():
            writer.write(block)
    out = np.concatenate(list(original.mixed_with(speech)))
    assert out.ndim == original.channels
    return out


@pytest.fixture
def music(tmp_path: Path) -> Path:
    """20 s of a tone that goes on, with speech from 8 s to 12 s."""
    return written(tmp_path, recording_of((0.05, 0.0, 20.0), (0.2, 8.0, 12.0)))


def level_of(samples: Samples) -> float:
    return 20 * float(np.log10(np.sqrt(2 * np.mean(samples**2))))


def test_the_original_is_ducked_under_both_speeches(kept: SpokenSentences, music: Path) -> None:
    silent = np.full(3 * RATE, 1e-6, np.float32)
    spoken = sentence((8.0, 12.0), 10.0, silent)  # from 10 to 13 s
    out = mixed_over(music, kept, "duck", spoken)
    assert len(out) == 20 * 48_000
    assert level_of(cut(out, 1.0, 7.0, 48_000)) == pytest.approx(-26.0, abs=0.2)
    assert level_of(cut(out, 8.0, 9.9, 48_000)) == pytest.approx(-12.0 - 18.0, abs=0.5)
    assert level_of(cut(out, 12.1, 13.0, 48_000)) == pytest.approx(-26.0 - 18.0, abs=0.5)
    assert level_of(cut(out, 14.0, 19.0, 48_000)) == pytest.approx(-26.0, abs=0.2)


@pytest.mark.parametrize(("level", "expected"), [("full", -26.0), ("-20dB", -46.0)])
def test_a_constant_level_holds_always(
    kept: SpokenSentences, music: Path, level: str, expected: float
) -> None:
    out = mixed_over(music, kept, level)
    assert level_of(cut(out, 1.0, 7.0, 48_000)) == pytest.approx(expected, abs=0.2)


def test_stereo_stays_stereo(kept: SpokenSentences, tmp_path: Path) -> None:
    left = voice(0.1, 20.0, 44_100)
    path = written(tmp_path, np.stack([left, np.zeros_like(left)], axis=1), 44_100)
    spoken = sentence((8.0, 12.0), 8.0, voice(0.1, 4.0, RATE))
    out = mixed_over(path, kept, "duck", spoken)
    before, under = out[48_000 : 7 * 48_000], out[9 * 48_000 : 11 * 48_000]
    assert level_of(before[:, 0]) == pytest.approx(-20.0, abs=0.2)
    assert not before[:, 1].any()
    assert level_of(under[:, 1]) > -40.0, "the voice is on both sides"
    assert mixed_over(path, kept, "duck", channel=1).ndim == 1


def test_speech_that_keeps_its_own_sound_is_not_doubled(kept: SpokenSentences, music: Path) -> None:
    own = read_audio(music, sample_rate=RATE)[8 * RATE : 12 * RATE]
    out = mixed_over(music, kept, "duck", sentence((8.0, 12.0), 8.0, own, ORIGINAL))
    assert level_of(cut(out, 8.1, 11.9, 48_000)) == pytest.approx(-12.0, abs=0.5)
    alone = mixed_over(music, kept, "off")
    assert level_of(cut(alone, 8.1, 11.9)) == pytest.approx(-12.0, abs=0.5)


def test_a_recording_that_is_shorter_than_it_was_is_followed_by_silence(
    kept: SpokenSentences, tmp_path: Path
) -> None:
    path = written(tmp_path, voice(0.1, 5.0, RECOGNITION_RATE))
    out = mixed_over(path, kept, "full")
    assert len(out) == 20 * 48_000
    assert not cut(out, 6.0, 20.0, 48_000).any()


OPTIONS = FileOptions(TranslationRequest("pt", "en"))


def test_the_default_depends_on_pictures() -> None:
    assert OPTIONS.original_for(has_pictures=True) == "duck"
    assert OPTIONS.original_for(has_pictures=False) == "off"
    full = replace(OPTIONS, original="full")
    assert full.original_for(has_pictures=True) == full.original_for(has_pictures=False) == "full"


def test_a_translation_with_the_original_beneath_is_written(
    engines: Engines, task: FileTask
) -> None:
    speech = translate_to_files(engines, task, replace(OPTIONS, original="duck"))
    samples, rate = soundfile.read(task.audio)
    assert rate == 48_000
    assert speech.session.sample_rate == rate
    assert len(samples) / rate == pytest.approx(speech.session.source.duration_s, abs=0.01)
    assert speech.session.settings["original"] == "duck"
    assert task.speech.name == "talk.pt.speech.flac"
    alone, rate = soundfile.read(task.speech)
    assert (rate, 2 * len(alone)) == (engines.synthesizer.sample_rate, len(samples))
    assert task.speech.name in speech.session.output
    assert not [path.name for path in task.folder.iterdir() if "tmp" in path.name]


def test_a_rerun_keeps_results_from_before_there_was_a_choice(engines: Engines) -> None:
    assert "original" not in OPTIONS.fingerprint(engines.selection)
