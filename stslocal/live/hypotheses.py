"""Which words of an open utterance are certain enough to be translated and spoken.

The open utterance is recognized again and again, each time with a little more of its sound. Each
recognition gives a hypothesis; a commit policy decides how many of its first words will not change
any more. Committed words are final: they are translated and spoken.

Source: hold-back after AlignAtt (Papi 2023, https://arxiv.org/abs/2305.11408). LocalAgreement
(Macháček 2023, https://arxiv.org/abs/2307.14743) committed later and was not more accurate; it is
in scripts/bench/streaming.py.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from math import inf
from typing import Protocol

from stslocal.live.anchors import plain_word
from stslocal.live.context import Context
from stslocal.text.sentences import ends_clause, ends_sentence
from stslocal.types import Word


class CommitPolicy(Protocol):
    """Decides on the words after the committed ones."""

    def stable_count(self, words: Sequence[Word], before: Sequence[Word], *, until_s: float) -> int:
        """Return how many of `words`, from the first, may be committed.

        `before` holds the words of the previous recognition in their place. This time the sound
        was recognized up to `until_s`.
        """
        ...


@dataclass(frozen=True, slots=True)
class HoldBack:
    """Commits a word when enough sound after it is recognized too (its lookahead).

    The recognition of a word depends on the sound after it. So words that end close to the end of
    the sound are held back. Words with a high probability are held back for a shorter time.
    """

    lookahead_s: float = 0.5
    """Lookahead that a word needs."""
    sure_probability: float = 0.95
    """Probability from which a shorter lookahead is enough."""
    sure_lookahead_s: float = 0.3
    """Lookahead that a word with such a probability needs."""

    def stable_count(self, words: Sequence[Word], before: Sequence[Word], *, until_s: float) -> int:
        def is_held_back(word: Word) -> bool:
            is_sure = word.probability >= self.sure_probability
            needed_s = self.sure_lookahead_s if is_sure else self.lookahead_s
            return until_s - word.end_s < needed_s

        return next((count for count, word in enumerate(words) if is_held_back(word)), len(words))


@dataclass(frozen=True, slots=True)
class TrimLimits:
    """How long the sound of an open utterance may become before its beginning is cut off."""

    sentence_s: float = 10.0
    """From this length on, it is cut behind a committed sentence."""
    clause_s: float = 10.0
    """From this length on, it is cut behind a committed clause."""
    word_s: float = 14.0
    """From this length on, it is cut behind any committed word."""


class Hypothesis:
    """Committed and partial words of the open utterance, and where its recognition starts."""

    def __init__(
        self,
        policy: CommitPolicy,
        start_s: float,
        context: Context | None = None,
        certain_s: float = inf,
        *,
        language: str = "",
    ) -> None:
        """With a context, its sound is recognized too, and its words are committed already.

        Words that stay the same are certain when they end `certain_s` before the end of the sound.
        """
        self._certain_s = certain_s
        self._policy = policy
        self.language = language
        """The language that it is recognized in; empty until that is known."""
        self.start_s = start_s if context is None else context.start_s
        """Where the sound starts that is still recognized."""
        self.committed: list[Word] = [] if context is None else list(context.words)
        """The committed words in that sound, those of the context first."""
        self._from_context = len(self.committed)
        self.partial: tuple[Word, ...] = ()
        self.stable_count = 0
        """How many partial words, from the first, will not change any more."""
        self.certain_count = 0
        """How many of those need no later recognition to correct them."""
        self.shown_count = 0
        """How many partial words, from the first, are likely enough to stay to be shown."""
        self.revisions = 0
        """Shown words that changed or disappeared."""

    @property
    def shown_text(self) -> str:
        """The partial words that are shown."""
        return " ".join(word.text for word in self.partial[: self.shown_count])

    @property
    def last_word(self) -> str:
        """The utterance's last recognized word, committed or not; empty when there is none."""
        words = self.partial or self.committed[self._from_context :]
        return words[-1].text if words else ""

    def update(self, words: Sequence[Word], *, until_s: float, final: bool = False) -> None:
        """Take the words recognized after the committed ones, in sound up to `until_s`.

        Words that two recognitions in a row agree on are shown, and certain if enough sound after
        them is recognized. All are shown if it is `final`: in a pause. Stable words that only one
        recognition has are not: shown at once, one word in five was taken back.
        """
        self.stable_count = self._policy.stable_count(words, self.partial, until_s=until_s)
        same = [word.text == before.text for word, before in zip(words, self.partial, strict=False)]
        agreed = same.index(False) if False in same else len(same)
        old_enough = sum(until_s - word.end_s >= self._certain_s for word in words[:agreed])
        self.certain_count = min(self.stable_count, old_enough)
        kept = self._count_revisions(words)
        self.shown_count = len(words) if final else max(agreed, kept)
        self.partial = tuple(words)

    def finish(self) -> tuple[Word, ...]:
        """Commit all words at the end of the utterance."""
        return self.commit(len(self.partial))

    def trim(self, until_s: float, limits: TrimLimits) -> None:
        """Move the start behind committed words when the sound has become long."""
        audio_s = until_s - self.start_s
        ends: list[Callable[[str], bool]] = []
        if audio_s >= limits.sentence_s:
            ends.append(lambda text: ends_sentence(text, None, self.language))
        if audio_s >= limits.clause_s:
            ends.append(ends_clause)
        if audio_s >= limits.word_s:
            ends.append(lambda _: True)
        # The last committed word stays: the words after it are not certain enough to cut there.
        for is_end in ends:
            counts = [n for n, word in enumerate(self.committed[:-1], 1) if is_end(word.text)]
            if counts:
                self._drop_committed(counts[-1])
                return

    def context(self, kept_s: float) -> Context | None:
        """Its last words and their sound, of `kept_s` at most, for the utterance after it."""
        return Context.of(self.committed, self.language, start_s=self.start_s, kept_s=kept_s)

    def restart(self, start_s: float) -> None:
        """Forget all words, and recognize only the sound from `start_s` on."""
        self.start_s = start_s
        self._from_context = 0
        self.committed = []
        self.partial = ()
        self.stable_count = self.certain_count = self.shown_count = 0

    def _drop_committed(self, count: int) -> None:
        before, after = self.committed[count - 1], self.committed[count]
        self.start_s = (before.end_s + after.start_s) / 2
        del self.committed[:count]
        self._from_context = max(0, self._from_context - count)

    def commit(self, count: int) -> tuple[Word, ...]:
        """Commit the first `count` of the partial words, and return them."""
        committed, self.partial = self.partial[:count], self.partial[count:]
        self.stable_count = max(0, self.stable_count - count)
        self.certain_count = max(0, self.certain_count - count)
        self.shown_count = max(0, self.shown_count - count)
        self.committed += committed
        return committed

    def _count_revisions(self, words: Sequence[Word]) -> int:
        """Count the shown words that `words` change. Returns how many, from the first, stay."""
        shown = [plain_word(word.text) for word in self.partial[: self.shown_count]]
        now = [plain_word(word.text) for word in words[: len(shown)]]
        same = 0
        while same < len(now) and shown[same] == now[same]:
            same += 1
        self.revisions += len(shown) - same
        return same


def shifted(words: Sequence[Word], by_s: float) -> tuple[Word, ...]:
    """The words with all times `by_s` later."""
    return tuple(
        replace(word, start_s=word.start_s + by_s, end_s=word.end_s + by_s) for word in words
    )
