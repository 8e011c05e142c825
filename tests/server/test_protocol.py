"""What a client may send, right and wrong, without a server."""

from __future__ import annotations

import base64
import json
import random
from contextlib import suppress

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stslocal.server.realtime.outbox import Outbox
from stslocal.server.realtime.protocol import (
    Append,
    Close,
    ProtocolError,
    SessionConfig,
    Update,
    audio_delta,
    parse,
)
from stslocal.server.realtime.transcript import Transcript

pytestmark = pytest.mark.unit

APPEND = "session.input_audio_buffer.append"


@pytest.mark.parametrize(
    ("message", "code"),
    [
        ("", "invalid_json"),
        ("{", "invalid_json"),
        (b"\xff\xfe", "invalid_json"),
        ("[" * 100_000, "invalid_json"),
        (json.dumps({"type": json.loads("[" * 100 + "]" * 100)}), "invalid_json"),
        (r'{"type": "session.close", "event_id": "\ud800"}', "invalid_json"),
        (b'{"type": "session.close", "event_id": "\xed\xa0\x80"}', "invalid_json"),
        ('{"type": "session.close"}'.encode("utf-16"), "invalid_json"),
        ("null", "invalid_event"),
        ("[]", "invalid_event"),
        ('"session.close"', "invalid_event"),
        ("{}", "invalid_event"),
        ('{"type": 7}', "invalid_event"),
        ('{"type": ["session.close"]}', "invalid_event"),
        ('{"type": "session.open"}', "invalid_event"),
        ('{"type": "session.close", "event_id": 7}', "invalid_value"),
        ('{"type": "session.update"}', "missing_value"),
        (json.dumps({"type": APPEND}), "invalid_audio"),
        (json.dumps({"type": APPEND, "audio": None}), "invalid_audio"),
        (json.dumps({"type": APPEND, "audio": [1, 2]}), "invalid_audio"),
        (json.dumps({"type": APPEND, "audio": "AAAA===="}), "invalid_audio"),
        (json.dumps({"type": APPEND, "audio": "A A="}), "invalid_audio"),
        (json.dumps({"type": APPEND, "audio": "é" * 8}), "invalid_audio"),
        (json.dumps({"type": APPEND, "audio": "AAAA"}), "invalid_audio"),
    ],
)
def test_a_wrong_message_has_a_code(message: str | bytes, code: str) -> None:
    with pytest.raises(ProtocolError) as wrong:
        parse(message)
    assert wrong.value.code == code
    assert len(str(wrong.value)) < 200


def test_a_character_in_two_halves_is_a_whole_one() -> None:
    update = parse(r'{"type": "session.update", "session": {"x": "\ud83d\ude00"}}')
    assert update == Update({"x": "\U0001f600"}, None)


def test_the_right_ones_are_read() -> None:
    assert isinstance(parse('{"type": "session.close"}'), Close)
    update = parse('{"type": "session.update", "session": {"x": 1}, "event_id": "e"}')
    assert update == Update({"x": 1}, "e")
    sound = parse(json.dumps({"type": APPEND, "audio": base64.b64encode(b"\x00\x40").decode()}))
    assert isinstance(sound, Append)
    assert sound.samples.tolist() == [0.5]


@given(st.lists(st.floats(-1.0, 1.0, width=32), max_size=50))
def test_sound_comes_back_as_it_was(values: list[float]) -> None:
    samples = np.array(values, np.float32)
    event = parse(json.dumps({"type": APPEND, "audio": audio_delta(samples)}))
    assert isinstance(event, Append)
    assert np.abs(event.samples - samples).max(initial=0.0) <= 1 / 32767


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(),
                    lambda inner: st.lists(inner) | st.dictionaries(
                        st.sampled_from(["audio", "input", "output", "language", "transcription",
                                         "model", "x"]), inner)))  # fmt: skip
def test_any_session_object_is_taken_or_refused(session: object) -> None:
    config = SessionConfig("pt")
    with suppress(ProtocolError):
        config = config.updated(session)
    assert config.language


def test_bytes_at_random_are_refused() -> None:
    dice = random.Random(1)
    valid = json.dumps({"type": APPEND, "audio": "AAA=", "event_id": "e"}).encode()
    for _ in range(300):
        message = bytearray(valid)
        for _ in range(dice.randrange(1, 5)):
            message[dice.randrange(len(message))] = dice.randrange(256)
        event: object = "refused"
        with suppress(ProtocolError):
            event = parse(bytes(message))
        assert event == "refused" or isinstance(event, Append)


@pytest.mark.parametrize(
    ("session", "config"),
    [
        ({}, SessionConfig("pt", "w")),
        ({"audio": {"output": {"language": "German"}}}, SessionConfig("de", "w")),
        ({"audio": {"input": {"transcription": None}}}, SessionConfig("pt", None)),
        ({"audio": {"input": {"transcription": {"model": "m"}}}}, SessionConfig("pt", "m")),
        ({"audio": {"input": {"noise_reduction": {"type": "x"}}}}, SessionConfig("pt", "w")),
    ],
)  # fmt: skip
def test_only_what_is_named_changes(session: object, config: SessionConfig) -> None:
    assert SessionConfig("pt", "w").updated(session) == config


def test_a_transcript_has_spaces_where_the_script_has_them() -> None:
    latin, chinese = Transcript(), Transcript()
    assert "".join(map(latin.delta, ["Good", "morning. ", "", "Yes."])) == "Good morning. Yes."
    assert "".join(map(chinese.delta, ["你好。", "再见。", "OK", "谢谢"])) == "你好。再见。 OK 谢谢"


def test_a_client_that_reads_nothing_costs_bounded_memory_and_loses_no_text() -> None:
    dropped: list[int] = []
    outbox = Outbox("sess_1", on_dropped=lambda: dropped.append(1))
    frame = "A" * 12_800
    for number in range(1000):
        outbox.put("session.output_audio.delta", delta=frame)
        outbox.put("session.output_transcript.delta", delta=str(number))
    kept = [text for _, text in outbox.after(0)]
    assert sum(map(len, kept)) < 5_000_000
    assert sum("transcript" in text for text in kept) == 1000
    assert len(dropped) + sum("audio" in text for text in kept) == 1000


@pytest.mark.parametrize("event_id", ["", "7", "event_other_7", "event_1_x", "event_1_" + "9" * 40])
def test_an_event_of_another_session_is_no_place_to_resume(event_id: str) -> None:
    outbox = Outbox("sess_1")
    outbox.put("a")
    assert outbox.number_of(event_id) is None
    assert outbox.number_of("event_1_1") == 1
    assert outbox.number_of("event_1_99") == 1
