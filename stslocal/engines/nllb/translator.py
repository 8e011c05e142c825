"""NLLB-200 through CTranslate2: text in any of 202 languages to any other of them.

The model takes one sentence at a time, because of two sentences it drops the second. Its input is

    source      [source code] pieces </s>
    target      [target code], and then the pieces that the model writes

with codes of FLORES-200 (`eng_Latn`). The code comes before the sentence because the model was
trained that way (the paper, page 48); transformers put it after the `</s>` until April 2023 and
calls that `legacy_behaviour` today. A model may be trimmed to a few languages: it has only the
languages whose codes are in its vocabulary.

Sources: https://arxiv.org/abs/2207.04672, https://opennmt.net/CTranslate2, transformers'
tokenization_nllb.py and its pull request 22313.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from itertools import permutations
from pathlib import Path

import ctranslate2
from sentencepiece import SentencePieceProcessor

from stslocal.engines.model_json import read_object
from stslocal.engines.nllb.languages import flores_pair
from stslocal.engines.protocols import Capabilities, Continuation
from stslocal.engines.seq2seq.loading import Computing, load_model, load_pieces
from stslocal.engines.seq2seq.model_files import check_files, read_vocabulary
from stslocal.engines.seq2seq.search import END, SentenceTranslator
from stslocal.engines.seq2seq.texts import (
    alternative_texts,
    continue_text,
    translate_texts,
)
from stslocal.errors import ModelIntegrityError
from stslocal.languages import languages

PIECES = "sentencepiece.bpe.model"


class NllbTranslator:
    """A TextTranslator, SentenceContinuer and AlternativesTranslator.

    Safe to share between threads.
    """

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
        self._end = () if adds_end else (END,)
        known = set(vocabulary)
        self._codes = {row.code: row.flores for row in languages() if row.flores in known}
        if not self._codes:
            raise ModelIntegrityError("this is no NLLB model: its vocabulary names no language")
        self.capabilities = Capabilities(
            pairs=frozenset(permutations(self._codes, 2)), continues=True, has_alternatives=True
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
        check_files(folder, [PIECES])
        vocabulary, config = read_vocabulary(folder), read_object(folder / "config.json")
        pieces = load_pieces(folder / PIECES)
        known = set(vocabulary)
        codes = [row.flores for row in languages() if row.flores and row.flores in known]
        model = load_model(
            folder,
            vocabulary,
            Computing(device, compute_type, threads, announce),
            begin=codes[:1],
            end=[END],
            prefix=codes[-1:],
        )
        return cls(model, pieces, vocabulary, adds_end=bool(config.get("add_source_eos")))

    def translate(
        self, texts: Sequence[str], *, source: str, target: str, quick: bool = False
    ) -> list[str]:
        """Translate each text sentence by sentence; `quick` searches with a beam of 1, not 4.

        A sentence without a letter ("1964.", "...") stays as it is. Raises SettingsError for a
        pair that the model does not have and EngineError when the model fails.
        """
        translator = self._sentence_translator(source, target)
        return translate_texts("nllb", [translator], texts, quick=quick)

    def alternatives(self, text: str, *, source: str, target: str) -> list[str]:
        """Other translations of a text, the longest first; see AlternativesTranslator.

        Raises SettingsError for a pair that the model does not have, EngineError when it fails.
        """
        return alternative_texts("nllb", [self._sentence_translator(source, target)], text)

    def continue_translation(
        self, text: str, spoken: str, *, source: str, target: str, may_hold: bool
    ) -> Continuation | None:
        """Continue a sentence; see SentenceContinuer. None for one that is too long or doubted.

        Raises SettingsError for a pair that the model does not have, EngineError when it fails.
        """
        translator = self._sentence_translator(source, target)
        return continue_text("nllb", [translator], text, spoken, may_hold=may_hold)

    def _sentence_translator(self, source: str, target: str) -> SentenceTranslator:
        """What translates a pair. Raises SettingsError for one that the model does not have."""
        codes = flores_pair(self._codes, source, target)
        return SentenceTranslator(
            self._model,
            self._pieces,
            self._pieces,
            source,
            scripts=(codes[0][-4:], codes[1][-4:]),
            begin=codes[:1],
            end=self._end,
            target_begin=codes[1:],
        )
