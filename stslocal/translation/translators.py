"""Chooses the translator of a pair of languages, holds it to its source, applies the glossary."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import cast

from stslocal.engines.protocols import SentenceContinuer, TextTranslator
from stslocal.errors import SettingsError
from stslocal.translation.coverage import Coverage
from stslocal.translation.faithful import FaithfulContinuer, FaithfulTranslator, count_faults
from stslocal.translation.glossary import Glossary, Term
from stslocal.translation.glossary_translator import (
    GlossaryContinuer,
    GlossaryTranslator,
    lost_terms,
)
from stslocal.translation.numbers_held import Texts
from stslocal.translation.retranslation import Retranslation

NEEDS_A_TRANSLATOR = (
    "a glossary needs a translator, and Whisper would translate by itself here: "
    "choose one that has the pair with --mt, or leave --glossary out"
)


class Translators:
    """The loaded translators of a run, by pair: held to their source, with the glossary."""

    def __init__(
        self,
        engines: Mapping[str, TextTranslator],
        coverage: Coverage,
        *,
        glossary: Glossary | None = None,
        on_lost: Callable[[Term], None] = lambda term: None,
    ) -> None:
        """`engines` are keyed by the names that `coverage` has.

        `on_lost` is called for each term of the glossary that is translated freely in the end.
        """
        self.coverage = coverage
        self.has_glossary = glossary is not None
        self._glossary = glossary
        self._translators: Mapping[str, TextTranslator] = {
            name: FaithfulTranslator(engine) for name, engine in engines.items()
        }
        if glossary is not None:
            self._translators = {
                name: GlossaryTranslator(engine, glossary, on_lost=on_lost)
                for name, engine in self._translators.items()
            }
        self._continuers: Mapping[str, SentenceContinuer] = {
            name: self._continuer(name, engine) for name, engine in engines.items()
        }

    def for_pair(self, source: str, target: str) -> TextTranslator | None:
        """The translator of a pair; None when the recognizer translates by itself.

        Raises SettingsError, with what is supported, when there is neither, and when a glossary
        is wanted where the recognizer translates.
        """
        name = self.coverage.translator_for(source, target)
        if name is not None:
            return self._translators[name]
        if self.has_glossary:
            raise SettingsError(NEEDS_A_TRANSLATOR)
        return None

    def continuer_for(self, source: str, target: str) -> SentenceContinuer:
        """What continues a sentence of this pair, which a translator has.

        Raises SettingsError for a pair that nothing translates, and ValueError for one that the
        recognizer translates.
        """
        name = self.coverage.translator_for(source, target)
        if name is None:
            raise ValueError("a segment that the recognizer translates comes with its translation")
        return self._continuers[name]

    def faults(self, text: str, translation: str, source: str, target: str) -> int:
        """How many numbers, addresses and terms of a text its translation lost or repeats."""
        terms = [] if self._glossary is None else lost_terms(self._glossary, text, translation)
        return len(terms) + count_faults(Texts(text, translation, source, target))

    def _continuer(self, name: str, engine: TextTranslator) -> SentenceContinuer:
        if not engine.capabilities.continues:
            return Retranslation(self._translators[name])
        continuer: SentenceContinuer = FaithfulContinuer(cast("SentenceContinuer", engine))
        return continuer if self._glossary is None else GlossaryContinuer(continuer, self._glossary)
