"""Which case a number stands in, by the words around it, where they leave no doubt.

In Slavic languages a number changes as a noun does, in German only one does: a preposition before
it, or the ending of the noun after it, says its case. What neither of them says for sure stays in
the nominative.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

_NUMERIC = re.compile(r"[^\w]?\d[\d.,]*")
_LONGEST_UNIT = 4
"""Characters of a unit that stands between a number and the next one: `5 km a 10 km`."""

_YEARS = range(1100, 2100)
"""Numbers that are years where no noun follows."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Cases:
    """The rules of a language; all words are in small letters."""

    by_word: Mapping[str, str]
    """The case after a word, or after two words, whatever follows the number."""
    by_ending: Mapping[str, tuple[tuple[tuple[str, ...], str], ...]]
    """By the word before a number: the endings of the noun after it that show a case; an empty
    ending is any."""
    everywhere: tuple[tuple[tuple[str, ...], str], ...] = ()
    """Endings that show a case without a word before the number."""
    invariable: frozenset[str] = frozenset()
    """Nouns that only look so."""
    by_rest: Mapping[str, tuple[tuple[re.Pattern[str], str], ...]] = field(default_factory=dict)
    """By the word before a number and its unit: what follows them, and the case."""
    adjectives: tuple[str, ...] = ()
    """Endings of an adjective that hide the case; the noun behind it shows it."""
    joints: frozenset[str] = frozenset()
    """Words that carry the case of one number on to the next: between 2 and 3."""
    feminine: Mapping[str, tuple[str, ...]]
    """By case: the endings of feminine nouns after one. A case without them is not known to be
    right after one."""
    is_one: Callable[[int], bool]
    """Whether the noun after a number is in the singular."""
    forms_of_one: Mapping[str, int]
    """By case: which of a noun's forms stands after one."""
    only_one: bool = False
    """Whether no other number has cases; then its noun has a capital."""
    declined: Callable[[str, str, str], str | None] = lambda one, two, case: None
    """A noun or adjective of a unit in a case of the plural, by the forms after one and after two
    and by the case; None: not known."""
    object_of_one: Callable[[str], str] = str
    """The accusative of a feminine noun."""

    def asked(self, number: int, before: str, after: str, *, sign: bool) -> str:
        """The case of a number, or an empty text where it is not known; after one, behind the
        gender of its noun (`f genitive`).

        `before` and `after` are the text around it. With `sign`, its noun is a sign, so that no
        ending shows anything.
        """
        nouns = [] if sign else _words_after(after, self.adjectives)
        if not (nouns or sign) and number in _YEARS:
            return ""
        if self.only_one and not (self.is_one(number) and (sign or after[1:2].isupper())):
            return ""
        case = self._by_neighbours(before.lower().split(), nouns, after)
        if not self.is_one(number):
            return "" if case == "accusative" else case
        if not case or sign:
            return case
        if case not in self.feminine or not nouns:
            return ""
        if nouns[-1].endswith(self.feminine[case]):
            return f"f {case}"
        return "" if case == "accusative" else f"m {case}"

    def noun(self, number: int, forms: str, case: str) -> str | None:
        """The noun of a unit behind a number in a case, of `forms` such as `метр/метра/метров`."""
        names = forms.split("/")
        if len(names) == 1:
            return names[0]
        if number and number % 1000 == 0:
            return names[2]
        if self.is_one(number):
            if case == "accusative":
                return self.object_of_one(names[0])
            return names[self.forms_of_one[case]] if case in self.forms_of_one else None
        if case in ("genitive", "accusative"):
            return names[2] if case == "genitive" else None
        words = [
            self.declined(one, two, case)
            for one, two in zip(names[0].split(), names[1].split(), strict=True)
        ]
        return None if None in words else " ".join(map(str, words))

    def _by_neighbours(self, before: list[str], nouns: list[str], after: str) -> str:
        last = before[-1].lstrip("(\"'—") if before else ""
        whole = True
        for count in (2, 3):  # 5 a ..., 5 km a ...
            if last in self.joints and len(before) > count and _NUMERIC.fullmatch(before[-count]):
                # Behind a noun something else may begin: only an ending shows that it does not.
                whole = count == 2 or len(before[-2]) <= _LONGEST_UNIT
                before = before[:-count]
                last = before[-1].lstrip("(\"'—")
                break
        pair = f"{before[-2]} {last}" if len(before) > 1 else ""
        if whole and (found := self.by_word.get(pair) or self.by_word.get(last)):
            return found
        for pattern, case in self.by_rest.get(last, ()) if whole else ():
            if pattern.match(after):
                return case
        if nouns and nouns[-1] not in self.invariable:
            for endings, case in (*self.by_ending.get(last, ()), *self.everywhere):
                if any(noun.endswith(endings) for noun in nouns):
                    return case
        return ""


def _words_after(after: str, adjectives: tuple[str, ...]) -> list[str]:
    """The word after a number, and the noun behind it where that word is an adjective."""
    found = re.match(r" ([^\W\d_]{2,})(?: ([^\W\d_]{3,}))?", after)
    if found is None:
        return []
    first, second = found[1].lower(), (found[2] or "").lower()
    return [first, second] if second and first.endswith(adjectives) else [first]
