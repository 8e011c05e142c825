"""Reads a glossary, the fixed translations of terms, and finds its terms in a text.

A glossary is a file of terms, one a line:

    # machine learning
    neural network<TAB>rede neural
    gradient<TAB>gradiente
    Kubernetes
    nginx<TAB><TAB>engine x

A tab stands between a term and its translation; a term without a translation is not translated.
After a second tab stands how the translation is spoken, in the letters of the target language; the
subtitles keep what is written. Lines that start with # and empty lines are skipped. A term is found
as a whole word. A term in lower case is found in any case ("Gradient"); a term with a capital is
found only as it is written ("Apple" is not found in "apple").
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from stslocal.errors import SettingsError
from stslocal.foreign_files import UnreadableFileError, read_text
from stslocal.settings import Settings
from stslocal.storage import expanded
from stslocal.text.sentences import SENTENCE_END

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
    said: str = ""
    """How `target` is spoken; empty where a voice knows."""

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
            text = read_text(path)
        except UnreadableFileError as error:
            raise SettingsError(f"the glossary {path} {error}") from error
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
        return cls.read(expanded(settings.glossary, "glossary")) if settings.glossary else None

    @property
    def digest(self) -> str:
        """Sha256 of the terms. Glossaries with other terms have another one."""
        lines = sorted(
            "\t".join(filter(None, (term.source, term.target, term.said))) + "\n"
            for term in self.terms
        )
        return hashlib.sha256("".join(lines).encode()).hexdigest()

    def as_said(self) -> Glossary:
        """The terms that are spoken in another way than they are written, as translated terms."""
        return Glossary(Term(term.target, term.said) for term in self.terms if term.said)

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


def _parse(line: str) -> Term:
    cells = [unicodedata.normalize("NFC", " ".join(cell.split())) for cell in line.split("\t")]
    while len(cells) > 1 and not cells[-1]:
        cells.pop()
    if len(cells) > 3:
        raise SettingsError(
            f"it has {len(cells)} columns: write a term, a tab and its translation, and where you "
            "want another tab and how it is spoken"
        )
    if not any(letter.isalnum() for letter in cells[0]):
        raise SettingsError("the term before the tab has no letter")
    term, translation, said = [*cells, "", ""][:3]
    return Term(term, translation or term, said)


def _translation_at(term: Term, text: str, start: int, end: int) -> str:
    """The term's translation, with the capitals that the term has at this place."""
    written = text[start:end]
    if not term.any_case or written == written.lower():
        return term.target
    if len(written) > 1 and written == written.upper():
        return term.target.upper()
    return term.target if begins_sentence(text, start) else capitalized(term.target)


def _inside_word(text: str, at: int) -> bool:
    """Whether this place is inside a word: letters of it stand before and after."""
    around = text[at - 1 : at + 1] if at else ""
    return len(around) == 2 and all(map(_is_of_word, around))


def _is_of_word(letter: str) -> bool:
    if _NO_SPACES.match(letter):
        return False
    return letter.isalnum() or letter == "_" or unicodedata.category(letter).startswith("M")


def begins_sentence(text: str, at: int) -> bool:
    """Whether a sentence begins at this place of the text."""
    before = text[:at].rstrip(_AROUND_SENTENCES)
    return not before or before[-1] in SENTENCE_END


def capitalized(text: str) -> str:
    """The text with its first letter in upper case."""
    return text[:1].upper() + text[1:]
