"""Which language is spoken now, from guesses of which each is a little unsure."""

from __future__ import annotations

FIRST = 0.4
"""Probability that is enough while no language is known."""
SWITCH = 0.8
"""Probability that it takes to believe that the speaker has changed the language."""


class SpokenLanguage:
    """The language of a live stream: given, or found and looked at again with each utterance."""

    def __init__(self, given: str | None) -> None:
        self.code = given
        """None as long as it is not known."""
        self.wanted = given is None
        """Whether guesses are of use."""

    def update(self, code: str, probability: float) -> str:
        """Take the guess for an utterance, and say what it is heard as.

        A doubtful guess is taken for that utterance alone while nothing else is known.
        """
        if not self.wanted or (self.code is not None and probability < SWITCH):
            assert self.code is not None
            return self.code
        if probability >= FIRST:
            self.code = code
        return code
