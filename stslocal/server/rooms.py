"""Rooms: several phones, each with its language; everybody gets what the others say in their own.

A member speaks the protocol of `/v1/realtime/translations` with the room, which sends the words
and the speech of the others, each event with its `speaker`. For each speaker there is one
translation into each language of the others, which begins with the first sound.

`POST /v1/rooms` makes a room and its key. Whoever has the key, such as by the QR code, may join,
and needs no other token.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from stslocal.clock import Clock
from stslocal.errors import StslocalError
from stslocal.server.errors import Refusal
from stslocal.types import Samples

PATH = "/v1/rooms"
MOST_ROOMS = 64
MOST_MEMBERS = 16
_LONGEST_NAME = 40
AGAIN_S = 10.0
"""A translation that failed is begun again after so many seconds."""
EMPTY_S = 900.0
"""A room in which nobody is ends after so many seconds."""


class Interpretation(Protocol):
    """The translation of one speaker into one language."""

    @property
    def is_over(self) -> bool:
        """Whether it has ended by itself, such as after a long silence."""
        ...

    def append(self, samples: Samples, played: Samples | None = None) -> None:
        """Take the speaker's next samples, shape (n,), at 24 kHz, and what their loudspeaker
        played meanwhile. Never waits long.
        """
        ...

    def finish(self) -> None:
        """Translate what was said and end. May be called again."""
        ...


class OpenInterpretation(Protocol):
    """Begins a translation from one language into another."""

    def __call__(
        self, source: str, target: str, send: Callable[[Mapping[str, Any]], None]
    ) -> Interpretation:
        """`send` gets the events of the protocol. Raises StslocalError where none can begin."""
        ...


@dataclass(slots=True)
class _Begun:
    """A translation that was begun."""

    at_s: float
    interpretation: Interpretation | None
    """None where it could not begin."""

    @property
    def is_over(self) -> bool:
        return self.interpretation is None or self.interpretation.is_over

    def finish(self) -> None:
        if self.interpretation is not None:
            self.interpretation.finish()


@dataclass(eq=False, slots=True)
class Member:
    """Somebody in a room."""

    name: str
    language: str
    """Code of the language in which they speak, read and listen."""
    send: Callable[[Mapping[str, Any]], None]
    """Takes an event for them; for the event loop's thread."""
    id: str = field(default_factory=lambda: f"member_{secrets.token_hex(6)}")
    interpretations: dict[str, _Begun] = field(default_factory=dict)
    """Of what they say, by target language."""


