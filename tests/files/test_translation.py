"""File translation on fake engines: every stage, no weights."""

from __future__ import annotations

import io
import json
import threading
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile

from stslocal.audio.decode import read_audio, read_blocks
from stslocal.engines.protocols import Task
from stslocal.errors import AudioDecodeError, OutputError, SettingsError, StageError, root_cause
from stslocal.files.earlier import EarlierFiles, EarlierResult
from stslocal.files.journal import journal_path
from stslocal.files.options import FileOptions
from stslocal.files.plan import FileTask
from stslocal.files.translation import FileTranslation
from stslocal.files.write import FileProgress, translate_to_files, translate_to_stream
from stslocal.loading.engines import Engines
from stslocal.results.session import read_session
from stslocal.translation.request import TranslationRequest
from stslocal.types import RECOGNITION_RATE, Dropped, Recognition, Samples, VoiceProfile
from tests.audio.test_decode import encode
from tests.fake_engines import NAMES
from tests.fakes import (
    TRANSLATES,
    FakeRecognizer,
    FakeSynthesizer,
    FakeTranslator,
    Lexicon,
    translated,
)

pytestmark = pytest.mark.unit

OPTIONS = FileOptions(TranslationRequest("pt", "en"))


@pytest.mark.usefixtures("kept_levels")
def test_a_recording_becomes_speech_subtitles_and_a_session(
    engines: Engines, lexicon: Lexicon, task: FileTask
) -> None:
    seen: list[FileProgress] = []
    speech = translate_to_files(engines, task, OPTIONS, on_progress=seen.append)
    assert speech.text == "good day to you.\nit rains and rains."
    assert speech.translation == "pt:good pt:day pt:to pt:you.\npt:it pt:rains pt:and pt:rains."

    samples, rate = soundfile.read(task.audio, dtype="float32")
    assert rate == engines.synthesizer.sample_rate
    spoken = lexicon.recognize(samples, rate)
    assert " ".join(word.text for word in spoken) == speech.translation.replace("\n", " ")
    assert spoken[0].start_s == pytest.approx(0.2, abs=0.02)
    assert spoken[4].start_s == pytest.approx(4.0, abs=0.02)
    assert len(samples) / rate == pytest.approx(speech.session.source.duration_s, abs=0.01)

    assert [path.name for path in speech.files] == [
        "talk.pt.wav", "talk.en.srt", "talk.pt.srt", "talk.en.vtt", "talk.pt.vtt",
        "talk.pt.session.json",
    ]  # fmt: skip
    written = read_session(task.session)
    assert [s.text for s in written.segments] == [s.text for s in speech.session.segments]
    assert [model.model for model in speech.session.models] == [
        "recognizer-model", "synthesizer-model", "word-model",
    ]  # fmt: skip
    assert "pt:rains." in task.subtitles("srt").read_text(encoding="utf-8")
    assert "it rains" in task.source_subtitles("vtt", "en").read_text(encoding="utf-8")
    assert [progress.done_s for progress in seen] == sorted(progress.done_s for progress in seen)
    assert seen[-1].total_s == pytest.approx(speech.session.source.duration_s, abs=0.01)
    assert not [thread for thread in threading.enumerate() if "file:" in thread.name]


def test_the_voice_is_made_from_the_opening_alone(
    engines: Engines, lexicon: Lexicon, tmp_path: Path
) -> None:
    line = " ".join(["word"] * 16)  # 4.8 s
    recording = lexicon.script(*((at * 8.0, line) for at in range(10)))
    source = tmp_path / "talk.wav"
    soundfile.write(source, recording, RECOGNITION_RATE, subtype="FLOAT")
    running = FileTranslation(engines, source, OPTIONS)
    assert len(list(running.segments())) == 10
    assert running.voice is not None
    assert 12.0 <= float(running.voice.provenance["reference_s"]) < 18.0


