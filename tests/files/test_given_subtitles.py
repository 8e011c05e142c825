"""Subtitles that a person has are taken in place of recognition, and of translation."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile

from stslocal.errors import SettingsError, StageError
from stslocal.files.earlier import EarlierFiles
from stslocal.files.given_subtitles import GivenSubtitles, language_of_name
from stslocal.files.options import FileOptions
from stslocal.files.plan import FileTask
from stslocal.files.project import open_project
from stslocal.files.write import translate_to_files
from stslocal.loading.engines import Engines
from stslocal.loading.not_loaded import NoRecognizer
from stslocal.results.corrections import Correction
from stslocal.translation.request import TranslationRequest
from stslocal.types import RECOGNITION_RATE
from tests.fake_engines import NAMES
from tests.fakes import RECOGNIZES, FakeTranslator
from tests.redoing import correct, run

pytestmark = pytest.mark.unit

SAID = """\
1
00:00:00,200 --> 00:00:01,000
Good day

2
00:00:01,000 --> 00:00:01,500
to all of you.

3
00:00:04,000 --> 00:00:05,200
It pours.
"""
TRANSLATED = """\
1
00:00:00,200 --> 00:00:01,500
Bom dia a todos.

2
00:00:04,000 --> 00:00:05,200
<i>Chove muito.</i>
"""


@pytest.fixture
def engines(engines: Engines) -> Engines:
    engines.recognizer = NoRecognizer(RECOGNIZES, "en")
    return engines


def given(folder: Path, said: str | None = SAID, translated: str | None = None) -> GivenSubtitles:
    paths: list[Path | None] = []
    for name, text in (("talk.en.srt", said), ("mine.srt", translated)):
        path = folder / name
        if text is not None:
            path.write_text(text, "utf-8")
        paths.append(None if text is None else path)
    return GivenSubtitles.read(paths[0], paths[1], language="en", target="pt")


def options(subtitles: GivenSubtitles) -> FileOptions:
    return FileOptions(TranslationRequest("pt", "en"), given=subtitles)


def test_the_text_is_taken_and_translated(engines: Engines, task: FileTask, tmp_path: Path) -> None:
    speech = translate_to_files(engines, task, options(given(tmp_path)))
    assert speech.text == "Good day to all of you.\nIt pours."
    assert speech.translation == "pt:Good pt:day pt:to pt:all pt:of pt:you.\npt:It pt:pours."
    first, second = speech.session.segments
    assert (first.source.start_s, first.source.end_s) == pytest.approx((0.2, 1.5))
    assert second.target is not None
    assert second.target.start_s == pytest.approx(4.0, abs=0.01)
    assert speech.session.source_language == "en"
    assert speech.session.voice.provenance["reference_s"] > "2", "made from the recording's speech"


@pytest.mark.parametrize("said", [SAID, None])
def test_the_translation_is_taken_and_nothing_is_translated(
    engines: Engines, task: FileTask, tmp_path: Path, said: str | None
) -> None:
    engines.translators = {"words": FakeTranslator(fails_at=0)}
    speech = translate_to_files(engines, task, options(given(tmp_path, said, TRANSLATED)))
    assert speech.translation == "Bom dia a todos.\nChove muito."
    assert speech.session.segments[0].text == ("Good day to all of you." if said else "")
    assert speech.session.warnings == []
    assert task.source_subtitles("srt", "en").exists() is bool(said)
    assert "Chove muito." in task.subtitles("srt").read_text("utf-8")


def test_subtitles_are_spoken_also_where_no_speech_is_detected(
    engines: Engines, task: FileTask, tmp_path: Path
) -> None:
    soundfile.write(task.source, np.zeros(6 * RECOGNITION_RATE, np.float32), RECOGNITION_RATE)
    speech = translate_to_files(engines, task, options(given(tmp_path)))
    assert speech.translation == "pt:Good pt:day pt:to pt:all pt:of pt:you.\npt:It pt:pours."
    starts = [one.target.start_s for one in speech.session.segments if one.target]
    assert starts == pytest.approx([0.2, 4.0], abs=0.01)
    (warning,) = speech.session.warnings
    assert "the subtitles are spoken at their times" in warning
    assert "pt:pours" in task.subtitles("srt").read_text("utf-8")
    wanted = correct(open_project(task.session), {2: Correction(translation="chove.")})
    assert run(wanted, engines).spoken == [2]


def test_a_rerun_compares_the_texts(engines: Engines, task: FileTask, tmp_path: Path) -> None:
    translate_to_files(engines, task, options(given(tmp_path)))
    earlier = EarlierFiles(task)
    assert earlier.result(options(given(tmp_path)), NAMES) is not None
    other = given(tmp_path, SAID.replace("pours", "rains"))
    assert earlier.result(options(other), NAMES) is None
    assert earlier.result(replace(options(other), given=None), NAMES) is None


def test_cues_outside_of_every_sentence_are_not_lost(tmp_path: Path) -> None:
    late = TRANSLATED + "\n3\n00:00:30,000 --> 00:00:31,000\nAdeus.\n"
    found = given(tmp_path, SAID, late)
    assert [one.translation for one in found.segments] == [
        "Bom dia a todos.", "Chove muito. Adeus.",
    ]  # fmt: skip


def test_a_pair_without_a_translator_is_refused(
    engines: Engines, task: FileTask, tmp_path: Path
) -> None:
    german = FileOptions(TranslationRequest("en", "de"), given=given(tmp_path))
    with pytest.raises(SettingsError, match=r"German .*English.*--mt.*--target-srt"):
        translate_to_files(engines, task, german)


def test_the_language_in_a_name() -> None:
    assert language_of_name(Path("a/talk.en.srt")) == "en"
    for name in ("talk.srt", "talk.final.srt", "en.srt"):
        assert language_of_name(Path(name)) is None
    assert language_of_name(None) is None


def test_the_speech_is_recognized_again_only_where_that_is_asked(tmp_path: Path) -> None:
    subtitles = given(tmp_path)
    assert not options(subtitles).checks_speech, "no recognizer is loaded"
    assert replace(options(subtitles), check="all").checks_speech
    assert replace(options(subtitles), given=None).checks_speech


def test_subtitles_of_another_recording_are_refused(
    engines: Engines, task: FileTask, tmp_path: Path
) -> None:
    """Else a wrong hour would make an hour of silence."""
    said = SAID.replace("00:00:04,000 --> 00:00:05,200", "01:00:04,000 --> 01:00:05,200")
    with pytest.raises(StageError, match=r"go on until 1:00:05\.200, and the recording ends at"):
        translate_to_files(engines, task, options(given(tmp_path, said)))
    assert not task.audio.exists()
