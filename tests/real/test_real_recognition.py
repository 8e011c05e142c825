"""Real speech, music and noise through the real recognizer."""

from __future__ import annotations

import json
import logging
import re
import time
import unicodedata
from pathlib import Path
from typing import Any

import jiwer
import numpy as np
import pytest

from stslocal.audio.decode import read_audio
from stslocal.clock import VirtualClock
from stslocal.engines.silero.detector import SileroVad
from stslocal.engines.whisper.recognizer import FasterWhisperRecognizer
from stslocal.errors import EngineError
from stslocal.files.stages import SegmentSpeech
from stslocal.files.utterances import UtteranceCutter
from stslocal.live.listener import StreamingListener
from stslocal.live.segmentation import LiveSegmenter
from stslocal.metrics import Event, TextCommitted
from stslocal.types import RECOGNITION_RATE, Samples, Segment, Utterance

pytestmark = pytest.mark.real

SPOKEN = (
    "audio/fleurs/fleurs-en-000.ogg",
    "audio/fleurs/fleurs-en-003.ogg",
    "audio/jfk/jfk_16k.wav",
    "audio/ljspeech_050/LJ050-0163.flac",
    "audio/ljspeech_050/LJ050-0243.flac",
    "audio/picovoice/leopard_test_es.wav",
    "audio/tts_portuguese_corpus/03.wav",
    "audio/falabrasil/LapsBM_0475.wav",
    "audio/hifi_tts_6097/roots_19_morris_0392.wav",
    "audio/vctk_yourtts/p234_164.wav",
    "audio/vctk_yourtts/p234_176.wav",
    "audio/pocketsphinx_testdata/cards_001.wav",
)
"""Some of them short, and some that make Whisper repeat itself."""
NOT_SPOKEN = (
    "audio/music_moh/manolo_camp-morning_coffee.flac",
    "audio/noise_speechbrain/noise2.wav",
    "audio/noise_speechbrain/noise4.wav",
)


@pytest.fixture(scope="module")
def recognizer(starter_models: Path) -> FasterWhisperRecognizer:
    return FasterWhisperRecognizer.load(starter_models / "whisper-base")


@pytest.fixture(scope="module")
def vad() -> SileroVad:
    return SileroVad.load()


@pytest.fixture(scope="module")
def clips(shared_data: Path) -> dict[str, dict[str, Any]]:
    lines = (shared_data / "manifest.jsonl").read_text(encoding="utf-8").splitlines()
    return {row["path"]: row for row in map(json.loads, lines)}


def utterances(vad: SileroVad, sound: Samples) -> list[Utterance]:
    stage = SegmentSpeech(vad, UtteranceCutter())
    return [*stage.process(sound), *stage.finish()]


def plain(text: str) -> str:
    """Lower case, no punctuation, single spaces; digits and spellings stay as they are."""
    text = unicodedata.normalize("NFKC", text).lower().replace("’", "'")
    return " ".join(re.sub(r"[^\w'\s]|_", " ", text).split())


def word_error_rate(reference: str, recognized: str) -> float:
    return float(jiwer.wer(plain(reference), plain(recognized)))


def test_it_recognizes_as_well_as_the_package_alone_in_less_time(
    recognizer: FasterWhisperRecognizer, shared_data: Path, clips: dict[str, dict[str, Any]]
) -> None:
    references, ours, theirs = [], [], []
    our_s = their_s = 0.0
    for path in SPOKEN:
        sound = read_audio(shared_data / path)
        language = clips[path]["language"][:2]
        references.append(plain(clips[path]["transcript"]))
        began = time.process_time()
        ours.append(plain(recognizer.transcribe(sound, language=language).text))
        our_s += time.process_time() - began
        began = time.process_time()
        segments, _ = recognizer._decoder.model.transcribe(
            sound, language=language, beam_size=1, word_timestamps=True
        )
        theirs.append(plain("".join(segment.text for segment in segments)))
        their_s += time.process_time() - began
    assert jiwer.wer(references, ours) <= jiwer.wer(references, theirs) + 0.02
    assert our_s < 0.7 * their_s


def test_words_make_up_the_text_and_lie_within_the_audio(
    recognizer: FasterWhisperRecognizer, shared_data: Path
) -> None:
    sound = read_audio(shared_data / "audio/jfk/jfk_16k.wav")
    recognition = recognizer.transcribe(sound, language="en")
    assert " ".join(word.text for word in recognition.words) == recognition.text
    starts = [word.start_s for word in recognition.words]
    assert starts == sorted(starts)
    for word in recognition.words:
        assert 0.0 <= word.start_s <= word.end_s <= len(sound) / RECOGNITION_RATE
        assert 0.0 < word.probability <= 1.0
    # "And so, my fellow Americans, ask not ...": the pause before "ask" is in no word.
    ask = next(word for word in recognition.words if word.text.lower().startswith("ask"))
    assert ask.start_s == pytest.approx(3.3, abs=0.5)