def test_the_language_is_detected_when_it_is_not_given(engines: Engines, task: FileTask) -> None:
    speech = translate_to_files(engines, task, FileOptions(TranslationRequest("pt")))
    assert (speech.session.source_language, speech.session.source_probability) == ("en", 0.99)


def test_a_detected_language_that_cannot_be_translated_leaves_no_file(
    engines: Engines, task: FileTask
) -> None:
    engines.recognizer = FakeRecognizer(language="de")
    with pytest.raises(SettingsError, match=r"German \(de\) to Portuguese.*--from"):
        translate_to_files(engines, task, FileOptions(TranslationRequest("pt")))
    assert list(task.folder.iterdir()) == []


def test_the_recognizer_translates_where_no_translator_does(
    engines: Engines, lexicon: Lexicon, task: FileTask
) -> None:
    options = FileOptions(TranslationRequest("en", "de"))
    speech = translate_to_files(engines, task, options)
    assert speech.translation.startswith("en:good en:day")
    assert [model.engine for model in speech.session.models] == [
        NAMES.recognizer,
        NAMES.synthesizer,
    ]


def test_silence_gives_silence_and_a_warning(engines: Engines, tmp_path: Path) -> None:
    source = tmp_path / "quiet.wav"
    soundfile.write(source, np.zeros(3 * RECOGNITION_RATE, np.float32), RECOGNITION_RATE)
    task = FileTask(source, tmp_path / "quiet.pt.wav", "quiet.pt", "pt")
    speech = translate_to_files(engines, task, FileOptions(TranslationRequest("pt")))
    assert speech.session.segments == []
    assert speech.session.source_language == "und"
    assert "silent" in speech.session.warnings[0]
    assert not read_audio(task.audio).any()
    assert speech.session.duration_s == pytest.approx(3.0)


class SaysNothing(FakeRecognizer):
    """Rejects the second utterance."""

    def transcribe(
        self, audio: Samples, *, language: str | None = None, task: Task = "transcribe"
    ) -> Recognition:
        found = super().transcribe(audio, language=language, task=task)
        if "rains" not in found.text:
            return found
        gone = Dropped(0.0, len(audio) / RECOGNITION_RATE, "repetition", found.text)
        return Recognition("", "en", 1.0, rejected="repetition", dropped=(gone,))


class PassesOver(FakeRecognizer):
    """Passes over what comes more than 2 s after the start of a piece."""

    def transcribe(
        self, audio: Samples, *, language: str | None = None, task: Task = "transcribe"
    ) -> Recognition:
        found = super().transcribe(audio, language=language, task=task)
        words = tuple(word for word in found.words if word.start_s < 2.0)
        return replace(found, text=" ".join(word.text for word in words), words=words)


def test_speech_that_the_recognizer_passes_over_is_recognized_alone(
    engines: Engines, lexicon: Lexicon, task: FileTask
) -> None:
    engines.recognizer = PassesOver(lexicon=lexicon)
    recording = lexicon.script((1.0, "good day to you."), (3.4, "It rains and rains."))
    soundfile.write(task.source, recording, RECOGNITION_RATE, subtype="FLOAT")
    speech = translate_to_files(engines, task, OPTIONS)
    assert speech.text.split() == "good day to you. It rains and rains.".split()
    assert speech.session.dropped == []


class TranslatesNothing(FakeTranslator):
    def translate(
        self, texts: Sequence[str], *, source: str, target: str, quick: bool = False
    ) -> list[str]:
        return ["" if "rains" in text else translated(text, target) for text in texts]


class TranslatesTooMuch(FakeTranslator):
    def translate(
        self, texts: Sequence[str], *, source: str, target: str, quick: bool = False
    ) -> list[str]:
        return [translated(text, target) + TOO_MUCH * ("rains" in text) for text in texts]


TOO_MUCH = " and so on and so on, for as long as anybody would like to listen to it"


