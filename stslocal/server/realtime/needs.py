"""What a live session asks of the server, and the stretches in which it works."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from stslocal.clock import Clock
from stslocal.live.full_duplex import FullDuplex
from stslocal.loading.engines import Engines, RecognitionEngines
from stslocal.loading.selection import Use
from stslocal.server.realtime.handover import Handovers
from stslocal.server.realtime.sound import ReceivedInput
from stslocal.settings import Settings


class Needs(Protocol):
    """What a session asks of the server (see ServerState)."""

    clock: Clock
    handovers: Handovers

    def settings_for(self, source: str, target: str) -> Settings: ...

    def engines_for(self, source: str, target: str) -> Engines: ...

    def recognition_for(self, use: Use) -> RecognitionEngines: ...


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of a session in one target language."""

    target: str
    """Empty where it is only recognized."""
    input: ReceivedInput

    @property
    def duplex(self) -> FullDuplex:
        """That of a live session whose input takes the client's loudspeaker out itself."""
        return FullDuplex(self.input.take_corrected)
