"""The Python interface: what it takes as sound, what it refuses, and when its work ends."""

from __future__ import annotations

import io
import threading
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest
import soundfile

from stslocal.api import SpeechTranslator
from stslocal.audio.arrays import AudioArray, opened_recording
from stslocal.audio.decode import read_audio
from stslocal.audio.loudness import LoudnessMeter, blocks_of, integrated_lufs
from stslocal.audio.resample import resample, to_int16
from stslocal.errors import AudioDecodeError, SettingsError, StageError, StslocalError
from stslocal.metrics import SegmentTranslated
from stslocal.settings import Settings
from stslocal.types import RECOGNITION_RATE, Samples
from tests.fake_engines import fake_engines
from tests.fakes import FakeSynthesizer, Lexicon

pytestmark = pytest.mark.unit

RATE = RECOGNITION_RATE
NAN = np.array([0.0, np.nan], np.float32)


@pytest.fixture
def lexicon() -> Lexicon:
    return Lexicon()


@pytest.fixture
def said(lexicon: Lexicon) -> Samples:
    return lexicon.script((0.2, "Good morning."), (2.5, "Good night."))


@pytest.fixture
def translator(lexicon: Lexicon) -> Iterator[SpeechTranslator]:
    engines = fake_engines(lexicon, models=defaultdict(list))
    with SpeechTranslator(engines, Settings(source="en", target="pt")) as one:
        yield one


FORMS: dict[str, Callable[[Samples], AudioArray]] = {
    "float32": lambda said: (said, RATE),
    "float64": lambda said: (said.astype(np.float64), RATE),
    "int16": lambda said: (to_int16(said), RATE),
    "one channel": lambda said: (said[:, None], RATE),
    "stereo": lambda said: (np.stack([said, said], axis=1), RATE),
    "stereo int16 at 48 kHz": lambda said: (
        np.stack([to_int16(resample(said, RATE, 48_000))] * 2, axis=1),
        48_000,
    ),
    "eight channels": lambda said: (np.repeat(said[:, None], 8, axis=1), RATE),
    "a numpy rate": lambda said: (said, cast(int, np.int64(RATE))),
    "big-endian": lambda said: (said.astype(">f4"), RATE),
    "every second of an array": lambda said: (np.repeat(said, 2)[::2], RATE),
}


@pytest.mark.parametrize("form", FORMS)
def test_samples_in_samples_out(form: str, translator: SpeechTranslator, said: Samples) -> None:
    speech = translator.translate(FORMS[form](said))
    assert speech.translation == "pt:Good pt:morning.\npt:Good pt:night."
    assert speech.text == "Good morning.\nGood night."
    assert speech.samples.dtype == np.float32
    assert speech.samples.ndim == 1
    assert speech.sample_rate == translator.engines.synthesizer.sample_rate
    for placed in speech.segments:
        start = round(round(placed.start_s, 3) * speech.sample_rate)  # a session has milliseconds
        spoken = placed.spoken.samples
        mixed = speech.samples[start : start + len(spoken)]
        gain = mixed.max() / spoken.max()  # as loud as the recording
        assert 0.5 < gain < 2.0
        assert np.allclose(mixed, gain * spoken, atol=1e-4)
    assert len(speech.samples) / speech.sample_rate >= len(said) / RATE - 0.01


def test_the_translation_is_as_loud_as_the_recording(lexicon: Lexicon, said: Samples) -> None:
    class Quiet(FakeSynthesizer):
        """A voice that is 20 dB too quiet."""

        def synthesize(self, text: str, **how: Any) -> Iterator[Samples]:
            for samples in FakeSynthesizer.synthesize(self, text, **how):
                yield samples * np.float32(0.1)

    engines = fake_engines(lexicon, synthesizer=Quiet(lexicon=lexicon), models=defaultdict(list))
    with SpeechTranslator(engines, Settings(source="en", target="pt", check="none")) as quiet:
        speech = quiet.translate((said, RATE))
    assert lufs(speech.samples, speech.sample_rate) == pytest.approx(lufs(said, RATE), abs=1.0)


def lufs(samples: Samples, rate: int) -> float:
    meter = LoudnessMeter(rate)
    meter.push(samples)
    meter.finish()
    return integrated_lufs(blocks_of(meter.powers))


