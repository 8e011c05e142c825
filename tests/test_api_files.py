"""What the command line can do with files, from Python."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from stslocal.api import SpeechTranslator
from stslocal.audio.resample import resample
from stslocal.errors import AudioDecodeError, SettingsError
from stslocal.files.choices import FILE_CHOICES, FileChoices
from stslocal.files.write import FileProgress
from stslocal.settings import Settings
from stslocal.types import RECOGNITION_RATE, Samples, Turn
from tests.audio.videos import RATE as VIDEO_RATE
from tests.audio.videos import Track, make_video
from tests.fake_engines import fake_engines
from tests.fakes import Lexicon

pytestmark = pytest.mark.unit

LINES = ((0.2, "good day to you."), (4.0, "it rains and rains."))


@dataclass(frozen=True, slots=True)
class Diarizer:
    """Finds the same two speakers always."""

    def diarize(
        self, blocks: Iterable[Samples], *, speakers: int | None = None
    ) -> tuple[Turn, ...]:
        assert speakers in (None, 2)
        assert sum(map(len, blocks)) > 0
        return (Turn(0.0, 2.0, "S1"), Turn(3.8, 6.5, "S2"))


@pytest.fixture
def lexicon() -> Lexicon:
    return Lexicon()


@pytest.fixture
def translator(lexicon: Lexicon) -> Iterator[SpeechTranslator]:
    engines = fake_engines(lexicon, models=defaultdict(list), load_diarizer=Diarizer)
    with SpeechTranslator(engines, Settings(target="pt")) as one:
        yield one


@pytest.fixture
def talk(tmp_path: Path, lexicon: Lexicon) -> Path:
    path = tmp_path / "talk.wav"
    soundfile.write(path, lexicon.script(*LINES), RECOGNITION_RATE, subtype="FLOAT")
    return path


def test_a_video_gives_a_video_with_the_original_beneath(
    translator: SpeechTranslator, lexicon: Lexicon, tmp_path: Path
) -> None:
    sound = resample(lexicon.script(*LINES), RECOGNITION_RATE, VIDEO_RATE)
    film = make_video(tmp_path / "talk.mp4", (0.2,), len(sound) / VIDEO_RATE, [Track(sound)])
    speech = translator.translate_file(film, original="full", replace_audio=True)
    assert speech.audio == tmp_path / "talk.pt.mp4"
    assert speech.session.settings["original"] == "full"
    assert speech.session.settings["replace_audio"] is True
    assert speech.session.source.has_pictures
    alone = translator.translate_file(film, tmp_path / "alone", output_format="flac")
    assert alone.audio == tmp_path / "alone" / "talk.pt.flac"


def test_all_kinds_of_results(translator: SpeechTranslator, talk: Path) -> None:
    progress: list[FileProgress] = []
    said: list[str] = []
    speech = translator.translate_file(
        talk,
        subtitles="all",
        bilingual=True,
        report=True,
        check="none",
        on_progress=progress.append,
        on_segment=lambda placed: said.append(placed.spoken.translated.text),
    )
    kinds = {path.name.partition(".pt.")[2] for path in speech.files if ".pt." in path.name}
    assert kinds == {
        "wav", "srt", "vtt", "ass", "txt", "tsv", "json", "report.html", "session.json",
    }  # fmt: skip
    both = (talk.parent / "talk.pt.srt").read_text(encoding="utf-8")
    assert "pt:it pt:rains pt:and pt:rains.\nit rains and rains." in both
    assert said == speech.translation.splitlines()
    assert [one.done_s for one in progress] == sorted(one.done_s for one in progress)
    assert len(progress) == 2


@pytest.mark.parametrize("speakers", ["auto", 2, "2"])
def test_each_speaker_has_a_voice(
    translator: SpeechTranslator, talk: Path, speakers: str | int
) -> None:
    speech = translator.translate_file(talk, speakers=speakers)
    assert [one.speaker for one in speech.session.segments] == ["S1", "S2"]
    assert set(speech.session.speakers) == {"S1", "S2"}
    said = translator.translate(talk, speakers=speakers)
    assert [one.spoken.translated.segment.speaker for one in said.segments] == ["S1", "S2"]


def test_who_speaks_is_read_from_a_file(translator: SpeechTranslator, talk: Path) -> None:
    turns = talk.with_name("talk.rttm")
    turns.write_text(
        "SPEAKER talk 1 0.0 2.0 <NA> <NA> anna <NA> <NA>\n"
        "SPEAKER talk 1 3.8 2.7 <NA> <NA> bert <NA> <NA>\n",
        encoding="utf-8",
    )
    speech = translator.translate_file(talk, speakers=turns)
    assert [one.speaker for one in speech.session.segments] == ["anna", "bert"]


def test_each_channel_has_a_speaker(
    translator: SpeechTranslator, lexicon: Lexicon, tmp_path: Path
) -> None:
    first, second = (lexicon.script(line) for line in LINES)
    both = np.zeros((max(len(first), len(second)), 2), np.float32)
    both[: len(first), 0], both[: len(second), 1] = first, second
    soundfile.write(tmp_path / "call.wav", both, RECOGNITION_RATE, subtype="FLOAT")
    speech = translator.translate_file(tmp_path / "call.wav", channels="speakers")
    assert len({one.speaker for one in speech.session.segments}) == 2
    one = translator.translate_file(tmp_path / "call.wav", tmp_path / "one", channel=2)
    assert one.text == "it rains and rains."


def test_several_languages_are_named(translator: SpeechTranslator, talk: Path) -> None:
    speech = translator.translate_file(talk, languages=["English", "pt"])
    assert speech.session.settings["languages"] == ["en", "pt"]


def test_subtitles_that_are_there_are_taken(lexicon: Lexicon, talk: Path) -> None:
    srt = talk.with_name("talk.en.srt")
    srt.write_text("1\n00:00:00,200 --> 00:00:02,000\ngood morning.\n", encoding="utf-8")
    engines = fake_engines(lexicon, models=defaultdict(list))
    with SpeechTranslator(engines, Settings(source="en", target="pt")) as translator:
        speech = translator.translate_file(talk, talk.parent / "given", source_srt=srt)
        assert speech.translation == "pt:good pt:morning."


def test_a_recording_of_one_channel_has_no_speakers_in_channels(
    translator: SpeechTranslator, talk: Path
) -> None:
    with pytest.raises(SettingsError, match="has one channel"):
        translator.translate_file(talk, channels="speakers")
    with pytest.raises(AudioDecodeError, match="no channel 3"):
        translator.translate_file(talk, channel=3)
    assert sorted(path.name for path in talk.parent.iterdir()) == ["talk.wav"]


@pytest.mark.parametrize(
    ("choices", "says"),
    [
        ({"original": "loud"}, "original: 'loud' is not one of auto, off, duck, full"),
        ({"original": "-90dB"}, "is not a level from -1dB to -60dB"),
        ({"output_format": "exe"}, "output_format: 'exe' is not one of auto, wav"),
        ({"subtitles": ["srt", "sub"]}, "subtitles: 'sub' is not one of srt"),
        ({"check": True}, "check: True is not one of"),
        ({"bilingual": "yes"}, "bilingual is 'yes': give True or False"),
        ({"audio_track": 0}, "audio_track is 0: give a number from 1 on"),
        ({"channel": True}, "channel is True"),
        ({"speakers": 0}, "from 1 to 50"),
        ({"speakers": 1.5}, "speakers is 1.5: give auto, a number or a file"),
        ({"speakers": "nobody.rttm"}, "nobody.rttm"),
        ({"channels": "left"}, "channels is 'left': take one of mix, speakers"),
        ({"channels": "speakers", "speakers": 2}, "leave out speakers and channel"),
        ({"languages": "en,pt"}, "give a list"),
        ({"languages": ["klingon"]}, "'klingon' is not a language"),
        ({"source_srt": "talk.srt"}, "name the language that is spoken"),
        ({"reports": True}, "there is no choice 'reports' here: there are audio_track"),
    ],
)
def test_a_wrong_choice_is_one_sentence(
    choices: dict[str, Any], says: str, translator: SpeechTranslator, talk: Path
) -> None:
    with pytest.raises(SettingsError, match=says.replace("(", r"\(")):
        translator.translate_file(talk, **choices)


def test_a_language_and_a_list_of_languages_contradict_each_other(
    lexicon: Lexicon, talk: Path
) -> None:
    with (
        SpeechTranslator(fake_engines(lexicon), Settings(source="en", target="pt")) as translator,
        pytest.raises(SettingsError, match="the source is en, and languages names en, pt"),
    ):
        translator.translate_file(talk, languages=["en", "pt"])


def test_what_is_of_files_is_no_choice_in_memory(translator: SpeechTranslator, talk: Path) -> None:
    with pytest.raises(SettingsError, match="there is no choice 'report' here"):
        translator.translate(talk, report=True)  # type: ignore[call-arg]
    assert set(FileChoices.__annotations__) >= FILE_CHOICES