class SoundsLikeNothing(FakeSynthesizer):
    """What a voice with damaged numbers in it gives."""

    def synthesize(
        self, text: str, *, language: str, voice: VoiceProfile | None = None, speed: float = 1.0
    ) -> Iterator[Samples]:
        for chunk in super().synthesize(text, language=language, voice=voice, speed=speed):
            yield chunk * np.float32("nan") if "rains" in text else chunk


@pytest.mark.parametrize(
    ("part", "reason", "text"),
    [
        ("recognizer", "repetition", "it rains and rains."),
        ("translator", "no translation", "it rains and rains."),
        ("synthesizer", "no sound", "pt:it pt:rains pt:and pt:rains."),
    ],
)
def test_what_is_said_and_not_translated_is_reported(
    engines: Engines, lexicon: Lexicon, task: FileTask, part: str, reason: str, text: str
) -> None:
    if part == "recognizer":
        engines.recognizer = SaysNothing(lexicon=lexicon)
    elif part == "translator":
        engines.translators = {"words": TranslatesNothing()}
    else:
        engines.synthesizer = SoundsLikeNothing(lexicon=lexicon)
    session = translate_to_files(engines, task, OPTIONS).session
    (dropped,) = session.dropped
    assert (dropped.reason, dropped.text) == (reason, text)
    assert dropped.start_s == pytest.approx(4.0, abs=0.1)
    assert dropped.end_s == pytest.approx(5.2, abs=0.2)
    (warning,) = session.warnings
    assert warning.startswith("1 s of speech are not in the translation: 0:0")
    assert reason in warning
    assert [one.text for one in read_session(task.session).dropped] == [text]
    assert np.isfinite(read_audio(task.audio)).all()


def test_nothing_is_reported_where_all_is_translated(engines: Engines, task: FileTask) -> None:
    session = translate_to_files(engines, task, OPTIONS).session
    assert (session.dropped, session.warnings) == ([], [])


class SpeaksLong(FakeSynthesizer):
    """Says every text twice."""

    def synthesize(
        self, text: str, *, language: str, voice: VoiceProfile | None = None, speed: float = 1.0
    ) -> Iterator[Samples]:
        twice = f"{text} {text}"
        return super().synthesize(twice, language=language, voice=voice, speed=speed)

    def estimate_s(
        self, text: str, *, language: str, voice: VoiceProfile | None = None, speed: float = 1.0
    ) -> float:
        return 2 * super().estimate_s(text, language=language, voice=voice, speed=speed)


@pytest.fixture
def fast_speaker(engines: Engines, lexicon: Lexicon, task: FileTask) -> FileTask:
    """A minute without a pause, whose translation takes twice as long."""
    engines.synthesizer = SpeaksLong(lexicon=lexicon)
    sentence = " ".join(["Word", *["word"] * 18, "word."])
    recording = lexicon.script(*((0.1 + n * 6.1, sentence) for n in range(10)))
    soundfile.write(task.source, recording, RECOGNITION_RATE, subtype="FLOAT")
    return task


class KnowsShorterWays(FakeTranslator):
    """Can leave out four of twenty words."""

    def alternatives(self, text: str, *, source: str, target: str) -> list[str]:
        (whole,) = self.translate([text], source=source, target=target)
        return [whole, " ".join(whole.split()[4:])]


def test_what_is_too_long_is_said_in_a_shorter_way_and_reported(
    engines: Engines, fast_speaker: FileTask
) -> None:
    able = replace(TRANSLATES, has_alternatives=True)
    engines.translators = {"words": KnowsShorterWays(capabilities=able)}
    session = translate_to_files(engines, fast_speaker, OPTIONS).session
    *shorter, last = [len(segment.translation.split()) for segment in session.segments]
    assert (set(shorter), last) == ({16}, 20), "nothing follows the last one"
    (warning,) = [warning for warning in session.warnings if "no time" in warning]
    assert warning == (
        "there was no time for the best translation at 0:00 to 0:54: it is said in a shorter way"
    )


