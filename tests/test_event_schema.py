"""The JSON Schema of the events: each event that a session reports fulfils it."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import fields
from pathlib import Path
from typing import Any, get_args

import pytest
import soundfile

from stslocal.cli import main
from stslocal.metrics import DeviceXrun, Event, PartialText, TextCommitted, to_json
from stslocal.metrics.event_lines import event_name
from stslocal.metrics.event_schema import event_schema
from stslocal.types import RECOGNITION_RATE, Word
from tests.event_lines import Check, check_of_known_lines
from tests.extras import need
from tests.fake_engines import fake_engines
from tests.fakes import FakeCloner, Lexicon
from tests.live_helpers import FakeLive

fastjsonschema = need("fastjsonschema")

pytestmark = pytest.mark.unit


@pytest.fixture
def check() -> Check:
    """Raises an error for a line that is neither a known event nor an error."""
    return check_of_known_lines()


@pytest.fixture(scope="module")
def check_any() -> Check:
    """As `check`, but for a reader that is older than the program."""
    compiled: Check = fastjsonschema.compile(event_schema())
    return compiled


def test_every_event_of_a_simulated_session(check: Check) -> None:
    live = FakeLive()
    live.run(live.lexicon.script((0.5, "Good morning, everybody."), (4.0, "How are you?")))
    lines = [json.loads(to_json(event)) for event in live.events]
    for line in lines:
        check(line)
    names = {line["event"] for line in lines}
    assert {"segment_committed", "segment_translated", "playback_ended", "lag_measured"} <= names


def test_every_line_of_the_command_and_of_its_recording(
    check: Check,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    lexicon = Lexicon()
    words = " ".join(f"word{number}" for number in range(12))
    soundfile.write(tmp_path / "talk.wav", lexicon.script((0.2, f"{words}.")), RECOGNITION_RATE)
    engines = fake_engines(lexicon, cloner=FakeCloner(), models=defaultdict(tuple))
    monkeypatch.setattr("stslocal.loading.load.check_run", lambda *_: None)
    monkeypatch.setattr("stslocal.loading.load.load_engines", lambda *_, **__: engines)
    talk, kept = str(tmp_path / "talk.wav"), tmp_path / "kept"
    command = ["live", "--from", "en", "--to", "pt", "--simulate", talk, "--json"]
    assert main([*command, "--record", str(kept)]) == 0
    printed = capsys.readouterr().out
    (recorded,) = kept.glob("*.events.jsonl")
    for text in (printed, recorded.read_text(encoding="utf-8")):
        lines = [json.loads(line) for line in text.splitlines()]
        for line in lines:
            check(line)
        assert {"text_committed", "playback_ended"} <= {line["event"] for line in lines}


def test_a_command_that_fails(check: Check, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["live", "--to", "pt", "--simulate", "missing.wav", "--json"]) == 1
    line = json.loads(capsys.readouterr().out)
    check(line)
    assert line["error"]["exit_code"] == 1


def test_every_event_and_every_field_is_in_it() -> None:
    definitions = event_schema()["definitions"]
    for kind in get_args(Event):
        about = definitions[event_name(kind)]
        assert about["description"]
        assert about["required"] == ["event", *(field.name for field in fields(kind))]
        assert all(len(value) >= 1 for value in about["properties"].values())
    word = definitions["word"]["properties"]
    assert word["start_s"] == {"type": "number"}
    assert word["probability"] == {"type": "number", "description": "0 to 1, from the recognizer."}
    assert definitions["device_xrun"]["properties"]["device"]["enum"] == ["input", "output"]


WORDS = TextCommitted(1.0, 0, (Word("Good", 0.2, 0.5, 0.9),))


@pytest.mark.parametrize(
    ("event", "changes"),
    [
        (PartialText(1.0, 0, "How"), {"text": None}),
        (PartialText(1.0, 0, "How"), {"at_s": "1.0"}),
        (PartialText(1.0, 0, "How"), {"utterance": 0.5}),
        (DeviceXrun(1.0, "input", 3), {"device": "loudspeaker"}),
        (WORDS, {"words": [{"text": "Good"}]}),
    ],
)
def test_a_wrong_value_is_refused(
    event: Event, changes: dict[str, Any], check: Check, check_any: Check
) -> None:
    line = json.loads(to_json(event))
    for accepts in (check, check_any):
        accepts(line)
        with pytest.raises(fastjsonschema.JsonSchemaException):
            accepts({**line, **changes})


def test_a_missing_field_is_refused_and_a_new_one_is_not(check: Check) -> None:
    line = json.loads(to_json(WORDS))
    check({**line, "speaker": "A"})
    del line["words"]
    with pytest.raises(fastjsonschema.JsonSchemaException):
        check(line)


def test_a_reader_may_meet_an_event_of_a_later_release(check: Check, check_any: Check) -> None:
    line = {"event": "speaker_changed", "at_s": 1.0}
    check_any(line)
    with pytest.raises(fastjsonschema.JsonSchemaException):
        check(line)
    with pytest.raises(fastjsonschema.JsonSchemaException):
        check_any({"at_s": 1.0})


def test_the_command_prints_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["live", "--json-schema"]) == 0
    assert json.loads(capsys.readouterr().out) == event_schema()
