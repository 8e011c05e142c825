"""The voice of a live session that is given and not learnt."""

from __future__ import annotations

from stslocal.types import Segment, Sound, VoiceProfile


class FixedVoice:
    """The same voice from beginning to end."""

    def __init__(self, profile: VoiceProfile | None = None) -> None:
        """None is the language's default voice."""
        self.profile = profile

    def add(self, segment: Segment, sound: Sound) -> None:
        pass

    def voice(self) -> VoiceProfile | None:
        return self.profile