def test_a_path_a_file_and_samples_give_the_same(
    translator: SpeechTranslator, said: Samples, tmp_path: Path
) -> None:
    path = tmp_path / "talk.wav"
    soundfile.write(path, said, RATE)
    of_path = translator.translate(str(path))
    of_file = translator.translate(io.BytesIO(path.read_bytes()))
    of_samples = translator.translate((said, RATE))
    assert of_path.translation == of_file.translation == of_samples.translation
    assert [one.start_s for one in of_path.segments] == [one.start_s for one in of_samples.segments]
    assert np.array_equal(of_path.samples, of_file.samples)


def test_silence_gives_silence_of_the_same_length(translator: SpeechTranslator) -> None:
    speech = translator.translate((np.zeros(3 * RATE, np.float32), RATE))
    assert len(speech.samples) == 3 * speech.sample_rate
    assert not speech.samples.any()
    assert speech.warnings == ["nobody speaks in this recording: its translation is silent"]


def test_segments_of_samples(translator: SpeechTranslator, said: Samples) -> None:
    texts = [one.spoken.translated.text for one in translator.translate_segments((said, RATE))]
    assert texts == ["pt:Good pt:morning.", "pt:Good pt:night."]


def test_the_reference_may_be_samples(
    translator: SpeechTranslator, said: Samples, tmp_path: Path
) -> None:
    path = tmp_path / "talk.wav"
    soundfile.write(path, said, RATE)
    reference = (np.full(4 * RATE, 0.1, np.float32), RATE)
    assert translator.translate((said, RATE), reference=reference).segments
    speech = translator.translate_file(path, tmp_path / "out", reference=reference)
    # The hash of what was given: a rerun with another reference is another translation.
    assert len(speech.session.settings["reference"]) == 64


@pytest.mark.parametrize("channels", [1, 2, 3, 6, 64])
def test_samples_are_read_as_they_are(channels: int) -> None:
    frames = np.random.default_rng(channels).uniform(-1, 1, (5000, channels)).astype(np.float32)
    read = read_audio(opened_recording((frames, RATE), "it"))
    assert np.abs(read - frames.mean(axis=1)).max() < 1e-6


REFUSED: dict[str, tuple[Any, str]] = {
    "nothing": (None, "the recording is None: give a path, an open binary file or"),
    "a number": (16000, "the recording is 16000"),
    "an array without a rate": (np.zeros(9, np.float32), "has no sample rate"),
    "a list": ([0.0, 0.1], "give a path, an open binary file or"),
    "text": (io.StringIO("RIFF"), "is a StringIO|is <_io.StringIO"),
    "a missing file": ("nowhere/talk.wav", "nowhere/talk.wav"),
    "an empty name": ("", "folder"),
    "a name with a null": ("a\0b.wav", "a.*b.wav"),
    "bytes that are no recording": (io.BytesIO(b"no sound" * 99), "not a recording"),
    "one of two": ((np.zeros(9, np.float32),), "is not .samples, sample_rate."),
    "scipy's order": ((RATE, np.zeros(9, np.float32)), "is not .samples, sample_rate."),
    "no samples": ((np.zeros(0, np.float32), RATE), "has no samples"),
    "NaN": ((NAN, RATE), "NaN"),
    "infinite": ((np.array([np.inf]), RATE), "infinite"),
    "three dimensions": ((np.zeros((9, 2, 2), np.float32), RATE), "has the shape"),
    "no dimension": ((np.float32(0.5), RATE), "has the shape"),
    "channels first": ((np.zeros((2, 999), np.float32), RATE), "has the shape .2, 999."),
    "no channel": ((np.zeros((9, 0), np.float32), RATE), "has the shape"),
    "complex": ((np.zeros(9, np.complex64), RATE), "has the type complex64"),
    "truth values": ((np.zeros(9, bool), RATE), "has the type bool"),
    "objects": ((np.array([None, {}]), RATE), "has the type object"),
    "letters": (("talk.wav", RATE), "has the type <U8"),
    "bytes": ((np.zeros(9, np.uint8), RATE), "has the type uint8"),
    "ragged": (([[0.0], [0.0, 1.0]], RATE), "is not an array of samples"),
    "undivided integers": ((np.full(9, 9000.0), RATE), "divide 16-bit values by 32768"),
    "rate 0": ((np.zeros(9, np.float32), 0), "has the sample rate 0"),
    "negative rate": ((np.zeros(9, np.float32), -RATE), "has the sample rate -16000"),
    "rate NaN": ((np.zeros(9, np.float32), float("nan")), "has the sample rate nan"),
    "rate in words": ((np.zeros(9, np.float32), "16000"), "has the sample rate '16000'"),
    "rate None": ((np.zeros(9, np.float32), None), "has the sample rate None"),
    "rate True": ((np.zeros(9, np.float32), True), "has the sample rate True"),
    "a huge rate": ((np.zeros(9, np.float32), 10**12), "has the sample rate"),
}


