"""NLLB-200 through CTranslate2: text in any of 202 languages to any other of them.

The model takes one sentence at a time, because of two sentences it drops the second. Several
sentences, each alone, form one batch. Its input is

    source      [source code] pieces </s>
    target      [target code], and then the pieces that the model writes

with codes of FLORES-200 (`eng_Latn`). The code comes before the sentence because the model was
trained that way (the paper, page 48); transformers put it after the `</s>` until April 2023 and
calls that `legacy_behaviour` today. Pieces are sentencepiece's. A model may be trimmed to a few
languages: it reads a piece that is not in its vocabulary as `<unk>`, and it has only the languages
whose codes are in its vocabulary.

A translation that a guard doubts is searched again with a wider beam, and the better one is kept.

Sources: https://arxiv.org/abs/2207.04672, https://opennmt.net/CTranslate2, transformers'
tokenization_nllb.py and its pull request 22313.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from itertools import permutations
from pathlib import Path

import ctranslate2
from sentencepiece import SentencePieceProcessor

from stslocal.engines.cuda import device_for
from stslocal.engines.model_json import damaged, how_to_get, read_object
from stslocal.engines.nllb import continuation, guards
from stslocal.engines.nllb.compute_choice import choose, time_tokens
from stslocal.engines.nllb.languages import flores_pair
from stslocal.engines.nllb.model_files import PIECES, check_files, read_vocabulary
from stslocal.engines.nllb.sentences import MOST_PIECES, Sentence, cut_sentences
from stslocal.engines.protocols import Capabilities, Continuation
from stslocal.errors import EngineError, ModelIntegrityError
from stslocal.languages import languages

_log = logging.getLogger(__name__)

END = "</s>"

POSITIONS = 512
"""The longest input in training, in pieces."""
_BEAM = 4
_QUICK_BEAM = 1
_MUCH_LESS_LIKELY = 1.0
"""A translation whose mean log probability of a piece is this far below the best one's is wrong,
even where no guard doubts it."""
_NO_REPEAT = 3
"""No sequence of this many pieces is written twice: without this, NLLB sometimes loops."""
_BATCH_PIECES = 1024
"""Pieces in a batch, padding included."""
_CAP_STEP = 32
"""Length caps are rounded up to this step; sentences of one cap are searched together."""
_TRIAL_WORDS = 12
_JOINED_SCRIPTS = ("Hans", "Hant", "Jpan")
"""Scripts with no space between sentences."""


@dataclass(frozen=True, slots=True)
class _Translation:
    text: str
    score: float
    """Mean log probability of a piece."""
    doubt: str
    """The guard that doubts it; empty when none does."""


class NllbTranslator:
    """A `TextTranslator`, safe to share between threads."""

    def __init__(
        self,
        model: ctranslate2.Translator,
        pieces: SentencePieceProcessor,
        vocabulary: Collection[str],
        *,
        adds_end: bool = False,
    ) -> None:
        """Use `load`. `adds_end` says that the model appends the `</s>` by itself.

        Raises ModelIntegrityError for a vocabulary without any language's code.
        """
        self._model = model
        self._pieces = pieces
        self._end = [] if adds_end else [END]
        known = set(vocabulary)
        self._codes = {row.code: row.flores for row in languages() if row.flores in known}
        if not self._codes:
            raise ModelIntegrityError("this is no NLLB model: its vocabulary names no language")
        self.capabilities = Capabilities(
            pairs=frozenset(permutations(self._codes, 2)), continues=True
        )

    @classmethod
    def load(
        cls,
        folder: Path,
        *,
        device: str = "auto",
        compute_type: str = "auto",
        threads: int = 0,
        announce: Callable[[str], None] = lambda text: None,
    ) -> NllbTranslator:
        """Load a model in CTranslate2's layout with its sentencepiece model.

        `compute_type` "auto" and `threads` 0 choose the fastest on this CPU, measured when a model
        is first loaded, after a call of `announce`; on CUDA, "auto" is float16. Raises
        ModelNotFoundError when a file is missing, ModelIntegrityError when one cannot be read,
        EngineError when the model cannot be used on the device.
        """
        check_files(folder)
        vocabulary, config = read_vocabulary(folder), read_object(folder / "config.json")
        device = device_for(device)
        if compute_type == "auto" and device == "cuda":
            compute_type = "float16"
        try:
            pieces = SentencePieceProcessor(model_file=str(folder / PIECES))
        except (RuntimeError, OSError) as error:
            raise damaged(folder / PIECES, error) from error
        try:
            if device == "cpu":
                trial = time_tokens(folder, *_trial_sentence(vocabulary))
                chosen = choose(
                    folder, trial, compute_type=compute_type, threads=threads, announce=announce
                )
                compute_type, threads = chosen.compute_type, chosen.threads
            model = ctranslate2.Translator(
                str(folder), device=device, compute_type=compute_type, intra_threads=threads
            )
        except (RuntimeError, ValueError) as error:
            raise EngineError(
                f"the translation model in {folder} cannot be loaded ({error}): "
                f"if it is damaged, {how_to_get(folder)}"
            ) from error
        used = model.compute_type
        _log.info(
            "%s computes on %s in %s, threads %s", folder.name, device, used, threads or "all"
        )
        return cls(model, pieces, vocabulary, adds_end=bool(config.get("add_source_eos")))

    def translate(
        self, texts: Sequence[str], *, source: str, target: str, quick: bool = False
    ) -> list[str]:
        """Translate each text sentence by sentence; `quick` searches with a beam of 1, not 4.

        A sentence without a letter ("1964.", "...") stays as it is. Raises SettingsError for a
        pair that the model does not have and EngineError when the model fails.
        """
        codes = flores_pair(self._codes, source, target)
        try:
            cut_texts = [list(cut_sentences(text, source, self._to_pieces)) for text in texts]
            sentences = [sentence for text in cut_texts for sentence in text]
            translations = iter(self._translate(sentences, codes, _QUICK_BEAM if quick else _BEAM))
        except Exception as error:  # the libraries raise RuntimeError, MemoryError and others
            start = texts[0][:60] if texts else ""
            raise EngineError(f"nllb could not translate {start!r}: {error}") from error
        joint = "" if codes[1].endswith(_JOINED_SCRIPTS) else " "
        return [joint.join(next(translations) for _ in text) for text in cut_texts]

    def continue_translation(
        self, text: str, spoken: str, *, source: str, target: str, may_hold: bool
    ) -> Continuation | None:
        """Continue a sentence; see SentenceContinuer. None for one that is too long or doubted.

        Raises SettingsError for a pair that the model does not have, EngineError when it fails.
        """
        codes = flores_pair(self._codes, source, target)
        try:
            return self._continued(text, self._to_pieces(spoken), codes, may_hold)
        except Exception as error:
            raise EngineError(f"nllb could not translate {text[:60]!r}: {error}") from error

    def _continued(
        self, text: str, spoken: list[str], codes: tuple[str, str], may_hold: bool
    ) -> Continuation | None:
        pieces = self._to_pieces(text)
        if len(pieces) > MOST_PIECES or not any(map(str.isalpha, text)):
            return None
        begin = 1 + len(spoken)
        (result,) = self._model.translate_batch(
            [[codes[0], *pieces, *self._end]], [[codes[1], *spoken]], beam_size=_QUICK_BEAM,
            max_decoding_length=max(begin + 1, guards.length_cap(len(pieces))),
            no_repeat_ngram_size=_NO_REPEAT, disable_unk=True, return_scores=True,
            return_attention=True,
        )  # fmt: skip
        written = result.hypotheses[0]
        whole = self._judged(Sentence(text, pieces), written, result.scores[0], codes)
        new = written[begin:]
        if whole.doubt or (not new and not may_hold):
            return None
        rows = [row[1:] for row in result.attention[0][begin : len(written)]]
        found = continuation.split(
            new,
            spoken,
            lambda part: str(self._pieces.decode([p for p in part if self._is_text(p)])),
            hold_from=continuation.held_from(rows, pieces) if may_hold else len(new),
            spaced=not codes[1].endswith(_JOINED_SCRIPTS),
        )
        return None if found is None else Continuation(*found)

    def _to_pieces(self, text: str) -> list[str]:
        return list(self._pieces.encode(text, out_type=str))

    def _translate(
        self, sentences: Sequence[Sentence], codes: tuple[str, str], beam: int
    ) -> list[str]:
        translatable = [index for index, sentence in enumerate(sentences) if sentence.pieces]
        found = self._search(
            [sentences[index] for index in translatable], codes, beam, hypotheses=1
        )
        best = {index: candidates[0] for index, candidates in zip(translatable, found, strict=True)}
        doubted = [index for index in translatable if best[index].doubt]
        second = self._search([sentences[i] for i in doubted], codes, _BEAM, hypotheses=_BEAM)
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

    def _search(
        self,
        sentences: Sequence[Sentence],
        codes: tuple[str, str],
        beam: int,
        *,
        hypotheses: int,
    ) -> list[list[_Translation]]:
        """The best `hypotheses` translations of each sentence, the likeliest first."""
        by_cap: dict[int, list[int]] = {}
        for index, sentence in enumerate(sentences):
            cap = guards.length_cap(len(sentence.pieces))
            by_cap.setdefault(min(-(-cap // _CAP_STEP) * _CAP_STEP, POSITIONS), []).append(index)
        found: dict[int, list[_Translation]] = {}
        for cap, members in by_cap.items():
            results = self._model.translate_batch(
                [[codes[0], *sentences[index].pieces, *self._end] for index in members],
                [[codes[1]]] * len(members),
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
                    self._judged(sentences[index], pieces, score, codes)
                    for pieces, score in zip(result.hypotheses, result.scores, strict=True)
                ]
        return [found[index] for index in range(len(sentences))]

    def _judged(
        self, sentence: Sentence, pieces: list[str], score: float, codes: tuple[str, str]
    ) -> _Translation:
        written = [piece for piece in pieces if self._is_text(piece)]
        text = self._pieces.decode(written).strip()
        doubt = guards.doubt(
            sentence.text,
            text,
            source_pieces=len(sentence.pieces),
            pieces=len(written),
            scripts=(codes[0][-4:], codes[1][-4:]),
        )
        return _Translation(text, score, doubt)

    def _is_text(self, piece: str) -> bool:
        """Whether a piece is text: no language code and no sign such as `</s>` or `<mask>`."""
        index = self._pieces.piece_to_id(piece)
        return index != self._pieces.unk_id() and not self._pieces.is_control(index)


def _better(first: _Translation, second: Sequence[_Translation]) -> _Translation:
    """The best translation: not empty first, then not doubted, then the likeliest."""
    likely = [found for found in second if found.score > second[0].score - _MUCH_LESS_LIKELY]
    return min(
        (first, *likely), key=lambda found: (not found.text, bool(found.doubt), -found.score)
    )


def _trial_sentence(vocabulary: Sequence[str]) -> tuple[list[str], list[str]]:
    """Source tokens for a trial and the tokens to begin its translation with."""
    known = set(vocabulary)
    codes = [row.flores for row in languages() if row.flores and row.flores in known]
    words = [token for token in vocabulary if token.startswith("\u2581")][:_TRIAL_WORDS]
    return [*codes[:1], *words, END], codes[-1:]
