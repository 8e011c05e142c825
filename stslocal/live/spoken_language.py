"""Which language is spoken now, decided from detections that are each a little uncertain."""

from __future__ import annotations

FIRST_PROBABILITY = 0.4
"""A detection needs this probability while no language is known."""
CHANGE_PROBABILITY = 0.8
"""A detection needs this probability to change a known language."""


class SpokenLanguage:
    """The language of a live stream: given, or detected anew with each utterance."""

    def __init__(self, given: str | None) -> None:
        self.code = given
        """None as long as it is not known."""
        self.is_given = given is not None

    def update(self, code: str, probability: float) -> str:
        """Take the language detected in an utterance, and return the one to recognize it in.

        While no language is known, an improbable detection is used for that utterance alone.
        """
        if self.is_given or (self.code is not None and probability < CHANGE_PROBABILITY):
            assert self.code is not None
            return self.code
        if probability >= FIRST_PROBABILITY:
            self.code = code
        return code
