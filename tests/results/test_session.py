from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from stslocal.results.session import (
    OutputFile,
    Session,
    SessionFormatError,
    SessionModel,
    SessionSource,
    is_complete,
    read_session,
)
from stslocal.results.session_segment import (
    SessionSegment,
    Span,
    SpeechCheck,
    parse_segment,
    segment_row,
)
from stslocal.results.session_speakers import SessionVoice
from stslocal.storage import sha256_of
from stslocal.types import Dropped, Word

pytestmark = pytest.mark.unit

SEGMENT = SessionSegment(
    index=0,
    language="en",
    source=Span(0.5, 2.25),
    text='He said "no".',
    words=[Word("He", 0.5, 0.7, 0.99), Word("said", 0.7, 1.0, 0.9), Word('"no".', 1.0, 2.25, 0.8)],
    translation="Ele disse que não.",
    target=Span(0.5, 2.0),
    voice="match",
    speed=1.125,
    timings={"recognition_s": 0.1, "translation_s": 0.02, "synthesis_s": 0.8},
)
SESSION = Session(
    program="stslocal 0.1",
    source=SessionSource("talk.mp3", 3.5, 1234, "ab" * 32),
    source_language="en",
    source_probability=0.987,
    target_language="pt",
    models=[
        SessionModel("recognition", "faster_whisper", "whisper-base", {"model.bin": "cd" * 32})
    ],
    voice=SessionVoice("match", -1.25, {"styles": "pf_dora"}),
    settings={"to": "pt", "reference": None},
    output={"talk.pt.wav": OutputFile(10, "ef" * 32)},
    sample_rate=24_000,
    duration_s=3.5,
    segments=[SEGMENT, replace(SEGMENT, index=1, translation="", target=None)],
    warnings=["ação"],
    dropped=[Dropped(1.5, 3.25, "repetition", "não não")],
)


def test_a_session_that_is_written_is_read_back() -> None:
    assert Session.from_json(SESSION.to_json()) == SESSION


def test_a_session_without_segments_is_valid_json() -> None:
    empty = replace(SESSION, segments=[])
    assert Session.from_json(empty.to_json()) == empty


def test_it_is_readable_json_with_the_documented_fields() -> None:
    document = json.loads(SESSION.to_json())
    assert (document["schema"], document["version"]) == ("stslocal.session", 1)
    assert document["language"] == {"source": "en", "target": "pt", "source_probability": 0.987}
    assert document["segments"][0]["source"]["words"][0] == ["He", 0.5, 0.7, 0.99]
    assert document["segments"][1]["target"] is None
    late = [segment["late_s"] for segment in document["segments"]]
    assert late == [round(0.5 - SEGMENT.source.start_s, 3), None]
    assert "não" in SESSION.to_json()


def test_what_was_spoken_live_is_beside_the_segments_of_a_second_pass() -> None:
    again = replace(SESSION, spoken_live=(SEGMENT, replace(SEGMENT, index=1, text="Live.")))
    assert Session.from_json(again.to_json()) == again
    assert json.loads(again.to_json())["spoken_live"][1]["source"]["text"] == "Live."
    assert "spoken_live" not in json.loads(SESSION.to_json())
    damaged = again.to_json().replace('"Live."', "7").replace('"late_s"', '"late"')
    assert Session.from_json(damaged).spoken_live[1].text == "7", "a field that is not known"
    with pytest.raises(SessionFormatError, match="damaged"):
        Session.from_json(again.to_json().replace('"spoken_live": [', '"spoken_live": [7,'))


def test_dropped_speech_is_written_and_older_sessions_have_none() -> None:
    document = json.loads(SESSION.to_json())
    assert document["dropped"] == [
        {"start_s": 1.5, "end_s": 3.25, "reason": "repetition", "text": "não não"}
    ]
    del document["dropped"]
    assert Session.from_json(json.dumps(document)) == replace(SESSION, dropped=[])


def test_unknown_fields_are_ignored() -> None:
    document = json.loads(SESSION.to_json())
    document["later"] = {"anything": 1}
    document["segments"][0]["later"] = 2
    assert Session.from_json(json.dumps(document)) == SESSION


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"schema": "other"}, "its schema is 'other'"),
        ({"version": 2}, "it has version 2"),
        ({"segments": None}, "it is damaged"),
        ({"audio": {}}, "it is damaged"),
    ],
)
def test_another_kind_of_file_is_refused(change: dict[str, object], message: str) -> None:
    document = json.loads(SESSION.to_json()) | change
    with pytest.raises(SessionFormatError, match=message):
        Session.from_json(json.dumps(document))


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"\xff\xfe", b"null"])
def test_a_damaged_file_is_named(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "talk.session.json"
    path.write_bytes(content)
    with pytest.raises(SessionFormatError, match=r"talk\.session\.json"):
        read_session(path)


def test_completeness_is_checked_byte_for_byte(tmp_path: Path) -> None:
    audio = tmp_path / "talk.pt.wav"
    audio.write_bytes(b"0123456789")
    whole = replace(SESSION, output={audio.name: OutputFile(10, sha256_of(audio))})
    assert is_complete(whole, tmp_path)
    audio.write_bytes(b"0123456780")
    assert not is_complete(whole, tmp_path)
    audio.write_bytes(b"012345678")
    assert not is_complete(whole, tmp_path)
    audio.unlink()
    assert not is_complete(whole, tmp_path)


def test_the_check_of_the_speech_is_kept() -> None:
    checked = SpeechCheck("a number is missing or wrong in it", "vinte", 2)
    row = replace(SESSION.segments[0], check=checked)
    assert parse_segment(segment_row(row)) == row
    assert "check" not in segment_row(replace(row, check=None))
