"""Lines of several speakers that are corrected: each is spoken again in its speaker's voice."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import pytest
import soundfile

from stslocal.files.options import FileOptions
from stslocal.files.plan import FileTask
from stslocal.files.project import open_project
from stslocal.files.redo.subtitles import take_subtitles
from stslocal.files.redo.voices import Voices
from stslocal.files.speakers.choice import SpeakerChoice
from stslocal.files.write import translate_to_files
from stslocal.loading.engines import Engines
from stslocal.loading.parts import LoadedParts
from stslocal.results.corrections import Correction
from stslocal.translation.request import TranslationRequest
from stslocal.types import RECOGNITION_RATE, Samples, Turn, VoiceProfile
from tests.fake_engines import NAMES
from tests.fakes import Lexicon

pytestmark = pytest.mark.unit

BY_FILE = SpeakerChoice(turns=(Turn(0.0, 2.0004, "Ann"), Turn(3.0, 7.0, "Ben")))


@dataclass
class Cloner:
    """Makes a voice whose provenance has the length of its reference."""

    def clone(
        self, reference: Samples, sample_rate: int, *, name: str, language: str
    ) -> VoiceProfile:
        return VoiceProfile(name, "fake", {}, {"samples": str(len(reference))})


def parts_of(engines: Engines) -> LoadedParts:
    return LoadedParts(NAMES, engines.translators_with(None), engines.voices, engines.vad, ())


@pytest.mark.parametrize("choice", [BY_FILE, SpeakerChoice(by_channel=True)])
def test_each_speaker_s_voice_is_made_again_from_the_same_sound(
    engines: Engines, lexicon: Lexicon, task: FileTask, choice: SpeakerChoice
) -> None:
    sound = lexicon.script((0.2, "good day to you."), (4.0, "it rains and rains."))
    right = lexicon.script((4.0, "thank you."))
    both = [[a, b] for a, b in zip(sound[: len(right)], right, strict=True)]
    soundfile.write(
        task.source, both if choice.by_channel else sound, RECOGNITION_RATE, subtype="FLOAT"
    )
    engines = replace(engines, cloner=Cloner())
    options = FileOptions(TranslationRequest("pt", "en"), speakers=choice)
    session = translate_to_files(engines, task, options).session
    assert len(session.speakers) == 2
    voices = Voices(session, parts_of(engines), lambda: task.source)
    for segment in session.segments:
        made = voices.voice_of(segment)
        assert made.provenance == session.speakers[segment.speaker].provenance
    assert voices.warnings == []
    lengths = {voice.provenance["samples"] for voice in session.speakers.values()}
    assert len(lengths) == 2
    wanted = replace(session.segments[0], correction=Correction(voice="pt_bass"))
    assert voices.voice_of(wanted).name == "pt_bass"


def test_names_in_corrected_subtitles_are_no_corrections(
    engines: Engines, task: FileTask, tmp_path: Path
) -> None:
    options = FileOptions(TranslationRequest("pt", "en"), speakers=BY_FILE)
    translate_to_files(engines, task, options)
    project = open_project(task.session)
    given = tmp_path / "mine.srt"
    text = task.subtitles("srt").read_text()
    assert "Ann: pt:good" in text
    given.write_text(text.replace("pt:rains and", "pt:chove and").replace("pt:it ", "pt:ele "))
    session = take_subtitles(project, given, of_source=False)
    assert [one.correction.translation for one in session.segments] == [
        None,
        "pt:ele pt:rains pt:and pt:rains.",
    ]