class Room:
    """The members of one room. For the event loop's thread."""

    def __init__(self, open_interpretation: OpenInterpretation, clock: Clock) -> None:
        self.id = secrets.token_urlsafe(6)
        self.key = secrets.token_urlsafe(24)
        self.members: list[Member] = []
        self.empty_since_s = clock.now()
        self._open = open_interpretation
        self._clock = clock

    def admits(self, key: str) -> bool:
        """Whether a key is this room's."""
        return hmac.compare_digest(key.encode(errors="replace"), self.key.encode())

    def join(self, member: Member) -> None:
        """Let somebody in, and say so to all. Raises Refusal where the room is full."""
        if len(self.members) >= MOST_MEMBERS:
            raise Refusal(503, "room_full", f"this room has {MOST_MEMBERS} members: open another")
        self.members.append(member)
        self._announce()

    def change(self, member: Member, name: str, language: str) -> None:
        """Change somebody's name or language."""
        if (member.name, member.language) == (name, language):
            return
        if member.language != language:
            _finish(member)
        member.name, member.language = name, language
        self._drop_unwanted()
        self._announce()

    def leave(self, member: Member) -> None:
        """Let somebody go; what they said last is still translated."""
        if member not in self.members:
            return
        self.members.remove(member)
        _finish(member)
        self._drop_unwanted()
        self.empty_since_s = self._clock.now()
        self._announce()

    def say(self, speaker: Member, samples: Samples, played: Samples | None = None) -> None:
        """Translate sound of a member, shape (n,), at 24 kHz, for all others.

        `played` is what the member's loudspeaker played meanwhile, which is taken out.

        Where a translation cannot begin, its speaker gets the reason, and it is tried again later.
        """
        for target in self._languages_for(speaker):
            begun = speaker.interpretations.get(target)
            if begun is None or (begun.is_over and self._clock.now() - begun.at_s >= AGAIN_S):
                begun = speaker.interpretations[target] = self._begin(speaker, target)
            if begun.interpretation is not None and not begun.is_over:
                begun.interpretation.append(samples, played)

    def _begin(self, speaker: Member, target: str) -> _Begun:
        begun = _Begun(self._clock.now(), None)
        try:
            begun.interpretation = self._open(
                speaker.language, target, self._sender(speaker, target)
            )
        except StslocalError as error:
            about = {"message": str(error), "type": "server_error", "code": "no_translation"}
            speaker.send({"type": "error", "error": about})
        return begun

    def _languages_for(self, speaker: Member) -> list[str]:
        others = {other.language for other in self.members if other is not speaker}
        return sorted(others - {speaker.language})

    def _drop_unwanted(self) -> None:
        """End the translations into languages that nobody needs any more."""
        for member in self.members:
            wanted = self._languages_for(member)
            for target in [each for each in member.interpretations if each not in wanted]:
                member.interpretations.pop(target).finish()

    def _sender(self, speaker: Member, target: str) -> Callable[[Mapping[str, Any]], None]:
        about = {"id": speaker.id, "name": speaker.name}

        def send(event: Mapping[str, Any]) -> None:
            kind = event["type"]
            marked = {**event, "speaker": about}
            if kind == "error":
                speaker.send(event)
            elif kind == "session.input_transcript.delta":
                begun = speaker.interpretations.items()
                if target == min((key for key, each in begun if not each.is_over), default=target):
                    self._show_to_own(speaker, marked)
            elif kind.startswith("session.output_"):
                for member in self.members:
                    if member is not speaker and member.language == target:
                        member.send(marked)

        return send

    def _show_to_own(self, speaker: Member, event: Mapping[str, Any]) -> None:
        """Show the words as they were said to the speaker and those who share the language."""
        shown = {**event, "type": "session.output_transcript.delta"}
        for member in self.members:
            if member.language == speaker.language:
                member.send(shown)

    def _announce(self) -> None:
        for member in self.members:
            rows = [
                {"name": each.name, "language": each.language, "you": each is member}
                for each in self.members
            ]
            member.send({"type": "room.members", "members": rows})


class Rooms:
    """The rooms of a server. For the event loop's thread."""

    def __init__(self, open_interpretation: OpenInterpretation, clock: Clock) -> None:
        self._open = open_interpretation
        self._clock = clock
        self._rooms: dict[str, Room] = {}

    def create(self) -> Room:
        """Make a room. Raises Refusal where there are too many."""
        self._forget_empty()
        if len(self._rooms) >= MOST_ROOMS:
            raise Refusal(
                503, "too_many_rooms", f"{MOST_ROOMS} rooms are open: try again in a few minutes"
            )
        room = Room(self._open, self._clock)
        self._rooms[room.id] = room
        return room

    def find(self, room_id: str, key: str) -> Room:
        """The room with an id, for whoever has its key. Raises Refusal, the same for both."""
        self._forget_empty()
        room = self._rooms.get(room_id)
        if room is None or not room.admits(key):
            raise Refusal(
                404, "room_not_found", "this room is closed, or the invitation is wrong: ask for "
                "another one",
            )  # fmt: skip
        return room

    def accepts(self, key: str, path: str) -> bool:
        """Whether a key may be used instead of the server's token: for its own room alone."""
        room = self._rooms.get(path.removeprefix(f"{PATH}/").partition("/")[0])
        return room is not None and path.startswith(f"{PATH}/") and room.admits(key)

    def _forget_empty(self) -> None:
        now = self._clock.now()
        self._rooms = {
            key: room
            for key, room in self._rooms.items()
            if room.members or now - room.empty_since_s < EMPTY_S
        }


def shown_name(text: object, number: int) -> str:
    """A member's name for the others: what they typed, or `Guest` with a number."""
    typed = text if isinstance(text, str) else ""
    letters = "".join(letter if letter.isprintable() else " " for letter in typed)
    return " ".join(letters.split())[:_LONGEST_NAME] or f"Guest {number}"


def _finish(member: Member) -> None:
    for interpretation in member.interpretations.values():
        interpretation.finish()
    member.interpretations.clear()