@pytest.mark.parametrize("path", NOT_SPOKEN)
def test_music_and_noise_give_nothing(
    recognizer: FasterWhisperRecognizer, vad: SileroVad, shared_data: Path, path: str
) -> None:
    sound = read_audio(shared_data / path)
    for utterance in utterances(vad, sound):
        assert recognizer.transcribe(utterance.samples).text == ""
    # Also without the detector before it: then Whisper itself must find no speech.
    for start in range(0, min(len(sound), 40 * RECOGNITION_RATE), 20 * RECOGNITION_RATE):
        piece = sound[start : start + 20 * RECOGNITION_RATE]
        for language in ("en", "pt"):
            assert recognizer.transcribe(piece, language=language).text == ""


@pytest.mark.parametrize("level", [0.0, 1e-5, 1e-3, 0.05])
def test_silence_and_hiss_give_nothing(
    recognizer: FasterWhisperRecognizer, vad: SileroVad, level: float
) -> None:
    hiss = np.random.default_rng(0).standard_normal(10 * RECOGNITION_RATE).astype(np.float32)
    assert utterances(vad, hiss * level) == []
    recognition = recognizer.transcribe(hiss * level, language="en")
    assert (recognition.text, recognition.words) == ("", ())
    assert recognition.rejected


def test_what_is_dropped_is_logged_with_its_figures(
    recognizer: FasterWhisperRecognizer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "stslocal")
    hiss = np.random.default_rng(0).standard_normal(10 * RECOGNITION_RATE).astype(np.float32)
    found = recognizer.transcribe(0.05 * hiss, language="en")
    (dropped,) = [message for message in caplog.messages if "is dropped" in message]
    assert f" is dropped ({found.rejected}): log probability -" in dropped
    assert {record.levelno for record in caplog.records} == {logging.DEBUG}


@pytest.mark.parametrize(
    ("path", "language"),
    [
        ("audio/picovoice/leopard_test_pt.wav", "pt"),
        ("audio/fleurs/fleurs-de-003.ogg", "de"),
        ("audio/fleurs/fleurs-es-003.ogg", "es"),
        ("audio/jfk/jfk_16k.wav", "en"),
    ],
)
def test_the_language_is_detected(
    recognizer: FasterWhisperRecognizer, shared_data: Path, path: str, language: str
) -> None:
    sound = read_audio(shared_data / path)
    code, probability = recognizer.detect_language(sound)
    assert code == language
    assert probability > 0.6
    assert recognizer.transcribe(sound).language == language


def test_it_translates_to_english(recognizer: FasterWhisperRecognizer, shared_data: Path) -> None:
    sound = read_audio(shared_data / "audio/fleurs/fleurs-es-003.ogg")
    recognition = recognizer.transcribe(sound, language="es", task="translate")
    assert {"the", "earth"} <= set(plain(recognition.text).split())


def test_thirty_seconds_are_recognized_to_their_end(
    recognizer: FasterWhisperRecognizer, shared_data: Path, clips: dict[str, dict[str, Any]]
) -> None:
    gap = np.zeros(4000, np.float32)
    paths = [f"audio/ljspeech_050/LJ050-{number:04}.flac" for number in (161, 162, 163, 164)]
    parts = [part for path in paths for part in (read_audio(shared_data / path), gap)]
    sound = np.concatenate(parts)[: 30 * RECOGNITION_RATE]
    recognition = recognizer.transcribe(sound, language="en")
    assert (
        word_error_rate(" ".join(clips[path]["transcript"] for path in paths), recognition.text)
        < 0.1
    )
    with pytest.raises(EngineError, match="30 s"):
        recognizer.transcribe(np.zeros(31 * RECOGNITION_RATE, np.float32))


def test_live_recognition_agrees_with_the_transcript_and_commits_early(
    recognizer: FasterWhisperRecognizer, vad: SileroVad, shared_data: Path, clips: dict[str, Any]
) -> None:
    path = "audio/ljspeech_050/LJ050-0163.flac"
    silence = np.zeros(RECOGNITION_RATE, np.float32)
    sound = np.concatenate([silence, read_audio(shared_data / path), silence])
    clock, events = VirtualClock(), list[Event]()
    listener = StreamingListener(
        vad,
        recognizer,
        LiveSegmenter("en"),
        language="en",
        clock=clock,
        emit=events.append,
    )
    segments: list[Segment] = []
    for start in range(0, len(sound), 1600):
        clock.sleep_until((start + 1600) / RECOGNITION_RATE)
        segments += listener.feed(sound[start : start + 1600])
    segments += listener.finish()
    text = " ".join(segment.text for segment in segments)
    assert word_error_rate(clips[path]["transcript"], text) < 0.15
    commits = [event for event in events if isinstance(event, TextCommitted)]
    assert len(commits) > 2
    # The last word of a segment waits only for the lookahead; the words before it wait for it.
    latencies = [event.commit_latencies_s[-1] for event in commits]
    assert float(np.mean(latencies)) < 1.5
