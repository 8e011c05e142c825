"""Chooses the translator of a pair of languages, holds it to its source, applies the glossary."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import cast

from stslocal.engines.protocols import (
    AlternativesTranslator,
    SentenceContinuer,
    TextTranslator,
)
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
from stslocal.translation.shorter import shorter_ways
from stslocal.translation.through_english import ThroughEnglish

NEEDS_A_TRANSLATOR = (
    "a glossary needs a translator, and Whisper would translate by itself here: "
    "choose one that has the pair with --mt, or leave --glossary out"
)


@dataclass(frozen=True, slots=True)
class _Translator:
    """What is made of an engine."""

    whole: TextTranslator
    parts: TextTranslator
    """For a part of a sentence alone."""
    continuer: SentenceContinuer


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
        self._on_lost = on_lost
        self._engines = engines
        self._made: dict[tuple[str, ...], _Translator] = {
            (name,): self._make(engine) for name, engine in engines.items()
        }

    def for_pair(self, source: str, target: str) -> TextTranslator | None:
        """The translator of a pair; None when the recognizer translates by itself.

        Raises SettingsError, with what is supported, when there is neither, and when a glossary
        is wanted where the recognizer translates.
        """
        way = self.coverage.way(source, target)
        if way:
            return self._of(way, source, target).whole
        if self.has_glossary:
            raise SettingsError(NEEDS_A_TRANSLATOR)
        return None

    def for_parts(self, source: str, target: str) -> tuple[TextTranslator, SentenceContinuer]:
        """What translates a part of a sentence alone, and what continues a sentence.

        Raises SettingsError for a pair that nothing translates, and ValueError for one that the
        recognizer translates.
        """
        way = self.coverage.way(source, target)
        if not way:
            raise ValueError("a segment that the recognizer translates comes with its translation")
        made = self._of(way, source, target)
        return made.parts, made.continuer

    def faults(self, text: str, translation: str, source: str, target: str) -> int:
        """How many numbers, addresses and terms of a text its translation lost or repeats."""
        terms = [] if self._glossary is None else lost_terms(self._glossary, text, translation)
        return len(terms) + count_faults(Texts(text, translation, source, target))

    def shorter(self, text: str, translation: str, source: str, target: str) -> list[str]:
        """Shorter translations of a text that have lost nothing of it, the longest first.

        None where the translator of the pair knows only one. Raises EngineError.
        """
        way = self.coverage.way(source, target)
        if len(way) != 1 or not self._engines[way[0]].capabilities.has_alternatives:
            return []
        translator = cast("AlternativesTranslator", self._engines[way[0]])
        ways = shorter_ways(
            translator.alternatives(text, source=source, target=target),
            Texts(text, translation, source, target),
        )
        if self._glossary is None:
            return ways
        return [way for way in ways if not lost_terms(self._glossary, text, way)]

    def report_lost(self, text: str, translation: str) -> None:
        """Report the terms that a sentence lost which was translated part by part."""
        if self._glossary is not None:
            for term in lost_terms(self._glossary, text, translation):
                self._on_lost(term)

    def _of(self, way: tuple[str, ...], source: str, target: str) -> _Translator:
        """The translator of a pair: one engine, or two through English."""
        if len(way) == 1:
            return self._made[way]
        key = (*way, source, target)
        if key not in self._made:
            into, out_of = (self._engines[name] for name in way)
            self._made[key] = self._make(ThroughEnglish(into, out_of, source=source, target=target))
        return self._made[key]

    def _make(self, engine: TextTranslator) -> _Translator:
        # What a part of a sentence lost is not reported: another part may have it.
        parts = self._held(engine, lambda term: None)
        return _Translator(self._held(engine, self._on_lost), parts, self._continuer(engine, parts))

    def _held(self, engine: TextTranslator, on_lost: Callable[[Term], None]) -> TextTranslator:
        faithful = FaithfulTranslator(engine)
        if self._glossary is None:
            return faithful
        return GlossaryTranslator(faithful, self._glossary, on_lost=on_lost)

    def _continuer(self, engine: TextTranslator, translator: TextTranslator) -> SentenceContinuer:
        if not engine.capabilities.continues:
            return Retranslation(translator)
        continuer: SentenceContinuer = FaithfulContinuer(cast("SentenceContinuer", engine))
        return continuer if self._glossary is None else GlossaryContinuer(continuer, self._glossary)
