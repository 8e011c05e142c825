"""Amounts in the case that the words around them ask for, in the languages that have rules."""

from __future__ import annotations

import re

from stslocal.text.spoken.numbers import Number, counted
from stslocal.text.spoken.tokens import words_before
from stslocal.text.spoken.words import Words

_AFTER = 40
"""Characters behind an amount that are looked at."""


def case_around(
    match: re.Match[str], numbers: tuple[Number, ...], noun: str, forms: str, words: Words
) -> str:
    """The case of an amount with the scale, unit or currency `noun`, of those `forms`.

    Empty where it is not known, and for a decimal number, which has none.
    """
    if words.cases is None or any(each.fraction or each.is_padded for each in numbers):
        return ""
    written = noun in forms.split("/")
    after = f" {noun}" * bool(noun and written) + match.string[match.end() :][:_AFTER]
    return words.cases.asked(
        int(numbers[-1].whole or 0), words_before(match), after, sign=bool(noun) and not written
    )


def noun_in_case(number: Number, noun: str, forms: str, case: str, words: Words) -> str | None:
    """A noun of those `forms` behind a number; one that is written out stays as it is."""
    assert words.cases is not None
    if not noun or noun in forms.split("/"):
        return noun
    return words.cases.noun(int(number.whole or 0), forms, case)


def with_noun_in_case(number: Number, noun: str, forms: str, case: str, words: Words) -> str | None:
    """A number and its noun in a case; None where the noun's form is not known."""
    case = case.rpartition(" ")[2]  # the table knows the gender
    said = noun_in_case(number, noun, forms, case, words)
    if said is None:
        return None
    return f"{counted(number, forms.partition('/')[0], words, case)} {said}".rstrip()
