"""Translation by OPUS-MT (Marian) models through CTranslate2: one model a direction.

Pairs without a model are translated twice, through English; the text is split into sentences once,
before the first time. Source and target have sentencepiece models of their own, whose pieces share
one vocabulary. The input of a model is

    source      pieces </s>
    target      the pieces that the model writes

Only a pair with a model of its own can be continued after spoken words.

Sources: https://github.com/Helsinki-NLP/Opus-MT, transformers' tokenization_marian.py,
normalize-punctuation.perl of Moses (how the texts of the training were prepared).
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from weakref import WeakValueDictionary

from stslocal.direction_tables import Direction
from stslocal.engines.pairs import check_pair, route
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
from stslocal.languages import find

TOKENIZERS = ("source.spm", "target.spm")

_PREFIX = "opus-"
_PUNCTUATION = str.maketrans(
    {
        **dict.fromkeys("„“”«»", '"'),
        **dict.fromkeys("‘’‚´`", "'"),
        "–": "-",
        "—": " - ",
        "…": "...",
        "\u00a0": " ",
        "\u202f": " ",
    }
)
"""Signs that the texts of the training had no more."""

_loaded: WeakValueDictionary[tuple[Path, str, str, int], SentenceTranslator] = WeakValueDictionary()
"""Models in use: several pairs through English share one."""


class OpusTranslator:
    """A TextTranslator and SentenceTranslator, and a SentenceContinuer and AlternativesTranslator
    for pairs with a model of their own.

    Safe to share between threads.
    """

    def __init__(
        self, models: Mapping[Direction, SentenceTranslator], capabilities: Capabilities
    ) -> None:
        """Use `load`."""
        self.capabilities = capabilities
        self._models = models

    @classmethod
    def load(
        cls,
        *folders: Path,
        capabilities: Capabilities,
        device: str = "auto",
        compute_type: str = "auto",
        threads: int = 0,
        announce: Callable[[str], None] = lambda text: None,
    ) -> OpusTranslator:
        """Load the models in these folders, for the pairs of `capabilities`.

        `compute_type` "auto" and `threads` 0 choose the fastest on this CPU, measured when a model
        is first loaded, after a call of `announce`; on CUDA, "auto" is float16. Raises
        ModelNotFoundError when a file is missing, ModelIntegrityError when one cannot be read,
        EngineError when a model cannot be used on the device.
        """
        computing = Computing(device, compute_type, threads, announce)
        models: dict[Direction, SentenceTranslator] = {}
        for folder in folders:
            key = (folder, device, compute_type, threads)
            models[direction_of(folder)] = _loaded.get(key) or _load(folder, computing)
            _loaded[key] = models[direction_of(folder)]
        return cls(models, capabilities)

    def translate(
        self, texts: Sequence[str], *, source: str, target: str, quick: bool = False
    ) -> list[str]:
        """Translate each text sentence by sentence; `quick` searches with a beam of 1, not 4.

        Raises SettingsError for another pair and EngineError when a model fails.
        """
        return translate_texts("opus", self._steps(source, target), texts, quick=quick)

    def translate_sentences(
        self, sentences: Sequence[str], *, source: str, target: str, quick: bool = False
    ) -> list[str]:
        """As `translate`, but each text is one sentence."""
        steps = self._steps(source, target)
        return translate_texts("opus", steps, sentences, quick=quick, are_sentences=True)

    def alternatives(self, text: str, *, source: str, target: str) -> list[str]:
        """Other translations of a text, the longest first; see AlternativesTranslator.

        None for a pair that goes through English. Raises SettingsError for another pair,
        EngineError when the model fails.
        """
        return alternative_texts("opus", self._steps(source, target), text)

    def continue_translation(
        self, text: str, spoken: str, *, source: str, target: str, may_hold: bool
    ) -> Continuation | None:
        """Continue a sentence; see SentenceContinuer.

        None for one that is too long or doubted, and for a pair that goes through English. Raises
        SettingsError for another pair, EngineError when the model fails.
        """
        steps = self._steps(source, target)
        return continue_text("opus", steps, text, spoken, may_hold=may_hold)

    def _steps(self, source: str, target: str) -> list[SentenceTranslator]:
        """The models that lead from one language to another. Raises SettingsError."""
        check_pair("opus", self.capabilities.pairs, source, target, why=" with these models")
        return [self._models[direction] for direction in route(source, target, self._models)]


def prepared(text: str) -> str:
    """The text with the punctuation of the training, and composed letters."""
    return unicodedata.normalize("NFC", text).translate(_PUNCTUATION)


def direction_of(folder: Path) -> Direction:
    """The direction of the model in a folder. Raises ModelIntegrityError for another folder."""
    source, _, target = folder.name.removeprefix(_PREFIX).partition("-")
    if not (folder.name.startswith(_PREFIX) and source and target):
        raise ModelIntegrityError(
            f"{folder} is no folder of an OPUS-MT model: its name must be as opus-de-fr"
        )
    return source, target


def _load(folder: Path, computing: Computing) -> SentenceTranslator:
    direction = direction_of(folder)
    check_files(folder, TOKENIZERS)
    vocabulary = read_vocabulary(folder)
    source_pieces, target_pieces = (load_pieces(folder / name) for name in TOKENIZERS)
    model = load_model(folder, vocabulary, computing, end=[END])
    source, target = (find(code).flores or "" for code in direction)
    return SentenceTranslator(
        model,
        source_pieces,
        target_pieces,
        direction[0],
        scripts=(source[-4:], target[-4:]),
        prepared=prepared,
    )