@pytest.mark.parametrize("what", REFUSED)
@pytest.mark.parametrize("role", ["source", "reference", "segments"])
def test_what_is_no_sound_is_refused(
    what: str, role: str, translator: SpeechTranslator, said: Samples
) -> None:
    given, sentence = REFUSED[what]
    if role == "reference" and given is None:
        return  # no reference
    action: dict[str, Callable[[], object]] = {
        "source": lambda: translator.translate(given),
        "reference": lambda: translator.translate((said, RATE), reference=given),
        "segments": lambda: list(translator.translate_segments(given)),
    }
    with pytest.raises(AudioDecodeError, match=sentence.replace("the recording", "the .*")):
        action[role]()


def test_translate_file_takes_one_path(
    translator: SpeechTranslator, said: Samples, tmp_path: Path
) -> None:
    with pytest.raises(AudioDecodeError, match="`translate` takes samples"):
        translator.translate_file((said, RATE))  # type: ignore[arg-type]
    for name in ("a.wav", "b.wav"):
        soundfile.write(tmp_path / name, said, RATE)
    with pytest.raises(SettingsError, match="names 2 recordings"):
        translator.translate_file(tmp_path)
    with pytest.raises(SettingsError, match="the output 7 is no path"):
        translator.translate_file(tmp_path / "a.wav", 7)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("chunks", "sentence"),
    [
        ([np.zeros((9, 2, 2))], "chunk 0 has the shape"),
        ([np.zeros(900, np.float32), NAN], "chunk 1 has values that are no numbers"),
        ([np.zeros(9, np.int64)], "chunk 0 has the type int64"),
        ([None], "chunk 0 has the type object"),
    ],
)
def test_a_chunk_that_is_no_sound_ends_the_stream(
    chunks: list[Any], sentence: str, translator: SpeechTranslator
) -> None:
    with pytest.raises(StageError, match=sentence):
        list(translator.stream(chunks))


def test_a_stream_that_cannot_begin_is_refused_at_once(translator: SpeechTranslator) -> None:
    chunk = np.zeros(9, np.float32)
    for rate in (0, -1, None, float("nan"), "16000"):
        with pytest.raises(AudioDecodeError, match="the stream has the sample rate"):
            translator.stream([chunk], rate)  # type: ignore[arg-type]
    for chunks in (None, chunk, b"sound", "talk.wav", 7):
        with pytest.raises(AudioDecodeError, match="give an iterable of arrays"):
            translator.stream(chunks)  # type: ignore[arg-type]
    with pytest.raises(SettingsError, match="on_audio is None"):
        translator.stream([chunk], on_audio=None)  # type: ignore[arg-type]


def test_a_stream_takes_stereo_integers(translator: SpeechTranslator, lexicon: Lexicon) -> None:
    said = lexicon.script((0.2, "Good morning."))
    both = np.stack([to_int16(said)] * 2, axis=1)
    events = list(translator.stream([both[:3200], both[3200:]]))
    texts = [event.text for event in events if isinstance(event, SegmentTranslated)]
    assert texts == ["pt:Good pt:morning."]


def test_closing_the_translator_ends_its_iterators(lexicon: Lexicon) -> None:
    long = lexicon.script(*((2.5 * i, "Good day.") for i in range(40)))
    before = set(threading.enumerate())
    with SpeechTranslator(fake_engines(lexicon), Settings(source="en", target="pt")) as one:
        segments: Any = one.translate_segments((long, RATE))
        events: Any = one.stream(np.zeros(1600, np.float32) for _ in iter(int, 1))
        assert next(segments)
        assert next(events)
    assert {thread.name for thread in set(threading.enumerate()) - before} <= {"end of program"}
    assert list(segments) == list(events) == []
    for action in (
        lambda: one.translate("talk.wav"),
        lambda: one.translate_segments("talk.wav"),
        lambda: one.translate_file("talk.wav"),
        lambda: one.stream([long]),
    ):
        with pytest.raises(StslocalError, match="this translator is closed: load another one"):
            action()
    one.close()
