"""A recording of several speakers: their names, their voices, and who said what."""

from __future__ import annotations

import io
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
import soundfile

from stslocal.errors import AudioDecodeError, SettingsError
from stslocal.files.options import FileOptions
from stslocal.files.plan import FileTask
from stslocal.files.speakers.choice import SpeakerChoice
from stslocal.files.speakers.turn_files import read_turns
from stslocal.files.translation import FileTranslation
from stslocal.files.write import translate_to_files
from stslocal.loading.engines import Engines
from stslocal.results.session import read_session
from stslocal.translation.request import TranslationRequest
from stslocal.types import RECOGNITION_RATE, Samples, Turn, VoiceProfile
from tests.fakes import Lexicon

pytestmark = pytest.mark.unit

TURNS = (Turn(0.0, 2.0, "Ann"), Turn(3.0, 7.0, "Ben"))
REQUEST = TranslationRequest("pt", "en")


@dataclass
class Cloner:
    """Makes a voice that is named by the seconds of its reference."""

    def clone(
        self, reference: Samples, sample_rate: int, *, name: str, language: str
    ) -> VoiceProfile:
        seconds = len(reference) / sample_rate
        return VoiceProfile(f"{name} of {seconds:.0f} s", "fake", {}, {"styles": "alto"})


@dataclass
class Diarizer:
    """Gives the turns that it holds, after it has taken the whole recording."""

    turns: tuple[Turn, ...]
    taken: int = 0
    asked: int | None = None

    def diarize(
        self, blocks: Iterable[Samples], *, speakers: int | None = None
    ) -> tuple[Turn, ...]:
        self.taken = sum(map(len, blocks))
        self.asked = speakers
        return self.turns


def translated(engines: Engines, source: Path, choice: SpeakerChoice) -> list[tuple[str, str, str]]:
    running = FileTranslation(engines, source, FileOptions(REQUEST, speakers=choice))
    return [
        (one.spoken.translated.segment.speaker, one.spoken.translated.segment.text,
         one.spoken.voice)
        for one in running.segments()
    ]  # fmt: skip


def test_each_speaker_has_a_name_and_a_voice(engines: Engines, task: FileTask) -> None:
    engines = replace(engines, cloner=Cloner())
    options = FileOptions(REQUEST, speakers=SpeakerChoice(turns=TURNS))
    translate_to_files(engines, task, options)
    session = read_session(task.session)
    assert [(row.speaker, row.text, row.voice) for row in session.segments] == [
        ("Ann", "good day to you.", "match of 2 s"),
        ("Ben", "it rains and rains.", "match of 3 s"),
    ]
    assert list(session.speakers) == ["Ann", "Ben"]
    assert session.speakers["Ben"].name == "match of 3 s"
    assert session.turns == TURNS
    assert "Ann: good day to you." in task.source_subtitles("srt", "en").read_text()
    assert "<v Ben>pt:it" in task.subtitles("vtt").read_text()
    assert read_turns(task.session) == TURNS  # so names can be corrected in it


def test_who_speaks_at_the_same_time_is_named(engines: Engines, task: FileTask) -> None:
    first, second = TURNS
    at_once = (replace(first, end_s=second.end_s), second)
    options = FileOptions(REQUEST, speakers=SpeakerChoice(turns=at_once))
    session = translate_to_files(replace(engines, cloner=Cloner()), task, options).session
    written = read_session(task.session).segments
    assert [row.also for row in written] == [row.also for row in session.segments]
    both = [row for row in session.segments if row.also]
    assert [(row.speaker, *row.also) for row in both] in (
        [("Ann", "Ben")],
        [("Ben", "Ann")],
        [("Ann", "Ben"), ("Ben", "Ann")],
    )
    assert f"\n{both[0].who}: " in task.source_subtitles("srt", "en").read_text()
    assert f"<v {both[0].who}>" in task.subtitles("vtt").read_text()
    assert any("at the same time" in warning for warning in session.warnings)


def test_one_voice_that_is_named_speaks_for_all(engines: Engines, task: FileTask) -> None:
    request = replace(REQUEST, voice="pt_bass")
    options = FileOptions(request, speakers=SpeakerChoice(turns=TURNS))
    session = translate_to_files(engines, task, options).session
    assert [row.voice for row in session.segments] == ["pt_bass", "pt_bass"]
    assert {voice.name for voice in session.speakers.values()} == {"pt_bass"}


