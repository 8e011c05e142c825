"""What another server needs of a session, and where it finds it."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from stslocal.clock import VirtualClock
from stslocal.metrics import SegmentCommitted, SegmentDropped, SegmentTranslated, TextCommitted
from stslocal.server.ledger import Ledger
from stslocal.server.realtime.handover import Handover, NoHandovers, Progress
from stslocal.server.realtime.outbox import Outbox, number_of
from stslocal.server.realtime.protocol import WIRE_RATE, SessionConfig
from stslocal.server.realtime.sound import ReceivedInput
from stslocal.types import Word

pytestmark = pytest.mark.unit

CONFIG = SessionConfig(language="pt", transcription="whisper")


def session(number: int, kind: str = "session.output_transcript.delta") -> Handover:
    return Handover("sess_1", "m", "en", False, CONFIG, 5.0, 3.0, number, ((number, kind, "{}"),))


def committed(*words: tuple[str, float, float]) -> TextCommitted:
    return TextCommitted(0.0, 1, tuple(Word(*word, 0.9) for word in words))


def test_a_ledger_gives_a_session_to_one_server_alone() -> None:
    ledger = Ledger()
    assert ledger.keep("a", session(1))
    assert ledger.keep("a", session(4))
    taken = ledger.take("b", "sess_1")
    assert taken is not None
    assert [number for number, _, _ in taken.events] == [1, 4]
    assert (taken.last, taken.done_s) == (4, 3.0)
    assert not ledger.keep("a", session(5))  # the server before notices, and sends no more
    assert ledger.keep("b", session(5))
    assert ledger.take("a", "sess_2") is None


def test_a_session_that_is_closed_is_not_taken_over() -> None:
    ledger = Ledger()
    ledger.keep("a", session(1, "session.closed"))
    assert ledger.take("b", "sess_1") is None


def test_a_session_that_has_said_nothing_is_taken_over_too() -> None:
    ledger = Ledger()
    silent = replace(session(0), events=())
    ledger.keep("a", silent)
    assert ledger.take("b", "sess_1") == silent


def test_a_ledger_keeps_the_newest_events() -> None:
    ledger = Ledger()
    for number in range(1, 301):
        ledger.keep("a", session(number))
    taken = ledger.take("b", "sess_1")
    assert taken is not None
    assert [taken.events[0][0], taken.events[-1][0]] == [101, 300]


@pytest.mark.parametrize(
    ("kept_s", "done_s", "said_s"),
    [
        (0.0, 3.0, 5.0),  # all sound is at hand: from what is translated
        (4.0, 4.0, 5.0),  # what the client has not any more is lost
        (9.0, 9.0, 9.0),
        (None, 5.0, 5.0),  # the client sends nothing again, so nothing is said again
    ],
)
def test_from_which_sound_a_session_goes_on(
    kept_s: float | None, done_s: float, said_s: float
) -> None:
    at = session(1).from_sound(kept_s)
    assert (at.done_s, at.said_s) == (done_s, said_s)


def test_the_progress_of_a_session_is_in_the_seconds_of_its_client() -> None:
    progress = Progress()
    progress.begin(lambda part_s: 10 + part_s, is_translated=True)
    progress.take(committed(("Good", 0.5, 1.0), ("morning.", 1.0, 1.5)))
    assert (progress.said_s, progress.done_s) == (11.5, 0.0)
    progress.take(SegmentCommitted(0.0, 1, 0.5, 1.5, "Good morning.", "en"))
    progress.take(SegmentCommitted(0.0, 2, 2.0, 3.0, "Um.", "en"))
    progress.take(SegmentTranslated(0.0, 1, 0.0, "Bom dia.", "pt"))
    assert progress.done_s == 11.5
    progress.take(SegmentDropped(0.0, 2, "no words", ""))
    assert progress.done_s == 13.0


def test_where_nothing_is_translated_the_words_are_all() -> None:
    progress = Progress()
    progress.begin(float, is_translated=False)
    progress.take(committed(("Good", 0.5, 1.0)))
    assert progress.done_s == progress.said_s == 1.0


def test_words_that_were_sent_before_are_known_by_their_times() -> None:
    progress = Progress(session(1))
    progress.begin(lambda part_s: 3.0 + part_s, is_translated=True)
    assert progress.is_again(Word("It", 1.4, 1.9, 0.9))
    assert not progress.is_again(Word("is", 2.0, 2.4, 0.9))


def test_silence_in_place_of_sound_is_no_sound_of_the_client() -> None:
    clock = VirtualClock()
    sound = ReceivedInput(clock, sent_s=7.0)
    sound.feed(np.zeros(WIRE_RATE, np.float32))
    assert sound.at_s(0.5) == 7.5
    sound._gaps.append((1.0, 2.0))
    assert sound.at_s(2.0) == 8.0
    assert sound.at_s(3.5) == 8.5


def test_an_outbox_goes_on_behind_what_another_server_has_sent() -> None:
    outbox = Outbox("sess_0123456789abcdef")
    outbox.restore([(3, "error", "three"), (5, "error", "five")], 8)
    outbox.put("session.updated")
    assert [number for number, _ in outbox.after(3)] == [5, 9]
    assert outbox.number_of(outbox.event_id(5)) == 5
    assert outbox.number_of("event_other_5") is None
    assert number_of("event_x_٣") == 0


def test_text_is_kept_before_it_is_sent_and_none_after_the_session_was_taken() -> None:
    kept: list[tuple[int, str]] = []
    taken: list[bool] = []

    def keep(number: int, kind: str, text: str) -> bool:
        assert json.loads(text)["type"] == kind
        kept.append((number, kind))
        return len(kept) < 3

    outbox = Outbox("sess_1", keep=keep, on_taken=lambda: taken.append(True))
    outbox.put("session.created")
    outbox.put("session.output_audio.delta", delta="")
    outbox.put("stslocal.event", event={})
    outbox.put("session.updated")
    assert kept == [(1, "session.created"), (4, "session.updated")]
    assert not taken
    outbox.put("error")
    outbox.put("error")
    assert outbox.closed
    assert (len(kept), taken) == (3, [True])


def test_a_server_that_is_alone_keeps_nothing() -> None:
    alone = NoHandovers()
    assert alone.keep(session(1))
    assert alone.take("sess_1") is None
