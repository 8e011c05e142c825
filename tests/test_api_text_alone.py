"""`SpeechTranslator` where nothing is spoken: texts in, texts out, and no voice."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import soundfile

from stslocal import SettingsError, SpeechTranslator
from stslocal.metrics import PlaybackStarted, SegmentTranslated
from stslocal.settings import Settings
from stslocal.types import RECOGNITION_RATE
from tests.fake_engines import text_alone
from tests.fakes import Lexicon

pytestmark = pytest.mark.unit

LINES = ((0.2, "good day to you."), (4.0, "it rains and rains."))


@pytest.fixture
def lexicon() -> Lexicon:
    return Lexicon()


@pytest.fixture
def translator(lexicon: Lexicon) -> Iterator[SpeechTranslator]:
    settings = Settings(source="en", target="pt", tts="none")
    with SpeechTranslator(text_alone(lexicon), settings) as one:
        yield one


def test_a_recording_gives_subtitles_and_its_lines_are_corrected(
    translator: SpeechTranslator, lexicon: Lexicon, tmp_path: Path
) -> None:
    path = tmp_path / "talk.wav"
    soundfile.write(path, lexicon.script(*LINES), RECOGNITION_RATE, subtype="FLOAT")
    done = translator.translate_file(path, report=True)
    assert done.audio is None
    assert [path.suffix for path in done.files] == [
        ".srt", ".srt", ".vtt", ".vtt", ".html", ".json",
    ]  # fmt: skip
    result = translator.redo(done.files[-1], {2: {"text": "it snows."}})
    assert result is not None
    assert (result.audio, list(result.translated), list(result.written)) == (None, [2], [2])
    assert "pt:it pt:snows." in (tmp_path / "talk.pt.srt").read_text()
    with pytest.raises(SettingsError, match="its voice cannot be changed"):
        translator.redo(done.files[-1], {1: {"voice": "anna"}})


def test_samples_give_segments_without_a_sound(
    translator: SpeechTranslator, lexicon: Lexicon
) -> None:
    recording = (lexicon.script(*LINES), RECOGNITION_RATE)
    done = translator.translate(recording)
    assert (len(done.samples), done.sample_rate) == (0, 0)
    assert done.translation.splitlines() == [
        "pt:good pt:day pt:to pt:you.", "pt:it pt:rains pt:and pt:rains.",
    ]  # fmt: skip
    segments = list(translator.translate_segments(recording))
    assert [len(one.spoken.samples) for one in segments] == [0, 0]


def test_a_text_is_translated_and_not_spoken(translator: SpeechTranslator) -> None:
    assert translator.translate_text("Good night.") == "pt:Good pt:night."
    with pytest.raises(SettingsError, match="`tts` is none, so nothing is spoken here"):
        translator.speak("Boa noite.")


def test_a_stream_gives_the_texts(translator: SpeechTranslator, lexicon: Lexicon) -> None:
    played: list[object] = []
    chunks = [lexicon.script((0.1, "Good night."))]
    events = list(translator.stream(chunks, on_audio=played.append))
    texts = [event.text for event in events if isinstance(event, SegmentTranslated)]
    assert texts == ["pt:Good pt:night."]
    assert not [event for event in events if isinstance(event, PlaybackStarted)]
    assert not played


@pytest.mark.parametrize(
    "choices", [{"original": "duck"}, {"background": "keep"}, {"replace_audio": True}]
)
def test_choices_of_speech_are_refused(
    choices: dict[str, object], translator: SpeechTranslator, tmp_path: Path
) -> None:
    with pytest.raises(SettingsError, match=f"`tts` is none: leave out {next(iter(choices))}"):
        translator.translate_file(tmp_path / "talk.wav", **choices)  # type: ignore[arg-type]