def test_what_is_late_is_said_once_and_for_each_segment(
    engines: Engines, fast_speaker: FileTask
) -> None:
    session = translate_to_files(engines, fast_speaker, OPTIONS).session
    late = [segment.late_s for segment in session.segments if segment.late_s is not None]
    assert late == sorted(late)
    count, worst = sum(late_s > 4.0 for late_s in late), late[-1]
    starts = [one.source.start_s for one in session.segments if (one.late_s or 0.0) > 4.0]
    places = ", ".join(f"0:{int(start_s):02}" for start_s in starts[:4])
    assert session.warnings == [
        f"{count} sentences are spoken more than 4 s late (at {places} and {count - 4} more), the "
        f"worst {worst:.1f} s at 0:55: `--speed-cap 2` allows faster speech"
    ]
    rows = json.loads(fast_speaker.session.read_text(encoding="utf-8"))["segments"]
    assert [row["late_s"] for row in rows] == pytest.approx(late, abs=0.001)
    assert session.duration_s < 90, "120 s at the voice's own speed, 100 s at 1.2"


def test_a_person_chooses_how_fast_and_how_late(engines: Engines, fast_speaker: FileTask) -> None:
    fastest = replace(OPTIONS, max_speed=2.0)
    assert translate_to_files(engines, fast_speaker, fastest).session.warnings == []
    calm = replace(OPTIONS, max_speed=1.0, max_lag_s=60.0)
    session = translate_to_files(engines, fast_speaker, calm).session
    assert session.warnings == []
    assert {segment.speed for segment in session.segments} == {1.0}


@pytest.mark.parametrize(
    ("chosen", "video_s", "follows"),
    [
        ("auto", 0.0, "speech"),
        ("auto", 5.0, "source"),
        ("speech", 5.0, "speech"),
        ("source", 0.0, "source"),
    ],
)
def test_subtitles_follow_the_picture_of_a_video(
    engines: Engines, lexicon: Lexicon, task: FileTask, chosen: str, video_s: float, follows: str
) -> None:
    engines.synthesizer = SpeaksLong(lexicon=lexicon)
    sentences = ((0.5, "Good day to you all."), (2.2, "It rains and rains and rains."))
    encode(
        task.source.with_suffix(".mkv"), lexicon.script(*sentences), container="matroska",
        codec="flac", rate=RECOGNITION_RATE, video_s=video_s,
    )  # fmt: skip
    task = replace(task, source=task.source.with_suffix(".mkv"))
    options = replace(OPTIONS, subtitle_times=chosen)
    _, second = translate_to_files(engines, task, options).session.segments
    assert second.target is not None
    assert second.target.start_s > second.source.start_s + 0.2
    start_s = (second.source if follows == "source" else second.target).start_s
    clock = f"00:00:0{start_s:.3f}".replace(".", ",")
    assert f"\n{clock} --> " in task.subtitles("srt").read_text(encoding="utf-8")
    assert f"\n00:00:0{second.source.start_s:.3f} --> " in (
        task.source_subtitles("vtt", "en").read_text(encoding="utf-8")
    )


@pytest.mark.parametrize("part", ["recognizer", "translator", "synthesizer"])
@pytest.mark.parametrize("call", [0, 1])
def test_a_failure_of_any_engine_leaves_no_file(
    engines: Engines, lexicon: Lexicon, task: FileTask, part: str, call: int
) -> None:
    if part == "recognizer":
        engines.recognizer = FakeRecognizer(lexicon=lexicon, fails_at=call)
    elif part == "translator":
        engines.translators = {"words": FakeTranslator(fails_at=call)}
    else:
        engines.synthesizer = FakeSynthesizer(lexicon=lexicon, fails_at=call)
    with pytest.raises(StageError) as caught:
        translate_to_files(engines, task, OPTIONS)
    assert "the fake engine failed" in str(root_cause(caught.value))
    left = [path for path in task.folder.iterdir() if path != journal_path(task)]
    assert left == []
    assert part == "synthesizer" or not journal_path(task).exists()
    assert not [thread for thread in threading.enumerate() if "file:" in thread.name]


