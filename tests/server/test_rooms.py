"""Who gets what in a room."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest

from stslocal.clock import VirtualClock
from stslocal.errors import SettingsError
from stslocal.server.errors import Refusal
from stslocal.server.rooms import (
    AGAIN_S,
    EMPTY_S,
    MOST_MEMBERS,
    MOST_ROOMS,
    Member,
    Room,
    Rooms,
    shown_name,
)
from stslocal.types import Samples

pytestmark = pytest.mark.unit

PIECE = np.zeros(2400, np.float32)
Send = Callable[[Mapping[str, Any]], None]


@dataclass
class FakeInterpretation:
    """Counts the sound, and says what the test wants."""

    source: str
    target: str
    send: Send
    pieces: int = 0
    is_over: bool = False

    def append(self, samples: Samples, played: Samples | None = None) -> None:
        self.pieces += 1

    def finish(self) -> None:
        self.is_over = True

    def translate(self, text: str) -> None:
        self.send({"type": "session.input_transcript.delta", "delta": f"<{text}>"})
        self.send({"type": "session.output_transcript.delta", "delta": text})
        self.send({"type": "session.output_audio.delta", "delta": "AAAA"})


@dataclass
class Interpreters:
    """Opens fakes; refuses the languages in `refused`."""

    opened: list[FakeInterpretation] = field(default_factory=list)
    refused: set[str] = field(default_factory=set)

    def __call__(self, source: str, target: str, send: Send) -> FakeInterpretation:
        if target in self.refused:
            raise SettingsError(f"nothing translates into {target}")
        self.opened.append(FakeInterpretation(source, target, send))
        return self.opened[-1]

    def pairs(self) -> list[tuple[str, str]]:
        return [(each.source, each.target) for each in self.opened if not each.is_over]


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock()


@pytest.fixture
def interpreters() -> Interpreters:
    return Interpreters()


@pytest.fixture
def room(interpreters: Interpreters, clock: VirtualClock) -> Room:
    return Room(interpreters, clock)


Inbox = list[Mapping[str, Any]]


def joined(room: Room, name: str, language: str) -> tuple[Member, Inbox]:
    """A new member and what they get."""
    inbox: Inbox = []
    member = Member(name, language, inbox.append)
    room.join(member)
    return member, inbox


def texts(inbox: Inbox) -> list[tuple[str, str]]:
    return [
        (event["speaker"]["name"], event["delta"])
        for event in inbox
        if event["type"] == "session.output_transcript.delta"
    ]


def sounds(inbox: Inbox) -> int:
    return sum(event["type"] == "session.output_audio.delta" for event in inbox)


def test_each_gets_the_others_in_their_own_language(room: Room, interpreters: Interpreters) -> None:
    ana, to_ana = joined(room, "Ana", "pt")
    bob, to_bob = joined(room, "Bob", "en")
    _, to_cho = joined(room, "Cho", "ko")
    room.say(ana, PIECE)
    assert interpreters.pairs() == [("pt", "en"), ("pt", "ko")]
    room.say(bob, PIECE)
    room.say(ana, PIECE)
    assert interpreters.pairs() == [("pt", "en"), ("pt", "ko"), ("en", "ko"), ("en", "pt")]
    assert [each.pieces for each in interpreters.opened] == [2, 2, 1, 1]
    interpreters.opened[0].translate("hello")
    assert texts(to_bob) == [("Ana", "hello")]
    assert (sounds(to_bob), sounds(to_cho), sounds(to_ana)) == (1, 0, 0)
    assert texts(to_ana) == [("Ana", "<hello>")], "the speaker sees what was recognized"
    assert texts(to_cho) == []


def test_who_shares_a_language_reads_it_once_and_gets_no_voice(
    room: Room, interpreters: Interpreters
) -> None:
    ana, _ = joined(room, "Ana", "pt")
    _, to_rui = joined(room, "Rui", "pt")
    joined(room, "Bob", "en")
    joined(room, "Cho", "ko")
    room.say(ana, PIECE)
    for interpretation in interpreters.opened:
        interpretation.translate("hello")
    assert texts(to_rui) == [("Ana", "<hello>")]
    assert sounds(to_rui) == 0


def test_nothing_is_translated_for_nobody(room: Room, interpreters: Interpreters) -> None:
    ana, _ = joined(room, "Ana", "pt")
    joined(room, "Rui", "pt")
    room.say(ana, PIECE)
    assert interpreters.opened == []
    bob, _ = joined(room, "Bob", "en")
    room.say(ana, PIECE)
    assert interpreters.pairs() == [("pt", "en")]
    room.leave(bob)
    assert interpreters.pairs() == []


def test_another_language_begins_another_translation(
    room: Room, interpreters: Interpreters
) -> None:
    ana, to_ana = joined(room, "Ana", "pt")
    bob, _ = joined(room, "Bob", "en")
    room.say(ana, PIECE)
    room.change(bob, "Bob", "fr")
    room.say(ana, PIECE)
    assert interpreters.pairs() == [("pt", "fr")]
    assert to_ana[-1] == {
        "type": "room.members",
        "members": [
            {"name": "Ana", "language": "pt", "you": True},
            {"name": "Bob", "language": "fr", "you": False},
        ],
    }
    room.change(ana, "Ana", "es")
    room.say(ana, PIECE)
    assert interpreters.pairs() == [("es", "fr")]


def test_what_cannot_be_translated_is_said_once_and_tried_again(
    room: Room, interpreters: Interpreters, clock: VirtualClock
) -> None:
    interpreters.refused = {"en"}
    ana, to_ana = joined(room, "Ana", "pt")
    joined(room, "Bob", "en")
    for _ in range(30):
        room.say(ana, PIECE)
    errors = [event["error"]["message"] for event in to_ana if event["type"] == "error"]
    assert errors == ["nothing translates into en"]
    interpreters.refused = set()
    clock.work(AGAIN_S)
    room.say(ana, PIECE)
    assert interpreters.pairs() == [("pt", "en")]


def test_a_translation_that_ended_begins_again(
    room: Room, interpreters: Interpreters, clock: VirtualClock
) -> None:
    ana, _ = joined(room, "Ana", "pt")
    joined(room, "Bob", "en")
    room.say(ana, PIECE)
    interpreters.opened[0].is_over = True
    room.say(ana, PIECE)
    assert len(interpreters.opened) == 1
    clock.work(AGAIN_S)
    room.say(ana, PIECE)
    assert len(interpreters.opened) == 2


def test_a_room_has_bounds(room: Room) -> None:
    for number in range(MOST_MEMBERS):
        joined(room, str(number), "en")
    with pytest.raises(Refusal, match="this room has 16 members"):
        joined(room, "late", "en")


def test_only_the_key_opens_a_room(interpreters: Interpreters, clock: VirtualClock) -> None:
    rooms = Rooms(interpreters, clock)
    room = rooms.create()
    assert rooms.find(room.id, room.key) is room
    for room_id, key in ((room.id, ""), (room.id, room.key[:-1]), ("x", room.key), (room.id, "é")):
        with pytest.raises(Refusal) as refused:
            rooms.find(room_id, key)
        assert refused.value.status == 404


def test_empty_rooms_end(interpreters: Interpreters, clock: VirtualClock) -> None:
    rooms = Rooms(interpreters, clock)
    lived = rooms.create()
    joined(lived, "Ana", "pt")
    left = rooms.create()
    member, _ = joined(left, "Bob", "en")
    clock.work(EMPTY_S)
    left.leave(member)
    assert rooms.find(left.id, left.key) is left
    clock.work(EMPTY_S)
    assert rooms.find(lived.id, lived.key) is lived
    with pytest.raises(Refusal):
        rooms.find(left.id, left.key)


def test_there_are_not_endless_rooms(interpreters: Interpreters, clock: VirtualClock) -> None:
    rooms = Rooms(interpreters, clock)
    for _ in range(MOST_ROOMS):
        rooms.create()
    with pytest.raises(Refusal, match="64 rooms are open"):
        rooms.create()


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("  Ana  Maria ", "Ana Maria"),
        ("", "Guest 3"),
        (None, "Guest 3"),
        (7, "Guest 3"),
        ("a\u202eb\x00c", "a b c"),
        ("x" * 100, "x" * 40),
    ],
)
def test_a_name_is_plain_text(typed: object, shown: str) -> None:
    assert shown_name(typed, 3) == shown
