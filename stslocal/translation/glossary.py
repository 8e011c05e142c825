"""Terms that a person wants translated their way, or not at all, whatever the translator.

A glossary is a file of terms, one a line:

    # machine learning
    neural network<TAB>rede neural
    gradient<TAB>gradiente
    Kubernetes

A tab parts a term from its translation; a term without one is not translated. Lines that start
with # and empty lines are skipped. A term is found as a whole word: one in lower case however it
is written ("Gradient"), one with a capital only as it stands ("Apple" is no "apple").

The translator sees the sentence with each term replaced, and what it makes of that is believed
only when all of them came back, as many as were put in. What replaces a term was chosen by
measurement (scripts/bench/glossary.py): 240 terms in 120 sentences of FLORES-200 dev through
bergamot's two student models, the share of terms that came back exactly once and chrF of the
sentences, those that lost one translated plainly:

                                      en -> pt          pt -> en
    plainly                                   70.7              69.4
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

So the term itself goes first, because the words around it then agree with it ("na última
temporada", where X1 leaves "no último temporada"); if it does not come back, X1 does (1.1
translations a sentence in all); and if that should not, the sentence is translated freely and the
lost term told of.
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
"""Letters of scripts that do not part words, and of Korean, which ties its particles to them."""
_AROUND_SENTENCES = " \"'“”‘’«»()[]{}¿¡—-"


@dataclass(frozen=True, slots=True)
class Term:
    """A term and what it becomes."""

    source: str
    target: str
    """The same again when it is not to be translated."""

    @property
    def any_case(self) -> bool:
        """Whether it is found however it is written."""
        return self.source == self.source.lower()


@dataclass(frozen=True, slots=True)
class Occurrence:
    """A place in a text where a term stands."""

    start: int
    end: int
    term: Term
    wanted: str
    """What it becomes, with the capitals that it has here."""


class Glossary:
    """Terms, found in a text: the longest first, as whole words."""

    def __init__(self, terms: Iterable[Term]) -> None:
        """Use `read` for a file."""
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
        """Read a file of terms. Raises SettingsError naming the line that cannot be used."""
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
            except SettingsError as complaint:
                raise SettingsError(f"the glossary {path}, line {number}: {complaint}") from None
        if not terms:
            raise SettingsError(f"the glossary {path} has no terms: write one a line")
        return cls(term for _, term in terms.values())

    @classmethod
    def from_settings(cls, settings: Settings) -> Glossary | None:
        """Read the glossary that the settings name. Raises SettingsError as `read` does."""
        return cls.read(Path(settings.glossary).expanduser()) if settings.glossary else None

    @property
    def digest(self) -> str:
        """Sha256 of the terms, to know another glossary by."""
        lines = sorted(f"{term.source}\t{term.target}\n" for term in self.terms)
        return hashlib.sha256("".join(lines).encode()).hexdigest()

    def occurrences(self, text: str) -> list[Occurrence]:
        """Where the terms stand, from left to right and never over one another."""
        found: list[Occurrence] = []
        for term, pattern in zip(self.terms, self._patterns, strict=True):
            for match in pattern.finditer(text):
                start, end = match.span()
                if any(each.start < end and start < each.end for each in found):
                    continue
                if not _joined(text, start) and not _joined(text, end):
                    found.append(Occurrence(start, end, term, _wanted(term, text, start, end)))
        return sorted(found, key=lambda each: each.start)


class GlossaryTranslator:
    """A TextTranslator that keeps to a glossary with any other TextTranslator."""

    def __init__(
        self,
        translator: TextTranslator,
        glossary: Glossary,
        *,
        on_lost: Callable[[Term], None] = lambda term: None,
    ) -> None:
        """`on_lost` is called for each term that was translated freely after all."""
        self.capabilities = translator.capabilities
        self._translator = translator
        self._glossary = glossary
        self._on_lost = on_lost

    def translate(
        self, texts: Sequence[str], *, source: str, target: str, quick: bool = False
    ) -> list[str]:
        """Translate each text; its terms become what the glossary says."""

        def ask(asked: Sequence[str]) -> list[str]:
            if not asked:
                return []
            return self._translator.translate(asked, source=source, target=target, quick=quick)

        occurrences = [self._glossary.occurrences(text) for text in texts]
        made = ask(
            [_with_terms(text, found) for text, found in zip(texts, occurrences, strict=True)]
        )
        for index in [i for i, text in enumerate(made) if _missing(text, occurrences[i])]:
            text, found = texts[index], occurrences[index]
            codes = _codes(text, len(found))
            _log.debug("%r lacks terms in %r: asked again with %s", text, made[index], codes)
            restored = _restored(ask([_replaced(text, found, codes)])[0], codes, found)
            if restored is None:
                (made[index],) = ask([text])
                _log.debug("%r is translated freely: %r", text, made[index])
                for term in _missing(made[index], found):
                    self._on_lost(term)
            else:
                made[index] = restored
        return made


def _parse(line: str) -> Term:
    cells = [unicodedata.normalize("NFC", " ".join(cell.split())) for cell in line.split("\t")]
    while len(cells) > 1 and not cells[-1]:
        cells.pop()
    if len(cells) > 2:
        raise SettingsError(f"it has {len(cells)} columns: write a term, a tab and its translation")
    if not any(letter.isalnum() for letter in cells[0]):
        raise SettingsError("the term before the tab has no letter")
    return Term(cells[0], cells[-1])


def _wanted(term: Term, text: str, start: int, end: int) -> str:
    """The translation with the capitals that the term has in the text."""
    written = text[start:end]
    if not term.any_case or written == written.lower():
        return term.target
    if len(written) > 1 and written == written.upper():
        return term.target.upper()
    return term.target if _begins_sentence(text, start) else _capitalized(term.target)


def _with_terms(text: str, occurrences: Sequence[Occurrence]) -> str:
    """The text with what its terms become, in capitals where a sentence begins."""
    return _replaced(
        text,
        occurrences,
        [
            _capitalized(each.wanted)
            if each.term.any_case and _begins_sentence(text, each.start)
            else each.wanted
            for each in occurrences
        ],
    )


def _replaced(text: str, occurrences: Sequence[Occurrence], by: Sequence[str]) -> str:
    for each, new in zip(reversed(occurrences), reversed(by), strict=True):
        text = text[: each.start] + new + text[each.end :]
    return text


def _missing(translation: str, occurrences: Sequence[Occurrence]) -> list[Term]:
    """The terms of the occurrences that are not in a translation as often as they should be."""
    wanted = Counter(each.wanted for each in occurrences)
    found = Counter(each.term.source for each in _finder(wanted).occurrences(translation))
    return [each.term for each in occurrences if found[each.wanted] != wanted[each.wanted]]


def _codes(text: str, number: int) -> list[str]:
    """Placeholders that the text does not have already."""
    every = (f"X{index}" for index in count(1))
    return list(islice((code for code in every if code not in text), number))


def _restored(
    translation: str, codes: Sequence[str], occurrences: Sequence[Occurrence]
) -> str | None:
    """A translation with the terms for their codes; None unless each came back once."""
    places = _finder(codes).occurrences(translation)
    if sorted(place.wanted for place in places) != sorted(codes):
        return None
    used_for = dict(zip(codes, occurrences, strict=True))
    return _with_terms(
        translation,
        [replace(used_for[p.wanted], start=p.start, end=p.end) for p in places],
    )


def _finder(texts: Iterable[str]) -> Glossary:
    return Glossary(Term(text, text) for text in texts)


def _joined(text: str, at: int) -> bool:
    """Whether a word goes on from before this place to behind it."""
    around = text[at - 1 : at + 1] if at else ""
    return len(around) == 2 and all(map(_in_word, around))


def _in_word(letter: str) -> bool:
    if _NO_SPACES.match(letter):
        return False
    return letter.isalnum() or letter == "_" or unicodedata.category(letter).startswith("M")


def _begins_sentence(text: str, at: int) -> bool:
    before = text[:at].rstrip(_AROUND_SENTENCES)
    return not before or before[-1] in SENTENCE_END


def _capitalized(text: str) -> str:
    return text[:1].upper() + text[1:]