def test_a_recording_that_cannot_be_read_to_its_end_is_reported(
    engines: Engines, task: FileTask, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = np.concatenate(list(read_blocks(task.source, measured=True)))

    def breaking(*_: object, **__: object) -> object:
        yield whole
        raise AudioDecodeError("talk.wav: the disk was removed")

    monkeypatch.setattr("stslocal.files.speakers.reading.read_blocks", breaking)
    with pytest.raises((StageError, AudioDecodeError)) as caught:
        translate_to_files(engines, task, OPTIONS)
    assert str(root_cause(caught.value)) == "talk.wav: the disk was removed"


def test_a_finished_result_is_found_by_the_next_run(engines: Engines, task: FileTask) -> None:
    assert EarlierFiles(task).result(OPTIONS, NAMES) is None
    speech = translate_to_files(engines, task, OPTIONS)
    result = EarlierFiles(task).result(OPTIONS, NAMES)
    assert result == EarlierResult(read_session(task.session), [])
    other_voice = FileOptions(TranslationRequest("pt", "en", voice="pt_bass"))
    assert EarlierFiles(task).result(other_voice, NAMES) is None
    other_engine = replace(NAMES, synthesizer="other")
    assert EarlierFiles(task).result(OPTIONS, other_engine) is None
    text = task.session.read_text(encoding="utf-8")
    assert json.loads(text)["output"].keys() == {path.name for path in speech.files[:-1]}
    task.source.write_bytes(task.source.read_bytes() + b"\0")
    assert EarlierFiles(task).result(OPTIONS, NAMES) is None


def test_a_chosen_voice_speaks(engines: Engines, task: FileTask) -> None:
    options = FileOptions(TranslationRequest("pt", "en", voice="pt_bass"))
    assert translate_to_files(engines, task, options).session.voice.name == "pt_bass"
    wrong = FileOptions(TranslationRequest("pt", "en", voice="nobody"))
    with pytest.raises(SettingsError, match="nobody"):
        translate_to_files(engines, task, wrong)


@pytest.mark.usefixtures("kept_levels")
def test_a_stream_gets_nothing_where_nothing_can_be_translated(
    engines: Engines, task: FileTask, lexicon: Lexicon
) -> None:
    sink = io.BytesIO()
    with pytest.raises(AudioDecodeError):
        translate_to_stream(engines, io.BytesIO(b"no sound"), sink, OPTIONS)
    assert sink.getvalue() == b""
    with task.source.open("rb") as source:
        assert translate_to_stream(engines, source, sink, OPTIONS) == []
    words = lexicon.recognize(read_audio(io.BytesIO(sink.getvalue())), RECOGNITION_RATE)
    assert [word.text for word in words][:2] == ["pt:good", "pt:day"]


def test_a_file_in_place_of_the_output_folder_is_said(engines: Engines, task: FileTask) -> None:
    task.folder.write_text("notes", encoding="utf-8")
    with pytest.raises(OutputError, match="out is no folder: choose another place with -o"):
        translate_to_files(engines, task, OPTIONS)
    assert task.folder.read_text(encoding="utf-8") == "notes"


def test_a_translation_out_of_proportion_is_spoken_and_reported(
    engines: Engines, task: FileTask
) -> None:
    engines.translators = {"words": TranslatesTooMuch()}
    speech = translate_to_files(engines, task, OPTIONS)
    (dropped,) = speech.session.dropped
    assert dropped.reason == "the translation is out of proportion"
    assert dropped.text.endswith("listen to it")
    assert speech.session.segments[-1].translation == dropped.text
    (warning,) = speech.session.warnings
    assert "missing or doubtful" in warning