def test_no_two_speakers_have_one_voice(engines: Engines, task: FileTask) -> None:
    taken: list[list[str]] = []

    def apart(profile: VoiceProfile, others: Iterable[VoiceProfile]) -> VoiceProfile:
        taken.append([one.name for one in others])
        return replace(profile, name=f"{len(taken)}")

    engines = replace(engines, cloner=Cloner(), apart=apart)
    voices = [voice for *_, voice in translated(engines, task.source, SpeakerChoice(turns=TURNS))]
    assert voices == ["1", "2"]
    assert taken == [[], ["1"]]


def test_a_sentence_ends_where_the_speaker_changes(
    engines: Engines, lexicon: Lexicon, tmp_path: Path
) -> None:
    source = tmp_path / "talk.wav"
    sound = lexicon.script((0.2, "good day and"), (2.4, "it rains."))
    soundfile.write(source, sound, RECOGNITION_RATE, subtype="FLOAT")
    turns = (Turn(0.2, 1.6, "Ann"), Turn(2.4, 3.4, "Ben"))
    assert [one[:2] for one in translated(engines, source, SpeakerChoice(turns=turns))] == [
        ("Ann", "good day and"),
        ("Ben", "it rains."),
    ]


@pytest.mark.parametrize("as_stream", [False, True])
def test_speakers_are_found_in_the_whole_recording(
    engines: Engines, task: FileTask, *, as_stream: bool
) -> None:
    diarizer = Diarizer(TURNS)
    engines = replace(engines, cloner=Cloner(), load_diarizer=lambda: diarizer)
    source = io.BytesIO(task.source.read_bytes()) if as_stream else task.source
    running = FileTranslation(
        engines, source, FileOptions(REQUEST, speakers=SpeakerChoice(count=2))
    )
    names = [one.spoken.translated.segment.speaker for one in running.segments()]
    assert names == ["Ann", "Ben"]
    length = soundfile.info(task.source).frames
    assert (diarizer.taken, diarizer.asked) == (length, 2)
    assert running.duration_s == pytest.approx(length / RECOGNITION_RATE)


def test_a_recording_without_speech_has_no_speakers(engines: Engines, tmp_path: Path) -> None:
    source = tmp_path / "silence.wav"
    soundfile.write(source, np.zeros(32_000, np.float32), RECOGNITION_RATE)
    engines = replace(engines, load_diarizer=lambda: Diarizer(()))
    running = FileTranslation(engines, source, FileOptions(REQUEST, speakers=SpeakerChoice()))
    assert list(running.segments()) == []
    assert any("nobody speaks" in warning for warning in running.warnings)


def test_a_longer_recording_than_may_be_is_refused_while_speakers_are_found(
    engines: Engines, task: FileTask
) -> None:
    engines = replace(engines, load_diarizer=lambda: Diarizer(TURNS))
    options = FileOptions(REQUEST, speakers=SpeakerChoice(), longest_s=2.0)
    with pytest.raises(AudioDecodeError, match="is longer than"):
        list(FileTranslation(engines, task.source, options).segments())


def test_what_can_be_read_once_only_is_refused(engines: Engines) -> None:
    class Once(io.BytesIO):
        def seekable(self) -> bool:
            return False

    options = FileOptions(REQUEST, speakers=SpeakerChoice())
    with pytest.raises(SettingsError, match="can be read once only: write it to a file first"):
        list(FileTranslation(engines, Once(b"x"), options).segments())


def test_people_who_speak_at_once_are_reported(engines: Engines, task: FileTask) -> None:
    turns = (Turn(0.0, 5.0, "Ann"), Turn(4.0, 7.0, "Ben"))
    options = FileOptions(REQUEST, speakers=SpeakerChoice(turns=turns))
    warnings = translate_to_files(engines, task, options).session.warnings
    assert any("two people speak at the same time at 0:04" in one for one in warnings)


def test_a_rerun_with_other_speakers_is_another_translation(engines: Engines) -> None:
    def settings(choice: SpeakerChoice | None) -> object:
        return FileOptions(REQUEST, speakers=choice).fingerprint(engines.selection).get("speakers")

    assert settings(None) is None
    assert settings(SpeakerChoice()) == "auto"
    assert settings(SpeakerChoice(count=2)) == "2"
    assert settings(SpeakerChoice(by_channel=True)) == "channels"
