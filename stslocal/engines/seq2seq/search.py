"""Translates sentences by a model of CTranslate2, from one language to another.

A model takes one sentence at a time. Several sentences, each alone, form one batch. Its input is

    source      tokens that come first, pieces, tokens that come last (`</s>`)
    target      tokens that come first, and then the pieces that the model writes

with pieces of sentencepiece. A piece that is not in the vocabulary of the model is read as `<unk>`.
A translation that a guard doubts is searched again with a wider beam, and the better one is kept.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import ctranslate2
from sentencepiece import SentencePieceProcessor

from stslocal.engines.protocols import Continuation
from stslocal.engines.seq2seq import continuation, guards
from stslocal.engines.seq2seq.sentences import MOST_PIECES, Sentence, cut_long, cut_sentences

_log = logging.getLogger(__name__)

END = "</s>"

POSITIONS = 512
"""The longest input in training, in pieces."""
_BEAM = 4
_QUICK_BEAM = 1
_MUCH_LESS_LIKELY = 1.0
"""A translation whose mean log probability of a piece is this far below the best one's is wrong,
even where no guard doubts it."""
_NEARLY_AS_LIKELY = 0.3
"""Translations whose mean log probability of a piece is less than this below the best one's are
other ways to say the same."""
_NO_REPEAT = 3
"""No sequence of this many pieces is written twice: without this, such models sometimes loop."""
_BATCH_PIECES = 1024
"""Pieces in a batch, padding included."""
_CAP_STEP = 32
"""Length caps are rounded up to this step; sentences of one cap are searched together."""
_JOINED_SCRIPTS = ("Hans", "Hant", "Jpan")
"""Scripts with no space between sentences."""


@dataclass(frozen=True, slots=True)
class _Translation:
    text: str
    score: float
    """Mean log probability of a piece."""
    doubt: str
    """The guard that doubts it; empty when none does."""


@dataclass(frozen=True)
class SentenceTranslator:
    """A model with one direction that it translates. Safe to share between threads."""

    model: ctranslate2.Translator
    source_pieces: SentencePieceProcessor
    target_pieces: SentencePieceProcessor
    language: str
    """Code of the source, by which a text is cut into sentences."""
    scripts: tuple[str, str]
    """Scripts of the source and of the target, as ISO 15924 codes."""
    begin: tuple[str, ...] = ()
    """Tokens before the pieces of a source."""
    end: tuple[str, ...] = (END,)
    """Tokens behind them."""
    target_begin: tuple[str, ...] = ()
    """Tokens that a translation begins with."""
    prepared: Callable[[str], str] = str
    """Writes a text as the texts of the training were written."""

    @property
    def is_joined(self) -> bool:
        """Whether the target has no spaces between sentences and words."""
        return self.scripts[1] in _JOINED_SCRIPTS

    def sentences(self, text: str) -> list[Sentence]:
        """The sentences of a text, cut so that the model takes them."""
        return list(cut_sentences(self.prepared(text), self.language, self._to_pieces))

    def whole(self, sentence: str) -> list[Sentence]:
        """One sentence, which is cut only if the model does not take it."""
        return list(cut_long(self.prepared(sentence), self._to_pieces))

    def join(self, translations: Sequence[str]) -> str:
        """The translation of a text from those of its sentences."""
        return ("" if self.is_joined else " ").join(translations)

    def translate(self, sentences: Sequence[Sentence], *, quick: bool) -> list[str]:
        """Translate each sentence; `quick` searches with a beam of 1, not 4.

        A sentence without a letter ("1964.", "...") stays as it is. Raises what the libraries do.
        """
        translatable = [index for index, sentence in enumerate(sentences) if sentence.pieces]
        beam = _QUICK_BEAM if quick else _BEAM
        found = self._search([sentences[index] for index in translatable], beam, hypotheses=1)
        best = {index: candidates[0] for index, candidates in zip(translatable, found, strict=True)}
        doubted = [index for index in translatable if best[index].doubt]
        second = self._search([sentences[i] for i in doubted], _BEAM, hypotheses=_BEAM)
        for index, candidates in zip(doubted, second, strict=True):
            first, best[index] = best[index], _better(best[index], candidates)
            _log.debug(
                "%r became %r (%s, score %.2f), and after a wider search %r (%s, score %.2f)",
                sentences[index].text, first.text, first.doubt, first.score,
                best[index].text, best[index].doubt or "no doubt", best[index].score,
            )  # fmt: skip
        return [
            best[index].text if index in best else sentence.text
            for index, sentence in enumerate(sentences)
        ]

    def alternatives(self, sentences: Sequence[Sentence]) -> list[str]:
        """Translations of a text, cut into sentences, that are nearly as likely as the best one.

        The first has the longest way to say each sentence, the last the shortest. Raises what the
        libraries do.
        """
        translatable = [sentence for sentence in sentences if sentence.pieces]
        found = iter(self._search(translatable, _BEAM, hypotheses=_BEAM))
        ways = [
            _other_ways(next(found)) if sentence.pieces else [sentence.text]
            for sentence in sentences
        ]
        if not all(ways):
            return []
        most = max(map(len, ways), default=0)
        return [self.join([way[min(at, len(way) - 1)] for way in ways]) for at in range(most)]

    def continue_translation(
        self, text: str, spoken: str, *, may_hold: bool
    ) -> Continuation | None:
        """Continue a sentence; see SentenceContinuer. None for one that is too long or doubted.

        Raises what the libraries do.
        """
        text = self.prepared(text)
        pieces = self._to_pieces(text)
        if len(pieces) > MOST_PIECES or not any(map(str.isalpha, text)):
            return None
        prefix = list(self.target_pieces.encode(spoken, out_type=str))
        start = len(self.target_begin) + len(prefix)
        (result,) = self.model.translate_batch(
            [self._source(pieces)], [[*self.target_begin, *prefix]], beam_size=_QUICK_BEAM,
            max_decoding_length=max(start + 1, guards.length_cap(len(pieces))),
            no_repeat_ngram_size=_NO_REPEAT, disable_unk=True, return_scores=True,
            return_attention=True,
        )  # fmt: skip
        written = result.hypotheses[0]
        whole = self._judged(Sentence(text, pieces), written, result.scores[0])
        new = written[start:]
        if whole.doubt or (not new and not may_hold):
            return None
        rows = [row[len(self.begin) :] for row in result.attention[0][start : len(written)]]
        found = continuation.split(
            new,
            prefix,
            lambda part: str(self.target_pieces.decode([p for p in part if self._is_text(p)])),
            hold_from=continuation.held_from(rows, pieces) if may_hold else len(new),
            spaced=not self.is_joined,
        )
        return None if found is None else Continuation(*found)

    def _to_pieces(self, text: str) -> list[str]:
        return list(self.source_pieces.encode(text, out_type=str))

    def _source(self, pieces: Sequence[str]) -> list[str]:
        return [*self.begin, *pieces, *self.end]

    def _search(
        self, sentences: Sequence[Sentence], beam: int, *, hypotheses: int
    ) -> list[list[_Translation]]:
        """The best `hypotheses` translations of each sentence, the likeliest first."""
        by_cap: dict[int, list[int]] = {}
        for index, sentence in enumerate(sentences):
            cap = guards.length_cap(len(sentence.pieces))
            by_cap.setdefault(min(-(-cap // _CAP_STEP) * _CAP_STEP, POSITIONS), []).append(index)
        found: dict[int, list[_Translation]] = {}
        for cap, members in by_cap.items():
            results = self.model.translate_batch(
                [self._source(sentences[index].pieces) for index in members],
                [list(self.target_begin)] * len(members),
                beam_size=beam,
                num_hypotheses=hypotheses,
                max_decoding_length=cap,
                no_repeat_ngram_size=_NO_REPEAT,
                disable_unk=True,
                return_scores=True,
                max_batch_size=_BATCH_PIECES,
                batch_type="tokens",
            )
            for index, result in zip(members, results, strict=True):
                found[index] = [
                    self._judged(sentences[index], pieces, score)
                    for pieces, score in zip(result.hypotheses, result.scores, strict=True)
                ]
        return [found[index] for index in range(len(sentences))]

    def _judged(self, sentence: Sentence, pieces: list[str], score: float) -> _Translation:
        written = [piece for piece in pieces if self._is_text(piece)]
        text = self.target_pieces.decode(written).strip()
        doubt = guards.doubt(
            sentence.text,
            text,
            source_pieces=len(sentence.pieces),
            pieces=len(written),
            scripts=self.scripts,
        )
        return _Translation(text, score, doubt)

    def _is_text(self, piece: str) -> bool:
        """Whether a piece is text: no language code and no sign such as `</s>` or `<mask>`."""
        index = self.target_pieces.piece_to_id(piece)
        return index != self.target_pieces.unk_id() and not self.target_pieces.is_control(index)


def _other_ways(candidates: Sequence[_Translation]) -> list[str]:
    """The texts of good candidates that are nearly as likely as the best one, longest first."""
    best = max((one.score for one in candidates if not one.doubt), default=0.0)
    good = {
        one.text
        for one in candidates
        if one.text and not one.doubt and one.score > best - _NEARLY_AS_LIKELY
    }
    return sorted(good, key=lambda text: (-len(text), text))


def _better(first: _Translation, second: Sequence[_Translation]) -> _Translation:
    """The best translation: not empty first, then not doubted, then the likeliest."""
    likely = [found for found in second if found.score > second[0].score - _MUCH_LESS_LIKELY]
    return min(
        (first, *likely), key=lambda found: (not found.text, bool(found.doubt), -found.score)
    )
