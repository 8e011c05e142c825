"""Holds the translations of any translator to their source.

Addresses, handles, codes and pictures stay as they are; numbers keep their values and their units,
written by the marks of the target language; nothing is added, and nothing is out of proportion.

A text is translated plainly first. What is surely wrong is written anew by rule. Only where
something is still wrong, the text is translated again, in this order, until nothing is wrong:

    1  numbers in digits with the marks of the target language, and an e-mail address as a host name
    2  what was lost as X1, X2 (`placeholders.py`)
    3  sentence by sentence, then clause by clause, where the length, a loop or a name was wrong

Of several with faults, the one with the fewest is taken. A text that is only short is translated
in parts too, and those are taken where they say much more. An address that is lost even then goes
between the translations of the text before it and after it. scripts/bench/translation.py measures
all this; docs/benchmarks.md has the figures.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from stslocal.engines.protocols import Continuation, SentenceContinuer, TextTranslator
from stslocal.text.sentences import UNSPACED
from stslocal.text.verbatim import Verbatim, take_pictures, verbatim_parts
from stslocal.translation import placeholders
from stslocal.translation.additions import without_additions
from stslocal.translation.losses import (
    has_fewer_sentences,
    lacks_a_part,
    lost_names,
    may_lack_a_part,
    says_again,
)
from stslocal.translation.numbers_held import Texts, hold
from stslocal.translation.numbers_repaired import code_spans, in_digits, repair, replace_only
from stslocal.translation.parts import ways_to_part
from stslocal.translation.proportion import out_of_proportion, weight
from stslocal.translation.scripts import in_wrong_script

_log = logging.getLogger(__name__)

_LEAST_LETTERS = 3
"""An address or handle of fewer letters is not looked for with other signs in a translation."""
_FULLER, _FULLER_BY_A_SENTENCE = 1.3, 1.1
"""Translations of the parts that are so much longer show that the whole lost something; the second
where it has fewer sentences than its source."""


class FaithfulTranslator:
    """A TextTranslator that holds another TextTranslator to its source."""

    def __init__(self, translator: TextTranslator) -> None:
        self.capabilities = translator.capabilities
        self._translator = translator

    def translate(
        self, texts: Sequence[str], *, source: str, target: str, quick: bool = False
    ) -> list[str]:
        """Translate each text; raises what the translator raises."""

        def translate(batch: Sequence[str]) -> list[str]:
            return self._translator.translate(batch, source=source, target=target, quick=quick)

        parts = [take_pictures(text) for text in texts]
        wanted = [core for _, core, _ in parts if _has_letters(core)]
        translations = iter(translate(wanted) if wanted else [])
        return [
            _with_pictures(
                before,
                _Held(core, source, target, translate).best(next(translations))
                if _has_letters(core)
                else in_digits(core, source, target),
                after,
            )
            for before, core, after in parts
        ]


class FaithfulContinuer:
    """A SentenceContinuer that writes the numbers of another one by rule."""

    def __init__(self, continuer: SentenceContinuer) -> None:
        self._continuer = continuer

    def continue_translation(
        self, text: str, spoken: str, *, source: str, target: str, may_hold: bool
    ) -> Continuation | None:
        """Raises what the other raises."""
        found = self._continuer.continue_translation(
            text, spoken, source=source, target=target, may_hold=may_hold
        )
        if found is None or not found.text:
            return found
        before = f"{spoken} " if spoken else ""
        repaired = repair(Texts(text, before + found.text, source, target))
        if not repaired.startswith(before):
            return found
        return replace(found, text=repaired.removeprefix(before))


def count_faults(texts: Texts) -> int:
    """How many numbers and addresses of a text its translation lost or repeats."""
    held = hold(texts)
    parts = verbatim_parts(texts.source)
    lost = [
        part
        for part in parts
        if texts.translation.count(part.text) != texts.source.count(part.text)
    ]
    return len(held.missing) + len(held.extra) + len(lost)


@dataclass(frozen=True, slots=True)
class _Draft:
    """A translation with what is wrong about it."""

    text: str
    lost: tuple[Verbatim, ...]
    numbers: int
    """How many numbers it has too few and too many."""
    shape: int
    """2 where its length is out of proportion, it has a loop or another script, 1 where a part or a
    name of the source may be missing."""

    @property
    def faults(self) -> int:
        return 2 * len(self.lost) + self.numbers + self.shape


class _Held:
    """A text whose translation is held to it."""

    def __init__(
        self, text: str, source: str, target: str, translate: Callable[[Sequence[str]], list[str]]
    ) -> None:
        self._text = text
        self._source, self._target = source, target
        self._translate_all = translate
        self._verbatim = verbatim_parts(text)

    def best(self, plain: str) -> str:
        """The translation with the fewest faults; the first one is `plain`."""
        first = best = self._draft(plain)
        if not first.faults:
            return self._fuller(first).text
        for number, again in enumerate(self._attempts(first)):
            draft = self._draft(again)
            _log.debug("%r became %r, attempt %d: %r", self._text, plain, number, draft.text)
            best = min(best, draft, key=lambda each: each.faults)
            if not best.faults:
                return self._fuller(best).text
        return self._between(best) if best.lost else best.text

    def _translated(self, text: str) -> str:
        (translation,) = self._translate_all([text])
        return translation

    def _draft(self, translation: str) -> _Draft:
        translation = without_additions(self._text, translation, self._target)
        translation = _signs_restored(self._verbatim, translation)
        translation = repair(self._texts(translation))
        held = hold(self._texts(translation))
        return _Draft(
            translation,
            tuple(part for part in self._verbatim
                  if translation.count(part.text) < self._text.count(part.text)),
            len(held.missing) + len(held.extra),
            self._shape(translation),
        )  # fmt: skip

    def _shape(self, translation: str) -> int:
        if (
            (self._text and not translation)
            or out_of_proportion(self._text, translation)
            or says_again(self._text, translation)
            or in_wrong_script(translation, self._target)
        ):
            return 2
        texts = self._texts(translation)
        return int(lacks_a_part(texts) or bool(lost_names(texts)))

    def _fuller(self, draft: _Draft) -> _Draft:
        """What the parts of the text give where that is much more; a model may drop a half."""
        texts = self._texts(draft.text)
        if may_lack_a_part(texts):
            fuller = _FULLER_BY_A_SENTENCE if has_fewer_sentences(texts) else _FULLER
            for again in self._in_parts():
                other = self._draft(again)
                if not other.faults and weight(other.text) >= fuller * weight(draft.text):
                    _log.debug("%r lacked a part in %r", self._text, draft.text)
                    return other
        return draft

    def _in_parts(self) -> Iterator[str]:
        """The translations of the sentences, clauses or halves of the text, joined."""
        for parts in ways_to_part(self._text, self._source):
            yield self._joined(self._translate_all(parts))

    def _texts(self, translation: str) -> Texts:
        return Texts(self._text, translation, self._source, self._target)

    def _attempts(self, first: _Draft) -> Iterator[str]:
        """Other translations, each made when it is wanted."""
        if first.lost or first.numbers:
            other = (
                in_digits(self._text, self._source, self._target) if first.numbers else (self._text)
            )
            for part in first.lost:
                if "@" in part.text[1:]:
                    other = other.replace(part.text, part.text.replace("@", "."))
            if other != self._text:
                yield self._translated(other)
            coded = self._with_codes(first)
            if coded is not None:
                yield coded
            if first.numbers:
                yield replace_only(self._texts(first.text))
        if first.shape:
            yield from self._in_parts()

    def _with_codes(self, first: _Draft) -> str | None:
        """The text translated with X1, X2 for what `first` lost; None unless all came back."""
        lost = [(part.start, part.end, part.text) for part in first.lost]
        numbers = code_spans(self._texts(first.text)) if first.numbers else []
        spans = sorted(lost + numbers)
        codes = placeholders.codes(self._text, len(spans))
        text = placeholders.put_in(self._text, [(start, end) for start, end, _ in spans], codes)
        return placeholders.put_back(self._translated(text), codes, [new for _, _, new in spans])

    def _between(self, draft: _Draft) -> str:
        """The lost parts between the translations of the text around them."""
        pieces: list[str] = []
        at = 0
        for part in draft.lost:
            pieces += [self._text[at : part.start].strip(), part.text]
            at = part.end
        pieces.append(self._text[at:].strip())
        _log.debug("%r lost %s", self._text, [part.text for part in draft.lost])
        kept = {part.text for part in draft.lost}
        return self._joined(
            piece
            if piece in kept or not any(map(str.isalnum, piece))
            else self._draft_of(piece)
            for piece in pieces
            if piece
        )  # fmt: skip

    def _draft_of(self, piece: str) -> str:
        return _Held(piece, self._source, self._target, self._translate_all).best(
            self._translated(piece)
        )

    def _joined(self, pieces: Iterator[str] | Sequence[str]) -> str:
        text = ("" if self._target in UNSPACED else " ").join(pieces)
        return re.sub(r"\s+([,.;:!?])(?=\s|$)", r"\1", text)


def _signs_restored(parts: Sequence[Verbatim], translation: str) -> str:
    """The translation with the signs of addresses and handles that kept only their letters."""
    for part in parts:
        words = re.findall(r"\w+", part.text)
        if part.text in translation or sum(map(len, words)) < _LEAST_LETTERS:
            continue
        letters = r"[^\w\s]{0,2}".join(map(re.escape, words))
        if part.text[0].isalnum():
            pattern = rf"(?<![\w@.]){letters}(?P<stop>)(?![\w@])"
        else:  # the sign before a handle has become another one, or the handle is in quotes
            pattern = rf"(?<![\w@.])[^\w\s]{{0,2}}{letters}(?P<stop>[.,]?)[\"'”’]?(?![\w@])"
        found = list(re.finditer(pattern, translation, re.IGNORECASE))
        if len(found) == 1:
            start, end = found[0].span()
            translation = translation[:start] + part.text + found[0]["stop"] + translation[end:]
    return translation


def _has_letters(text: str) -> bool:
    return any(character.isalpha() for character in text)


def _with_pictures(before: str, text: str, after: str) -> str:
    return " ".join(part for part in (before, text, after) if part)
