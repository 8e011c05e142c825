"""Applies a glossary to any translator.

The translator gets the sentence with each term replaced. The result is taken only if it has each
replacement as often as the sentence had it. The replacement was chosen by measurement
(scripts/bench/glossary.py) of 240 terms in 120 sentences of FLORES-200 dev with bergamot's two
student models. The table has the share of terms that came back exactly once, and chrF of the
sentences, where a sentence that lost a term is translated without replacement:

                                      en -> pt          pt -> en
    no replacement                            70.7              69.4
    the term in the target language    89.6 %  70.1     98.4 %  68.6
    X1                                100.0 %  68.4    100.0 %  67.4
    XA                                100.0 %  68.6     97.6 %  67.9
    XQ1                               100.0 %  68.0     98.4 %  67.3
    an invented name (Zorvax)         100.0 %  68.7     96.8 %  67.1
    7001 and its like                  99.1 %  67.9    100.0 %  67.5
    T-1                               100.0 %  68.4     95.2 %  67.9
    [1]                                99.1 %  67.5     92.0 %  67.6
    XX1                                98.3 %  68.0     92.0 %  68.2
    #1                                  0.0 %  70.7     92.0 %  67.0
    __1__                              47.8 %  69.6     79.2 %  68.6
    <1>, ⟦1⟧                            0.0 %  70.7      0.0 %  69.4
    the term, then X1                 100.0 %  69.7    100.0 %  68.5

So the translator first gets the term in the target language, because the words around it then
agree with it ("na última temporada"; X1 gives "no último temporada"). If that term does not come
back, the translator gets X1 (1.1 translations a sentence on average). If X1 does not come back
either, the sentence is translated without replacement, and the lost term is reported.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from stslocal.engines.protocols import Continuation, SentenceContinuer, TextTranslator
from stslocal.translation import placeholders
from stslocal.translation.glossary import Glossary, Occurrence, Term, begins_sentence, capitalized

_log = logging.getLogger(__name__)


class GlossaryTranslator:
    """A TextTranslator that applies a glossary to another TextTranslator."""

    def __init__(
        self,
        translator: TextTranslator,
        glossary: Glossary,
        *,
        on_lost: Callable[[Term], None] = lambda term: None,
    ) -> None:
        """`on_lost` is called for each term that is translated freely in the end."""
        self.capabilities = translator.capabilities
        self._translator = translator
        self._glossary = glossary
        self._on_lost = on_lost

    def translate(
        self, texts: Sequence[str], *, source: str, target: str, quick: bool = False
    ) -> list[str]:
        """Translate each text, with the glossary's translations for its terms."""

        def translate_freely(batch: Sequence[str]) -> list[str]:
            if not batch:
                return []
            return self._translator.translate(batch, source=source, target=target, quick=quick)

        occurrences = [self._glossary.occurrences(text) for text in texts]
        translations = translate_freely(
            [_with_terms(text, found) for text, found in zip(texts, occurrences, strict=True)]
        )
        for index in [i for i, text in enumerate(translations) if _missing(text, occurrences[i])]:
            text, found = texts[index], occurrences[index]
            codes = placeholders.codes(text, len(found))
            _log.debug("%r lacks terms in %r: tried with %s", text, translations[index], codes)
            (coded,) = translate_freely([_replaced(text, found, codes)])
            restored = _restored(coded, codes, found)
            if restored is None:
                (translations[index],) = translate_freely([text])
                _log.debug("%r is translated freely: %r", text, translations[index])
                for term in _missing(translations[index], found):
                    self._on_lost(term)
            else:
                translations[index] = restored
        return translations


class GlossaryContinuer:
    """A SentenceContinuer that gives another one the terms in the target language.

    Whether they came back is for the caller to check (`lost_terms`).
    """

    def __init__(self, continuer: SentenceContinuer, glossary: Glossary) -> None:
        self._continuer = continuer
        self._glossary = glossary

    def continue_translation(
        self, text: str, spoken: str, *, source: str, target: str, may_hold: bool
    ) -> Continuation | None:
        """Raises what the other raises."""
        return self._continuer.continue_translation(
            _with_terms(text, self._glossary.occurrences(text)),
            spoken,
            source=source,
            target=target,
            may_hold=may_hold,
        )


def lost_terms(glossary: Glossary, text: str, translation: str) -> list[Term]:
    """The terms that a translation of a text has more or less often than the text."""
    return _missing(translation, glossary.occurrences(text))


def _with_terms(text: str, occurrences: Sequence[Occurrence]) -> str:
    """The text with the translations of its terms, capitalized where a sentence begins."""
    return _replaced(
        text,
        occurrences,
        [
            capitalized(each.translation)
            if each.term.any_case and begins_sentence(text, each.start)
            else each.translation
            for each in occurrences
        ],
    )


def _replaced(text: str, occurrences: Sequence[Occurrence], by: Sequence[str]) -> str:
    return placeholders.put_in(text, [(each.start, each.end) for each in occurrences], by)


def _missing(translation: str, occurrences: Sequence[Occurrence]) -> list[Term]:
    """The terms that a translation of their text has more or less often than the text."""
    expected = Counter(each.translation for each in occurrences)
    found = Counter(each.term.source for each in _finder(expected).occurrences(translation))
    return [
        each.term for each in occurrences if found[each.translation] != expected[each.translation]
    ]


def _restored(
    translation: str, codes: Sequence[str], occurrences: Sequence[Occurrence]
) -> str | None:
    """The translation with the terms in place of their codes; None unless each came back once."""
    places = _finder(codes).occurrences(translation)
    if sorted(place.term.source for place in places) != sorted(codes):
        return None
    of_code = dict(zip(codes, occurrences, strict=True))
    return _with_terms(
        translation,
        [replace(of_code[p.term.source], start=p.start, end=p.end) for p in places],
    )


def _finder(texts: Iterable[str]) -> Glossary:
    """A glossary that only finds `texts`."""
    return Glossary(Term(text, text) for text in texts)
