"""Several languages in one recording, on fake engines."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
import soundfile

from stslocal.audio.resample import resample
from stslocal.errors import SettingsError
from stslocal.files.by_language import KeepOriginal, RecognizeByLanguage
from stslocal.files.languages import IdentifyLanguages
from stslocal.files.options import FileOptions
from stslocal.files.plan import FileTask
from stslocal.files.stages import Recognize, SegmentSpeech
from stslocal.files.translation import FileTranslation
from stslocal.files.utterances import FILE_LIMITS, UtteranceCutter
from stslocal.files.write import translate_to_files
from stslocal.loading.engines import Engines
from stslocal.results.session import read_session
from stslocal.translation.glossary import Glossary, Term
from stslocal.translation.request import TranslationRequest
from stslocal.translation.segmentation import Segmenter
from stslocal.types import RECOGNITION_RATE, Samples, Utterance
from tests.fakes import FakeRecognizer, FakeVad, Lexicon

pytestmark = pytest.mark.unit

AUTO = FileOptions(TranslationRequest("pt"))
EN = "the rain it rains and rains."
PT = "pt-a pt-chuva pt-cai pt-sem pt-parar."
DE = "de-der de-regen de-hört de-nicht de-auf."


@dataclass(slots=True)
class Polyglot(FakeRecognizer):
    """Detects the language of most of the words: `pt-bom` is Portuguese, `good` English."""

    def detect_language(self, audio: Samples) -> tuple[str, float]:
        words = [word.text for word in self.lexicon.recognize(audio)]
        languages = [word[:2] if word[2:3] == "-" else "en" for word in words]
        if not languages:
            return "en", 0.2
        most = max(languages, key=languages.count)
        return most, languages.count(most) / len(languages)


@pytest.fixture
def polyglot(engines: Engines, lexicon: Lexicon) -> Engines:
    engines.recognizer = Polyglot(lexicon=lexicon)
    return engines


def write(path: Path, recording: Samples) -> None:
    soundfile.write(path, recording, RECOGNITION_RATE, subtype="FLOAT")


def detected(
    lexicon: Lexicon, recording: Samples, known: str = "en"
) -> list[tuple[str, str, float]]:
    """(language, words, start) of each utterance that IdentifyLanguages makes of a recording."""
    cut = SegmentSpeech(FakeVad(), UtteranceCutter())
    identify = IdentifyLanguages(Polyglot(lexicon=lexicon), known)
    utterances = [
        part for one in [*cut.process(recording), *cut.finish()] for part in identify.process(one)
    ]
    return [
        (one.language, " ".join(w.text for w in lexicon.recognize(one.samples)), one.start_s)
        for one in utterances
    ]


@pytest.mark.parametrize("first", [EN, PT])
def test_each_part_is_translated_from_its_language_and_the_target_is_kept(
    polyglot: Engines, lexicon: Lexicon, task: FileTask, first: str
) -> None:
    second = PT if first == EN else EN
    recording = lexicon.script((1.0, first), (5.0, second))
    write(task.source, recording)
    speech = translate_to_files(polyglot, task, AUTO)
    rows = sorted(read_session(task.session).segments, key=lambda row: row.language)
    english, kept = rows
    assert [row.index for row in speech.session.segments] == [0, 1]
    assert (english.language, english.text, english.voice) == ("en", EN, "match")
    assert english.translation == " ".join(f"pt:{word}" for word in EN.split())
    assert (kept.language, kept.text, kept.translation, kept.voice) == ("pt", PT, PT, "original")
    assert speech.session.source_language == "en"
    (warning,) = speech.session.warnings
    assert "is in Portuguese (pt) already: its own sound is kept" in warning
    for kind in ("srt", "vtt"):
        assert "pt-chuva" in task.subtitles(kind).read_text(encoding="utf-8")
        assert "pt-chuva" in task.source_subtitles(kind, "en").read_text(encoding="utf-8")

    samples, rate = soundfile.read(task.audio, dtype="float32")
    assert kept.target is not None
    assert kept.target.start_s == pytest.approx(kept.source.start_s, abs=0.01)
    span = slice(round(kept.target.start_s * rate), round(kept.target.end_s * rate))
    original = resample(
        recording[round(kept.source.start_s * 16_000) : round(kept.source.end_s * 16_000)],
        RECOGNITION_RATE,
        rate,
    )
    assert np.abs(samples[span] - original[: span.stop - span.start]).max() < 1e-3


def test_a_recording_that_is_all_in_the_target_language_is_refused_before_any_work(
    polyglot: Engines, lexicon: Lexicon, task: FileTask
) -> None:
    write(task.source, lexicon.script((1.0, PT), (5.0, PT), (9.0, PT)))
    with pytest.raises(SettingsError, match=r"already in Portuguese.*--to.*--from"):
        translate_to_files(polyglot, task, AUTO)
    assert list(task.folder.iterdir()) == []


@pytest.mark.parametrize("then", [PT, EN])
def test_a_long_beginning_in_the_target_language_is_kept_if_something_else_follows(
    polyglot: Engines, lexicon: Lexicon, task: FileTask, then: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    for module in ("translation", "opening"):
        monkeypatch.setattr(f"stslocal.files.{module}.LONGEST_OPENING_S", 4.0)
    write(task.source, lexicon.script((1.0, PT), (5.0, PT), (9.0, PT), (13.0, then)))
    if then == PT:
        with pytest.raises(SettingsError, match="already in Portuguese"):
            translate_to_files(polyglot, task, AUTO)
        return
    session = translate_to_files(polyglot, task, AUTO).session
    assert [row.language for row in session.segments] == ["pt", "pt", "pt", "en"]
    assert session.source_language == "en"
    assert task.source_subtitles("srt", "en").exists()


def test_the_voice_is_made_from_the_speaker_who_is_translated(
    polyglot: Engines, lexicon: Lexicon, task: FileTask
) -> None:
    write(task.source, lexicon.script((1.0, PT), (5.0, EN), (9.0, PT)))
    running = FileTranslation(polyglot, task.source, AUTO)
    assert len(list(running.segments())) == 3
    assert running.voice is not None
    assert float(running.voice.provenance["reference_s"]) < 4.0  # only the second line


def test_a_language_that_changes_within_an_utterance_divides_it(lexicon: Lexicon) -> None:
    # The pause of 0.5 s is too short to end an utterance.
    recording = lexicon.script((1.0, f"{EN} {EN}"), (5.05, f"{PT} {PT}"))
    first, second = detected(lexicon, recording)
    assert (first[:2], second[:2]) == (("en", f"{EN} {EN}"), ("pt", f"{PT} {PT}"))
    assert [first[2], second[2]] == pytest.approx([1.0 - FILE_LIMITS.margin_s, 4.8], abs=0.1)


def test_a_word_of_another_language_changes_nothing(lexicon: Lexicon) -> None:
    recording = lexicon.script((1.0, EN), (7.0, "pt-bom"), (13.0, f"{EN} pt-bom"))
    assert [language for language, *_ in detected(lexicon, recording)] == ["en"] * 3


def test_an_uncertain_detection_keeps_the_language(lexicon: Lexicon) -> None:
    uncertain = "pt-um pt-dois pt-tres one two"  # detected with 0.6
    recording = lexicon.script((1.0, EN), (7.0, uncertain), (13.0, PT))
    assert [language for language, *_ in detected(lexicon, recording)] == ["en", "en", "pt"]


def test_a_language_that_nothing_translates_is_reported_and_not_lost(
    polyglot: Engines, lexicon: Lexicon, task: FileTask
) -> None:
    write(task.source, lexicon.script((1.0, EN), (7.0, f"{DE} {DE} {DE}"), (16.0, EN)))
    session = translate_to_files(polyglot, task, AUTO).session
    assert {row.language for row in session.segments} == {"en"}
    assert "de-regen" in " ".join(row.text for row in session.segments)
    assert session.warnings == [
        "the speech at 0:06 to 0:11 seems to be in German (de), and was recognized as "
        "English (en): nothing here translates it"
    ]


def test_a_given_language_is_kept_and_another_one_is_reported(
    polyglot: Engines, lexicon: Lexicon, task: FileTask
) -> None:
    write(task.source, lexicon.script((1.0, f"{PT} {PT} {PT}"), (9.0, EN)))
    session = translate_to_files(
        polyglot, task, FileOptions(TranslationRequest("pt", "en"))
    ).session
    assert {row.language for row in session.segments} == {"en"}
    (warning,) = session.warnings
    assert warning.startswith("the speech at 0:00 to 0:05 seems to be in Portuguese (pt), and was")
    assert "leave --from out" in warning


def test_a_given_language_is_looked_at_once_a_minute(lexicon: Lexicon) -> None:
    recognizer = Polyglot(lexicon=lexicon)
    identify = IdentifyLanguages(recognizer, "en", given=True)
    speech = lexicon.say(f"{EN} {EN}")
    duration_s = len(speech) / RECOGNITION_RATE
    for number in range(100):
        start_s = 5.0 * number
        one = Utterance(number, start_s, speech, ((start_s, start_s + duration_s),))
        assert [part.language for part in identify.process(one)] == ["en"]
    assert list(identify.warnings()) == []


def test_what_only_whisper_translates_is_translated_by_ear_beside_a_translator(
    polyglot: Engines, lexicon: Lexicon, task: FileTask
) -> None:
    task = replace(task, audio=task.audio.with_name("talk.en.wav"), target="en")
    write(task.source, lexicon.script((1.0, PT), (5.0, DE), (9.0, EN)))
    glossary = Glossary([Term("pt-chuva", "rain")])
    options = FileOptions(TranslationRequest("en", glossary=glossary))
    session = translate_to_files(polyglot, task, options).session
    assert [row.language for row in session.segments] == ["pt", "de", "en"]
    assert session.segments[1].translation == " ".join(f"en:{word}" for word in DE.split())
    assert [model.engine for model in session.models] == [
        "fake-recognizer", "fake-synthesizer", "words",
    ]  # fmt: skip
    assert "German (de) is translated by Whisper itself" in " ".join(session.warnings)


def test_segments_of_all_languages_are_numbered_in_order(lexicon: Lexicon) -> None:
    recognizer = FakeRecognizer(lexicon=lexicon)
    stage = RecognizeByLanguage(
        lambda code: (
            KeepOriginal(recognizer, language=code)
            if code == "pt"
            else Recognize(recognizer, Segmenter(code), language=code)
        )
    )
    spoken = [("en", "one two"), ("pt", "pt-tres"), ("en", "four."), ("en", "five")]
    segments = [
        segment
        for number, (language, text) in enumerate(spoken)
        for segment in stage.process(
            Utterance(number, 2.0 * number, lexicon.say(text), language=language)
        )
    ]
    segments += stage.finish()
    assert [(one.index, one.language, one.text) for one in segments] == [
        (0, "en", "one two"), (1, "pt", "pt-tres"), (2, "en", "four."), (3, "en", "five"),
    ]  # fmt: skip


def test_a_short_sentence_behind_a_long_pause_has_its_own_language(lexicon: Lexicon) -> None:
    # A pause of 1.5 s ends no utterance, and each sentence is shorter than a phrase.
    recording = lexicon.script((1.0, EN), (1.0 + 1.44 + 1.5, PT))
    assert [language for language, *_ in detected(lexicon, recording)] == ["en", "pt"]
