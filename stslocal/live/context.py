"""The context of an utterance: the last words before it, with their sound.

A recognizer that gets a phrase alone invents words at its edges, and ends it with a full stop that
nobody meant. So the sound before a short pause is recognized again together with the sound after
it. The words that were committed for it do not change: they only show where the new words begin.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from stslocal.live.anchors import plain_word
from stslocal.types import Word

_REPEATED_WORDS = 5
"""Nobody says as many words again so soon. If somebody does, nothing is lost: the words are
recognized again, alone."""
_UNWRITTEN_S = 1.0
"""Speech without a word that is not a breath or a filler."""
_MARGIN_S = 0.3
"""Sound kept before the first word: word times are narrow."""


@dataclass(frozen=True, slots=True)
class Context:
    """The last words that were committed before an utterance."""

    start_s: float
    """Where their sound starts."""
    words: tuple[Word, ...]
    """At least one."""
    language: str

    @property
    def end_s(self) -> float:
        return self.words[-1].end_s

    @classmethod
    def of(
        cls, words: Sequence[Word], language: str, *, start_s: float, kept_s: float
    ) -> Context | None:
        """The last of `words` that take `kept_s` at most; None where not even the last one does.

        The sound of all words starts at `start_s`.
        """
        if not words or kept_s <= 0:
            return None
        first_s = words[-1].end_s - kept_s
        count = sum(word.start_s >= first_s for word in words)
        if not count:
            return None
        kept = tuple(words[-count:])
        if count < len(words):
            start_s = (words[-count - 1].end_s + kept[0].start_s) / 2
        return cls(max(start_s, kept[0].start_s - _MARGIN_S), kept, language)


def misled(words: Sequence[Word], committed: Sequence[Word], unwritten_s: float) -> str:
    """Say why a recognition is to be done again, without the sound of the committed words; empty
    when it is not.

    `words` are its new words, and `unwritten_s` is the speech after the last word that it gave. A
    recognizer that loses its place in the sound begins again at an earlier one. Where
    another speaker follows, it may write nothing more.
    """
    if not committed:
        return ""
    if unwritten_s >= _UNWRITTEN_S:
        return "no words"
    return "" if _phrases(words).isdisjoint(_phrases(committed)) else "repetition"


def _phrases(words: Sequence[Word]) -> set[tuple[str, ...]]:
    plain = [plain_word(word.text) for word in words]
    starts = range(len(plain) - _REPEATED_WORDS + 1)
    return {tuple(plain[at : at + _REPEATED_WORDS]) for at in starts}
