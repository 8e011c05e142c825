"""Fixed translations of terms, with any translator.

A glossary is a file of terms, one a line:

    # machine learning
    neural network<TAB>rede neural
    gradient<TAB>gradiente
    Kubernetes

A tab stands between a term and its translation; a term without a tab is not translated. Lines that
start with # and empty lines are skipped. A term is found as a whole word. A term in lower case is
found in any case ("Gradient"); a term with a capital is found only as it is written ("Apple" is
not found in "apple").

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

import hashlib
import logging
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import count, islice
from pathlib import Path

from stslocal.engines.protocols import TextTranslator
from stslocal.errors import SettingsError
from stslocal.settings import Settings
from stslocal.text.sentences import SENTENCE_END

_log = logging.getLogger(__name__)

_NO_SPACES = re.compile(
    "[\u0e00-\u0fff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff"
    "\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff]"
)
"""Letters of scripts without spaces between words, and of Korean, whose particles have none."""
_AROUND_SENTENCES = " \"'“”‘’«»()[]{}¿¡—-"


@dataclass(frozen=True, slots=True)
class Term:
    """A term and its translation."""

    source: str
    target: str
    """Equal to `source` for a term that is not to be translated."""

    @property
    def any_case(self) -> bool:
        """Whether the term is found in lower case, upper case and mixed case."""
        return self.source == self.source.lower()


@dataclass(frozen=True, slots=True)
class Occurrence:
    """A place in a text where a term stands."""

    start: int
    end: int
    term: Term
    translation: str
    """The term's translation, with the capitals that the term has here."""


class Glossary:
    """Finds terms in a text: as whole words, the longest term first."""

    def __init__(self, terms: Iterable[Term]) -> None:
        """Take terms. `read` takes them from a file."""
        self.terms = tuple(sorted(terms, key=lambda term: -len(term.source)))
        self._patterns = [
            re.compile(
                r"\s+".join(map(re.escape, term.source.split())),
                re.IGNORECASE if term.any_case else 0,
            )
            for term in self.terms
        ]

    @classmethod
    def read(cls, path: Path) -> Glossary:
        """Read a file of terms. Raises SettingsError that names the line with the mistake."""
        try:
            text = path.read_text(encoding="utf-8-sig")
        except OSError as error:
            raise SettingsError(
                f"the glossary {path} cannot be read: {error.strerror or error}"
            ) from error
        except UnicodeDecodeError as error:
            raise SettingsError(f"the glossary {path} is not text in UTF-8") from error
        terms: dict[str, tuple[int, Term]] = {}
        for number, line in enumerate(text.splitlines(), start=1):
            if not line.strip() or line.lstrip().startswith("#"):
                continue
            try:
                term = _parse(line)
                before, known = terms.setdefault(term.source, (number, term))
                if known != term:
                    raise SettingsError(
                        f"'{term.source}' was '{known.target}' in line {before}: keep one of them"
                    )
            except SettingsError as error:
                raise SettingsError(f"the glossary {path}, line {number}: {error}") from None
        if not terms:
            raise SettingsError(f"the glossary {path} has no terms: write one a line")
        return cls(term for _, term in terms.values())

    @classmethod
    def from_settings(cls, settings: Settings) -> Glossary | None:
        """Read the glossary that the settings name. Raises SettingsError as `read` does."""
        return cls.read(Path(settings.glossary).expanduser()) if settings.glossary else None

    @property
    def digest(self) -> str:
        """Sha256 of the terms. Glossaries with other terms have another one."""
        lines = sorted(f"{term.source}\t{term.target}\n" for term in self.terms)
        return hashlib.sha256("".join(lines).encode()).hexdigest()

    def occurrences(self, text: str) -> list[Occurrence]:
        """The places where terms stand, from left to right, without overlap."""
        found: list[Occurrence] = []
        for term, pattern in zip(self.terms, self._patterns, strict=True):
            for match in pattern.finditer(text):
                start, end = match.span()
                if any(each.start < end and start < each.end for each in found):
                    continue
                if not _inside_word(text, start) and not _inside_word(text, end):
                    translation = _translation_at(term, text, start, end)
                    found.append(Occurrence(start, end, term, translation))
        return sorted(found, key=lambda each: each.start)


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
            codes = _codes(text, len(found))
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


def _parse(line: str) -> Term:
    cells = [unicodedata.normalize("NFC", " ".join(cell.split())) for cell in line.split("\t")]
    while len(cells) > 1 and not cells[-1]:
        cells.pop()
    if len(cells) > 2:
        raise SettingsError(f"it has {len(cells)} columns: write a term, a tab and its translation")
    if not any(letter.isalnum() for letter in cells[0]):
        raise SettingsError("the term before the tab has no letter")
    return Term(cells[0], cells[-1])


def _translation_at(term: Term, text: str, start: int, end: int) -> str:
    """The term's translation, with the capitals that the term has at this place."""
    written = text[start:end]
    if not term.any_case or written == written.lower():
        return term.target
    if len(written) > 1 and written == written.upper():
        return term.target.upper()
    return term.target if _begins_sentence(text, start) else _capitalized(term.target)


def _with_terms(text: str, occurrences: Sequence[Occurrence]) -> str:
    """The text with the translations of its terms, capitalized where a sentence begins."""
    return _replaced(
        text,
        occurrences,
        [
            _capitalized(each.translation)
            if each.term.any_case and _begins_sentence(text, each.start)
            else each.translation
            for each in occurrences
        ],
    )


def _replaced(text: str, occurrences: Sequence[Occurrence], by: Sequence[str]) -> str:
    for each, new in zip(reversed(occurrences), reversed(by), strict=True):
        text = text[: each.start] + new + text[each.end :]
    return text


def _missing(translation: str, occurrences: Sequence[Occurrence]) -> list[Term]:
    """The terms that a translation of their text has more or less often than the text."""
    expected = Counter(each.translation for each in occurrences)
    found = Counter(each.term.source for each in _finder(expected).occurrences(translation))
    return [
        each.term for each in occurrences if found[each.translation] != expected[each.translation]
    ]


def _codes(text: str, number: int) -> list[str]:
    """Placeholders that do not occur in the text."""
    every = (f"X{index}" for index in count(1))
    return list(islice((code for code in every if code not in text), number))


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


def _inside_word(text: str, at: int) -> bool:
    """Whether this place is inside a word: letters of it stand before and after."""
    around = text[at - 1 : at + 1] if at else ""
    return len(around) == 2 and all(map(_is_of_word, around))


def _is_of_word(letter: str) -> bool:
    if _NO_SPACES.match(letter):
        return False
    return letter.isalnum() or letter == "_" or unicodedata.category(letter).startswith("M")


def _begins_sentence(text: str, at: int) -> bool:
    before = text[:at].rstrip(_AROUND_SENTENCES)
    return not before or before[-1] in SENTENCE_END


def _capitalized(text: str) -> str:
    return text[:1].upper() + text[1:]
