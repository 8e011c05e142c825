"""Which words of an open utterance are sure enough to be said aloud.

The recognizer hears the open utterance again and again, a little more of it each time. Each
hearing gives a hypothesis; a commit policy says how many of its first words will not change any
more. Committed words are final: they are translated and spoken.

Source: hold-back after AlignAtt (Papi 2023, https://arxiv.org/abs/2305.11408). LocalAgreement
(Macháček 2023, https://arxiv.org/abs/2307.14743) was later and not better: scripts/bench has it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from stslocal.text.sentences import ends_clause, ends_sentence
from stslocal.types import Word

_WITHIN = "'’-"


class CommitPolicy(Protocol):
    """Decides on the words after the committed ones."""

    def ready(self, words: Sequence[Word], before: Sequence[Word], *, until_s: float) -> int:
        """How many of `words` may be committed.

        `before` is what was heard in their place the time before; now the audio was heard up
        to `until_s`.
        """
        ...


@dataclass(frozen=True, slots=True)
class HoldBack:
    """Commits a word when enough audio has been heard after it.

    What follows a word decides how it is heard, so words that end close to the end of the audio
    are held back; a word that the recognizer is sure of, less long.
    """

    hold_s: float = 0.5
    """Lookahead that a word needs."""
    sure: float = 0.95
    """Probability from which a shorter lookahead is enough."""
    sure_hold_s: float = 0.3
    """The lookahead that a sure word needs."""

    def ready(self, words: Sequence[Word], before: Sequence[Word], *, until_s: float) -> int:
        def held(word: Word) -> bool:
            hold_s = self.sure_hold_s if word.probability >= self.sure else self.hold_s
            return until_s - word.end_s < hold_s

        return next((count for count, word in enumerate(words) if held(word)), len(words))


@dataclass(frozen=True, slots=True)
class TrimLimits:
    """When committed words leave the audio that is heard again and again."""

    sentence_s: float = 10.0
    """From this much audio on it is cut behind a committed sentence,"""
    clause_s: float = 10.0
    """from this much behind a committed clause,"""
    word_s: float = 14.0
    """and from this much behind any committed word."""


class Hypothesis:
    """Committed and partial words of the open utterance, and where its hearing begins."""

    def __init__(self, policy: CommitPolicy, *, start_s: float, language: str = "") -> None:
        self._policy = policy
        self.language = language
        """What it is heard as; empty until that is known."""
        self.start_s = start_s
        """From here on the audio is still heard."""
        self.committed: list[Word] = []
        """Of the audio that is still heard."""
        self.partial: tuple[Word, ...] = ()
        self.sure = 0
        """How many of the first of them will not change any more."""
        self.revisions = 0
        """Partial words that changed or went away."""

    @property
    def partial_text(self) -> str:
        return " ".join(word.text for word in self.partial)

    @property
    def last_word(self) -> str:
        """The last one heard, committed or not; empty when there is none."""
        words = self.partial or self.committed[-1:]
        return words[-1].text if words else ""

    def update(self, words: Sequence[Word], *, until_s: float) -> None:
        """Take what was heard, up to `until_s`, after the committed words."""
        self.sure = self._policy.ready(words, self.partial, until_s=until_s)
        self._count_revisions(words)
        self.partial = tuple(words)

    def finish(self) -> tuple[Word, ...]:
        """Commit all: nothing more follows."""
        return self.commit(len(self.partial))

    def trim(self, until_s: float, limits: TrimLimits) -> None:
        """Move the start behind words that are committed, when the audio has become long."""
        audio_s = until_s - self.start_s
        ends: list[Callable[[str], bool]] = []
        if audio_s >= limits.sentence_s:
            ends.append(lambda text: ends_sentence(text, None, self.language))
        if audio_s >= limits.clause_s:
            ends.append(ends_clause)
        if audio_s >= limits.word_s:
            ends.append(lambda _: True)
        # The last committed word stays: what follows it is not known well enough to cut there.
        for is_end in ends:
            counts = [n for n, word in enumerate(self.committed[:-1], 1) if is_end(word.text)]
            if counts:
                self._drop(counts[-1])
                return

    def restart(self, start_s: float) -> None:
        """Hear from `start_s` on, as if nothing had been said before."""
        self.start_s = start_s
        self.committed = []
        self.partial = ()
        self.sure = 0

    def _drop(self, count: int) -> None:
        before, after = self.committed[count - 1], self.committed[count]
        self.start_s = (before.end_s + after.start_s) / 2
        del self.committed[:count]

    def commit(self, count: int) -> tuple[Word, ...]:
        """Commit the first `count` of the partial words."""
        committed, self.partial = self.partial[:count], self.partial[count:]
        self.sure = max(0, self.sure - count)
        self.committed += committed
        return committed

    def _count_revisions(self, words: Sequence[Word]) -> None:
        shown = [plain(word.text) for word in self.partial]
        now = [plain(word.text) for word in words[: len(shown)]]
        same = 0
        while same < len(now) and shown[same] == now[same]:
            same += 1
        self.revisions += len(shown) - same


def after_committed(words: Sequence[Word], committed: Sequence[Word]) -> int:
    """How many of `words` say what is committed already, both from the same start.

    The split after which the two differ in the fewest words; of several, the one that ends
    nearest to the last committed word.
    """
    if not committed:
        return 0
    texts = [plain(word.text) for word in words]
    row = list(range(len(texts) + 1))
    for word in committed:
        text, diagonal = plain(word.text), row[0]
        row[0] += 1
        for at, other in enumerate(texts, 1):
            diagonal, row[at] = (
                row[at],
                min(row[at] + 1, row[at - 1] + 1, diagonal + (other != text)),
            )
    end_s = committed[-1].end_s
    return min(
        range(len(row)), key=lambda at: (row[at], abs((words[at - 1].end_s if at else 0) - end_s))
    )


def plain(text: str) -> str:
    """A word as it sounds: without case and outer punctuation, so that `So,` is `so`."""
    return "".join(c for c in text.casefold() if c.isalnum() or c in _WITHIN).strip(_WITHIN)
