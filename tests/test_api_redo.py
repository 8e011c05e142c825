"""Correcting the sentences of a translation from Python."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import soundfile

from stslocal import SettingsError, SpeechTranslator, correct_lines, read_lines
from stslocal.errors import OutputError
from stslocal.loading.selection import EngineSelection
from stslocal.settings import Settings
from stslocal.types import RECOGNITION_RATE
from tests.fake_engines import fake_engines
from tests.fakes import Lexicon

pytestmark = [pytest.mark.unit, pytest.mark.usefixtures("kept_levels")]

LINES = ((0.2, "good day to you."), (4.0, "it rains and rains."), (8.0, "we go home now."))
SECOND = "pt:it pt:rains pt:and pt:rains."


@pytest.fixture
def lexicon() -> Lexicon:
    return Lexicon()


@pytest.fixture
def translator(lexicon: Lexicon) -> Iterator[SpeechTranslator]:
    engines = fake_engines(lexicon, models=defaultdict(list))
    with SpeechTranslator(engines, Settings(target="pt")) as one:
        yield one


@pytest.fixture
def session(translator: SpeechTranslator, lexicon: Lexicon, tmp_path: Path) -> Path:
    path = tmp_path / "talk.wav"
    soundfile.write(path, lexicon.script(*LINES), RECOGNITION_RATE, subtype="FLOAT")
    return translator.translate_file(path).files[-1]


def words(path: Path | None, lexicon: Lexicon) -> list[str]:
    assert path is not None
    samples, rate = soundfile.read(path, dtype="float32")
    return [word.text for word in lexicon.recognize(samples, rate)]


def test_lines_are_read_corrected_and_spoken(
    translator: SpeechTranslator, session: Path, lexicon: Lexicon
) -> None:
    lines = read_lines(session)
    assert [line.text for line in lines] == [text for _, text in LINES]
    assert [line.number for line in lines] == [1, 2, 3]
    assert lines[1].translation == SECOND
    assert lines[1].source_start_s == pytest.approx(4.0, abs=0.1)
    assert (lines[1].has_sound, lines[1].is_changed, lines[1].skip) == (True, False, False)

    spoken: list[tuple[int, int]] = []
    result = translator.redo(
        session,
        {2: {"translation": "chove  muito."}, 3: {"text": "we go out now.", "speed": 1.25}},
        on_spoken=lambda done, of: spoken.append((done, of)),
    )
    assert result is not None
    assert (result.translated, result.spoken, result.left_out) == ([3], [2, 3], [])
    assert spoken == [(0, 2), (1, 2)]
    assert words(result.audio, lexicon)[4:] == [
        "chove", "muito.", "pt:we", "pt:go", "pt:out", "pt:now.",
    ]  # fmt: skip
    after = read_lines(session)
    assert (after[1].translation, after[2].speed) == ("chove muito.", 1.25)
    assert not any(line.is_changed for line in after)
    assert translator.redo(session) is None


def test_a_line_over_the_original_is_spoken_and_checked(
    translator: SpeechTranslator, lexicon: Lexicon, tmp_path: Path
) -> None:
    path = tmp_path / "film.wav"
    soundfile.write(path, lexicon.script(*LINES), RECOGNITION_RATE, subtype="FLOAT")
    session = translator.translate_file(path, original="duck", check="all").files[-1]
    result = translator.redo(session, {2: {"translation": "chove muito."}})
    assert result is not None
    assert words(tmp_path / "film.pt.speech.flac", lexicon)[4:6] == ["chove", "muito."]
    check = result.session.segments[1].check
    assert check is not None
    assert check.recognized == "chove muito."
    moved = path.rename(tmp_path / "moved.wav")
    with pytest.raises(SettingsError, match=r"from which film\.pt\.wav is made"):
        translator.redo(session, {2: {"skip": True}})
    result = translator.redo(session, recording=moved)
    assert result is not None
    assert result.left_out == [2]


def test_corrections_are_stored_first_and_done_later(
    translator: SpeechTranslator, session: Path, lexicon: Lexicon
) -> None:
    before = session.with_name("talk.pt.wav").read_bytes()
    lines = correct_lines(session, {1: {"skip": True}, 2: {"translation": "chove."}})
    assert [line.is_changed for line in lines] == [True, True, False]
    assert session.with_name("talk.pt.wav").read_bytes() == before
    lines = correct_lines(session, {2: {"translation": None}})
    assert [line.is_changed for line in lines] == [True, False, False]
    assert lines[1].translation == SECOND
    result = translator.redo(session)
    assert result is not None
    assert (result.left_out, result.spoken) == ([1], [])
    assert words(result.audio, lexicon)[0] == "pt:it"
    result = translator.redo(session, {1: {"skip": None}})
    assert result is not None
    assert result.spoken == [1]
    assert session.with_name("talk.pt.wav").read_bytes() == before


def test_a_line_is_spoken_again_as_it_is(translator: SpeechTranslator, session: Path) -> None:
    result = translator.redo(session, lines=[3])
    assert result is not None
    assert (result.translated, result.spoken) == ([], [3])
    with pytest.raises(SettingsError, match="the session has no line 4: it has lines 1 to 3"):
        translator.redo(session, lines=[4])


@pytest.mark.parametrize(
    ("corrections", "says"),
    [
        ({4: {}}, "the session has no line 4: it has lines 1 to 3"),
        ({0: {}}, "no line 0"),
        ({10**400: {}}, "no line"),
        ({"2": {}}, "'2' is no number of a line"),
        ({True: {}}, "True is no number of a line"),
        ({2: "chove"}, "line 2: 'chove' is no mapping"),
        ({2: {"txt": "chove"}}, "line 2: there is no field 'txt': there are text, translation"),
        ({2: {"text": 5}}, "line 2: text is 5: give a text"),
        ({2: {"text": " ... "}}, "line 2: its original has no words"),
        ({2: {"translation": "a" * 2001}}, "has more than 2000 characters"),
        ({2: {"translation": "a\x00b"}}, "has a character that is none of a text"),
        ({2: {"translation": "a\ud800"}}, "has a character that is none of a text"),
        ({2: {"speed": 9}}, "its speed is '9.00': write a number from 0.5 to 2"),
        ({2: {"speed": "fast"}}, "speed is 'fast': give a number"),
        ({2: {"speed": float("nan")}}, "speed is nan"),
        ({2: {"start_s": -1}}, "start_s is -1"),
        ({2: {"start_s": float("inf")}}, "start_s is inf"),
        ({2: {"start_s": 10**400}}, "start_s is 1000"),
        ({2: {"start_s": 1.0}}, "before line 1 is over"),
        ({2: {"start_s": 600}}, "and the recording ends at"),
        ({2: {"end_s": 4.0}}, "it ends at"),
        ({2: {"skip": "yes"}}, "skip is 'yes': give true or false"),
        ({2: {"voice": "klaus"}}, "there is no voice 'klaus'"),
        ({2: {"voice": "v" * 101}}, "voice has more than 100 characters"),
        ({n: {"speed": 9} for n in (1, 2, 3)} | {3: {"speed": 9, "skip": 1, "a": 1, "b": 2,
         "c": 3}}, "; and 2 more"),
    ],
)  # fmt: skip
def test_a_wrong_correction_changes_nothing(
    corrections: dict[Any, Any], says: str, translator: SpeechTranslator, session: Path
) -> None:
    before = {path.name: path.read_bytes() for path in session.parent.iterdir()}
    with pytest.raises(SettingsError) as caught:
        translator.redo(session, corrections)
    assert says in str(caught.value)
    assert len(str(caught.value)) < 700
    assert {path.name: path.read_bytes() for path in session.parent.iterdir()} == before


def test_engines_that_did_not_speak_the_session_are_refused(
    lexicon: Lexicon, session: Path
) -> None:
    others = EngineSelection("fake-recognizer", "auto", "another-synthesizer")
    engines = replace(fake_engines(lexicon), selection=others)
    with (
        SpeechTranslator(engines, Settings(target="pt")) as translator,
        pytest.raises(SettingsError, match="spoken by fake-synthesizer, and another-synthesizer"),
    ):
        translator.redo(session, {2: {"translation": "chove."}})


def test_files_that_somebody_changed_are_not_replaced(
    translator: SpeechTranslator, session: Path
) -> None:
    srt = session.with_name("talk.pt.srt")
    srt.write_text("mine", encoding="utf-8")
    with pytest.raises(OutputError, match="changed since stslocal wrote it"):
        translator.redo(session, {2: {"translation": "chove."}})
    result = translator.redo(session, overwrite=True)
    assert result is not None
    assert "chove." in srt.read_text(encoding="utf-8")


def test_what_is_no_session_is_refused(session: Path) -> None:
    with pytest.raises(SettingsError, match="is not a session"):
        read_lines(session.with_name("talk.wav"))
    document = json.loads(session.read_text(encoding="utf-8"))
    document["warnings"] = ["mine"]
    changed = session.with_name("other.pt.session.json")
    changed.write_text(json.dumps(document), encoding="utf-8")
    with pytest.raises(SettingsError, match="changed since stslocal wrote it"):
        read_lines(changed)
