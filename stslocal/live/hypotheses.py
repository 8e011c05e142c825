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
from typing import Protocol

from stslocal.live.context import Context
from stslocal.text.sentences import ends_clause, ends_sentence
from stslocal.types import Word

_INSIDE_WORDS = "'’-"
_EDITS_PER_S = 2
"""Word times of two recognitions differ by up to half a second, which may hide one changed word."""


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
    kept_s: float = 0.0
    """Sound of committed words that is kept before a cut is made. Only `word_s` is stronger."""


class Hypothesis:
    """Committed and partial words of the open utterance, and where its recognition starts."""

    def __init__(
        self,
        policy: CommitPolicy,
        *,
        start_s: float,
        language: str = "",
        context: Context | None = None,
    ) -> None:
        """With a context, its sound is recognized too, and its words are committed already."""
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
        self.revisions = 0
        """Partial words that changed or disappeared."""

    @property
    def partial_text(self) -> str:
        return " ".join(word.text for word in self.partial)

    @property
    def last_word(self) -> str:
        """The utterance's last recognized word, committed or not; empty when there is none."""
        words = self.partial or self.committed[self._from_context :]
        return words[-1].text if words else ""

    def update(self, words: Sequence[Word], *, until_s: float) -> None:
        """Take the words recognized after the committed ones, in sound up to `until_s`."""
        self.stable_count = self._policy.stable_count(words, self.partial, until_s=until_s)
        self._count_revisions(words)
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
        inner = list(enumerate(self.committed[:-1], 1))
        for kept_s in (limits.kept_s, 0.0) if audio_s >= limits.word_s else (limits.kept_s,):
            for is_end in ends:
                latest_s = self.committed[-1].end_s - kept_s if self.committed else 0.0
                counts = [n for n, word in inner if is_end(word.text) and word.end_s <= latest_s]
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
        self.stable_count = 0

    def _drop_committed(self, count: int) -> None:
        before, after = self.committed[count - 1], self.committed[count]
        self.start_s = (before.end_s + after.start_s) / 2
        del self.committed[:count]
        self._from_context = max(0, self._from_context - count)

    def commit(self, count: int) -> tuple[Word, ...]:
        """Commit the first `count` of the partial words, and return them."""
        committed, self.partial = self.partial[:count], self.partial[count:]
        self.stable_count = max(0, self.stable_count - count)
        self.committed += committed
        return committed

    def _count_revisions(self, words: Sequence[Word]) -> None:
        shown = [plain_word(word.text) for word in self.partial]
        now = [plain_word(word.text) for word in words[: len(shown)]]
        same = 0
        while same < len(now) and shown[same] == now[same]:
            same += 1
        self.revisions += len(shown) - same


def count_committed(words: Sequence[Word], committed: Sequence[Word]) -> int:
    """Return how many of `words`, from the first, repeat the committed words.

    Both lists start at the same place in the sound. The result is the split with the smallest word
    edit distance to `committed`, where each second that a word lies on the wrong side of the end of
    the last committed word counts as much as `_EDITS_PER_S` edits.
    """
    if not committed:
        return 0
    texts = [plain_word(word.text) for word in words]
    row = list(range(len(texts) + 1))
    for word in committed:
        text, diagonal = plain_word(word.text), row[0]
        row[0] += 1
        for at, other in enumerate(texts, 1):
            diagonal, row[at] = (
                row[at],
                min(row[at] + 1, row[at - 1] + 1, diagonal + (other != text)),
            )
    end_s = committed[-1].end_s
    middles = [(word.start_s + word.end_s) / 2 - end_s for word in words]

    def wrong_side_s(at: int) -> float:
        late_s = middles[at - 1] if at else 0.0
        early_s = -middles[at] if at < len(middles) else 0.0
        return max(0.0, late_s, early_s)

    return min(range(len(row)), key=lambda at: row[at] + _EDITS_PER_S * wrong_side_s(at))


def plain_word(text: str) -> str:
    """A word without case and outer punctuation, as it is spoken: `So,` becomes `so`."""
    kept = "".join(c for c in text.casefold() if c.isalnum() or c in _INSIDE_WORDS)
    return kept.strip(_INSIDE_WORDS)


def shifted(words: Sequence[Word], by_s: float) -> tuple[Word, ...]:
    """The words with all times `by_s` later."""
    return tuple(
        replace(word, start_s=word.start_s + by_s, end_s=word.end_s + by_s) for word in words
    )
