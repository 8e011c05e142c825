"""Compares what is recognized in produced speech with the text that was to be spoken.

A recognizer writes the same speech in several ways ("3" or "three", "9h30" or "nove e trinta"), so
both texts are written as they are said, and then compared letter by letter: a word that is
recognized wrongly has letters in the place of others, and one that was not spoken leaves a gap.
Numbers are compared by value.

Measured with whisper-base on good sentences of Kokoro, 40 in English, 40 in Portuguese and 14 each
in Spanish, French and Italian: the longest gap is 4 letters, and the least share of equal letters
0.78. On 80 other sentences one was taken for faulty, whose 403 was recognized as "400 de 3".
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from difflib import SequenceMatcher

from stslocal.text.spoken.text import spoken_text
from stslocal.translation.losses import says_again
from stslocal.translation.numbers_held import Texts, hold

NO_SPEECH = "no speech is in it"
OTHER_WORDS = "it says something else"
REPEATED = "it says something twice"
MORE_WORDS = "it says more than its text"
LOST_WORDS = "words are missing in it"
LOST_NUMBER = "a number is missing or wrong in it"
UNTRANSLATED = "its text is not translated"
FAULTS = (
    NO_SPEECH, OTHER_WORDS, REPEATED, MORE_WORDS, LOST_WORDS, LOST_NUMBER, UNTRANSLATED,
)  # fmt: skip
"""What may be wrong with produced speech, the worst first."""

MEASURED = frozenset({"en", "pt", "es", "fr", "it"})
"""The languages for which the limits below were measured. In others a recognizer may write so much
wrongly, or in another script, that only gross faults are faults."""

_FEWEST_LETTERS = 8
"""A shorter text is not compared: whisper-base writes "Sangue!" for the answer "Sim.\""""
_BLOCK = 3
"""Fewer equal letters in a row are chance."""
_LOST, _MORE = 6, 10
"""Letters that are missing, or too many, in one place."""
_LEAST_ALIKE = 0.5
"""Least share of equal letters."""
_FEW, _MANY = 0.4, 2.5
"""Share of the letters in a language that is not measured."""
_PHRASE = range(2, 6)
_PHRASE_LETTERS = 8
"""A phrase of so many words and letters that follows itself was not meant twice."""
_FEWEST_COMPARED = 4
_NOT_TRANSLATED = 0.7
"""Share of equal words, of four or more with small letters, from which a translation is its source.
In 29 910 translations by people between six languages (FLORES-200) the highest is 0.55."""


def fault_in(text: str, recognized: str, language: str) -> str:
    """What is wrong with speech in which `recognized` was recognized: one of FAULTS, or empty."""
    ours, theirs = _said(text, language), _said(recognized, language)
    expected, found = "".join(ours), "".join(theirs)
    if len(expected) < _FEWEST_LETTERS:
        return ""
    if not found:
        return NO_SPEECH
    if _repeats(theirs, ours) or says_again(text, recognized):
        return REPEATED
    if language not in MEASURED:
        share = len(found) / len(expected)
        return MORE_WORDS if share > _MANY else LOST_WORDS if share < _FEW else ""
    gaps = list(_gaps(expected, found))
    if 2 * (len(expected) - sum(mine for mine, _ in gaps)) < _LEAST_ALIKE * (
        len(expected) + len(found)
    ):
        return OTHER_WORDS
    if any(other - mine >= _MORE for mine, other in gaps):
        return MORE_WORDS
    if any(mine - other >= _LOST for mine, other in gaps):
        return LOST_WORDS
    return LOST_NUMBER if lost_numbers(text, recognized, language) else ""


def lost_numbers(text: str, recognized: str, language: str) -> list[str]:
    """The numbers of a text that are not recognized in its speech."""
    digits = re.sub(r"\D", "", recognized)
    lost = []
    for number in hold(Texts(text, recognized, language, language)).missing:
        written = text[number.start : number.end]
        has_marks = number.text != number.whole and not number.in_words
        if not (has_marks and re.sub(r"\D", "", written) in digits):  # 9.30 for 9:30
            lost.append(written)
    return lost


def has_numbers(text: str, language: str) -> bool:
    """Whether a text has a number that its speech must have."""
    return bool(hold(Texts(text, "", language, language)).missing)


def is_untranslated(source: str, translation: str) -> bool:
    """Whether a translation is its source. Names and numbers are equal in any two languages, so
    only words with small letters are compared.
    """
    ours, theirs = ([word for word in text.split() if word[0].islower()]
                    for text in (source, translation))  # fmt: skip
    if len(theirs) < _FEWEST_COMPARED:
        return False
    blocks = SequenceMatcher(None, ours, theirs, autojunk=False).get_matching_blocks()
    equal = sum(block.size for block in blocks)
    return 2 * equal >= _NOT_TRANSLATED * (len(ours) + len(theirs))


def _said(text: str, language: str) -> list[str]:
    """The words of a text as they are said, without accents and capitals.

    Where nothing is left of it, since it is in another script, its own words.
    """
    return _words(spoken_text(text, language)) or _words(text)


def _words(text: str) -> list[str]:
    letters = unicodedata.normalize("NFKD", text).casefold()
    kept = "".join(each for each in letters if not unicodedata.combining(each))
    return "".join(each if each.isalnum() or _is_mark(each) else " " for each in kept).split()


def _is_mark(letter: str) -> bool:
    """Whether it is a sign of a vowel, as in Hindi, which belongs to the letter before it."""
    return unicodedata.category(letter).startswith("M")


def _gaps(expected: str, found: str) -> Iterator[tuple[int, int]]:
    """The numbers of letters that two texts have of their own, in each place."""
    blocks = SequenceMatcher(None, expected, found, autojunk=False).get_matching_blocks()
    mine_end = other_end = 0
    for block in blocks:
        if block.size >= _BLOCK or not block.size:  # the last one is empty
            yield block.a - mine_end, block.b - other_end
            mine_end, other_end = block.a + block.size, block.b + block.size


def _repeats(words: list[str], intended: list[str]) -> bool:
    """Whether words have a phrase twice in a row that the intended ones have not."""
    text = f" {' '.join(intended)} "
    for count in _PHRASE:
        for at in range(len(words) - 2 * count + 1):
            phrase = words[at : at + count]
            if (
                phrase == words[at + count : at + 2 * count]
                and sum(map(len, phrase)) >= _PHRASE_LETTERS
                and f" {' '.join(phrase * 2)} " not in text
            ):
                return True
    return False
