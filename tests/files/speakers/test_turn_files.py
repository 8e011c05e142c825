"""Files that say who speaks when: RTTM, JSON of several programs, and what is wrong in them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from stslocal.errors import SettingsError
from stslocal.files.speakers.choice import SpeakerChoice
from stslocal.files.speakers.turn_files import read_turns
from stslocal.types import Turn

pytestmark = pytest.mark.unit

ANN, BEN = Turn(0.5, 2.0, "Ann"), Turn(2.5, 4.0, "Ben")


@pytest.mark.parametrize(
    "text",
    [
        ";; made by hand\nSPKR-INFO talk 1 <NA> <NA> <NA> adult_female Ann <NA> <NA>\n"
        "SPEAKER talk 1 2.5 1.5 <NA> <NA> Ben <NA> <NA>\r\n\n"
        "SPEAKER talk 1 0.5 1.5 <NA> <NA> Ann <NA> <NA>\n",
        "\ufeffSPEAKER talk 1 0.5 1.5 <NA> <NA> Ann\nSPEAKER talk 1 2.5 1.5 <NA> <NA> Ben\n",
        '[{"start": 0.5, "end": 2, "speaker": "Ann"}, {"start": 2.5, "end": 4, "speaker": "Ben"}]',
        '{"segments": [{"start": 0.5, "end": 2, "speaker": "Ann", "text": "Hi"}, '
        '{"start": 2.5, "end": 4, "speaker": "Ben"}]}',
        '{"turns": [{"start_s": 0.5, "end_s": 2, "speaker": "S1"}, '
        '{"start_s": 2.5, "end_s": 4, "speaker": 2}], "names": {"S1": "Ann", "2": " Ben "}}',
    ],
)
def test_the_turns_of_a_file_come_in_order(text: str, tmp_path: Path) -> None:
    path = tmp_path / "turns"
    path.write_text(text, encoding="utf-8")
    assert read_turns(path) == (ANN, BEN)


def row(**fields: object) -> str:
    return json.dumps([{"start_s": 1, "end_s": 2, "speaker": "Ann", **fields}])


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", "has no turns"),
        ("[]", "has no turns"),
        ("hello world", "is neither RTTM nor JSON (line 1)"),
        ("SPEAKER talk 1 0.5", "is neither RTTM nor JSON (line 1)"),
        ("SPEAKER talk 1 x 1 <NA> <NA> Ann", "has a time that is no number of seconds (line 1)"),
        ("SPEAKER talk 1 1 -1 <NA> <NA> Ann", "has a time that is no number"),
        ("SPEAKER talk 1 nan 1 <NA> <NA> Ann", "has a time that is no number"),
        ("SPEAKER talk 1 1 0 <NA> <NA> Ann", "ends before it starts"),
        ("SPEAKER a 1 1 1 <NA> <NA> X\nSPEAKER b 1 1 1 <NA> <NA> X", "several recordings (a, b)"),
        ("{", "is not JSON"),
        ('{"turns": 3}', "has no list of turns"),
        ('{"turns": [], "names": []}', "has no list of turns"),
        ("[3]", "has a wrong turn 1"),
        ("[" * 3000, ""),
        (row(end_s=0.5), "ends before it starts"),
        (row(end_s=1e12), "too late (turn 1)"),
        (row(end_s="9" * 400), "no number of seconds"),
        (row(start_s=True), "no number of seconds"),
        (row(start_s=None), "no number of seconds"),
        (row(speaker=""), "has a name that cannot be shown (turn 1)"),
        (row(speaker="A\u0007"), "has a name that cannot be shown"),
        (row(speaker="A" * 61), "has a name that cannot be shown"),
        (row(speaker=["A"]), "has a name that cannot be shown"),
        (
            json.dumps([{"start": 1, "end": 2, "speaker": f"P{n}"} for n in range(51)]),
            "has 51 speakers",
        ),
    ],
)
def test_a_wrong_file_is_refused_in_one_sentence(text: str, fault: str, tmp_path: Path) -> None:
    path = tmp_path / "turns.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(SettingsError) as caught:
        read_turns(path)
    assert str(caught.value).startswith(f"--speakers: {path} ")
    assert fault in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"talk.rttm does not exist: check the name"):
        SpeakerChoice.parse(str(tmp_path / "talk.rttm"))
    with pytest.raises(SettingsError, match="is a folder"):
        SpeakerChoice.parse(str(tmp_path))


def test_the_choice_is_auto_a_number_or_a_file(tmp_path: Path) -> None:
    assert SpeakerChoice.parse("auto") == SpeakerChoice()
    assert SpeakerChoice.parse("auto").is_found
    assert SpeakerChoice.parse("3").count == 3
    assert SpeakerChoice.parse("3").setting == "3"
    for wrong in ("0", "51", "9" * 5000):
        with pytest.raises(SettingsError, match="--speakers is from 1 to 50"):
            SpeakerChoice.parse(wrong)
    path = tmp_path / "talk.rttm"
    path.write_text("SPEAKER talk 1 0.5 1.5 <NA> <NA> Ann\n")
    first = SpeakerChoice.parse(str(path))
    assert first.turns == (ANN,)
    assert not first.is_found
    path.write_text("SPEAKER talk 1 0.5 1.5 <NA> <NA> Anna\n")
    assert SpeakerChoice.parse(str(path)).setting != first.setting
